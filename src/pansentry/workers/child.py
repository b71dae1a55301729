"""The process that opens documents: reads a job, examines, answers; ends when its parent goes away.

It is started by :mod:`pansentry.workers.process` and locks itself in before the first byte of a document arrives.
Nothing is printed and nothing logged; whatever goes wrong is a word in the answer.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO

NICENESS = 10
"""Documents wait for mail, not the other way round."""
ENVIRONMENT = {"PYTHONHASHSEED": "random", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "PYTHONUTF8": "1"}
"""What libraries that a worker loads are told: one thread, few pools of memory."""
_WARM_UP = "Visa 4111 1111 1111 1111, 09/28, cvv 123"
"""A published test number: what it takes to read it is loaded before the process locks itself in."""


def main(memory_bytes: int) -> None:
    """Serve jobs from standard input until it is closed."""
    descriptors = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # what a library prints must not get between the answers
        os.dup2(null, descriptor)
    serve(memory_bytes, descriptors)


def serve(memory_bytes: int, descriptors: Sequence[int]) -> None:
    """Serve jobs from the first descriptor until it is closed; what is answered goes to the second."""
    os.environ.update(ENVIRONMENT)  # of a forked process; nothing that asks is loaded yet
    jobs, answers = os.fdopen(descriptors[0], "rb"), os.fdopen(descriptors[1], "wb")
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # never takes the processor from who wakes up

    from pansentry.workers import confinement

    begun_with = confinement.data_bytes()  # of the gateway's vocabulary, if we were forked
    status = _own_status()
    shared = _peak_bytes(status)  # pages of whoever forked us, until we write to them
    from pansentry import pan
    from pansentry.workers import wire
    from pansentry.workers.heap import map_large_pieces

    map_large_pieces()
    pan.find(_WARM_UP)
    held = confinement.confine(memory_bytes, begun_with)
    gc.freeze()
    _send(answers, *wire.frame({"held": list(held)}))
    while (got := _receive(jobs)) is not None:
        if not _serve(*got, answers, lambda: _peak_bytes(status) - shared):
            return


def _serve(said: dict[str, object], data: bytes, answers: BinaryIO, peak_bytes: Callable[[], int]) -> bool:
    """Do one job; False if this process should not do another."""
    from pansentry.examination import Examined, examine
    from pansentry.outcome import Unreadable
    from pansentry.workers import confinement, wire

    confinement.allow_cpu(float(said["cpu_s"]))  # type: ignore[arg-type]
    goes_on = True
    try:
        examined = examine(data, str(said["name"]), wire.options_of(said))
    except MemoryError:
        examined, goes_on = Examined("unknown", unreadable=(Unreadable("memory", "document"),)), False
    except Exception:
        examined, goes_on = Examined("unknown", unreadable=(Unreadable("crash", "document"),)), False
    _send(answers, *wire.frame(*wire.answer(examined, data, peak_bytes())))
    return goes_on


def _own_status() -> BinaryIO | None:
    """Open what the kernel says about this process; a locked in process could not any more."""
    try:
        return open("/proc/self/status", "rb", buffering=0)
    except OSError:
        return None


def _peak_bytes(status: BinaryIO | None) -> int:
    """Return the most memory this process has had.

    ``ru_maxrss`` is asked last only: it begins with what the parent had when it forked, so that the workers of a
    gateway that had grown were taken for grown, and each was given up after one document.
    """
    if status is not None:
        status.seek(0)
        for line in status.read().splitlines():
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _receive(stream: BinaryIO) -> tuple[dict[str, object], bytes] | None:
    from pansentry.workers.wire import HEAD

    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    text, size = HEAD.unpack(head)
    said = json.loads(stream.read(text))
    return said, stream.read(size)


def _send(stream: BinaryIO, head: bytes, data: bytes) -> None:
    stream.write(head)
    stream.write(data)
    stream.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
