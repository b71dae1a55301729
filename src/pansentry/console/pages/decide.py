"""The page behind a link that decides about a held mail: it shows what it would do; its button does it.

Nothing is shown but what the mail with the link says too. To open it changes nothing: scanners of mails open links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry import quarantine
from pansentry.console import links
from pansentry.console.pages.page import office, render
from pansentry.permissions import Role, is_permitted
from pansentry.store.scrubbing import scrubbed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

OVER = "This link is over, or somebody decided already."
ACTS_AS = Role.OPERATOR
"""What the people who are named under `console.summary.to` may do by a link."""


async def page(request: Request) -> Response:
    """Show what the link would do."""
    order = await _order(request)
    if order is None:
        return render(request, "refused", 404, reason=OVER)
    domain = scrubbed(order.held.reverse_path.rpartition("@")[2])
    return render(request, "decide", deed=order.deed, held=order.held, domain=domain, done="")


async def act(request: Request) -> Response:
    """Do it, once, and note who had the link."""
    order = await _order(request)
    if order is None:
        return render(request, "refused", 404, reason=OVER)
    desk, who, held = office(request), f"{order.who} (link)", order.held
    if order.deed is links.Deed.PURGE:
        done = "Deleted." if await desk.store.held.purge(held.id, who=who) else OVER
    else:
        try:
            await quarantine.release(desk.store, held.id, desk.policies(), who=who, key=desk.store.key)
            done = "Released."
        except quarantine.CannotReleaseError:
            done = "It was not released: it still reads as card data, or somebody decided already."
    return render(request, "decide", deed=order.deed, held=held, domain="", done=done)


async def _order(request: Request) -> links.Order | None:
    """Return what the link allows, None for a wrong one; too many wrong ones are not looked at."""
    desk, tries = office(request), request.app.state.tries
    wanted = desk.configuration.console.summary
    client = f"link {request.client.host if request.client else ''}"
    if wanted.decide != "link" or tries.too_many(client):
        return None
    found = await links.order(desk.store, request.path_params["link"], wanted.to)
    if found is None:
        tries.was_wrong(client)
    elif not is_permitted(ACTS_AS, links.TASKS[found.deed]):
        return None
    return found
