"""Next-hop addresses as an admin writes them, parsed into one frozen value.

In: a string from the configuration. Out: :class:`NextHop`. Nothing is connected or looked up.

Accepted forms::

    smtp://host[:25][?tls=opportunistic|required|none]     STARTTLS when offered (default) / always, verified / never
    smtps://host[:465]                                     TLS from the first byte, certificate verified
    lmtp://host[:24]        lmtp:///path/to/socket         RFC 2033, TCP or Unix socket
    maildir:PATH                                           the embedded mailbox

Credentials do not belong in the address: an address is printed by ``doctor`` and in logs. Host names that point to
loopback or private addresses default to ``tls=opportunistic`` like all others.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?\Z|[0-9A-Fa-f:.]{2,45}\Z")
_DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "lmtp": 24}


class Scheme(enum.StrEnum):
    """How the next hop is spoken to."""

    SMTP = "smtp"
    SMTPS = "smtps"
    LMTP = "lmtp"
    MAILDIR = "maildir"


class Tls(enum.StrEnum):
    """When TLS is used. ``opportunistic`` encrypts without verifying (RFC 7435); ``required`` verifies or defers."""

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class NextHop:
    """Where mail goes: ``host`` and ``port`` for TCP, ``path`` for a Unix socket or a Maildir."""

    scheme: Scheme
    host: str = ""
    port: int = 0
    path: str = ""
    tls: Tls = Tls.NONE

    def __str__(self) -> str:
        if self.scheme is Scheme.MAILDIR:
            return f"maildir:{self.path}"
        if self.path:
            return f"{self.scheme}://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_next_hop(text: str) -> NextHop:
    """Parse one address.

    Raises ValueError with two sentences: what is wrong, and what to write instead.
    """
    scheme_text, separator, rest = text.partition(":")
    scheme_text = scheme_text.strip().lower()
    if not separator or scheme_text not in set(Scheme):
        raise ValueError(
            "A next hop starts with smtp://, smtps://, lmtp:// or maildir:. Write for example smtp://mail.example.com:25."
        )
    if scheme_text == Scheme.MAILDIR:
        return _parse_maildir(rest)
    if not rest.startswith("//"):
        raise ValueError(f"Two slashes are missing. Write {scheme_text}://host:port.")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise ValueError(f"The port is no number from 1 to 65535. Write {scheme_text}://host:port.") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "A user name or password does not belong in the address of a next hop. "
            "Take it out and use the credential settings."
        )
    scheme = Scheme(scheme_text)
    tls = _parse_query(scheme, parts.query)
    if parts.fragment:
        raise ValueError("'#…' has no meaning here. Take it out.")
    if scheme is Scheme.LMTP and not parts.netloc:
        if len(parts.path) < 2:
            raise ValueError("The path of the socket is missing. Write lmtp:///run/dovecot/lmtp.")
        return NextHop(scheme, path=unquote(parts.path))
    if parts.path not in ("", "/"):
        raise ValueError(f"A path has no meaning after the port. Write {scheme_text}://host:port.")
    host = parts.hostname or ""
    if not _HOST.match(host):
        raise ValueError(f"The host name is missing or not valid. Write {scheme_text}://mail.example.com:25.")
    if port is None:
        port = _DEFAULT_PORTS[scheme]
    if port == 0:
        raise ValueError(f"The port is no number from 1 to 65535. Write {scheme_text}://host:port.")
    return NextHop(scheme, host=host, port=port, tls=tls)


def _parse_maildir(rest: str) -> NextHop:
    path = rest.strip()
    if path.startswith("//"):
        path = path[2:]
    if not path:
        raise ValueError("The folder of the mailbox is missing. Write maildir:/var/lib/pansentry/mail.")
    if "\0" in path or "?" in path:
        raise ValueError("The folder of the mailbox is not valid. Write maildir: and a plain path.")
    return NextHop(Scheme.MAILDIR, path=path)


def _parse_query(scheme: Scheme, query: str) -> Tls:
    values = dict(parse_qsl(query, keep_blank_values=True))
    allowed = {"tls"} if scheme is Scheme.SMTP else set[str]()
    for name in values:
        if name not in allowed:
            fix = "Only tls=opportunistic, tls=required or tls=none may follow smtp://host:port?."
            raise ValueError(f"The option {name!r} is not known for {scheme}://. {fix}")
    if scheme is Scheme.SMTPS:
        return Tls.REQUIRED
    if scheme is Scheme.LMTP:
        return Tls.NONE
    try:
        return Tls(values.get("tls", "opportunistic"))
    except ValueError:
        raise ValueError("The value of tls is not known. Write tls=opportunistic, tls=required or tls=none.") from None
