"""RFC 2047 words as mail readers decode them, and as they are written back."""

from __future__ import annotations

import email.header

import pytest
from tests.unit.views.masking import masked, named

from pansentry.edits import Edit, apply
from pansentry.views import encoded_words
from pansentry.views.reading import lower

CASES = [
    ("Q", "=?utf-8?Q?Card_4111=201111?=", "Card 4111 1111"),
    ("B", "=?utf-8?B?NDExMQ==?=", "4111"),
    ("lower case, language tag", "=?UTF-8*de?q?=34=31?=", "41"),
    ("adjacent words", "=?utf-8?Q?41?= =?utf-8?B?MTE=?=", "4111"),
    ("adjacent over a fold", "=?utf-8?Q?41?=\r\n\t=?utf-8?Q?11?=", "4111"),
    ("no gap", "=?utf-8?Q?41?==?utf-8?Q?11?=", "4111"),
    ("glued to text", "41=?utf-8?Q?11?=x", "4111x"),
    ("text between", "=?utf-8?Q?41?= x =?utf-8?Q?11?=", "41 x 11"),
    ("missing padding", "=?utf-8?B?NDExMQ?=", "4111"),
    ("padding before the end mark", "=?utf-8?B?NDE=?=", "41"),
    ("character split over words", "=?utf-8?Q?=EF=BC?= =?utf-8?Q?=94?=", "４"),
    ("in quotes", '"=?utf-8?Q?41?= 11" <a@b>', '"41 11" <a@b>'),
    ("in a comment", "a@b (=?utf-8?Q?41?=)", "a@b (41)"),
    ("blanks inside", "=?utf-8?Q?41 11?=", "41 11"),
    ("question mark inside", "=?utf-8?Q?41?11?=", "41?11"),
    ("bad escape", "=?utf-8?Q?4=1?=", "4=1"),
    ("Latin-1", "=?iso-8859-1?Q?M=FCller_41?=", "Müller 41"),
    ("Shift-JIS", "=?shift_jis?B?glOCUA==?=", "４１"),
    ("ISO-2022-JP", "=?iso-2022-jp?B?GyRCIzQbKEI=?=", "４"),
    ("UTF-16 as label", "=?utf-16be?B?ADQAMQ==?=", "41"),
    ("unfinished word", "=?utf-8?Q?41 and =?utf-8?Q?11?=", "=?utf-8?Q?41 and 11"),
]


@pytest.mark.parametrize(("why", "source", "expected"), CASES, ids=[case[0] for case in CASES])
def test_words_are_decoded(why: str, source: str, expected: str) -> None:
    """A word reads as the most lenient mail reader shows it."""
    assert any(reading.text == expected for reading in encoded_words.read(source)), why


@pytest.mark.parametrize("label", ["x-unknown", "foo", "utf-99", ""])
def test_an_unknown_charset_is_read_all_the_same(label: str) -> None:
    """Digits are digits in nearly every charset, so the word is read as UTF-8."""
    source = f"=?{label or 'none'}?Q?4111?="
    assert any(reading.text == "4111" for reading in encoded_words.read(source))


@pytest.mark.parametrize("source", ["", "no words", "=?", "=?=?=?", "=?utf-8?X?41?=", "=?utf-8?Q?41", "?=?=" * 50])
def test_what_is_no_word_gives_no_reading(source: str) -> None:
    """Text without a whole word has nothing to decode."""
    assert encoded_words.read(source) == ()


@pytest.mark.parametrize(("why", "source", "expected"), CASES[:-1], ids=[case[0] for case in CASES[:-1]])
def test_a_mask_is_written_back_as_words_that_others_decode(why: str, source: str, expected: str) -> None:
    """After the edit our reader and the standard library's see no digit of the number."""
    reading = next(reading for reading in encoded_words.read(source) if reading.text == expected)
    written = masked(source, reading)
    assert not any(c.isdigit() for r in encoded_words.read(written) for c in r.text), why
    decoded = str(email.header.make_header(email.header.decode_header(written)))
    assert not any(c.isdigit() for c in decoded)


def test_only_the_words_that_are_touched_are_rewritten() -> None:
    """Neighbours keep their bytes, and what is plain stays plain."""
    source = "Re: =?utf-8?B?w7xiZXI=?= =?utf-8?Q?_4111?= =?utf-8?B?w6Q=?= ok"
    reading = named(encoded_words.read(source), "encoded-words")
    assert reading.text == "Re: über 4111ä ok"
    assert masked(source, reading) == "Re: =?utf-8?B?w7xiZXI=?= =?utf-8?Q?_XXXX?= =?utf-8?B?w6Q=?= ok"


def test_a_charset_that_cannot_say_the_new_text_gives_way_to_utf_8() -> None:
    """The rest of the word survives the change of charset."""
    source = "=?iso-8859-1?Q?M=FCller_41?="
    reading = named(encoded_words.read(source), "encoded-words")
    written = apply(source, lower(reading, [Edit(7, 9, "●●")]))
    assert named(encoded_words.read(written), "encoded-words").text == "Müller ●●"
    assert written.startswith("=?utf-8?Q?")


def test_long_texts_become_several_words() -> None:
    """No word is longer than 75 characters (RFC 2047 §2)."""
    words = encoded_words.encode("ü" * 60).split(" ")
    assert len(words) > 1
    assert max(len(word) for word in words) <= encoded_words.MAX_WORD
    assert encoded_words.read(" ".join(words))[0].text == "ü" * 60


def test_a_word_inside_a_word_is_read_too() -> None:
    """Readers that decode what they have decoded see the inner text; a mask goes down through both."""
    inner = encoded_words.encode("card 4111111111111111")
    outer = encoded_words.encode(inner)
    reading = next(one for one in encoded_words.read(outer) if "4111111111111111" in one.text)
    at = reading.text.index("4111")
    new = apply(outer, lower(reading, [Edit(at, at + 12, "X" * 12)]))
    assert not any("41111111" in one.text for one in encoded_words.read(new))
    assert any("XXXXXXXXXXXX1111" in one.text for one in encoded_words.read(new))
