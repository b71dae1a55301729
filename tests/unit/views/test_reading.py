"""Readings: maps back, and edits that leave alone what lies between the characters."""

from __future__ import annotations

import pytest

from pansentry.edits import Edit, apply
from pansentry.views.reading import Reading, Weaver, compose, identity, lower


def _tagless(source: str) -> Reading:
    """``41<b>11</b>`` without its tags, and a made-up line break at the end."""
    weaver = Weaver("shown", source)
    position = 0
    while (tag := source.find("<", position)) >= 0:
        weaver.keep(position, tag)
        position = source.index(">", tag) + 1
    weaver.keep(position, len(source))
    weaver.make_up("\n", len(source))
    return weaver.reading()


def test_every_character_knows_its_place() -> None:
    """A kept character stands where starts and ends say, a made-up one nowhere."""
    source = "41<b>11</b> x"
    reading = _tagless(source)
    assert reading.text == "4111 x\n"
    kept = [source[s:e] for s, e in zip(reading.starts, reading.ends, strict=True)]
    assert "".join(kept) == "4111 x"
    assert reading.starts[-1] == reading.ends[-1] == len(source)
    assert list(reading.starts[1:3]) == [1, 5]


def test_a_mask_of_the_same_width_leaves_markup_and_kept_digits() -> None:
    """Only the characters that change are edited, and neighbours become one edit."""
    source = "4111<b>1111</b>"
    edits = lower(_tagless(source), [Edit(0, 8, "XXXXXX11")])
    assert apply(source, edits) == "XXXX<b>XX11</b>"
    assert [(e.start, e.end) for e in edits] == [(0, 4), (7, 9)]


def test_a_replacement_of_another_width_goes_to_the_first_piece() -> None:
    """The rest of the range is removed, the markup in between stays."""
    source = "4111<b>1111</b> end"
    assert apply(source, lower(_tagless(source), [Edit(0, 8, "[removed]")])) == "[removed]<b></b> end"


def test_made_up_characters_are_never_edited() -> None:
    """An edit over a made-up line break changes nothing there."""
    assert lower(_tagless("ab"), [Edit(2, 3, "Z")]) == ()


def test_a_place_with_two_characters_is_written_once() -> None:
    """Characters that share one source range are replaced together, whatever part of them is edited."""
    weaver = Weaver("t", "a&x;b", spell=str.upper)
    weaver.keep(0, 1)
    weaver.put("fj", 1, 4)
    weaver.keep(4, 5)
    reading = weaver.reading()
    assert apply("a&x;b", lower(reading, [Edit(2, 3, "z")])) == "aFZb"
    assert apply("a&x;b", lower(reading, [Edit(0, 2, "qq"), Edit(2, 3, "z")])) == "QQZb"


def test_a_block_is_encoded_as_a_whole() -> None:
    """Two edits in one block are one edit of the source, spelt by the block."""
    weaver = Weaver("t", "<<abcd>>!")
    weaver.block("abcd", 0, 8, lambda new: f"<<{new}>>")
    weaver.keep(8, 9)
    reading = weaver.reading()
    assert lower(reading, [Edit(0, 1, "A"), Edit(2, 3, "C")]) == (Edit(0, 8, "<<AbCd>>"),)


def test_reversed_text_is_edited_where_it_stands() -> None:
    """A mask on text shown backwards lands on the right source characters."""
    weaver = Weaver("t", "ab1234")
    weaver.keep(0, 2)
    weaver.keep_reversed(2, 6)
    reading = weaver.reading()
    assert reading.text == "ab4321"
    assert apply("ab1234", lower(reading, [Edit(2, 4, "XY")])) == "ab12YX"


def test_an_insertion_finds_its_place() -> None:
    """Text can be put in front of a character and behind the last one."""
    reading = _tagless("1<b>2</b>")
    assert apply("1<b>2</b>", lower(reading, [Edit(1, 1, "|")])) == "1<b>|2</b>"
    assert lower(identity("ab"), [Edit(2, 2, "|")]) == (Edit(2, 2, "|"),)


def test_stacked_readings_lower_through_both() -> None:
    """A composed reading has places in the innermost source and edits that sink through each layer."""
    source = "4=<b>1</b>=1"
    inner = _tagless(source)
    weaver = Weaver("no-equals", inner.text)
    for index, character in enumerate(inner.text):
        if character != "=":
            weaver.keep(index, index + 1)
    stacked = compose(weaver.reading(), inner)
    assert stacked.text == "411\n"
    assert [source[s:e] for s, e in zip(stacked.starts, stacked.ends, strict=True)] == ["4", "1", "1", ""]
    assert apply(source, lower(stacked, [Edit(0, 3, "XYZ")])) == "X=<b>Y</b>=Z"


def test_same_text_from_other_places_is_another_reading() -> None:
    """Readings are only the same if every character comes from the same place."""

    def reading(at: int) -> Reading:
        weaver = Weaver("t", "11")
        weaver.keep(at, at + 1)
        return weaver.reading()

    assert reading(0).same_as(reading(0))
    assert not reading(0).same_as(reading(1))
    assert identity("ab").same_as(identity("ab"))


def test_a_place_outside_is_an_index_error() -> None:
    """The offsets are bounded sequences, as iteration needs."""
    with pytest.raises(IndexError):
        _tagless("ab").starts[3]
