"""Letters: each in every language and kind, as the customer will see it: light, dark, narrow, and as plain text."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from pansentry.console import access
from pansentry.console.pages.page import back, office, render
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
    desk = office(request)
    to = str((await request.form()).get("recipient", "")).strip()
    if ADDRESS.fullmatch(to) is None or not is_ours(to, frozenset(desk.configuration.domains)):
        return back(request.url.path.removesuffix("/send"), "Write an address that the gateway takes mail for.")
    await desk.store.outbox.file_deferred("", [to], _sample(written, desk, to), wait_s=0)
    await desk.store.audit.append(request.state.session.name, "letter.sample", to)
    return back(request.url.path.removesuffix("/send"), "It is on its way; look into the mailbox.")


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
