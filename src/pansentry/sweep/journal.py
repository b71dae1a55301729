"""The journal of a sweep: what was looked at, so that a run that was killed goes on where it was.

The first line names the format and a random key. Then one line of text for each message: a state and the message's
mark. Before a change is made, ``begun MARK FOLDER HORIZON`` is on disk: the mark of the folder, and from where on a
copy would lie. A last line that was cut off is ignored. In memory a finished message takes eight bytes.

Attack: whoever could guess a mark could send a mail that is taken for the copy of another one, which would then be
deleted. So marks are made with the key; they tell nothing about the message either.
"""

from __future__ import annotations

import enum
import fcntl
import os
import re
import secrets
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pansentry.sweep.mailbox import Message

_FLUSH_EVERY = 200
_BEGUN = "begun"
_LETTERS = "bcdfghjkmnpqrstv"
"""Sixteen of them, no digits: those could be taken for a card number."""
_HEAD = re.compile(rb"pansentry-sweep 1 ([0-9a-f]{32})\n")


class State(enum.StrEnum):
    """What became of a message."""

    CLEAN = "clean"
    FOUND = "found"
    REDACTED = "redacted"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    """It holds card data and could not be rewritten: it stays as it is."""
    UNREAD = "unread"
    """It is too large, or what should have judged it ended: it stays as it is."""
    GONE = "gone"


_FINAL = frozenset(State) - {State.UNREAD, State.GONE}
"""What is not looked at again if it is still there."""
_ENDS = frozenset({State.REDACTED, State.MOVED, State.GONE})
"""What ends a change that was begun. A report in between does not: the copy that it left must be known by its mark."""


class Journal:
    """Append-only; one run at a time.

    Raises OSError (BlockingIOError: another run has it), and ValueError for a file that is something else.
    """

    def __init__(self, path: Path | None, *, changes: bool) -> None:
        """``changes``: what an earlier run only reported is to be looked at again. Without a path nothing is kept."""
        self._file = None if path is None else _locked(path)
        self._done = array("Q")
        self._begun: dict[str, tuple[str, str]] = {}
        self._unwritten = 0
        self.before: Counter[State] = Counter()
        """How many messages earlier runs finished, by state."""
        key = secrets.token_hex(16)
        if self._file is not None:
            try:
                key = _key_of(self._file) or key
                self._read(self._file, _FINAL - {State.FOUND} if changes else _FINAL, key)
            except BaseException:
                self._file.close()
                raise
        self._key = bytes.fromhex(key)

    def _read(self, file: BinaryIO, final: frozenset[State], key: str) -> None:
        file.seek(0)
        whole, done = len(file.readline()), array("Q")
        if not whole:
            file.write(f"pansentry-sweep 1 {key}\n".encode("ascii"))
            self.sync()
            return
        for line in file:
            word, *rest = line.decode("ascii", "replace").split() or ("",)
            if not line.endswith(b"\n") or len(rest) != (3 if word == _BEGUN else 1):
                break
            mark = rest[0]
            if word == _BEGUN:
                self._begun.setdefault(mark, (rest[1], rest[2]))  # the first: from then on a copy can be there
            elif word not in State.__members__.values():
                break
            else:
                if State(word) in final:
                    done.append(_short(mark))
                    self.before[State(word)] += 1
                if State(word) in _ENDS:
                    self._begun.pop(mark, None)
            whole += len(line)
        self._done = array("Q", sorted(done))
        file.truncate(whole)
        file.seek(whole)

    def mark(self, message: Message) -> str:
        """Return the letters that stand for a message in this journal, and nowhere else."""
        return self._mark(f"{message.folder}\0{message.key}")

    def _mark(self, name: str) -> str:
        digest = blake2b(name.encode("utf-8", "surrogateescape"), key=self._key, digest_size=10).hexdigest()
        return "".join(_LETTERS[int(one, 16)] for one in digest)

    def is_done(self, mark: str) -> bool:
        """Tell whether an earlier run finished with a message."""
        short = _short(mark)
        at = bisect_left(self._done, short)
        return at < len(self._done) and self._done[at] == short

    def begun(self, folder: str) -> dict[str, str]:
        """Return what earlier runs began to change in a folder and did not finish: marks, each with its horizon."""
        place = self._mark(folder)
        return {mark: horizon for mark, (where, horizon) in self._begun.items() if where == place}

    def begin(self, folder: str, marks: Iterable[str], horizon: str) -> None:
        """Write that messages are about to be changed; this is on disk when it returns."""
        where = f"{self._mark(folder)} {horizon}"
        lines = [f"{_BEGUN} {mark} {where}\n" for mark in marks if mark not in self._begun]
        if self._file is not None:
            self._file.write("".join(lines).encode("ascii"))
            self.sync()

    def note(self, mark: str, state: State) -> None:
        """Write what became of a message; a kill of this process loses the last few, a power cut what is not synced."""
        if self._file is None or (mark in self._begun and state not in _ENDS):
            return
        self._begun.pop(mark, None)
        self._file.write(f"{state} {mark}\n".encode("ascii"))
        self._unwritten += 1
        if self._unwritten >= _FLUSH_EVERY:
            self._file.flush()
            self._unwritten = 0

    def sync(self) -> None:
        """Have everything that was written on disk."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._unwritten = 0

    def close(self) -> None:
        """Write what is left."""
        if self._file is not None:
            self.sync()
            self._file.close()


def _short(mark: str) -> int:
    """Return sixty-four bits of a mark."""
    return hash(mark) & 0xFFFFFFFFFFFFFFFF


def _key_of(file: BinaryIO) -> str:
    """Return the key of a journal; "" if nothing was written yet. Raises ValueError: it is no journal."""
    file.seek(0)
    line = file.readline(100)
    if (found := _HEAD.fullmatch(line)) is not None:
        return found[1].decode("ascii")
    if line:
        raise ValueError("The file that --journal names is no journal of a sweep. Name one that is not there yet.")
    return ""


def _locked(path: Path) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a+b")
    folder = os.open(path.absolute().parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)  # a journal that a power cut takes away knows of no change that was begun
    finally:
        os.close(folder)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        file.close()
        raise
    return file
