"""Messages: what happened to each mail, newest first, and everything that was noted about one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from pansentry.console.pages.page import office, render

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PAGE = 50
FILTERS = ("all", "found", "deliver", "redact", "hold", "refuse", "tempfail", "letter")


async def page(request: Request) -> Response:
    """Show a page of messages; ``before`` is the number of the last one on the page above."""
    only, before, search = _asked(request)
    found = await office(request).store.history.page(limit=PAGE, before=before, only=only, search=search)
    template = "messages_rows" if request.headers.get("hx-request") else "messages"
    return render(request, template, messages=found, only=only, search=search, filters=FILTERS, is_first=not before)


async def one(request: Request) -> Response:
    """Show everything that is noted about one message, with what followed it (letters, releases)."""
    number = int(request.path_params["number"])
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


async def one_as_json(request: Request) -> Response:
    """One message as JSON."""
    message = await office(request).store.history.one(int(request.path_params["number"]))
    return JSONResponse(dict(message)) if message is not None else JSONResponse({"error": "There is none."}, 404)


def _asked(request: Request) -> tuple[str, int, str]:
    asked = request.query_params
    only = asked.get("only", "all")
    before = asked.get("before", "0")
    return only if only in FILTERS else "all", int(before) if before.isdecimal() else 0, asked.get("search", "")[:100]
