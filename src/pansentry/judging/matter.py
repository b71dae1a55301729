"""What is brought before a judge, and the two ways in which there is no verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pansentry.desk import Desk
    from pansentry.envelope import Authentication, Envelope
    from pansentry.outcome import EnqueueLetter


class NoJudgeError(Exception):
    """No process is to be had, so nothing was tried."""


class NotJudgedError(Exception):
    """There is no verdict; ``reason`` says why, ``where`` at which line of ours if that is known."""

    def __init__(self, reason: str, *, where: str = "", from_outside: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where
        self.from_outside = from_outside


async def kept_back(desk: Desk, letter: EnqueueLetter) -> str:
    """Return why a letter is expected to be kept back, ``""`` if it is not; a store that fails keeps all back."""
    if desk.keeps_back is None:
        return ""
    try:
        return await desk.keeps_back(letter)
    except Exception:
        return "store"


@dataclass(frozen=True, slots=True)
class Matter:
    """One message to be judged. ``authenticate`` measures its sender; ``measures_all``: whatever is found."""

    raw: bytes = field(repr=False)
    envelope: Envelope
    desk: Desk
    authenticate: Callable[[bytes, Envelope], Awaitable[Authentication]] | None = None
    measures_all: bool = False
