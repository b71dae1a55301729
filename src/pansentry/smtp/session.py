"""The border between the SMTP server and whoever wants the mail: protocols and the few values that cross it.

The server owns the dialogue; what happens to the mail is the receiver's. A :class:`Receiver` (implemented by the
composition root) begins one :class:`MailTransaction` for each accepted MAIL command; the server then calls ``rcpt``
for each recipient in order, ``data`` at most once, or ``abort`` if the transaction ends without ``data`` having been
called. In between it may ask to ``rest``.

Plain values are answered at once, on the same stack. A coroutine is begun on the same stack too, and becomes a task
when it waits for anything but a ``Later`` (:mod:`pansentry.errand`). Never more than one call of one transaction is
under way.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from pansentry.envelope import Client
from pansentry.smtp_reply import Reply

DataReply = Reply | tuple[Reply, ...]
"""One reply for the message, or with LMTP one for each accepted recipient, in their order (RFC 2033 §4.2)."""


class MailTransaction(Protocol):
    """One SMTP transaction (RFC 5321 §3.3). An exception of any method is answered ``451 4.3.0``."""

    def rcpt(self, forward_path: str, parameters: tuple[str, ...]) -> Reply | Awaitable[Reply]:
        """Say whether this recipient is taken; 2xx means yes. ``parameters`` are DSN's, as received."""
        ...

    def data(self, message: bytes) -> DataReply | Awaitable[DataReply]:
        """Take the whole message (dots unstuffed, every line ends in CRLF) and say what became of it.

        Runs to its end even if the client is gone or was told 451 after the processing deadline; it is never
        cancelled except by a forced stop.
        """
        ...

    def rest(self) -> Awaitable[None] | None:
        """Let go of what is scarce: the client has recipients, and takes its time for the next command or the content.

        The next call may come while this is still under way.
        """
        ...

    def abort(self) -> Awaitable[None] | None:
        """Forget the transaction: RSET, EHLO, QUIT, a lost connection, DATA refused by the server itself."""
        ...

    def told(self, heard: bool) -> Awaitable[None] | None:
        """Hear, once after ``data``, whether the client has its answer (it went on, or closed in order, after it).

        False if the client was gone before, was told something else at the deadline, or ``data`` raised.
        """
        ...


class Receiver(Protocol):
    """Whoever wants the mail."""

    def begin(
        self, reverse_path: str, parameters: tuple[str, ...], client: Client, smtputf8: bool
    ) -> MailTransaction | Reply:
        """Begin a transaction at MAIL, or refuse it with a reply. ``reverse_path`` is ``""`` for the null sender.

        ``parameters`` are those to be passed on, as received: ``BODY=``, ``SMTPUTF8``, ``RET=``, ``ENVID=``.
        """
        ...


class Log(Protocol):
    """Where the server writes what happened: a stable event name, and fields that never hold peer text unescaped."""

    def __call__(self, event: str, /, **fields: str | int | float) -> None: ...


def silent(event: str, /, **fields: str | int | float) -> None:
    """A log that drops everything (tests, benchmarks)."""
