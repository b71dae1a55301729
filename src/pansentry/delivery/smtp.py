"""Next hops that speak SMTP: ``smtp://`` and ``smtps://``.

aiosmtplib connects, reads the greeting, says EHLO, does STARTTLS and AUTH: the parts where its fixes of 2026 (command
injection, STARTTLS response injection) matter. Then the connection is handed to our own pipelining :class:`Wire`, as
aiosmtplib sends one command a write and rewrites line ends: 2.2 ms against 0.1 ms for a message of 200 KB.

``tls=opportunistic`` encrypts when it is offered and does not verify (RFC 7435 §3); if the handshake fails it connects
again without. ``tls=required`` and ``smtps://`` verify the certificate and defer mail when they cannot.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from pansentry.delivery.answers import FAULT_REPLIES
from pansentry.delivery.hop import Delivery, HopOptions, Probe, Sender
from pansentry.delivery.next_hop import NextHop, Scheme, Tls
from pansentry.delivery.pool import Pool
from pansentry.delivery.transaction import Transaction
from pansentry.delivery.wire import NextHopError, Why, Wire
from pansentry.sentence import sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiosmtplib

EHLO_UNKNOWN = frozenset({500, 501, 502, 504})
"""Answers after which HELO is worth a try (RFC 5321 §3.2)."""


class WireHop:
    """A :class:`~pansentry.delivery.hop.Hop` over pooled connections; SMTP and LMTP differ in ``connect``."""

    def __init__(
        self, next_hop: NextHop, options: HopOptions, connect: Callable[[], Awaitable[Wire]], *, per_recipient: bool
    ) -> None:
        self.next_hop = next_hop
        self._options = options
        self._connect = connect
        self._per_recipient = per_recipient
        self._pool = Pool(connect, idle_s=options.idle_s, max_uses=options.max_uses)

    def begin(self, sender: Sender) -> Delivery:
        return Transaction(self._pool, sender, self._options, per_recipient=self._per_recipient)

    async def probe(self) -> Probe:
        try:
            wire = await self._connect()
        except NextHopError as fault:
            said = sentence(f"{FAULT_REPLIES[fault.why].text}.")
            return Probe(False, sentence("{hop}: {why}. {said}", hop=self.next_hop, why=fault.why, said=said))
        probe = Probe(True, sentence("{hop} answers.", hop=self.next_hop), dict(wire.keywords), wire.tls)
        wire.quit()
        return probe

    async def close(self) -> None:
        self._pool.close()


def open_smtp(next_hop: NextHop, options: HopOptions) -> WireHop:
    """Make the hop for ``smtp://`` or ``smtps://``; no traffic yet."""

    context: ssl.SSLContext | None = None

    async def connect() -> Wire:
        nonlocal context
        if context is None and next_hop.tls is not Tls.NONE:
            context = _tls_context(next_hop, options)  # once: reading the trust store takes 20 ms
        try:
            return await _connect(next_hop, options, context)
        except NextHopError as fault:
            if fault.why is not Why.TLS or next_hop.tls is not Tls.OPPORTUNISTIC:
                raise
            return await _connect(next_hop, options, None)

    return WireHop(next_hop, options, connect, per_recipient=False)


async def _connect(next_hop: NextHop, options: HopOptions, context: ssl.SSLContext | None) -> Wire:
    import aiosmtplib

    client = aiosmtplib.SMTP(
        hostname=next_hop.host,
        port=next_hop.port,
        local_hostname=options.our_name,
        timeout=options.deadlines.connect_s,
        use_tls=next_hop.scheme is Scheme.SMTPS,
        start_tls=False,
        tls_context=context,
    )
    try:
        async with asyncio.timeout(2 * options.deadlines.connect_s):
            await client.connect()
            try:
                await client.ehlo()
            except aiosmtplib.SMTPHeloError as refusal:
                if refusal.code not in EHLO_UNKNOWN:
                    raise
                await client.helo()
            tls = next_hop.scheme is Scheme.SMTPS
            if context is not None and not tls:
                tls = await _start_tls(client, required=next_hop.tls is Tls.REQUIRED)
            if options.credentials is not None:
                if not tls:
                    raise NextHopError(Why.AUTH)  # noqa: TRY301  a password never goes out in clear
                await client.login(options.credentials.username, options.credentials.password)
            return _take_over(client, tls=tls)
    except Exception as error:
        client.close()
        raise (error if isinstance(error, NextHopError) else NextHopError(_why(error))) from None
    except asyncio.CancelledError:
        client.close()
        raise


async def _start_tls(client: aiosmtplib.SMTP, *, required: bool) -> bool:
    if not client.supports_extension("starttls"):
        if required:
            raise NextHopError(Why.TLS)
        return False
    import aiosmtplib

    try:
        await client.starttls()
    except (ssl.SSLError, aiosmtplib.SMTPException, OSError, TimeoutError, ValueError):
        raise NextHopError(Why.TLS) from None
    await client.ehlo()
    return True


def _tls_context(next_hop: NextHop, options: HopOptions) -> ssl.SSLContext:
    if next_hop.tls is Tls.OPPORTUNISTIC:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context = options.tls_context or ssl.create_default_context()
    if options.certificate is not None:
        context.load_cert_chain(*options.certificate)
    return context


def _take_over(client: aiosmtplib.SMTP, *, tls: bool) -> Wire:
    """Put our protocol in the place of aiosmtplib's; the client object is done with and forgotten."""
    transport = client.transport
    if transport is None or transport.is_closing():
        raise NextHopError(Why.DROPPED)
    wire = Wire(asyncio.get_running_loop())
    wire.tls = tls
    wire.offer(_keywords(client.esmtp_extensions))
    transport.set_protocol(wire)
    wire.connection_made(cast(asyncio.Transport, transport))
    no_delay(transport)
    return wire


def _keywords(extensions: Mapping[str, str]) -> dict[str, str]:
    return {name.upper(): value.strip() for name, value in extensions.items()}


def no_delay(transport: asyncio.BaseTransport) -> None:
    """Switch Nagle off: with delayed acknowledgements it costs 40 ms a mail."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _why(error: Exception) -> Why:
    import aiosmtplib

    table: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Why], ...] = (
        (ssl.SSLError, Why.TLS),
        ((aiosmtplib.SMTPTimeoutError, TimeoutError), Why.TIMEOUT),
        (aiosmtplib.SMTPAuthenticationError, Why.AUTH),
        (aiosmtplib.SMTPNotSupported, Why.AUTH),
        (aiosmtplib.SMTPResponseException, Why.GREETING),
        ((aiosmtplib.SMTPConnectError, OSError), Why.UNREACHABLE),
        (aiosmtplib.SMTPServerDisconnected, Why.DROPPED),
    )
    for kinds, why in table:
        if isinstance(error, kinds):
            cause = error.__cause__
            return Why.TLS if isinstance(cause, ssl.SSLError) else why
    return Why.MALFORMED
