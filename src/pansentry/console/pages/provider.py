"""Signing in through an OpenID provider: the way there and the way back; what is believed is in :mod:`..openid`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.console import access
from pansentry.console.openid import RETURN_PATH, TICKET_S, NoRoleError, Provider, RefusedError
from pansentry.console.pages.page import back, office, render

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

TICKET = "pansentry_ticket"
AWAY = "The provider does not answer as it should; sign in with a password, or try again."
REFUSED = "The provider did not sign you in; try again."
NO_ROLE = "The provider knows you, but none of your groups has a role here. Ask whoever runs PanSentry."


async def leave(request: Request) -> Response:
    """Send the browser to the provider."""
    provider: Provider | None = request.app.state.provider
    if provider is None or not await office(request).store.accounts.count():
        return back("/login")
    try:
        address, ticket = await provider.begin(request.query_params.get("next", "/"))
    except RefusedError:
        return refused(request, 502, AWAY)
    response = back("/")
    response.headers["location"] = address
    response.set_cookie(
        TICKET,
        ticket,
        max_age=int(TICKET_S),
        path=RETURN_PATH,
        httponly=True,
        samesite="lax",  # the way back comes from the provider's page
        secure=request.url.scheme == "https",
    )
    return response


async def arrive(request: Request) -> Response:
    """Take what the provider sent back, and open a session, or say in general why not."""
    provider: Provider | None = request.app.state.provider
    tries: access.Tries = request.app.state.tries
    client = f"client {request.client.host if request.client else ''}"
    if provider is None or not await office(request).store.accounts.count():
        return back("/login")
    if tries.too_many(client):
        return refused(request, 429, "Too many wrong tries; wait a quarter of an hour.")
    accounts = office(request).store.accounts
    try:
        person, after = await provider.finish(request.cookies.get(TICKET, ""), request.query_params)
    except NoRoleError as no_role:
        await accounts.refuse_guest(no_role.name)
        return refused(request, 403, NO_ROLE)
    except RefusedError as why:
        tries.was_wrong(client)
        return refused(request, 502 if str(why).startswith("provider-") else 403, REFUSED)
    token = await accounts.admit_guest(person.name, person.role)
    # the session's cookie does not go with a redirect that began at the provider, so the browser goes on by itself
    response = render(request, "step", to=after)
    access.keep_session(request, response, token)
    response.delete_cookie(TICKET, path=RETURN_PATH)
    return response


def refused(request: Request, status: int, wrong: str) -> Response:
    """Show the form for signing in with what went wrong, and forget the ticket."""
    response = render(request, "login", status, wrong=wrong, after="", by_provider=True)
    response.delete_cookie(TICKET, path=RETURN_PATH)
    return response
