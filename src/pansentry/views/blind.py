"""The MIME-blind scan: what a lenient reader could decode anywhere in the bytes, whatever the header fields say.

In: a whole raw message (or any other bytes) and the ranges that a strict reader has decoded already and without doubt.
Out: :class:`BytesReading` s of the rest:

- base64: every run of lines that looks like it, and every paragraph in which digits may be hidden in it, then from each
  of the four places a quantum can start at (only from its first letter, if it begins with a line of nothing else), with
  whatever is not in the alphabet skipped (and once more with all padding skipped, if there is some inside);
- quoted-printable: the whole, leniently, where there is an escape or a soft line break (but for long base64 in which
  every ``=`` is padding);
- UTF-7 (RFC 2152): the whole with its shifted runs decoded (to UTF-8).

Paragraphs of prose are not decoded for nothing: in base64 a digit that is the first or second octet of a quantum leaves
one of a few pairs of letters (a first octet 30 … 39 begins with ``M``, ``N`` or ``O``). Text in which such pairs do not
come three times close together holds no number (digits of ASCII, of UTF-16, full-width of UTF-8; at least two in a
row, or single ones a blank apart). Linear: ranges are disjoint, and each is decoded at most nine times.

Resists: ambiguous or doubled encodings and boundaries; whatever tree another reader builds, its leaves are here.
Known gaps: quoted-printable inside base64 and the like (the caller may scan a reading again); number scripts other
than ASCII and full-width inside base64 that does not look like it; junk of more than a line in front of a run of more
than :data:`SMALL` bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pansentry.edits import Edit
from pansentry.mime import transfer
from pansentry.views.bytes_reading import BytesReading, BytesWeaver

SMALL: Final = 64 * 1024

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_OTHERS: Final = bytes(set(range(256)) - set(_ALPHABET))
_LETTER: Final = re.compile(rb"[A-Za-z0-9+/_-]")
_SOLID: Final = re.compile(
    rb"\n[ \t>]*+[A-Za-z0-9+/_-]{16,}+=*+[ \t]*+(?>(?:\r?\n[ \t]*+[A-Za-z0-9+/_=-]++[ \t]*+(?=\r?(?:\n|\Z)))*)"
)
# what an ASCII digit leaves as first ([MNO]…) or second ([DTjz]…) octet of a quantum, whatever octet follows it; UTF-16
# digits are among them. Two plain sets instead of two alternatives: this runs over all prose.
_MARK: Final = rb"[MNODTjz][ACDEHILMOPQSTUXYbcefgijknsuwyz8+]"
_HIDDEN: Final = re.compile(_MARK + rb"(?>.{0,14}?" + _MARK + rb"){2}", re.DOTALL)
_QUOTED: Final = re.compile(rb"[\"'`]([A-Za-z0-9+/_-]{16,}+={0,2}+)[\"'`]")  # a string of a script: it has its borders
# a file that begins with its magic (gzip, ZIP, PDF, bzip2, xz, 7z), in the middle of a line
_PACKED: Final = re.compile(
    rb"(?<![A-Za-z0-9+/_-])(?:H4sI|UEsDB|JVBERi0|Qlpo[ISWY]|/Td6WFo|N3q8ryc)[A-Za-z0-9+/_-]{12,}+=*+"
    rb"(?![ \t]{0,40}\r?\n[ \t]{0,40}[A-Za-z0-9+/_-]{16})"  # what goes on in the next line is read in lines
)
_FULL_WIDTH: Final = (b"77y", b"+8", b"vvJ")  # EF BC 9x from each octet of a quantum on
_SOLID_LINE: Final = re.compile(rb"[ \t]*+[A-Za-z0-9+/_-]{16,}+[A-Za-z0-9+/_=-]*+[ \t]*+(?:\r?\n|\r|\Z)")
_OF_OTHER_ALPHABET: Final = re.compile(rb"[-_]")
_INNER_PADDING: Final = re.compile(rb"=[=\s]{0,200}+[A-Za-z0-9+/_-]")
_BLANK_LINE: Final = re.compile(rb"\n[ \t]*+\r?\n|\r[ \t]*+\r(?!\n)")
_ESCAPE: Final = re.compile(rb"=(?:[0-9a-fA-F]{2}|[ \t]*+\r?\n)")
_HEX_ESCAPE: Final = re.compile(rb"=[0-9a-fA-F]{2}")
_SHIFTED: Final = re.compile(rb"\+([A-Za-z0-9+/]{2,}+)-?+")
_UTF7_DIGIT: Final = re.compile(rb"A[DMNOwxyz0-5]|/x")

Range = tuple[int, int]


def read(data: bytes, skip: Sequence[Range] = ()) -> tuple[BytesReading, ...]:
    """Return what can be decoded outside the ranges ``skip`` (disjoint, ascending)."""
    readings: list[BytesReading] = []
    for start, end in _outside(skip, len(data)):
        readings += _base64(data, start, end)
        readings += _quoted_printable(data, start, end)
        readings += _utf7(data, start, end)
    return tuple(readings)


def _outside(skip: Sequence[Range], size: int) -> Iterator[Range]:
    position = 0
    for start, end in skip:
        if position < start:
            yield position, start
        position = max(position, end)
    if position < size:
        yield position, size


def _base64(data: bytes, start: int, end: int) -> Iterator[BytesReading]:
    """Yield the solid runs, then the paragraphs whose letters could spell digits."""
    solid: dict[int, int] = {}  # first letter and end of every run
    first = max(start - 1, 0)  # the line end before the range, if there is one, opens its first line
    window = data[first:end] if first < start and data[first] == 0x0A else b"\n" + data[start:end]
    shift = end - len(window)
    for match in _SOLID.finditer(window):
        letter = _LETTER.search(window, match.start())
        assert letter
        solid[letter.start() + shift] = match.end() + shift
    for run in solid.items():
        yield _decoded(data, *run, "base64")
    for packed in _PACKED.finditer(data, start, end):
        if packed.start() not in solid:
            yield _decoded(data, *packed.span(), "base64")
    if not solid and not _may_hide(data[start:end].translate(None, _OTHERS)):
        return
    for first, last in _paragraphs(data, start, end):
        letter = _LETTER.search(data, first, last)
        if letter is None or (last - first > SMALL and solid.get(letter.start(), 0) >= last - 2):
            continue
        if _may_hide(data[first:last].translate(None, _OTHERS)):
            yield from _four_ways(data, first, last, solid)
            for quoted in _QUOTED.finditer(data, first, last):
                if _may_hide(quoted[1]):
                    yield _decoded(data, *quoted.span(1), "base64")


def _may_hide(letters: bytes) -> bool:
    """Say whether base64 letters may spell a number, from whichever letter a quantum starts."""
    return _HIDDEN.search(letters) is not None or any(letters.count(mark) > 2 for mark in _FULL_WIDTH)


def _paragraphs(data: bytes, start: int, end: int) -> Iterator[Range]:
    position = start
    for match in _BLANK_LINE.finditer(data, start, end):
        if position < match.start():
            yield position, match.start()
        position = match.end()
    if position < end:
        yield position, end


def _four_ways(data: bytes, start: int, end: int, solid: dict[int, int]) -> Iterator[BytesReading]:
    """Decode from each of the first four letters on, unless that was done already."""
    # whoever begins at a full line begins at its first letter, and goes on in step unless there are two alphabets
    ways = 1 if _SOLID_LINE.match(data, start, end) and not _OF_OTHER_ALPHABET.search(data, start, end) else 4
    for letter, _ in zip(_LETTER.finditer(data, start, end), range(ways), strict=False):
        if solid.get(letter.start(), 0) < end - 2:
            yield _decoded(data, letter.start(), end, "base64-skipping")
            if _INNER_PADDING.search(data, letter.start(), end) and _is_mostly_base64(data[letter.start() : end]):
                yield _decoded(data, letter.start(), end, "base64-unpadded", padding=b" ")


def _is_mostly_base64(body: bytes) -> bool:
    """Tell a damaged base64 body from prose: one octet in twenty at most is no letter, padding or line end."""
    return len(body.translate(None, _ALPHABET + b"=\r\n")) * 20 <= len(body)


def _decoded(data: bytes, start: int, end: int, name: str, *, padding: bytes = b"=") -> BytesReading:
    """Decode a range; another ``padding`` takes the place of every ``=``.

    Some readers take out every ``=`` that is not at the end and keep the alignment (MIME::Parser, PHP's mailparse).
    """
    body = data[start:end].replace(b"=", padding)
    return BytesReading(name, transfer.decode(body, "base64"), start, end, relower(body, start, "base64"))


def relower(body: bytes, offset: int, encoding: str) -> Callable[[Sequence[Edit[bytes]]], tuple[Edit[bytes], ...]]:
    """Return the way back through a transfer encoding, moved to where the body stands."""

    def lower(edits: Sequence[Edit[bytes]]) -> tuple[Edit[bytes], ...]:
        lowered = transfer.lower(body, encoding, edits)
        return tuple(Edit(edit.start + offset, edit.end + offset, edit.new) for edit in lowered)

    return lower


def _quoted_printable(data: bytes, start: int, end: int) -> Iterator[BytesReading]:
    if b"=" not in data or _ESCAPE.search(data, start, end) is None:
        return
    for first, last in _outside(((0, start), *_padded(data, start, end)), end):
        body = data[first:last]
        decoded = transfer.decode(body, "quoted-printable")
        if decoded != body:
            yield BytesReading("quoted-printable", decoded, first, last, relower(body, first, "quoted-printable"))


def _padded(data: bytes, start: int, end: int) -> Iterator[Range]:
    """Yield long paragraphs of base64 in which every ``=`` is padding: quoted-printable would only drop it."""
    for first, last in _paragraphs(data, start, end):
        is_long = last - first > SMALL and _HEX_ESCAPE.search(data, first, last) is None
        if is_long and _is_mostly_base64(data[first:last]):
            yield first, last


def _utf7(data: bytes, start: int, end: int) -> Iterator[BytesReading]:
    if b"+" not in data:
        return
    weaver = BytesWeaver(data)
    position = start
    for match in _SHIFTED.finditer(data, start, end):
        if not _UTF7_DIGIT.search(match[1]):
            continue
        weaver.keep(position, match.start())
        weaver.block(_shifted_text(match[1]), match.start(), match.end(), _shift)
        position = match.end()
    if position > start:
        weaver.keep(position, end)
        yield weaver.reading("utf-7")


def _shifted_text(letters: bytes) -> bytes:
    """Decode modified base64 of UTF-16 to UTF-8 (RFC 2152); bits that are left over are dropped."""
    whole = letters[: len(letters) // 4 * 4 + (len(letters) % 4 if len(letters) % 4 != 1 else 0)]
    octets = binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
    return octets[: len(octets) // 2 * 2].decode("utf-16-be", "replace").encode("utf-8")


def _shift(text: bytes) -> bytes:
    """Spell UTF-8 in UTF-7: letters and digits as they are, everything else shifted."""
    pieces: list[bytes] = []
    for character in text.decode("utf-8", "replace"):
        if character.isascii() and (character.isalnum() or character in "'(),-./:? \r\n\t"):
            pieces.append(character.encode())
        else:
            pieces.append(b"+" + base64.b64encode(character.encode("utf-16-be")).rstrip(b"=") + b"-")
    return b"".join(pieces)
