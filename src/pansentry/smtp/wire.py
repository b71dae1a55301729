"""The lower half of an SMTP connection: socket, PROXY header, TLS, flow control, closing.

In: what asyncio says about a socket. Out: decrypted octets to ``_pump`` of the upper half
(:mod:`pansentry.smtp.server`), and its answers back to the socket, encrypted where TLS is on. A subclass of
aiosmtpd's ``SMTP``, see there for what of it is left and why its version is pinned.

Standards: RFC 3207, RFC 8314, HAProxy's PROXY protocol. Attacks resisted: PROXY headers of strangers, commands in the
clear behind STARTTLS, clients that never read, connections that never say anything.
"""

from __future__ import annotations

import asyncio
import enum
import ssl
from typing import TYPE_CHECKING, cast

from aiosmtpd.smtp import SMTP

from pansentry.envelope import Client
from pansentry.smtp import replies
from pansentry.smtp.limits import is_trusted, plain_address
from pansentry.smtp.proxy import ProxyError, parse_proxy_header
from pansentry.smtp.tls import TlsLayer

if TYPE_CHECKING:
    from pansentry.smtp.listener import Shared
    from pansentry.smtp.server import Server


class Phase(enum.Enum):
    """What the connection is waiting for."""

    PROXY = enum.auto()
    HANDSHAKE = enum.auto()
    GREETING = enum.auto()
    COMMAND = enum.auto()
    RECIPIENT = enum.auto()  # the receiver's answer to RCPT
    DATA = enum.auto()
    DELIVERY = enum.auto()  # the receiver's answer to the message
    CLOSING = enum.auto()
    CLOSED = enum.auto()


# In Python 3.11 looking a member up costs 100 ns, with a constant it costs 10; there are twenty per mail.
PROXY, COMMAND, RECIPIENT = Phase.PROXY, Phase.COMMAND, Phase.RECIPIENT
DATA, DELIVERY, CLOSING, CLOSED = Phase.DATA, Phase.DELIVERY, Phase.CLOSING, Phase.CLOSED
MAX_HELD_BYTES = 64 * 1024
"""What a client may send ahead while an answer is due; what was read at once with it comes on top, 250 KB at most."""
OPEN_ENDED = frozenset({Phase.RECIPIENT, DELIVERY})


