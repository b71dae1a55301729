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

    from pansentry.console.office import Office
    from pansentry.errors import Flaw
    from pansentry.outcome import Outcome

NUMBERS = (100, 1000, 10_000)
"""How many recorded decisions may be tried; the first is what happens without a choice."""
MAX_MAIL = 1_000_000
SHOWN = 100


async def attempt(request: Request) -> Response:
    """Judge a pasted mail under the changed file, with nothing behind it."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk) and not is_new(desk, name):
        return render(request, "refused", 404, reason="There is no such policy.")
    text, mail = await text_in(request), str((await request.form()).get("mail", ""))
    flaws, outcome = await judged(desk, name, text, mail)
    return sheet(request, Sheet(name, text, flaws, is_checked=True, outcome=outcome))


async def recent(request: Request) -> Response:
    """Decide the last recorded messages anew under the changed file, and show those that would go otherwise."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk) and not is_new(desk, name):
        return render(request, "refused", 404, reason="There is no such policy.")
    text = await text_in(request)
    asked = str((await request.form()).get("number", ""))
    number = int(asked) if asked in map(str, NUMBERS) else NUMBERS[0]
    flaws, compared = await decided_anew(desk, name, text, number)
    return sheet(request, Sheet(name, text, flaws, is_checked=True, recent=compared))


async def judged(desk: Office, name: str, text: str, mail: str) -> tuple[tuple[Flaw, ...], Outcome | None]:
    """Return what is wrong with a changed file; without flaws, what would happen to a mail, None for an empty one."""
    mail = mail[:MAX_MAIL].replace("\r\n", "\n")
    state, flaws = await asyncio.to_thread(proved, desk, name, text)
    if state is None or not mail.strip():
        return flaws, None
    raw = mail.replace("\n", "\r\n").encode()
    return flaws, await asyncio.to_thread(rehearse_mail, raw, archived_envelope(raw), state.policies)


async def decided_anew(desk: Office, name: str, text: str, number: int) -> tuple[tuple[Flaw, ...], Recent | None]:
    """Return what is wrong with a changed file; without flaws, what of the last messages would go otherwise."""
    state, flaws = await asyncio.to_thread(proved, desk, name, text)
    if state is None:
        return flaws, None
    events = await desk.store.events.recent(number, kind="message")
    return flaws, await asyncio.to_thread(compare_recent, events, desk.policies(), state.policies, desk.token_key)
