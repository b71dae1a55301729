"""A Maildir with its subfolders (Maildir++: ``.Name``), while other programs use it.

Standards: D. J. Bernstein, "Using maildir format"; Maildir++ (Courier). A key is the unique name before ``:2,``;
flags may change meanwhile, so a file is looked up by its key each time. A copy is written to ``tmp``, synced, gets
the original's time and flags, and is renamed beside it before the original is unlinked.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pansentry.delivery.maildir import make_maildir
from pansentry.sweep.mailbox import ANYWHERE, Change, GoneError, Message

INBOX = "INBOX"
_PLACES = ("cur", "new")


def is_maildir(folder: Path) -> bool:
    """Tell whether a folder is a Maildir."""
    return all((folder / name).is_dir() for name in ("cur", "new", "tmp"))


class MaildirMailbox:
    """A :class:`~pansentry.sweep.mailbox.Mailbox`."""

    defers = False
    changes_at_once = 100

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listed: tuple[str, list[str]] = ("", [])
        """A folder and its sorted names (``cur/…``, ``new/…``), as they were when it was listed last."""

    def folders(self) -> list[str]:
        below = (path for path in self._root.iterdir() if path.name.startswith(".") and path.is_dir())
        return [INBOX, *sorted(path.name[1:] for path in below if is_maildir(path))]

    def count(self, folder: str) -> int:
        return sum(len(os.listdir(self._path(folder) / place)) for place in _PLACES)

    def messages(self, folder: str) -> Iterator[Message]:
        for name in self._list(folder):
            key = name.partition("/")[2].partition(":")[0]
            try:
                path = self._path(folder) / name
                octets = (path if path.exists() else self._find(folder, key)).stat().st_size
            except (GoneError, FileNotFoundError):
                continue
            yield Message(folder, key, octets)

    def read(self, messages: Sequence[Message]) -> dict[Message, bytes]:
        found = {}
        for message in messages:
            with suppress(GoneError, FileNotFoundError):
                found[message] = self._find(message.folder, message.key).read_bytes()
        return found

    def horizon(self, folder: str) -> str:
        return ANYWHERE

    def copies(self, folder: str, horizons: Collection[str]) -> frozenset[str]:
        names = (name for place in _PLACES for name in os.listdir(self._path(folder) / place))
        return frozenset(name.partition(":")[0].rpartition(".")[2] for name in names)

    def replace(self, changes: Sequence[Change], copied: Collection[str]) -> frozenset[Message]:
        return _gone(self._replace(change, change.mark in copied) for change in changes)

    def move(self, messages: Sequence[Message], target: str) -> frozenset[Message]:
        folder = self._path(target)
        make_maildir(folder)
        return _gone(self._move(message, folder) for message in messages)

    def finish(self, folder: str) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Nothing is open."""

    def _path(self, folder: str) -> Path:
        return self._root if folder == INBOX else self._root / f".{folder}"

    def _list(self, folder: str) -> list[str]:
        """List a folder: ``new`` first, as mail wanders from there to ``cur``; what is seen in both is in ``cur``."""
        new, cur = (os.listdir(self._path(folder) / place) for place in ("new", "cur"))
        seen = {name.partition(":")[0] for name in cur} if new else set()
        names = [f"cur/{name}" for name in cur]
        names += [f"new/{name}" for name in new if name.partition(":")[0] not in seen]
        names.sort()
        self._listed = (folder, names)
        return names

    def _find(self, folder: str, key: str) -> Path:
        """Return the file of a message, whatever its flags are now. Raises GoneError."""
        for again in (self._listed[0] != folder, True):
            names = self._list(folder) if again else self._listed[1]
            for place in _PLACES:
                name = _named(names, f"{place}/{key}")
                if name and (path := self._path(folder) / name).exists():
                    return path
        raise GoneError

    def _replace(self, change: Change, is_copied: bool) -> Message | None:
        """Replace a message; return it if it is gone."""
        message = change.message
        try:
            old = self._find(message.folder, message.key)
            if not is_copied:
                # what Dovecot and Courier write behind a comma is the size of another file
                self._write(old, f"{message.key.partition(',')[0]}.{change.mark}", change.redacted)
            old.unlink()
        except (GoneError, FileNotFoundError):
            return message
        _sync(old.parent)
        return None

    def _move(self, message: Message, folder: Path) -> Message | None:
        """Move a message; return it if it is gone."""
        try:
            old = self._find(message.folder, message.key)
            os.rename(old, folder / "cur" / (old.name if ":" in old.name else f"{old.name}:2,"))
        except (GoneError, FileNotFoundError):
            return message
        _sync(folder / "cur")
        _sync(old.parent)
        return None

    def _write(self, old: Path, base: str, redacted: bytes) -> None:
        status = old.stat()
        draft = old.parent.parent / "tmp" / base
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, status.st_mode & 0o777)
        with open(descriptor, "wb") as file:
            file.write(redacted)
            file.flush()
            os.fsync(descriptor)
        if os.geteuid() == 0:
            os.chown(draft, status.st_uid, status.st_gid)
        os.utime(draft, ns=(status.st_atime_ns, status.st_mtime_ns))
        colon, flags = old.name.partition(":")[1:]
        os.rename(draft, old.with_name(f"{base}{colon}{flags}"))
        _sync(old.parent)


def _named(names: Sequence[str], key: str) -> str:
    """Return the name that a key has among sorted names, with its flags; "" if it is not there."""
    for start in (key, f"{key}:"):
        at = bisect_left(names, start)
        if at < len(names) and names[at].partition(":")[0] == key:
            return names[at]
    return ""


def _gone(messages: Iterable[Message | None]) -> frozenset[Message]:
    return frozenset(message for message in messages if message is not None)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
