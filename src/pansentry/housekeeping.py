"""Housekeeping: what a gateway does now and then beside the mail, for as long as it runs.

In: the store and the reception. Out: expired rows deleted, lists of held mail sent, and a sign of life for whoever
looks at all processes of a fleet. A store that is away for a while is waited for; mail goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from pansentry.logs import where
from pansentry.quarantine import send_digests
from pansentry.store.nodes import BEAT_S, Node
from pansentry.version import __version__

if TYPE_CHECKING:
    from pansentry.reception import Reception
    from pansentry.smtp.session import Log
    from pansentry.store import Store

HOUSEKEEPING_EVERY_S = 300.0


async def be_heard(store: Store, log: Log, reception: Reception, hostname: str) -> None:
    """Say now and then that this process serves mail, for whoever looks at all of them; take it back at the end."""
    started_at, machine = store.database.clock(), socket.gethostname()
    try:
        while True:
            node = Node(machine, hostname, __version__, reception.counter.policies.version, started_at, 0.0)
            try:
                await store.nodes.beat(node)
            except Exception as error:  # the store may be away for a while; mail goes on
                log("node.unheard", error=where(error))
            await asyncio.sleep(BEAT_S)
    finally:
        with contextlib.suppress(Exception):
            await store.nodes.leave()


async def keep_house(store: Store, log: Log, reception: Reception) -> None:
    """Delete what is over, and send the lists of held mail that are due; never ends."""
    while True:
        await asyncio.sleep(HOUSEKEEPING_EVERY_S)
        try:
            await store.housekeeping()
            writer = reception.counter.notifier
            leads = writer is not None and await store.database.may_lead()
            if writer is not None and leads and await send_digests(store, writer, reception.counter.policies):
                reception.letter_filed()
        except Exception as error:  # the store may be away for a while; mail goes on
            log("housekeeping.failed", error=where(error))
