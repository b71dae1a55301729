r"""The reader of DATA: chunks in, one message out.

Standards: RFC 5321 §4.1.1.4 and §4.5.2 (transparency), §2.3.8 (lines end in CRLF and nothing else).

The attack: two servers that disagree where a message ends ("SMTP smuggling", CVE-2023-51764 and its family). The end
is the five octets CRLF "." CRLF and nothing else; a chunk boundary may fall anywhere in them. All else with bare CR
or LF is body, and is either made CRLF before anything else looks at it (``normalize``; the next hop then gets a
dot-stuffed, regular line) or refused after the true end was read (``reject``, Postfix's ``smtpd_forbid_bare_newline =
reject``).

Limits: at most ``limit`` octets are kept, the rest is read and thrown away, so that the end is still found. Memory is
bounded by what is kept, also for chunks of one octet. Time is linear in the octets.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from pansentry import native
from pansentry.envelope import DottedLines, PlainLines
from pansentry.mime.swift import matcher
from pansentry.smtp.even_lines import even_lines
from pansentry.smtp.line_ends import LineEnds

if TYPE_CHECKING:
    from collections.abc import Callable

END = b"\r\n.\r\n"
# Both begin with a literal octet, so that the engine skips with memchr: 0.35 µs per KB of mail text each.
_SUSPECT = re.compile(rb"\r(?:\n\.|[^\n])")  # a line that begins with a dot (the end is one), or a bare CR
_BARE_LF = re.compile(rb"\n(?<!\r\n)")
_ODD = re.compile(rb"\r(?:\n\.|[^\n])|\n(?<!\r\n)")  # any of the three
_DOT = re.compile(rb"\r\n\.")
_CR_BEFORE_ANOTHER = re.compile(rb"\r[^\n]")
_IRREGULAR = rb"[^\r]\n|\r(?:[^\n]|\n\.)"
"""Within a message that ends in CRLF; but for its first octet."""
_NO_BEGINNING = b".\n"
_BLOCK = 256
_SMALL = 8192
_TINY = 256
_NOWHERE = (0, 0)


def plain_until_slowly(octets: bytes, start: int, end: int) -> int:
    """Return where in ``octets[start:end]`` the first oddity begins, the end if there is none.

    Odd is an LF without a CR before it, a CR with another octet than LF behind it, a CRLF before a dot. Compiled it
    takes 3 µs for 20 KB, and only then it is asked.
    """
    start, end, _ = slice(start, end).indices(len(octets))
    match = _ODD.search(octets, start, end)
    return match.start() if match else max(start, end)


_plain_until: Callable[[bytes, int, int], int] | None = native.function("plain_until")


class DataReader:
    """Collect the octets of one DATA command. ``octets`` counts what came, kept or not; ``length`` the message's own.

    One search per chunk finds the end, the stuffed dots and the bare CRs: a chunk that has none of the latter two is
    not looked at again for them. Everything is done chunk by chunk: in the end, in one go, 5 MB with dots would take
    7 ms, and 5 MB of bare LFs half a second, in which nobody else is answered.
    """

    __slots__ = (
        "_bare",
        "_blocks",
        "_dotted",
        "_end_bytes",
        "_limit",
        "_line_ends",
        "_odd",
        "_pieces",
        "_tail",
        "length",
        "octets",
        "overflowed",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._tail = b"\r\n"  # RFC 5321 §4.1.1.4: the CRLF of the DATA line is the first of CRLF.CRLF
        self._pieces: list[bytes] = []
        self._blocks: list[bytes] = []
        self._odd = False  # the chunk at hand has a dot at the beginning of a line, or a bare CR
        self._dotted = False
        self._bare = False
        self._end_bytes = 3
        self._line_ends = LineEnds()
        self.octets = 0
        self.length = 0
        self.overflowed = False

    def feed(self, chunk: bytes) -> bytes | None:
        """Take a chunk. Return None while the message goes on, else what followed its end (often ``b""``)."""
        tail, even = self._tail, _NOWHERE
        self._odd = False
        if len(chunk) < (_SMALL if _plain_until is None else _TINY):
            seam = tail + chunk  # a copy is cheaper than a second search
            end = self._find_end(seam, even) - len(tail)
        else:
            seam = tail + chunk[:4]
            end = self._find_end(seam, even) - len(tail)
            if end < 0:
                if _plain_until is None:
                    even = even_lines(chunk)
                else:  # nothing is odd up to there
                    begins_in_line_end = chunk[:1] == b"\n" and tail[-1:] == b"\r"
                    even = 0, _plain_until(chunk, int(begins_in_line_end), len(chunk))
                seam, end = chunk, self._find_end(chunk, even)
        if end < 0:
            self._tail = seam[-4:]
            self._keep(chunk, tail, even)
            return None
        # ".\r\n", but its dot was taken for one of the content's in an odd chunk, this one or the one before
        self._end_bytes = 2 if self._odd or end < 3 else 3
        self.length -= self._end_bytes
        if end == len(chunk):
            self._keep(chunk, tail, even)
            return b""
        self._keep(chunk[:end], tail, even)
        return chunk[end:]

    def _find_end(self, octets: bytes, even: tuple[int, int]) -> int:
        """Return the position behind the first CRLF.CRLF or -1, noting whether anything before it needs work.

        Between the two places of ``even`` there is nothing to be found.
        """
        begin, behind = even
        match = (_SUSPECT.search(octets, 0, begin + 1) if begin else None) or _SUSPECT.search(octets, behind)
        if match is None:
            return -1
        start = match.start()
        if not octets.startswith(END, start):
            self._odd = True
            start = octets.find(END, start)
        return start + 5 if start >= 0 else -1

    def _keep(self, chunk: bytes, before: bytes, even: tuple[int, int]) -> None:
        """Keep a chunk, without the dots that were put in, and with CRLF for all line ends once one stood alone."""
        if not self._bare:
            first = 1 if chunk[:1] == b"\n" and before[-1:] == b"\r" else 0
            begin, behind = even
            alone = (_BARE_LF.search(chunk, first, begin) if begin else None) or _BARE_LF.search(chunk, behind or first)
            self._bare = alone is not None
        self.octets += len(chunk)
        if self._odd:
            chunk = self._without_dots(chunk, before)
        self.length += len(chunk)
        chunk = self._line_ends.regular(chunk) if self._bare else self._line_ends.as_they_are(chunk)
        if self.octets > self._limit:
            self.drop()
        elif not self.overflowed:
            self._pieces.append(chunk)
            if len(self._pieces) >= _BLOCK:  # tiny chunks would cost 40 octets of bookkeeping each
                self._blocks.append(b"".join(self._pieces))
                self._pieces.clear()

    def _without_dots(self, chunk: bytes, before: bytes) -> bytes:
        self._dotted = True
        seam = before[-2:] + chunk
        if not self._bare:
            self._bare = _CR_BEFORE_ANOTHER.search(seam) is not None  # one that ends the chunk is in the next seam
        return b"\r\n".join(_DOT.split(seam))[len(seam) - len(chunk) :]

    def drop(self) -> None:
        """Give up what was kept; go on looking for the end."""
        self.overflowed = True
        self._pieces.clear()
        self._blocks.clear()

    @property
    def has_bare_line_ends(self) -> bool:
        """True once a CR or LF stood alone."""
        return self._bare

    def take(self) -> tuple[bytes, bool]:
        """Return the message after its end was found, and whether a CR or LF in it stood alone.

        The terminator is cut off, dots are unstuffed, line ends are CRLF. A bare LF or CR did not begin a line: a dot
        behind it is content.
        """
        pieces = self._blocks + self._pieces if self._blocks else self._pieces
        end = self._end_bytes
        if len(pieces[-1]) >= end:
            pieces[-1] = pieces[-1][:-end]  # before the join: no second copy of a big message
            message = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        else:
            message = b"".join(pieces)[:-end]
        self.drop()
        return DottedLines(message) if self._dotted or self._bare else PlainLines(message), self._bare


@functools.cache
def whole_message_teller() -> Callable[[bytes], PlainLines | None]:
    """Return the quickest way to do what :func:`whole_message` does.

    For 2 KB hyperscan takes 15,000 instructions instead of 29,000; compiled it takes 3,000, and of long messages, too,
    no look is dear: 10 µs for 240 KB, which is more than comes in one piece.
    """
    if _plain_until is not None:
        return _whole_message_compiled
    try:
        is_irregular = matcher(_IRREGULAR)
    except ImportError:
        return whole_message

    def told(octets: bytes) -> PlainLines | None:
        if len(octets) >= _SMALL or octets[-5:] != END or octets[0] in _NO_BEGINNING:
            return None
        message = PlainLines(octets[:-3])
        return None if is_irregular(message) else message

    return told


def _whole_message_compiled(octets: bytes) -> PlainLines | None:
    end = len(octets) - 5
    if octets[-5:] != END or octets[0] == 0x2E or _plain_until(octets, 0, end + 3) != end:  # type: ignore[misc]
        return None
    return PlainLines(octets[:-3])


def whole_message(octets: bytes) -> PlainLines | None:
    """Return the message if this is one with its end: no bare CR or LF, no line that begins with a dot; else None.

    Most mail is such, and comes in one piece: no reader has to be made for it, whose two expressions wake up at every
    line (40,000 instructions for 2 KB). Its lines are put together without their ends, and two searches at the speed of
    memory look for what is left. If it is none, this look is lost: only short pieces are worth it.
    """
    if len(octets) >= _SMALL or octets[-5:] != END or octets.find(b"\r\n.") != len(octets) - 5 or octets[:1] == b".":
        return None
    rest = b"".join(octets.split(b"\r\n"))
    return PlainLines(octets[:-3]) if rest.find(b"\n") < 0 and rest.find(b"\r") < 0 else None
