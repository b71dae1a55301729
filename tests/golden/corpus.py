"""The golden cases as read from disk, for every test that walks them (golden, oracle, fuzz seeds).

Out: :class:`Golden`, one per folder and line ending. The LF form is made here from the CRLF file, so that each message
is kept once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from tests.golden.kit import HERE, cards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not survive: ``kind`` is ``pan``, ``cvv``, ``expiry`` or ``track``."""

    kind: str
    value: str

    def __repr__(self) -> str:
        return f"Secret({self.kind})"


@dataclass(frozen=True, slots=True)
class Golden:
    """One case under one line ending."""

    folder: Path
    line_end: str
    raw: bytes
    clean: bool
    allow_hold: bool
    removed: tuple[tuple[str, str], ...]
    must_survive: tuple[str, ...]
    secrets: tuple[Secret, ...]
    unseen_by_peers: bool
    dkim: bool
    known_gap: str

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}-{self.line_end}"


def _secrets(names: list[str]) -> tuple[Secret, ...]:
    found = []
    for name in names:
        card, kind = name.split(".")
        row = cards()[card]
        found.append(
            Secret(kind, {"pan": row.number, "track": row.number, "cvv": row.code, "expiry": row.expiry}[kind])
        )
    return tuple(found)


def goldens() -> Iterator[Golden]:
    """Yield every case, CRLF first, then LF where the case means the same with it."""
    yaml = YAML(typ="safe")
    for folder in sorted(path.parent for path in HERE.glob("*/*/in.eml")):
        sheet = yaml.load((folder / "expect.yaml").read_text())
        raw = (folder / "in.eml").read_bytes()
        for line_end in ("crlf", "lf")[: 2 if sheet["line_ends"] == "both" else 1]:
            yield Golden(
                folder=folder,
                line_end=line_end,
                raw=raw if line_end == "crlf" else raw.replace(b"\r\n", b"\n"),
                clean=sheet["clean"],
                allow_hold=sheet.get("allow_hold", False),
                removed=tuple((kind, place) for kind, _, place in (e.partition(" ") for e in sheet.get("removed", []))),
                must_survive=tuple(sheet.get("must_survive", [])),
                secrets=_secrets(sheet.get("must_not_survive", [])),
                unseen_by_peers=sheet.get("unseen_by_peers", False),
                dkim=sheet.get("dkim", False),
                known_gap=sheet.get("known_gap", ""),
            )
