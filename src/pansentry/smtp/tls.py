"""TLS for the SMTP server: contexts, their reload, and the layer between socket and dialogue.

:class:`TlsLayer` is sans-IO: ciphertext in, plaintext out, over memory BIOs. It is used instead of asyncio's
``start_tls`` for three reasons: nothing that was read before the handshake can get lost or be taken for encrypted
(CVE-2011-0411, CVE-2024-34083, python issue 142352); a client may close its half (Exim's pipelined QUIT) and still
gets its answer, which asyncio's TLS cannot do; and a PROXY header may stand in front of implicit TLS.

Standards: RFC 3207 (STARTTLS), RFC 8314 (implicit TLS), RFC 8996 (nothing below TLS 1.2).
"""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

_READ = 1 << 18


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Make the context of a listener from PEM files (chain first to last, key unencrypted).

    Raises:
        OSError, ssl.SSLError: a file cannot be read, or the two do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(certificate, key)
    return context


def reload_certificate(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Load renewed files into a context in use; new handshakes get them, connections go on.

    The pair is tried on a fresh context first, so that a half-written renewal leaves the old one in place.

    Raises:
        OSError, ssl.SSLError: as :func:`server_context`; nothing is changed then.
    """
    server_context(certificate, key)
    context.load_cert_chain(certificate, key)


class TlsLayer:
    """The server's end of one TLS connection. ``at_end`` is True once the peer has closed its direction."""

    __slots__ = ("_incoming", "_object", "_outgoing", "at_end", "established")

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.established = False
        self.at_end = False

    def receive(self, ciphertext: bytes) -> bytes:
        """Take what came from the socket and return the plaintext that is complete.

        Raises:
            ssl.SSLError: not TLS, or a failed handshake; :meth:`outgoing` may hold an alert.
        """
        self._incoming.write(ciphertext)
        pieces: list[bytes] = []
        try:
            if not self.established:
                self._object.do_handshake()
                self.established = True
            while not self.at_end:
                piece = self._object.read(_READ)
                if piece:
                    pieces.append(piece)
                else:
                    self.at_end = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.at_end = True
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def encrypt(self, plaintext: bytes) -> None:
        """Take plaintext to be sent; its ciphertext is in :meth:`outgoing`."""
        self._object.write(plaintext)

    def close(self) -> None:
        """Say close_notify."""
        with contextlib.suppress(ssl.SSLError, ValueError):  # the peer has not said its own yet, or never will
            self._object.unwrap()

    def outgoing(self) -> bytes:
        """Return the octets that must go to the socket now."""
        return self._outgoing.read()
