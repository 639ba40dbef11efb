"""Writes tests/drafts/*.pdf and expected.json. See README.md for what it needs."""

import json
import os
import subprocess
import sys
import tempfile

import office
import special
import web
from layout import Layout
from letters import DRAFTS
from places import marks_of_links, places
from word import Writer

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def own(draft):
    layout = Layout(draft)
    return Writer(layout, draft.options).write(), layout.marks


def distilled(pdf, folder):
    a, b = os.path.join(folder, "in.pdf"), os.path.join(folder, "out.pdf")
    with open(a, "wb") as out:
        out.write(pdf)
    subprocess.run(["gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-sOutputFile={b}", a], check=True)
    with open(b, "rb") as out:
        return out.read()


def entry(draft, marks):
    found = places(marks, draft.blanks) if marks is not None else {}
    for key, value in draft.expect.items():
        found[key] = {"optional": found.get(key, [])} if value == "optional" else ([] if value is None else value)
    dx, dy = draft.options.get("origin", (0, 0))
    for at in found.values():
        for place in at["optional"] if isinstance(at, dict) else at:
            place["x"], place["y"] = round(place["x"] + dx, 1), round(place["y"] + dy, 1)
            if draft.options.get("rotate"):
                place["x"], place["y"] = round(draft.page[1] - place["y"], 1), place["x"]
    return {"set": draft.set, "writer": draft.writer, "says": draft.says, "places": found, "facts": draft.facts}


def main(names):
    os.chdir(OUT)
    with tempfile.TemporaryDirectory() as folder:
        wanted = [d for d in DRAFTS if not names or d.name in names]
        by_office = office.write([d for d in wanted if d.writer.startswith("LibreOffice")], folder)
        by_web = web.write([d for d in wanted if d.writer.startswith("Chromium")], folder)
        known = json.load(open("expected.json")) if names and os.path.exists("expected.json") else {}
        for draft in wanted:
            if draft.name in by_office or draft.name in by_web:
                plain, marked = (by_office | by_web)[draft.name]
                data, marks = open(plain, "rb").read(), marks_of_links(marked)
            else:
                data, marks = own(draft)
            if draft.writer.endswith("Ghostscript"):
                data = distilled(data, folder)
            if draft.options.get("after"):
                data, marks = getattr(special, draft.options["after"])(data, marks, folder)
            with open(f"{draft.name}.pdf", "wb") as out:
                out.write(data)
            known[draft.name] = entry(draft, marks)
            print(draft.name, len(data), "marks", sorted(marks or {}))
    order = [d.name for d in DRAFTS]
    with open("expected.json", "w") as out:
        json.dump({k: known[k] for k in order if k in known}, out, ensure_ascii=False, indent=1)
        out.write("\n")


main(sys.argv[1:])
