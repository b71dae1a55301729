"""The words people use around card data: labels, months and number words, indexed for the scan.

They come from one file per language in ``languages/`` (:mod:`pansentry.pan.lexicon` says what stands in them), by way
of what was prepared from those (:mod:`pansentry.pan.prepared`). Of twenty thousand labels a mail asks for a few dozen:
they are made when they are first asked for.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from pansentry.pan.prepared import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pansentry.pan.lexicon import Listed

SOLID = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
"""Scripts written without spaces, or with endings glued to words: their words are looked for inside runs."""

TOKEN = re.compile(rf"[{SOLID}]+|[^\W\d_{SOLID}]+(?:2(?![0-9]))?|n°|[#№]")
"""A word of a folded text. The 2 is that of cvv2."""


class Role:
    """What a word says about the number beside it. Plain integers: they are combined in the hot loop."""

    CARD: Final = 1  # a payment card, beyond doubt
    CARD_WEAK: Final = 2  # "card" alone
    CODE: Final = 4  # a card verification code, beyond doubt
    CODE_WEAK: Final = 8  # "code" alone
    PIN: Final = 16
    EXPIRY: Final = 32
    NUMBER: Final = 64  # "number": turns "card" into CARD and "order" into OTHER
    OTHER: Final = 128  # labels a number of another kind
    MENTION: Final = 256  # names another thing ("order"), a label only right before a number
    NOT_CARD: Final = 512  # "SIM card", "library card"
    SPLIT: Final = 1024  # "first", "rest": a number in pieces is announced
    REVERSED: Final = 2048
    FILLER: Final = 4096  # may stand between a label and its value
    MONTH: Final = 8192  # labels a field of its own for the month
    YEAR: Final = 16384
    SUBJECT: Final = 32768  # another thing that expires or has a code (passport, offer)
    UNTIL: Final = 65536  # "until": the date behind it may be a card's
    AMOUNT: Final = 131072  # amounts, rooms, counts: small numbers that are no codes
    FIGURES: Final = 262144  # "digits": three of them are a code
    LAST: Final = 524288  # announces the end of a number
    START: Final = 1048576  # the date behind it begins something
    PAYING: Final = 4194304  # bids to charge: the number right behind it is a card's, whatever was spoken of before
    PLACE: Final = 2097152  # where on a card its code stands ("back"): with a word for digits or code, a label of codes


class Label(NamedTuple):
    """One word or phrase: its tokens, whether endings may follow, its roles.

    ``language`` is its language if it has but one, else "common" or "many". A tuple, because there are many.
    """

    tokens: tuple[str, ...]
    open_end: bool
    roles: int
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """The labels that begin with one word: alone, by second word, and those whose second word may go on."""

    alone: Label | None
    seconds: Mapping[str, tuple[Label, ...]]
    open_seconds: tuple[Label, ...]


class Entries(dict[str, "Entry | None"]):
    """The entries by first token, made when they are first asked for: 3 ms at the start instead of 60, and 9 MB less.

    ``rows`` is what they are made of. A word that begins no label gives None and is not remembered.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: Mapping[str, str]) -> None:
        super().__init__()
        self.rows = rows

    def __missing__(self, word: str) -> Entry | None:
        row = self.rows.get(word)
        if row is None:
            return None
        entry = self[word] = _entry(_labels(word, row))
        return entry


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """All labels, indexed for the scan.

    ``words`` by first token; ``stems`` (open-ended single tokens) by their first three letters; ``solid`` by their
    first character; ``endings`` for what may be glued in front. ``months`` maps a name to 1 … 12. ``numerals`` maps,
    per language, a number word to its digits; ``repeats`` "double" and "triple" to 2 and 3.
    """

    words: Entries
    stems: Mapping[str, tuple[Label, ...]]
    solid: Mapping[str, tuple[Label, ...]]
    endings: Mapping[str, Label]
    ending_forms: tuple[str, ...]
    months: Mapping[str, int]
    numerals: Mapping[str, Mapping[str, str]]
    repeats: Mapping[str, Mapping[str, int]]
    number_words: frozenset[str]
    fused: frozenset[str]
    """The number words that say hundreds, tens and units in one."""

    @property
    def labels(self) -> Iterator[Label]:
        """All labels, made for the asking."""
        for word, row in self.words.rows.items():
            yield from _labels(word, row)
        for index in (self.stems, self.solid):
            for labels in index.values():
                yield from labels

    def spoken(self, word: str) -> bool:
        """Tell whether ``word`` is a number word of any language."""
        return word in self.number_words


def is_solid(token: str) -> bool:
    """Tell whether a token is of a script that is searched inside runs."""
    return token[0] >= "\u0e00" and (
        token[0] <= "\u0e7f" or "\u3040" <= token[0] <= "\u30ff" or "\u3400" <= token[0] <= "\ud7a3"
    )


_HUNDREDS = 3  # digits


@functools.cache
def vocabulary(languages: frozenset[str] = frozenset()) -> Vocabulary:
    """Read the words once; ``languages`` limits them (the common file always counts)."""
    words = _listed(languages) if languages else prepared("vocabulary", functools.partial(_listed, languages))
    return Vocabulary(
        words=Entries(words["words"]),
        stems=_solitary(words["stems"]),
        solid=_solitary(words["solid"]),
        endings={ending: _alone(f"{ending}* {row}") for ending, row in words["endings"].items()},
        ending_forms=tuple(words["endings"]),
        months=words["months"],
        numerals=words["numerals"],
        repeats=words["repeats"],
        number_words=frozenset(word for listed in words["numerals"].values() for word in listed),
        fused=frozenset(
            word
            for listed in words["numerals"].values()
            for word, digits in listed.items()
            if len(digits) == _HUNDREDS and digits[1:] != "00"
        ),
    )


def _listed(languages: frozenset[str]) -> Listed:
    from pansentry.pan.lexicon import listed

    return listed(languages)


def _solitary(index: Mapping[str, list[str]]) -> dict[str, tuple[Label, ...]]:
    return {first: tuple(map(_alone, rows)) for first, rows in index.items()}


def _alone(row: str) -> Label:
    """Read the row of a label of one token, which may have blanks in it."""
    token, roles, language = row.rsplit(" ", 2)
    return Label((token.removesuffix("*"),), token.endswith("*"), int(roles), language)


def _labels(first: str, rows: str) -> tuple[Label, ...]:
    """Read the rows of the labels that begin with ``first``."""
    return tuple(_label(first, row) for row in rows.split(";"))


def _label(first: str, row: str) -> Label:
    *rest, roles, language = row.split(" ")
    open_end = bool(rest) and rest[-1].endswith("*")
    if open_end:
        rest[-1] = rest[-1].removesuffix("*")
    return Label((first, *rest), open_end, int(roles), language)


def _entry(found: tuple[Label, ...]) -> Entry:
    alone = next((label for label in found if len(label.tokens) == 1), None)
    seconds: dict[str, list[Label]] = {}
    for label in found:
        if len(label.tokens) > 1:
            seconds.setdefault(label.tokens[1], []).append(label)
    opened = tuple(label for label in found if len(label.tokens) == 2 and (label.open_end or is_solid(label.tokens[1])))
    return Entry(alone, {second: tuple(listed) for second, listed in seconds.items()}, opened)
