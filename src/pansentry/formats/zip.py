"""ZIP archives (APPNOTE 6.3.10): stored, deflated, bzip2 and LZMA members, ZIP64, data descriptors, comments, names.

In: an archive. Out: its names and comments as passages, its members as embedded documents; and back, with every other
member byte for byte as it was. Read too is what lies outside the directory: hidden members, what a local header says
otherwise, bytes in front of, between and behind the members. All of that is gone as soon as the archive is written.

A member that is taken out leaves a text that says so. Encrypted members and those packed otherwise (Deflate64,
Zstandard …) are unreadable, and stay as they are; one that is written anew is deflated, which every reader knows.
"""

from __future__ import annotations

from pansentry.edits import apply
from pansentry.formats import container, plain
from pansentry.formats.format import (
    CANNOT_REWRITE,
    Cuts,
    DamagedError,
    DocumentLimits,
    Embedded,
    Extract,
    Passage,
    Replaced,
)
from pansentry.formats.notices import TAKEN_OUT
from pansentry.outcome import Unreadable

_COMMENT = -1
_GAPS = -2  # and below: one key for each gap
_MIN_GAP_BYTES = 8
_NAME, _NOTE, _EXTRA, _LOCAL = range(4)  # a member has four passages, with the keys 4 * index + one of these
_PASSAGES = 4
_MIN_DIGITS = 8


def extract(data: bytes, limits: DocumentLimits) -> Extract:
    """Return names, comments and members. Raises DamagedError, LimitExceededError."""
    budget = container.Budget(limits)
    archive = container.read(data, limits, budget)
    passages: list[Passage] = []
    embedded: list[Embedded] = []
    unreadable: list[Unreadable] = []
    every = len(archive.members) + len(archive.hidden)
    for member in (*archive.members, *archive.hidden):
        place = f"member {member.index + 1}"
        readings = [(member.index, member)]
        if (other := container.streamed(archive, member)) is not None:
            readings.append((every + member.index, other))
        passages += _said(archive, member, place)
        for key, reading in readings:
            if reading.is_folder:
                continue
            try:
                content = container.content(archive, reading, budget)
            except DamagedError as error:
                unreadable.append(Unreadable(error.reason, place))
            else:
                embedded.append(Embedded(key, content, reading.name, place))
    if archive.comment:
        passages.append(Passage(_COMMENT, plain.read(archive.comment)[0], "archive comment"))
    for number, (start, end) in enumerate(archive.gaps):
        if end - start >= _MIN_GAP_BYTES:
            budget.spend(end - start)
            embedded.append(Embedded(_GAPS - number, data[start:end], "", "beside the members"))
    return Extract(tuple(passages), tuple(embedded), tuple(unreadable))


def rewrite(data: bytes, cuts: Cuts, replaced: Replaced, limits: DocumentLimits) -> bytes:
    """Return the archive with cuts and replacements, ``data`` itself without any."""
    if not cuts and not replaced:
        return data
    archive = container.read(data, limits)
    changes = {}
    for member in archive.members:
        change = _change(member, cuts, replaced)
        if change != container.UNCHANGED:
            changes[member.index] = change
    comment = _cut(archive.comment, cuts, _COMMENT)
    return container.write(archive, changes, comment=comment, prefix=_prefix(archive, replaced), anew=True)


def _said(archive: container.Container, member: container.Member, place: str) -> list[Passage]:
    """Return what is written about a member: its name, its comment, its extra fields if they hold digits, and what
    only its local header says (§4.3.7; who reads a stream has nothing else), which is gone once it is written anew."""
    key = _PASSAGES * member.index
    said = [Passage(key + _NAME, member.name, f"name of {place}")]
    if member.comment:
        said.append(Passage(key + _NOTE, plain.read(member.comment)[0], f"comment of {place}"))
    if sum(48 <= byte <= 57 for byte in member.extra) >= _MIN_DIGITS:
        said.append(Passage(key + _EXTRA, plain.read(container.words_of(member.extra))[0], f"fields of {place}"))
    local = container.local_words(archive, member)
    if sum(48 <= byte <= 57 for byte in local) >= _MIN_DIGITS:
        said.append(Passage(key + _LOCAL, plain.read(local)[0], f"local header of {place}"))
    return said


def _change(member: container.Member, cuts: Cuts, replaced: Replaced) -> container.Change:
    key = _PASSAGES * member.index
    name = apply(member.name, cuts[key + _NAME]) if cuts.get(key + _NAME) else None
    content = None
    if member.index in replaced:
        content = replaced[member.index]
        if content is None:
            if member.name.lower().endswith(".iwa"):  # without it Apple's programs would not open the document
                raise DamagedError(CANNOT_REWRITE)
            content = TAKEN_OUT.encode("ascii")
            name = (name or member.name) + ".removed.txt"
    return container.Change(
        content=content,
        name=name,
        comment=_cut(member.comment, cuts, key + _NOTE),
        without_extra=bool(cuts.get(key + _EXTRA) or cuts.get(key + _LOCAL)),
    )


def _prefix(archive: container.Container, replaced: Replaced) -> bytes | None:
    """Return what stands in front of the archive afterwards; None leaves that to the container."""
    for number, (start, _) in enumerate(archive.gaps):
        if start == 0 and _GAPS - number in replaced:
            return b""
    return None


def _cut(raw: bytes, cuts: Cuts, key: int) -> bytes | None:
    if not cuts.get(key):
        return None
    text, codec = plain.read(raw)
    return apply(text, cuts[key]).encode(codec)
