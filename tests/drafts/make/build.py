"""Letters of Decree 30/2020 from a few words each."""

from fonts import face
from model import Break, Draft, P, Run, Stamp, T, text_of

MOTTO = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
BODY = [
    "Thực hiện Chương trình công tác năm 2014, thời gian qua các cơ quan, đơn vị đã có nhiều cố gắng trong việc ứng dụng công nghệ thông tin vào quản lý, điều hành; tỷ lệ văn bản được trao đổi dưới dạng điện tử tăng dần qua từng quý.",
    "Tuy nhiên, việc gửi, nhận văn bản giấy vẫn còn phổ biến; một số đơn vị chưa phân công cán bộ theo dõi, chưa cập nhật đầy đủ hồ sơ công việc trên hệ thống quản lý văn bản và điều hành.",
    "Để khắc phục tình trạng nêu trên, đề nghị thủ trưởng các cơ quan, đơn vị chỉ đạo rà soát, chấn chỉnh việc lập hồ sơ và giao nộp hồ sơ vào lưu trữ; báo cáo kết quả trước ngày 25 hằng tháng.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các đơn vị kịp thời phản ánh để được hướng dẫn, giải quyết.",
]
TRAPS = [
    "Căn cứ Công văn số 1234/BNV-CCVC ngày 12 tháng 11 năm 2014 của Bộ Nội vụ và Quyết định số      /QĐ-UBND ngày    tháng    năm 2013 chưa ban hành,",
    "Nơi nhận: hồ sơ nộp trực tiếp tại bộ phận một cửa. TM. có nghĩa là thay mặt, KT. có nghĩa là ký thay; thẩm quyền ký văn bản thực hiện theo Quy chế làm việc.",
    "Số: thứ tự trong danh sách do các đơn vị tự đánh, ngày nộp hồ sơ do bộ phận tiếp nhận ghi.",
]


def number_runs(number, notation, blank, label="Số:", size=None, **kw):
    runs = [Run(label, mark="so", size=size, **kw)]
    if isinstance(blank, (int, float)):
        runs.append(Run("", gap=float(blank), size=size))
    else:
        runs.append(Run(blank, size=size, **kw))
    runs.append(Run(notation, mark="nota", size=size, **kw))
    return runs


def blank_run(blank, **kw):
    return Run("", gap=float(blank), **kw) if isinstance(blank, (int, float)) else Run(blank, **kw)


def date_runs(place, day, month, year, size=None):
    kw = dict(italic=True, size=size)
    return [Run(f"{place}, ", **kw), Run("ngày", mark="ngay", **kw), blank_run(day, **kw), Run("tháng", mark="thang", **kw),
            blank_run(month, **kw), Run("năm", mark="nam", **kw), Run(f" {year}", **kw)]


def center(text, **kw):
    after = {k: kw.pop(k) for k in ("after", "before", "rule") if k in kw}
    return P(text_of(text, **kw), align="center", **after)


def signature_by_spaces(o):
    """Recipients and signer share paragraphs, kept apart by spaces: no table at all."""
    left = [p for p in recipients(o)]
    s = o["sign"]
    lines = [([line], "above") for line in s.get("competence", []) + s["position"]] + [([], None)] * 4
    lines += [([line], "name") for line in s.get("below", []) + [s["name"]]]
    out = []
    middle = o["sign_split"] + 110
    for i in range(max(len(left), len(lines))):
        runs = list(left[i].runs) if i < len(left) else []
        words, mark = lines[i] if i < len(lines) else ([], None)
        if words:
            f = face("serif", True, False)
            used = sum(face("serif", r.bold, r.italic).width(r.text, r.size or 13) for r in runs)
            start = middle - f.width(words[0], 13) / 2
            count = max(2, round((start - used) / (0.25 * 13)))
            runs += [Run(" " * count, size=13), Run(words[0], bold=True, size=13, mark=mark)]
        out.append(P(runs or [Run(" ", size=13)]))
    return out