class Wire(SMTP):
    """Socket to octets and back; ``phase`` and the client's identity belong to both halves."""

    transport: asyncio.Transport
    host_name: str | None = None
    """What the client said it is called."""
    phase = Phase.GREETING
    key = ""
    accepted = origin = client = Client()
    is_trusted = False

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.now = shared.loop.time
        self.begun = self.since = self.last_read = self.now()
        # asked for each command: of the object and not of its class, which takes 200 instructions longer each time
        self._tls: TlsLayer | None = None
        self._tls_due: TlsLayer | None = None
        self._head = b""  # of a PROXY header, then of an unfinished command
        self._held = b""
        self._accounted = 0  # octets of what is held
        self._eof = self._unwritable = self._reading_paused = False

    @property
    def is_tls(self) -> bool:
        return self._tls is not None

    # what the upper half does

    def _pump(self, octets: bytes) -> None:
        raise NotImplementedError

    def _opened(self) -> None:
        raise NotImplementedError

    def _lost(self) -> None:
        raise NotImplementedError

    # what asyncio says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        shared, options = self.shared, self.shared.options
        peer = transport.get_extra_info("peername") or ("", 0)
        self.accepted = self.origin = self.client = Client(plain_address(str(peer[0])), int(peer[1]))
        shared.connections.add(cast("Server", self))
        if not options.proxy:
            self.key = shared.account.key(self.client.address)
            self.is_trusted = shared.may_xforward(self.client.address)
            if self._count_in():
                self._start()
        elif not self._count_in():
            pass
        elif is_trusted(options.trusted_proxies, self.client.address):
            self.phase = PROXY
        else:
            shared.log("smtp.proxy_untrusted", peer=self.client.address)
            self.close_at_once()

    def connection_lost(self, error: Exception | None) -> None:
        self.phase = CLOSED
        self._let_go()
        self._head = b""
        self._lost()
        self.shared.account.disconnect(self.key)
        self.shared.connections.discard(cast("Server", self))
        self.shared.changed()

    def data_received(self, data: bytes) -> None:
        self.last_read = self.now()
        if self.phase is PROXY:
            data = self._proxy(data)
        if self._tls is not None and data:
            data = self._decrypt(self._tls, data)
        if data:
            self._pump(data)

    def eof_received(self) -> bool:
        """Keep our half open while an answer is due: Exim closes its half behind a pipelined QUIT."""
        self._eof = True
        if self.phase not in OPEN_ENDED and not self._held:
            self.close()
        return True

    def pause_writing(self) -> None:
        self._unwritable = True
        self.pause_reading()

    def resume_writing(self) -> None:
        self._unwritable = False
        self._pump(b"")
        self.resume_reading()

    def pause_reading(self) -> None:
        """Read no more for now: what has come already is enough to go on with."""
        if not self._reading_paused and not self.transport.is_closing():
            self._reading_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on, unless the client does not read itself, or has sent too much ahead."""
        if (
            self._reading_paused
            and not self._unwritable
            and len(self._held) <= MAX_HELD_BYTES
            and not self.transport.is_closing()
        ):
            self._reading_paused = False
            self.transport.resume_reading()

    def _hold(self, octets: bytes) -> None:
        """Hold what must wait for an answer. Where it is much, it counts as message octets do, and no more is read."""
        self._held = octets
        if len(octets) > MAX_HELD_BYTES:
            self.pause_reading()
            if not self.shared.account.fits(self.key, len(octets)):
                self.shared.log("smtp.too_much_ahead", peer=self.client.address, octets=len(octets))
                self.close_at_once()
                return
            self._accounted = len(octets)
            self.shared.account.hold(self.key, self._accounted)

    def _let_go(self) -> bytes:
        octets, self._held = self._held, b""
        if self._accounted:
            self.shared.account.hold(self.key, -self._accounted)
            self._accounted = 0
        return octets

    # from accepted socket to greeting

    def _count_in(self) -> bool:
        shared = self.shared
        refusal = shared.account.connect(self.key, self.now())
        if not refusal:
            return True
        shared.log("smtp.connection_refused", peer=self.client.address, limit=refusal)
        self.key = ""
        shared.account.connections += 1  # connection_lost takes it off again
        if shared.options.tls != "implicit":
            total = refusal == "max_connections"
            self.transport.write(replies.OVERLOADED if total else replies.TOO_MANY_CONNECTIONS)
        self.close()
        return False

    def _proxy(self, data: bytes) -> bytes:
        self._head += data
        try:
            header = parse_proxy_header(self._head)
        except ProxyError:
            self.shared.log("smtp.proxy_malformed", peer=self.client.address)
            self.close_at_once()
            return b""
        if header is None:
            return b""
        rest, self._head = self._head[header.length :], b""
        self.shared.account.disconnect(self.key)
        if header.address:
            self.accepted = self.origin = self.client = Client(plain_address(header.address), header.port)
        # XFORWARD by the address that the proxy vouches for: a Postfix behind HAProxy may be trusted, HAProxy is not
        self.is_trusted = self.shared.may_xforward(self.client.address)
        self.key = self.shared.account.key(self.client.address)
        if not self._count_in():
            return b""
        self._start()
        return rest

    def _start(self) -> None:
        self.since = self.now()
        if self.shared.options.tls == "implicit":
            assert self.shared.tls_context is not None
            self.begin_tls(self.shared.tls_context)
            self.switch_to_tls()
        else:
            self._opened()

    # TLS

    def begin_tls(self, context: ssl.SSLContext) -> None:
        """Promise TLS; everything after the answer is TLS, see :meth:`switch_to_tls`."""
        self._tls_due = TlsLayer(context)
        self.phase = Phase.HANDSHAKE
        self.since = self.now()

    def switch_to_tls(self) -> None:
        """From the next octet that is read or written on, everything is TLS."""
        self._tls, self._tls_due = self._tls_due, None

    def _decrypt(self, layer: TlsLayer, data: bytes) -> bytes:
        was_established = layer.established
        try:
            plain = layer.receive(data)
        except ssl.SSLError as error:
            self.shared.log("smtp.tls_failed", peer=self.client.address, reason=error.reason or "")
            self.transport.write(layer.outgoing())  # the alert
            self.phase = CLOSING
            self.transport.close()
            return b""
        octets = layer.outgoing()
        if octets:
            self.transport.write(octets)
        if layer.established and not was_established:
            self.since = self.last_read
            if self.shared.options.tls == "implicit":
                self._opened()
            else:
                self.phase = COMMAND
        if layer.at_end and not self._eof:
            if plain:
                self._pump(plain)
            self.eof_received()
            return b""
        return plain

    # writing and closing

    def write(self, octets: bytes) -> None:
        """Send octets to the client, encrypted where TLS is on; nothing if the connection is gone."""
        if self.phase is CLOSED:
            return
        if self._tls is not None:
            self._tls.encrypt(octets)
            octets = self._tls.outgoing()
        self.transport.write(octets)

    def close(self) -> None:
        """Close once everything has been written."""
        self.phase = CLOSING
        self.since = self.now()
        if self.transport.is_closing():
            return
        if self._tls is not None and self._tls.established:
            self._tls.close()
            self.transport.write(self._tls.outgoing())
        self.transport.close()

    def close_at_once(self) -> None:
        """Close without a word, whatever is still to be written."""
        self.phase = CLOSING
        self.transport.abort()
