"""A mailbox on an IMAP server (RFC 3501, RFC 9051), by the library IMAPClient.

A key is ``UIDVALIDITY/UID``. A replacement is APPENDed with the original's flags, keywords and INTERNALDATE, with a
field ``X-PanSentry-Sweep`` that holds the message's mark, and is looked for by that field, among the messages that
came last, before the original is deleted. MULTIAPPEND (RFC 3502) stores many copies in one command, or none of them.
With UIDPLUS (RFC 4315) only the originals are expunged. Without it they are flagged ``\\Deleted``, and expunged only
while no other message of the folder is flagged so; what somebody else has flagged so stays as it is.

Attack: a server that speaks no TLS gets no password, except on loopback. What a server answers is quoted in no
message. Known gaps: on a server without MOVE (RFC 6851) a kill between copy and deletion leaves a message in both
folders; one that gives its UIDs anew between a kill and the next run leaves a copy beside its original.
"""

from __future__ import annotations

import contextlib
import errno
import re
import socket
import ssl
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pansentry.sweep.mailbox import Change, Message

if TYPE_CHECKING:
    from datetime import datetime

    from imapclient import IMAPClient

FIELD = "X-PanSentry-Sweep"
_FACTS_AT_ONCE = 500
"""Messages whose sizes, or marks, are asked for in one command."""
_TIMEOUT_S = 120.0
_MARK = re.compile(rb"(?im)^X-PanSentry-Sweep: *([b-v]{20})\r?$")
_NO_FOLDER = frozenset({b"\\noselect", b"\\nonexistent"})
_VIEWS = frozenset({b"\\all", b"\\flagged"})
_WHOLE = frozenset({b"\\all", b"\\junk", b"\\trash"})
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


def own_folders(listed: Iterable[tuple[Sequence[bytes], object, object]], *, has_labels: bool) -> list[str]:
    """Return the folders that messages lie in, of what LIST answered: flags, delimiter and name of each.

    Folders that show messages of others (RFC 6154: ``\\All``, ``\\Flagged``) are left out. Where folders are labels
    (Gmail), it is the other way round: every message is in the one that shows all, but for junk and trash.
    """
    named = [(str(name), {flag.lower() for flag in flags}) for flags, _, name in listed]
    there = [(name, flags) for name, flags in named if not flags & _NO_FOLDER]
    if has_labels:
        whole = [name for name, flags in there if flags & _WHOLE]
        return sorted(whole or [name for name, _ in there])
    return sorted(name for name, flags in there if not flags & _VIEWS)


