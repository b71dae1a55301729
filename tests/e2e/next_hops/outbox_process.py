"""A process of its own that works off an outbox until it is empty; made to be killed at any moment.

``python -m tests.e2e.next_hops.outbox_process DATABASE NEXT_HOP``
"""

from __future__ import annotations

import asyncio
import random
import sys
import time

from pansentry.delivery.hop import Deadlines, HopOptions, open_hop
from pansentry.delivery.next_hop import parse_next_hop
from pansentry.delivery.outbox import OutboxWorker
from pansentry.store import open_store


async def work(database: str, next_hop: str) -> None:
    """Send what is due until nothing is left."""
    store = await open_store(f"sqlite:///{database}", time.time)
    hop = open_hop(parse_next_hop(next_hop), HopOptions(our_name="gw.example", deadlines=Deadlines(5, 5, 30)))
    hops = {"letter": hop, "deferred": hop}
    worker = OutboxWorker(
        store.outbox,
        hops,
        clock=time.time,
        dice=random.Random(),
        record=store.events.record,
        keep=store.held.put,
    )
    while await store.outbox.waiting():
        if not await worker.send_due():
            await asyncio.sleep(0.05)
    await hop.close()
    await store.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2]))
