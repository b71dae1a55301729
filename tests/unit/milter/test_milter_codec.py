"""Packets of the milter protocol: whole, cut, and made to hurt."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansentry.milter import codec
from pansentry.milter.codec import Command, MalformedError, Offer, Packet, Step
from pansentry.smtp_reply import Reply

OFFER = codec.offer(Offer(6, codec.Action(0x1FF), Step(0x1FFFFF)))


def decoded(data: bytes) -> list[Packet]:
    """Return the packets in some bytes."""
    return list(codec.decode(bytearray(data)))


@given(st.lists(st.tuples(st.sampled_from(list(Command)), st.binary(max_size=50)), max_size=6), st.integers(1, 40))
def test_packets_come_out_as_they_went_in(sent: list[tuple[Command, bytes]], step: int) -> None:
    """However the stream is cut, the same packets come out, and nothing is left over."""
    stream = b"".join(codec.packet(command.value, data) for command, data in sent)
    buffer, got = bytearray(), []
    for at in range(0, len(stream), step):
        buffer += stream[at : at + step]
        got += codec.decode(buffer)
    assert [(one.command, one.data) for one in got] == sent
    assert not buffer


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(struct.pack("!I", 0) + b"O", id="no command"),
        pytest.param(struct.pack("!I", 0xFFFFFFFF), id="all memory"),
        pytest.param(codec.packet(b"?"), id="unknown command"),
    ],
)
def test_a_stream_that_is_none_is_refused(data: bytes) -> None:
    """Impossible lengths and unknown commands end the conversation, before anything is waited for."""
    with pytest.raises(MalformedError):
        decoded(data)


@pytest.mark.parametrize(
    ("parse", "data"),
    [
        (codec.parse_offer, b"\0\0\0\6"),
        (codec.parse_connect, b"host.example"),
        (codec.parse_connect, b"host.example\0"),
        (codec.parse_connect, b"host.example\x004\0"),
        (codec.parse_macros, b""),
        (codec.parse_macros, b"Ci\0"),
        (codec.parse_header, b"Subject\0no end"),
        (codec.parse_header, b"Subject\0"),
        (codec.strings, b"no end"),
    ],
)
def test_a_packet_that_is_none_is_refused(parse: object, data: bytes) -> None:
    """Data that is cut short is an error of its own, never an index out of range."""
    assert callable(parse)
    with pytest.raises(MalformedError):
        parse(data)


def test_the_offer_is_answered_with_what_both_can() -> None:
    """We ask for no more than the MTA offers, and for all that we need."""
    (packet,) = decoded(OFFER)
    reply, agreed = codec.answer_offer(codec.parse_offer(packet.data))
    assert agreed == Offer(6, codec.NEEDED_ACTIONS, codec.WISHED_STEPS)
    assert codec.parse_offer(decoded(reply)[0].data) == agreed


@pytest.mark.parametrize("offer", [Offer(2, codec.Action(0xFF), Step(0)), Offer(6, codec.Action(0x01), Step(0))])
def test_an_mta_that_we_cannot_work_with(offer: Offer) -> None:
    """An old protocol, or an MTA that lets no body be changed, is refused at once."""
    with pytest.raises(MalformedError):
        codec.answer_offer(offer)


@pytest.mark.parametrize(
    ("data", "peer"),
    [
        (b"mail.example\x004\x00\x19192.0.2.7\0", codec.Peer("mail.example", "192.0.2.7", 25)),
        (b"[192.0.2.7]\x004\x00\x19192.0.2.7\0", codec.Peer("", "192.0.2.7", 25)),
        (b"mail.example\x006\x04\x01IPv6:2001:db8::7\0", codec.Peer("mail.example", "2001:db8::7", 1025)),
        (b"localhost\0U", codec.Peer("localhost", "", 0)),
    ],
)
def test_who_the_client_is(data: bytes, peer: codec.Peer) -> None:
    """IPv4, IPv6, a client without a name, and a local one."""
    assert codec.parse_connect(data) == peer


def test_a_refusal_is_one_reply() -> None:
    """The text is an SMTP reply; percent signs are doubled, because an MTA formats it."""
    assert codec.refusal(Reply(554, "5.7.1", "100% no")) == codec.packet(b"y", b"554 5.7.1 100%% no\0")


def test_a_large_body_goes_in_chunks() -> None:
    """No chunk is larger than an MTA takes; together they are the body; an empty body is one empty chunk."""
    body = b"x" * (codec.MAX_CHUNK * 2 + 5)
    chunks = [packet[5:] for packet in codec.replace_body(body)]
    assert [len(chunk) for chunk in chunks] == [codec.MAX_CHUNK, codec.MAX_CHUNK, 5]
    assert b"".join(chunks) == body
    assert [*codec.replace_body(b"")] == [codec.packet(b"b")]