def header(o, width):
    """Organs at the left, motto at the right, number and date under them."""
    small = o["head_size"]
    left = [center(line, size=small) for line in o["parent"]]
    left += [center(line, size=small, bold=True, spacing=o["spacing"]) for line in o["organ"]]
    left[-1].rule = 0 if o["no_rules"] else 60
    right = [center(line, size=small, bold=True) for line in o["motto"][:-1]]
    right += [center(o["motto"][-1], size=small + 1, bold=True, rule=0 if o["no_rules"] else 150)]
    number = P(o["number_runs"], align="center", before=4)
    date = P(o["date_runs"], align="center", before=4 + o["date_drop"])
    vv = [center(line, size=o["vv_size"], before=3 if i == 0 else 0) for i, line in enumerate(o["vv"])]
    split = o["split"]
    style = o["header"]
    if style == "column":  # one under the other
        out = [P(p.runs, align="center", rule=p.rule) for p in right] + [P(p.runs, align="left", rule=0, before=4 if i == 0 else 0) for i, p in enumerate(left)]
        out += [P(o["number_runs"], align="left")] + [P(p.runs, align="left") for p in vv] + [P(o["date_runs"], align="right", before=3)]
        return out
    if style == "tabs":  # pairs of lines in one paragraph, blanks between them
        out = []
        pairs = list(left) + [number] + vv
        others = list(right)
        while len(others) < len(left):
            others.append(P([Run("")]))
        others.append(date)
        for i, p in enumerate(pairs):
            other = others[i] if i < len(others) else P([])
            gap = Run(" " * o["tab_spaces"], size=small)
            out.append(P([*p.runs, gap, *other.runs], before=p.before))
        return out
    widths = [split, width - split]
    if style == "cells":  # number and date each in its organ's cell, at heights of their own
        return [T(widths, [[left + [number] + vv, right + [date]]], border=o["border"])]
    return [T(widths, [[left, right], [[number] + vv, [date]]], border=o["border"])]


def signer(s, suffix=""):
    """Competence and position, the space, what stands below it."""
    size = s.get("size", 13)
    out = []
    for line in s.get("competence", []) + s["position"]:
        out.append(center([Run(line, bold=True, mark=f"above{suffix}", size=size)]))
    gap = s.get("gap", 70)
    for note in s.get("notes", []):
        out.append(center([Run(note, italic=True, size=12)]))
        gap -= 15
    out.append(P([Run(" ", size=4)], before=gap))
    first = True
    for line in s.get("below", []):
        out.append(center([Run(line, bold=True, mark=f"name{suffix}", size=size)]))
    if s.get("name"):
        out.append(center([Run(s["name"], bold=not s.get("light"), mark=f"name{suffix}", size=size)]))
    return out


def recipients(o):
    out = [P([Run(o["recips_label"], bold=True, italic=True, size=12)])]
    for line in o["recips"]:
        left = 12 if line.startswith(("+", "  ")) else 0
        out.append(P([Run(line.strip(), size=11)], left=left + o["hang"], indent=-o["hang"]))
    return out


def signature(o, width):
    style = o["sign_style"]
    half = o["sign_split"]
    if style == "two":  # joint letters
        rows = [[signer(o["sign"], ""), signer(o["sign2"], "2")]]
        return [T([width / 2, width / 2], rows)] + ([P([Run(" ")])] + recipients(o) if o["recips"] else [])
    if style == "overleaf":  # the recipients' cell may break across pages: lines beside the signer, the rest below
        beside, rest = recipients(o)[:6], recipients(o)[6:]
        return [T([half, width - half], [[beside, signer(o["sign"])[:1] + [P([Run(" ", size=4)], before=44)] + signer(o["sign"])[2:]]])] + rest
    if style == "spaces":
        return signature_by_spaces(o)
    if style == "three":  # a form: who drew it up, who checked it, who approves it
        cells = [signer(x, "x") for x in o["others"]] + [signer(o["sign"], "")]
        return [T([width / len(cells)] * len(cells), [cells])]
    if style == "alone":  # the signer in a column of paragraphs at the right, recipients under him
        out = [P(p.runs, align="center", left=half, before=p.before) for p in signer(o["sign"])]
        return out + recipients(o)
    if style == "before":  # recipients first, then the signer at the right, as paragraphs
        return recipients(o) + [P(p.runs, align="center", left=half, before=p.before) for p in signer(o["sign"])]
    return [T([half, width - half], [[recipients(o) if o["recips"] else [P([Run(" ")])], signer(o["sign"])]], border=o["border"])]


DEFAULTS = dict(
    parent=[], organ=["ỦY BAN NHÂN DÂN", "TỈNH THỪA THIÊN HUẾ"], motto=MOTTO, head_size=12.0, vv=[], vv_size=12.0, spacing=0.0,
    no_rules=False, header="table", border=False, split=190.0, date_drop=0.0, tab_spaces=6,
    label="Số:", notation="/UBND-NV", number=30.0, number_size=13.0, place="Thừa Thiên Huế", day=24.0, month=" 12 ", year="năm 2014", date_size=13.0,
    type=None, subject=[], to=[], body=BODY, basis=[], articles=[], after=[],
    recips=["- Như trên;", "- Lưu: VT."], recips_label="Nơi nhận:", hang=0.0,
    sign={}, sign2=None, sign_style="table", sign_split=235.0, sign_page=False,
    appendix=[], stamp=None, others=[], top=[], extra=[], date_end=False, cover=False, organ_name=None, expect={}, pad=0,
)


