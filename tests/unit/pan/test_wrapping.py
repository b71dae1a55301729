"""Line breaks that mail programs put into paragraphs."""

from __future__ import annotations

import pytest

from pansentry.pan import find
from pansentry.pan.wrapping import unwrapped

LONG = "We are looking forward to our stay in your house by the lake and our"


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        (f"{LONG}\ncard expires", True),
        (f"> {LONG}\n> card expires", True),
        (f"{LONG}\r\ncard expires", True),
        (f"{LONG} \nat", True),  # format=flowed
        (f"{LONG}\n> card expires", False),
        (f"{LONG}\nCard number: 1", False),
        (f"{LONG}\n- card", False),
        (f"{LONG}\n1. card", False),
        (f"{LONG}\n05/01/2026, 10:12 - Bob: hello", False),
        (f"{LONG}\n\ncard", False),
        ("short line\ncard expires", False),
        ("a;b;c;" + "x" * 60 + "\na;b;c;" + "y" * 60, False),
    ],
)
def test_only_wrapped_lines_are_joined(text: str, joined: bool) -> None:
    """A break is taken back if the next word would not have fitted; lists, forms, tables and talks keep theirs."""
    assert ("\n" not in unwrapped(text)) == joined
    assert len(unwrapped(text)) == len(text)


def test_every_character_but_breaks_and_marks_stays() -> None:
    """Only line ends and reply marks become blanks."""
    text = f"> {LONG}\n> card expires in\n\nend\n"
    assert unwrapped(text) == f"> {LONG}   card expires in\n\nend\n"


def test_label_and_value_on_two_lines_of_a_paragraph() -> None:
    """A value that a wrap has put on the next line is found, at its place in the text that was given."""
    number = "4111 1111 1111 1111"
    text = f"{LONG} card is fine\n{number}. Please take the deposit from it now; it is valid up\nto 09/28, thanks"
    assert [text[f.start : f.end] for f in find(text)] == [number, "09/28"]
