"""What all pages share: rendering a template for who is asking, and going back to a page with a notice."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from pansentry.console.texts import LANGUAGES, catalogue, preferred, translator
from pansentry.permissions import Task, is_permitted
from pansentry.report import words
from pansentry.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment
    from starlette.requests import Request

    from pansentry.console.office import Office

TEMPLATES = Path(__file__).parent.parent / "templates"
_MAX_DIGITS = 12
_MAX_VALUE = 200
NAVIGATION = (
    ("/", "Today", Task.SEE_MESSAGES),
    ("/messages", "Messages", Task.SEE_MESSAGES),
    ("/held", "Held mail", Task.SEE_HELD),
    ("/policies", "Policies", Task.SEE_POLICY),
    ("/letters", "Letters", Task.SEE_LETTERS),
    ("/reports", "Reports", Task.SEE_REPORTS),
    ("/setup", "Set-up", Task.SEE_HEALTH),
    ("/health", "Health", Task.SEE_HEALTH),
    ("/people", "People and audit", Task.SEE_AUDIT),
)


@cache
def environment() -> Environment:
    """Return the templates' environment: everything is escaped, unknown names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.globals.update(chapters=words.CHAPTERS, words=words)
    made.filters["moment"] = moment
    made.filters["bytes"] = in_bytes
    return made


def office(request: Request) -> Office:
    """Return the office behind the pages."""
    found: Office = request.app.state.office
    return found


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page in the language of who is asking."""
    return HTMLResponse(part(request, template, **values), status)


def part(request: Request, template: str, **values: Any) -> str:
    """Return a template filled in, in the language of who is asking."""
    session = request.state.session
    language = language_of(request)
    may = {task.name.lower(): session is not None and is_permitted(session.role, task) for task in Task}
    links = [
        (path, title) for path, title, task in NAVIGATION if session is not None and is_permitted(session.role, task)
    ]
    return (
        environment()
        .get_template(f"{template}.html")
        .render(
            _=translator(language),
            language=language,
            languages=LANGUAGES,
            session=session,
            may=may,
            links=links,
            here=request.url.path,
            note=_note(request),
            **values,
        )
    )


def language_of(request: Request) -> str:
    """Return the language of who is asking."""
    return preferred(request.headers.get("accept-language", ""), request.cookies.get("language", ""))


def back(path: str, note: str = "") -> RedirectResponse:
    """Go to a page after a form; ``note`` is one sentence of ours that it shows, values go beside it."""
    if not note:
        return RedirectResponse(path, 303)
    values = note.values if isinstance(note, Sentence) else {}
    pattern = note.pattern if isinstance(note, Sentence) else note
    said = {"note": pattern, **{f"note.{name}": str(value) for name, value in values.items()}}
    return RedirectResponse(f"{path}?{urlencode(said, quote_via=quote)}", 303)


def _note(request: Request) -> Sentence | None:
    """Return the note of :func:`back`. Anybody can make a link with another one: only sentences of ours are shown."""
    asked = request.query_params
    pattern = asked.get("note", "")
    if not pattern or pattern not in catalogue("de"):
        return None
    names = {name for _, name, _, _ in Formatter().parse(pattern) if name}
    return Sentence(pattern, {name: asked.get(f"note.{name}", "")[:_MAX_VALUE] for name in names})


async def body_of(request: Request) -> dict[str, Any] | None:
    """Return the JSON object that a program sent, None if it is something else or holds text that is none.

    JSON may hold halves of surrogate pairs (RFC 8259 §8.2), which cannot be written as UTF-8.
    """
    try:
        given: Any = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    texts = [value for value in given.values() if isinstance(value, str)]
    return None if any("\ud800" <= sign <= "\udfff" for text in texts for sign in text) else given


def text_field(given: Mapping[str, Any] | None, name: str) -> str | None:
    """Return a text of that object, None if there is none."""
    value = given.get(name) if given is not None else None
    return value if isinstance(value, str) else None


def number_in(given: str) -> int:
    """Return a number of an address, such as an event's; 0, which no event has, for what is none or longer than any."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= _MAX_DIGITS else 0


def refused(why: str, status: int = 400) -> JSONResponse:
    """Return why a program's request was refused, in English."""
    return JSONResponse({"error": str(why)}, status)


def moment(at: float) -> str:
    """Return a time in words every locale reads: 2026-11-22 14:03:09."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def in_bytes(size: float) -> str:
    """Return a size in the largest unit that leaves a number above one."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
