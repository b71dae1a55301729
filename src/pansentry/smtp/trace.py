"""The Received field we add, and the count of those a message has.

Standards: RFC 5321 §4.4 (time-stamp-line), RFC 3848 and RFC 6531 §4.3 (``with`` keywords), §6.3 (loops). Everything a
peer may have chosen (HELO, PTR name, recipient) is cut and reduced to characters that can neither end the line, open
a comment nor look like another clause; and a card number in it (people type them into whatever form there is) is
struck out, since this field is written after the message was read. Decided: whatever signs stand between its digits,
and in whatever script they are; a letter between two digits ends a number. Host names are full of digits between
letters, and what is spelled like that is a card number to nobody who reads the field.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime
from email.utils import format_datetime

from pansentry.envelope import Client
from pansentry.pan.brands import luhn

_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9.:_\[\]-]")
_UNSAFE_ADDRESS = re.compile(r"[^\x21-\x7e\u00a0-\U0010ffff]|[<>();\\\"]")
_SPACED_RECEIVED = re.compile(rb"\nreceived[ \t]+:")
_MAX_NAME = 255
MAX_HEADER_BYTES = 400 * 1024
_LONG_NUMBER = re.compile(r"\d(?:[\W_]*\d){12,}")
_DIGIT = re.compile(r"\d")
_MOST_DIGITS = 38


def received_field(client: Client, by: str, protocol: str, id: str, for_: str, time: float) -> bytes:  # noqa: A002
    """Return the complete field with its CRLF, folded.

    ``by`` is our host name, ``protocol`` the ``with`` keyword, ``id`` our transaction id, ``for_`` the only recipient
    or ``""`` (several recipients are never named: RFC 5321 §7.2), ``time`` in seconds since the epoch.
    """
    before, behind = received_around(client.helo, client.name, client.address, by, protocol, for_)
    return f"{before}{_UNSAFE_NAME.sub('?', id)}{behind}{stamp(int(time))}\r\n".encode()


# What stays the same from mail to mail of a client is made once: the whole field cost 9 µs, now 2.


@functools.lru_cache(maxsize=256)
def received_around(helo: str, name: str, address: str, by: str, protocol: str, for_: str) -> tuple[str, str]:
    """Return the field as far as our transaction id, and from there to the date."""
    recipient = f"\r\n\tfor <{_recipient(for_)}>" if for_ else ""
    return _peers(helo, name, address, by, protocol or "SMTP"), f"{recipient};\r\n\t"


@functools.lru_cache(maxsize=256)
def _peers(helo: str, name: str, address: str, by: str, protocol: str) -> str:
    """Return the field as far as our transaction id."""
    helo = _without_card(_UNSAFE_NAME.sub("?", helo))[:_MAX_NAME] or "unknown"
    name = _without_card(_UNSAFE_NAME.sub("?", name))[:_MAX_NAME] or "unknown"
    address = _UNSAFE_NAME.sub("?", address)[:_MAX_NAME]
    literal = f" [{'IPv6:' if ':' in address else ''}{address}]" if address else ""
    host, how = (_UNSAFE_NAME.sub("?", word) for word in (by, protocol))
    return f"Received: from {helo} ({name}{literal})\r\n\tby {host} with {how} id "


@functools.lru_cache(maxsize=256)
def _recipient(address: str) -> str:
    return _without_card(_UNSAFE_ADDRESS.sub("?", address))[:320]


@functools.lru_cache(maxsize=2)
def stamp(second: int) -> str:
    """Return a time in seconds since the epoch as RFC 5322 §3.3 writes it."""
    return format_datetime(datetime.fromtimestamp(second, UTC))


def _without_card(text: str) -> str:
    """Return ``text`` with a ``?`` for each digit of a number of 13 digits and more that could be a card's.

    No dotted IPv4 address in a name is that long. More than 19 digits are struck out if any 13 to 19 of them could be,
    and very many without a look, which would take a millisecond.
    """

    def strike(match: re.Match[str]) -> str:
        digits = "".join(str(int(digit)) for digit in _DIGIT.findall(match[0]))
        last = len(digits) + 1
        windows = (digits[i:j] for i in range(len(digits)) for j in range(i + 13, min(i + 20, last)))
        is_one = len(digits) > _MOST_DIGITS or any(luhn(window) for window in windows)
        return _DIGIT.sub("?", match[0]) if is_one else match[0]

    return _LONG_NUMBER.sub(strike, text)


def count_received(raw: bytes) -> int:
    """Count the Received fields in the header of a message: the hops it has made (RFC 5321 §6.3)."""
    return count_hops(lowered_header(raw))


def lowered_header(raw: bytes) -> bytes:
    """Return the header of a message in lower case, with a line end in front: three look into it for each mail.

    At most :data:`MAX_HEADER_BYTES` of it: a header that is longer is not read to its end by anybody.
    """
    end = raw.find(b"\r\n\r\n", 0, MAX_HEADER_BYTES)
    return b"\n" + raw[: end if end >= 0 else MAX_HEADER_BYTES].lower()


def count_hops(header: bytes) -> int:
    """Count the Received fields in a header in lower case."""
    count = header.count(b"\nreceived:")
    if b"\nreceived " in header or b"\nreceived\t" in header:
        count += len(_SPACED_RECEIVED.findall(header))
    return count


def with_keyword(*, lmtp: bool, extended: bool, tls: bool, smtputf8: bool) -> str:
    """Return the ``with`` keyword of a transaction: ``SMTP``, ``ESMTPS``, ``UTF8LMTPS`` …"""
    if smtputf8:
        return f"UTF8{'LMTP' if lmtp else 'SMTP'}{'S' if tls else ''}"
    if lmtp:
        return "LMTPS" if tls else "LMTP"
    return ("ESMTPS" if tls else "ESMTP") if extended else "SMTP"
