"""Recall: documents that were examined before and hold nothing are not examined again.

In: an examiner. Out: one that answers at once what it knows. Logos in signatures, brochures, price lists and forms come
with every other mail, and opening one takes 10 to 100 ms of a worker; looking it up takes 0.6 ms for a megabyte.

What is remembered: for each document without card data one keyed hash (HMAC-SHA256 under a key of this process that is
stored nowhere) and the answer, which has no content. Never remembered: documents with findings, and answers that say
more about the moment than about the document (a deadline, a lost worker, no memory). An answer holds for the very same
bytes under the very same options only. Of a document that comes in several mails at once, one is examined; the others
wait for its answer, and are examined themselves if that is none to remember. Limits: :data:`MOST` answers; the one that
was asked for longest ago goes first.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pansentry.examination.model import Examination, Examined

MOST = 4096
_INLINE_BYTES = 256 * 1024
"""What is larger is hashed in a thread: 5 MB take 3 ms."""
_OF_THE_MOMENT = frozenset({"timeout", "memory", "crash"})

Examiner = Callable[[bytes, str, "Examination"], Awaitable["Examined"]]


class Recall:
    """An examiner with a memory of harmless documents; for one event loop."""

    def __init__(self, examine: Examiner, most: int = MOST) -> None:
        self._examine = examine
        self._most = most
        self._key = secrets.token_bytes(32)
        self._known: dict[tuple[bytes, str], Examined] = {}
        self._asked: dict[tuple[bytes, str], asyncio.Event] = {}

    @property
    def key(self) -> bytes:
        """The key of this process, for whoever names documents before it hands them over (:meth:`known`)."""
        return self._key

    def is_asked(self, digest: bytes, name: str, options: Examination) -> bool:
        """Tell whether somebody waits for the answer about this document just now."""
        return (digest, f"{name}\0{options!r}") in self._asked

    async def known(self, digest: bytes, name: str, options: Examination) -> Examined | None:
        """Return the answer for a document by its keyed hash, None if there is none to be remembered.

        ``rewritten`` is ``b""`` where the document itself is meant.
        """
        key = (digest, f"{name}\0{options!r}")
        if key in self._asked:
            await self._asked[key].wait()
        known = self._known.pop(key, None)
        if known is not None:
            self._known[key] = known  # asked for last, so it goes last
        return known

    async def __call__(self, data: bytes, name: str, options: Examination) -> Examined:
        """Answer from memory, or ask. Never raises if the examiner does not."""
        if len(data) <= _INLINE_BYTES:
            digest = self._digest(data)
        else:
            digest = await asyncio.get_running_loop().run_in_executor(None, self._digest, data)
        known = await self.known(digest, name, options)
        if known is None:
            key = (digest, f"{name}\0{options!r}")
            examined = await self._ask(key, data, name, options)
            if not _is_harmless(examined, data):
                return examined
            # without the bytes of the document: they are those of the next one that is like it
            known = replace(examined, rewritten=b"" if examined.rewritten is not None else None)
            self._known[key] = known
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]
        return known if known.rewritten is None else replace(known, rewritten=data)

    async def _ask(self, key: tuple[bytes, str], data: bytes, name: str, options: Examination) -> Examined:
        answered = self._asked.setdefault(key, asyncio.Event())
        try:
            return await self._examine(data, name, options)
        finally:
            answered.set()
            if self._asked.get(key) is answered:
                del self._asked[key]

    def _digest(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")


def _is_harmless(examined: Examined, data: bytes) -> bool:
    """Tell whether an answer says "nothing in it", and would say so again."""
    changed = examined.rewritten is not None and examined.rewritten != data
    fleeting = any(why.reason in _OF_THE_MOMENT for why in examined.unreadable)
    return not (examined.sightings or changed or fleeting or examined.signed)
