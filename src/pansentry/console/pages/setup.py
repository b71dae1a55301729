"""Set-up: the steps for a provider, what the doctor says of them now, and a test mail seen to arrive redacted."""

from __future__ import annotations

import asyncio
import smtplib
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from pansentry.console import trial_mail
from pansentry.console.pages.page import body_of, office, refused, render, text_field
from pansentry.console.providers import filled_in, providers
from pansentry.reception import is_ours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.console.office import Office

_ARRIVES_S = 5.0
_LOOK_EVERY_S = 0.25


async def page(request: Request) -> Response:
    """Show the steps for a provider; the ticks are asked for by the page itself, or by a link."""
    return await _page(request)


async def checks(request: Request) -> Response:
    """Ask the doctor now; a part of the page."""
    answers = await asyncio.to_thread(office(request).checks)
    return render(request, "setup_checks", answers=answers, again="/setup/checks", place="checks")


async def send(request: Request) -> Response:
    """Send a test mail through our own door and say what became of it."""
    recipient = str((await request.form()).get("recipient", "")).strip()
    problem, result = await _sent(request, recipient)
    return await _page(request, problem=problem, result=result)


async def as_json(request: Request) -> Response:
    """Return the steps for every provider, with our names filled in."""
    desk = office(request)
    found = [
        {
            "key": one.key,
            "title": one.title,
            "steps": [{"words": step.words, "copy": filled_in(step, desk.configuration)} for step in one.steps],
        }
        for one in providers()
    ]
    return JSONResponse({"providers": found, "recipient": trial_mail.recipient_of(desk.configuration)})


async def send_as_json(request: Request) -> Response:
    """Send a test mail for a program and say what became of it."""
    recipient = text_field(await body_of(request), "recipient")
    if recipient is None:
        return refused('Send a JSON object such as {"recipient": "info@shop.example"}.')
    problem, result = await _sent(request, recipient.strip())
    if result is None:
        return refused(problem, 409)
    there: trial_mail.Arrived | None = result["arrived"]
    event = result["event"]
    return JSONResponse(
        {
            "code": result["code"],
            "said": result["said"],
            "event": dict(event) if event is not None else None,
            "arrived": asdict(there) if there is not None else None,
        }
    )


async def _sent(request: Request, recipient: str) -> tuple[str, Mapping[str, Any] | None]:
    """Send a test mail; returns why not, or what became of it."""
    desk = office(request)
    if trial_mail.ADDRESS.fullmatch(recipient) is None or not is_ours(recipient, frozenset(desk.configuration.domains)):
        return "Write an address that the gateway takes mail for.", None
    mark, before = trial_mail.new_mark(), await _newest(desk)
    try:
        code, said = await asyncio.to_thread(trial_mail.send, desk.configuration, recipient, mark)
    except (OSError, smtplib.SMTPException):
        return "The gateway could not be reached on its own port.", None
    await desk.store.audit.append(request.state.session.name, "test.send", recipient)
    event, there = await _arrival(desk, mark, before) if code == 250 else (None, None)
    return "", {"code": code, "said": said, "recipient": recipient, "mark": mark, "event": event, "arrived": there}


async def _page(request: Request, *, problem: str = "", result: Mapping[str, Any] | None = None) -> Response:
    desk, wanted = office(request), request.query_params.get("provider", "")
    provider = next((one for one in providers() if one.key == wanted), None)
    steps = [(step.words, filled_in(step, desk.configuration)) for step in provider.steps] if provider else []
    return render(
        request,
        "setup",
        providers=providers(),
        provider=provider,
        steps=steps,
        again="/setup/checks",
        place="checks",
        answers=await asyncio.to_thread(desk.checks) if request.query_params.get("look") else None,
        recipient=trial_mail.recipient_of(desk.configuration),
        problem=problem,
        result=result,
    )


async def _newest(desk: Office) -> int:
    return next((int(event["id"]) for event in await desk.store.events.recent(1)), 0)


async def _arrival(desk: Office, mark: str, before: int) -> tuple[Mapping[str, Any] | None, trial_mail.Arrived | None]:
    """Wait until the event of the mail is written, and look into the mailbox if it is on this machine.

    The mail is the one with a finding, without a sender, that was recorded after we sent it.
    """
    event = None
    for _ in range(int(_ARRIVES_S / _LOOK_EVERY_S)):
        found = await desk.store.history.page(limit=20, after=before, only="found")
        event = next((one for one in found if not one.get("sender_domain")), None)
        if event is not None:
            break
        await asyncio.sleep(_LOOK_EVERY_S)
    return event, await asyncio.to_thread(trial_mail.arrived, desk.configuration, mark)
