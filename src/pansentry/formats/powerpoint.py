"""PowerPoint binary files ([MS-PPT]): texts and embedded objects of the document stream. Read only.

In: the stream "PowerPoint Document". Out: the texts in the order of the stream (TextCharsAtom, TextBytesAtom, CString;
edits that were saved before are in it, too), and embedded objects as they are packed.
Standard: [MS-PPT] 2.3.1 (record header), 2.9.42 f. (text atoms), 2.10.34 (ExOleObjStg), 2.3.7 (CryptSession10).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats.compound import Compound, Path, Shown

_MAIN: Final = "PowerPoint Document"
_WIDE: Final = frozenset({0x0FA0, 0x0FBA})
_NARROW: Final = 0x0FA8
_OBJECT: Final = 0x1011
_CRYPT: Final = 0x2F14
_CONTAINER: Final = 0xF
_SHOWN: Final = {0x0B: "\n", 0x0D: "\n", 0: None}


def texts(file: Compound, storage: Path) -> Shown:
    """Return the texts as one. Raises DamagedError("encrypted")."""
    found: list[str] = []
    ranges: list[tuple[int, int]] = []
    for kind, _, start, content in records(file.stream(storage, _MAIN) or b""):
        if kind == _CRYPT:
            raise DamagedError("encrypted")
        if kind in _WIDE or kind == _NARROW:
            found.append(content.decode("utf-16-le" if kind in _WIDE else "latin-1", "replace"))
            ranges.append((start, start + len(content)))
    return Shown(_MAIN, [("\n".join(found).translate(_SHOWN), "slides")], ranges)


def objects(stream: bytes) -> Iterator[bytes]:
    """Yield embedded objects: zlib data, or as it is where it is not packed."""
    for kind, instance, _, content in records(stream):
        if kind == _OBJECT:
            yield content[4:] if instance else content


def records(stream: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield type, instance, place and content of each atom; containers are walked through, they are just in front."""
    at = 0
    while at + 8 <= len(stream):
        head, kind, size = struct.unpack_from("<HHL", stream, at)
        at += 8
        if head & 0xF == _CONTAINER:
            yield kind, head >> 4, at, b""
        else:
            yield kind, head >> 4, at, stream[at : at + size]
            at += size
