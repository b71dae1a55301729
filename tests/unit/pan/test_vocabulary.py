"""The language files and the labels found with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pansentry.pan.fold import fold_text
from pansentry.pan.labels import find_labels
from pansentry.pan.lexicon import SECTIONS, read_sections
from pansentry.pan.prepared import LANGUAGES
from pansentry.pan.vocabulary import Role, vocabulary

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = tuple("en de fr it es pt nl pl sv da no fi cs ro hu el tr ru uk ja zh ko ar he".split())  # noqa: SIM905  # shorter so
FILES = sorted(LANGUAGES.glob("*.txt"))


def roles(text: str) -> list[tuple[str, int]]:
    folded = fold_text(text)
    return [(folded[hit.start : hit.end], hit.roles) for hit in find_labels(folded, 0, len(folded), vocabulary())]


def test_all_promised_languages_are_there() -> None:
    """The languages the gateway promises have a file."""
    assert set(NEEDED) <= {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_have_known_sections(path: Path) -> None:
    """A section's name is never misspelled."""
    known = set(SECTIONS) | {"months", "digits", "tens", "hundreds", "double", "joined", "fused", "thousand"}
    assert set(read_sections(path.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("language", NEEDED)
def test_each_language_names_card_code_and_expiry(language: str) -> None:
    """Every promised language has words for card, code, expiry and for other numbers."""
    path = next(path for path in FILES if path.stem == language)
    sections = read_sections(path.read_text(encoding="utf-8"))
    assert all(sections.get(name) for name in ("card", "code", "expiry", "number", "other", "not_card"))


def test_month_names_are_twelve() -> None:
    """Where a language lists months, it lists all."""
    for path in FILES:
        months = read_sections(path.read_text(encoding="utf-8")).get("months")
        assert months is None or len(months) == 12


@pytest.mark.parametrize(
    ("text", "word", "role"),
    [
        ("My credit card number is", "credit card", Role.CARD),
        ("card number", "card number", Role.CARD),
        ("cardNumber=", "cardnumber", Role.CARD),
        ("card_number:", "card_number", Role.CARD),
        ("Kreditkartennummer", "kreditkartennummer", Role.CARD),
        ("Bestellnummer", "bestellnummer", Role.OTHER),
        ("Mitgliedsnummer", "mitgliedsnummer", Role.OTHER),
        ("order number", "number", Role.OTHER),
        ("SIM card", "sim card", Role.NOT_CARD),
        ("رقم بطاقتي ورمز الأمان", "ورمز الامان", Role.CODE),
        ("Kartenprüfnummer", "kartenprufnummer", Role.CODE),
    ],
)
def test_labels(text: str, word: str, role: int) -> None:
    """A label is found with its role, run together or apart, in compounds and behind glued prefixes."""
    assert any(found == word and has & role for found, has in roles(text)), roles(text)


def test_no_is_a_word_in_many_languages() -> None:
    """ "no" is a number label only before digits or a mark."""
    assert not any(found == "no" and has & Role.NUMBER for found, has in roles("pagar no balcão"))
    assert any(found == "no" and has & Role.NUMBER for found, has in roles("order no. 4711"))


def test_languages_can_be_limited() -> None:
    """A policy that names languages gets their words and the common ones only."""
    only = vocabulary(frozenset({"de"}))
    assert only.words["kaart"] is None
    assert only.words["visa"] is not None


def test_labels_are_made_when_asked_for() -> None:
    """Every label is found by its first word, made on the spot or not."""
    words = vocabulary(frozenset({"en"})).words
    assert words["strawberry"] is None
    assert "strawberry" not in words
    assert words["card"] is words["card"]
    assert all(words[word] is not None for word in words.rows)
