"""A proxy as everyone would write it: aiosmtpd as it comes, one aiosmtplib connection per mail, nothing scanned.

python -m tests.bench.naive_proxy PORT NEXT_HOP_PORT
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiosmtplib
from aiosmtpd.smtp import SMTP


class Forward:
    """Hands every message on as it came."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802  the library's name
        await aiosmtplib.send(
            envelope.content,
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            hostname="127.0.0.1",
            port=self._port,
            start_tls=False,
        )
        return "250 OK"


async def main(port: int, next_hop_port: int) -> None:
    """Serve until killed."""
    handler = Forward(next_hop_port)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="naive.example", data_size_limit=50_000_000), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
