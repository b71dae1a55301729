"""Regular expressions mean the same in every Python that we run on, Debian 12's 3.11.2 among them.

Before Python 3.11.5 (gh-106052) a possessive quantifier on a group did not match what it should as soon as the group
could go back: ``(?:x|a(?!b))*+`` matched nothing. An encoded Subject was not read, and its mail was deferred for ever.
``(?>(?:x|a(?!b))*)`` means the same and is right everywhere; newer Pythons translate the one into the other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src/pansentry"
POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{[^{}]*\})\+")
ALPHABETS = {"views/binhex.py"}
"""Files with a text that only looks like an expression."""


def texts(source: str) -> Iterator[str]:
    """Yield every literal text of a module, those inside f-strings too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            value = node.value
            yield value if isinstance(value, str) else value.decode("latin-1")


def test_the_rule_sees_what_it_forbids() -> None:
    """The test below can fail, in texts, octets and f-strings."""
    bad = ['re.compile(r"(?:a|b)*+")', 're.compile(rb"(?:a){2,3}+")', 're.compile(rf"{x}(?:b)?+")']
    assert all(any(POSSESSIVE_GROUP.search(text) for text in texts(one)) for one in bad)
    assert not any(POSSESSIVE_GROUP.search(text) for text in texts('re.compile(r"(?>(?:a|b)*)[ab]*+a++")'))


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCES)))
def test_no_group_has_a_possessive_quantifier(path: Path) -> None:
    """Atomic groups are written instead."""
    if str(path.relative_to(SOURCES)) in ALPHABETS:
        return
    found = [text for text in texts(path.read_text("utf-8")) if POSSESSIVE_GROUP.search(text)]
    assert not found, f"write (?>(…)*) instead: {found}"
