"""One POST or GET over HTTPS, as strict as a mail gateway may be: no redirect, no proxy, a deadline, a small answer.

Standard library only. Plain ``http`` is for this machine (tests) and refused elsewhere.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

MAX_ANSWER_BYTES = 256 * 1024
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class HttpTroubleError(Exception):
    """No usable answer; the text is a stable short code and never holds a key."""


async def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Any:
    """Send ``body`` and return the JSON that comes back. Raises :class:`HttpTroubleError`."""
    return await _asked("POST", url, body, headers, timeout_s)


async def get(url: str, headers: Mapping[str, str], timeout_s: float) -> Any:
    """Return the JSON at ``url``. Raises :class:`HttpTroubleError`."""
    return await _asked("GET", url, None, headers, timeout_s)


async def _asked(method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout_s: float) -> Any:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise HttpTroubleError("not-https")
    try:
        async with asyncio.timeout(timeout_s):
            raw = await asyncio.to_thread(_fetch, method, url, body, dict(headers), timeout_s)
        return json.loads(raw) if raw.strip() else None
    except TimeoutError:
        raise HttpTroubleError("timeout") from None
    except (ValueError, RecursionError):
        raise HttpTroubleError("no-json") from None


def _fetch(method: str, url: str, body: bytes | None, headers: dict[str, str], timeout_s: float) -> bytes:
    import urllib.error  # few gateways ask anybody: 1 MB
    import urllib.request

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  the scheme was checked
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            raw: bytes = answer.read(MAX_ANSWER_BYTES + 1)
    except urllib.error.HTTPError as refused:
        refused.close()
        raise HttpTroubleError(f"status-{refused.code}") from None
    except TimeoutError:
        raise HttpTroubleError("timeout") from None
    except OSError as error:
        reason = getattr(error, "reason", None)
        raise HttpTroubleError("timeout" if isinstance(reason, TimeoutError) else "no-connection") from None
    if len(raw) > MAX_ANSWER_BYTES:
        raise HttpTroubleError("too-long")
    return raw
