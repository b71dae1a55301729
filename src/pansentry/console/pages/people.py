"""People: who may do what, what was done, and one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry.console.pages.page import back, office, render
from pansentry.permissions import NotPermittedError, Role
from pansentry.store.accounts import PasswordError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

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
    if not name or role not in {str(one) for one in Role}:
        return back("/people", "Write a name and choose a role.")
    store, who = office(request).store, request.state.session.name
    try:
        await store.people.grant(name, Role(role), who=who)
        await store.accounts.create(name, str(form.get("password", ""))[:1024], Role(role), who=who)
    except (PasswordError, NotPermittedError) as error:
        return back("/people", error.args[0])
    return back("/people", "Done.")


async def remove(request: Request) -> Response:
    """Take an account and its role away."""
    name, store, who = request.path_params["name"], office(request).store, request.state.session.name
    try:
        await store.people.revoke(name, who=who)
    except NotPermittedError as error:
        return back("/people", error.args[0])
    await store.accounts.remove(name, who=who)
    return back("/people", "Done.")


async def remove_guest(request: Request) -> Response:
    """End the sessions of somebody who signs in through the provider."""
    name, who = request.path_params["name"], request.state.session.name
    await office(request).store.accounts.remove_guest(name, who=who)
    return back("/people", "Done.")


async def account(request: Request) -> Response:
    """Show one's own account, with a fresh secret for one-time codes."""
    import pyotp

    if request.state.session.kind == "guest":
        return render(request, "account", secret="", uri="", made="")
    secret = pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=request.state.session.name, issuer_name=ISSUER)
    return render(request, "account", secret=secret, uri=uri, made="")


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
    return render(request, "account", secret="", uri="", made=token)
