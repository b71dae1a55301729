"""Who sends, to whom, from where, and how far the sender is authenticated. Values only.

Words are RFC 5321's: reverse-path (``""`` is the null reverse-path), forward-path, client.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pansentry.frozen import quickly_made


class AuthResult(enum.StrEnum):
    """A result keyword of RFC 8601 §2.7 (those that a decision can depend on)."""

    NONE = "none"
    PASS = "pass"  # noqa: S105  a result keyword, not a password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class Authentication:
    """What was measured on the message as it was received, before any edit.

    ``spf_aligned`` and ``dkim_aligned`` say that the method passed *and* its domain aligns with the domain of the
    From field (RFC 9989); ``from_domain`` is that domain, lower case, or ``""``.
    """

    spf: AuthResult = AuthResult.NONE
    dkim: AuthResult = AuthResult.NONE
    dmarc: AuthResult = AuthResult.NONE
    spf_aligned: bool = False
    dkim_aligned: bool = False
    from_domain: str = ""
    source: str = "unmeasured"
    """``measured`` by us, ``upstream`` (trusted Authentication-Results), or ``unmeasured``."""
    arc: str = ""
    """The state of the ARC chain (``authentication/chain.py``), ``""`` if nobody asked."""


UNMEASURED = Authentication()
"""What an envelope has until somebody measures."""


class PlainLines(bytes):
    """A message of which is known that no CR or LF stands alone, and every line ends in CRLF; none begins with a dot.

    Whoever makes one has looked (:meth:`pansentry.smtp.data.DataReader.take`); who gets one need not look again: each
    look costs 0.13 ms for 200 KB. Any slice or sum of it is plain ``bytes`` again, of which nothing is known.
    """


class DottedLines(PlainLines):
    """The same, but some lines may begin with a dot: to be doubled where a dot alone ends a message."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Client:
    """The SMTP client as trusted sources tell it (TCP peer, PROXY header or XFORWARD)."""

    address: str = ""
    port: int = 0
    helo: str = ""
    name: str = ""
    tls: bool = False
    protocol: str = ""
    """How the mail came, as the ``with`` keyword of RFC 3848 and RFC 6531 (``ESMTPS``, ``UTF8SMTPS``, ``LMTP`` …)."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Envelope:
    """The SMTP envelope of one message.

    ``forward_paths`` holds the accepted recipients, never empty for mail from the network. ``*_parameters`` are the
    ESMTP parameters to be passed on (DSN ``RET``/``ENVID``/``NOTIFY``/``ORCPT``, ``BODY``, ``SMTPUTF8``), as received.
    """

    reverse_path: str = ""
    forward_paths: tuple[str, ...] = ()
    client: Client = Client()
    authentication: Authentication = UNMEASURED
    mail_parameters: tuple[str, ...] = ()
    rcpt_parameters: tuple[tuple[str, ...], ...] = ()
    """One tuple of parameters for each forward-path, or empty when there are none at all."""
    smtputf8: bool = False
    received_at: float = 0.0
    """Seconds since the epoch, from the clock of the composition root."""
    id: str = ""
    """Our identifier of this transaction, from the composition root; it is in trace headers, events and logs."""
