"""Readiness: everything that mail needs is compiled, forked and settled before a port opens.

In: a configuration, later the counter of every policy. Out: the :class:`Groundwork`, and a process in which
the first mail is as quick as the thousandth.

The groundwork is laid before the rest of the gateway is imported: whatever is in memory when the nursery is forked is
there twice as soon as the gateway touches it, and of the database's library, TLS and the mail server (30 MB) judges and
workers need nothing. Nothing is imported here that opens a store, a connection or a key.
"""

from __future__ import annotations

import base64
import gc
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry import pipeline, shipped
from pansentry.envelope import Envelope
from pansentry.errors import ConfigurationError
from pansentry.judging.judges import ENTRY
from pansentry.lettering import Words, words_of
from pansentry.logs import where
from pansentry.pipeline import Desk
from pansentry.policy import default_policy
from pansentry.policy_activation import Activation
from pansentry.workers.child import serve as serve_documents
from pansentry.workers.heap import give_back_memory, keep_free_memory
from pansentry.workers.nursery import open_nursery
from pansentry.workers.process import KIND

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
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


@dataclass(frozen=True, slots=True)
class Groundwork:
    """Policies and letters as they were read, or what is ``wrong`` with them; and the nursery, where there is one."""

    policies: Activation
    words: Words | None = None
    wrong: ConfigurationError | None = None
    nursery: Nursery | None = None


def lay_groundwork(configuration: Configuration, log: Log) -> Groundwork:
    """Read policies and letters, and fork the nursery of a gateway that listens.

    For the one mail of a pipe the nursery would take longer than the mail.
    """
    policies = Activation(configuration.policies, configuration.replies or shipped.replies())
    try:
        policies.state = policies.read()
        words = words_of(configuration, policies.state)
    except ConfigurationError as error:
        return Groundwork(policies, wrong=error)
    return Groundwork(policies, words, nursery=open_judging(log) if configuration.listen else None)


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
