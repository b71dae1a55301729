"""Through a mailbox: report, redact, or move. Bounded memory: messages are fetched in groups of some megabytes.

The judgement is the gateway's own, documents included; nothing is masked that it would not mask. While a group is
judged, the next one is fetched. Changes are collected and made together, because a mail server goes through its folder
each time; in this order: journal (on disk), copies, look that they are there, end of the originals, journal. What may
be left over after a kill at any instant is copies beside their originals; the next run with the same journal ends that.
"""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.sweep.journal import State
from pansentry.sweep.mailbox import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pansentry.sweep.journal import Journal
    from pansentry.sweep.judgement import Begin, Judgement
    from pansentry.sweep.mailbox import Mailbox, Message

READ_AT_ONCE, READ_OCTETS = 50, 8 * 1024 * 1024
"""A group that is fetched together: so many messages, or so many bytes; at least one message."""
CHANGE_OCTETS = 8 * 1024 * 1024
"""Changes that are made together; a mailbox says how many at most."""


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


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with what is found. ``target`` is the folder for :attr:`Mode.MOVE`."""

    mode: Mode
    target: str = ""
    max_octets: int = 100 * 1024 * 1024
    """A larger message is not read, and counted as unread."""


def sweep(mailbox: Mailbox, begin: Begin, journal: Journal, task: Task) -> Iterator[tuple[Message, Scope]]:
    """Go through a mailbox; yield after each message, with the running numbers. Raises OSError."""
    scope = Scope(states=Counter(journal.before))
    for folder in mailbox.folders():
        if task.mode is not Mode.MOVE or folder != task.target:
            yield from _Folder(folder, mailbox, begin, journal, task, scope).go_through()


class _Folder:
    """The way through one folder: what is being judged, and what is to be changed."""

    def __init__(self, name: str, mailbox: Mailbox, begin: Begin, journal: Journal, task: Task, scope: Scope) -> None:
        self._name = name
        self._mailbox = mailbox
        self._begin = begin
        self._journal = journal
        self._task = task
        self._scope = scope
        self._judged: list[tuple[Message, str, Callable[[], Judgement] | None]] = []
        self._changes: list[Change] = []
        self._change_octets = 0
        self._deferred: list[tuple[str, State]] = []
        self._begun: set[str] = set()
        self._copied: frozenset[str] = frozenset()
        if task.mode is not Mode.REPORT and (begun := journal.begun(name)):
            self._begun = set(begun)
            self._copied = mailbox.copies(name, begun.values())

    def go_through(self) -> Iterator[tuple[Message, Scope]]:
        """Yield after each message of the folder."""
        for group in self._groups():
            yield from self._next(group)
        yield from self._next([])
        self._change()
        self._mailbox.finish(self._name)
        for mark, state in self._deferred:
            self._journal.note(mark, state)
        self._end_what_was_begun()
        self._journal.sync()

    def _groups(self) -> Iterator[list[Message]]:
        """Yield the messages in groups that are fetched together."""
        group: list[Message] = []
        octets = 0
        for message in self._mailbox.messages(self._name):
            if group and (len(group) == READ_AT_ONCE or octets + message.octets > READ_OCTETS):
                yield group
                group, octets = [], 0
            group.append(message)
            octets += message.octets
        if group:
            yield group

    def _next(self, group: list[Message]) -> Iterator[tuple[Message, Scope]]:
        """Begin to judge a group, and meanwhile settle the one before."""
        marked = [(one, self._journal.mark(one)) for one in group]
        wanted = [one for one, mark in marked if self._is_to_be_read(one, mark)]
        read = self._mailbox.read(wanted) if wanted else {}
        before = self._judged
        self._judged = [(one, mark, self._begin(read[one]) if one in read else None) for one, mark in marked]
        for message, mark, judgement in before:
            self._begun.discard(mark)
            if not self._journal.is_done(mark):
                self._scope.messages[self._name] += 1
                self._settle(message, mark, judgement() if judgement is not None else None)
            yield message, self._scope

    def _is_to_be_read(self, message: Message, mark: str) -> bool:
        return message.octets <= self._task.max_octets and mark not in self._copied and not self._journal.is_done(mark)

    def _settle(self, message: Message, mark: str, judgement: Judgement | None) -> None:
        """Note what a message is, or collect what is to be done with it."""
        if mark in self._copied:
            self._collect(Change(message, mark, b""))
        elif message.octets > self._task.max_octets:
            self._scope.unread["limit:message-size"] += 1
            self._note(mark, State.UNREAD)
        elif judgement is None:
            self._note(mark, State.GONE)
        elif judgement.lost:
            self._scope.unread["crash"] += 1
            self._note(mark, State.UNREAD)
        else:
            self._scope.unread.update(judgement.unread)
            self._follow(message, mark, judgement)

    def _follow(self, message: Message, mark: str, judgement: Judgement) -> None:
        if not judgement.kinds:
            self._note(mark, State.CLEAN)
            return
        self._scope.with_cards[self._name] += 1
        self._scope.kinds.update(judgement.kinds)
        self._scope.years[judgement.year] += 1
        if self._task.mode is Mode.REPORT:
            self._note(mark, State.FOUND)
        elif self._task.mode is Mode.MOVE:
            self._collect(Change(message, mark, b""))
        elif judgement.redacted is None:
            self._note(mark, State.UNCHANGED)
        else:
            self._collect(Change(message, mark, judgement.redacted))

    def _collect(self, change: Change) -> None:
        if self._change_octets + len(change.redacted) > CHANGE_OCTETS:
            self._change()
        self._changes.append(change)
        self._change_octets += len(change.redacted)
        if len(self._changes) == self._mailbox.changes_at_once:
            self._change()

    def _change(self) -> None:
        """Make the changes that were collected."""
        changes, self._changes, self._change_octets = self._changes, [], 0
        if not changes:
            return
        if not self._mailbox.defers:
            self._journal.begin(self._name, (one.mark for one in changes), self._mailbox.horizon(self._name))
        # what a killed run has left a copy of is a replacement that was begun, and is ended as one
        moves = self._task.mode is Mode.MOVE
        moved = [one.message for one in changes if moves and one.mark not in self._copied]
        replaced = [one for one in changes if not moves or one.mark in self._copied]
        gone = self._mailbox.replace(replaced, self._copied) if replaced else frozenset()
        if moved:
            gone |= self._mailbox.move(moved, self._task.target)
        for one in changes:
            done = State.MOVED if moves and one.mark not in self._copied else State.REDACTED
            self._note(one.mark, State.GONE if one.message in gone else done)
        self._journal.sync()

    def _note(self, mark: str, state: State) -> None:
        self._scope.states[state] += 1
        if self._mailbox.defers:
            self._deferred.append((mark, state))
        else:
            self._journal.note(mark, state)

    def _end_what_was_begun(self) -> None:
        """Note what became of messages that an earlier run began to change and that are not there any more."""
        absent = State.MOVED if self._task.mode is Mode.MOVE else State.GONE
        for mark in self._begun:
            state = State.REDACTED if mark in self._copied else absent
            self._scope.states[state] += 1
            self._journal.note(mark, state)
