"""Metrics and subsets of the fonts that the drafts embed."""

import io
import os
from functools import lru_cache

from fontTools import subset
from fontTools.ttLib import TTFont

PAGE_FONTS = os.path.join(os.path.dirname(__file__), "../../../src-tauri/page/fonts")
DEJAVU = "/usr/share/fonts/truetype/dejavu"
FILES = {
    ("serif", False, False): f"{PAGE_FONTS}/LiberationSerif-Regular.ttf",
    ("serif", True, False): f"{PAGE_FONTS}/LiberationSerif-Bold.ttf",
    ("serif", False, True): f"{PAGE_FONTS}/LiberationSerif-Italic.ttf",
    ("serif", True, True): f"{PAGE_FONTS}/LiberationSerif-BoldItalic.ttf",
    ("sans", False, False): f"{PAGE_FONTS}/LiberationSans-Regular.ttf",
    ("sans", True, False): f"{PAGE_FONTS}/LiberationSans-Bold.ttf",
    ("sans", False, True): f"{PAGE_FONTS}/LiberationSans-Regular.ttf",
    ("sans", True, True): f"{PAGE_FONTS}/LiberationSans-Bold.ttf",
    ("dejavu", False, False): f"{DEJAVU}/DejaVuSerif.ttf",
    ("dejavu", True, False): f"{DEJAVU}/DejaVuSerif-Bold.ttf",
    ("dejavu", False, True): f"{DEJAVU}/DejaVuSerif-Italic.ttf",
    ("dejavu", True, True): f"{DEJAVU}/DejaVuSerif-BoldItalic.ttf",
}
NAMES = {
    "serif": ("TimesNewRomanPSMT", "TimesNewRomanPS-BoldMT", "TimesNewRomanPS-ItalicMT", "TimesNewRomanPS-BoldItalicMT"),
    "sans": ("ArialMT", "Arial-BoldMT", "Arial-ItalicMT", "Arial-BoldItalicMT"),
    "dejavu": ("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic"),
}


class Face:
    def __init__(self, key):
        self.key = key
        self.font = TTFont(FILES[key])
        self.cmap = self.font.getBestCmap()
        self.em = self.font["head"].unitsPerEm
        self.hmtx = self.font["hmtx"]
        self.order = {name: i for i, name in enumerate(self.font.getGlyphOrder())}
        self.name = NAMES[key[0]][(1 if key[1] else 0) + (2 if key[2] else 0)]

    def gid(self, char):
        return self.order[self.cmap.get(ord(char), ".notdef")]

    def advance(self, char):
        """In thousandths of an em."""
        return self.hmtx[self.cmap.get(ord(char), ".notdef")][0] * 1000 / self.em

    def width(self, text, size, spacing=0.0):
        return sum(self.advance(c) * size / 1000 + spacing for c in text)

    def subset(self, chars, keep_cmap=True, recode=None):
        options = subset.Options()
        options.retain_gids = True
        options.hinting = False
        options.layout_features = []
        options.name_IDs = [6]
        options.notdef_outline = True
        options.drop_tables += ["GPOS", "GSUB", "GDEF", "DSIG", "FFTM", "kern"]
        font = TTFont(FILES[self.key])
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(c) for c in chars])
        cutter.subset(font)
        if recode:  # another character stands for the glyph
            for table in font["cmap"].tables:
                table.cmap = {code: self.cmap[ord(c)] for code, c in recode.items()} if table.isUnicode() else {}
        if not keep_cmap:
            del font["cmap"]
        out = io.BytesIO()
        font.save(out)
        return out.getvalue()


@lru_cache(None)
def face(family, bold, italic):
    return Face((family, bold, italic))
