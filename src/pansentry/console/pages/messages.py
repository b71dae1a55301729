"""Messages: what happened to each mail, newest first, and everything that was noted about one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, StreamingResponse

from pansentry.console.pages.page import number_in, office, render
from pansentry.store.history import SEARCHED

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PAGE = 50
FILTERS = ("all", "found", "deliver", "redact", "hold", "refuse", "tempfail", "letter")


async def page(request: Request) -> Response:
    """Show a page of messages; ``before`` is the number of the last one on the page above.

    A page that stands open asks for what came ``after`` its first row, and for what is older when one gets there.
    """
    only, before, search = _asked(request)
    after = number_in(request.query_params.get("after", ""))
    found = await office(request).store.history.page(limit=PAGE, before=before, after=after, only=only, search=search)
    template = "messages_part" if request.headers.get("hx-request") else "messages"
    return render(
        request,
        template,
        messages=found,
        only=only,
        search=search,
        filters=FILTERS,
        newest=0 if before else found[0]["id"] if found else after,
        oldest=found[-1]["id"] if len(found) == PAGE and not after else 0,
        further=await _further(request, before) if (search or only != "all") and len(found) < PAGE and not after else 0,
    )


async def one(request: Request) -> Response:
    """Show everything that is noted about one message, with what followed it (letters, releases)."""
    number = number_in(request.path_params["number"])
    history = office(request).store.history
    message = await history.one(number)
    if message is None:
        return render(request, "refused", 404, reason="There is no such message, or it is too long ago.")
    later = await history.about(str(message.get("message_ref", "")), number)
    return render(request, "message", message=message, later=later)


async def as_json(request: Request) -> Response:
    """The same as JSON."""
    only, before, search = _asked(request)
    found = await office(request).store.history.page(limit=PAGE, before=before, only=only, search=search)
    return JSONResponse({"messages": [dict(message) for message in found]})


async def stream(request: Request) -> Response:
    """Send every event as a line of JSON, newest first, as it is read; ``since`` is a time in seconds."""
    since = float(number_in(request.query_params.get("since", "0")))
    lines = office(request).store.history.lines(since=since)
    return StreamingResponse(lines, media_type="application/x-ndjson")


async def one_as_json(request: Request) -> Response:
    """One message as JSON."""
    message = await office(request).store.history.one(number_in(request.path_params["number"]))
    return JSONResponse(dict(message)) if message is not None else JSONResponse({"error": "There is none."}, 404)


def _asked(request: Request) -> tuple[str, int, str]:
    asked = request.query_params
    only = asked.get("only", "all")
    return only if only in FILTERS else "all", number_in(asked.get("before", "")), asked.get("search", "")[:100]


async def _further(request: Request, before: int) -> int:
    """Return where a search goes on that has looked at as many events as one does at a time, 0 at the end."""
    return max((before or await office(request).store.history.newest()) - SEARCHED, 0)
