"""Policies: the files as they are, as text and as a form, published as one piece, compared, and taken back.

Nothing is checked here that ``pansentry policy check`` does not check: a changed file becomes part of a snapshot, the
snapshot is proved (strict reading, every test beside the policies), and only then one file is written and the gateway
reads all of them again. What a change would do to mail is tried in :mod:`.trials`.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from pansentry import shipped
from pansentry.console.differences import Line, compare
from pansentry.console.pages.page import back, office, part, render
from pansentry.console.policy_form import ACTIONS, CONDITIONS, read_form, write_form
from pansentry.errors import ConfigurationError, Flaw
from pansentry.policy.folder import fingerprint, replace_files, snapshot, write_file
from pansentry.policy.loading import schema as policy_schema
from pansentry.policy_activation import State, prove
from pansentry.proposals import FOLDER
from pansentry.reply.letters import letter_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.console.office import Office
    from pansentry.outcome import Outcome
    from pansentry.policy_comparison import Recent

NEW = """name: {name}
applies_to: nobody            # write here whom it is for: an address, a domain, *.domain
mode: observe                 # records what would be done; `enforce` does it

rules:
  - name: card-data
    when: {{found: true}}
    then: redact

reply:
  letter: none
"""
_FILE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\.yaml")
_NO_POLICY = "There is no such policy."


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page of one file shows beside the text itself."""

    name: str
    text: str
    flaws: tuple[Flaw, ...] = ()
    is_checked: bool = False
    outcome: Outcome | None = None
    recent: Recent | None = None
    mail: str = ""


async def page(request: Request) -> Response:
    """List the policies in use, what was refused last, what is proposed, and the versions before."""
    desk = office(request)
    return render(
        request,
        "policies",
        policies=desk.policies(),
        files=names(desk),
        editable=is_editable(desk),
        proposals=sorted(path.stem for path in (desk.policy_folder / FOLDER).glob("*.yaml")),
        refused=await desk.store.versions.refused(),
        versions=await desk.store.versions.list(20),
    )


async def edit(request: Request) -> Response:
    """Show one file, or the beginning of a new one."""
    desk, name = office(request), request.path_params["name"]
    if name in names(desk):
        text = await asyncio.to_thread(_text_of, desk, name)
    elif is_new(desk, name):
        text = NEW.format(name=name.removesuffix(".yaml"))
    else:
        return render(request, "refused", 404, reason=_NO_POLICY)
    return sheet(request, Sheet(name, text))


async def add(request: Request) -> Response:
    """Go to the page of a file that is not there yet."""
    wanted = str((await request.form()).get("name", "")).strip().lower()
    name = f"{wanted}.yaml"
    if not is_new(office(request), name):
        return back("/policies", "Write a new name of small letters, digits and hyphens.")
    return back(f"/policies/{name}")


async def save(request: Request) -> Response:
    """Prove the changed file together with all others; write it and reload, or show what is wrong at its line."""
    desk, name = office(request), request.path_params["name"]
    if not (is_editable(desk) and (name in names(desk) or is_new(desk, name))):
        return render(request, "refused", 404, reason=_NO_POLICY)
    text = await text_in(request)
    _, flaws = await asyncio.to_thread(proved, desk, name, text)
    if flaws:
        return sheet(request, Sheet(name, text, flaws, is_checked=True), 422)
    await asyncio.to_thread(write_file, desk.policy_folder / name, text.encode())
    await desk.store.audit.append(request.state.session.name, "policy.write", name)
    taken = await desk.reload()
    return back("/policies", "The new policy is in use." if taken else "The gateway did not take it; see below.")


async def check(request: Request) -> Response:
    """Say what is wrong with a text, without writing it: as a page, or as JSON for the editor."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk) and not is_new(desk, name):
        return render(request, "refused", 404, reason=_NO_POLICY)
    text = await text_in(request)
    _, flaws = await asyncio.to_thread(proved, desk, name, text)
    if not _wants_json(request):
        return sheet(request, Sheet(name, text, flaws, is_checked=True), 422 if flaws else 200)
    return JSONResponse({"flaws": [asdict(flaw) for flaw in flaws], "form": _form_part(request, text)})


async def fill_in(request: Request) -> Response:
    """Put what is in the form into the text, without writing it: as a page, or as JSON for the editor."""
    desk, name = office(request), request.path_params["name"]
    if name not in names(desk) and not is_new(desk, name):
        return render(request, "refused", 404, reason=_NO_POLICY)
    text, form = await text_in(request), await request.form()
    given = {key: value for key, value in form.items() if isinstance(value, str)}
    try:
        text = await asyncio.to_thread(write_form, text, given)
        flaws: tuple[Flaw, ...] = ()
    except ConfigurationError as error:
        flaws = tuple(replace(flaw, file=name) for flaw in error.flaws)
    if not flaws:
        _, flaws = await asyncio.to_thread(proved, desk, name, text)
    if not _wants_json(request):
        return sheet(request, Sheet(name, text, flaws, is_checked=True))
    answer = {"text": text, "flaws": [asdict(flaw) for flaw in flaws], "form": _form_part(request, text)}
    return JSONResponse(answer)


async def schema(request: Request) -> Response:
    """Return the JSON Schema of a policy, for the editor's proposals."""
    return JSONResponse(policy_schema())


