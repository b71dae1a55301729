"""A mailbox on an IMAP server (RFC 3501, RFC 9051), by the library IMAPClient.

A key is ``UIDVALIDITY/UID``. A replacement is APPENDed with the original's flags, keywords and INTERNALDATE, with a
field ``X-PanSentry-Sweep`` that holds the message's mark, and is looked for by that field before the original is
deleted. With UIDPLUS (RFC 4315) only the original is expunged. Without it the original is flagged ``\\Deleted``, and
expunged only while no other message of the folder is flagged so.

Attack: a server that speaks no TLS gets no password, except on loopback. What a server answers is quoted in no
message.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pansentry.sweep.mailbox import GoneError, Message

if TYPE_CHECKING:
    from imapclient import IMAPClient

FIELD = "X-PanSentry-Sweep"
_AT_ONCE = 500
"""Messages whose sizes are asked for in one command."""
_TIMEOUT_S = 120.0
_APPENDED = re.compile(rb"\[APPENDUID [0-9]+ ([0-9]+)\]")
"""The answer of UIDPLUS to APPEND (RFC 4315 §3)."""
_NOT_KEPT = frozenset({b"\\Recent"})


@dataclass(frozen=True, slots=True)
class ImapPlace:
    """Where the mailbox is, and how we log in: with a password, or with an OAuth2 access token."""

    host: str
    port: int
    user: str
    tls: bool
    """TLS from the first byte; otherwise STARTTLS, but for loopback."""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    folders: tuple[str, ...] = ()
    """Only these; all that can be selected if there are none."""


def parse_place(url: str) -> ImapPlace:
    """Read ``imaps://user@host:port/folder`` or ``imap://…``. Raises ValueError with a fix."""
    parts = urlsplit(url)
    if parts.password:
        raise ValueError("A password in an address is seen by everybody on this machine; use --password-file.")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("The port is no number from 1 to 65535.") from None
    if not parts.hostname or not parts.username:
        raise ValueError("Write the place as imaps://USER@HOST, with %40 for an @ in the user's name.")
    tls = parts.scheme == "imaps"
    folder = unquote(parts.path.strip("/"))
    return ImapPlace(
        parts.hostname, port or (993 if tls else 143), unquote(parts.username), tls, folders=(folder,) if folder else ()
    )


