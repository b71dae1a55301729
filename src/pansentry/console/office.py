"""What the pages work with: the store, what is configured, and what the gateway lets them do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from pansentry.configuration import Configuration
    from pansentry.doctor.answer import Answer
    from pansentry.policy import PolicySet
    from pansentry.reply import Letters
    from pansentry.store import Store


@dataclass(frozen=True, slots=True)
class Office:
    """The desk behind the pages. Functions ask the running gateway; nothing here is decided anew."""

    store: Store
    configuration: Configuration
    clock: Callable[[], float]
    policies: Callable[[], PolicySet]
    policy_folder: Path
    letters: Callable[[], Letters]
    reload: Callable[[], Awaitable[bool]]
    health: Callable[[], Awaitable[Mapping[str, object]]]
    token_key: bytes = field(repr=False)
    """The key of the tokens in recorded decisions."""
    checks: Callable[[], Sequence[Answer]]
    """What the doctor says now; takes a second, so it is asked in a thread."""
    census: Callable[[], Mapping[str, int]]
    """Connections, mails under way, bytes in flight: what the gateway counts of itself."""
