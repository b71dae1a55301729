"""What a mailbox is to the sweep: folders of messages that can be read, replaced and moved.

A replacement is a copy without card data beside the original, and then the original's end; both survive a kill at any
instant. ``mark`` is the same for the same message in every run: by it a copy is known that a killed run has left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

_LETTERS = "bcdfghjkmnpqrstv"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its folder, a key that stays as long as it is there, its size in bytes."""

    folder: str
    key: str
    octets: int

    @property
    def mark(self) -> str:
        """Twenty letters that stand for this message and tell nothing about it."""
        digest = sha256(f"{self.folder}\0{self.key}".encode("utf-8", "surrogateescape")).hexdigest()[:20]
        return "".join(_LETTERS[int(one, 16)] for one in digest)


class GoneError(Exception):
    """The message is not there any more: somebody else moved or deleted it."""


class Mailbox(Protocol):
    """A mailbox. Errors of the system or the server are OSError."""

    @property
    def defers(self) -> bool:
        """True if replacements come into force at :meth:`finish`, all at one time, and not one by one."""
        ...

    def folders(self) -> list[str]:
        """Return the folders, in a stable order."""
        ...

    def messages(self, folder: str) -> Iterator[Message]:
        """Yield what is in a folder now, in a stable order."""
        ...

    def read(self, message: Message) -> bytes:
        """Return a message, and leave its flags alone. Raises GoneError."""
        ...

    def keep(self, message: Message) -> None:
        """Hear that a message stays as it is."""
        ...

    def replace(self, message: Message, redacted: bytes, *, resumed: bool) -> None:
        """Put ``redacted`` in the place of a message, with its date and flags. Raises GoneError.

        ``resumed``: an earlier run was killed while it did this; its copy, if there is one, is the replacement.
        """
        ...

    def move(self, message: Message, target: str) -> None:
        """Move a message into another folder of the mailbox, which is made if it is missing. Raises GoneError."""
        ...

    def finish(self, folder: str) -> None:
        """Hear that every message of a folder was looked at."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
