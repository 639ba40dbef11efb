"""Writes pages as PDF the way other programs do: Word, Quartz, Qt (wkhtmltopdf), old fonts, scans.

`style` keys: habit = word | qt | quartz | mac-simple; tounicode = nfc | nfd | none; nfd (the letters themselves decomposed);
bare (WinAnsi font not embedded); cut (seed of spell-check cuts); rotate; crop; legacy (TCVN3 codes).
"""

import random
import unicodedata
import zlib

WIN = {}
for _code in range(32, 256):
    try:
        WIN[bytes([_code]).decode("cp1252")] = _code
    except UnicodeDecodeError:
        pass


# The letters of TCVN 5712:1993 at the codes that the fonts named .Vn… use. Capitals with marks are the small letters of a
# font whose small letters look like capitals (….VnTimeH).
TCVN3 = dict(zip(
    "ăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
    bytes([0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBB, 0xBC, 0xBD, 0xBE, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB,
           0xCC, 0xCE, 0xCF, 0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xDC, 0xDD, 0xDE, 0xDF, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6,
           0xE7, 0xE8, 0xE9, 0xEA, 0xEB, 0xEC, 0xED, 0xEE, 0xEF, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD,
           0xFE, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7])))
VN_NAMES = {"TimesNewRomanPSMT": ".VnTime", "TimesNewRomanPS-BoldMT": ".VnTime,Bold", "TimesNewRomanPS-ItalicMT": ".VnTime,Italic",
            "TimesNewRomanPS-BoldItalicMT": ".VnTime,BoldItalic"}


def tcvn3(char):
    """(is it of the capitals' font, the code)"""
    if char in TCVN3:
        return False, TCVN3[char]
    if char.lower() in TCVN3:
        return True, TCVN3[char.lower()]
    return False, WIN[char]


