"""What of an envelope a given next hop can be told: MAIL and RCPT lines, XFORWARD, and what must be refused.

In: envelope values and the keywords that the next hop offers. Out: command lines as bytes, or the :class:`Reply` that
refuses. Standards: RFC 5321 §4.1.1.11 (parameters), RFC 3461 (DSN), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 1870
(SIZE), RFC 6710 (MT-PRIORITY), Postfix XFORWARD_README.
Attack: a line end inside an address or a parameter would be a second command; such a value is refused, never cleaned.
Known gaps: when DSN is not offered its parameters are left out, and no "relayed" notice is sent for them (RFC 3461
§5.2.2); BODY=BINARYMIME and DELIVERBY are left out; an 8-bit body goes to a next hop without 8BITMIME as it is, since
converting it would change signed bytes and every server in use takes it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pansentry.smtp_reply import Reply

if TYPE_CHECKING:
    from pansentry.envelope import Client

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PARAMETER = re.compile(r"[\x21-\x3c\x3e-\x7e]+(?:=[^\x00-\x20\x7f=]*(?:=[^\x00-\x20\x7f]*)?)?\Z")

NEEDED_KEYWORD = {
    "RET": "DSN",
    "ENVID": "DSN",
    "NOTIFY": "DSN",
    "ORCPT": "DSN",
    "BODY": "8BITMIME",
    "SMTPUTF8": "SMTPUTF8",
    "SIZE": "SIZE",
    "MT-PRIORITY": "MT-PRIORITY",
}
"""Parameter → the EHLO keyword a next hop must offer for it. What is not here is never passed on (AUTH= among them:
it vouches for an identity that we did not check)."""

BAD_ADDRESS = Reply(553, "5.1.3", "Address cannot be passed on")
NO_SMTPUTF8_SENDER = Reply(550, "5.6.7", "The mailbox server does not take internationalized sender addresses")
NO_SMTPUTF8_RECIPIENT = Reply(553, "5.6.7", "The mailbox server does not take internationalized addresses")
NO_SMTPUTF8_HEADER = Reply(550, "5.6.9", "The mailbox server does not take internationalized header fields")


def mail_command(
    reverse_path: str, parameters: tuple[str, ...], smtputf8: bool, keywords: Mapping[str, str]
) -> bytes | Reply:
    """Build the MAIL line, or say why not (RFC 6531 §3.5: 550 for a sender that cannot be written)."""
    if not parameters and not smtputf8 and reverse_path.isascii():
        return _plain_command("MAIL FROM", reverse_path)
    if not reverse_path.isascii() and "SMTPUTF8" not in keywords:
        return NO_SMTPUTF8_SENDER
    if smtputf8 and not any(p.upper() == "SMTPUTF8" for p in parameters):
        parameters = (*parameters, "SMTPUTF8")
    return _command("MAIL FROM", reverse_path, parameters, keywords)


def rcpt_command(forward_path: str, parameters: tuple[str, ...], keywords: Mapping[str, str]) -> bytes | Reply:
    """Build the RCPT line, or say why not (RFC 6531 §3.5: 553 for a recipient that cannot be written)."""
    if not parameters and forward_path.isascii():
        return _plain_command("RCPT TO", forward_path)
    if not forward_path.isascii() and "SMTPUTF8" not in keywords:
        return NO_SMTPUTF8_RECIPIENT
    return _command("RCPT TO", forward_path, parameters, keywords)


@functools.lru_cache(maxsize=1024)
def _plain_command(verb: str, path: str) -> bytes | Reply:
    """Build a line without parameters; remembered, since recipients are few (4,000 instructions a line)."""
    return _command(verb, path, (), {})


def _command(verb: str, path: str, parameters: tuple[str, ...], keywords: Mapping[str, str]) -> bytes | Reply:
    if _CONTROL.search(path):
        return BAD_ADDRESS
    kept = [p for p in parameters if _passes(p, keywords)] if parameters else ()
    tail = (" " + " ".join(kept)) if kept else ""
    try:
        return f"{verb}:<{path}>{tail}\r\n".encode()
    except UnicodeEncodeError:  # surrogates of an address that was no UTF-8
        return BAD_ADDRESS


def _passes(parameter: str, keywords: Mapping[str, str]) -> bool:
    name, _, value = parameter.partition("=")
    needed = NEEDED_KEYWORD.get(name.upper())
    if needed is None or needed not in keywords or not _PARAMETER.match(parameter):
        return False
    return name.upper() != "BODY" or value.upper() in ("7BIT", "8BITMIME")


def xforward_commands(client: Client, keywords: Mapping[str, str], smtp_protocol: str = "ESMTP") -> tuple[bytes, ...]:
    """Build the XFORWARD lines that tell the next hop who the client is; empty when it did not ask.

    Values are xtext (RFC 3461 §4); an unknown one is ``[UNAVAILABLE]``. Two lines, because one may hold 512 bytes.
    """
    offered = keywords.get("XFORWARD")
    if offered is None or not client.address:
        return ()
    first, second = _xforward(client.name, client.address, client.helo, offered, smtp_protocol)
    if _PORT in first:
        first = first.replace(_PORT, b" PORT=%d" % client.port if client.port else b" PORT=[UNAVAILABLE]")
    return (first, second) if first and second else (first or second,) if first or second else ()


def plain_opening(reverse_path: str, forward_path: str, client: Client, offered: str) -> tuple[bytes, int] | None:
    """Return XFORWARD, MAIL and RCPT without parameters as one piece, and how many commands that is; None if refused.

    ``offered`` are the attributes behind the next hop's XFORWARD, if any. Remembered but for the port: of 14,000
    instructions 3,000 are left.
    """
    xforward, begun, count = _opening(reverse_path, forward_path, client.name, client.address, client.helo, offered)
    if _PORT in xforward:
        xforward = xforward.replace(_PORT, b" PORT=%d" % client.port if client.port else b" PORT=[UNAVAILABLE]")
    return (xforward + begun, count) if count else None


@functools.lru_cache(maxsize=1024)
def _opening(
    reverse_path: str, forward_path: str, name: str, address: str, helo: str, offered: str
) -> tuple[bytes, bytes, int]:
    keywords = {"XFORWARD": offered} if offered else {}
    mail, rcpt = mail_command(reverse_path, (), False, keywords), rcpt_command(forward_path, (), keywords)
    if isinstance(mail, Reply) or isinstance(rcpt, Reply):
        return b"", b"", 0
    xforward = _xforward(name, address, helo, offered, "ESMTP") if offered and address else ()
    return b"".join(xforward), mail + rcpt, sum(map(bool, xforward)) + 2


_PORT = b" PORT=?"
"""Where the port goes, which each connection of a client has anew; in xtext no value of XFORWARD holds a blank."""


@functools.lru_cache(maxsize=256)
def _xforward(name: str, address: str, helo: str, offered: str, smtp_protocol: str) -> tuple[bytes, bytes]:
    """Write both lines but for the port; a client has the same for each of its mails (70,000 instructions)."""
    wanted = set(offered.upper().split())
    spelled = f"IPV6:{address}" if ":" in address else address
    groups = (
        (("NAME", _xtext(name)), ("ADDR", _xtext(spelled)), ("PORT", "?")),
        (("HELO", _xtext(helo)), ("PROTO", _xtext(smtp_protocol)), ("SOURCE", "REMOTE")),
    )
    lines = []
    for group in groups:
        pairs = [f" {word}={value}" for word, value in group if word in wanted]
        lines.append(f"XFORWARD{''.join(pairs)}\r\n".encode("ascii") if pairs else b"")
    return lines[0], lines[1]


def _xtext(value: str) -> str:
    if not value:
        return "[UNAVAILABLE]"
    return "".join(
        chr(byte) if 33 <= byte <= 126 and byte not in b"+=" else f"+{byte:02X}"
        for byte in value.encode("utf-8", "replace")[:120]
    )
