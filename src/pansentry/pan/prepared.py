"""What is worked out of the language files, kept beside them as JSON: reading it takes 6 ms, working it out 300.

In: the name of a value and the function that works it out. Out: the value. A file in ``languages/prepared/`` counts
only as long as the language files and the code that made it are, byte for byte, what they were then; otherwise the
value is worked out, so that a word that was added counts at once. ``python -m tests.prepare`` writes the files anew,
and ``tests/unit/pan/test_prepared.py`` says when that was forgotten.

Values are text, numbers, lists and mappings, so that the files read the same under every version of Python.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

LANGUAGES = Path(__file__).with_name("languages")
_FOLDER = LANGUAGES / "prepared"
_MADE_BY = ("fold.py", "lexicon.py", "spelled.py")
"""The modules that make something else of the same words when they are changed."""

_Value = TypeVar("_Value")


def prepared(name: str, work_out: Callable[[], _Value]) -> _Value:
    """Return the value called ``name``: as it was prepared, or worked out if that is old or not there."""
    try:
        kept = json.loads(place(name).read_bytes())
    except (OSError, ValueError):
        kept = None
    if not isinstance(kept, dict) or kept.get("made_of") != made_of():
        return work_out()
    value: _Value = kept["value"]
    return value


@functools.cache
def made_of() -> str:
    """Return the digest of the language files and of the code that reads them."""
    digest = hashlib.sha256()
    for path in (*sorted(LANGUAGES.glob("*.txt")), *map(Path(__file__).with_name, _MADE_BY)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def as_file(value: object) -> str:
    """Return the text of the file for ``value``: an entry a line, so that a changed word is a changed line."""
    return json.dumps({"made_of": made_of(), "value": value}, ensure_ascii=False, indent=0) + "\n"


def place(name: str) -> Path:
    """Return where the value called ``name`` is kept."""
    return _FOLDER / f"{name}.json"
