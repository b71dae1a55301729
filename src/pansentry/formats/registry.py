"""Which module reads which kind of document: one row each, imported when the first such document comes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pansentry.formats.format import Format

MODULES: dict[str, str] = {  # kind, as `recognise` names it: module below pansentry.formats
    "pdf": "pdf",
    "zip": "zip",
    "gz": "gz",
    "bz2": "bz2",
    "xz": "xz",
    "tar": "tar",
    "7z": "archive",
    "rar": "archive",
    "cab": "archive",
    "lha": "archive",
    "iso": "archive",
    "zstd": "archive",
    "lz4": "archive",
    "lzip": "archive",
    "compress": "archive",
    "docx": "ooxml",
    "xlsx": "ooxml",
    "pptx": "ooxml",
    "odt": "opendocument",
    "ods": "opendocument",
    "odp": "opendocument",
    "epub": "zip",
    "doc": "ole",
    "xls": "ole",
    "ppt": "ole",
    "ole": "ole",
    "ole-encrypted": "ole",
    "msg": "msg",
    "tnef": "tnef",
    "cms": "cms",
    "mbox": "mbox",
    "drawing": "drawing",
    "iwa": "iwa",
    "database": "database",
    "plist": "plist",
    "emf": "metafile",
    "wmf": "metafile",
    "png": "picture",
    "jpg": "picture",
    "gif": "picture",
    "tiff": "picture",
    "bmp": "picture",
    "webp": "picture",
    "avif": "picture",
    "jp2": "picture",
    "ico": "picture",
}
"""Kinds of :func:`pansentry.formats.recognise.recognise` that can be read."""

PICTURES = frozenset(kind for kind, module in MODULES.items() if module == "picture")
"""Kinds that are read by recognising characters. HEIC is none: its decoders (libheif, libde265) are under the LGPL."""


def format_of(kind: str) -> Format | None:
    """Return the format of ``kind``, None if nobody reads it. Raises ImportError if its library is not installed."""
    name = MODULES.get(kind)
    return None if name is None else cast("Format", importlib.import_module(f"pansentry.formats.{name}"))
