"""Text that was decoded once too often."""

from __future__ import annotations

import pytest

from pansentry.edits import Edit, apply
from pansentry.views import mended
from pansentry.views.reading import lower


@pytest.mark.parametrize(
    ("meant", "codec"),
    [
        ("4111\u00a01111", "latin-1"),
        ("4111\u200b1111", "cp1252"),
        ("\uff14\uff11\uff11\uff11", "latin-1"),
        ("4111\u20111111", "cp1252"),
        ("\U0001d7ce1", "latin-1"),
    ],
)
def test_utf_8_taken_for_another_charset_is_mended(meant: str, codec: str) -> None:
    """What was UTF-8 before some program took it for Windows-1252 or Latin-1 is that text again."""
    octets = meant.encode()
    try:
        spoilt = octets.decode(codec)
    except UnicodeDecodeError:
        spoilt = octets.decode("latin-1")
    reading = mended.read(f"card {spoilt} ok")[0]
    assert reading.text == f"card {meant} ok"


def test_twice_spoilt_text_is_mended_twice() -> None:
    """Each reading takes away one layer."""
    once = "4111\u00a01111".encode().decode("latin-1")
    twice = once.encode().decode("latin-1")
    assert [reading.text for reading in mended.read(twice)] == [once, "4111\u00a01111"]


def test_an_edit_leaves_the_spoilt_letters_alone() -> None:
    """Only the digits are written to."""
    spoilt = "4111\u00c2\u00a01111 x"
    reading = mended.read(spoilt)[0]
    assert apply(spoilt, lower(reading, [Edit(0, 9, "XXXX\u00a01111")])) == "XXXX\u00c2\u00a01111 x"


def test_a_blank_behind_the_letter_is_part_of_it_between_digits_only() -> None:
    """The no-break space is often a blank by now; a letter before a word is a letter."""
    assert mended.read("4111\u00c2 1111")[0].text == "4111\u00a01111"
    assert mended.read("\u00c2 la carte 1\u00c2 b") == ()


@pytest.mark.parametrize(
    "text", ["", "plain 4111", "cr\u00e8me br\u00fbl\u00e9e \u00e2 12", "\u00c2me", "\u00ef\u00bc x"]
)
def test_ordinary_text_needs_no_mending(text: str) -> None:
    """Accents of real languages are no sequences of UTF-8."""
    assert mended.read(text) == ()


def test_the_prefilter_sees_what_is_mended() -> None:
    """Bytes that could matter are told, and hold the mended digits side by side."""
    data = "4111\u00c2\u00a01111".encode()
    assert mended.may_need(data)
    assert "4111\u00a01111".encode() in mended.mend(data)
    assert not mended.may_need("d\u00e9j\u00e0 vu 4111".encode())


def test_every_mark_is_seen_by_its_octets() -> None:
    """Looking for first octets, then second ones, then marks, finds each mark, and says no where there is none."""
    for mark in mended._MARKS:
        assert mended.may_need(b"caf\xc3\xa9 " + mark + b" 4111")
    assert not mended.may_need("café, naïve — “quoted” ❤ 😀".encode())
    assert not mended.may_need(b"plain")
