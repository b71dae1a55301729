"""Archives that libarchive opens: 7-Zip, RAR (4 and 5), cabinets, LHA, disc images; Zstandard, LZ4, lzip, compress.

In: an archive. Out: names and targets of links as passages, members as embedded documents, and what ``strings`` shows
of the archive itself (stored comments). Encrypted members, and those packed by a method that the library does not know,
are unreadable; where it gives up, so is the rest. Without the library the archive is ``document:7z`` and so on.

``rewrite`` raises DamagedError("cannot-rewrite"): libarchive writes 7-Zip by way of a file, which a worker may not
have, and RAR not at all. An archive with a finding is replaced by a notice, or held.

Limits: members, bytes and their ratio to the archive's own are counted while they come out, for the archive as a whole
(a solid one has no size for one member). Memory that a dictionary needs is the worker's to refuse. Known gaps: comments
that are packed; what stands behind an archive's end; archives in volumes (each is unreadable for itself).
"""

from __future__ import annotations

from typing import Final

from pansentry.errors import DamagedError
from pansentry.formats import libarchive, recognise, strings
from pansentry.formats.container import Budget
from pansentry.formats.format import CANNOT_REWRITE, Cuts, DocumentLimits, Embedded, Extract, Passage, Replaced
from pansentry.outcome import Unreadable

READERS: Final[dict[str, tuple[str, ...]]] = {  # kind: formats and filters of libarchive
    "7z": ("format_7zip",),
    "rar": ("format_rar", "format_rar5"),
    "cab": ("format_cab",),
    "lha": ("format_lha",),
    "iso": ("format_iso9660",),
    "zstd": ("format_raw", "filter_zstd"),
    "lz4": ("format_raw", "filter_lz4"),
    "lzip": ("format_raw", "filter_lzip"),
    "compress": ("format_raw", "filter_compress"),
}
_ITSELF: Final = -1
_EMPTY_BYTES: Final = 40
"""An archive without members is not longer; one that is has members that the library did not see."""


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return names and members. Raises DamagedError, LimitExceededError."""
    kind, data = _inside(data)
    if libarchive.library() is None:
        raise DamagedError(f"document:{kind}")
    budget = Budget(limits)
    passages = [Passage(_ITSELF, strings.strings(data), "archive")]
    embedded: list[Embedded] = []
    unreadable: list[Unreadable] = []
    number = 0
    with libarchive.Archive(data, READERS[kind]) as archive:
        members = archive.items()
        while True:
            try:
                item = next(members, None)
            except DamagedError as error:
                if not number:
                    raise
                unreadable.append(Unreadable(error.reason, "members"))
                break
            if item is None:
                break
            budget.member()
            place = f"member {number + 1}"
            passages += [Passage(3 * number + at, name, f"name of {place}") for at, name in enumerate(item.names)]
            if not item.names:
                unreadable.append(Unreadable("damaged", f"name of {place}"))
            if not item.is_folder:
                try:
                    content = _content(archive, item, budget, len(data))
                except DamagedError as error:
                    unreadable.append(Unreadable("encrypted" if item.is_encrypted else error.reason, place))
                else:
                    embedded.append(Embedded(number, content, item.names[0] if item.names else "", place))
                    if item.size is not None and len(content) < item.size:  # goes on in another volume
                        unreadable.append(Unreadable("damaged", place))
            number += 1
    if not number and len(data) > _EMPTY_BYTES:
        raise DamagedError("damaged")
    return Extract(tuple(passages), tuple(embedded), tuple(unreadable))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return ``data`` if nothing is to be written. Raises DamagedError("cannot-rewrite") otherwise."""
    if cuts or replaced:
        raise DamagedError(CANNOT_REWRITE)
    return data


def _inside(data: bytes) -> tuple[str, bytes]:
    """Return which archive this is, and its bytes: those behind the program in one that unpacks itself."""
    for kind in recognise.kinds(data):
        if kind in READERS:
            return kind, data[recognise.behind_program(data, kind) :]
    raise DamagedError("damaged")


def _content(archive: libarchive.Archive, item: libarchive.Item, budget: Budget, packed: int) -> bytes:
    pieces: list[bytes] = []
    for piece in item.pieces():
        budget.unpacked(len(piece), budget.total + len(piece), archive.consumed(), packed)
        pieces.append(piece)
    return b"".join(pieces)
