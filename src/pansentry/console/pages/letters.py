"""Letters: each in every language and kind, as the customer will see it: light, dark, narrow, and as plain text."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, JSONResponse

from pansentry.console import access
from pansentry.console.pages.page import back, body_of, office, refused, render, text_field
from pansentry.console.trial_mail import ADDRESS
from pansentry.errors import ConfigurationError
from pansentry.reception import is_ours
from pansentry.reply.letters import SAMPLES, Words
from pansentry.reply.lint import lint, score

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.console.office import Office
    from pansentry.reply.letters import Written
    from pansentry.reply.lint import Score


async def page(request: Request) -> Response:
    """List the letters."""
    try:
        letters = await asyncio.to_thread(office(request).letters)
    except ConfigurationError as error:
        return render(request, "letters", table=(), kinds=(), flaws=error.flaws)
    table = [(name, letters.languages(name)) for name in letters.names()]
    return render(request, "letters", table=table, kinds=tuple(_samples()), flaws=())


async def one(request: Request) -> Response:
    """Show a letter in its forms."""
    written = await asyncio.to_thread(_written, request)
    if written is None:
        return render(request, "refused", 404, reason="There is no such letter.")
    asked = request.path_params
    return render(
        request,
        "letter",
        written=written,
        name=asked["name"],
        letter_language=asked["language"],
        kind=asked["kind"],
        score=await asyncio.to_thread(_score, request, written),
    )


async def send(request: Request) -> Response:
    """Send a letter to an address of ours, as a customer would get it, marked as a sample."""
    written = await asyncio.to_thread(_written, request)
    if written is None:
        return render(request, "refused", 404, reason="There is no such letter.")
    why = await _send(request, written, str((await request.form()).get("recipient", "")).strip())
    return back(request.url.path.removesuffix("/send"), why or "It is on its way; look into the mailbox.")


async def _send(request: Request, written: Written, to: str) -> str:
    """Send a sample; returns why not, "" if it is on its way."""
    desk = office(request)
    if ADDRESS.fullmatch(to) is None or not is_ours(to, frozenset(desk.configuration.domains)):
        return "Write an address that the gateway takes mail for."
    await desk.store.outbox.file_deferred("", [to], _sample(written, desk, to), wait_s=0)
    await desk.store.audit.append(request.state.session.name, "letter.sample", to)
    return ""


async def as_json(request: Request) -> Response:
    """List the letters for a program."""
    try:
        letters = await asyncio.to_thread(office(request).letters)
    except ConfigurationError as error:
        return refused(str(error), 409)
    found = [{"name": name, "languages": list(letters.languages(name))} for name in letters.names()]
    return JSONResponse({"letters": found, "kinds": list(_samples())})


async def one_as_json(request: Request) -> Response:
    """Return a letter with its score."""
    written = await asyncio.to_thread(_written, request)
    if written is None:
        return refused("There is no such letter.", 404)
    kept = await asyncio.to_thread(_score, request, written)
    faults = [{"wrong": fault.wrong, "fix": fault.fix} for fault in kept.faults]
    said = {"subject": written.subject, "text": written.text, "html": written.html}
    return JSONResponse({**said, "points": kept.points, "best": kept.best, "faults": faults})


async def send_as_json(request: Request) -> Response:
    """Send a sample for a program."""
    written = await asyncio.to_thread(_written, request)
    if written is None:
        return refused("There is no such letter.", 404)
    to = text_field(await body_of(request), "recipient")
    if to is None:
        return refused('Send a JSON object such as {"recipient": "info@shop.example"}.')
    if why := await _send(request, written, to.strip()):
        return refused(why, 409)
    return JSONResponse({"sent_to": to.strip()})


def _sample(written: Written, desk: Office, to: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"PanSentry <sample@{desk.configuration.hostname}>"
    message["To"] = to
    message["Date"] = formatdate(desk.clock())
    message["Message-ID"] = make_msgid(domain=desk.configuration.hostname)
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = f"[sample] {written.subject}"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message.as_bytes()


def _score(request: Request, written: Written) -> Score:
    letters, asked = office(request).letters(), request.path_params
    return score(lint(written, letters.business, asked["language"], _samples()[asked["kind"]]))


async def as_html(request: Request) -> Response:
    """Return the HTML form by itself, for a frame."""
    written = await asyncio.to_thread(_written, request)
    if written is None:
        return render(request, "refused", 404, reason="There is no such letter.")
    return HTMLResponse(written.html, headers={"content-security-policy": access.LETTER_POLICY})


def _samples() -> dict[str, Words]:
    return {str(words.kind): words for words in reversed(SAMPLES)}


def _written(request: Request) -> Written | None:
    try:
        letters, asked = office(request).letters(), request.path_params
    except ConfigurationError:  # the list of letters says what is wrong
        return None
    name, language, kind = asked["name"], asked["language"], asked["kind"]
    if name not in letters.names() or language not in letters.languages(name) or kind not in _samples():
        return None
    return letters.write(name, language, _samples()[kind])
