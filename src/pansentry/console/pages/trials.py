"""What a changed policy would do: to a mail that is pasted in, and to the decisions that were recorded.

Nothing is behind it: no mail is sent, no file is written, and the pasted mail is forgotten with the answer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pansentry.console.pages.page import office, render
from pansentry.console.pages.policies import Sheet, is_new, names, proved, sheet, text_in
from pansentry.policy_comparison import Recent, compare_recent
from pansentry.rehearsal import archived_envelope, rehearse_mail

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

NUMBERS = (100, 1000, 10_000)
"""How many recorded decisions may be tried; the first is what happens without a choice."""
MAX_MAIL = 1_000_000
SHOWN = 100


async def attempt(request: Request) -> Response:
    """Judge a pasted mail under the changed file, with nothing behind it."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk) and not is_new(desk, name):
        return render(request, "refused", 404, reason="There is no such policy.")
    text, form = await text_in(request), await request.form()
    mail = str(form.get("mail", ""))[:MAX_MAIL].replace("\r\n", "\n")
    state, flaws = await asyncio.to_thread(proved, desk, name, text)
    outcome = None
    if state is not None and mail.strip():
        raw = mail.replace("\n", "\r\n").encode()
        outcome = await asyncio.to_thread(rehearse_mail, raw, archived_envelope(raw), state.policies)
    return sheet(request, Sheet(name, text, flaws, is_checked=True, outcome=outcome))


async def recent(request: Request) -> Response:
    """Decide the last recorded messages anew under the changed file, and show those that would go otherwise."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk) and not is_new(desk, name):
        return render(request, "refused", 404, reason="There is no such policy.")
    text = await text_in(request)
    asked = str((await request.form()).get("number", ""))
    number = int(asked) if asked in map(str, NUMBERS) else NUMBERS[0]
    state, flaws = await asyncio.to_thread(proved, desk, name, text)
    compared: Recent | None = None
    if state is not None:
        events = await desk.store.events.recent(number, kind="message")
        compared = await asyncio.to_thread(compare_recent, events, desk.policies(), state.policies, desk.token_key)
    return sheet(request, Sheet(name, text, flaws, is_checked=True, recent=compared))