class ImapMailbox:
    """A :class:`~pansentry.sweep.mailbox.Mailbox`."""

    defers = False
    changes_at_once = 100

    def __init__(self, place: ImapPlace, *, writes: bool, context: ssl.SSLContext | None = None) -> None:
        """Connect and log in. Raises OSError: the server is not to be had, or does not let us in."""
        self._place = place
        self._writes = writes
        self._selected = ""
        self._validity = 0
        self._behind = 0
        """A UID behind all that were in the folder when we looked last."""
        with _as_os_error("The mailbox cannot be opened"):
            self._client = _logged_in(place, context or ssl.create_default_context())
            self._has_uidplus = self._client.has_capability("UIDPLUS")
            self._has_multiappend = self._client.has_capability("MULTIAPPEND")
            self._has_move = self._client.has_capability("MOVE")

    def folders(self) -> list[str]:
        if self._place.folders:
            return list(self._place.folders)
        with _as_os_error("The folders cannot be listed"):
            listed = self._client.list_folders()
        return own_folders(listed, has_labels=self._client.has_capability("X-GM-EXT-1"))

    def count(self, folder: str) -> int:
        with _as_os_error("The messages cannot be counted"):
            return int(self._client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])

    def messages(self, folder: str) -> Iterator[Message]:
        self._select(folder)
        with _as_os_error("The messages cannot be listed"):
            numbers: list[int] = sorted(self._client.search(["ALL"]))
        self._behind = max(self._behind, numbers[-1] + 1 if numbers else 1)
        for at in range(0, len(numbers), _FACTS_AT_ONCE):
            self._select(folder)
            with _as_os_error("The messages cannot be listed"):
                sizes = self._client.fetch(numbers[at : at + _FACTS_AT_ONCE], ["RFC822.SIZE"])
            for number in numbers[at : at + _FACTS_AT_ONCE]:
                if number in sizes:
                    yield Message(folder, f"{self._validity}/{number}", sizes[number][b"RFC822.SIZE"])

    def read(self, messages: Sequence[Message]) -> dict[Message, bytes]:
        found = self._fetch(messages, "BODY.PEEK[]")
        return {one: bytes(facts[b"BODY[]"]) for one, facts in found.items() if facts.get(b"BODY[]") is not None}

    def horizon(self, folder: str) -> str:
        return str(self._behind)

    def copies(self, folder: str, horizons: Collection[str]) -> frozenset[str]:
        self._select(folder)
        marks: set[str] = set()
        with _as_os_error("The redacted copies cannot be looked for"):
            self._client.noop()  # what was added since the folder was opened is seen from now on
            numbers = self._client.search(["UID", f"{min(map(int, horizons))}:*"])
            for at in range(0, len(numbers), _FACTS_AT_ONCE):
                found = self._client.fetch(numbers[at : at + _FACTS_AT_ONCE], [f"BODY.PEEK[HEADER.FIELDS ({FIELD})]"])
                fields = (
                    value for facts in found.values() for item, value in facts.items() if item.startswith(b"BODY[")
                )
                marks.update(mark.decode("ascii") for field in fields for mark in _MARK.findall(field or b""))
        self._behind = max(self._behind, 1, *(number + 1 for number in numbers))
        return frozenset(marks)

    def replace(self, changes: Sequence[Change], copied: Collection[str]) -> frozenset[Message]:
        facts = self._fetch([change.message for change in changes], "FLAGS", "INTERNALDATE")
        if not self._has_uidplus:
            # What is flagged as deleted may have to stay: a copy of it would bring back what somebody threw away.
            ours = {change.message for change in changes if change.mark in copied}
            facts = {one: said for one, said in facts.items() if one in ours or b"\\Deleted" not in said[b"FLAGS"]}
        fresh = [one for one in changes if one.message in facts and one.mark not in copied]
        if fresh:
            folder, before = fresh[0].message.folder, self._behind
            self._append(folder, [_Copy.of(change, facts[change.message]) for change in fresh])
            if not {one.mark for one in fresh} <= self.copies(folder, [str(before)]):
                raise OSError("A redacted copy is not in its folder, so the originals stay.")
        self._delete([_number(message) for message in facts])
        return frozenset(change.message for change in changes) - facts.keys()

    def move(self, messages: Sequence[Message], target: str) -> frozenset[Message]:
        there = self._fetch(messages, "UID")
        numbers = [_number(message) for message in there]
        if numbers:
            with _as_os_error("The messages cannot be moved"):
                if not self._client.folder_exists(target):
                    self._client.create_folder(target)
                if self._has_move:
                    self._client.move(numbers, target)
                else:
                    self._client.copy(numbers, target)
                    self._delete(numbers)
        return frozenset(messages) - there.keys()

    def finish(self, folder: str) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Log out; a server that is gone does not matter any more."""
        with contextlib.suppress(Exception):
            self._client.logout()

    def _fetch(self, messages: Sequence[Message], *items: str) -> dict[Message, dict[bytes, Any]]:
        """Return what the server says of those messages of a folder that are still there."""
        self._select(messages[0].folder)
        numbers = {_number(one): one for one in messages if one.key.startswith(f"{self._validity}/")}
        if not numbers:
            return {}  # the server has given UIDs anew, so the keys stand for nothing any more
        with _as_os_error("Messages cannot be read"):
            found = self._client.fetch(list(numbers), list(items))
        return {numbers[number]: facts for number, facts in found.items() if number in numbers}

    def _append(self, folder: str, copies: list[_Copy]) -> None:
        """Store copies: in one command where the server can (RFC 3502), which stores all of them or none."""
        with _as_os_error("The redacted copies cannot be stored"):
            if not self._has_multiappend:
                for copy in copies:
                    self._client.append(folder, copy.data, copy.flags, copy.date)
                return
            items = [{"flags": copy.flags, "date": copy.date, "msg": copy.data} for copy in copies]
            answer, _ = self._client.multiappend(folder, items)
            if answer != "OK":
                raise OSError(errno.EDQUOT, "the server refuses them; is the mailbox full?")

    def _delete(self, numbers: list[int]) -> None:
        if not numbers:
            return
        kept: list[int] = []
        with _as_os_error("The originals cannot be deleted"):
            alone = self._has_uidplus or set(self._client.search(["DELETED"])) <= set(numbers)
            self._client.add_flags(numbers, [b"\\Deleted"], silent=True)
            if self._has_uidplus:
                self._client.uid_expunge(numbers)
                kept = self._client.search(["UID", ",".join(map(str, numbers))])
            elif alone:
                self._client.expunge()
        if kept:
            raise OSError("The server keeps originals that were expunged. Look at what it does with deleted mail.")

    def _select(self, folder: str) -> None:
        if self._selected == folder:
            return
        with _as_os_error("A folder cannot be opened"):
            self._validity = int(self._client.select_folder(folder, readonly=not self._writes)[b"UIDVALIDITY"])
        self._selected, self._behind = folder, 0


@dataclass(frozen=True, slots=True)
class _Copy:
    """What is stored in the place of a message."""

    data: bytes = field(repr=False)
    flags: list[bytes]
    date: datetime

    @classmethod
    def of(cls, change: Change, facts: dict[bytes, Any]) -> _Copy:
        flags = [flag for flag in facts[b"FLAGS"] if flag not in _NOT_KEPT]
        data = f"{FIELD}: {change.mark}\r\n".encode("ascii") + change.redacted
        return cls(data, flags, facts[b"INTERNALDATE"])


def _number(message: Message) -> int:
    """Return the UID of a message."""
    return int(message.key.partition("/")[2])


def _logged_in(place: ImapPlace, context: ssl.SSLContext) -> IMAPClient:
    from imapclient import IMAPClient
    from imapclient.exceptions import LoginError

    client = IMAPClient(
        place.host, place.port, ssl=place.tls, ssl_context=context if place.tls else None, timeout=_TIMEOUT_S
    )
    try:
        # the library writes a command in pieces; with Nagle's algorithm the last one waits for an acknowledgement
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not place.tls and not _is_loopback(place.host):
            client.starttls(context)
        if not place.token:
            client.login(place.user, place.password)
        elif client.has_capability("AUTH=XOAUTH2") or not client.has_capability("AUTH=OAUTHBEARER"):
            client.oauth2_login(place.user, place.token)
        else:
            client.oauthbearer_login(place.user, place.token)  # RFC 7628
    except BaseException as error:
        with contextlib.suppress(OSError):
            client.shutdown()
        if not isinstance(error, LoginError):
            raise
        what = (
            "access token (most expire after an hour)" if place.token else "password; some want OAuth2 (--token-file)"
        )
        raise OSError(errno.EACCES, f"the server does not let us in with this {what}") from None
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
