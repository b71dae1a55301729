"""The counter: what lies ready for every transaction, and is exchanged as a whole when policies are read again.

In: what the composition root has wired. Out: :class:`Counter`, a value; a transaction keeps the one it began with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pansentry.desk import Desk
    from pansentry.envelope import Authentication
    from pansentry.judging.hearing import Authenticator
    from pansentry.notification import Notifier
    from pansentry.payments import Despatch
    from pansentry.policy import Policy, PolicySet
    from pansentry.trace import Trace


@dataclass(frozen=True, slots=True)
class Counter:
    """What every transaction needs, wired by the composition root; replaced as a whole on reload.

    ``desk`` makes the core's desk for a policy; ``trace`` writes the fields that go on top of a message.
    """

    hostname: str
    domains: frozenset[str]
    policies: PolicySet
    desk: Callable[[Policy], Desk]
    trace: Trace
    authenticate: Authenticator | None = None
    postmaster: str = ""
    """Whom a bare ``<postmaster>`` means; ``""`` refuses it."""
    measures_all: bool = False
    """Measure every mail, also where no decision depends on it: the mailbox is told, or it is sealed."""
    seal: Callable[[bytes, Authentication], Awaitable[bytes]] | None = None
    """Puts an ARC set on a finished message. Raises SealError: then the mail stays with its sender."""
    notifier: Notifier | None = None
    """Writes the mails that tell people that a rule matched."""
    needs_store: bool = False
    """Answer 451 while the store is away; otherwise mail goes on, redacted and without letters."""
    despatch: Despatch | None = None
    """Grants a letter's wish for a payment link, and sees to what follows from a letter."""