class ImapMailbox:
    """A :class:`~pansentry.sweep.mailbox.Mailbox`."""

    defers = False

    def __init__(self, place: ImapPlace, *, writes: bool, context: ssl.SSLContext | None = None) -> None:
        """Connect and log in. Raises OSError: the server is not to be had, or does not let us in."""
        self._place = place
        self._writes = writes
        self._selected = ""
        self._validity = 0
        with _as_os_error("The server cannot be reached, or does not let us in"):
            self._client = _logged_in(place, context or ssl.create_default_context())
            self._has_uidplus = self._client.has_capability("UIDPLUS")
            self._has_move = self._client.has_capability("MOVE")

    def folders(self) -> list[str]:
        if self._place.folders:
            return list(self._place.folders)
        with _as_os_error("The folders cannot be listed"):
            listed = self._client.list_folders()
        return sorted(str(name) for flags, _, name in listed if b"\\Noselect" not in flags)

    def messages(self, folder: str) -> Iterator[Message]:
        self._select(folder)
        with _as_os_error("The messages cannot be listed"):
            numbers: list[int] = self._client.search(["NOT", "DELETED"])
        for at in range(0, len(numbers), _AT_ONCE):
            self._select(folder)
            with _as_os_error("The messages cannot be listed"):
                sizes = self._client.fetch(numbers[at : at + _AT_ONCE], ["RFC822.SIZE"])
            for number in numbers[at : at + _AT_ONCE]:
                if number in sizes:
                    yield Message(folder, f"{self._validity}/{number}", sizes[number][b"RFC822.SIZE"])

    def read(self, message: Message) -> bytes:
        return bytes(self._fetch(message, "BODY.PEEK[]")[b"BODY[]"])

    def keep(self, message: Message) -> None:
        """Nothing is to be done."""

    def replace(self, message: Message, redacted: bytes, *, resumed: bool) -> None:
        facts = self._fetch(message, "FLAGS", "INTERNALDATE")
        if not (resumed and self._copies(message)):
            flags = [flag for flag in facts[b"FLAGS"] if flag not in _NOT_KEPT]
            marked = f"{FIELD}: {message.mark}\r\n".encode() + redacted
            with _as_os_error("The redacted copy cannot be stored"):
                said = self._client.append(message.folder, marked, flags, facts[b"INTERNALDATE"])
            if not self._is_there(message, said):
                raise OSError("The redacted copy is not in its folder, so the original stays.")
        self._delete(message)

    def move(self, message: Message, target: str) -> None:
        number = self._number(message)
        with _as_os_error("The message cannot be moved"):
            if not self._client.folder_exists(target):
                self._client.create_folder(target)
            if self._has_move:
                self._client.move([number], target)
                return
            self._client.copy([number], target)
        self._delete(message)

    def finish(self, folder: str) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Log out; a server that is gone does not matter any more."""
        with contextlib.suppress(Exception):
            self._client.logout()

    def _fetch(self, message: Message, *items: str) -> dict[bytes, Any]:
        number = self._number(message)
        with _as_os_error("A message cannot be read"):
            found = self._client.fetch([number], list(items))
        if number not in found:
            raise GoneError
        facts: dict[bytes, Any] = found[number]
        return facts

    def _number(self, message: Message) -> int:
        """Return the UID of a message, with its folder selected. Raises GoneError if UIDs were given anew."""
        self._select(message.folder)
        validity, _, number = message.key.partition("/")
        if int(validity) != self._validity:
            raise GoneError
        return int(number)

    def _is_there(self, message: Message, said: bytes) -> bool:
        """Tell whether a copy is in the folder: by the UID that the server gave it, else by its mark.

        To look for a mark, a server reads the header of every message: with 20,000 of them that took seconds each.
        """
        appended = _APPENDED.search(said)
        if appended is None:
            self._select(message.folder, again=True)
            return len(self._copies(message)) == 1
        with _as_os_error("The redacted copy cannot be looked for"):
            self._client.noop()
            return int(appended[1]) in self._client.fetch([int(appended[1])], ["RFC822.SIZE"])

    def _copies(self, message: Message) -> list[int]:
        with _as_os_error("The redacted copy cannot be looked for"):
            return list(self._client.search(["NOT", "DELETED", "HEADER", FIELD, message.mark]))

    def _delete(self, message: Message) -> None:
        number = self._number(message)
        with _as_os_error("The original cannot be deleted"):
            alone = self._has_uidplus or not self._client.search(["DELETED"])
            self._client.add_flags([number], [b"\\Deleted"], silent=True)
            if self._has_uidplus:
                self._client.uid_expunge([number])
            elif alone:
                self._client.expunge()

    def _select(self, folder: str, *, again: bool = False) -> None:
        if self._selected == folder and not again:
            return
        with _as_os_error("A folder cannot be opened"):
            self._validity = int(self._client.select_folder(folder, readonly=not self._writes)[b"UIDVALIDITY"])
        self._selected = folder


def _logged_in(place: ImapPlace, context: ssl.SSLContext) -> IMAPClient:
    from imapclient import IMAPClient

    client = IMAPClient(
        place.host, place.port, ssl=place.tls, ssl_context=context if place.tls else None, timeout=_TIMEOUT_S
    )
    if not place.tls and not _is_loopback(place.host):
        client.starttls(context)
    if place.token:
        client.oauth2_login(place.user, place.token)
    else:
        client.login(place.user, place.password)
    return client


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def _as_os_error(what: str) -> Iterator[None]:
    """Turn what the library raises into OSError with a sentence of ours: a server's answer may quote a mail."""
    from imapclient.exceptions import IMAPClientError

    try:
        yield
    except OSError as error:
        raise OSError(f"{what}: {error.strerror or type(error).__name__}.") from None
    except IMAPClientError as error:
        raise OSError(f"{what}: {type(error).__name__}.") from None
