"""The parts that message cases are made of: cards, cases, and small writers of MIME.

In: recipes (``recipes/*.py``) that say what a message looks like. Out: :class:`Case`, the bytes of the message and what
is expected of it. Nothing here uses PanSentry's own code or a library that writes mail: what a case holds must not
depend on what is tested, and odd bytes are the point.

Texts are written with ``\\n`` and tokens, and become CRLF bytes: ``«pan»`` the number in its printed grouping,
``«raw»`` ungrouped, ``«dash»`` grouped with hyphens, ``«cvv»`` the code, ``«exp»`` the expiry, ``«g1»`` … ``«g5»`` one
group.
"""

from __future__ import annotations

import base64
import quopri
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).parent
ALL = ("pan", "cvv", "expiry")
"""Expectation of a message that holds number, code and expiry."""


@dataclass(frozen=True, slots=True)
class Card:
    """One row of ``cards.yaml``."""

    name: str
    number: str
    groups: tuple[str, ...]
    code: str
    expiry: str

    def write(self, text: str) -> str:
        """Replace the tokens in ``text`` by this card's data."""
        tokens = {
            "pan": " ".join(self.groups),
            "raw": self.number,
            "dash": "-".join(self.groups),
            "dot": ".".join(self.groups),
            "cvv": self.code,
            "exp": self.expiry,
            "mm": self.expiry[:2],
            "yy": self.expiry[3:],
        } | {f"g{n}": group for n, group in enumerate(self.groups, 1)}
        return re.sub("«([a-z0-9]+)»", lambda m: tokens[m[1]], text)


@cache
def cards() -> dict[str, Card]:
    """Read the table of test cards and check each number's Luhn digit."""
    table = YAML(typ="safe").load((HERE / "cards.yaml").read_text())
    found = {}
    for name, (number, lengths, code, expiry) in table.items():
        digits = [int(d) for d in reversed(number)]
        assert sum(d if n % 2 == 0 else sum(divmod(2 * d, 10)) for n, d in enumerate(digits)) % 10 == 0, name
        assert sum(lengths) == len(number), name
        edges = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
        groups = tuple(number[a:b] for a, b in pairwise(edges))
        found[name] = Card(name, number, groups, code, expiry)
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """A message and what is expected of it.

    ``removed`` holds ``"kind"`` or ``"kind place"``; a place is met by every place that begins with it. ``survive``
    are words that a reader of the output must still find. ``hold`` allows the answers hold and refuse. ``line_ends``
    is ``both`` if the case means the same with LF. ``unseen`` says that no peer of the oracle can be expected to read
    the card data even in the input. ``gap`` names what PanSentry cannot do yet: the case is then expected to fail.
    """

    slug: str
    what: str
    raw: bytes
    card: str = ""
    removed: tuple[str, ...] = ()
    survive: tuple[str, ...] = ()
    hold: bool = False
    line_ends: str = "both"
    unseen: bool = False
    dkim: bool = False
    gap: str = ""
    why: str = ""

    def expectation(self) -> dict[str, object]:
        """Return what ``expect.yaml`` holds."""
        kinds = sorted({entry.split()[0] for entry in self.removed})
        full: dict[str, object] = {
            "what": self.what,
            "clean": not self.removed,
            "verdict": "redact" if self.removed else "deliver",
            "allow_hold": self.hold,
            "removed": list(self.removed),
            "must_survive": list(self.survive),
            "must_not_survive": [f"{self.card}.{kind}" for kind in kinds],
            "line_ends": self.line_ends,
            "unseen_by_peers": self.unseen,
            "dkim": self.dkim,
            "known_gap": self.gap,
        }
        return {key: value for key, value in full.items() if value not in ([], False, "") or key == "clean"}


def crlf(text: str | bytes, encoding: str = "utf-8") -> bytes:
    """Return ``text`` as bytes with every ``\\n`` written as CRLF."""
    data = text.encode(encoding) if isinstance(text, str) else text
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def b64(data: bytes, width: int = 76, end: bytes = b"\r\n") -> bytes:
    """Return base64 in lines of ``width`` characters."""
    code = base64.b64encode(data)
    return b"".join(code[n : n + width] + end for n in range(0, len(code), width))


def qp(data: bytes) -> bytes:
    """Return quoted-printable with CRLF lines, as most mailers write it."""
    return crlf(quopri.encodestring(data.replace(b"\r\n", b"\n")))


