"""Signing in and out, and making the first admin with the token that ``serve`` printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.console import access
from pansentry.console.openid import Provider, is_path
from pansentry.console.pages.page import back, office, render
from pansentry.store.accounts import PasswordError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

WRONG = "Name, password or code is wrong."
TOO_MANY = "Too many wrong tries; wait a quarter of an hour."


async def page(request: Request) -> Response:
    """Show the form; ``next`` is the page that somebody wanted who was not signed in."""
    if await office(request).store.accounts.count() == 0:
        return back("/welcome")
    after = request.query_params.get("next", "")
    if request.state.session is not None:
        return back(after if is_path(after) else "/")
    return _form(request, 200, "", after)


async def sign_in(request: Request) -> Response:
    """Open a session, or say that something is wrong, never what."""
    form = await request.form()
    name, client = str(form.get("name", ""))[:128], request.client.host if request.client else ""
    after = str(form.get("next", ""))
    tries: access.Tries = request.app.state.tries
    keys = (f"name {name.lower()}", f"client {client}")
    if tries.too_many(*keys):
        return _form(request, 429, TOO_MANY, after)
    accounts = office(request).store.accounts
    token = await accounts.sign_in(name, str(form.get("password", ""))[:1024], str(form.get("code", ""))[:16])
    if token is None:
        tries.was_wrong(*keys)
        return _form(request, 401, WRONG, after)
    response = back(after if is_path(after) else "/")
    access.keep_session(request, response, token)
    return response


async def sign_out(request: Request) -> Response:
    """End the session here and in the store; whom a provider vouches for, signs out there too."""
    await office(request).store.accounts.sign_out(request.cookies.get(access.COOKIE, ""))
    provider: Provider | None = request.app.state.provider
    is_guest = request.state.session.kind == "guest"
    address = await provider.farewell() if provider is not None and is_guest else None
    request.state.session = None
    response = render(request, "step", to=address) if address else back("/login")
    response.delete_cookie(access.COOKIE)
    return response


def _form(request: Request, status: int, wrong: str, after: str) -> Response:
    by_provider = request.app.state.provider is not None
    return render(request, "login", status, wrong=wrong, after=after if is_path(after) else "", by_provider=by_provider)


async def welcome(request: Request) -> Response:
    """Show the form for the first admin, as long as there is none."""
    if await office(request).store.accounts.count():
        return back("/login")
    return render(request, "welcome", wrong="", key=request.query_params.get("key", "")[:64])


async def found(request: Request) -> Response:
    """Make the first admin."""
    form = await request.form()
    client = f"client {request.client.host if request.client else ''}"
    tries: access.Tries = request.app.state.tries
    key = str(form.get("key", ""))[:64]
    if tries.too_many(client):
        return render(request, "welcome", 429, wrong=TOO_MANY, key="")
    name = str(form.get("name", ""))[:128].strip()
    if not name:
        return render(request, "welcome", 400, wrong="Write a name to sign in with.", key=key)
    try:
        is_made = await office(request).store.accounts.found(key, name, str(form.get("password", ""))[:1024])
    except PasswordError as wrong:
        return render(request, "welcome", 400, wrong=wrong.args[0], key=key)
    if not is_made:
        tries.was_wrong(client)
        return render(request, "welcome", 403, wrong="This key is not the one that was printed.", key="")
    return back("/login", "You can sign in now.")
