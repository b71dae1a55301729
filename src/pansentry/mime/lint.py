"""Lint: what in a message another reader may take differently, as stable codes.

A code never changes a clean message. It decides how a message *with findings* leaves: without codes by surgery, with
any of them in canonical form (``redaction/canonical.py``). Classes after MIMEminer (CCS 2024), mime-is-broken,
CVE-2024-28054 and RFC 7103.

| code | what |
| --- | --- |
| ``octets:nul`` ``octets:bare-cr`` ``octets:mixed-line-ends`` | readers end lines or strings there, or do not |
| ``octets:bom`` | a byte order mark in front of the first field |
| ``header:leading-blank`` ``header:mbox-line`` | the header may end before it begins |
| ``header:no-colon`` ``header:space-before-colon`` ``header:odd-name`` | field seen or ignored |
| ``header:blank-fold`` ``header:control`` | field or header cut |
| ``content-…:duplicate`` ``content-…:odd`` ``…:unknown`` ``…:on-composite`` | steering fields |
| ``parameter:duplicate`` ``parameter:extended`` | two values, RFC 2231 where it steers |
| ``boundary:…`` ``delimiter:…`` | the tree differs |
| ``base64:…`` ``quoted-printable:…`` | content differs |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.mime import transfer

if TYPE_CHECKING:
    from collections.abc import Callable

STEERING = frozenset({"type", "transfer-encoding", "disposition"})
_LONE_CR = re.compile(rb"\r(?!\n)")
_NAME = re.compile(rb"[!-9;-~]+\Z")
_TOKEN = re.compile(rb"(?:[ \t]|\r?\n(?=[ \t]))*([A-Za-z0-9-]+)[ \t\r\n]*\Z")
_ANY_TOKEN = re.compile(rb"[A-Za-z0-9-]+")
_NO_TOKEN = re.compile(rb"[^A-Za-z0-9-]+")
_KNOWN: dict[bytes, tuple[tuple[str, ...], tuple[str, ...]]] = {
    blank + name.encode(): ((name,), ()) for name in transfer.KNOWN for blank in (b"", b" ")
}
_ALMOST = {"x-base64": "base64", "base-64": "base64", "quoted_printable": "quoted-printable", "qp": "quoted-printable"}


def has_plain_lines_slowly(raw: bytes) -> bool:
    """Say whether all line ends of a message are CRLF, and no CR and no LF stands alone.

    Without its CRs and with one before each LF it is what it was: single octets are looked for at many times the speed
    of pairs. 75 µs for 220 KB, compiled 20; two expressions take 170.
    """
    return raw.replace(b"\r", b"").replace(b"\n", b"\r\n") == raw


has_plain_lines: Callable[[bytes], bool] = native.function("has_plain_lines") or has_plain_lines_slowly


def octets(raw: bytes, *, is_plain: bool = False) -> tuple[str, ...]:
    """Return codes about the message as a sequence of octets; ``is_plain`` says that no CR and no LF stands alone."""
    codes = []
    if 0 in raw:
        codes.append("octets:nul")
    if not is_plain and 0x0D in raw and not has_plain_lines(raw):
        if _LONE_CR.search(raw):
            codes.append("octets:bare-cr")
        # taking out one octet is faster than counting it
        pairs = len(raw.replace(b"\r", b"")) if not codes else len(raw) - raw.count(b"\r\n")
        if len(raw.replace(b"\n", b"")) != pairs:
            codes.append("octets:mixed-line-ends")
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        codes.append("octets:bom")
    return tuple(codes)


def field_line(piece: bytes, name: str) -> tuple[str, ...]:
    """Return codes about one header field (with its folds) that is not of the strict form."""
    if not name:
        return (
            ("header:odd-name",)
            if b":" in piece and not piece.startswith((b"From ", b">From "))
            else ("header:no-colon",)
        )
    codes = []
    before = piece[: piece.index(b":")]
    if not _NAME.match(before):
        codes.append("header:space-before-colon")
    lines = piece.split(b"\n")[1:]
    if any(not line.strip(b" \t\r") for line in lines):
        codes.append("header:blank-fold")
    if b"\0" in piece or b"\r" in piece.replace(b"\r\n", b""):
        codes.append("header:control")
    return tuple(codes)


def transfer_encoding(value: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the encodings that a Content-Transfer-Encoding value may name, in order, and codes.

    An unknown mechanism means identity (RFC 2045 §6.4 says "treat as octet-stream"): no name at all. From a list, a
    comment or quotes every known mechanism may count, and so may one that is written apart (``base 64``).
    """
    known = _KNOWN.get(value) or _KNOWN.get(value.strip(b" \t").lower())
    if known is not None:
        return known
    match = _TOKEN.match(value)
    name = match[1].decode("ascii").lower() if match else ""
    if name in transfer.KNOWN:
        return (name,), ()
    words = [*_ANY_TOKEN.findall(value.lower()), _NO_TOKEN.sub(b"", value.lower())]
    tokens = (word.decode("ascii") for word in words)
    names = tuple(dict.fromkeys(t for token in tokens if (t := _ALMOST.get(token, token)) in transfer.KNOWN))
    return names, ("content-transfer-encoding:odd" if names else "content-transfer-encoding:unknown",)
