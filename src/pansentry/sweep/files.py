"""Mail in plain files: a tree of ``.eml`` files, and mbox files.

An ``.eml`` file is replaced by renaming a finished one over it. An mbox (RFC 4155) is locked (``fcntl`` and a
dot-lock, as delivering programs do), written anew beside the old one, and renamed over it once its last message was
looked at; a run that is killed before leaves the old one. Neither form has folders to move to:
:meth:`FilesMailbox.move` raises OSError.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pansentry.formats.mbox import messages, quoted
from pansentry.sweep.mailbox import ANYWHERE, Change, Message

_LOCKED_BY = "pansentry sweep "


class FilesMailbox:
    """A :class:`~pansentry.sweep.mailbox.Mailbox`; each folder of a tree that holds ``.eml`` files is a folder."""

    defers = False
    changes_at_once = 1

    def __init__(self, root: Path) -> None:
        self._root = root

    def folders(self) -> list[str]:
        if self._root.is_file():
            return ["."]
        found = {str(path.parent.relative_to(self._root)) for path in self._root.rglob("*.eml") if path.is_file()}
        return sorted(found)

    def count(self, folder: str) -> int:
        return len(self._paths(folder))

    def messages(self, folder: str) -> Iterator[Message]:
        for path in self._paths(folder):
            if path.is_file():
                yield Message(folder, path.name, path.stat().st_size)

    def read(self, messages: Sequence[Message]) -> dict[Message, bytes]:
        found = {}
        for message in messages:
            with suppress(FileNotFoundError):
                found[message] = self._path(message).read_bytes()
        return found

    def horizon(self, folder: str) -> str:
        return ANYWHERE

    def copies(self, folder: str, horizons: Collection[str]) -> frozenset[str]:
        """A copy takes its original's place in one step, so there never are both."""
        return frozenset()

    def replace(self, changes: Sequence[Change], copied: Collection[str]) -> frozenset[Message]:
        gone = set()
        for change in changes:
            path = self._path(change.message)
            try:
                status = path.stat()
            except FileNotFoundError:
                gone.add(change.message)
                continue
            with _Anew(path, status) as anew:
                anew.write(change.redacted)
        return frozenset(gone)

    def move(self, messages: Sequence[Message], target: str) -> frozenset[Message]:
        raise OSError(errno.ENOTSUP, "files are in no mailbox with folders; use --redact")

    def finish(self, folder: str) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Nothing is open."""

    def _paths(self, folder: str) -> list[Path]:
        return [self._root] if self._root.is_file() else sorted((self._root / folder).glob("*.eml"))

    def _path(self, message: Message) -> Path:
        return self._root if self._root.is_file() else self._root / message.folder / message.key


@dataclass(slots=True)
class _Open:
    """An mbox while it is gone through: where each message lies, the new file if there is to be one."""

    data: mmap.mmap
    ranges: list[tuple[int, int, int]]
    closing: ExitStack
    anew: _Anew | None = None
    written: int = 0


class MboxMailbox:
    """One mbox file, as a mailbox of one folder. With ``writes`` it is locked while it is gone through."""

    defers = True
    changes_at_once = 1

    def __init__(self, path: Path, *, writes: bool) -> None:
        self._path = path
        self._writes = writes
        self._open: _Open | None = None

    def folders(self) -> list[str]:
        return [self._path.name] if self._path.stat().st_size else []

    def count(self, folder: str) -> int:
        self._open = self._open or self._opened()
        return len(self._open.ranges)

    def messages(self, folder: str) -> Iterator[Message]:
        self._open = opened = self._open or self._opened()
        for number, (_, start, end) in enumerate(opened.ranges):
            # a number alone would stand for another message once somebody has deleted one
            yield Message(folder, f"{number}/{end - start}", end - start)

    def read(self, messages: Sequence[Message]) -> dict[Message, bytes]:
        assert self._open is not None
        ranges = ((one, self._open.ranges[_number(one)]) for one in messages)
        return {one: self._open.data[start:end] for one, (_, start, end) in ranges}

    def horizon(self, folder: str) -> str:
        return ANYWHERE

    def copies(self, folder: str, horizons: Collection[str]) -> frozenset[str]:
        """The new file takes the old one's place in one step, so there never are both."""
        return frozenset()

    def replace(self, changes: Sequence[Change], copied: Collection[str]) -> frozenset[Message]:
        """Write the new file up to the last of these messages; what lies between them stays."""
        opened = self._open
        assert opened is not None
        if opened.anew is None:
            opened.anew = opened.closing.enter_context(_Anew(self._path, self._path.stat()))
        for change in changes:
            _, start, end = opened.ranges[_number(change.message)]
            opened.anew.write(opened.data[opened.written : start])
            opened.anew.write(quoted(change.redacted))
            opened.written = end
        return frozenset()

    def move(self, messages: Sequence[Message], target: str) -> frozenset[Message]:
        raise OSError(errno.ENOTSUP, "an mbox is one folder; use --redact")

    def finish(self, folder: str) -> None:
        opened, self._open = self._open, None
        if opened is None:
            return
        with opened.closing:
            if opened.anew is not None:
                opened.anew.write(opened.data[opened.written :])

    def close(self) -> None:
        """Leave the old file if the new one is not finished."""
        opened, self._open = self._open, None
        if opened is not None:
            if opened.anew is not None:
                opened.anew.give_up()
            opened.closing.close()

    def _opened(self) -> _Open:
        with ExitStack() as closing:
            if self._writes:
                _dot_lock(self._path, closing)
            file = closing.enter_context(self._path.open("r+b" if self._writes else "rb"))
            if self._writes:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            data = closing.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            return _Open(data, list(messages(data)), closing.pop_all())


