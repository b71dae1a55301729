"""What a mailbox is to the sweep: folders of messages that can be read, replaced and moved, many at a time.

A replacement is a copy without card data beside the original, and then the original's end; both survive a kill at any
instant. A ``mark`` is the journal's word for a message, the same in every run with that journal: by it a copy is known
that a killed run has left. It is twenty letters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

ANYWHERE = "-"
"""The horizon of a mailbox that finds copies wherever they are."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its folder, a key that stays as long as it is there, its size in bytes."""

    folder: str
    key: str
    octets: int


@dataclass(frozen=True, slots=True)
class Change:
    """A message, and what shall stand in its place."""

    message: Message
    mark: str
    redacted: bytes = field(repr=False)


class GoneError(Exception):
    """The message is not there any more: somebody else moved or deleted it."""


class Mailbox(Protocol):
    """A mailbox. Errors of the system or the server are OSError."""

    @property
    def defers(self) -> bool:
        """True if replacements come into force at :meth:`finish`, all at one time, and not when they are made."""
        ...

    @property
    def changes_at_once(self) -> int:
        """How many messages are best changed together: one where somebody may write to a message that is waiting."""
        ...

    def folders(self) -> list[str]:
        """Return the folders, in a stable order."""
        ...

    def count(self, folder: str) -> int:
        """Return about how many messages are in a folder, without looking at each: for the progress bar."""
        ...

    def messages(self, folder: str) -> Iterator[Message]:
        """Yield what is in a folder now, in a stable order."""
        ...

    def read(self, messages: Sequence[Message]) -> dict[Message, bytes]:
        """Return those messages of one folder that are still there, and leave their flags alone."""
        ...

    def horizon(self, folder: str) -> str:
        """Return where copies will lie that are made from now on: one word for :meth:`copies`."""
        ...

    def copies(self, folder: str, horizons: Collection[str]) -> frozenset[str]:
        """Return the marks of the messages of which there are copies, behind the first of ``horizons``."""
        ...

    def replace(self, changes: Sequence[Change], copied: Collection[str]) -> frozenset[Message]:
        """Put copies in the place of messages of one folder, with date and flags; return the messages that are gone.

        ``copied``: marks of messages that a killed run has left a copy of; it is the replacement.
        """
        ...

    def move(self, messages: Sequence[Message], target: str) -> frozenset[Message]:
        """Move messages of one folder into another, which is made if it is missing; return those that are gone."""
        ...

    def finish(self, folder: str) -> None:
        """Hear that every message of a folder was looked at."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
