"""What is asked of every text of a mail, compiled, gives what its twins in Python give."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.laws.native.twins import compiled, octets

from pansentry.mime import charset
from pansentry.pan import anywhere
from pansentry.views import headers, leaf, mended

if TYPE_CHECKING:
    from collections.abc import Sequence

LEADS = (
    *range(0x7E, 0x82),
    0x8F,
    0x90,
    0x9F,
    0xA0,
    *range(0xBE, 0xC4),
    *range(0xDE, 0xE2),
    *range(0xEC, 0xF6),
    0xFE,
    0xFF,
)
UTF8 = tuple("aé€😀".encode()[:end] for end in range(11)) + tuple(bytes([octet]) for octet in LEADS)
TRACES = (
    *(b" 2026 12:34:56 +0200", b" 2026 12:34 -0000", b" 2026 12:34"),
    *(b" 2026 12:34:5", b" 2126 12:34 +0200", b" 20", b" "),
    *(b":56 +0200", b" +020", b"0", b" 2026 12:34:56:78 +0200", b":cc:to"),
    *(b":CC:Bc", b":cC:a1", b":cc:", b":cc", b"c", b":"),
    *(b"[192.0.2.1]", b"[1.22.333.4]", b"[1.2.3.4444]", b"[1.2.3.]", b"[1.2.3"),
    *(b"[", b"]", b".1", b"[IPv6:", b"\r\n", b"\0"),
    *(b"a" * 16, b"to", b"\xff", b"20", b"12:34:56 "),
)  # fmt: skip
MARKUP = (
    *(b"<", b">", b"<p>", b"<br/>", b"<style>", b"<STYLE type=x>", b"<styles>"),
    *(b"<script", b"<script>", b"<sCript\n>", b"/"),
    *(b"<style", b"<style_>", b"<style-x>", b"</style>", b"<scriptx>", b"a"),
    *(b" ", b"\n", b"\x0b", b"\x1c", b"\x85", b"text "),
    *(b"a" * 16, b"\0", b"\xc3\xa9", b"st", b"yle", b"<!-- ", b"-->"),
)  # fmt: skip


def test_it_tells_utf8() -> None:
    """Octets are well-formed UTF-8 if Python decodes them: all pairs, all beginnings of three, and pieces in a row."""
    is_utf8 = compiled("is_utf8")
    texts = [bytes((first, second)) for first in range(256) for second in range(256)]
    texts += [bytes((a, b, c, d)) for a in LEADS for b in LEADS for c in (0x7F, 0x80, 0xBF, 0xC0) for d in (0x41, 0x80)]
    texts += octets(UTF8, seed=3629)
    told = [is_utf8(text) for text in texts]
    assert told == [charset.is_well_formed_slowly(text) for text in texts]
    assert set(told) == {True, False}


def test_traces_are_taken_out() -> None:
    """Times, address literals and a "cc" among names of fields are taken out where the expressions take them out."""
    without_traces = compiled("without_traces")
    shorter = 0
    for most in (4, 40):
        for head in octets(TRACES, seed=5322 + most, most=most):
            assert without_traces(head) == headers.without_traces_slowly(head), head
            shorter += without_traces(head) != head
    assert shorter > 1000


@pytest.mark.parametrize("trace", [b"a 2026 12:34:56 +0200b", b"a 2026 12:34 -0000b", b"a:cc:tob", b"a[192.0.2.111]b"])
def test_what_is_nearly_a_trace_stays(trace: bytes) -> None:
    """Of each trace every octet is exchanged and taken away, wherever steps of sixteen octets end."""
    without_traces = compiled("without_traces")
    for at in range(len(trace)):
        for other in (*b" 0259:+-.[]cCzZ@[`{\0", None):
            changed = trace[:at] + (b"" if other is None else bytes([other])) + trace[at + 1 :]
            for before in range(17):
                head = b"x" * before + changed + b"y" * (other or 0)
                assert without_traces(head) == headers.without_traces_slowly(head), head
                assert without_traces(head[: before + at]) == headers.without_traces_slowly(head[: before + at])


def test_markup_is_taken_out() -> None:
    """Tags, and what stands behind those of style sheets and scripts, are taken out of any range of a text."""
    without_markup = compiled("without_markup")
    dice = random.Random(2026)
    for most in (5, 40):
        for data in octets(MARKUP, seed=most, most=most):
            start, end = sorted((dice.randint(-5, len(data) + 3), dice.randint(-5, len(data) + 3)))
            assert without_markup(data, 0, len(data)) == leaf.without_markup_slowly(data, 0, len(data)), data
            assert without_markup(data, start, end) == leaf.without_markup_slowly(data, start, end), data


WORDS = (
    b"card",
    b"KA",
    b"visa",
    "κάρτ".encode(),
    b"\xc3\x82",
    b"k[",
    b"z{",
    b"@a",
    b"\0\xff",
    b"bancomat",
    b"bankpas",
    b"ca",
)


def holds_any_slowly(words: Sequence[bytes], text: bytes) -> bool:
    """Say what the compiled search says, word by word."""
    lowered = text.lower()
    return any(word.lower() in lowered for word in words)


@pytest.mark.parametrize("words", [WORDS[:1], WORDS[:4], WORDS[:11], WORDS], ids=len)
def test_words_are_seen_anywhere(words: tuple[bytes, ...]) -> None:
    """A word is seen wherever it stands, in whatever case, and nothing else is, however much is alike."""
    compiled("holds_any")
    holds_any = anywhere.predicate(words)
    assert holds_any is not None
    pieces = (
        *(word[:end] for word in words for end in (1, 2, 3, 9)),
        b"C",
        b"A",
        b"v",
        b"K{",
        b"Z[",
        b"`A",
        b"x" * 7,
        b"rd",
    )
    told = [(holds_any(text), holds_any_slowly(words, text)) for text in octets(pieces, seed=len(words), most=9)]
    assert all(one == other for one, other in told)
    assert {one for one, _ in told} == {True, False}
    for word in words:
        for before in range(34):
            for text in (
                word,
                word.upper(),
                word[:-1],
                word[1:],
                bytes([word[0] ^ 0x20]) + word[1:],
                word[:1] + b"\n" + word[1:],
            ):
                for behind in (0, 1, 40):
                    placed = b"." * before + text + b"," * behind
                    assert holds_any(placed) == holds_any_slowly(words, placed)


def test_words_of_many_and_of_most_octets_are_seen() -> None:
    """The table takes words of up to 255 octets, and many of them; no other is taken."""
    compiled("holds_any")
    dice = random.Random(8)
    words = [dice.randbytes(dice.choice((2, 3, 8, anywhere.LONGEST))) for _ in range(300)]
    holds_any = anywhere.predicate(words)
    assert holds_any is not None
    for text in (
        *words,
        *(word[:-1] for word in words),
        *(b"." * 20 + word.swapcase() for word in words),
        dice.randbytes(9000),
    ):
        assert holds_any(text) == holds_any_slowly(words, text)
    for word in (b"", b"a", b"a" * 256):
        with pytest.raises(ValueError, match="2 to 255"):
            anywhere.table([word])


def test_a_table_that_is_cut_off_is_not_read_beyond() -> None:
    """Words that a table promises and does not hold are none; what has no filters is no table."""
    holds_any, table = compiled("holds_any"), anywhere.table((b"card", b"visa"))
    for end in range(len(table)):
        if end < 96:
            with pytest.raises(TypeError):
                holds_any(table[:end], b"card visa")
        else:
            assert holds_any(table[:end], b"a visa card") == (end >= 102)


def test_sequences_that_may_need_mending_are_seen() -> None:
    """The compiled search for what may need mending tells what the loop over marks tells."""
    compiled("holds_any")
    pieces = (
        *mended._MARKS,
        *(mark[:1] for mark in mended._MARKS),
        "Grüße €".encode(),
        b"a",
        b"\x80",
        b"\xe2\x9d",
        b"x" * 16,
    )
    for text in octets(pieces, seed=1252, most=6):
        assert mended.may_need(text) == mended.may_need_slowly(text), text


@pytest.mark.parametrize("name", ["is_utf8", "without_traces"])
def test_they_take_bytes_only(name: str) -> None:
    """What is no bytes is a mistake of the caller."""
    with pytest.raises(TypeError):
        compiled(name)("text")


def test_those_of_several_arguments_take_these_only() -> None:
    """Too few arguments, and such as are no bytes, are mistakes of the caller."""
    filters = b"\0" * 96
    for name, arguments in (
        *(("holds_any", given) for given in ((), (filters,), ("", b""), (filters, ""), (filters, b"", b""))),
        *(("without_markup", given) for given in ((), (b"", 0), ("", 0, 0), (b"", "", 0))),
    ):
        with pytest.raises(TypeError):
            compiled(name)(*arguments)
