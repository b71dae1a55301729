"""The web application: routes guarded by their tasks, pages from templates, the same headers on every answer.

One guard stands before every row of the table. In this order: is the Host ours, who is asking, may they, is the form
ours. An answer is never more than what the row's task allows; an unknown page and one that is not allowed answer alike
for somebody who is not signed in: with the way to sign in. Programs are told what went wrong as JSON, scrapers of
``/metrics`` as text, people on a page.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pansentry.console import access
from pansentry.console.openid import Provider, is_path
from pansentry.console.pages.page import render
from pansentry.console.routes import ROUTES, Row
from pansentry.permissions import is_permitted, least_role
from pansentry.sentence import sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pansentry.console.office import Office
    from pansentry.store.accounts import Session

HERE = Path(__file__).parent
MAX_FORM_BYTES = 2 * 1024 * 1024
MAX_FIELDS = 4000
"""Inputs of one form: a policy with as many rules as fit its file has one for each."""
_NOWHERE = "There is no page at this address."
_SPOILT = "This form is too large, or damaged."
_OTHERWISE = "This address is there, but not for what was asked of it."
_REFUSED = {400: _SPOILT, 404: _NOWHERE, 405: _OTHERWISE, 413: _SPOILT}
_BROKEN = "The log of the gateway says where. Try again; if it happens again, that line is what to report."


def create_app(office: Office) -> Starlette:
    """Return the application over an office."""
    routes = [Route(row.path, _guarded(row), methods=[row.method]) for row in ROUTES]
    app = Starlette(
        routes=[*routes, Mount("/static", _Static(directory=HERE / "static"))],
        exception_handlers={HTTPException: _refused, Exception: _broken},
    )
    app.state.office = office
    app.state.tries = access.Tries(office.clock)
    asked = office.configuration.console
    app.state.provider = (
        Provider(asked.oidc, asked.url, office.store.key, office.clock) if asked.oidc and asked.url else None
    )
    return app


class _Static(StaticFiles):
    """Files of our own, with the headers of everything else."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        for name, value in access.HEADERS.items():
            response.headers[name] = value
        response.headers["cache-control"] = "max-age=3600"
        return response


def _guarded(row: Row) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a row behind its guard."""

    async def guarded(request: Request) -> Response:
        response = await _answer(row, request)
        for name, value in access.HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return guarded


async def _answer(row: Row, request: Request) -> Response:
    office: Office = request.app.state.office
    length = request.headers.get("content-length", "0")
    if (
        not length.isdecimal()
        or len(length) > 9
        or int(length) > MAX_FORM_BYTES
        or "transfer-encoding" in request.headers
    ):
        return PlainTextResponse("The form is too large.", 413)
    if not access.answers_to(request.headers.get("host", ""), office.configuration.console):
        return PlainTextResponse("This console has another name; yours can be given to it in `console.url`.\n", 421)
    is_api = row.path.startswith("/api/") or row.path == "/metrics"
    session = await _session(request, office, is_api=is_api)
    request.state.session = session
    if not row.is_public:
        if session is None:
            if is_api:
                return JSONResponse({"error": "Sign in, or send a token."}, 401, {"www-authenticate": "Bearer"})
            return _to_sign_in(request)
        if row.task is not None and not is_permitted(session.role, row.task):
            role = sentence(least_role(row.task).value)
            text = sentence("To {task} one must be {role}.", task=sentence(row.task.value), role=role)
            return JSONResponse({"error": text}, 403) if is_api else render(request, "refused", 403, reason=text)
    if row.method != "GET" and not await _is_ours(request, session):
        return JSONResponse({"error": "The form is not ours."}, 403) if is_api else render(request, "refused", 403)
    return await row.endpoint(request)


async def _session(request: Request, office: Office, *, is_api: bool) -> Session | None:
    token = access.bearer(request)
    if token and is_api:
        session = await office.store.accounts.session(token)
        return session if session is not None and session.kind == "program" else None
    cookie = request.cookies.get(access.COOKIE, "")
    session = await office.store.accounts.session(cookie) if cookie else None
    return session if session is not None and session.kind in ("browser", "guest") else None


def _to_sign_in(request: Request) -> Response:
    """Send whoever is not signed in to the form, which leads back to the page that they wanted.

    A link in a mail or on another site comes without the session's cookie (``SameSite=Strict``): the browser is asked
    to go on from a page of ours, with it, before anybody is asked for a password.
    """
    if request.method != "GET" or not is_path(request.url.path):
        return RedirectResponse("/login", 303)
    if request.headers.get("sec-fetch-site") == "cross-site" and request.headers.get("sec-fetch-mode") == "navigate":
        return render(request, "step", to=request.url.path)
    after = f"?next={quote(request.url.path)}" if request.url.path != "/" else ""
    return RedirectResponse(f"/login{after}", 303)


async def _is_ours(request: Request, session: Session | None) -> bool:
    """A program's token is proof enough; a browser's form must carry the session's."""
    if session is not None and session.kind == "program":
        return True
    await request.body()  # kept, so that it can be read again as what it is: a form, or JSON
    form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    return access.form_is_ours(request, session, str(form.get("token", "")))


async def _refused(request: Request, error: Exception) -> Response:
    """Answer what no row takes: for people by a page of ours, or by the way to sign in if they wanted to see one."""
    assert isinstance(error, HTTPException)
    status, path = error.status_code, request.url.path
    response = _to_program(request, error.detail, status)
    if response is None and (
        path.startswith("/static/")
        or not access.answers_to(request.headers.get("host", ""), request.app.state.office.configuration.console)
    ):
        response = PlainTextResponse(f"{error.detail}\n", status)
    if response is None:
        request.state.session = await _session(request, request.app.state.office, is_api=False)
        if request.state.session is None and request.method in ("GET", "HEAD"):
            response = _to_sign_in(request)
        else:
            response = render(request, "refused", status, reason=_REFUSED.get(status, error.detail))
    response.headers.update({**(error.headers or {}), **access.HEADERS})
    return response


async def _broken(request: Request, error: Exception) -> Response:
    """Say nothing of what broke: its words may quote anything; the log has the place."""
    response = _to_program(request, _BROKEN, 500)
    if response is None:
        try:
            request.state.session = None
            response = render(request, "refused", 500, heading="Something broke", reason=_BROKEN)
        except Exception:  # it is the page that broke
            response = PlainTextResponse(f"{_BROKEN}\n", 500)
    response.headers.update(access.HEADERS)
    return response


def _to_program(request: Request, wrong: str, status: int) -> Response | None:
    """Return what went wrong as a program reads it, None where people ask."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": wrong}, status)
    return PlainTextResponse(f"{wrong}\n", status) if request.url.path == "/metrics" else None
