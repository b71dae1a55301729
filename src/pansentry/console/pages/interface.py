"""What the pages of policies do, for programs, and what belongs to no page: as JSON under ``/api/v1``.

In: a token with the task of the row, and for what changes something a JSON object. Out: JSON; what is refused says why
under ``error``. What can be asked is described by :mod:`pansentry.console.openapi`.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from pansentry.console.openapi import document
from pansentry.console.pages import trials
from pansentry.console.pages.page import body_of, office, refused, text_field
from pansentry.console.pages.policies import is_editable, is_new, names, proved
from pansentry.policy.folder import replace_files, write_file
from pansentry.policy.loading import schema as policy_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.errors import Flaw

_NOT_FOUND = JSONResponse({"error": "There is none."}, 404)


async def openapi(request: Request) -> Response:
    """Return the description of everything under ``/api/v1``."""
    return JSONResponse(document())


async def policies(request: Request) -> Response:
    """List the policies in use and the files they are in."""
    desk = office(request)
    in_use = desk.policies()
    found = [
        {"name": one.name, "applies_to": list(one.applies_to), "mode": one.mode, "rules": len(one.rules)}
        for one in in_use.policies
    ]
    return JSONResponse({"version": in_use.version, "policies": found, "files": list(names(desk))})


async def policy(request: Request) -> Response:
    """Return the text of one file."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk):
        return _NOT_FOUND
    text = await asyncio.to_thread((desk.policy_folder / name).read_text, "utf-8", "replace")
    return JSONResponse({"name": name, "text": text})


async def check(request: Request) -> Response:
    """Say what is wrong with a text, without writing it."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk) and not is_new(desk, name):
        return _NOT_FOUND
    text = await _text(request)
    if text is None:
        return _wrong()
    _, flaws = await asyncio.to_thread(proved, desk, name, text)
    return JSONResponse({"flaws": [asdict(flaw) for flaw in flaws]})


async def publish(request: Request) -> Response:
    """Write a file, once it is proved together with all others, and take it into use."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk) and not is_new(desk, name):
        return _NOT_FOUND
    text = await _text(request)
    if text is None:
        return _wrong()
    if not is_editable(desk):
        return JSONResponse({"error": "These are the shipped policies, which nobody may change."}, 409)
    _, flaws = await asyncio.to_thread(proved, desk, name, text)
    if flaws:
        return _flawed(flaws)
    await asyncio.to_thread(write_file, desk.policy_folder / name, text.encode())
    await desk.store.audit.append(request.state.session.name, "policy.write", name)
    return JSONResponse({"taken": await desk.reload(), "version": desk.policies().version})


async def versions(request: Request) -> Response:
    """List the versions of the policies, newest first."""
    found = await office(request).store.versions.list(200)
    rows = [{"digest": one.digest, "at": one.at, "who": one.who, "in_use": not at} for at, one in enumerate(found)]
    return JSONResponse({"versions": rows})


async def restore(request: Request) -> Response:
    """Go back to an earlier version, as one piece."""
    desk = office(request)
    found = await desk.store.versions.get(request.path_params["digest"])
    if found is None:
        return _NOT_FOUND
    if not is_editable(desk):
        return JSONResponse({"error": "These are the shipped policies, which nobody may change."}, 409)
    await asyncio.to_thread(replace_files, desk.policy_folder, found.files)
    await desk.store.audit.append(request.state.session.name, "policy.restore", found.digest)
    return JSONResponse({"taken": await desk.reload(), "version": desk.policies().version})


async def checks(request: Request) -> Response:
    """Ask the doctor now."""
    answers = await asyncio.to_thread(office(request).checks)
    return JSONResponse({"checks": [{**asdict(one), "state": str(one.state)} for one in answers]})


async def audit(request: Request) -> Response:
    """Return the newest entries of the audit log."""
    entries = await office(request).store.audit.list(200)
    rows = [{"number": e.number, "at": e.at, "who": e.who, "did": e.did, "what": e.what} for e in entries]
    return JSONResponse({"audit": rows})


async def version(request: Request) -> Response:
    """Return the files of an earlier version."""
    found = await office(request).store.versions.get(request.path_params["digest"])
    if found is None:
        return _NOT_FOUND
    files = {name: content.decode("utf-8", "replace") for name, content in sorted(found.files.items())}
    return JSONResponse({"digest": found.digest, "at": found.at, "who": found.who, "files": files})


async def schema(request: Request) -> Response:
    """Return the JSON Schema of a policy."""
    return JSONResponse(policy_schema())


async def attempt(request: Request) -> Response:
    """Judge a mail under a changed file, with nothing behind it."""
    desk, name, given = office(request), request.path_params["name"], await body_of(request)
    if name not in names(desk) and not is_new(desk, name):
        return _NOT_FOUND
    text, mail = text_field(given, "text"), text_field(given, "mail")
    if text is None or mail is None:
        return refused('Send a JSON object such as {"text": "name: shop …", "mail": "From: …"}.')
    flaws, outcome = await trials.judged(desk, name, text, mail)
    if flaws or outcome is None:
        return _flawed(flaws)
    return JSONResponse(
        {
            "action": str(outcome.verdict.action),
            "rule": outcome.verdict.rule,
            "found": [str(one.kind) for one in outcome.found],
            "letter": outcome.verdict.letter or "",
            "silence": str(outcome.silence or ""),
        }
    )


async def recent(request: Request) -> Response:
    """Decide the last recorded messages anew under a changed file."""
    desk, name, given = office(request), request.path_params["name"], await body_of(request)
    if name not in names(desk) and not is_new(desk, name):
        return _NOT_FOUND
    text, number = text_field(given, "text"), (given or {}).get("number", trials.NUMBERS[0])
    if text is None or isinstance(number, bool) or number not in trials.NUMBERS:
        return refused('Send a JSON object such as {"text": "name: shop …", "number": 100}.')
    flaws, compared = await trials.decided_anew(desk, name, text, int(number))
    if compared is None:
        return _flawed(flaws)
    changed = [
        {"id": event["id"], "at": event["at"], "differs": list(words)}
        for event, words in compared.changed[: trials.SHOWN]
    ]
    said = {"seen": compared.seen, "unsure": compared.unsure, "number": len(compared.changed), "changed": changed}
    return JSONResponse(said)


async def _text(request: Request) -> str | None:
    """Return ``text`` of the JSON object that was sent, None if it is something else."""
    text = text_field(await body_of(request), "text")
    if text is None:
        return None
    return text if text.endswith("\n") else f"{text}\n"


def _flawed(flaws: Sequence[Flaw]) -> JSONResponse:
    return JSONResponse({"error": "The policy is wrong.", "flaws": [asdict(flaw) for flaw in flaws]}, 422)


def _wrong() -> JSONResponse:
    return JSONResponse({"error": 'Send a JSON object such as {"text": "name: shop …"}.'}, 400)
