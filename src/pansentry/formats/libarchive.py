"""The C library libarchive (BSD-2-Clause), as much of it as reads archives out of memory.

In: bytes, the names of formats and filters. Out: members, one after the other, with their contents in pieces. Nothing
is extracted, no path is opened, no program started (libarchive's ``program`` filters are never asked for); it runs in
a worker like every reader. The library is the system's (Debian's ``libarchive13``) and gets its corrections from there;
:func:`library` says whether there is one. No binding from a registry is needed for these twenty functions.
Source: archive_read(3), archive_entry(3), ``archive.h``.
"""

from __future__ import annotations

import ctypes
import errno
import locale
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from pansentry.errors import DamagedError

NAMES: Final = ("libarchive.so.13", "libarchive.so.20", "libarchive.13.dylib", "libarchive.so")
_END, _OK, _WARNING, _FAILED = 1, 0, -20, -25
_FOLDER, _KIND_MASK = 0o040000, 0o170000
_CHUNK: Final = 1 << 20
_CTYPE_MASK: Final = 1 << locale.LC_CTYPE
_REASONS: Final = (  # what an error message holds, why that is
    ("ncrypt", "encrypted"),
    ("rypto", "encrypted"),
    ("assphrase", "encrypted"),
    ("llocate", "memory"),
    ("out of memory", "memory"),
    ("upported", "method"),
    ("nknown codec", "method"),
)
_TEXTS: Final = ("archive_error_string", "archive_entry_pathname", "archive_entry_symlink", "archive_entry_hardlink")
_OF_ONE: Final = (
    *("archive_read_free", "archive_errno", "archive_entry_filetype", "archive_entry_is_encrypted"),
    *("archive_entry_size", "archive_entry_size_is_set"),
)
_WIDE_TEXTS: Final = ("archive_entry_pathname_w", "archive_entry_symlink_w", "archive_entry_hardlink_w")


@cache
def library() -> ctypes.CDLL | None:
    """Return the library, None if the system has none. ``ctypes.util`` would start a program to look for it."""
    for name in NAMES:
        try:
            found = ctypes.CDLL(name)
        except OSError:
            continue
        found.archive_read_new.restype = ctypes.c_void_p
        for text in _TEXTS:
            getattr(found, text).restype = ctypes.c_char_p
            getattr(found, text).argtypes = [ctypes.c_void_p]
        for text in _WIDE_TEXTS:
            getattr(found, text).restype = ctypes.c_wchar_p
            getattr(found, text).argtypes = [ctypes.c_void_p]
        found.archive_read_open_memory.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        found.archive_read_next_header.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)]
        found.archive_read_data.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        found.archive_read_data.restype = ctypes.c_ssize_t
        for plain in _OF_ONE:
            getattr(found, plain).argtypes = [ctypes.c_void_p]
        found.archive_entry_filetype.restype = ctypes.c_uint
        found.archive_entry_size.restype = found.archive_filter_bytes.restype = ctypes.c_int64
        found.archive_filter_bytes.argtypes = [ctypes.c_void_p, ctypes.c_int]
        return found
    return None


@cache
def _utf8() -> int | None:
    """Return a locale of which the library can say every name; it goes by that of the thread."""
    try:
        new = ctypes.CDLL(None).newlocale
    except AttributeError:
        return None
    new.restype, new.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
    found: int | None = new(_CTYPE_MASK, b"C.UTF-8", None)
    return found


def _use_locale(which: int | None) -> int | None:
    """Give this thread a locale and return the one before; nothing where there is none to be had."""
    if which is None:
        return None
    use = ctypes.CDLL(None).uselocale
    use.restype, use.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    before: int | None = use(which)
    return before


@dataclass(slots=True)
class Item:
    """One member as libarchive gives it; its content is there only until the next one is asked for."""

    names: tuple[str, ...] = field(repr=False)
    """Path, target of a link."""
    size: int | None
    """In bytes, if the archive says so."""
    is_folder: bool
    is_encrypted: bool
    _archive: Archive = field(repr=False)

    def pieces(self) -> Iterator[bytes]:
        """Yield the content. Raises DamagedError (``encrypted``, ``method``, ``damaged``), MemoryError."""
        return self._archive.pieces()


class Archive:
    """An archive in memory. A context manager: the library's memory is given back at the end."""

    def __init__(self, data: bytes, formats: Sequence[str]) -> None:
        """Open ``data``; ``formats`` are ``format_7zip``, ``filter_zstd`` … Raises DamagedError, ImportError."""
        found = library()
        if found is None:
            raise ImportError("libarchive")
        self._library: Any = found
        self._data = data  # the library reads from it as long as it is open
        self._handle = ctypes.c_void_p(found.archive_read_new())
        self._is_over = False
        self._before: int | None = None
        for name in formats:
            support = getattr(found, f"archive_read_support_{name}", None)
            if support is not None:  # an older library knows fewer
                support(self._handle)
        if found.archive_read_open_memory(self._handle, data, len(data)) not in (_OK, _WARNING):
            raise self._error()

    def __enter__(self) -> Archive:
        self._before = _use_locale(_utf8())
        return self

    def __exit__(self, *_: object) -> None:
        self._library.archive_read_free(self._handle)
        _use_locale(self._before)

    def items(self) -> Iterator[Item]:
        """Yield the members. Raises DamagedError, MemoryError where the rest cannot be read."""
        entry = ctypes.c_void_p()
        while not self._is_over:
            result = self._library.archive_read_next_header(self._handle, ctypes.byref(entry))
            if result == _END:
                return
            if result not in (_OK, _WARNING):  # one that failed may fail for ever
                raise self._error()
            yield Item(
                tuple(name for name in map(self._text, ("pathname", "symlink", "hardlink"), 3 * (entry,)) if name),
                self._library.archive_entry_size(entry) if self._library.archive_entry_size_is_set(entry) else None,
                self._library.archive_entry_filetype(entry) & _KIND_MASK == _FOLDER,
                bool(self._library.archive_entry_is_encrypted(entry)),
                self,
            )

    def pieces(self) -> Iterator[bytes]:
        """Yield the content of the member that was given last."""
        buffer = ctypes.create_string_buffer(_CHUNK)
        while True:
            count = self._library.archive_read_data(self._handle, buffer, _CHUNK)
            if count == 0:
                return
            if count < 0:
                self._is_over = count < _FAILED
                raise self._error()
            yield buffer.raw[:count]

    def consumed(self) -> int:
        """Return how many bytes of the archive were read so far."""
        return max(0, int(self._library.archive_filter_bytes(self._handle, -1)))

    def _text(self, name: str, entry: ctypes.c_void_p) -> str:
        """Return a name: in characters, or, where the library's locale cannot say it, in bytes."""
        wide: str | None = getattr(self._library, f"archive_entry_{name}_w")(entry)
        if wide is not None:
            return wide
        raw: bytes | None = getattr(self._library, f"archive_entry_{name}")(entry)
        return "" if raw is None else raw.decode("utf-8", "replace")

    def _error(self) -> DamagedError:
        """Return why something failed. Nothing of the message gets out: it may quote a name."""
        if self._library.archive_errno(self._handle) == errno.ENOMEM:
            raise MemoryError
        said = (self._library.archive_error_string(self._handle) or b"").decode("latin-1")
        reason = next((reason for words, reason in _REASONS if words in said), "damaged")
        if reason == "memory":
            raise MemoryError
        return DamagedError(reason)
