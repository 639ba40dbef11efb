"""Expected places, from the boxes of the marked runs alone."""

from pypdf import PdfReader

# The seal lies over the left third of the leader's image, which is 120 to 240 points wide in real letters: its
# centre is then this far left of the image's.
SEAL_LEFT = 78


def marks_of_links(path):
    """The boxes of the marked runs, from the link annotations."""
    marks = {}
    for index, page in enumerate(PdfReader(path).pages):
        for a in page.get("/Annots") or []:
            a = a.get_object()
            uri = (a.get("/A") or {}).get("/URI", "")
            if not uri.startswith("http://m/"):
                continue
            x0, y0, x1, y1 = (float(v) for v in a["/Rect"])
            marks.setdefault(uri[9:].strip("/"), []).append([index, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)])
    return marks


def between(left, right):
    return {"page": left[0], "x": round((left[3] + right[1]) / 2, 1), "y": round((left[2] + left[4]) / 2, 1), "room": round(right[1] - left[3], 1)}


def block(above, below):
    x = (min(b[1] for b in above + below) + max(b[3] for b in above + below)) / 2
    top, bottom = min(b[2] for b in above), max(b[4] for b in below)
    return {"page": above[0][0], "x": round(x, 1), "y": round((top + bottom) / 2, 1), "room": round(top - bottom, 1)}


def places(marks, blanks):
    """`blanks`: which of number, day, month are blank."""
    out = {"number": [], "day": [], "month": [], "leader": [], "seal": []}
    if "number" in blanks:
        out["number"] = [between(marks["so"][0], marks["nota"][0])]
    if "day" in blanks:
        out["day"] = [between(marks["ngay"][0], marks["thang"][0])]
    if "month" in blanks:
        out["month"] = [between(marks["thang"][-1], marks["nam"][0])]
    for n in ("", "2"):
        if f"above{n}" in marks and f"name{n}" in marks:
            page = marks[f"name{n}"][0][0]
            leader = block([b for b in marks[f"above{n}"] if b[0] == page] or marks[f"above{n}"], marks[f"name{n}"])
            out["leader"].append(leader)
            out["seal"].append(leader | {"x": round(leader["x"] - SEAL_LEFT, 1)})
    return out
