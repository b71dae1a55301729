"""Places of findings as they are summed up and shown: one name for all that a reader is told in the same words.

In: places of an event, such as ``body:1.2``, ``part:2/header:subject``, ``name:2``, ``document:zip/docx:page 3``,
``joined`` (the Subject and the texts read together). Out: ``body``, ``header:subject``, ``header``, ``name``,
``document:text-document`` …; what is none of ours, as it is. No content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

JOINED = "joined"
"""Where what stands in one part is seen a second time; a place of its own only for what crosses from part to part."""
FAMILIES = {
    "pdf": "pdf",
    "text-document": "docx doc odt rtf iwa epub",
    "spreadsheet": "xlsx xls xlsb ods csv",
    "presentation": "pptx ppt odp",
    "picture": "png jpg gif tiff bmp webp avif heic jp2 ico svg emf wmf image",
    "archive": "zip gz bz2 xz tar 7z rar cab lha iso zstd lz4 lzip compress",
    "attached-mail": "eml msg mbox tnef",
    "attachment": "ole ole-encrypted cms drawing database plist",
}
"""What is told in one word, and the kinds of documents that are it; every other kind is an ``attachment`` too."""
_FAMILY = {kind: family for family, kinds in FAMILIES.items() for kind in (family, *kinds.split())}


def real(places: Iterable[str]) -> tuple[str, ...]:
    """Return places without the joined reading, unless it is the only one."""
    listed = tuple(places)
    return tuple(place for place in listed if place != JOINED) or listed


def coarse(place: str) -> str:
    """Return the name under which a place is counted; the same again for such a name."""
    kind, _, rest = place.partition(":")
    if kind == "document":
        return f"document:{_FAMILY.get(rest.partition(':')[0].rpartition('/')[2], 'attachment')}"
    if "header:" in place or kind == "header":
        return "header:subject" if place.endswith("header:subject") else "header"
    return "body" if place == JOINED else kind
