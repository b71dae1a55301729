"""What the elements of document languages mean for reading: paragraphs, cells, boxes, changes, alternatives.

Two languages: Office Open XML (WordprocessingML and DrawingML share their local names) and OpenDocument. Elements are
known by their local name, whatever prefix or edition of a namespace they come in.
Standards: ECMA-376-1 §17 and §21, ECMA-376-3 §7.6 (alternate content), ODF 1.3 part 3 §4 to §6, §9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntFlag, auto
from typing import Final, NamedTuple

from pansentry.formats.markup import Token

MAIN: Final = "main"
VALUES: Final = frozenset({"value", "date-value", "time-value", "boolean-value", "string-value", "formula", "currency"})
"""Attributes that hold the value of a cell (ODF 1.3 part 3 §9.1.4)."""
CODES: Final = "codes"
"""The flow of field instructions."""
EXPRESSIONS: Final = frozenset(
    {"condition", "expression", "formula", "formula1", "formula2", "definedName", "f", "instr", "fmla", "fmlaLink"}
)
"""Attributes and elements whose text is an expression."""


class Flag(IntFlag):
    """Why a reader may not see a segment."""

    DELETED = 1
    INSERTED = 2
    HIDDEN = 4
    CHOICE = 8
    FALLBACK = 16
    STORED = 32  # what a cell holds, where that is not what it shows
    SHOWN = 64


class Op(Enum):
    """What a segment is."""

    TEXT = auto()
    LITERAL = auto()  # CDATA: no references in it
    CODE = auto()  # a character by its hexadecimal code
    NUMBER = auto()
    MADE = auto()
    PARAGRAPH = auto()
    GAP = auto()  # a paragraph inside a cell
    ROW = auto()
    CELL = auto()


class Segment(NamedTuple):
    """``text[start:end]`` of the part, or ``made``; ``columns`` is how many a cell spans.

    ``cell`` is the index of the typed cell (:attr:`Flows.cells`) that the text stands in, -1 for none.
    """

    op: Op
    flags: Flag
    start: int = 0
    end: int = 0
    made: str = ""
    columns: int = 1
    cell: int = -1


class Aside(NamedTuple):
    """Text that no flow shows: an attribute's value or text of an element, under a name.

    ``is_expression`` says that it is a formula, a condition or a field's instruction, with texts in quotes in it.
    """

    name: str
    start: int
    end: int
    cell: int = -1
    is_expression: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the elements of a language mean, by local name."""

    text: frozenset[str]
    inherits: bool = False
    """Character data counts in all descendants of ``text`` elements, ``apart`` excepted."""
    apart: frozenset[str] = frozenset()
    made: Mapping[str, str] = field(default_factory=dict)
    paragraphs: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    flows: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, Flag] = field(default_factory=dict)
    hidden_styles: frozenset[str] = frozenset()
    """Names of styles that hide what is set in them."""
    numbers: frozenset[str] = frozenset()
    """Elements whose text is a number unless what is around them says otherwise; a cut makes it 0."""


@dataclass(slots=True)
class Flows:
    """The segments of each flow, in the order in which they were met, and what stands beside."""

    by_name: dict[str, list[Segment]] = field(default_factory=dict)
    asides: list[Aside | None] = field(default_factory=list)
    """None is the border of an element."""
    cells: list[Token] = field(default_factory=list)
    """Start tags of cells whose attributes hold a value of their own."""


OFFICE: Final = Vocabulary(
    text=frozenset({"t", "delText", "instrText", "delInstrText", "text"}),
    made={"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
    paragraphs=frozenset({"p", "comment", "threadedComment", "cm", "pt", "si"}),
    rows=frozenset({"tr"}),
    cells=frozenset({"tc"}),
    tables=frozenset({"tbl"}),
    flows={"txbxContent": "boxes", "instrText": CODES, "delInstrText": CODES, "rt": "ruby", "rPh": "ruby"},
    flags={
        "del": Flag.DELETED,
        "moveFrom": Flag.DELETED,
        "ins": Flag.INSERTED,
        "moveTo": Flag.INSERTED,
        "Choice": Flag.CHOICE,
        "Fallback": Flag.FALLBACK,
    },
)
OPEN: Final = Vocabulary(
    text=frozenset({"p", "h"}),
    inherits=True,
    apart=frozenset(
        {"annotation", "note", "text-box", "desc", "title", "tracked-changes", "ruby-text", "note-citation", "creator"}
        | {"date", "creator-initials", "date-string"}
    ),
    made={"tab": "\t", "line-break": "\n", "soft-hyphen": ""},
    paragraphs=frozenset({"p", "h"}),
    rows=frozenset({"table-row"}),
    cells=frozenset({"table-cell", "covered-table-cell"}),
    tables=frozenset({"table"}),
    flows={
        "annotation": "annotations",
        "note": "notes",
        "text-box": "boxes",
        "tracked-changes": "deletions",
        "ruby-text": "ruby",
        "notes": "speaker notes",
    },
)
