"""How the gateway is, and every process that uses its store: for people, Prometheus, and whoever restarts processes."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse

from pansentry.console.metrics import exposition
from pansentry.console.pages.page import office, render

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.console.office import Office
    from pansentry.doctor.answer import Answer
    from pansentry.store.nodes import Node


SOON_DAYS = 14
NAMES = frozenset({"host name", "reverse name", "MX", "MTA-STS", "TLSA", "SPF", "DKIM", "DMARC"})
"""The doctor's checks that ask DNS."""


async def livez(request: Request) -> Response:
    """Answer while the event loop turns."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Answer 200 while store and next hop answer, 503 with what does not otherwise."""
    health = await office(request).health()
    wrong = [name for name in ("store", "next_hop") if health.get(name) != "ok"]
    return PlainTextResponse("ok\n") if not wrong else PlainTextResponse(f"not ready: {', '.join(wrong)}\n", 503)


async def page(request: Request) -> Response:
    """Show how everything is; what DNS says is asked for by the page itself, or by a link."""
    desk = office(request)
    nodes = await _nodes(desk)
    return render(
        request,
        "health",
        health=await desk.health(),
        census=desk.census(),
        nodes=nodes,
        differ=len({(node.version, node.policies) for node in nodes if node.is_here}) > 1,
        outbox=await _outbox(desk),
        soon=SOON_DAYS,
        answers=await _names(desk) if request.query_params.get("look") else None,
    )


async def names(request: Request) -> Response:
    """Ask DNS now; a part of the page."""
    return render(request, "setup_checks", answers=await _names(office(request)), again="/health/names", place="names")


async def as_json(request: Request) -> Response:
    """The same as JSON."""
    desk = office(request)
    nodes = [asdict(node) for node in await _nodes(desk)]
    return JSONResponse({**await desk.health(), **desk.census(), "nodes": nodes, "outbox": await _outbox(desk)})


async def _nodes(desk: Office) -> tuple[Node, ...]:
    """Return every process that serves mail; none while the store is away."""
    try:
        return await desk.store.nodes.list()
    except Exception:  # the page says of the store itself that it is away
        return ()


async def _outbox(desk: Office) -> dict[str, float]:
    """Return how many letters and mails wait, and for how long the oldest one does."""
    try:
        waiting, oldest = await desk.store.outbox.waiting(), await desk.store.outbox.oldest()
    except Exception:
        return {}
    return {"waiting": waiting, "oldest_s": max(0.0, desk.clock() - oldest) if oldest is not None else 0.0}


async def _names(desk: Office) -> list[Answer]:
    answers = await asyncio.to_thread(desk.checks)
    return [answer for answer in answers if answer.check in NAMES]


async def metrics(request: Request) -> Response:
    """Return the numbers in Prometheus' text format."""
    text = await exposition(office(request))
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")
