"""Today: is mail flowing, how much was taken out, what waits for somebody, what went wrong last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from pansentry.console.pages.page import office, render
from pansentry.store.tallies import by_which, day_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def page(request: Request) -> Response:
    """Show the day so far, and the newest messages in which something was done."""
    desk = office(request)
    day = day_of(desk.clock())
    sums = await desk.store.tallies.between(day, day)
    week = await desk.store.tallies.by_day(day - 6, day, "message:redact")
    return render(
        request,
        "today",
        actions=by_which(sums, "message"),
        values=by_which(sums, "found"),
        letters=by_which(sums, "letter"),
        week=[week.get(day - back, 0) for back in range(6, -1, -1)],
        newest=await desk.store.history.page(limit=8, only="found"),
        held=await desk.store.held.count(),
        waiting=await desk.store.outbox.waiting(),
        refused=await desk.store.versions.refused(),
        last=next(iter(await desk.store.history.page(limit=1)), None),
        census=desk.census(),
    )


async def as_json(request: Request) -> Response:
    """The day so far as JSON."""
    desk = office(request)
    day = day_of(desk.clock())
    sums = await desk.store.tallies.between(day, day)
    refused = await desk.store.versions.refused()
    return JSONResponse(
        {
            "actions": by_which(sums, "message"),
            "found": by_which(sums, "found"),
            "letters": by_which(sums, "letter"),
            "held": await desk.store.held.count(),
            "waiting": await desk.store.outbox.waiting(),
            "policy_refused": refused.reason if refused is not None else None,
        }
    )
