"""Reports: one month in numbers, on a page that prints, and as JSON."""

from __future__ import annotations

import contextlib
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from pansentry.console.pages.page import office, render
from pansentry.report import Month, month_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def page(request: Request) -> Response:
    """Show a month; ``month`` is 2026-11, and this one without it."""
    desk = office(request)
    wanted = _month(request.query_params.get("month", ""), desk.clock())
    return render(request, "reports", report=await month_of(desk.store, wanted), months=_months(desk.clock()))


async def as_json(request: Request) -> Response:
    """Return a month as JSON."""
    desk = office(request)
    wanted = request.path_params["month"]
    try:
        month = Month.parse(wanted)
    except ValueError as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(asdict(await month_of(desk.store, month)))


def _month(text: str, now: float) -> Month:
    with contextlib.suppress(ValueError):
        return Month.parse(text)
    today = time.localtime(now)
    return Month(today.tm_year, today.tm_mon)


def _months(now: float) -> tuple[Month, ...]:
    """Return this month and the eleven before it."""
    month = _month("", now)
    months = [month]
    while len(months) < 12:
        month = month.before()
        months.append(month)
    return tuple(months)
