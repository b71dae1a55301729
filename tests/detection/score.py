"""Measure a detector on the hand-written corpora.

In: folders of ``<language>.yaml`` (``customers/``: mails with card data, ``lookalikes/``: mails without) and a
detector ``text → iterable of (kind, start, end, value)``. Out: a :class:`Score` with true and false positives and
false negatives per kind, category and language, and the ids of the cases that went wrong.

What counts as right. An expectation is met if findings of its kind and value together cover every letter and digit
of its text (all its ``pieces``, where words stand in between) and no letter or digit beside it: the number goes, the
words around it stay. Everything else that was found is a false positive, except inside an expected track and where
an expectation is ``optional`` (debatable: neither finding nor leaving it counts). A finding with the right place but
the wrong value or edge is therefore counted twice: missed and mistaken.

No digit of a text ever enters a score: it is printed and logged.

Known gap: ``occurrence`` counts substrings, so an author must look where a short code also stands inside a number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

KINDS = ("pan", "cvv", "expiry", "track")

Found = tuple[str, int, int, str]  # kind, start, end, normalised value
Detect = Callable[[str], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that should be masked. ``value`` None accepts any value; ``spans`` are offsets into the text."""

    kind: str
    value: str | None = field(repr=False)
    spans: tuple[tuple[int, int], ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One mail."""

    id: str
    language: str
    category: str
    text: str = field(repr=False)
    expect: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one kind, category or language; both rates are 1.0 where there was nothing to count."""

    right: int = 0
    mistaken: int = 0
    missed: int = 0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.mistaken) if self.right + self.mistaken else 1.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.mistaken + other.mistaken, self.missed + other.missed)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that went wrong. ``what``: ``missed``, ``value`` and ``edges`` (found, but wrongly), ``mistaken``."""

    case: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Score:
    """The result of one run."""

    cases: int
    by_kind: dict[str, Tally]
    by_category: dict[str, Tally]
    by_language: dict[str, Tally]
    faults: tuple[Fault, ...]

    @property
    def total(self) -> Tally:
        return sum(self.by_kind.values(), Tally())

    @property
    def clean_cases(self) -> int:
        """How many mails had no fault at all."""
        return self.cases - len({fault.case for fault in self.faults})


def load(*folders: Path) -> tuple[Case, ...]:
    """Read all corpora directly in ``folders``.

    Raises FileNotFoundError for an empty folder, ValueError for a double id or an expected text that is not there.
    """
    cases = tuple(case for folder in folders for path in _files(folder) for case in _read(path))
    doubles = [case_id for case_id, count in Counter(case.id for case in cases).items() if count > 1]
    if doubles:
        raise ValueError(f"case ids used twice: {doubles}")
    return cases


def batches(folder: Path) -> tuple[Path, ...]:
    """Return the folder of the first batch and those of the later ones below it, for :func:`load`."""
    return (folder, *sorted(path for path in folder.iterdir() if path.is_dir()))


def score(cases: Sequence[Case], detect: Detect) -> Score:
    """Run ``detect`` over ``cases``."""
    tables: tuple[dict[str, Tally], ...] = tuple(defaultdict(Tally) for _ in range(3))
    for kind in KINDS:
        tables[0][kind] = Tally()
    faults: list[Fault] = []
    for case in cases:
        for kind, what in _judge(case, tuple(detect(case.text))):
            tally = Tally(right=what == "right", mistaken=what == "mistaken", missed=what not in ("right", "mistaken"))
            for table, key in zip(tables, (kind, case.category, case.language), strict=True):
                table[key] += tally
            if what != "right":
                faults.append(Fault(case.id, kind, what))
    by_kind, by_category, by_language = (dict(table) for table in tables)
    return Score(len(cases), by_kind, by_category, by_language, tuple(faults))


def report(result: Score, *, worst: int = 12) -> str:
    """Return the score as text: a table per kind, the worst categories and languages, the ids of all faults."""
    lines = [f"{'kind':<10}{'right':>7}{'mistaken':>10}{'missed':>8}{'recall':>9}{'precision':>11}"]
    lines += [_row(kind, tally) for kind, tally in result.by_kind.items()]
    lines.append(f"mails without a fault: {result.clean_cases} of {result.cases}")
    for name, table in (("category", result.by_category), ("language", result.by_language)):
        bad = sorted((t for t in table.items() if t[1].missed or t[1].mistaken), key=lambda t: _faults_of(t[1]))
        lines += [f"worst by {name}:", *(_row(key, tally) for key, tally in bad[::-1][:worst])] if bad else []
    lines += [f"  {fault.case}: {fault.kind} {fault.what}" for fault in sorted(result.faults)]
    return "\n".join(lines)


def from_findings(detect: Callable[[str], Iterable[Any]]) -> Detect:
    """Turn a detector that returns ``Finding`` into one that this module can measure."""

    def adapted(text: str) -> Iterator[Found]:
        for finding in detect(text):
            yield str(finding.kind), finding.start, finding.end, finding.reveal()

    return adapted


def _judge(case: Case, found: tuple[Found, ...]) -> Iterator[tuple[str, str]]:
    used: set[int] = set()
    for expected in case.expect:
        what, indices = _meet(case.text, expected, found)
        if what == "right":
            used |= indices
        if not expected.optional:
            yield expected.kind, what
    forgiven = {
        position
        for expected in case.expect
        if expected.optional or expected.kind == "track"
        for span in expected.spans
        for position in range(*span)
    }
    for index, (kind, start, end, _) in enumerate(found):
        if index not in used and not forgiven.intersection(range(start, end)):
            yield kind, "mistaken"


def _meet(text: str, expected: Expected, found: tuple[Found, ...]) -> tuple[str, set[int]]:
    wanted = _significant(text, expected.spans)
    near = {i for i, (kind, s, e, _) in enumerate(found) if kind == expected.kind and wanted.intersection(range(s, e))}
    if not near:
        return "missed", set()
    agreeing = near if expected.value is None else {i for i in near if found[i][3] == expected.value}
    if not agreeing:
        return "value", set()
    covered = _significant(text, tuple((found[i][1], found[i][2]) for i in agreeing))
    return ("right", agreeing) if covered == wanted else ("edges", set())


def _significant(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    return {position for start, end in spans for position in range(start, end) if text[position].isalnum()}


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise FileNotFoundError(f"no corpus in {folder}")
    return files


def _read(path: Path) -> Iterator[Case]:
    for entry in YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")):
        expect = tuple(_expected(entry["id"], entry["text"], item) for item in entry.get("expect", ()))
        yield Case(entry["id"], path.stem, entry["category"], entry["text"], expect)


def _expected(case_id: str, text: str, item: dict[str, Any]) -> Expected:
    pieces = item.get("pieces") or [item["text"]]
    occurrences = item.get("occurrence", 1)
    if isinstance(occurrences, int):
        occurrences = [occurrences] * len(pieces)
    spans = tuple(_nth(case_id, text, piece, nth) for piece, nth in zip(pieces, occurrences, strict=True))
    return Expected(item["kind"], item.get("value"), spans, item.get("optional", False))


def _nth(case_id: str, text: str, piece: str, nth: int) -> tuple[int, int]:
    position = -1
    for _ in range(nth):
        position = text.find(piece, position + 1)
        if position < 0:
            raise ValueError(f"{case_id}: an expected text does not stand in the mail that often")
    return position, position + len(piece)


def _row(name: str, tally: Tally) -> str:
    return (
        f"{name:<16}{tally.right:>6}{tally.mistaken:>7}{tally.missed:>8}{tally.recall:>11.4f}{tally.precision:>11.4f}"
    )


def _faults_of(tally: Tally) -> int:
    return tally.missed + tally.mistaken
