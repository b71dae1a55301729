"""Reports: one month in numbers, on a page that prints, and as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from pansentry.console.pages.page import language_of, office, refused, render
from pansentry.console.texts import translator
from pansentry.report import Month, month_of, pack_of
from pansentry.report.pack import MAX_INCIDENTS, STATEMENTS
from pansentry.report.pdf import report_pdf

if TYPE_CHECKING:
    from starlette.requests import Request


SHOWN = 200
"""Mails of the pack on a page; the PDF and the command have more."""


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


async def pci(request: Request) -> Response:
    """Show the PCI pack of a month."""
    month = _wanted(request)
    if month is None:
        return render(request, "refused", 404, reason="There is no such month.")
    pack = await pack_of(office(request).store, month, limit=SHOWN)
    return render(request, "report_pci", pack=pack, statements=STATEMENTS)


async def pci_as_json(request: Request) -> Response:
    """Return the PCI pack of a month as JSON, with the statements that belong to it."""
    month = _wanted(request)
    if month is None:
        return refused("There is no such month.")
    asked = request.query_params.get("limit", "")
    limit = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 4 else SHOWN
    pack = await pack_of(office(request).store, month, limit=min(max(limit, 1), MAX_INCIDENTS))
    statements = [{"requirement": requirement, "words": words} for requirement, words in STATEMENTS]
    repeaters = {str(times): people for times, people in pack.repeaters.items()}
    return JSONResponse({**asdict(pack), "repeaters": repeaters, "statements": statements})


async def pdf_for_program(request: Request) -> Response:
    """Return the PDF, or 400 in JSON."""
    return refused("There is no such month.") if _wanted(request) is None else await as_pdf(request)


async def as_pdf(request: Request) -> Response:
    """Return a month with its pack as a PDF."""
    desk, month = office(request), _wanted(request)
    if month is None:
        return render(request, "refused", 404, reason="There is no such month.")
    report, pack = await month_of(desk.store, month), await pack_of(desk.store, month)
    shop = desk.configuration.business
    name = shop.name if shop is not None else desk.configuration.hostname
    made = await asyncio.to_thread(report_pdf, report, pack, name, translator(language_of(request)))
    headers = {"content-disposition": f'attachment; filename="pansentry-{month}.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)


def _wanted(request: Request) -> Month | None:
    try:
        return Month.parse(request.path_params["month"])
    except ValueError:
        return None


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
