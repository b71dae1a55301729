"""Judge messages in processes of their own, while the one that talks to the mailbox fetches the next ones.

In: messages, one by one. Out: for each a call that waits for its judgement. A process gets one message at a time, over
a pipe; nothing touches a disk. It ends when its parent does, even by SIGKILL: nobody else holds the other end of its
pipe. One that ends by itself is replaced, and its message is given to the new one; if that ends as well, the message
is given up and the sweep goes on.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import TYPE_CHECKING

from pansentry.sweep.judgement import Judgement, judge

if TYPE_CHECKING:
    from pansentry.policy import Policy

_TRIES = 2
_END_S = 5.0


class Judges:
    """Some processes that judge. ``read_policy`` is called in each of them, because a policy cannot be pickled."""

    def __init__(self, processes: int, read_policy: Callable[[], Policy | None]) -> None:
        self._read_policy = read_policy
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="judge")
        self._idle: SimpleQueue[_Process | None] = SimpleQueue()
        for _ in range(processes):
            self._idle.put(None)
        self._processes = processes

    def begin(self, raw: bytes) -> Callable[[], Judgement]:
        """Begin to judge a message; what is returned waits for the judgement."""
        return self._threads.submit(self._ask, raw).result

    def close(self) -> None:
        """End the processes; what was not judged yet never is."""
        self._threads.shutdown(cancel_futures=True)
        for _ in range(self._processes):
            if (process := self._idle.get()) is not None:
                process.end()

    def _ask(self, raw: bytes) -> Judgement:
        process = self._idle.get()
        try:
            for _ in range(_TRIES):
                if process is None:
                    process = _Process(self._read_policy)
                with contextlib.suppress(EOFError, OSError):
                    return process.ask(raw)
                process.end()
                process = None
            return Judgement(lost=True)
        finally:
            self._idle.put(process)


class _Process:
    """One process that judges."""

    def __init__(self, read_policy: Callable[[], Policy | None]) -> None:
        self._pipe, far = multiprocessing.Pipe()
        # spawned, not forked: a child must hold neither the mailbox's connection nor the pipes of the others
        self._process = SpawnProcess(target=_serve, args=(far, read_policy), daemon=True)
        self._process.start()
        far.close()

    def ask(self, raw: bytes) -> Judgement:
        """Have a message judged. Raises EOFError or OSError: the process is gone."""
        self._pipe.send_bytes(raw)
        answer: Judgement = self._pipe.recv()
        return answer

    def end(self) -> None:
        """Close its pipe, by which it knows; kill it if it goes on."""
        self._pipe.close()
        self._process.join(_END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(pipe: Connection, read_policy: Callable[[], Policy | None]) -> None:
    """Judge what comes until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes the pipe
    policy = read_policy()
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(judge(pipe.recv_bytes(), policy))
