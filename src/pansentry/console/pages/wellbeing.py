"""How the gateway is: for people, for Prometheus, and for whoever restarts processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse

from pansentry.console.metrics import exposition
from pansentry.console.pages.page import office, render

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def livez(request: Request) -> Response:
    """Answer while the event loop turns."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Answer 200 while store and next hop answer, 503 with what does not otherwise."""
    health = await office(request).health()
    wrong = [name for name in ("store", "next_hop") if health.get(name) != "ok"]
    return PlainTextResponse("ok\n") if not wrong else PlainTextResponse(f"not ready: {', '.join(wrong)}\n", 503)


async def page(request: Request) -> Response:
    """Show how everything is."""
    desk = office(request)
    return render(request, "health", health=await desk.health(), census=desk.census())


async def as_json(request: Request) -> Response:
    """The same as JSON."""
    desk = office(request)
    return JSONResponse({**await desk.health(), **desk.census()})


async def metrics(request: Request) -> Response:
    """Return the numbers in Prometheus' text format."""
    text = await exposition(office(request))
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")
