"""A Maildir with its subfolders (Maildir++: ``.Name``), while other programs use it.

Standards: D. J. Bernstein, "Using maildir format"; Maildir++ (Courier). A key is the unique name before ``:2,``;
flags may change meanwhile, so a file is looked up by its key each time. A copy is written to ``tmp``, synced, gets
the original's time and flags, and is renamed beside it before the original is unlinked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pansentry.delivery.maildir import make_maildir
from pansentry.sweep.mailbox import GoneError, Message

INBOX = "INBOX"
_PLACES = ("cur", "new")


def is_maildir(folder: Path) -> bool:
    """Tell whether a folder is a Maildir."""
    return all((folder / name).is_dir() for name in ("cur", "new", "tmp"))


class MaildirMailbox:
    """A :class:`~pansentry.sweep.mailbox.Mailbox`."""

    defers = False

    def __init__(self, root: Path) -> None:
        self._root = root

    def folders(self) -> list[str]:
        below = (path for path in self._root.iterdir() if path.name.startswith(".") and path.is_dir())
        return [INBOX, *sorted(path.name[1:] for path in below if is_maildir(path))]

    def messages(self, folder: str) -> Iterator[Message]:
        for place in _PLACES:
            for name in sorted(os.listdir(self._path(folder) / place)):
                try:
                    octets = (self._path(folder) / place / name).stat().st_size
                except FileNotFoundError:
                    continue
                yield Message(folder, name.partition(":")[0], octets)

    def read(self, message: Message) -> bytes:
        try:
            return self._find(message).read_bytes()
        except FileNotFoundError:
            raise GoneError from None

    def keep(self, message: Message) -> None:
        """Nothing is to be done."""

    def replace(self, message: Message, redacted: bytes, *, resumed: bool) -> None:
        old = self._find(message)
        # what Dovecot and Courier write behind a comma is the size of another file
        base = f"{message.key.partition(',')[0]}.{message.mark}"
        if not (resumed and self._named(message.folder, base)):
            self._write(old, base, redacted)
        self._unlink(old)

    def move(self, message: Message, target: str) -> None:
        folder = self._path(target)
        make_maildir(folder)
        old = self._find(message)
        try:
            os.rename(old, folder / "cur" / (old.name if ":" in old.name else f"{old.name}:2,"))
        except FileNotFoundError:
            raise GoneError from None
        _sync(folder / "cur")
        _sync(old.parent)

    def finish(self, folder: str) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Nothing is open."""

    def _path(self, folder: str) -> Path:
        return self._root if folder == INBOX else self._root / f".{folder}"

    def _named(self, folder: str, base: str) -> Path | None:
        for place in _PLACES:
            here = self._path(folder) / place
            for name in os.listdir(here):
                if name.partition(":")[0] == base:
                    return here / name
        return None

    def _find(self, message: Message) -> Path:
        """Return the file of a message, whatever its flags are now. Raises GoneError."""
        for place in _PLACES:
            plain = self._path(message.folder) / place / message.key
            for path in (plain, plain.with_name(f"{message.key}:2,"), plain.with_name(f"{message.key}:2,S")):
                if path.exists():
                    return path
        found = self._named(message.folder, message.key)
        if found is None:
            raise GoneError
        return found

    def _write(self, old: Path, base: str, redacted: bytes) -> None:
        try:
            status = old.stat()
        except FileNotFoundError:
            raise GoneError from None
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

    def _unlink(self, old: Path) -> None:
        try:
            old.unlink()
        except FileNotFoundError:
            raise GoneError from None
        _sync(old.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
