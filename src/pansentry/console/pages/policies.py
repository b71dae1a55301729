"""Policies: the files as they are, tried before they are live, published as one piece, and taken back.

Nothing is checked here that ``pansentry policy check`` does not check: a changed file becomes part of a snapshot, the
snapshot is proved (strict reading, every test beside the policies), and only then one file is written and the gateway
reads all of them again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from pansentry.console.pages.page import back, office, render
from pansentry.errors import ConfigurationError, Flaw
from pansentry.policy.folder import fingerprint, replace_files, snapshot, write_file
from pansentry.policy_activation import State, prove
from pansentry.rehearsal import archived_envelope, rehearse_mail

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.console.office import Office


async def page(request: Request) -> Response:
    """List the policies in use, what was refused last, and the versions before."""
    desk = office(request)
    return render(
        request,
        "policies",
        policies=desk.policies(),
        files=_names(desk),
        editable=_is_editable(desk),
        refused=await desk.store.versions.refused(),
        versions=await desk.store.versions.list(20),
    )


async def edit(request: Request) -> Response:
    """Show one file."""
    desk, name = office(request), request.path_params["name"]
    if name not in _names(desk):
        return render(request, "refused", 404, reason="There is no such policy.")
    text = (desk.policy_folder / name).read_text("utf-8", "replace")
    return _sheet(request, name, text)


async def save(request: Request) -> Response:
    """Prove the changed file together with all others; write it and reload, or show what is wrong at its line."""
    desk, name = office(request), request.path_params["name"]
    if name not in _names(desk) or not _is_editable(desk):
        return render(request, "refused", 404, reason="There is no such policy.")
    text = await _text(request)
    _, flaws = await asyncio.to_thread(_prove, desk, name, text)
    if flaws or (await request.form()).get("action") == "check":
        return _sheet(request, name, text, flaws=flaws, is_checked=True, status=200 if not flaws else 422)
    await asyncio.to_thread(write_file, desk.policy_folder / name, text.encode())
    await desk.store.audit.append(request.state.session.name, "policy.write", name)
    taken = await desk.reload()
    return back("/policies", "The new policy is in use." if taken else "The gateway did not take it; see below.")


async def attempt(request: Request) -> Response:
    """Judge a pasted mail under the changed file, with nothing behind it."""
    desk, name = office(request), request.path_params["name"]
    if name not in _names(desk):
        return render(request, "refused", 404, reason="There is no such policy.")
    text, form = await _text(request), await request.form()
    mail = str(form.get("mail", ""))[:1_000_000].replace("\r\n", "\n")
    state, flaws = await asyncio.to_thread(_prove, desk, name, text)
    outcome = None
    if state is not None and mail.strip():
        raw = mail.replace("\n", "\r\n").encode()
        outcome = await asyncio.to_thread(rehearse_mail, raw, archived_envelope(raw), state.policies)
    return _sheet(request, name, text, flaws=flaws, is_checked=True, outcome=outcome)


async def version(request: Request) -> Response:
    """Show the files of an earlier version."""
    found = await office(request).store.versions.get(request.path_params["digest"])
    if found is None:
        return render(request, "refused", 404, reason="There is no such version.")
    files = {name: content.decode("utf-8", "replace") for name, content in sorted(found.files.items())}
    return render(request, "policy_version", version=found, files=files, editable=_is_editable(office(request)))


async def restore(request: Request) -> Response:
    """Go back to an earlier version, as one piece."""
    desk = office(request)
    found = await desk.store.versions.get(request.path_params["digest"])
    if found is None or not _is_editable(desk):
        return render(request, "refused", 404, reason="There is no such version.")
    await asyncio.to_thread(replace_files, desk.policy_folder, found.files)
    await desk.store.audit.append(request.state.session.name, "policy.restore", found.digest)
    taken = await desk.reload()
    return back("/policies", "The earlier version is in use again." if taken else "The gateway did not take it.")


def _sheet(
    request: Request,
    name: str,
    text: str,
    *,
    flaws: tuple[Flaw, ...] = (),
    is_checked: bool = False,
    outcome: object = None,
    status: int = 200,
) -> Response:
    return render(
        request,
        "policy",
        status,
        name=name,
        text=text,
        lines=text.split("\n"),
        flaws=flaws,
        wrong_lines={flaw.line for flaw in flaws},
        is_checked=is_checked,
        outcome=outcome,
        editable=_is_editable(office(request)),
    )


async def _text(request: Request) -> str:
    text = str((await request.form()).get("text", "")).replace("\r\n", "\n")
    return text if text.endswith("\n") else f"{text}\n"


def _prove(desk: Office, name: str, text: str) -> tuple[State | None, tuple[Flaw, ...]]:
    """Return what the folder would be with this file, or the flaws in it, by file name."""
    try:
        now = snapshot(desk.policy_folder)
        changed = replace(now, files={**now.files, name: text.encode()})
        return prove(changed), ()
    except ConfigurationError as error:
        folder = f"{desk.policy_folder}/"
        return None, tuple(replace(flaw, file=flaw.file.removeprefix(folder)) for flaw in error.flaws)


def _is_editable(desk: Office) -> bool:
    return desk.configuration.policies is not None


def _names(desk: Office) -> tuple[str, ...]:
    return tuple(name for name, *_ in fingerprint(desk.policy_folder) if "/" not in name)
