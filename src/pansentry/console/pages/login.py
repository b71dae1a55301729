"""Signing in and out, and making the first admin with the token that ``serve`` printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.console import access
from pansentry.console.pages.page import back, office, render
from pansentry.store.accounts import LONGEST_SESSION_S, PasswordError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

WRONG = "Name, password or code is wrong."
TOO_MANY = "Too many wrong tries; wait a quarter of an hour."


async def page(request: Request) -> Response:
    """Show the form."""
    if await office(request).store.accounts.count() == 0:
        return back("/welcome")
    return render(request, "login", wrong="")


async def sign_in(request: Request) -> Response:
    """Open a session, or say that something is wrong, never what."""
    form = await request.form()
    name, client = str(form.get("name", ""))[:128], request.client.host if request.client else ""
    tries: access.Tries = request.app.state.tries
    keys = (f"name {name.lower()}", f"client {client}")
    if tries.too_many(*keys):
        return render(request, "login", 429, wrong=TOO_MANY)
    accounts = office(request).store.accounts
    token = await accounts.sign_in(name, str(form.get("password", ""))[:1024], str(form.get("code", ""))[:16])
    if token is None:
        tries.was_wrong(*keys)
        return render(request, "login", 401, wrong=WRONG)
    response = back("/")
    response.set_cookie(
        access.COOKIE,
        token,
        max_age=int(LONGEST_SESSION_S),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


async def sign_out(request: Request) -> Response:
    """End the session here and in the store."""
    await office(request).store.accounts.sign_out(request.cookies.get(access.COOKIE, ""))
    response = back("/login")
    response.delete_cookie(access.COOKIE)
    return response


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
        return render(request, "welcome", 400, wrong=str(wrong), key=key)
    if not is_made:
        tries.was_wrong(client)
        return render(request, "welcome", 403, wrong="This key is not the one that was printed.", key="")
    return back("/login", "You can sign in now.")
