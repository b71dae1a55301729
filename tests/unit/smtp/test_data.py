"""The DATA reader: where a message ends, what is in it, what it costs."""

from __future__ import annotations

import itertools
import re
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.growth import grows_by

from pansentry.delivery.stuffing import on_the_wire
from pansentry.envelope import DottedLines, PlainLines
from pansentry.smtp import data
from pansentry.smtp.data import END, DataReader, whole_message, whole_message_teller
from pansentry.smtp.even_lines import LEAST_BYTES, even_lines
from pansentry.smtp.line_ends import LineEnds, regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PIECE = st.sampled_from([b"\r", b"\n", b".", b"a", b"abcdefgh", b"\r\n", b".\r\n", b"\r\n.", b"\r\n.\r\n", b"\0"])
_OCTETS = st.lists(_PIECE, max_size=30).map(b"".join)


def read(octets: bytes, cuts: list[int], limit: int = 10_000) -> tuple[DataReader, bytes | None]:
    """Feed octets cut at these places; return the reader and what followed the end (None: not ended)."""
    reader, rest = DataReader(limit), None
    places = sorted({cut for cut in cuts if 0 < cut < len(octets)} | {0, len(octets)})
    for start, end in itertools.pairwise(places):
        if rest is not None:
            rest += octets[start:end]
        else:
            rest = reader.feed(octets[start:end])
    return reader, rest


@given(_OCTETS, st.lists(st.integers(0, 60), max_size=12))
def test_the_end_is_crlf_dot_crlf_and_nothing_else(octets: bytes, cuts: list[int]) -> None:
    """However octets are cut into segments, the message is what stands before the first CRLF.CRLF."""
    framed = b"\r\n" + octets
    end = framed.find(END)
    reader, rest = read(octets, cuts)
    if end < 0:
        assert rest is None
        return
    message = framed[2 : end + 2]
    assert rest == framed[end + 5 :]
    lines = message.split(b"\r\n")
    unstuffed = b"\r\n".join(line[1:] if line[:1] == b"." else line for line in lines)
    assert reader.length == len(unstuffed)
    taken, bare = reader.take()
    assert taken == by_expression(unstuffed)
    assert bare == (unstuffed.replace(b"\r\n", b"").translate(None, b"\r\n") != unstuffed.replace(b"\r\n", b""))


