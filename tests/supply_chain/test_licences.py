"""Everything that is installed with PanSentry may be used with it, is pinned with a hash, and is listed."""

from __future__ import annotations

import re

import pytest
from tests.supply_chain.licences import LOCK, PAGE, is_allowed, licence_of, page, pinned


@pytest.mark.parametrize("name", pinned())
def test_every_licence_is_allowed(name: str) -> None:
    """A package whose licence is not on the list, or cannot be told, is not shipped."""
    assert is_allowed(licence_of(name)), f"{name}: {licence_of(name) or 'nothing said'}"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(Apache-2.0 OR BSD-2-Clause)", True),
        ("AGPL-3.0-or-later", False),
        ("GPL", False),
        ("", False),
        ("Proprietary", False),
    ],
)
def test_the_list_can_refuse(expression: str, allowed: bool) -> None:
    """Of alternatives one is enough, of a sum all are needed, and silence is no licence."""
    assert is_allowed(expression) is allowed


def test_everything_is_pinned_with_hashes() -> None:
    """Each requirement of the lock file names one version and the hashes of its files."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n?", "", LOCK.read_text()))
    for entry in filter(None, (entry.strip() for entry in entries)):
        assert re.match(r"[A-Za-z0-9._-]+==[^\s;]+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_the_page_is_up_to_date() -> None:
    """What is shipped is what is listed."""
    assert PAGE.read_text() == page(), "write it anew: python -m tests.supply_chain.licences --write"
