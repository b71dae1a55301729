"""Links that decide about one held mail without a sign-in, for the summary by mail; off unless the owner wants them.

In: a held mail, what the link does, for whom it is made. Out: letters for an address; and back from these letters to
who may do what. A link is for one mail, held at one time, one action and one person who is named in the configuration;
it ends after a week, and with the first decision about the mail, since that is held no longer then (the same mail, held
anew, has another time). The key is the store's: any node of a fleet can take it.

The attack: somebody guesses or changes one (128 bits of HMAC-SHA256), reuses one, or a scanner of mails follows it: to
open a link shows a page with a button, and only the button decides. Known gap, which is why it is off by default:
whoever gets the mail, by forwarding or from a mailbox, can decide.

There are no digits in it, so that nothing takes it for a number.
"""

from __future__ import annotations

import enum
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.permissions import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pansentry.store import Store
    from pansentry.store.held import HeldMail

LINK_S = 7 * 86400.0
_HEX, _LETTERS = "0123456789abcdef", "bcdfghjkmnpqrstv"
_TO_LETTERS, _TO_HEX = str.maketrans(_HEX, _LETTERS), str.maketrans(_LETTERS, _HEX)
_LINK = re.compile(rf"(release|purge)\.([{_LETTERS}]{{1,32}})\.([{_LETTERS}]{{1,10}})\.([{_LETTERS}]{{32}})")
_HELD = re.compile(r"[0-9a-f]{1,32}")


class Deed(enum.StrEnum):
    """What a link does."""

    RELEASE = "release"
    PURGE = "purge"


TASKS = {Deed.RELEASE: Task.RELEASE_HELD, Deed.PURGE: Task.PURGE_HELD}


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody may do with a link."""

    deed: Deed
    held: HeldMail
    who: str


def link(store: Store, held: HeldMail, deed: Deed, to: str) -> str:
    """Return the last part of the address of a link; "" for a mail whose name is not one of ours."""
    if _HELD.fullmatch(held.id) is None:
        return ""
    until = int(store.database.clock() + LINK_S)
    words = (held.id, f"{until:x}", _mark(store, held, deed, until, to))
    return ".".join((deed, *(word.translate(_TO_LETTERS) for word in words)))


async def order(store: Store, text: str, people: Iterable[str]) -> Order | None:
    """Return what a link allows to one of ``people``; None if it is none of ours, over, or the mail is gone."""
    parts = _LINK.fullmatch(text)
    if parts is None:
        return None
    identifier, until = parts[2].translate(_TO_HEX), int(parts[3].translate(_TO_HEX), 16)
    held = await store.held.get(identifier)
    if held is None or until < store.database.clock():
        return None
    deed, mark = Deed(parts[1]), parts[4].translate(_TO_HEX)
    who = next((one for one in people if hmac.compare_digest(mark, _mark(store, held, deed, until, one))), None)
    return Order(deed, held, who) if who is not None else None


def _mark(store: Store, held: HeldMail, deed: Deed, until: int, to: str) -> str:
    said = (held.id, f"{held.at:.3f}", deed, str(until), to.lower())
    return store.database.keyed("console decide", *(word.encode("utf-8", "replace") for word in said))
