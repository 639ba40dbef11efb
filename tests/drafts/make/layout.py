"""Our own small layout engine: blocks to glyph runs on pages, as a word processor would set them."""

import re
from dataclasses import dataclass, field

from fonts import face
from model import P, T, Break, Run, Stamp

ASCENT, DESCENT, LINE = 0.891, 0.216, 1.15


@dataclass
class Piece:
    """Text of one run on one line."""

    run: Run
    text: str
    x: float
    width: float
    face: object
    size: float
    y: float = 0.0


@dataclass
class Page:
    pieces: list = field(default_factory=list)
    rules: list = field(default_factory=list)  # x0, y0, x1, y1
    frames: list = field(default_factory=list)
    size: tuple = (0, 0)


class Layout:
    def __init__(self, draft):
        self.draft = draft
        self.pages = []
        self.marks = {}
        self.new_page()
        for block in draft.blocks:
            self.block(block)

    def new_page(self):
        size = self.draft.page
        if self.pages and self.draft.appendix_landscape:
            size = (size[1], size[0])
        self.pages.append(Page(size=size))
        self.y = size[1] - self.draft.margins[0]

    @property
    def page(self):
        return self.pages[-1]

    def block(self, block):
        top, right, bottom, left = self.draft.margins
        width = self.page.size[0] - left - right
        if isinstance(block, Break):
            self.new_page()
        elif isinstance(block, Stamp):
            self.stamp(block)
        elif isinstance(block, P):
            self.y -= block.before
            for line in self.lines(block, width):
                if self.y - line.height < bottom:
                    self.new_page()
                self.set_line(line, left)
            self.finish(block, left, width)
        elif isinstance(block, T):
            self.table(block, left, bottom)

    def stamp(self, stamp):
        y = self.page.size[1] - stamp.top
        f = face("serif", True, False)
        w = f.width(stamp.text, 13)
        self.page.pieces.append(Piece(Run(stamp.text, bold=True), stamp.text, stamp.x, w, f, 13, y))
        self.page.frames.append((stamp.x - 5, y - 6, stamp.x + w + 5, y + 14))

    def table(self, table, left, bottom):
        for row in table.rows:
            heights, laid = [], []
            for cell, width in zip(row, table.widths):
                lines = [(p, self.lines(p, width - 10)) for p in cell]
                laid.append(lines)
                heights.append(sum(p.before + p.after + sum(l.height for l in ls) + (3 if p.rule else 0) for p, ls in lines))
            if self.y - max(heights) < bottom:
                self.new_page()
            start, x = self.y, left
            for lines, width in zip(laid, table.widths):
                self.y = start
                for p, ls in lines:
                    self.y -= p.before
                    for line in ls:
                        self.set_line(line, x + 5)
                    self.finish(p, x + 5, width - 10)
                if table.border:
                    self.page.frames.append((x, start - max(heights), x + width, start))
                x += width
            self.y = start - max(heights)

    def finish(self, p, left, width):
        if p.rule:
            x = left + (width - p.rule) / 2
            self.page.rules.append((x, self.y - 1, x + p.rule, self.y - 0.5))
            self.y -= 3
        self.y -= p.after

    def lines(self, p, width):
        """Greedy lines. A word is cut only at spaces; runs keep their identity."""
        words = []  # (list of (run, text), is_space)
        for run in p.runs:
            size = run.size or self.draft.size
            f = face(run.family or self.draft.family, run.bold, run.italic)
            if run.gap:
                words.append((run, "", f, size, run.gap, False))
                continue
            for part in re.findall(r" +|[^ ]+", run.text):
                words.append((run, part, f, size, f.width(part, size, run.spacing), part.isspace()))
        lines, now, used = [], [], 0.0
        available = width - p.left - p.indent
        glued = []  # parts of one word that must stay together
        for index, word in enumerate(words):
            glued.append(word)
            following = words[index + 1] if index + 1 < len(words) else None
            if following and not word[5] and not following[5] and following[1] and word[1]:
                continue
            w = sum(g[4] for g in glued)
            if used + w > available + 0.01 and now and not word[5]:
                while now and now[-1][5]:
                    used -= now.pop()[4]
                lines.append(Line(p, now, used, width, first=not lines))
                now, used = [], 0.0
                available = width - p.left
            now += glued
            used += w
            glued = []
        lines.append(Line(p, now, used, width, first=not lines, last=True, size=self.draft.size))
        return lines

    def set_line(self, line, left):
        self.y -= line.height
        baseline = self.y + line.height * 0.24
        p = line.p
        x = left + p.left + (p.indent if line.first else 0.0)
        room = line.room - p.left - (p.indent if line.first else 0.0) - line.used
        stretch = 0.0
        if p.align == "center":
            x += room / 2
        elif p.align == "right":
            x += room
        elif p.align == "justify" and not line.last:
            spaces = sum(1 for w in line.words if w[5])
            stretch = room / spaces if spaces else 0.0
        for run, text, f, size, width, is_space in line.words:
            if text:
                self.page.pieces.append(Piece(run, text, x, width, f, size, baseline))
            if run.mark and text and not is_space:
                box = [len(self.pages) - 1, x, baseline - DESCENT * size, x + width, baseline + ASCENT * size]
                self.mark(run, box)
            x += width + (stretch if is_space else 0.0)

    def mark(self, run, box):
        boxes = self.marks.setdefault(run.mark, [])
        last = boxes[-1] if boxes else None
        if last and last[0] == box[0] and abs(last[2] - box[2]) < 0.5:
            last[3] = box[3]
        else:
            boxes.append(box)


class Line:
    def __init__(self, p, words, used, room, first, last=False, size=13.0):
        self.p, self.words, self.used, self.room, self.first, self.last = p, words, used, room, first, last
        self.height = LINE * max([w[3] for w in words] or [(p.runs[0].size if p.runs else None) or size])