@given(
    st.integers(1, 100),
    st.integers(0, 300),
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", END, b"x"])), max_size=2
    ),
)
def test_even_lines_are_read_as_any_others(width: int, before: int, odd: list[tuple[float, bytes]]) -> None:
    """A long stretch of lines of one length, with anything anywhere in it, reads as it does in small pieces."""
    octets = b"h" * before + b"\r\n" + (b"x" * width + b"\r\n") * (20_000 // (width + 2))
    for place, what in odd:
        at = int(place * len(octets))
        octets = octets[:at] + what + octets[at + len(what) :]
    octets += b".\r\nQUIT\r\n"
    reader, rest = read(octets, [], 10**6)
    other, expected = read(octets, list(range(0, len(octets), 4000)), 10**6)
    assert rest == expected
    assert reader.take() == other.take()


@pytest.mark.parametrize("width", [1, 2, 76])
def test_where_even_lines_are(width: int) -> None:
    """They are found between others, from a CR to the end of a line; lines that are short in all are left alone."""
    line = b"x" * width + b"\r\n"
    octets = b"some header\r\n" + line * (20_000 // len(line)) + b"an end\r\n"
    begin, end = even_lines(octets)
    assert octets[begin : begin + 2] == b"\r\n"
    assert (end - begin) % len(line) == 0
    assert end - begin > 19_000
    assert even_lines(line * (LEAST_BYTES // len(line) // 2)) == (0, 0)


@pytest.mark.parametrize("body", [b"", b"a", b"abcdefgh", b".", b"\r\n", b"abcdefgh\r", b"abc\n", b"abcdefgh\r\n."])
def test_every_cut_through_the_end(body: bytes) -> None:
    """Wherever one or two cuts go, the end is found at the same place, and what it follows is the same message."""
    octets = body + b"\r\n.\r\nNOOP\r\n"
    whole, rest = read(octets, [])
    expected = (whole.take(), rest)
    for cuts in itertools.combinations(range(1, len(octets)), 2):
        reader, rest = read(octets, list(cuts))
        assert (reader.take(), rest) == expected, cuts


_LINE_END = re.compile(rb"\r*\n|\r+")


def by_expression(octets: bytes) -> bytes:
    """Make every line end CRLF the short way, which takes 0.1 µs for each."""
    return _LINE_END.sub(lambda end: b"\r\n" if end[0][-1:] == b"\n" else b"\r\n" * len(end[0]), octets)


_RUN = st.one_of(_PIECE, st.integers(1, 140).map(lambda length: b"\r" * length))


@given(st.lists(_RUN, max_size=20).map(b"".join), st.lists(st.integers(1, 200), max_size=12))
def test_line_ends_are_made_crlf_wherever_pieces_are_cut(octets: bytes, cuts: list[int]) -> None:
    """Every CR is followed by LF then and every LF preceded by CR, as the expression says; again, nothing changes."""
    expected = by_expression(octets + b"x")
    assert regular(octets + b"x") == regular(expected) == expected
    ends, made = LineEnds(), b""
    for start, end in itertools.pairwise(sorted({0, *cuts, len(octets)})):
        made += ends.regular(octets[start:end])
    assert made + ends.regular(b"x") == expected


@pytest.mark.parametrize(
    ("octets", "normal"),
    [
        (b"a\nb", b"a\r\nb"),
        (b"a\rb", b"a\r\nb"),
        (b"a\r\r\nb", b"a\r\nb"),
        (b"a\n\rb", b"a\r\n\r\nb"),
        (b"a\r\rb", b"a\r\n\r\nb"),
        (b"a\r", b"a\r\n"),
        (b"a\r\n\nb", b"a\r\n\r\nb"),
    ],
)
def test_what_becomes_of_bare_line_ends(octets: bytes, normal: bytes) -> None:
    """CRs before an LF belong to it; any other is a line end of its own."""
    assert regular(octets) == normal


def test_the_limit_counts_what_is_kept_and_the_end_is_still_found() -> None:
    """n octets are kept, n + 1 are not, and the rest of the connection is not lost."""
    reader, rest = read(b"1234\r\n.\r\nQUIT\r\n", [], limit=9)
    assert (rest, reader.overflowed) == (b"QUIT\r\n", False)
    reader, rest = read(b"12345\r\n.\r\nQUIT\r\n", [3], limit=9)
    assert (rest, reader.overflowed) == (b"QUIT\r\n", True)


def test_tiny_chunks_cost_little_memory() -> None:
    """A megabyte in chunks of one octet is kept in a few megabytes, not in forty."""
    reader = DataReader(2 << 20)
    for _ in range(1 << 18):
        reader.feed(bytes([120]))
    held = sum(sys.getsizeof(block) for block in reader._blocks) + len(reader._pieces) * 40
    assert held < 2 * (1 << 18)


def test_hostile_line_ends_are_linear() -> None:
    """Runs of CR are no trap for the regular expressions: ten times the octets, about ten times the time."""
    assert grows_by(40, regular, b"\r" * 200_000 + b"x", b"\r" * 2_000_000 + b"x")


def test_a_message_in_one_chunk_is_not_copied_twice() -> None:
    """Operation counter: a clean message of many chunks is searched once per chunk and joined once."""
    reader = DataReader(1 << 20)
    chunks = [b"x" * 1000 + b"\r\n"] * 50
    for chunk in chunks:
        assert reader.feed(chunk) is None
    assert reader.feed(b".\r\n") == b""
    assert not reader._dotted
    assert reader.take() == (b"".join(chunks), False)


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        (b"a\r\nb\r\n.\r\n", PlainLines),
        (b"\r\n.\r\n", PlainLines),
        (b"..a\r\n.\r\n", DottedLines),
        (b"a\r\n..b\r\n.\r\n", DottedLines),
        (b"a\nb\r\n.\r\n", DottedLines),
        (b"a\rb\r\n.\r\n", DottedLines),
        (b"a\r\n.\rb\r\n.\r\n", DottedLines),
        (b"a\n.b\r\n.\r\n", DottedLines),
    ],
)
def test_only_what_was_looked_through_is_plain_lines(wire: bytes, kind: type[bytes]) -> None:
    """A message has plain lines only if no CR or LF stands alone, and dotted ones if any may begin with a dot."""
    for size in (1, 2, 3, len(wire)):
        reader = DataReader(1000)
        rest = None
        for at in range(0, len(wire), size):
            rest = reader.feed(wire[at : at + size])
        assert rest == b""
        message, has_bare = reader.take()
        # cut in the middle of its end, a mail is looked at again: that costs time, and nothing else
        assert type(message) in ({kind} if size == len(wire) or kind is not PlainLines else {kind, DottedLines})
        assert type(message[:]) is type(message + b"") is bytes
        assert on_the_wire(bytes(message)) == on_the_wire(message)
        assert has_bare or on_the_wire(message) == wire[:-3]
        if type(message) is PlainLines:
            assert on_the_wire(message) is message


@pytest.mark.parametrize(
    "content",
    [
        b"", b"a\r\n", b"a\r\n\r\nb\r\n", b".a\r\n", b"a\r\n.b\r\n", b"a\r\n..\r\nb\r\n", b"a\nb\r\n", b"a\rb\r\n",
        b"\r\r\n", b"a\r\n\n.\r\n", b"a\n.\r\n", b"a\r.\r\n", b"a\r\n.\r\nMAIL FROM:<>\r\n", b"a\r\n.\r", b"\n", b"\r",
    ],
)  # fmt: skip
@pytest.mark.parametrize("behind", [b"", b"QUIT\r\n", b".\r\n"])
def test_a_message_in_one_piece_is_read_as_in_many(content: bytes, behind: bytes) -> None:
    """What is told at once of a whole message is what is told of it octet by octet."""
    sent = content + b".\r\n" + behind
    at_once, slowly = DataReader(1000), DataReader(1000)
    rest = at_once.feed(sent)
    ends = [slowly.feed(sent[at : at + 1]) for at in range(len(sent))]
    end = next((at + 1 for at, said in enumerate(ends) if said is not None), None)
    assert (rest is None) == (end is None)
    if end is not None:
        slowly = DataReader(1000)
        for at in range(end):
            slowly.feed(sent[at : at + 1])
        assert rest == sent[end:]
        assert at_once.octets == slowly.octets == end
        first, second = at_once.take(), slowly.take()
        assert first == second
        if type(first[0]) is PlainLines:
            assert on_the_wire(bytes(first[0])) == first[0]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"a\r\n", b"a\r\n\r\nb\r\n", b".a\r\n", b"a\r\n.b\r\n", b"a\r\n..\r\nb\r\n", b"a\nb\r\n", b"a\rb\r\n",
        b"\r\r\n", b"a\r\n\n.\r\n", b"a\n.\r\n", b"a\r.\r\n", b"a\r\n.\r\nMAIL FROM:<>\r\n", b"a\r\n.\r", b"\n", b"\r",
    ],
)  # fmt: skip
@pytest.mark.parametrize("behind", [b"", b"QUIT\r\n", b".\r\n", b"\r\n"])
@pytest.mark.parametrize("teller", [whole_message, whole_message_teller()])
def test_what_is_taken_for_a_whole_message_is_one(
    teller: Callable[[bytes], PlainLines | None], content: bytes, behind: bytes
) -> None:
    """What is told at once is what the reader makes of it, and nothing is behind it; of any other it is None."""
    sent = content + b".\r\n" + behind
    reader = DataReader(1000)
    rest, whole = reader.feed(sent), teller(sent)
    plain = rest == b"" and not reader.has_bare_line_ends and b"\r\n." not in content and content[:1] not in b"."
    assert (whole is not None) == plain
    if whole is not None:
        assert type(whole) is PlainLines
        assert reader.take() == (whole, False)


