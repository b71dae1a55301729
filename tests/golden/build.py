"""Write the golden cases: ``python -m tests.golden.build [--check]``.

In: the recipes. Out: ``<provenance>/NNN-slug/in.eml`` and ``expect.yaml`` (and ``why.md`` where a recipe has one). The
written files are the corpus and are committed; this script is how they came to be and how they are changed. What it
writes depends on the recipes alone, so ``--check`` (a test runs it) fails if files and recipes differ. Numbers follow
the order of a recipe: append, do not insert.

``out.diff`` is not written here but by ``pins.py``.
"""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from tests.golden.kit import HERE, Case
from tests.golden.recipes import (
    clean,
    clients,
    eighth,
    fifth,
    fourth,
    hostile,
    legacy,
    malformed,
    ninth,
    rfc,
    second,
    seventh,
    sixth,
    tenth,
    third,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CLIENT_LIKE = frozenset({"clean-newsletter", "clean-calendar", "clean-outlook-boundary", "clean-digits-binary"})
_BY_THE_BOOK = frozenset({"clean-dsn", "clean-flowed-signature", "clean-rfc2231", "clean-qp-odd", "clean-deep-twenty"})


def _clean_provenance(case: Case) -> str:
    """Say in which folder a clean case belongs."""
    stem = case.slug.removeprefix("clean-")
    if case.dkim or stem.startswith(("smime", "pgp")) or case.slug in _BY_THE_BOOK:
        return "rfc"
    if case.slug in _CLIENT_LIKE or any(stem == slug for slug, _, _ in clean._LOOK_ALIKES):
        return "clients"
    return "malformed"


GAPS = {
    "cesu-8": "CESU-8 is not UTF-8, and no reader shows it as digits; it is read as UTF-8, in which it says nothing.",
}
"""What is known not to work, by slug; a test fails when one of them begins to work."""


def cases() -> Iterator[tuple[str, Case]]:
    """Yield every case with its folder, ``provenance/NNN-slug``."""
    shelves: dict[str, list[Case]] = {
        "rfc": list(rfc.CASES),
        "clients": list(clients.CASES),
        "legacy": list(legacy.CASES),
        "malformed": list(malformed.CASES),
        "hostile": list(hostile.CASES),
    }
    for case in clean.CASES:
        shelves[_clean_provenance(case)].append(case)
    later = (second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth)
    shelves["hostile"].extend(case for recipe in later for case in recipe.CASES)
    for provenance, shelf in shelves.items():
        for number, case in enumerate(shelf, 1):
            yield f"{provenance}/{number:03d}-{case.slug}", replace(case, gap=GAPS.get(case.slug, ""))


def files() -> Iterator[tuple[Path, bytes]]:
    """Yield every file of the corpus with its content."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 110
    for folder, case in cases():
        sheet = io.BytesIO()
        yaml.dump(case.expectation(), sheet)
        yield HERE / folder / "in.eml", case.raw
        yield HERE / folder / "expect.yaml", sheet.getvalue()
        if case.why:
            yield HERE / folder / "why.md", case.why.encode()


def stale() -> list[Path]:
    """Return files that differ from their recipe, and case folders that no recipe makes."""
    wanted = dict(files())
    known = {path.parent for path in wanted}
    strangers = [path.parent for path in HERE.glob("*/*/in.eml") if path.parent not in known]
    return [path for path, data in wanted.items() if not path.is_file() or path.read_bytes() != data] + strangers


def main() -> int:
    if "--check" in sys.argv:
        found = stale()
        sys.stdout.write("".join(f"differs: {path.relative_to(HERE)}\n" for path in found))
        return 1 if found else 0
    for path, data in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
