"""The embedded mailbox: ``maildir:PATH``, for who has no mail server yet and for the demo.

In: a message. Out: one file in ``new/`` with exactly those bytes, for each transaction (all recipients share the one
mailbox). Standard: D. J. Bernstein, "Using maildir format"; unique names are ``time.M…P…Q….host`` with ``/`` and ``:``
of the host name written as ``\\057`` and ``\\072``.
250 is said after the file was written to ``tmp/`` and synced, linked into ``new/``, and that folder synced: what was
accepted survives a power cut. Lines keep their CRLF, because signatures of untouched mail must stay good.
Work happens in threads of our own: a slow disk neither blocks the event loop nor starves other users of threads.
Known gaps: no quota; a kill between writing and renaming leaves a file in ``tmp/``, which mail readers clean up.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.delivery.answers import NO_TRANSACTION
from pansentry.delivery.hop import Delivery, HopOptions, Probe, Sender
from pansentry.sentence import sentence
from pansentry.smtp_reply import Reply

if TYPE_CHECKING:
    from pansentry.delivery.next_hop import NextHop

log = logging.getLogger("pansentry.delivery")

_THREADS = 4
DISK_FULL = Reply(452, "4.3.1", "The mailbox has no space left, please try again later")
DISK_FAULT = Reply(451, "4.3.0", "The mailbox cannot be written, please try again later")
STORED = Reply(250, "2.0.0", "Message stored")
RECIPIENT_OK = Reply(250, "2.1.5", "Recipient OK")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class MaildirHop:
    """A :class:`~pansentry.delivery.hop.Hop` that writes to one Maildir."""

    def __init__(self, next_hop: NextHop, _options: HopOptions) -> None:
        self.next_hop = next_hop
        self._folder = Path(next_hop.path)
        self._host = socket.gethostname().replace("/", "\\057").replace(":", "\\072") or "localhost"
        self._numbers = itertools.count(1)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="maildir")

    def begin(self, _sender: Sender) -> Delivery:
        return MaildirDelivery(self)

    async def probe(self) -> Probe:
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, make_maildir, self._folder)
        except OSError as error:
            why = errno.errorcode.get(error.errno or 0, "error")
            return Probe(False, sentence("{hop}: cannot be written ({why}).", hop=self.next_hop, why=why))
        keywords = {"8BITMIME": "", "SMTPUTF8": "", "SIZE": ""}
        return Probe(True, sentence("{hop} can be written.", hop=self.next_hop), keywords)

    async def store(self, message: bytes) -> Reply:
        """Store one message; returns when it is on disk."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, store_in_maildir, self._folder, self._unique_name(), message)
        except OSError as error:
            log.error("mailbox not written: %s", errno.errorcode.get(error.errno or 0, "error"))  # noqa: TRY400
            return DISK_FULL if error.errno in _FULL else DISK_FAULT
        return STORED

    def _unique_name(self) -> str:
        now = time.time_ns()
        seconds, micros = now // 10**9, now // 1000 % 10**6
        return f"{seconds}.M{micros:06}P{os.getpid()}Q{next(self._numbers)}.{self._host}"

    async def close(self) -> None:
        self._threads.shutdown(wait=False)


class MaildirDelivery:
    """One transaction: every recipient is taken, one file is written."""

    __slots__ = ("_hop", "_recipients", "in_doubt")

    def __init__(self, hop: MaildirHop) -> None:
        self._hop = hop
        self._recipients = 0
        self.in_doubt = False

    async def rcpt(self, forward_path: str, parameters: tuple[str, ...] = ()) -> Reply:
        self._recipients += 1
        return RECIPIENT_OK

    async def send(self, message: bytes, ahead: bytes = b"") -> tuple[Reply, ...]:
        count, self._recipients = self._recipients, 0
        if not count:
            return (NO_TRANSACTION,)
        self.in_doubt = True
        reply = await self._hop.store(ahead + message)
        self.in_doubt = False
        return (reply,) * count

    async def rest(self) -> None:
        """Nothing is held."""

    async def abort(self) -> None:
        self._recipients = 0


def make_maildir(folder: Path) -> None:
    """Create ``tmp``, ``new`` and ``cur`` if they are missing, private to us. Raises OSError."""
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder / "tmp", os.W_OK) or not os.access(folder / "new", os.W_OK):
        raise PermissionError(errno.EACCES, "not writable")


def store_in_maildir(folder: Path, name: str, message: bytes) -> Path:
    """Write, sync, rename, sync. Raises OSError, and then nothing is left behind."""
    temporary = folder / "tmp" / name
    final = folder / "new" / name
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        make_maildir(folder)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            rest = memoryview(message)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.link(temporary, final)  # unlike rename, link never replaces a file
    finally:
        temporary.unlink(missing_ok=True)
    try:
        _sync_folder(final.parent)
    except OSError:
        final.unlink(missing_ok=True)
        raise
    return final


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
