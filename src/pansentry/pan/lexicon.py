"""The language files in ``languages/``, read: of each word what it says, in which language, and how it is spelled.

A file has sections of comma-separated words: ``[card]`` ``[code]`` ``[expiry]`` … A trailing ``*`` means "and whatever
is glued on" (German compounds, Finnish cases), a leading ``*`` "and whatever is glued in front". Words are folded the
way texts are (:mod:`pansentry.pan.fold`), so accents and case do not matter. Adding a language is adding a file.

Roles: see :class:`pansentry.pan.vocabulary.Role`. A word may have several. ``[months]`` and ``[digits]`` have one entry
per month or digit, in order, with spellings separated by blanks; ``[tens]`` starts at twenty,
``[hundreds]`` at a hundred (one entry where the others are made with it: "three hundred").

Sources: the keyword lists Microsoft Purview and Amazon Macie publish, the words printed on cards and in payment forms.

A quarter of a second for all languages; what comes out of it is kept (:mod:`pansentry.pan.prepared`).
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from pansentry.pan.fold import fold_text
from pansentry.pan.prepared import LANGUAGES
from pansentry.pan.vocabulary import TOKEN, Role, is_solid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COMMON = "common"

SECTIONS: Mapping[str, int] = {
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
    "paying": Role.PAYING,
}


class Spelled(NamedTuple):
    """One word or phrase: its tokens, whether endings may follow, its roles, its languages and how they spell it."""

    tokens: tuple[str, ...]
    open_end: bool
    roles: int
    languages: frozenset[str]
    spellings: frozenset[str]


class Listed(TypedDict):
    """All words as plain data, from which :class:`pansentry.pan.vocabulary.Vocabulary` is made.

    A row is a label: its tokens with a ``*`` behind the last one where endings may follow, roles, language, with blanks
    between. ``words``: first token → rows of the rest, the longest first, with ``;`` between. ``stems`` and ``solid``:
    first letters → rows of labels of one token. ``endings``: ending → row of the rest.
    """

    words: dict[str, str]
    stems: dict[str, list[str]]
    solid: dict[str, list[str]]
    endings: dict[str, str]
    months: dict[str, int]
    numerals: dict[str, dict[str, str]]
    repeats: dict[str, dict[str, int]]


def listed(languages: frozenset[str] = frozenset()) -> Listed:
    """Read the language files; ``languages`` limits them (the common file always counts)."""
    read = _read(languages)
    labels = read.labels()
    return Listed(
        words={
            first: ";".join(_row(label, label.tokens[1:]) for label in found)
            for first, found in _index(
                one for one in labels if not is_solid(one.tokens[0]) and not _is_stem(one)
            ).items()
        },
        stems=_rows(_index((one for one in labels if not is_solid(one.tokens[0]) and _is_stem(one)), 3)),
        solid=_rows(_index((one for one in labels if is_solid(one.tokens[0])), 1)),
        endings={ending: _row(Spelled((ending,), True, *known), ()) for ending, known in read.endings.items()},
        months=read.months,
        numerals=read.numerals,
        repeats=read.repeats,
    )


def spelled() -> tuple[Spelled, ...]:
    """Return all words and phrases of all languages with their spellings."""
    return _read(frozenset()).labels()


def counted() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield how each language that lists both spells nought to nine, and twenty to ninety: the first spellings."""
    for path in sorted(LANGUAGES.glob("*.txt")):
        sections = read_sections(path.read_text(encoding="utf-8"))
        units, tens = sections.get("digits", ())[:10], sections.get("tens", ())
        if units and tens and not is_solid(fold_text(units[0])):
            yield tuple(one.split()[0] for one in units), tuple(one.split()[0] for one in tens)


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
_COUNT = re.compile(r"(?<![^\W_])[0-9]+(?![^\W_])")
_MAX_GLUED = 3
_GLUED = Role.CARD | Role.CODE | Role.EXPIRY | Role.PIN | Role.OTHER | Role.NOT_CARD
"""What is run together in the keys of data files: securityCode, validUntil, orderNumber."""


@functools.cache
def _read(languages: frozenset[str]) -> _Reading:
    read = _Reading()
    for path in sorted(LANGUAGES.glob("*.txt")):
        if not languages or path.stem in languages or path.stem == COMMON:
            read.add(path.stem, read_sections(path.read_text(encoding="utf-8")))
    return read


