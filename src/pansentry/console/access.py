"""Who is asking, and whether they may: sessions, tokens of forms, tries, and the headers of every answer.

Attacks this resists: guessing passwords (:class:`Tries`), forms sent from other sites (a token bound to the session,
``SameSite=Strict``, ``Origin`` compared), pages in frames and scripts from elsewhere (Content-Security-Policy), a page
reached through another name that points here (on loopback the Host is compared with our names).
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pansentry.store.accounts import LONGEST_SESSION_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.configuration.model import Console
    from pansentry.store.accounts import Session

COOKIE = "pansentry_session"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
"""For the preview of a letter: its styles are in its lines, and it can do nothing."""
MAX_TRIES = 10
TRIES_S = 15 * 60.0
_MAX_COUNTED = 10_000


class Tries:
    """Wrong tries to sign in, by name and by address; too many in a quarter of an hour are refused unread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wrong: defaultdict[str, list[float]] = defaultdict(list)

    def too_many(self, *keys: str) -> bool:
        """Say whether any of these has used up its tries."""
        now = self._clock()
        return any(sum(now - at < TRIES_S for at in self._wrong.get(key, ())) >= MAX_TRIES for key in keys)

    def was_wrong(self, *keys: str) -> None:
        """Count a wrong try."""
        now = self._clock()
        if len(self._wrong) > _MAX_COUNTED:
            self._wrong.clear()
        for key in keys:
            self._wrong[key] = [at for at in self._wrong[key] if now - at < TRIES_S] + [now]


def form_is_ours(request: Request, session: Session | None, token: str) -> bool:
    """Say whether a form was sent from one of our pages: by its token, and by Origin where there is one."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return False
    return session is None or hmac.compare_digest(session.secret.encode(), token.encode("utf-8", "replace"))


def answers_to(host: str, settings: Console) -> bool:
    """Say whether a request's Host is one of our names. Asked where nobody else's name can be right: on loopback."""
    address = urlsplit(f"//{settings.address}").hostname or ""
    if address not in _LOOPBACK or settings.trusted_proxies:
        return True
    ours = {*_LOOPBACK, urlsplit(settings.url or "").hostname}
    try:
        return urlsplit(f"//{host}").hostname in ours
    except ValueError:
        return False


def keep_session(request: Request, response: Response, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST_SESSION_S),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def bearer(request: Request) -> str:
    """Return the token of a program, "" if it sent none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
