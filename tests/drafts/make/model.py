"""What a draft is made of, whatever writes it: paragraphs of runs, tables, page breaks.

A run may carry a mark. Every writer reports where its marked runs stand, and the expected places
are computed from those boxes alone (`places.py`), never from what `find_places` says.
"""

from dataclasses import dataclass, field


@dataclass
class Run:
    text: str
    bold: bool = False
    italic: bool = False
    size: float | None = None
    mark: str | None = None
    gap: float = 0.0  # an empty space of this many points, with no character in it
    spacing: float = 0.0  # letter spacing
    family: str | None = None
    under: bool = False


@dataclass
class P:
    runs: list
    align: str = "left"  # left, center, right, justify
    indent: float = 0.0  # of the first line
    left: float = 0.0
    before: float = 0.0
    after: float = 0.0
    rule: float = 0.0  # a drawn line of this width under the paragraph


@dataclass
class T:
    widths: list
    rows: list  # rows of cells, a cell is a list of P
    border: bool = False


@dataclass
class Break:
    pass


@dataclass
class Stamp:
    """A framed word near the header."""

    text: str
    x: float
    top: float


@dataclass
class Draft:
    name: str
    set: str  # "tuning" or "held-out"
    writer: str
    blocks: list
    facts: dict
    page: tuple = (595.32, 841.92)
    margins: tuple = (71.0, 56.0, 71.0, 85.0)  # top, right, bottom, left
    size: float = 13.0
    family: str = "serif"
    options: dict = field(default_factory=dict)
    says: str = ""
    expect: dict = field(default_factory=dict)  # overrides of places: None, "optional"
    appendix_landscape: bool = False


def text_of(what, **kw):
    """A list of runs from a string or a list of runs."""
    if isinstance(what, str):
        return [Run(what, **kw)]
    return list(what)
