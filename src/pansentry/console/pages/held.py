"""Held mail: what waits for a decision, and the two decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from pansentry import quarantine
from pansentry.console.pages.page import back, office, refused, render
from pansentry.sentence import sentence
from pansentry.store.scrubbing import scrubbed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.store.held import HeldMail


async def page(request: Request) -> Response:
    """List held mail, newest first."""
    return render(request, "held", held=await office(request).store.held.list(200))


async def one(request: Request) -> Response:
    """Show one held mail as far as it may be shown: who, when, why, which subject; not its text."""
    held = await office(request).store.held.get(request.path_params["identifier"])
    if held is None:
        return render(request, "refused", 404, reason="This mail is held no longer.")
    return render(request, "held_one", held=held, subject=quarantine.subject_of(held))


async def release(request: Request) -> Response:
    """Scan again and hand to the outbox."""
    try:
        paths = await _release(request)
    except quarantine.CannotReleaseError as error:
        return back("/held", error.args[0])
    return back("/held", sentence("Released to {who}.", who=", ".join(paths)))


async def purge(request: Request) -> Response:
    """Delete for good."""
    gone = await office(request).store.held.purge(request.path_params["identifier"], who=request.state.session.name)
    return back("/held", "Deleted." if gone else "This mail was held no longer.")


async def as_json(request: Request) -> Response:
    """List held mail as JSON."""
    return JSONResponse({"held": [_fields(held) for held in await office(request).store.held.list(200)]})


async def one_as_json(request: Request) -> Response:
    """One held mail as JSON, without its text."""
    held = await office(request).store.held.get(request.path_params["identifier"])
    if held is None:
        return refused("It is held no longer.", 404)
    domain = scrubbed(held.reverse_path.rpartition("@")[2])
    return JSONResponse({**_fields(held), "from_domain": domain, "subject": quarantine.subject_of(held)})


async def release_as_json(request: Request) -> Response:
    """Release for a program."""
    try:
        return JSONResponse({"released_to": list(await _release(request))})
    except quarantine.CannotReleaseError as error:
        return JSONResponse({"error": str(error)}, 409)


async def purge_as_json(request: Request) -> Response:
    """Delete for a program."""
    gone = await office(request).store.held.purge(request.path_params["identifier"], who=request.state.session.name)
    return JSONResponse({"deleted": True}) if gone else JSONResponse({"error": "It is held no longer."}, 404)


async def _release(request: Request) -> tuple[str, ...]:
    desk = office(request)
    who = request.state.session.name
    return await quarantine.release(
        desk.store, request.path_params["identifier"], desk.policies(), who=who, key=desk.store.key
    )


def _fields(held: HeldMail) -> dict[str, Any]:
    return {
        "id": held.id,
        "at": held.at,
        "until": held.until,
        "reason": held.reason,
        "to": list(held.forward_paths),
        "size_bytes": held.size_bytes,
        "original_sealed": bool(held.more.sealed_to),
    }