@pytest.fixture(params=["hyperscan", "searches"])
def _interpreted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is compiled, with and without hyperscan."""
    monkeypatch.setattr(data, "_plain_until", None)
    if request.param == "searches":
        monkeypatch.setitem(sys.modules, "hyperscan", None)
    whole_message_teller.cache_clear()
    yield
    whole_message_teller.cache_clear()


@pytest.mark.usefixtures("_interpreted")
def test_only_short_messages_are_told_at_once() -> None:
    """A long one may come in many pieces, of which none is looked at in vain where a look is dear."""
    teller, line = whole_message_teller(), b"a\r\n"
    assert teller(line * 2729 + b".\r\n") == line * 2729
    assert teller(line * 2730 + b".\r\n") is None


@given(_OCTETS)
def test_both_tellers_tell_the_same(octets: bytes) -> None:
    """Compiled, with hyperscan and without, the same is a whole message."""
    assert whole_message_teller()(octets + b"\r\n.\r\n") == whole_message(octets + b"\r\n.\r\n")


def test_without_hyperscan_a_whole_message_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setattr(data, "_plain_until", None)
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    assert whole_message_teller.__wrapped__() is whole_message


def test_a_whole_message_above_the_limit_is_dropped() -> None:
    """One octet decides, also for a message that comes in one piece."""
    fits, too_long = DataReader(6), DataReader(5)
    assert fits.feed(b"a\r\n.\r\n") == too_long.feed(b"a\r\n.\r\n") == b""
    assert not fits.overflowed
    assert too_long.overflowed
