"""Independent proof that a document does not hold a number any more: no reader of ours is asked.

Every member of every ZIP in it is inflated by the standard library and searched as it stands, with its tags taken out,
as UTF-16, and with references decoded; digits may be apart by three characters that are none.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator

_TAGS = re.compile(rb"<[^>]*>")


def streams(data: bytes) -> Iterator[bytes]:
    """Yield the document and every member, however deep."""
    yield data
    if data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                yield from streams(archive.read(name))


def holds(data: bytes, number: str) -> bool:
    """Say whether the first fifteen digits of ``number`` (or all of a shorter one) can be read anywhere."""
    wanted = re.compile(r"[^0-9A-Za-z]{0,3}".join(number[:15]))
    for stream in streams(data):
        for form in (
            stream,
            _TAGS.sub(b"", stream),
            stream.replace(b"\0", b""),
            _TAGS.sub(b"", stream.replace(b"\0", b"")),
        ):
            if wanted.search(html.unescape(form.decode("latin-1"))):
                return True
    return False


def shows(data: bytes, text: str) -> bool:
    """Say whether ``text`` stands in some member."""
    raw = text.encode()
    return any(raw in stream or raw in _TAGS.sub(b"", stream) for stream in streams(data))


def changed(before: bytes, after: bytes) -> set[str]:
    """Return the names of the members that are not the same; order and compression must be."""
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert [(m.filename, m.compress_type, m.date_time) for m in old.infolist()] == [
            (m.filename, m.compress_type, m.date_time) for m in new.infolist()
        ]
        return {name for name in old.namelist() if old.read(name) != new.read(name)}
