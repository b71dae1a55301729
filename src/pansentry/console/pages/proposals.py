"""“This was not a card”: from a message to a proposed change of its policy, read by a person, then taken or not.

What is proposed is made by :mod:`pansentry.proposals`, as ``pansentry policy propose`` does. A pasted mail is read for
the form of its number and forgotten with the answer. What a page shows of a proposal is the change of the policy file,
not the test beside it: that one holds an example number.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from pansentry import shipped
from pansentry.console.differences import compare
from pansentry.console.pages.page import back, body_of, number_in, office, refused, render
from pansentry.console.pages.policies import is_editable
from pansentry.errors import ConfigurationError
from pansentry.policy.folder import Snapshot, replace_files, snapshot, write_file
from pansentry.policy.loading import parse_policies
from pansentry.policy_activation import prove
from pansentry.proposals import FOLDER, CannotProposeError, Proposal, applied, from_event, from_mail
from pansentry.reply.letters import letter_names
from pansentry.sentence import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.console.differences import Line
    from pansentry.console.office import Office

MAX_MAIL = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_GONE = "There is no such proposal."
_NO_MESSAGE = "There is no such message, or it is too long ago."


async def propose(request: Request) -> Response:
    """Make a proposal of a message in which no card was; with its source, a narrower one."""
    here = f"/messages/{request.path_params['number']}"
    try:
        proposal = await _propose(request, str((await request.form()).get("mail", "")))
    except CannotProposeError as error:
        return back(here, error.args[0])
    except ConfigurationError as error:
        return back(here, _unfit(error))
    if proposal is None:
        return render(request, "refused", 404, reason=_NO_MESSAGE)
    return back(f"/policies/proposals/{proposal.name}", "Read what is proposed. Nothing is changed yet.")


async def _propose(request: Request, mail: str) -> Proposal | None:
    """Write a proposal; None if there is no such message. Raises CannotProposeError and ConfigurationError."""
    desk, number = office(request), number_in(request.path_params["number"])
    found = await desk.store.history.one(number)
    if found is None or found.get("kind") != "message":
        return None
    if not is_editable(desk):
        raise CannotProposeError("These are the shipped policies, which nobody may change; see the page of policies.")
    mail = mail[:MAX_MAIL].replace("\r\n", "\n")
    proposal = await asyncio.to_thread(_proposed, desk, found, mail, request.state.session.name)
    await asyncio.to_thread(_write, desk, proposal)
    await desk.store.audit.append(request.state.session.name, "policy.propose", proposal.name)
    desk.store.events.record(
        {"kind": "report", "action": "not-a-card", "rule": found["rule"], "message_ref": found.get("message_ref", "")}
    )
    return proposal


async def page(request: Request) -> Response:
    """Show why it is proposed and what would change in the file."""
    path = _path(request)
    if path is None:
        return render(request, "refused", 404, reason=_GONE)
    why, differs, flaw = await _shown(request, path)
    return render(request, "proposal", name=path.stem, why=why, differs=differs, flaw=flaw)


async def _shown(request: Request, path: Path) -> tuple[list[str], list[tuple[str, tuple[Line, ...]]], str]:
    """Return why it is proposed, what would change in the files of policies, and why it cannot be taken."""
    raw = await asyncio.to_thread(path.read_bytes)
    flaw, differs = "", []
    try:
        now, new = await asyncio.to_thread(_applied, office(request), raw, path.stem)
        pairs = ((name, compare(_text(now.get(name, b"")), _text(content))) for name, content in new.items())
        differs = [(name, lines) for name, lines in pairs if lines and "/" not in name]
    except ConfigurationError as error:
        flaw = str(error)
    why = [line[2:] for line in raw.decode("utf-8", "replace").split("\n") if line.startswith("# ")][:-1]
    return why, differs, flaw


async def accept(request: Request) -> Response:
    """Put it into the policy, and its test beside it; refused if any test fails then."""
    desk, path = office(request), _path(request)
    if path is None or not is_editable(desk):
        return render(request, "refused", 404, reason=_GONE)
    try:
        taken = await _accept(request, path)
    except ConfigurationError as error:
        return back(f"/policies/proposals/{path.stem}", _unfit(error))
    return back("/policies", "The new policy is in use." if taken else "The gateway did not take it; see below.")


async def _accept(request: Request, path: Path) -> bool:
    """Take a proposal; returns whether the gateway took the files. Raises ConfigurationError."""
    desk = office(request)
    raw = await asyncio.to_thread(path.read_bytes)
    await asyncio.to_thread(_take, desk, raw, path.stem)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    await desk.store.audit.append(request.state.session.name, "policy.accept-proposal", path.stem)
    return await desk.reload()


async def discard(request: Request) -> Response:
    """Throw it away."""
    path = _path(request)
    if path is None or not is_editable(office(request)):
        return render(request, "refused", 404, reason=_GONE)
    await _discard(request, path)
    return back("/policies", "The proposal is thrown away.")


async def _discard(request: Request, path: Path) -> None:
    await asyncio.to_thread(path.unlink, missing_ok=True)
    await office(request).store.audit.append(request.state.session.name, "policy.discard-proposal", path.stem)


def waiting(desk: Office) -> list[str]:
    """Return the names of the proposals that wait."""
    return sorted(path.stem for path in (desk.policy_folder / FOLDER).glob("*.yaml"))


async def as_json(request: Request) -> Response:
    """List the proposals for a program."""
    return JSONResponse({"proposals": await asyncio.to_thread(waiting, office(request))})


async def one_as_json(request: Request) -> Response:
    """Return a proposal: why, what would change, why it cannot be taken."""
    path = _path(request)
    if path is None:
        return refused(_GONE, 404)
    why, differs, flaw = await _shown(request, path)
    changes = [{"file": name, "lines": [asdict(line) for line in lines]} for name, lines in differs]
    return JSONResponse({"name": path.stem, "why": why, "changes": changes, "flaw": flaw})


async def propose_as_json(request: Request) -> Response:
    """Make a proposal for a program."""
    given = await body_of(request)
    mail = given.get("mail", "") if given is not None else None
    if not isinstance(mail, str):
        return refused('Send a JSON object such as {"mail": "From: …"}, or {} without the source.')
    try:
        proposal = await _propose(request, mail)
    except (CannotProposeError, ConfigurationError) as error:
        return refused(str(error), 409)
    return JSONResponse({"proposal": proposal.name}) if proposal is not None else refused(_NO_MESSAGE, 404)


async def accept_as_json(request: Request) -> Response:
    """Take a proposal for a program."""
    desk, path = office(request), _path(request)
    if path is None or not is_editable(desk):
        return refused(_GONE, 404)
    try:
        return JSONResponse({"taken": await _accept(request, path), "version": desk.policies().version})
    except ConfigurationError as error:
        return refused(str(error), 409)


async def discard_as_json(request: Request) -> Response:
    """Throw a proposal away for a program."""
    path = _path(request)
    if path is None or not is_editable(office(request)):
        return refused(_GONE, 404)
    await _discard(request, path)
    return JSONResponse({"removed": True})


def _unfit(error: ConfigurationError) -> Sentence:
    return sentence("The files do not allow it: {why}", why=str(error).partition("\n")[0][:200])


def _path(request: Request) -> Path | None:
    """Return the file of a proposal; a name that could lead elsewhere is none."""
    name = request.path_params["name"]
    path: Path = office(request).policy_folder / FOLDER / f"{name}.yaml"
    return path if _NAME.fullmatch(name) and path.is_file() else None


def _proposed(desk: Office, found: Mapping[str, Any], mail: str, who: str) -> Proposal:
    name = str(found.get("message_ref") or found["id"])[:14]
    given = parse_policies(snapshot(desk.policy_folder).policies)
    by_name = {policy.name: policy for policy in given.policies}
    policy = by_name.get(str(found["rule"]).partition("/")[0])
    if policy is None:
        raise CannotProposeError("The policy that decided is not there any more.")
    if mail.strip():
        return from_mail(mail.replace("\n", "\r\n").encode(), policy, name=name, who=who, seed=name)
    return from_event(found, policy, name=name, who=who)


def _write(desk: Office, proposal: Proposal) -> None:
    target = desk.policy_folder / FOLDER / f"{proposal.name}.yaml"
    target.parent.mkdir(exist_ok=True)
    write_file(target, proposal.text().encode())


def _applied(desk: Office, raw: bytes, name: str) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    files = snapshot(desk.policy_folder).files
    return files, applied(files, raw, f"{name}.yaml", name)


def _take(desk: Office, raw: bytes, name: str) -> None:
    now = snapshot(desk.policy_folder)
    new = applied(now.files, raw, f"{name}.yaml", name)
    letters = letter_names(desk.configuration.replies or shipped.replies())
    prove(Snapshot(desk.policy_folder, new, now.fingerprint), letters)
    replace_files(desk.policy_folder, new)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
