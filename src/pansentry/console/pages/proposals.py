"""“This was not a card”: from a message to a proposed change of its policy, read by a person, then taken or not.

What is proposed is made by :mod:`pansentry.proposals`, as ``pansentry policy propose`` does. A pasted mail is read for
the form of its number and forgotten with the answer. What a page shows of a proposal is the change of the policy file,
not the test beside it: that one holds an example number.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from pansentry.console.differences import compare
from pansentry.console.pages.page import back, office, render
from pansentry.console.pages.policies import is_editable
from pansentry.errors import ConfigurationError
from pansentry.policy.folder import Snapshot, replace_files, snapshot, write_file
from pansentry.policy.loading import parse_policies
from pansentry.policy_activation import prove
from pansentry.proposals import FOLDER, CannotProposeError, Proposal, applied, from_event, from_mail
from pansentry.sentence import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from pansentry.console.office import Office

MAX_MAIL = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_GONE = "There is no such proposal."


async def propose(request: Request) -> Response:
    """Make a proposal of a message in which no card was; with its source, a narrower one."""
    desk, number = office(request), int(request.path_params["number"])
    here = f"/messages/{number}"
    found = await desk.store.history.one(number)
    if found is None or found.get("kind") != "message":
        return render(request, "refused", 404, reason="There is no such message, or it is too long ago.")
    if not is_editable(desk):
        return back(here, "These are the shipped policies, which nobody may change; see the page of policies.")
    mail = str((await request.form()).get("mail", ""))[:MAX_MAIL].replace("\r\n", "\n")
    try:
        proposal = await asyncio.to_thread(_proposed, desk, found, mail, request.state.session.name)
        await asyncio.to_thread(_write, desk, proposal)
    except CannotProposeError as error:
        return back(here, error.args[0])
    except ConfigurationError as error:
        return back(here, _unfit(error))
    await desk.store.audit.append(request.state.session.name, "policy.propose", proposal.name)
    desk.store.events.record(
        {"kind": "report", "action": "not-a-card", "rule": found["rule"], "message_ref": found.get("message_ref", "")}
    )
    return back(f"/policies/proposals/{proposal.name}", "Read what is proposed. Nothing is changed yet.")


async def page(request: Request) -> Response:
    """Show why it is proposed and what would change in the file."""
    desk, path = office(request), _path(request)
    if path is None:
        return render(request, "refused", 404, reason=_GONE)
    raw = await asyncio.to_thread(path.read_bytes)
    flaw, differs = "", []
    try:
        now, new = await asyncio.to_thread(_applied, desk, raw, path.stem)
        pairs = ((name, compare(_text(now.get(name, b"")), _text(content))) for name, content in new.items())
        differs = [(name, lines) for name, lines in pairs if lines and "/" not in name]
    except ConfigurationError as error:
        flaw = str(error)
    why = [line[2:] for line in raw.decode("utf-8", "replace").split("\n") if line.startswith("# ")][:-1]
    return render(request, "proposal", name=path.stem, why=why, differs=differs, flaw=flaw)


async def accept(request: Request) -> Response:
    """Put it into the policy, and its test beside it; refused if any test fails then."""
    desk, path = office(request), _path(request)
    if path is None or not is_editable(desk):
        return render(request, "refused", 404, reason=_GONE)
    here = f"/policies/proposals/{path.stem}"
    try:
        raw = await asyncio.to_thread(path.read_bytes)
        await asyncio.to_thread(_take, desk, raw, path.stem)
    except ConfigurationError as error:
        return back(here, _unfit(error))
    await asyncio.to_thread(path.unlink, missing_ok=True)
    await desk.store.audit.append(request.state.session.name, "policy.accept-proposal", path.stem)
    taken = await desk.reload()
    return back("/policies", "The new policy is in use." if taken else "The gateway did not take it; see below.")


async def discard(request: Request) -> Response:
    """Throw it away."""
    desk, path = office(request), _path(request)
    if path is None or not is_editable(desk):
        return render(request, "refused", 404, reason=_GONE)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    await desk.store.audit.append(request.state.session.name, "policy.discard-proposal", path.stem)
    return back("/policies", "The proposal is thrown away.")


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
    prove(Snapshot(desk.policy_folder, new, now.fingerprint))
    replace_files(desk.policy_folder, new)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
