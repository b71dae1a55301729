"""The public functions: :func:`detect`, :func:`redact_text`, :func:`redact_message`. Synchronous.

The first two are pure. The third opens documents, if the message has any, in a worker process (``workers/``) that is
started then and used again until the interpreter ends.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from pansentry import pan
from pansentry.edits import apply, merge
from pansentry.truncation import Style

if TYPE_CHECKING:
    from pansentry.examination import Examination, Examined
    from pansentry.outcome import Outcome
    from pansentry.pipeline import Memory
    from pansentry.policy import Policy
    from pansentry.workers import Workers


def detect(text: str, *, policy: Policy | None = None, memory: Memory | None = None) -> tuple[pan.Finding, ...]:
    """Find card numbers, security codes, expiry dates and track data in ``text``.

    Findings come in order and do not overlap; ``text[f.start:f.end]`` is exactly what would be masked. Without a policy
    the default thresholds hold. ``memory`` may know that the conversation had a card before.
    """
    return pan.find(text, _options(policy), _known(memory))


def redact_text(text: str, *, policy: Policy | None = None, memory: Memory | None = None) -> str:
    """Return ``text`` with everything masked that :func:`detect` finds; the very same object if that is nothing."""
    from pansentry.redaction import mask

    style = policy.style if policy is not None else Style()
    findings = detect(text, policy=policy, memory=memory)
    return apply(text, merge(edit for finding in findings for edit in mask(text, finding, style)))


def redact_message(raw: bytes, *, policy: Policy | None = None, memory: Memory | None = None) -> Outcome:
    """Judge an RFC 5322 message and return the :class:`Outcome`: verdict, receipt, and the message to deliver.

    Without a policy the shipped default holds. Never raises on any input; a clean message comes back as the very same
    bytes. No trace fields are added and no letter is written: that is the gateway's part.
    """
    from pansentry.envelope import Envelope
    from pansentry.pipeline import Desk, Recollection, process
    from pansentry.policy import default_policy

    desk = Desk(
        policy if policy is not None else default_policy(),
        memory if memory is not None else Recollection(),
        examine=examine,
    )
    return process(raw, Envelope(), desk)


def examine(data: bytes, name: str, options: Examination) -> Examined:
    """Open a document in a worker process and wait for it; never raises."""
    return _workers(os.getpid()).examine(data, name, options)


@functools.cache
def _workers(_pid: int) -> Workers:
    """Return this process's workers; a fork must not talk through its parent's pipes."""
    import atexit

    from pansentry.workers import Workers

    workers = Workers()
    atexit.register(workers.close)
    return workers


def _options(policy: Policy | None) -> pan.DetectOptions:
    return policy.detect_options() if policy is not None else pan.DEFAULT_OPTIONS


def _known(memory: Memory | None) -> pan.Known:
    return pan.Known(card_in_conversation=True) if memory is not None and memory.had_card(()) else pan.NOTHING_KNOWN
