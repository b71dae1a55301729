"""Messages that took a judge all the time or memory it has: their next try is answered at once, and not judged again.

In: a message that was lost, and later any message. Out: whether that is the same one, and its time has not come.
Whoever is deferred tries again for days, and each try would cost a judge for its whole deadline. The answer is the one
of the first try: nothing is let through. It is judged again after :data:`FIRST_S`, and each time that it is lost again
after twice as long, up to :data:`LONGEST_S`: the machine may have been busy.

A message is known by its length and a keyed hash, without the Received fields on top: a server in front of us writes a
new one for each try. Limits: :data:`MOST` messages, of which the oldest is forgotten first; a message is hashed only if
one of its length was lost. Known gaps: each gateway process remembers for itself; who changes an octet is not known.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.policy import Policy

MOST = 256
FIRST_S, LONGEST_S = 900.0, 4 * 3600.0
_INLINE_BYTES = 256 * 1024
_MOST_HOPS = 100
_MOST_RECEIVED_BYTES = 256 * 1024
"""Longer trace fields are hashed with the rest: nobody waits for a search of megabytes."""
_FOLDED = re.compile(rb"(?>(?:[ \t][^\n]*\n)*)")


class Lost:
    """What one gateway process remembers of them; ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._known: dict[tuple[int, bytes], tuple[float, float]] = {}  # → when it may be judged, after how long

    async def holds(self, raw: bytes, policy: Policy) -> bool:
        """Tell whether a message is not to be judged yet."""
        begin = _behind_received(raw)
        if not any(length == len(raw) - begin for length, _ in self._known):
            return False
        due, _ = self._known.get(await self._name(raw, begin, policy), (0.0, 0.0))
        return self._clock() < due

    async def note(self, raw: bytes, policy: Policy) -> None:
        """Remember a message that was lost."""
        name = await self._name(raw, _behind_received(raw), policy)
        _, waited_s = self._known.pop(name, (0.0, 0.0))
        wait_s = min(2 * waited_s, LONGEST_S) or FIRST_S
        self._known[name] = (self._clock() + wait_s, wait_s)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    async def _name(self, raw: bytes, begin: int, policy: Policy) -> tuple[int, bytes]:
        length = len(raw) - begin
        if length <= _INLINE_BYTES:
            return length, self._digest(raw, begin, policy)
        return length, await asyncio.to_thread(self._digest, raw, begin, policy)

    def _digest(self, raw: bytes, begin: int, policy: Policy) -> bytes:
        under = hmac.digest(self._key, f"{policy.name}\0{policy.version}".encode(), "sha256")
        return hmac.digest(under, memoryview(raw)[begin:], "sha256")


def _behind_received(raw: bytes) -> int:
    """Return where the Received fields on top end."""
    at = 0
    for _ in range(_MOST_HOPS):
        if raw[at : at + 9].lower() != b"received:":
            break
        end = raw.find(b"\n", at, _MOST_RECEIVED_BYTES) + 1
        folded = _FOLDED.match(raw, end, _MOST_RECEIVED_BYTES) if 0 < end <= _MOST_RECEIVED_BYTES else None
        if folded is None or raw[folded.end() : folded.end() + 1] in (b" ", b"\t"):
            break
        at = folded.end()
    return at