class _Reading:
    """What the files read so far have come to."""

    def __init__(self) -> None:
        self.words: dict[tuple[tuple[str, ...], bool], _Known] = {}
        self.endings: dict[str, _Known] = {}
        self.months: dict[str, int] = {}
        self.numerals: dict[str, dict[str, str]] = {}
        self.repeats: dict[str, dict[str, int]] = {}

    def add(self, language: str, sections: Mapping[str, list[str]]) -> None:
        """Add one file."""
        for section, role in SECTIONS.items():
            for entry in sections.get(section, ()):
                _add(self.words, self.endings, entry, role, language)
        for index, spellings in enumerate(sections.get("months", ())):
            self.months.update((fold_text(name), index + 1) for name in spellings.split() if not name[0].isdigit())
        self.numerals[language] = _numerals(sections)
        self.repeats[language] = {
            fold_text(word): index + 2
            for index, spellings in enumerate(sections.get("double", ()))
            for word in spellings.split()
        }

    def labels(self) -> tuple[Spelled, ...]:
        """Return all labels; a word that is another language's stem has both of their roles."""
        words = dict(self.words)
        for (tokens, open_end), known in self.words.items():
            stem = words.get((tokens, True))
            if not open_end and len(tokens) == 1 and stem is not None:
                words[tokens, False] = (known[0] | stem[0], known[1] | stem[1], known[2] | stem[2])
        return tuple(Spelled(tokens, open_end, *known) for (tokens, open_end), known in words.items())


def _add(
    words: dict[tuple[tuple[str, ...], bool], _Known],
    endings: dict[str, _Known],
    entry: str,
    role: int,
    language: str,
) -> None:
    written = entry.strip("*")
    folded = fold_text(written)
    if entry.startswith("*"):
        roles, spoken, spellings = endings.get(folded, _UNKNOWN)
        endings[folded] = (roles | role, spoken | {language}, spellings | {written})
        return
    open_end = entry.endswith("*")
    tokens = tuple(TOKEN.findall(folded))
    if not tokens:
        return
    if is_solid(tokens[0]):
        tokens = (folded,)  # digits and blanks belong to it
    elif _COUNT.search(folded.lstrip("0123456789 -")) or (folded[0].isdigit() and len(tokens) < 2):
        return  # "last 3 digits" without its number says something else
    forms = {(tokens, open_end): written}
    if 1 < len(tokens) <= _MAX_GLUED and "#" not in tokens and role & _GLUED:
        forms[("".join(tokens),), open_end] = "".join(TOKEN.findall(written))  # securityCode run together
    for form, spelling in forms.items():
        roles, spoken, spellings = words.get(form, _UNKNOWN)
        words[form] = (roles | role, spoken | {language}, spellings | {spelling})


def _is_stem(label: Spelled) -> bool:
    return label.open_end and len(label.tokens) == 1


def _index(labels: Iterable[Spelled], width: int = 0) -> dict[str, list[Spelled]]:
    index: dict[str, list[Spelled]] = {}
    for label in labels:
        first = label.tokens[0]
        index.setdefault(first[:width] if width else first, []).append(label)
    for found in index.values():
        found.sort(key=lambda label: (-len(label.tokens), -len(label.tokens[0])))
    return index


def _rows(index: Mapping[str, list[Spelled]]) -> dict[str, list[str]]:
    return {first: [_row(label, label.tokens) for label in found] for first, found in index.items()}


def _row(label: Spelled, tokens: tuple[str, ...]) -> str:
    """Write one label: ``tokens`` (all, or those behind the first), roles and language."""
    spoken = label.languages
    language = next(iter(spoken)) if len(spoken) == 1 else COMMON if COMMON in spoken else "many"
    return " ".join(
        [*tokens[:-1], *(token + "*" * label.open_end for token in tokens[-1:]), str(label.roles), language]
    )


def _numerals(sections: Mapping[str, list[str]]) -> dict[str, str]:
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
    for index, spellings in enumerate(sections.get("hundreds", ())):
        for word in spellings.split():
            numerals.setdefault(fold_text(word), str(100 + 100 * index))
    for word in sections.get("thousand", ()):
        numerals.setdefault(fold_text(word), "1000")
    return numerals | joined | (_fused(sections) if "fused" in sections else {})


def _fused(sections: Mapping[str, list[str]]) -> dict[str, str]:
    """Return numbers written as one word in the spelling listed first: "dreihundertzwei", "tjugoåtta"."""
    listed = [[fold_text(word) for word in spellings.split()] for spellings in sections["digits"]]
    tens = [fold_text(spellings.split()[0]) for spellings in sections["tens"]]
    hundreds = [fold_text(spellings.split()[0]) for spellings in sections["hundreds"]]
    before = [min(spellings, key=len) for spellings in listed[:10]]  # "ein" of "eins ein"
    joiner = next((fold_text(word) for word in sections.get("joined", ())), None)
    small = {value: spellings[0] for value, spellings in enumerate(listed) if value}
    for index, ten in enumerate(tens):
        for unit in range(10):
            whole = ten + listed[unit][0] if joiner is None else before[unit] + joiner + ten
            small.setdefault(20 + 10 * index + unit, whole if unit else ten)
    words = {word: str(value) for value, word in small.items() if value > 20}
    for count in range(1, 10):
        alone = hundreds[count - 1] if len(hundreds) > 1 else ("" if count == 1 else before[count]) + hundreds[0]
        words[alone] = f"{count}00"
        words |= {alone + word: f"{count}{value:02d}" for value, word in small.items() if value < 100}
    return words