class Writer:
    def __init__(self, layout, style):
        self.layout, self.style = layout, style
        self.objects = []
        self.fonts = {}  # (face, kind) -> [resource name, chars]

    def add(self, body):
        self.objects.append(body)
        return len(self.objects)

    def stream(self, data, extra=""):
        packed = zlib.compress(data, 9)
        return f"<</Length {len(packed)}/Filter/FlateDecode{extra}>>\nstream\n".encode() + packed + b"\nendstream"

    def font(self, f, kind):
        entry = self.fonts.setdefault((f.key, kind), [f"F{len(self.fonts) + 1}", {}, f])
        return entry

    # --- content -------------------------------------------------------------------------------

    def page(self, page):
        habit = self.style.get("habit", "word")
        out = []
        w, h = page.size
        if habit == "word":
            out.append(f"q\n0.000008871 0 {w} {h} re\nW* n\n")
        elif habit in ("quartz", "mac-simple"):
            out.append(f"q Q q 0 0 {w} {h} re W n /Cs1 cs 0 0 0 sc\n1 0 0 -1 0 {h} cm\n")
        elif habit == "qt":
            out.append("/GSa gs /CSp cs /CSp CS q\n0.06 0 0 -0.06 0 %s cm\nq Q\n" % h)
        mcid = 0
        line = None
        for piece in reversed(page.pieces) if self.style.get("reverse") else page.pieces:
            if habit == "word" and piece.y != line:
                if line is not None:
                    out.append("EMC \n")
                out.append(f"/P <</MCID {mcid}>> BDC ")
                mcid, line = mcid + 1, piece.y
            out.append(self.piece(piece, h))
        if habit == "word":
            if line is not None:
                out.append("EMC \n")
            out.append("Q\n")
        for x0, y0, x1, y1 in page.rules:
            if habit == "word":
                out.append(f"q 0 g {x0:.2f} {y0:.2f} {x1 - x0:.2f} {y1 - y0:.2f} re f* Q\n")
            elif habit == "qt":
                out.append(f"q 8 w {x0 / .06:.1f} {(h - y0) / .06:.1f} m {x1 / .06:.1f} {(h - y0) / .06:.1f} l S Q\n")
            else:
                out.append(f"q 0.5 w {x0:.2f} {h - y0:.2f} m {x1:.2f} {h - y0:.2f} l S Q\n")
        for x0, y0, x1, y1 in page.frames:
            if habit == "qt":
                out.append(f"q 8 w {x0 / .06:.1f} {(h - y0) / .06:.1f} {(x1 - x0) / .06:.1f} {(y0 - y1) / .06:.1f} re S Q\n")
            elif habit == "word":
                for a, b, c, d in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                    out.append(f"{a:.2f} {b:.2f} {max(c - a, .48):.2f} {max(d - b, .48):.2f} re f* ")
            else:
                out.append(f"q 0.5 w {x0:.2f} {h - y0:.2f} {x1 - x0:.2f} {y0 - y1:.2f} re S Q\n")
        if habit != "word":
            out.append("Q\n")
        return "".join(out).encode("latin-1")

    def piece(self, piece, height):
        habit = self.style.get("habit", "word")
        text = piece.text
        if self.style.get("nfd"):
            text = unicodedata.normalize("NFD", text)
        if habit == "qt":
            return self.qt(piece, text, height)
        if habit in ("quartz", "mac-simple"):
            return self.quartz(piece, text, height)
        return self.word(piece, text)

    def word(self, piece, text):
        """Runs cut where the encoding changes, at spaces and where the spell checker drew its line."""
        rng = random.Random(f"{self.style.get('cut', 1)}{text}{piece.x:.0f}")
        chunks, x = [], piece.x
        for char in text:
            if self.style.get("type3"):
                kind = "t3"
            elif self.style.get("legacy"):
                kind = "vnH" if tcvn3(char)[0] else "vn"
            else:
                kind = "win" if char in WIN and not self.style.get("no_simple") else "cid"
            same = chunks and chunks[-1][0] == kind and chunks[-1][1].isspace() == char.isspace()
            if not same or rng.random() < 0.08:
                chunks.append([kind, "", x])
            chunks[-1][1] += char
            x += self.advance(piece, char)
        out = []
        spacing = f"{piece.run.spacing:.3f} Tc " if piece.run.spacing else ""
        unspaced = "0 Tc\n" if piece.run.spacing else ""  # the spacing outlives the text object
        for kind, part, at in chunks:
            name, used, f = self.font(piece.face, kind)
            codes = []
            for char in part:
                code = f.gid(char) if kind == "cid" else self.type3_code(used, char) if kind == "t3" else tcvn3(char)[1] if kind != "win" else WIN[char]
                used[code] = char
                codes.append(f"{code:04X}" if kind == "cid" else f"{code:02X}")
            # Word writes tiny corrections between the letters.
            array = "".join(f"<{c}>" + (str(rng.choice((3, -4, 2, -3))) if rng.random() < 0.2 and i + 1 < len(codes) else "")
                            for i, c in enumerate(codes))
            out.append(f"BT\n/{name} {piece.size} Tf\n1 0 0 1 {at:.2f} {piece.y:.2f} Tm\n0 g\n0 G\n{spacing}[{array}] TJ\nET\n{unspaced}")
        return "".join(out)

    @staticmethod
    def type3_code(used, char):
        """Codes in the order of use."""
        for code, known in used.items():
            if known == char:
                return code
        return len(used) + 1

    def type3(self, used, f):
        """A font of drawings, as bitmap and effect fonts become; its space is 2048 to the em."""
        from fontTools.pens.basePen import BasePen

        class Path(BasePen):
            def __init__(self, glyphs):
                super().__init__(glyphs)
                self.out = []

            def _moveTo(self, p):
                self.out.append("%d %d m" % tuple(map(round, p)))

            def _lineTo(self, p):
                self.out.append("%d %d l" % tuple(map(round, p)))

            def _curveToOne(self, a, b, c):
                self.out.append("%d %d %d %d %d %d c" % tuple(map(round, (*a, *b, *c))))

            def _closePath(self):
                self.out.append("h")

        glyphs = f.font.getGlyphSet()
        procs, widths = [], []
        for code, char in sorted(used.items()):
            name = f.cmap.get(ord(char), ".notdef")
            pen = Path(glyphs)
            glyphs[name].draw(pen)
            width = f.hmtx[name][0]
            data = f"{width} 0 0 -600 2048 2000 d1 {' '.join(pen.out)} f".encode()
            procs.append(f"/g{code} {self.add(self.stream(data))} 0 R")
            widths.append(str(width))
        names = " ".join(f"/g{c}" for c in sorted(used))
        rows = "\n".join(f"<{c:02X}> <{ord(ch):04X}>" for c, ch in sorted(used.items()))
        parts = rows.split("\n")
        blocks = "".join(f"{len(parts[i:i + 100])} beginbfchar\n" + "\n".join(parts[i:i + 100]) + "\nendbfchar\n" for i in range(0, len(parts), 100))
        unicode = self.add(self.stream(("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /X def\n/CMapType 2 def\n"
                                        "1 begincodespacerange\n<00> <FF>\nendcodespacerange\n" + blocks + "endcmap\nend\nend\n").encode()))
        return self.add(f"<</Type/Font/Subtype/Type3/FontBBox[0 -600 2048 2000]/FontMatrix[{1 / 2048:.9f} 0 0 {1 / 2048:.9f} 0 0]/CharProcs<<{''.join(procs)}>>"
                        f"/Encoding<</Type/Encoding/Differences[{min(used)} {names}]>>/FirstChar {min(used)}/LastChar {max(used)}/Widths[{' '.join(widths)}]"
                        f"/Resources<<>>/ToUnicode {unicode} 0 R>>")

    def advance(self, piece, char):
        zero = unicodedata.combining(char)
        return 0.0 if zero else piece.face.advance(char) * piece.size / 1000 + piece.run.spacing

    def qt(self, piece, text, height):
        """Every glyph at its own place, no spaces at all."""
        name, used, f = self.font(piece.face, "cid")
        size = piece.size / 0.06
        out, x = ["BT\n/%s %.2f Tf 1 0 0 -1 0 0 Tm\n" % (name, size)], piece.x
        at = (0.0, 0.0)
        for char in text:
            if not char.isspace():
                used[f.gid(char)] = char
                here = (x / 0.06, -(height - piece.y) / 0.06)
                out.append(f"{here[0] - at[0]:.2f} {here[1] - at[1]:.2f} Td <{f.gid(char):04x}> Tj\n")
                at = here
            x += self.advance(piece, char)
        return "".join(out) + "ET\n"

    def quartz(self, piece, text, height):
        name, used, f = self.font(piece.face, "cid")
        codes = "".join(f"<{f.gid(c):04x}> {(-1000 * piece.run.spacing / piece.size):.0f} " for c in text)
        for c in text:
            used[f.gid(c)] = c
        return f"BT {piece.size} 0 0 -{piece.size} {piece.x:.4f} {height - piece.y:.4f} Tm /{name} 1 Tf [ {codes} ] TJ ET\n"

    # --- objects -------------------------------------------------------------------------------

    def font_object(self, key, kind, name, used, f):
        if kind == "t3":
            return self.type3(used, f)
        flags = 34 if "serif" in key[0] else 32
        bare = kind == "win" and self.style.get("bare")
        tag = "" if bare else "BCDEEE+"
        file = ""
        if not bare:
            chars = set(used.values())
            recode = {ord(bytes([code]).decode("cp1252")): c for code, c in used.items()} if kind in ("vn", "vnH") else None
            data = f.subset(chars, keep_cmap=kind != "cid" or self.style.get("keep_cmap", False), recode=recode)
            file = f"/FontFile2 {self.add(self.stream(data, f'/Length1 {len(data)}'))} 0 R"
        base = f.name
        if kind in ("vn", "vnH"):
            base = VN_NAMES[f.name].replace(".VnTime", ".VnTimeH") if kind == "vnH" else VN_NAMES[f.name]
        weight = 700 if key[1] else 400
        descriptor = self.add(
            f"<</Type/FontDescriptor/FontName/{tag}{base}/Flags {flags}/ItalicAngle {-16.4 if key[2] else 0}/Ascent 891/Descent -216"
            f"/CapHeight 693/AvgWidth 401/MaxWidth 2614/FontWeight {weight}/XHeight 250/Leading 42/StemV 40/FontBBox[-568 -216 2046 693]{file}>>")
        if kind != "cid":
            first, last = min(used), max(used)
            widths = " ".join(f"{f.advance(used[c]):.0f}" if c in used else "0" for c in range(first, last + 1))
            return self.add(f"<</Type/Font/Subtype/TrueType/Name/{name}/BaseFont/{tag}{base}/Encoding/WinAnsiEncoding"
                            f"/FontDescriptor {descriptor} 0 R/FirstChar {first}/LastChar {last}/Widths[{widths}]>>")
        widths = " ".join(f"{g}[{0 if unicodedata.combining(c) else f.advance(c):.0f}]" for g, c in sorted(used.items()))
        child = self.add(f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{tag}{base}/CIDToGIDMap/Identity/DW 1000"
                         f"/CIDSystemInfo<</Ordering(Identity)/Registry(Adobe)/Supplement 0>>/FontDescriptor {descriptor} 0 R/W[{widths}]>>")
        unicode = ""
        if self.style.get("tounicode", "nfc") != "none":
            unicode = f"/ToUnicode {self.add(self.stream(self.to_unicode(used)))} 0 R"
        return self.add(f"<</Type/Font/Subtype/Type0/BaseFont/{tag}{base}/Encoding/Identity-H/DescendantFonts[{child} 0 R]{unicode}>>")

    def to_unicode(self, used):
        form = "NFD" if self.style.get("tounicode") == "nfd" else "NFC"
        rows = [f"<{g:04X}> <{unicodedata.normalize(form, c).encode('utf-16-be').hex().upper()}>" for g, c in sorted(used.items())]
        out = ["/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
               "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"]
        for at in range(0, len(rows), 100):
            part = rows[at:at + 100]
            out.append(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n")
        return ("".join(out) + "endcmap\nend\nend\n").encode()

    def write(self):
        contents = [self.page(p) for p in self.layout.pages]
        catalog = self.add("")
        tree = self.add("")
        resources = self.add("")
        kids = []
        for index, (page, content) in enumerate(zip(self.layout.pages, contents)):
            w, h = page.size
            dx, dy = self.style.get("origin", (0, 0))
            if dx or dy:
                content = f"1 0 0 1 {dx} {dy} cm\n".encode() + content
            box = f"/MediaBox[{dx} {dy} {w + dx} {h + dy}]"
            extra = ""
            if self.style.get("crop"):
                m = self.style["crop"]
                box = f"/MediaBox[{dx - m} {dy - m} {w + dx + m} {h + dy + m}]/CropBox[{dx} {dy} {w + dx} {h + dy}]"
            if self.style.get("rotate"):
                # the page is written lying and shown upright
                content = f"0 1 -1 0 {h} 0 cm\n".encode() + content
                box, extra = f"/MediaBox[0 0 {h} {w}]", "/Rotate 90"
            resource = f"{resources} 0 R"
            if self.style.get("form"):  # everything in a form of half the size, drawn twice as large
                form = self.add(self.stream(content, f"/Type/XObject/Subtype/Form/BBox[-2000 -2000 4000 4000]/Matrix[0.5 0 0 0.5 0 0]/Resources {resources} 0 R"))
                content = b"q 2 0 0 2 0 0 cm /Fm0 Do Q"
                resource = f"<</XObject<</Fm0 {form} 0 R>>>>"
            stream = self.add(self.stream(content))
            kids.append(self.add(f"<</Type/Page/Parent {tree} 0 R/Resources {resource}{box}{extra}/Contents {stream} 0 R/StructParents {index}>>"))
        names = []
        for (key, kind), (name, used, f) in self.fonts.items():
            if used:
                names.append(f"/{name} {self.font_object(key, kind, name, used, f)} 0 R")
        self.objects[resources - 1] = (f"<</Font<<{''.join(names)}>>/ColorSpace<</Cs1/DeviceRGB/CSp/DeviceRGB>>"
                                       "/ExtGState<</GSa<</Type/ExtGState/CA 1/ca 1>>>>>>")
        self.objects[tree - 1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{k} 0 R' for k in kids)}]>>"
        self.objects[catalog - 1] = f"<</Type/Catalog/Pages {tree} 0 R/Lang(vi-VN)>>"
        return self.file(catalog)

    def file(self, root):
        out = bytearray(b"%PDF-1.7\n%\xb5\xb5\xb5\xb5\n")
        offsets = []
        for number, body in enumerate(self.objects, 1):
            offsets.append(len(out))
            out += f"{number} 0 obj\n".encode() + (body if isinstance(body, bytes) else body.encode("latin-1")) + b"\nendobj\n"
        xref = len(out)
        out += f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n".encode()
        for offset in offsets:
            out += f"{offset:010} 00000 n \n".encode()
        out += f"trailer\n<</Size {len(offsets) + 1}/Root {root} 0 R>>\nstartxref\n{xref}\n%%EOF\n".encode()
        return bytes(out)