def qp_all(data: bytes, width: int = 24) -> bytes:
    """Return quoted-printable in which every byte is an escape, ``width`` escapes to a line."""
    code = [b"=%02X" % byte for byte in data]
    return b"=\r\n".join(b"".join(code[n : n + width]) for n in range(0, len(code), width)) + b"\r\n"


def word(text: str, charset: str = "utf-8", how: str = "B") -> str:
    """Return one RFC 2047 encoded word."""
    data = text.encode(charset)
    if how.upper() == "B":
        return f"=?{charset}?{how}?{base64.b64encode(data).decode()}?="
    code = "".join("_" if b == 32 else chr(b) if chr(b).isalnum() and b < 128 else f"={b:02X}" for b in data)
    return f"=?{charset}?{how}?{code}?="


def encode(data: bytes, encoding: str) -> bytes:
    """Apply a transfer encoding by name."""
    writers = {"base64": b64, "quoted-printable": qp}
    return writers.get(encoding, lambda same: same)(data)


def part(
    text: str | bytes,
    kind: str = "text/plain",
    charset: str = "utf-8",
    encoding: str = "8bit",
    codec: str = "",
    extra: str = "",
) -> bytes:
    """Return one body part: header, blank line, encoded content."""
    data = crlf(text, codec or charset or "utf-8") if isinstance(text, str) else text
    label = f"; charset={charset}" if charset and kind.startswith("text/") else ""
    head = f"Content-Type: {kind}{label}\n{extra}"
    if encoding:
        head += f"Content-Transfer-Encoding: {encoding}\n"
    return crlf(head) + b"\r\n" + encode(data, encoding)


def multipart(
    subtype: str, boundary: str, parts: Iterable[bytes], preamble: str = "", epilogue: str = "", extra: str = ""
) -> bytes:
    """Return a multipart entity: its header, a blank line and its parts."""
    line = boundary.encode()
    head = crlf(f'Content-Type: multipart/{subtype}; boundary="{boundary}"{extra}\n\n{preamble}')
    body = b"".join(b"--" + line + b"\r\n" + p + (b"" if p.endswith(b"\r\n") else b"\r\n") for p in parts)
    return head + body + b"--" + line + b"--\r\n" + crlf(epilogue)


def letter(head: str, entity: bytes) -> bytes:
    """Return a message: header fields in text, then an entity that brings its own Content-* fields."""
    return crlf(head.strip("\n") + "\n") + entity


_DATES = ("Tue, 14 Oct 2025 09:12:44 +0200", "Mon, 03 Nov 2025 18:40:02 -0500", "Thu, 06 Nov 2025 07:05:31 +0000")
_PEOPLE = (
    ("Anna Weber", "anna.weber@example.net"),
    ("Jean-Luc Moreau", "jl.moreau@example.org"),
    ("Priya Raman", "priya.raman@mail.example"),
    ("Tom O'Neill", "toneill@example.com"),
    ("Giulia Conti", "giulia.conti@posta.example"),
)


def head(subject: str, n: int = 0, extra: str = "", mime: bool = True) -> str:
    """Return a plain set of header fields; ``n`` picks date, sender and Message-ID."""
    name, address = _PEOPLE[n % len(_PEOPLE)]
    lines = [
        f"Received: from mx{n % 7}.example.net (mx{n % 7}.example.net [192.0.2.{10 + n % 200}])",
        f"\tby mail.shop.example with ESMTPS id k{n:03d}Qz; {_DATES[n % 3]}",
        f"From: {name} <{address}>",
        "To: Orders <orders@shop.example>",
        f"Subject: {subject}",
        f"Date: {_DATES[n % 3]}",
        f"Message-ID: <h{n:03d}.fb2c.golden@{address.split('@')[1]}>",
    ]
    if mime:
        lines.append("MIME-Version: 1.0")
    return "\n".join(lines) + "\n" + extra


def simple(
    subject: str,
    text: str,
    n: int = 0,
    *,
    kind: str = "text/plain",
    charset: str = "utf-8",
    encoding: str = "8bit",
    codec: str = "",
    extra: str = "",
) -> bytes:
    """Return a message of one part."""
    return letter(head(subject, n, extra), part(text, kind, charset, encoding, codec))


def fill(name: str, text: str) -> str:
    """Write the card ``name`` into the tokens of ``text``."""
    return cards()[name].write(text)


def at(kinds: Sequence[str], place: str) -> tuple[str, ...]:
    """Return expectations of several kinds at one place."""
    return tuple(f"{kind} {place}".strip() for kind in kinds)
