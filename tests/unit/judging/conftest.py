"""One nursery for all tests of judges: forking this test run is what takes its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pansentry import outcome, pipeline
from pansentry.judging import child
from pansentry.judging.judges import KIND
from pansentry.judging.values import Blobs, plain
from pansentry.smtp_reply import Reply
from pansentry.workers.nursery import Nursery, open_nursery

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pansentry.judging.wire import Desktop, Job


SECRET = Reply(554, "5.7.1", "what was in the memory of a judge")


def serve(memory_bytes: int, descriptors: Sequence[int]) -> None:
    """Judge, but do as the subject of a message says if it says so: what a hostile message might bring about."""
    judge = child._judge

    def misled(raw: bytes, job: Job, desktop: Desktop, line: child._Line) -> bool:
        match raw.partition(b"\r\n")[0]:
            case b"Subject: loop":
                while True:
                    pass
            case b"Subject: memory":
                raise_memory_error(raw, line)
                return False
            case b"Subject: break":
                pipeline.inspect = None  # type: ignore[assignment]
            case b"Subject: lie":
                line.say({"outcome": ["Outcome", "deliver"]})
                return True
            case b"Subject: tell":
                said = plain(
                    outcome.Outcome(outcome.Verdict(outcome.Action.REFUSE, reply=SECRET), outcome.Receipt()), Blobs()
                )
                line.say({"outcome": said})
                return True
            case b"Subject: ask":
                line.say({"ask": "password", "more": []})
                return True
            case b"Subject: die":
                raise SystemExit
        return judge(raw, job, desktop, line)

    child._judge = misled
    child.serve(memory_bytes, descriptors)


def raise_memory_error(raw: bytes, line: child._Line) -> None:
    """Ask for more than there is."""
    try:
        len(bytearray(1 << 40))
    except MemoryError:
        line.say({"failed": "memory"})


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    pipeline.warm_up()
    opened = open_nursery({KIND: serve})
    yield opened
    opened.close()
