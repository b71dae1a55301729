"""People: who may do what, what was done, and one's own account."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from pansentry.console.pages.page import back, body_of, office, refused, render, text_field
from pansentry.permissions import NotPermittedError, Role
from pansentry.store.accounts import PasswordError, check_password

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

ROLES = frozenset(role.value for role in Role)
ISSUER = "PanSentry"
GUEST = "This is for accounts of PanSentry; yours is with the provider."
CHECKED = 500
"""Entries of the audit log whose chain a page checks; `pansentry audit verify` checks all."""


async def page(request: Request) -> Response:
    """List accounts and the newest entries of the audit log, with whether its chain is whole."""
    store = office(request).store
    entries, chain = await store.audit.list(200), await store.audit.verify(newest=CHECKED)
    accounts, guests = await store.accounts.list(), await store.accounts.guests()
    return render(request, "people", accounts=accounts, guests=guests, audit=entries, chain=chain)


async def put(request: Request) -> Response:
    """Make an account, or give one a new password and role."""
    form = await request.form()
    name, role = str(form.get("name", ""))[:128].strip(), str(form.get("role", ""))
    return back("/people", await _put(request, name, role, str(form.get("password", ""))) or "Done.")


async def remove(request: Request) -> Response:
    """Take an account and its role away."""
    return back("/people", await _remove(request, request.path_params["name"]) or "Done.")


async def _put(request: Request, name: str, role: str, password: str) -> str:
    """Make or change an account; returns why not, "" if it is done."""
    if not name or role not in {str(one) for one in Role}:
        return "Write a name and choose a role."
    store, who = office(request).store, request.state.session.name
    try:
        check_password(password)
        await store.people.grant(name, Role(role), who=who)
        await store.accounts.create(name, password[:1024], Role(role), who=who)
    except (PasswordError, NotPermittedError) as error:
        return _said(error)
    return ""


async def _remove(request: Request, name: str) -> str:
    """Take an account away; returns why not, "" if it is done."""
    store, who = office(request).store, request.state.session.name
    if name == who:
        return "Nobody takes their own account away; another admin does."
    try:
        await store.people.revoke(name, who=who)
    except NotPermittedError as error:
        return _said(error)
    await store.accounts.remove(name, who=who)
    return ""


def _said(error: Exception) -> str:
    """Return the sentence of a refusal as it was made, so that it can be said in another language."""
    said: str = error.args[0]
    return said


async def as_json(request: Request) -> Response:
    """Everybody with an account, and everybody who came through the provider."""
    accounts = office(request).store.accounts
    found = [{**asdict(one), "role": str(one.role)} for one in await accounts.list()]
    guests = [{**asdict(one), "role": str(one.role)} for one in await accounts.guests()]
    return JSONResponse({"people": found, "guests": guests})


async def put_as_json(request: Request) -> Response:
    """Make an account for a program, or change one."""
    name, given = request.path_params["person"].strip(), await body_of(request)
    role, password = text_field(given, "role"), text_field(given, "password")
    if not 0 < len(name) <= 128 or not name.isprintable() or role is None or password is None or role not in ROLES:
        return refused('Send a JSON object such as {"role": "viewer", "password": "three words long"}.')
    try:
        check_password(password)
    except PasswordError as error:
        return refused(str(error))
    if why := await _put(request, name, role, password):
        return refused(why, 409)
    return JSONResponse({"name": name, "role": role})


async def remove_as_json(request: Request) -> Response:
    """Take an account away for a program."""
    if why := await _remove(request, request.path_params["person"]):
        return refused(why, 409)
    return JSONResponse({"removed": True})


async def remove_guest_as_json(request: Request) -> Response:
    """End the sessions of a guest for a program."""
    await office(request).store.accounts.remove_guest(request.path_params["person"], who=request.state.session.name)
    return JSONResponse({"removed": True})


async def tokens_as_json(request: Request) -> Response:
    """One's own tokens, without the tokens."""
    found = await office(request).store.accounts.tokens(request.state.session.name)
    return JSONResponse({"tokens": [asdict(one) for one in found]})


async def revoke_as_json(request: Request) -> Response:
    """End one of one's own tokens."""
    gone = await office(request).store.accounts.revoke(request.state.session.name, request.path_params["token"])
    return JSONResponse({"removed": True}) if gone else refused("There is none.", 404)


async def revoke(request: Request) -> Response:
    """End one of one's own tokens."""
    gone = await office(request).store.accounts.revoke(request.state.session.name, request.path_params["token"])
    return back("/account", "Done." if gone else "There is no such token.")


async def remove_guest(request: Request) -> Response:
    """End the sessions of somebody who signs in through the provider."""
    name, who = request.path_params["name"], request.state.session.name
    await office(request).store.accounts.remove_guest(name, who=who)
    return back("/people", "Done.")


async def account(request: Request) -> Response:
    """Show one's own account, with a fresh secret for one-time codes."""
    import pyotp

    if request.state.session.kind == "guest":
        return render(request, "account", secret="", uri="", made="", tokens=())
    tokens = await office(request).store.accounts.tokens(request.state.session.name)
    secret = pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=request.state.session.name, issuer_name=ISSUER)
    return render(request, "account", secret=secret, uri=uri, made="", tokens=tokens)


async def start_totp(request: Request) -> Response:
    """Ask for one-time codes from now on, once a first one was right."""
    form = await request.form()
    name = request.state.session.name
    if request.state.session.kind == "guest":
        return back("/account", GUEST)
    secret, code = str(form.get("secret", ""))[:64], str(form.get("code", ""))[:16]
    is_on = await office(request).store.accounts.start_totp(name, secret, code, who=name)
    return back("/account", "One-time codes are on." if is_on else "This is not the code of now; try again.")


async def make_token(request: Request) -> Response:
    """Make a token for a program; it is shown once."""
    form = await request.form()
    if request.state.session.kind == "guest":
        return back("/account", GUEST)
    token = await office(request).store.accounts.make_token(request.state.session.name, str(form.get("label", "")))
    return render(request, "account", secret="", uri="", made=token, tokens=())
