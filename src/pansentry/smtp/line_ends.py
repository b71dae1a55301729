r"""Line ends that stand alone are made CRLF, a piece of a message at a time.

In: pieces of a message, in order. Out: the same with CRLF for each line end: the CRs before an LF and that LF are one
(``CR CR LF`` is a known mailer's fault), any other CR is one of its own. RFC 5321 §2.3.8.

The attack: megabytes of lone CRs or LFs. An expression takes 0.1 µs for each, 0.5 s for 5 MB, in which nobody else is
answered. So a piece is made regular with ``bytes.replace``, 2 ms for 250 KB, and while the message comes in, not at its
end. A run of CRs that ends a piece is held back until it is known what follows it; held is its length.
"""

from __future__ import annotations

import re

_LONG_RUN = re.compile(rb"\r{64,}\n?")


class LineEnds:
    """The line ends of one message."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = 0

    def as_they_are(self, octets: bytes) -> bytes:
        """Return a piece in which none stands alone, with what was held back; a CR at its end is held."""
        if self._held:
            octets = b"\r" + octets
        self._held = int(octets.endswith(b"\r"))
        return octets[:-1] if self._held else octets

    def regular(self, octets: bytes) -> bytes:
        """Return a piece with CRLF for each line end, with what was held back; CRs at its end are held."""
        body = octets.rstrip(b"\r")
        before, self._held = self._held, len(octets) - len(body)
        if not body:
            self._held += before
            return b""
        if not before:
            return regular(body)
        rest = body.lstrip(b"\r")
        count = before + len(body) - len(rest)
        return (b"" if rest.startswith(b"\n") else b"\r\n" * count) + regular(rest)


def regular(octets: bytes) -> bytes:
    """Return octets with CRLF for each line end: in ten passes at the most, mostly in three.

    Short runs of CRs before an LF are shortened by 32 once, by 16 once, and so on, until one CR is left.
    """
    if b"\r\r\n" in octets:
        octets = _LONG_RUN.sub(lambda run: b"\r\n" if run[0].endswith(b"\n") else run[0], octets)
        for length in (32, 16, 8, 4, 2, 1):
            octets = octets.replace(b"\r" * length + b"\r\n", b"\r\n")
    return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