async def version(request: Request) -> Response:
    """Show the files of an earlier version, and how they differ from what is in use."""
    desk = office(request)
    found = await desk.store.versions.get(request.path_params["digest"])
    if found is None:
        return render(request, "refused", 404, reason="There is no such version.")
    now = await asyncio.to_thread(_files_now, desk)
    before = {name: content.decode("utf-8", "replace") for name, content in sorted(found.files.items())}
    return render(
        request,
        "policy_version",
        version=found,
        files=before,
        differs=await asyncio.to_thread(_differences, before, now),
        editable=is_editable(desk),
    )


async def restore(request: Request) -> Response:
    """Go back to an earlier version, as one piece."""
    desk = office(request)
    found = await desk.store.versions.get(request.path_params["digest"])
    if found is None or not is_editable(desk):
        return render(request, "refused", 404, reason="There is no such version.")
    await asyncio.to_thread(replace_files, desk.policy_folder, found.files)
    await desk.store.audit.append(request.state.session.name, "policy.restore", found.digest)
    taken = await desk.reload()
    return back("/policies", "The earlier version is in use again." if taken else "The gateway did not take it.")


def sheet(request: Request, shown: Sheet, status: int = 200) -> Response:
    """Return the page of one file."""
    desk = office(request)
    saved = _text_of(desk, shown.name) if shown.name in names(desk) else ""
    return render(
        request,
        "policy",
        status,
        **{name: getattr(shown, name) for name in Sheet.__slots__},
        lines=shown.text.split("\n"),
        form=read_form(shown.text),
        actions=ACTIONS,
        conditions=CONDITIONS,
        differs=compare(saved, shown.text) if saved and saved != shown.text else (),
        is_new=not saved,
        editable=is_editable(desk),
    )


async def text_in(request: Request) -> str:
    """Return the text that a form carries, with line ends and an end like those of files."""
    text = str((await request.form()).get("text", "")).replace("\r\n", "\n")
    return text if text.endswith("\n") else f"{text}\n"


def proved(desk: Office, name: str, text: str) -> tuple[State | None, tuple[Flaw, ...]]:
    """Return what the folder would be with this file, or the flaws in it, by file name."""
    try:
        now = snapshot(desk.policy_folder)
        changed = replace(now, files={**now.files, name: text.encode()})
        letters = letter_names(desk.configuration.replies or shipped.replies())
        return prove(changed, letters), ()
    except ConfigurationError as error:
        folder = f"{desk.policy_folder}/"
        return None, tuple(replace(flaw, file=flaw.file.removeprefix(folder)) for flaw in error.flaws)


def is_editable(desk: Office) -> bool:
    """Tell whether the policies are somebody's own, not the shipped ones."""
    return desk.configuration.policies is not None


def names(desk: Office) -> tuple[str, ...]:
    """Return the names of the files in the folder; nothing else can be reached through a path."""
    return tuple(name for name, *_ in fingerprint(desk.policy_folder) if "/" not in name)


def is_new(desk: Office, name: str) -> bool:
    """Tell whether a file of this name may be made."""
    return is_editable(desk) and _FILE.fullmatch(name) is not None and name not in names(desk)


def _text_of(desk: Office, name: str) -> str:
    return (desk.policy_folder / name).read_text("utf-8", "replace")


def _files_now(desk: Office) -> dict[str, str]:
    try:
        files = snapshot(desk.policy_folder).files
    except ConfigurationError:
        return {}
    return {name: content.decode("utf-8", "replace") for name, content in files.items()}


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Return what going back would change, file by file."""
    every = sorted({*before, *now})
    found = ((name, compare(now.get(name, ""), before.get(name, ""))) for name in every)
    return tuple((name, lines) for name, lines in found if lines)


def _form_part(request: Request, text: str) -> str:
    return part(
        request,
        "policy_form",
        name=request.path_params["name"],
        form=read_form(text),
        actions=ACTIONS,
        conditions=CONDITIONS,
        editable=True,
    )


def _wants_json(request: Request) -> bool:
    accepted: Any = request.headers.get("accept", "")
    return "application/json" in accepted
