"""The milter protocol, version 6: packets from and to an MTA. Pure: bytes in, values out.

A packet is a length (four octets, network order, of what follows), a command octet, and data; strings end in NUL.
Sources: ``libmilter/docs`` and ``include/libmilter/mfdef.h`` of sendmail 8.17, Postfix ``MILTER_README`` and
``src/milter/milter8.c`` (which MTA sends what).

Attack: a length that asks for all memory is refused before it is read (:data:`MAX_PACKET`); a packet without its NUL,
or too short for its numbers, is :class:`MalformedError`, and the connection ends: the MTA then does what its
``milter_default_action`` says. Known gap: protocol versions before 6 (sendmail before 8.14) are refused.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pansentry.smtp_reply import Reply

VERSION = 6
MAX_PACKET = 1024 * 1024 + 64
"""Octets of one packet: a body chunk has at most 65,535, and 1 MiB where ``SMFIP_MDS_1M`` is agreed on."""
MAX_CHUNK = 65_535
"""Octets of body in one packet of ours (``MILTER_CHUNK_SIZE``)."""

_LENGTH = struct.Struct("!I")
_OFFER = struct.Struct("!III")


class MalformedError(ValueError):
    """A packet that no MTA sends. The message says what is wrong with it and quotes nothing."""


class Command(enum.Enum):
    """What an MTA says (``SMFIC_…``)."""

    NEGOTIATE = b"O"
    MACROS = b"D"
    CONNECT = b"C"
    HELO = b"H"
    MAIL = b"M"
    RCPT = b"R"
    DATA = b"T"
    HEADER = b"L"
    END_OF_HEADER = b"N"
    BODY = b"B"
    END_OF_MESSAGE = b"E"
    ABORT = b"A"
    QUIT = b"Q"
    QUIT_NEW_CONNECTION = b"K"
    UNKNOWN = b"U"


class Action(enum.IntFlag):
    """What a milter may ask for at the end of a message (``SMFIF_…``)."""

    ADD_HEADERS = 0x01
    CHANGE_BODY = 0x02
    CHANGE_HEADERS = 0x10


class Step(enum.IntFlag):
    """What need not be sent, or is sent otherwise (``SMFIP_…``)."""

    NO_HELO = 0x02
    NO_UNKNOWN = 0x100
    SKIP = 0x400
    NO_REPLY_HEADER = 0x80
    NO_REPLY_CONNECT = 0x1000
    NO_REPLY_HELO = 0x2000
    NO_REPLY_UNKNOWN = 0x20000
    NO_REPLY_END_OF_HEADER = 0x40000
    LEADING_SPACE = 0x100000


NEEDED_ACTIONS = Action.ADD_HEADERS | Action.CHANGE_BODY | Action.CHANGE_HEADERS
WISHED_STEPS = Step.NO_UNKNOWN | Step.SKIP | Step.LEADING_SPACE
"""Fewer packets, and header values as they stand (without ``LEADING_SPACE`` the octet after the colon is a guess)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet from an MTA."""

    command: Command
    data: bytes


def decode(buffer: bytearray) -> Iterator[Packet]:
    """Take whole packets off the front of ``buffer`` and leave the rest. Raises :class:`MalformedError`."""
    while len(buffer) >= 4:
        (length,) = _LENGTH.unpack_from(buffer)
        if not 1 <= length <= MAX_PACKET:
            raise MalformedError("a packet of impossible length")
        if len(buffer) < 4 + length:
            return
        command, data = bytes(buffer[4:5]), bytes(buffer[5 : 4 + length])
        del buffer[: 4 + length]
        try:
            yield Packet(Command(command), data)
        except ValueError:
            raise MalformedError("an unknown command") from None


def packet(code: bytes, data: bytes = b"") -> bytes:
    """Return one packet with its length."""
    return _LENGTH.pack(1 + len(data)) + code + data


CONTINUE = packet(b"c")
ACCEPT = packet(b"a")
DISCARD = packet(b"d")
PROGRESS = packet(b"p")
SKIP = packet(b"s")


def strings(data: bytes) -> list[bytes]:
    """Return NUL-terminated strings. Raises :class:`MalformedError` if the last one does not end."""
    if not data:
        return []
    if not data.endswith(b"\0"):
        raise MalformedError("a string without its end")
    return data[:-1].split(b"\0")


@dataclass(frozen=True, slots=True)
class Offer:
    """What one side can do: protocol version, actions, steps."""

    version: int
    actions: Action
    steps: Step


def parse_offer(data: bytes) -> Offer:
    """Read the offer of ``NEGOTIATE``. Raises :class:`MalformedError`."""
    if len(data) < _OFFER.size:
        raise MalformedError("an offer cut short")
    version, actions, steps = _OFFER.unpack_from(data)
    return Offer(version, Action(actions & 0xFF), Step(steps & 0x1FFFFF))


def answer_offer(theirs: Offer) -> tuple[bytes, Offer]:
    """Return our answer to an offer, and what is agreed. Raises :class:`MalformedError` if we cannot work like that."""
    if theirs.version < VERSION:
        raise MalformedError("a protocol older than version 6")
    if NEEDED_ACTIONS & ~theirs.actions:
        raise MalformedError("an MTA that lets nothing be changed")
    agreed = Offer(VERSION, NEEDED_ACTIONS, WISHED_STEPS & theirs.steps)
    return offer(agreed), agreed


def offer(what: Offer) -> bytes:
    """Return an offer as a packet; both sides make one."""
    return packet(b"O", _OFFER.pack(what.version, what.actions, what.steps))


@dataclass(frozen=True, slots=True)
class Peer:
    """The SMTP client as the MTA tells it; ``address`` is ``""`` for a local one."""

    name: str
    address: str
    port: int


def parse_connect(data: bytes) -> Peer:
    """Read ``CONNECT``: host name, family, and for IPv4 and IPv6 port and address. Raises :class:`MalformedError`."""
    name, nul, rest = data.partition(b"\0")
    if not nul or not rest:
        raise MalformedError("a client without a family")
    host, family = name.decode("ascii", "replace"), rest[:1]
    if host.startswith("["):  # the MTA found no name
        host = ""
    if family not in (b"4", b"6"):
        return Peer(host, "", 0)
    if len(rest) < 4:
        raise MalformedError("a client without an address")
    (port,) = struct.unpack_from("!H", rest, 1)
    address = rest[3:].rstrip(b"\0").decode("ascii", "replace")
    return Peer(host, address.removeprefix("IPv6:"), port)


def parse_macros(data: bytes) -> tuple[bytes, dict[str, str]]:
    """Read ``MACROS``: the command they are for, and name → value without braces. Raises :class:`MalformedError`."""
    values = strings(data[1:])
    if not data or len(values) % 2:
        raise MalformedError("a macro without a value")
    named = (value.decode("utf-8", "replace") for value in values)
    return data[:1], {name.strip("{}"): value for name, value in zip(named, named, strict=True)}


def parse_header(data: bytes) -> tuple[bytes, bytes]:
    """Read ``HEADER``: name and value, the value's lines ending in LF. Raises :class:`MalformedError`."""
    parts = strings(data)
    if len(parts) != 2:
        raise MalformedError("a header field that is not name and value")
    return parts[0], parts[1]


def insert_header(position: int, name: bytes, value: bytes) -> bytes:
    """Ask for a new header field; ``position`` 0 is on top."""
    return packet(b"i", _LENGTH.pack(position) + name + b"\0" + value + b"\0")


def change_header(occurrence: int, name: bytes, value: bytes) -> bytes:
    """Ask for another value of the field of this name, counted from 1; an empty value takes it away."""
    return packet(b"m", _LENGTH.pack(occurrence) + name + b"\0" + value + b"\0")


def replace_body(body: bytes) -> Iterator[bytes]:
    """Ask for another body, in chunks; an empty one is one empty chunk."""
    for at in range(0, max(len(body), 1), MAX_CHUNK):
        yield packet(b"b", body[at : at + MAX_CHUNK])


def refusal(reply: Reply) -> bytes:
    """Refuse a recipient or a message with an SMTP reply (4xx or 5xx); ``%`` is doubled, as in ``smfi_setreply``."""
    assert not reply.is_success
    return packet(b"y", str(reply).replace("%", "%%").encode("ascii") + b"\0")
