"""The nursery: one small process from which all others are forked, with everything loaded and compiled already.

In: what each kind of process does (a table of functions), once; then a kind, a memory limit and descriptors. Out: a
running process, after 10 ms instead of a second, whose 90 MB of vocabulary, expressions and code are the very pages of
the gateway (copy on write). It is forked from the gateway before a port is open: no mail, no key and no connection to a
store is in its memory, and what it had open is closed. It has one thread and reads nothing but the gateway's requests.

A request goes over a socket with the descriptors beside it (unix(7), SCM_RIGHTS); what becomes of the process comes
back over a pipe of its own: its number, and in the end its exit status. Processes and nursery end with the gateway,
however that ends (PR_SET_PDEATHSIG).

Linux. Where no process is to be had, :meth:`Nursery.start` raises OSError.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import json
import os
import select
import signal
import socket
import struct
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

Entry = Callable[[int, Sequence[int]], None]
"""What a process does: memory limit in bytes, descriptors. The process ends when it returns."""
START_S = 20.0
_NUMBER = struct.Struct("!q")
_PDEATHSIG = 1
_MAX_REQUEST, _MAX_DESCRIPTORS = 1024, 8
_NO_PROCESS = 0
_ENVIRONMENT = {"PATH", "LANG", "TMPDIR"}
_BY_DEFAULT = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)


class Nursling:
    """A process that the nursery has forked, as the gateway sees it."""

    def __init__(self, pid: int, fate: int) -> None:
        self.pid = pid
        self._fate = fate
        self._status: int | None = None
        self._lock = threading.Lock()

    def wait(self, timeout_s: float) -> int | None:
        """Return the exit code (negative: the signal), or None if it is still running after so many seconds."""
        with self._lock:
            if self._status is None:
                try:
                    self._status = _number(self._fate, time.monotonic() + timeout_s)
                except EOFError:  # the nursery was killed, and so was this one
                    self._status = signal.SIGKILL
        return None if self._status is None else os.waitstatus_to_exitcode(self._status)

    def end(self) -> None:
        """End the process, whatever it does."""
        if self.wait(0) is None:  # or the number may be somebody else's by now
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.wait(START_S)
        with self._lock:
            if self._fate >= 0:
                os.close(self._fate)
                self._fate = -1


class Nursery:
    """The nursery as the gateway sees it; made by :func:`open_nursery`. For any thread."""

    def __init__(self, control: socket.socket, pid: int) -> None:
        self._control = control
        self._lock = threading.Lock()
        self.pid = pid

    def start(self, kind: str, memory_bytes: int, descriptors: Sequence[int]) -> Nursling:
        """Fork a process that gets these descriptors; the caller closes its own copies. Raises OSError."""
        fate, told = os.pipe()
        try:
            request = json.dumps([kind, memory_bytes]).encode()
            with self._lock:
                socket.send_fds(self._control, [request], [told, *descriptors])
        except OSError:
            os.close(fate)
            raise
        finally:
            os.close(told)
        try:
            pid = _number(fate, time.monotonic() + START_S)
        except EOFError:
            pid = None
        if not pid:
            os.close(fate)
            raise OSError("the nursery has no process for us")
        return Nursling(pid, fate)

    def close(self) -> None:
        """End the nursery with all that it has forked."""
        with self._lock:
            if self._control.fileno() < 0:
                return
            self._control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def open_nursery(entries: Mapping[str, Entry]) -> Nursery:
    """Fork the nursery. To be called from the main thread, with nothing in memory that a worker may not have.

    Raises OSError.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent, before = os.getpid(), set(_open_files().values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # sleeping threads hold no lock of ours
        pid = os.fork()
    if pid:
        theirs.close()
        return Nursery(ours, pid)
    try:
        control = fcntl.fcntl(theirs.detach(), fcntl.F_DUPFD_CLOEXEC, 3)  # where our standard input was closed it is 0
        # libuv opens a pipe in every process that is forked, and in the next one closes whatever has its numbers
        new = {number for number, file in _open_files().items() if file not in before}
        _become_child(parent, {control} | new)
        for name in set(os.environ) - _ENVIRONMENT:  # secrets may be given in it
            del os.environ[name]
        _serve(socket.socket(fileno=control), entries)
    finally:
        os._exit(0)


def _open_files() -> dict[int, str]:
    """Return the descriptors of this process, and what the kernel calls what is behind each. Raises OSError."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
    return found


def _number(descriptor: int, until: float) -> int | None:
    """Read one number from a pipe; None at the deadline. Raises EOFError if whoever was to write it is gone."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        return None
    got = os.read(descriptor, _NUMBER.size)
    if len(got) < _NUMBER.size:
        raise EOFError
    number: int = _NUMBER.unpack(got)[0]
    return number


# what follows runs in the nursery


def _become_child(parent: int, keep: set[int]) -> None:
    """Drop what belongs to the parent: its handlers, its terminal, its files; end when it ends."""
    signal.set_wakeup_fd(-1)
    for number in _BY_DEFAULT:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C on the terminal is for the gateway to handle
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    with contextlib.suppress(OSError):
        os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    _close_all_but(keep)


def _close_all_but(keep: set[int]) -> None:
    """Close everything above the standard descriptors but these."""
    edges = [2, *sorted(keep), max(_open_files()) + 1]
    for before, behind in pairwise(edges):
        if before + 1 < behind:  # an empty range would be taken for an endless one
            os.closerange(before + 1, behind)


def _serve(control: socket.socket, entries: Mapping[str, Entry]) -> None:
    """Fork what is asked for, and tell what became of it, until the gateway is gone."""
    gc.freeze()  # or the first collection of each process would write to every page that they share
    gc.enable()
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(woken, select.POLLIN)
    told: dict[int, int] = {}  # process → where its gateway waits for its fate
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if woken.fileno() in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(4096)
            _reap(told)
        if control.fileno() not in ready:
            continue
        request, descriptors, _, _ = socket.recv_fds(control, _MAX_REQUEST, _MAX_DESCRIPTORS)
        if not request:
            for pid in told:
                os.kill(pid, signal.SIGKILL)
            return
        pid = _fork(json.loads(request), descriptors, entries)
        with contextlib.suppress(BrokenPipeError):  # its gateway does not want to know any more
            os.write(descriptors[0], _NUMBER.pack(pid))
        told[pid] = descriptors[0]
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        if pid == _NO_PROCESS:
            os.close(told.pop(pid))


def _fork(request: tuple[str, int], descriptors: Sequence[int], entries: Mapping[str, Entry]) -> int:
    kind, memory_bytes = request
    nursery = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        return _NO_PROCESS
    if pid:
        return pid
    code = 1
    try:
        _become_child(nursery, set(descriptors[1:]))
        entries[kind](memory_bytes, descriptors[1:])
        code = 0
    finally:
        os._exit(code)


def _reap(told: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        if pid in told:
            descriptor = told.pop(pid)
            with contextlib.suppress(BrokenPipeError):
                os.write(descriptor, _NUMBER.pack(status))
            os.close(descriptor)
