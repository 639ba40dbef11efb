"""Drafts as Chromium prints them (Skia), and the same with links to learn where the marks stand."""

import os
import subprocess
from html import escape

from model import Break, P, T

FAMILY = {"serif": "Liberation Serif", "sans": "Liberation Sans", "dejavu": "DejaVu Serif"}


def run(r, draft, marked):
    text = escape(r.text).replace("  ", "&nbsp; ").replace("  ", "&nbsp; ")
    style = [f"font-size:{r.size or draft.size}pt", f"font-family:'{FAMILY[r.family or draft.family]}'"]
    if r.bold:
        style.append("font-weight:bold")
    if r.italic:
        style.append("font-style:italic")
    if r.spacing:
        style.append(f"letter-spacing:{r.spacing}pt")
    if r.under:
        style.append("text-decoration:underline")
    if r.gap:
        return f'<span style="display:inline-block;width:{r.gap}pt"></span>'
    span = f'<span style="{";".join(style)}">{text}</span>'
    return f'<a href="http://m/{r.mark}">{span}</a>' if marked and r.mark else span


def p(block, draft, marked):
    style = (f"text-align:{block.align};text-indent:{block.indent}pt;margin:{block.before}pt 0 {block.after}pt {block.left}pt;"
             f"font-size:{draft.size}pt")
    out = f'<p style="{style}">' + ("".join(run(r, draft, marked) for r in block.runs) or "&nbsp;") + "</p>"
    if block.rule:
        out += f'<div style="margin:1pt auto 2pt;width:{block.rule}pt;border-top:0.7pt solid black"></div>'
    return out


def html(draft, marked):
    top, right, bottom, left = draft.margins
    w, h = draft.page
    out = ["<!doctype html><meta charset=utf-8><style>"
           f"@page{{size:{w}pt {h}pt;margin:{top}pt {right}pt {bottom}pt {left}pt}}body{{margin:0;line-height:1.15;font-family:'{FAMILY[draft.family]}'}}"
           "a{color:inherit;text-decoration:none}table{border-collapse:collapse;table-layout:fixed;page-break-inside:avoid}"
           "td{vertical-align:top;padding:0 5pt}p{margin:0}</style>"]
    broken = False
    for b in draft.blocks:
        if isinstance(b, Break):
            out.append('<div style="break-after:page"></div>')
        elif isinstance(b, P):
            out.append(p(b, draft, marked))
        elif isinstance(b, T):
            border = "border:0.5pt solid black;" if b.border else ""
            out.append(f'<table style="width:{sum(b.widths)}pt">')
            for row in b.rows:
                out.append("<tr>" + "".join(f'<td style="{border}width:{bw - 10}pt">' + "".join(p(x, draft, marked) for x in c) + "</td>"
                                             for c, bw in zip(row, b.widths)) + "</tr>")
            out.append("</table>")
    return "".join(out)


def write(drafts, folder):
    paths = {}
    for draft in drafts:
        both = []
        for marked in (False, True):
            base = os.path.join(folder, f"{draft.name}{'-marked' if marked else ''}")
            with open(base + ".html", "w") as out:
                out.write(html(draft, marked))
            subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={base}.pdf",
                            f"file://{base}.html"], check=True, capture_output=True)
            both.append(base + ".pdf")
        paths[draft.name] = tuple(both)
    return paths
