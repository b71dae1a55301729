"""Letters: each in every language and kind, as the customer will see it: light, dark, narrow, and as plain text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from pansentry.console import access
from pansentry.console.pages.page import office, render
from pansentry.errors import ConfigurationError
from pansentry.reply.letters import SAMPLES, Words

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.reply.letters import Written


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
    )


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
