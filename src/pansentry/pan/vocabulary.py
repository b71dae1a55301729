"""The words people use around card data, read from one file per language in ``languages/``.

A file has sections of comma-separated words: ``[card]`` ``[code]`` ``[expiry]`` … A trailing ``*`` means "and whatever
is glued on" (German compounds, Finnish cases), a leading ``*`` "and whatever is glued in front". Words are folded the
way texts are (:mod:`pansentry.pan.fold`), so accents and case do not matter. Adding a language is adding a file.

Roles: see :class:`Role`. A word may have several. ``[months]`` and ``[digits]`` have one entry per month or digit, in
order, with spellings separated by blanks; ``[tens]`` starts at twenty.

Sources: the keyword lists Microsoft Purview and Amazon Macie publish, the words printed on cards and in payment forms.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pansentry.pan.fold import fold_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COMMON = "common"

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
    PLACE: Final = 2097152  # where on a card its code stands ("back"): with a word for digits or code, a label of codes


_SECTIONS: Mapping[str, int] = {
    "card": Role.CARD,
    "card_weak": Role.CARD_WEAK,
    "code": Role.CODE,
    "code_weak": Role.CODE_WEAK,
    "pin": Role.PIN,
    "expiry": Role.EXPIRY,
    "number": Role.NUMBER,
    "other": Role.OTHER,
    "mention": Role.MENTION,
    "not_card": Role.NOT_CARD,
    "split": Role.SPLIT,
    "reversed": Role.REVERSED,
    "filler": Role.FILLER,
    "month": Role.MONTH,
    "year": Role.YEAR,
    "subject": Role.SUBJECT,
    "until": Role.UNTIL,
    "amount": Role.AMOUNT,
    "figures": Role.FIGURES,
    "last": Role.LAST,
    "start": Role.START,
    "place": Role.PLACE | Role.CODE_WEAK,
}


@dataclass(frozen=True, slots=True)
class Label:
    """One word or phrase: its tokens, whether endings may follow, its roles, its languages and how they spell it."""

    tokens: tuple[str, ...]
    open_end: bool
    roles: int
    languages: frozenset[str]
    spellings: frozenset[str]
    language: str = field(init=False)
    """Its language if it has but one, else "common" or "many"."""

    def __post_init__(self) -> None:
        listed = self.languages
        one = next(iter(listed)) if len(listed) == 1 else COMMON if COMMON in listed else "many"
        object.__setattr__(self, "language", one)


@dataclass(frozen=True, slots=True)
class Entry:
    """The labels that begin with one word: alone, by second word, and those whose second word may go on."""

    alone: Label | None
    seconds: Mapping[str, tuple[Label, ...]]
    open_seconds: tuple[Label, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """All labels, indexed for the scan.

    ``words`` by first token; ``stems`` (open-ended single tokens) by their first three letters; ``solid`` by their
    first character; ``endings`` for what may be glued in front. ``months`` maps a name to 1 … 12. ``numerals`` maps,
    per language, a number word to its digits; ``repeats`` "double" and "triple" to 2 and 3.
    """

    words: Mapping[str, Entry]
    stems: Mapping[str, tuple[Label, ...]]
    solid: Mapping[str, tuple[Label, ...]]
    endings: Mapping[str, Label]
    ending_forms: tuple[str, ...]
    months: Mapping[str, int]
    numerals: Mapping[str, Mapping[str, str]]
    repeats: Mapping[str, Mapping[str, int]]
    number_words: frozenset[str]
    labels: tuple[Label, ...] = field(repr=False)

    def spoken(self, word: str) -> bool:
        """Tell whether ``word`` is a number word of any language."""
        return word in self.number_words


def is_solid(token: str) -> bool:
    """Tell whether a token is of a script that is searched inside runs."""
    return token[0] >= "\u0e00" and (
        token[0] <= "\u0e7f" or "\u3040" <= token[0] <= "\u30ff" or "\u3400" <= token[0] <= "\ud7a3"
    )


_COUNT = re.compile(r"(?<![^\W_])[0-9]+(?![^\W_])")


def read_sections(text: str) -> dict[str, list[str]]:
    """Read a language file: section names and their comma-separated entries, in order."""
    sections: dict[str, list[str]] = {}
    entries: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            entries = sections.setdefault(line.strip().strip("[]"), [])
        elif line and not line.startswith("# "):
            entries += (entry.strip() for entry in line.split(",") if entry.strip())
    return sections


_Known = tuple[int, frozenset[str], frozenset[str]]
_UNKNOWN: _Known = (0, frozenset(), frozenset())


@functools.cache
def vocabulary(languages: frozenset[str] = frozenset()) -> Vocabulary:
    """Read the language files once; ``languages`` limits them (the common file always counts)."""
    words: dict[tuple[tuple[str, ...], bool], _Known] = {}
    endings: dict[str, _Known] = {}
    months: dict[str, int] = {}
    numerals: dict[str, Mapping[str, str]] = {}
    repeats: dict[str, Mapping[str, int]] = {}
    for path in sorted((Path(__file__).with_name("languages")).glob("*.txt")):
        language = path.stem
        if languages and language not in languages and language != COMMON:
            continue
        sections = read_sections(path.read_text(encoding="utf-8"))
        for section, role in _SECTIONS.items():
            for entry in sections.get(section, ()):
                _add(words, endings, entry, role, language)
        for index, spellings in enumerate(sections.get("months", ())):
            months.update((fold_text(name), index + 1) for name in spellings.split() if not name[0].isdigit())
        numerals[language] = _numerals(sections)
        repeats[language] = {
            fold_text(word): index + 2
            for index, spellings in enumerate(sections.get("double", ()))
            for word in spellings.split()
        }
    for (tokens, open_end), known in list(words.items()):
        stem = words.get((tokens, True))
        if not open_end and len(tokens) == 1 and stem is not None:  # one language's word is another's stem
            words[tokens, False] = (known[0] | stem[0], known[1] | stem[1], known[2] | stem[2])
    labels = tuple(Label(tokens, open_end, *roles) for (tokens, open_end), roles in words.items())
    return Vocabulary(
        words=_entries(label for label in labels if not is_solid(label.tokens[0]) and not _is_stem(label)),
        stems=_index((label for label in labels if not is_solid(label.tokens[0]) and _is_stem(label)), 3),
        solid=_index((label for label in labels if is_solid(label.tokens[0])), 1),
        endings={ending: Label((ending,), True, *roles) for ending, roles in endings.items()},
        ending_forms=tuple(endings),
        months=months,
        numerals=numerals,
        repeats=repeats,
        number_words=frozenset(word for listed in numerals.values() for word in listed),
        labels=labels,
    )


_MAX_GLUED = 3
_GLUED = Role.CARD | Role.CODE | Role.EXPIRY | Role.PIN | Role.OTHER | Role.NOT_CARD
"""What is run together in the keys of data files: securityCode, validUntil, orderNumber."""


def _is_stem(label: Label) -> bool:
    return label.open_end and len(label.tokens) == 1


def _add(
    words: dict[tuple[tuple[str, ...], bool], _Known],
    endings: dict[str, _Known],
    entry: str,
    role: int,
    language: str,
) -> None:
    spelled = entry.strip("*")
    folded = fold_text(spelled)
    if entry.startswith("*"):
        roles, spoken, spellings = endings.get(folded, _UNKNOWN)
        endings[folded] = (roles | role, spoken | {language}, spellings | {spelled})
        return
    open_end = entry.endswith("*")
    tokens = tuple(TOKEN.findall(folded))
    if not tokens:
        return
    if is_solid(tokens[0]):
        tokens = (folded,)  # digits and blanks belong to it
    elif _COUNT.search(folded.lstrip("0123456789 -")) or (folded[0].isdigit() and len(tokens) < 2):
        return  # "last 3 digits" without its number says something else
    forms = {(tokens, open_end): spelled}
    if 1 < len(tokens) <= _MAX_GLUED and "#" not in tokens and role & _GLUED:
        forms[("".join(tokens),), open_end] = "".join(TOKEN.findall(spelled))  # securityCode run together
    for form, written in forms.items():
        roles, spoken, spellings = words.get(form, _UNKNOWN)
        words[form] = (roles | role, spoken | {language}, spellings | {written})


def _entries(labels: Iterable[Label]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for first, found in _index(labels).items():
        alone = next((label for label in found if len(label.tokens) == 1), None)
        seconds: dict[str, list[Label]] = {}
        for label in found:
            if len(label.tokens) > 1:
                seconds.setdefault(label.tokens[1], []).append(label)
        opened = tuple(
            label for label in found if len(label.tokens) == 2 and (label.open_end or is_solid(label.tokens[1]))
        )
        entries[first] = Entry(alone, {second: tuple(listed) for second, listed in seconds.items()}, opened)
    return entries


def _index(labels: Iterable[Label], width: int = 0) -> dict[str, tuple[Label, ...]]:
    index: dict[str, list[Label]] = {}
    for label in labels:
        first = label.tokens[0]
        index.setdefault(first[:width] if width else first, []).append(label)
    return {
        key: tuple(sorted(found, key=lambda label: (-len(label.tokens), -len(label.tokens[0]))))
        for key, found in index.items()
    }


def _numerals(sections: dict[str, list[str]]) -> dict[str, str]:
    numerals: dict[str, str] = {}
    for value, spellings in enumerate(sections.get("digits", ())):
        for word in spellings.split():
            numerals.setdefault(fold_text(word), str(value))
    units = [(word, digit) for word, digit in numerals.items() if len(digit) == 1 and digit != "0"]
    joined: dict[str, str] = {}
    for index, spellings in enumerate(sections.get("tens", ())):
        for word in spellings.split():
            ten = fold_text(word)
            numerals.setdefault(ten, str(20 + 10 * index))
            for joiner in sections.get("joined", ()):  # einundvierzig
                joined |= {unit + joiner + ten: f"{index + 2}{digit}" for unit, digit in units}
    return numerals | joined
