"""What a next hop is to the gateway: one small protocol, three ways to carry it out.

A :class:`Hop` lives as long as the gateway; a :class:`Delivery` is one transaction towards it. The order of calls is
``rcpt`` once for each forward-path (its answers are ours, one by one), then either ``send`` or ``abort``. Nothing of a
message goes out before ``send``, so a message that is refused, or a client that vanishes, leaves nothing half-sent.

Both never raise on a fault of the next hop: whatever it does is a :class:`Reply`. Cancelling a call closes the
connection it was using.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pansentry.delivery.next_hop import NextHop, Scheme
from pansentry.envelope import Client
from pansentry.frozen import quickly_made

if TYPE_CHECKING:
    import ssl

    from pansentry.smtp_reply import Reply


@quickly_made
@dataclass(frozen=True, slots=True)
class Sender:
    """The first half of the envelope: who sends, with what ESMTP parameters, through which client."""

    reverse_path: str = ""
    mail_parameters: tuple[str, ...] = ()
    smtputf8: bool = False
    client: Client = field(default_factory=Client)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds to wait for the next hop, command by command (RFC 5321 §4.5.3.2; reliability facts, section 5).

    Commands are short, because the client can try again. The answer to the final dot is long: to give up early makes a
    duplicate, as the next hop may store the mail all the same; it stays under the ten minutes that a client waits.
    """

    connect_s: float = 30.0
    command_s: float = 30.0
    content_s: float = 500.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """User name and password for ``AUTH``; the password never shows in a repr."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HopOptions:
    """How we present ourselves and how long a pooled connection may live."""

    our_name: str = "localhost"
    deadlines: Deadlines = field(default_factory=Deadlines)
    xforward: bool = True
    """Tell a next hop that offers XFORWARD who the client was."""
    credentials: Credentials | None = None
    tls_context: ssl.SSLContext | None = None
    """For ``tls=required`` and ``smtps://``; None is the system's trust store."""
    certificate: tuple[str, str] | None = None
    """PEM files of the certificate that we show under TLS, and of its key."""
    idle_s: float = 60.0
    max_uses: int = 1000


@dataclass(frozen=True, slots=True)
class Probe:
    """What a next hop says of itself, for the start and for ``doctor``. ``detail`` is one short sentence of ours."""

    reachable: bool
    detail: str
    keywords: Mapping[str, str] = field(default_factory=dict)
    tls: bool = False

    @property
    def max_message_bytes(self) -> int:
        """The ``SIZE`` the next hop offers; 0 when it says none."""
        size = self.keywords.get("SIZE", "")
        return int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0

    @property
    def eight_bit(self) -> bool:
        return "8BITMIME" in self.keywords

    @property
    def smtputf8(self) -> bool:
        return "SMTPUTF8" in self.keywords

    @property
    def dsn(self) -> bool:
        return "DSN" in self.keywords


class Delivery(Protocol):
    """One transaction towards the next hop."""

    @property
    def in_doubt(self) -> bool:
        """True when content was sent and no final answer came: the next hop may or may not have the message."""
        ...

    async def rcpt(self, forward_path: str, parameters: tuple[str, ...] = ()) -> Reply:
        """Ask for one recipient; the first call also opens the connection and sends MAIL in the same write."""
        ...

    async def send(self, message: bytes, ahead: bytes = b"") -> tuple[Reply, ...]:
        """Send the content; one final answer for each accepted recipient, in their order. Ends the transaction.

        ``ahead`` are fields that go before it, whole lines: to put them on top of 25 MB takes 10 ms in one piece.
        """
        ...

    async def rest(self) -> None:
        """Let go of what is held of the next hop, while the client takes its time between two calls.

        What comes next may come before this has ended.
        """
        ...

    async def abort(self) -> None:
        """End the transaction without content. Harmless after ``send`` or twice."""
        ...


class Hop(Protocol):
    """A next hop."""

    def begin(self, sender: Sender) -> Delivery:
        """Start a transaction; no traffic yet."""
        ...

    async def probe(self) -> Probe:
        """Connect once and say what is there; never raises."""
        ...

    async def close(self) -> None:
        """Say goodbye on idle connections. Transactions under way are not touched."""
        ...


def open_hop(next_hop: NextHop, options: HopOptions | None = None) -> Hop:
    """Make the hop for an address. No traffic yet; a Maildir is created on first use."""
    options = options or HopOptions()
    match next_hop.scheme:
        case Scheme.MAILDIR:
            from pansentry.delivery.maildir import MaildirHop

            return MaildirHop(next_hop, options)
        case Scheme.LMTP:
            from pansentry.delivery.lmtp import open_lmtp

            return open_lmtp(next_hop, options)
        case Scheme.SMTP | Scheme.SMTPS:
            from pansentry.delivery.smtp import open_smtp

            return open_smtp(next_hop, options)
