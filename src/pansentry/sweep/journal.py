"""The journal of a sweep: what was looked at, so that a run that was killed goes on where it was.

One line of text for each message: a state and the message's mark, which tells nothing about it. A state that comes
before a change (``begun``) is on disk before the change is made. A last line that was cut off is ignored. In memory a
mark takes eight bytes or so: a hundred thousand messages take a few megabytes.
"""

from __future__ import annotations

import enum
import fcntl
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pansentry.sweep.mailbox import Message

_FLUSH_EVERY = 200


class State(enum.StrEnum):
    """What became of a message."""

    CLEAN = "clean"
    FOUND = "found"
    BEGUN = "begun"
    REDACTED = "redacted"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    """It holds card data and could not be rewritten: it stays as it is."""
    GONE = "gone"


_DONE = frozenset(State) - {State.BEGUN}


class Journal:
    """Append-only; one run at a time. Raises OSError (BlockingIOError: another run has it)."""

    def __init__(self, path: Path | None, *, changes: bool) -> None:
        """``changes``: what an earlier run only reported is to be looked at again. Without a path nothing is kept."""
        self._file = None if path is None else _locked(path)
        self._done: set[int] = set()
        self._begun: set[int] = set()
        self._unsynced = 0
        self.before: Counter[State] = Counter()
        """How many messages earlier runs finished, by state."""
        if self._file is not None:
            self._read(self._file, _DONE - {State.FOUND} if changes else _DONE)

    def _read(self, file: BinaryIO, final: frozenset[State]) -> None:
        file.seek(0)
        whole = 0
        for line in file:
            state, _, mark = line.decode("ascii", "replace").rstrip("\n").partition(" ")
            if not line.endswith(b"\n") or state not in State.__members__.values() or not mark:
                break
            whole += len(line)
            if State(state) in final:
                self._done.add(hash(mark))
                self.before[State(state)] += 1
            elif state == State.BEGUN:
                self._begun.add(hash(mark))
        file.truncate(whole)
        file.seek(whole)

    def is_done(self, message: Message) -> bool:
        """Tell whether an earlier run finished with a message."""
        return hash(message.mark) in self._done

    def is_begun(self, message: Message) -> bool:
        """Tell whether an earlier run began to change a message, and was killed."""
        return hash(message.mark) in self._begun

    def note(self, message: Message, state: State) -> None:
        """Write what became of a message; a change is on disk when this returns."""
        if self._file is None:
            return
        self._file.write(f"{state} {message.mark}\n".encode("ascii"))
        self._unsynced += 1
        if state in (State.BEGUN, State.REDACTED, State.MOVED) or self._unsynced >= _FLUSH_EVERY:
            _sync(self._file)
            self._unsynced = 0

    def close(self) -> None:
        """Write what is left."""
        if self._file is not None:
            _sync(self._file)
            self._file.close()


def _locked(path: Path) -> BinaryIO:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a+b")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        file.close()
        raise
    return file


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
