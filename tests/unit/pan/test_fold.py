"""Folding texts and finding the way back."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from pansentry.pan import find
from pansentry.pan.fold import fold, fold_text


def test_every_decimal_digit_folds_to_ascii() -> None:
    """Each of Unicode's decimal digits, in whatever script, reads as 0-9."""
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) == "Nd":
            assert fold_text(chr(code)) == str(unicodedata.digit(chr(code)))


@pytest.mark.parametrize(
    "invisible", ["\u00ad", "\u200b", "\u200e", "\u2060", "\ufeff", "\u20e3", "\ufe0f", "\U000e0031"]
)
def test_invisible_characters_go(invisible: str) -> None:
    """Format characters and combining marks inside a number are not there."""
    folded = fold(f"41{invisible}11")
    assert folded.text == "4111"
    assert folded.span(0, 4) == (0, 5)


@pytest.mark.parametrize("control", ["\x1b[0m", "\x1b[1;31m", "\x08", "\x07", "\x7f"])
def test_controls_go(control: str) -> None:
    """ANSI sequences, backspaces and other controls between digits are not there; they belong to the span."""
    folded = fold(f"41{control}11")
    assert folded.text == "4111"
    assert folded.span(0, 4) == (0, 4 + len(control))


@pytest.mark.parametrize("space", [chr(c) for c in range(0x80, 0x3001) if unicodedata.category(chr(c)) == "Zs"])
def test_spaces_are_one(space: str) -> None:
    """Every Unicode space folds to a blank."""
    assert fold_text(f"a{space}b") == "a b"


@pytest.mark.parametrize("dash", ["\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "\uff0d"])
def test_dashes_are_one(dash: str) -> None:
    """Dashes and the minus sign fold to a hyphen."""
    assert fold_text(dash) == "-"


def test_accents_and_case_go() -> None:
    """Labels are found however they are accented, composed or not."""
    assert fold_text("CÓDIGO") == fold_text("co\u0301digo") == "codigo"
    assert fold_text("ＣＶＶ") == fold_text("𝐂𝐕𝐕") == "cvv"


def test_plain_text_needs_no_map() -> None:
    """Where nothing was dropped, offsets are the same and no map is kept."""
    assert fold("Grüße 4111").offsets is None


def test_span_takes_marks_along() -> None:
    """A key cap behind the last digit belongs to it."""
    text = "4\ufe0f\u20e31\ufe0f\u20e3 x"
    folded = fold(text)
    assert folded.span(0, 2) == (0, 6)


@pytest.mark.parametrize(
    "text",
    [
        bytes(range(256)).decode("latin-1"),
        bytes(code for code in range(256) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)).decode("cp1252"),
        "Grüße aus Köln: 50 µm, İ and ß\u200b, " * 3,
        "Добрый день, карта ４１１１ 。",
        "it costs 10 €, says the plain and rather long line without any other sign beyond ASCII, \x07 and so on",
    ],
)
def test_every_way_folds_character_by_character(text: str) -> None:
    """Octet by octet, through the whole table or in stretches: a text folds as its characters do one by one."""
    text = text.replace("&", "").replace("\x1b", "")
    assert fold_text(text) == "".join(fold_text(character) for character in text)


@pytest.mark.parametrize("mark", ["'", "’", "ʼ", "`", "‘", ""])
def test_the_apostrophe_of_ukrainian_is_not_read(mark: str) -> None:
    """Number words are the same with every kind of apostrophe, or without one; quotes elsewhere stay."""
    assert fold_text(f"дев{mark}ять, П{mark}ЯТЬ") == "девять, пять"
    assert fold_text("'якщо' і it's") == "'якщо' і it's"
    assert find(f"CVV: двісті п{mark}ятдесят дев{mark}ять")[0].reveal() == "259"
