"""Next hops that speak LMTP (RFC 2033), over TCP or a Unix socket: our own client.

After the final dot LMTP answers once for each accepted recipient; no library at hand reads them all (the standard
library's reads one and takes the next for the answer to a later command). The rest of the dialogue is SMTP's, in
:mod:`pansentry.delivery.transaction`. No TLS and no AUTH: LMTP is for a mailbox server on the same machine or network.
"""

from __future__ import annotations

import asyncio

from pansentry.delivery.hop import HopOptions
from pansentry.delivery.next_hop import NextHop
from pansentry.delivery.smtp import WireHop, no_delay
from pansentry.delivery.wire import NextHopError, Why, Wire


def open_lmtp(next_hop: NextHop, options: HopOptions) -> WireHop:
    """Make the hop for ``lmtp://``; no traffic yet."""

    async def connect() -> Wire:
        return await _connect(next_hop, options)

    return WireHop(next_hop, options, connect, per_recipient=True)


async def _connect(next_hop: NextHop, options: HopOptions) -> Wire:
    loop = asyncio.get_running_loop()
    wire = Wire(loop, expected=1)
    deadline_s = options.deadlines.connect_s
    try:
        async with asyncio.timeout(deadline_s):
            if next_hop.path:
                await loop.create_unix_connection(lambda: wire, next_hop.path)
            else:
                await loop.create_connection(lambda: wire, next_hop.host, next_hop.port)
    except TimeoutError:
        raise NextHopError(Why.TIMEOUT) from None
    except OSError:
        raise NextHopError(Why.UNREACHABLE) from None
    try:
        assert wire.transport is not None
        no_delay(wire.transport)
        await _expect(wire, 220, deadline_s)
        wire.write(f"LHLO {options.our_name}\r\n".encode("ascii", "replace"))
        await _expect(wire, 250, deadline_s)
    except BaseException:
        wire.close()
        raise
    pairs = (line[4:].decode("ascii", "replace").partition(" ") for line in wire.last_lines[1:])
    wire.offer({name.upper(): value.strip() for name, _, value in pairs if name})
    return wire


async def _expect(wire: Wire, code: int, deadline_s: float) -> None:
    (reply,) = await wire.replies(1, deadline_s)
    if reply.code != code:
        raise NextHopError(Why.GREETING)
