"""Readiness: everything that mail needs is compiled, forked and settled before a port opens.

In: the counter of every policy. Out: nothing but a process in which the first mail is as quick as the thousandth, and
the nursery from which judges and workers are forked.
"""

from __future__ import annotations

import base64
import gc
import sys
from typing import TYPE_CHECKING

from pansentry import pipeline
from pansentry.envelope import Envelope
from pansentry.judging.judges import ENTRY
from pansentry.logs import where
from pansentry.pipeline import Desk
from pansentry.policy import default_policy
from pansentry.workers.child import serve as serve_documents
from pansentry.workers.heap import give_back_memory, keep_free_memory
from pansentry.workers.nursery import open_nursery
from pansentry.workers.process import KIND

if TYPE_CHECKING:
    from pansentry.counter import Counter
    from pansentry.smtp.session import Log
    from pansentry.workers.nursery import Nursery

SWITCH_EVERY_S = 0.001
"""How long a judging thread keeps the event loop waiting; the interpreter's own 5 ms are felt as latency."""
_WARM_UP = (
    b"From: a@example.org\r\nSubject: =?utf-8?q?warm_up?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(b"<p>Visa 4111 1111 1111 1111, 09/28, cvv 123</p>").replace(b"\n", b"\r\n")
)
"""A published test number in HTML: it goes through every stage, from parsing to the second reading."""


def open_judging(log: Log) -> Nursery | None:
    """Compile what judging needs, and fork the process from which judges and workers are forked.

    What is in memory now, and nothing more, is in theirs too: configuration, policies and letters; no key, no store.
    None where the system has no process for us: then mail is judged here, and documents are opened by fresh processes.
    """
    pipeline.warm_up()
    pipeline.process(_WARM_UP, Envelope("", (), id="warm-up"), Desk(default_policy()))
    give_back_memory()  # or what compiling needed, 50 MB, would stay in the nursery
    try:
        return open_nursery({KIND: serve_documents, **ENTRY})
    except OSError as error:
        log("nursery.none", error=where(error))
        return None


def warm_up(counter: Counter) -> None:
    """Judge one mail under every policy, so that expressions, readers and templates are compiled before a port opens.

    Without it the first mails would wait for that: 0.3 s, and 0.8 s more for hyperscan.
    """
    pipeline.warm_up()
    envelope = Envelope("", (), id="warm-up")
    for policy in (*counter.policies.policies, counter.policies.fallback):
        pipeline.process(_WARM_UP, envelope, counter.desk(policy))


def settle() -> None:
    """Tell the interpreter that what is there now stays, and that threads take turns often.

    Without the freeze a full collection looks through the vocabulary again and stops everything for 80 ms.
    """
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(SWITCH_EVERY_S)
    give_back_memory()
    keep_free_memory()  # between large messages; Leftovers gives it back behind the last