def _number(message: Message) -> int:
    """Return which message of its mbox a message is."""
    return int(message.key.partition("/")[0])


def _dot_lock(path: Path, closing: ExitStack) -> None:
    """Take ``FILE.lock``. Raises BlockingIOError if another program has it; one that a killed sweep left is ours."""
    lock = path.with_name(path.name + ".lock")
    if _is_left_over(lock):
        lock.unlink(missing_ok=True)
    try:
        descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise BlockingIOError(errno.EAGAIN, "another program has the mbox") from None
    closing.callback(lock.unlink, missing_ok=True)
    os.write(descriptor, f"{_LOCKED_BY}{os.getpid()}\n".encode("ascii"))
    os.close(descriptor)


def _is_left_over(lock: Path) -> bool:
    """Tell whether a lock was made by a sweep that runs no more."""
    try:
        said = lock.read_text("ascii", "replace").strip()
    except OSError:
        return False
    process = said.removeprefix(_LOCKED_BY)
    return said.startswith(_LOCKED_BY) and process.isdigit() and not Path(f"/proc/{process}").exists()


class _Anew:
    """A file that takes another's place when the block ends well, with its owner, rights and time."""

    def __init__(self, path: Path, status: os.stat_result) -> None:
        self._path = path
        self._status = status
        self._draft = path.with_name(f".{path.name}.pansentry")
        self._file: BinaryIO | None = None

    def __enter__(self) -> _Anew:
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._file = open(descriptor, "wb")
        return self

    def write(self, data: bytes) -> None:
        """Write more of the new file."""
        assert self._file is not None
        self._file.write(data)

    def give_up(self) -> None:
        """Forget the new file; the old one stays."""
        if self._file is not None:
            self._file.close()
            self._file = None
        with suppress(FileNotFoundError):
            self._draft.unlink()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None or self._file is None:
            self.give_up()
            return
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:
            os.chown(self._draft, self._status.st_uid, self._status.st_gid)
        os.chmod(self._draft, self._status.st_mode & 0o777)
        os.utime(self._draft, ns=(self._status.st_atime_ns, self._status.st_mtime_ns))
        os.replace(self._draft, self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
