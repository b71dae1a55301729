"""One worker process as its parent sees it: start it, give it a job, take the answer or end it at the deadline.

Blocking, for one thread at a time; ``pool.py`` has the threads. Raises :class:`WorkerLostError` with the reason that
becomes ``Unreadable``: ``timeout`` (we ended it, or the kernel did for the processor time), ``memory``, ``crash``.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pansentry
from pansentry.workers import wire
from pansentry.workers.child import ENVIRONMENT

if TYPE_CHECKING:
    from pansentry.examination import Examination, Examined
    from pansentry.workers.nursery import Nursery

KIND = "documents"
"""What a nursery forks for us: :func:`pansentry.workers.child.serve`."""
START_S = 20.0
_CHUNK = 1 << 20
_PIPE_BYTES = 1 << 20
_SET_PIPE_SIZE = 1031


class WorkerLostError(Exception):
    """The worker is gone; ``reason`` says why, ``from_outside`` that nobody here did it."""

    def __init__(self, reason: str, *, from_outside: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.from_outside = from_outside


class Process(Protocol):
    """A running process, however it was started."""

    @property
    def pid(self) -> int: ...
    def wait(self, timeout_s: float) -> int | None: ...
    def end(self) -> None: ...


class Worker:
    """A worker process. ``held`` names what confines it."""

    def __init__(self, memory_bytes: int, nursery: Nursery | None = None) -> None:
        """Start the process: forked if there is a ``nursery``, afresh if not. Raises WorkerLostError, OSError."""
        jobs, self._in = os.pipe()
        self._out, answers = os.pipe()
        try:
            self._process = _forked(nursery, memory_bytes, jobs, answers) or _Fresh(memory_bytes, jobs, answers)
        except BaseException:
            self._close()
            raise
        finally:
            os.close(jobs)
            os.close(answers)
        for descriptor in (self._in, self._out):
            os.set_blocking(descriptor, False)
            _widen(descriptor)
        self.jobs = 0
        self.peak_bytes = 0
        said, _ = self._take(time.monotonic() + START_S, 0)
        self.held = tuple(str(one) for one in said.get("held", ()))

    @property
    def pid(self) -> int:
        return self._process.pid

    def examine(self, data: bytes, name: str, options: Examination, deadline_s: float) -> Examined:
        """Let the worker examine a document. Raises WorkerLostError; the worker is of no use then."""
        until = time.monotonic() + deadline_s
        head, body = wire.frame(wire.job(name, options, deadline_s), data)
        self._give(head, until)
        self._give(body, until)
        said, new = self._take(until, 4 * len(data) + 64 * 1024 * 1024)
        try:
            examined, self.peak_bytes = wire.examined_of(said, new, data)
        except wire.WireError:
            raise self._lost("crash") from None
        self.jobs += 1
        return examined

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.end()
        self._close()

    def _close(self) -> None:
        for descriptor in (self._in, self._out):
            if descriptor >= 0:
                os.close(descriptor)
        self._in = self._out = -1

    def _give(self, data: bytes, until: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._in, select.POLLOUT, until)
            try:
                view = view[os.write(self._in, view[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise self._lost("crash") from None

    def _take(self, until: float, most_bytes: int) -> tuple[dict[str, Any], bytes]:
        text_size, size = wire.HEAD.unpack(self._read(wire.HEAD.size, until))
        if text_size > wire.MAX_JSON_BYTES or size > most_bytes:
            raise self._lost("crash")
        try:
            said = json.loads(self._read(text_size, until))
        except ValueError:
            raise self._lost("crash") from None
        if not isinstance(said, dict):
            raise self._lost("crash")
        return said, self._read(size, until)

    def _read(self, size: int, until: float) -> bytes:
        pieces, left = [], size
        while left:
            self._wait(self._out, select.POLLIN, until)
            try:
                piece = os.read(self._out, min(left, _CHUNK))
            except BlockingIOError:
                continue
            if not piece:
                raise self._lost("crash")
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def _wait(self, descriptor: int, event: int, until: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise self._lost("timeout")

    def _lost(self, reason: str) -> WorkerLostError:
        """End the process and say why it is lost; a signal that it got before tells more."""
        code = self._process.wait(0.2) if reason != "timeout" else None
        self.end()
        if code == -signal.SIGXCPU:
            return WorkerLostError("timeout")
        return WorkerLostError(reason, from_outside=code in (-signal.SIGKILL, -signal.SIGTERM))


def _forked(nursery: Nursery | None, memory_bytes: int, jobs: int, answers: int) -> Process | None:
    """Return a process of the nursery, None if it has none for us: it may have been killed."""
    with contextlib.suppress(OSError):
        return None if nursery is None else nursery.start(KIND, memory_bytes, (jobs, answers))
    return None


class _Fresh:
    """A new interpreter that is a worker."""

    def __init__(self, memory_bytes: int, jobs: int, answers: int) -> None:
        start = f"import sys; sys.path[:] = {_module_path()!r}"
        code = f"{start}\nfrom pansentry.workers.child import main\nmain({memory_bytes})"
        self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter with our own code
            [sys.executable, "-I", "-c", code],
            stdin=jobs,
            stdout=answers,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT | {key: os.environ[key] for key in ("PATH", "LANG", "PANSENTRY_PURE") if key in os.environ},
            start_new_session=True,  # a Ctrl-C on the terminal is for the parent to handle
        )
        self.pid = self._process.pid

    def wait(self, timeout_s: float) -> int | None:
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


def _module_path() -> list[str]:
    """Return where the worker finds modules; what is on it can be read by it, so the working directory is not."""
    ours = str(Path(pansentry.__file__).parents[1])
    here = str(Path.cwd())
    return list(dict.fromkeys([ours, *(entry for entry in sys.path if entry and entry not in (here, "."))]))


def _widen(descriptor: int) -> None:
    """Ask for a wide pipe: a document of some megabytes then takes fewer turns."""
    import fcntl

    try:
        fcntl.fcntl(descriptor, _SET_PIPE_SIZE, _PIPE_BYTES)
    except OSError:
        return