def draft(name, set, writer, says, facts=None, options=None, **given):
    o = DEFAULTS | given
    page = given.get("page", (595.32, 841.92))
    margins = given.get("margins", (62.0, 50.0, 62.0, 80.0))
    size = given.get("size", 13.5)
    width = page[0] - margins[1] - margins[3]
    blanks = [k for k in ("number", "day", "month") if not isinstance(o[k], str) or not any(c.isalnum() for c in o[k])]
    o["number_runs"] = number_runs(None, o["notation"], o["number"], o["label"], o["number_size"])
    o["date_runs"] = date_runs(o["place"], o["day"], o["month"], o["year"].replace("năm ", ""), o["date_size"])
    blocks = []
    if o["stamp"]:
        blocks.append(Stamp(*o["stamp"]))
    if o["cover"]:
        blocks += [P([Run(" ")]), Break()]
    blocks += o["top"]
    if o["date_end"]:
        at_end, o["date_runs"] = o["date_runs"], [Run(" ")]
    blocks += header(o, width)
    if o["type"]:
        blocks.append(center(o["type"], bold=True, size=14, before=16, spacing=o["spacing"]))
        for line in o["subject"]:
            blocks.append(center(line, bold=True, size=13.5))
        if not o["no_rules"]:
            blocks[-1].rule = 80
    for i, line in enumerate(o["to"]):
        blocks.append(P([Run(line, size=13.5)], align="left" if i or line.endswith(":") else "center", left=90 if i or line.endswith(":") else 0, before=14 if i == 0 else 0))
    for line in o["basis"]:
        blocks.append(P([Run(line, italic=True)], align="justify", indent=36, before=5))
    if o["articles"]:
        blocks.append(center("QUYẾT ĐỊNH:", bold=True, before=8))
    for head, text in o["articles"]:
        blocks.append(P([Run(head, bold=True), Run(" " + text)], align="justify", indent=36, before=5))
    for line in o["body"]:
        blocks.append(P([Run(line)], align="justify", indent=36, before=6))
    blocks += o["extra"]
    if o["sign_page"]:
        blocks.append(Break())
    if o["date_end"]:
        blocks.append(P(at_end, align="center", left=o["sign_split"], before=10))
    if o["sign"]:
        blocks.append(P([Run(" ", size=8)]))
        blocks += signature(o, width)
    for extra in o["appendix"]:
        blocks.append(Break())
        blocks += extra
    organ = o["organ_name"] or " ".join(o["organ"])
    s = o["sign"] or {}
    known = {
        "organ_name": organ, "parent_organ": " ".join(o["parent"]) or None, "code_notation": o["notation"],
        "type_name": o["type"].capitalize() if o["type"] else ("Công văn" if o["vv"] else None),
        "subject": " ".join(o["subject"] or o["vv"]) or None, "place_name": o["place"],
        "signer_name": s.get("name"), "signer_position": " ".join(s.get("below") or s.get("position", [])) or None,
        "competence": s.get("competence", []), "recipients": given.get("recips_expected"),
    }
    d = Draft(name, set, writer, blocks, known | (facts or {}), page, margins, size, given.get("family", "serif"), options or {}, says,
              o["expect"], given.get("appendix_landscape", False))
    d.blanks = blanks
    return d


def appendix(title, heading, rows=4, sign=None):
    """A table after the signature page, with the number and date of the letter to be repeated."""
    table = [[[center(t, bold=True, size=12)] for t in ("TT", "Nội dung", "Đơn vị chủ trì", "Thời gian")]]
    for i in range(rows):
        table.append([[center(str(i + 1), size=12)], [P([Run("Rà soát danh mục hồ sơ, lập kế hoạch số hóa", size=12)])], [center("Sở Nội vụ", size=12)], [center("Quý I", size=12)]])
    out = [center(title, bold=True), center(heading, bold=True),
           center([Run("(Kèm theo Công văn số       /UBND-NV ngày     tháng 12 năm 2014 của Ủy ban nhân dân tỉnh)", italic=True)], rule=80), P([Run(" ")]),
           T([35, 230, 100, 90], table, border=True)]
    if sign:
        out += [P([Run(" ")], before=10), T([235, 230], [[[P([Run(" ")])], sign]])]
    return out
