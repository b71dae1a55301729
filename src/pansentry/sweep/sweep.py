"""Through a mailbox, message by message: report, redact, or move. Bounded memory: one message at a time.

The judgement is the gateway's own (``redact_message``, documents included); nothing is masked that it would not mask.
What may be left over after a kill at any instant is a copy beside its original; the next run of the same journal ends
that.
"""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.sweep.journal import State
from pansentry.sweep.mailbox import GoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pansentry.outcome import Outcome
    from pansentry.sweep.journal import Journal
    from pansentry.sweep.mailbox import Mailbox, Message


class Mode(enum.Enum):
    """What is done with a message that holds card data."""

    REPORT = "report"
    REDACT = "redact"
    MOVE = "move"


@dataclass(slots=True)
class Scope:
    """What was found, in numbers: the answer to "where is card data?" (PCI DSS 12.5.2)."""

    messages: Counter[str] = field(default_factory=Counter)
    """Messages looked at, by folder."""
    with_cards: Counter[str] = field(default_factory=Counter)
    """Messages that held card data, by folder."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Findings by kind, and card numbers by brand (``pan visa``)."""
    years: Counter[str] = field(default_factory=Counter)
    """Messages that held card data, by year of their Date field."""
    unread: Counter[str] = field(default_factory=Counter)
    """What could not be read, by reason."""
    states: Counter[State] = field(default_factory=Counter)
    """What became of the messages, earlier runs included."""


def sweep(
    mailbox: Mailbox,
    judge: Callable[[bytes], Outcome],
    journal: Journal,
    mode: Mode,
    *,
    target: str = "",
    max_octets: int = 100 * 1024 * 1024,
) -> Iterator[tuple[Message, Scope]]:
    """Go through a mailbox; yield after each message, with the running numbers. Raises OSError.

    ``target`` is the folder for :attr:`Mode.MOVE`. A message beyond ``max_octets`` counts as unread.
    """
    scope = Scope(states=Counter(journal.before))
    for folder in mailbox.folders():
        if mode is Mode.MOVE and folder == target:
            continue
        deferred: list[tuple[Message, State]] = []
        for message in mailbox.messages(folder):
            if not journal.is_done(message):
                state = _one(mailbox, message, judge, journal, mode, target, max_octets, scope)
                if mailbox.defers:
                    deferred.append((message, state))
                else:
                    journal.note(message, state)
                scope.states[state] += 1
            yield message, scope
        mailbox.finish(folder)
        for message, state in deferred:
            journal.note(message, state)


def _one(
    mailbox: Mailbox,
    message: Message,
    judge: Callable[[bytes], Outcome],
    journal: Journal,
    mode: Mode,
    target: str,
    max_octets: int,
    scope: Scope,
) -> State:
    """Look at one message, and do with it what is to be done."""
    scope.messages[message.folder] += 1
    if message.octets > max_octets:
        scope.unread["limit:message-size"] += 1
        mailbox.keep(message)
        return State.CLEAN
    try:
        raw = mailbox.read(message)
        outcome = judge(raw)
        for item in outcome.receipt.unreadable:
            scope.unread[item.reason] += 1
        if not outcome.found:
            mailbox.keep(message)
            return State.CLEAN
        _count(scope, message, outcome, raw)
        if mode is Mode.REPORT:
            mailbox.keep(message)
            return State.FOUND
        resumed = journal.is_begun(message)
        if not mailbox.defers:
            journal.note(message, State.BEGUN)
        if mode is Mode.MOVE:
            mailbox.move(message, target)
            return State.MOVED
        if outcome.message is None or not outcome.changed:
            mailbox.keep(message)
            return State.UNCHANGED
        mailbox.replace(message, outcome.message, resumed=resumed)
    except GoneError:
        return State.GONE
    return State.REDACTED


def _count(scope: Scope, message: Message, outcome: Outcome, raw: bytes) -> None:
    from pansentry import mime
    from pansentry.heading import incoming

    scope.with_cards[message.folder] += 1
    for item in outcome.found:
        scope.kinds[f"{item.kind} {item.brand}" if item.brand else str(item.kind)] += 1
    dated = next(iter(incoming(mime.read(raw)).values("date")), "")
    scope.years[_year(dated)] += 1


def _year(dated: str) -> str:
    """Return the year of a Date field (RFC 5322 §3.3), or ``unknown``."""
    from email.utils import parsedate

    moment = parsedate(dated)
    return str(moment[0]) if moment is not None and 1970 <= moment[0] <= 2199 else "unknown"
