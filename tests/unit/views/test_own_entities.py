"""Entities that an XML document declares for itself."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pansentry.edits import Edit, apply
from pansentry.errors import LimitExceededError
from pansentry.views import own_entities
from pansentry.views.reading import lower

HALVES = "<!DOCTYPE p [<!ENTITY a \"41111111\"><!ENTITY b '1111'>]><p>card &a;&b;1111 &amp; more</p>"


def test_references_show_what_was_declared() -> None:
    """The document is read with its own entities in place; those of HTML stay for the page."""
    shown, *pages = own_entities.read(HALVES)
    assert "<p>card 4111111111111111 &amp; more</p>" in shown.text
    assert any("card 4111111111111111 & more" in page.text for page in pages)


def test_an_edit_goes_to_the_declaration() -> None:
    """What is masked is the declared value, and the reference stays."""
    shown = own_entities.read(HALVES)[0]
    start = shown.text.index("4111111111111111")
    edited = apply(HALVES, lower(shown, [Edit(start, start + 16, "X" * 12 + "1111")]))
    assert edited == HALVES.replace("41111111", "XXXXXXXX").replace("'1111'", "'XXXX'")


def test_a_document_without_declarations_has_no_such_reading() -> None:
    """References to what HTML knows, or nobody, are left to others."""
    assert own_entities.read("<p>&a;&nbsp;</p>") == ()


def test_a_billion_laughs_end_in_a_limit() -> None:
    """Entities of entities are replaced within a multiple of the document's length, empty ones too."""
    for first in ("ha", ""):
        names = "abcdefgh"
        chain = f'<!ENTITY a "{first}">' + "".join(
            f'<!ENTITY {name} "{f"&{before};" * 30}">' for before, name in pairwise(names)
        )
        with pytest.raises(LimitExceededError):
            own_entities.read(f"<!DOCTYPE p [{chain}]><p>&h;</p>")


def test_an_entity_of_itself_ends() -> None:
    """A reference inside its own value is followed to a fixed depth."""
    assert own_entities.read('<!DOCTYPE p [<!ENTITY a "1&a;">]><p>&a;</p>')[0].text.count("1") <= 20
