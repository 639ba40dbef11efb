"""Drafts as LibreOffice writes them: a flat ODT, converted twice.

The second time the marked runs are hyperlinks, so the exported link annotations say where they stand;
only the first file is kept.
"""

import os
import re
import subprocess
from xml.sax.saxutils import escape

from model import Break, P, Stamp, T

FAMILY = {"serif": "Liberation Serif", "sans": "Liberation Sans", "dejavu": "DejaVu Serif"}
NAMESPACES = " ".join(f'xmlns:{k}="{v}"' for k, v in {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0", "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0", "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0", "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink"}.items())


class Odt:
    def __init__(self, draft, marked):
        self.draft, self.marked = draft, marked
        self.styles, self.tables = {}, 0
        self.next_break = False

    def style(self, kind, properties):
        key = (kind, properties)
        return self.styles.setdefault(key, f"{kind[0]}{len(self.styles)}")

    def run(self, run):
        text = escape(run.text)
        if run.gap:
            text = " " * max(2, round(run.gap / (0.25 * (run.size or self.draft.size))))
        text = re.sub(r"  +| $|^ ", lambda m: f'<text:s text:c="{len(m[0])}"/>', text)
        name = self.style("text", f'style:font-name="{FAMILY[run.family or self.draft.family]}" fo:font-size="{run.size or self.draft.size}pt" '
                          f'fo:font-weight="{"bold" if run.bold else "normal"}" fo:font-style="{"italic" if run.italic else "normal"}" '
                          f'fo:letter-spacing="{run.spacing}pt"' + (' style:text-underline-style="solid"' if run.under else ""))
        span = f'<text:span text:style-name="{name}">{text}</text:span>'
        if self.marked and run.mark:
            return f'<text:a xlink:type="simple" xlink:href="http://m/{run.mark}">{span}</text:a>'
        return span

    def p(self, p):
        align = {"left": "start", "right": "end"}.get(p.align, p.align)
        broken = ' fo:break-before="page"' if self.next_break else ""
        self.next_break = False
        name = self.style("paragraph", f'fo:text-align="{align}" fo:text-indent="{p.indent}pt" fo:margin-left="{p.left}pt" '
                          f'fo:margin-top="{p.before}pt" fo:margin-bottom="{p.after}pt"{broken}')
        out = f'<text:p text:style-name="{name}">' + "".join(self.run(r) for r in p.runs) + "</text:p>"
        if p.rule:
            line = self.style("paragraph", 'fo:text-align="center" fo:line-height="5pt"')
            size = self.style("text", 'fo:font-size="8pt"')
            out += f'<text:p text:style-name="{line}"><text:span text:style-name="{size}">{"_" * round(p.rule / 4)}</text:span></text:p>'
        return out

    def table(self, t):
        self.tables += 1
        name = f"Tb{self.tables}"
        border = "0.5pt solid #000000" if t.border else "none"
        self.extra.append(f'<style:style style:name="{name}" style:family="table"><style:table-properties style:width="{sum(t.widths)}pt" '
                          'fo:margin-left="0pt" table:align="left" style:may-break-between-rows="false"/></style:style>')
        cell = f"{name}c"
        self.extra.append(f'<style:style style:name="{cell}" style:family="table-cell"><style:table-cell-properties fo:padding="0pt" '
                          f'fo:padding-left="5pt" fo:padding-right="5pt" fo:border="{border}"/></style:style>')
        out = [f'<table:table table:style-name="{name}">']
        for i, w in enumerate(t.widths):
            self.extra.append(f'<style:style style:name="{name}w{i}" style:family="table-column"><style:table-column-properties style:column-width="{w}pt"/></style:style>')
            out.append(f'<table:table-column table:style-name="{name}w{i}"/>')
        self.extra.append(f'<style:style style:name="{name}r" style:family="table-row"><style:table-row-properties fo:keep-together="always"/></style:style>')
        for row in t.rows:
            out.append(f'<table:table-row table:style-name="{name}r">')
            for c in row:
                out.append(f'<table:table-cell table:style-name="{cell}" office:value-type="string">' + "".join(self.p(p) for p in c) + "</table:table-cell>")
            out.append("</table:table-row>")
        return "".join(out) + "</table:table>"

    def text(self):
        self.extra = []
        body = []
        for b in self.draft.blocks:
            if isinstance(b, Break):
                self.next_break = True
            elif isinstance(b, P):
                body.append(self.p(b))
            elif isinstance(b, T):
                body.append(self.table(b))
        top, right, bottom, left = self.draft.margins
        w, h = self.draft.page
        fonts = "".join(f'<style:font-face style:name="{f}" svg:font-family="&apos;{f}&apos;"/>' for f in FAMILY.values())
        styles = "".join(
            f'<style:style style:name="{n}" style:family="{k}"><style:{k}-properties {props}/></style:style>' for (k, props), n in self.styles.items())
        return (f'<?xml version="1.0" encoding="UTF-8"?><office:document {NAMESPACES} office:version="1.3" '
                'office:mimetype="application/vnd.oasis.opendocument.text">'
                f"<office:font-face-decls>{fonts}</office:font-face-decls>"
                f'<office:styles><style:default-style style:family="paragraph"><style:text-properties style:font-name="{FAMILY[self.draft.family]}" '
                f'fo:font-size="{self.draft.size}pt"/></style:default-style></office:styles>'
                f'<office:automatic-styles>{styles}{"".join(self.extra)}<style:page-layout style:name="L"><style:page-layout-properties '
                f'fo:page-width="{w}pt" fo:page-height="{h}pt" fo:margin-top="{top}pt" fo:margin-bottom="{bottom}pt" fo:margin-left="{left}pt" '
                f'fo:margin-right="{right}pt"/></style:page-layout></office:automatic-styles>'
                '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="L"/></office:master-styles>'
                f'<office:body><office:text>{"".join(body)}</office:text></office:body></office:document>')


def write(drafts, folder):
    """Returns {name: (path, path of the marked one)}."""
    paths, files = {}, []
    for draft in drafts:
        for marked in (False, True):
            path = os.path.join(folder, f"{draft.name}{'-marked' if marked else ''}.fodt")
            with open(path, "w") as out:
                out.write(Odt(draft, marked).text())
            files.append(path)
        paths[draft.name] = (os.path.join(folder, f"{draft.name}.pdf"), os.path.join(folder, f"{draft.name}-marked.pdf"))
    if files:
        subprocess.run(["soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, *files], check=True, capture_output=True)
    return paths
