"""``pansentry policy diff`` and ``explain``: what would be different, and why a mail is treated as it is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pansentry.cli.stored import config_option, with_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.cli.inputs import Input
    from pansentry.configuration import Configuration
    from pansentry.policy import PolicySet
    from pansentry.policy_comparison import Path as Way
    from pansentry.policy_comparison import Recent
    from pansentry.store import Store


@click.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option("--corpus", multiple=True, type=click.Path(exists=True), help="Mails: files, mbox, Maildir.")
@click.option("--recent", type=click.IntRange(1, 1_000_000), help="So many of the gateway's last decisions.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object per mail that differs.")
def diff(old: Path, new: Path, corpus: tuple[str, ...], recent: int | None, config: Path | None, as_json: bool) -> None:
    """Say which mails the policies in NEW would treat otherwise than those in OLD, and how.

    \b
    Examples:
      pansentry policy diff policies next --corpus ~/Maildir
      pansentry policy diff policies next --recent 1000 -c /etc/pansentry/pansentry.yaml

    With --recent the gateway's own records are decided anew; they hold no card data, so what NEW would look for and
    OLD did not is not in them. Exit code 0: none. 1: some.
    """
    if bool(corpus) == (recent is not None):
        raise click.UsageError("Give either --corpus PATH or --recent NUMBER.")
    before, after = policy_set(old), policy_set(new)
    if recent is not None:
        changed = _recent(before, after, recent, config, as_json=as_json)
    else:
        changed = _corpus(before, after, corpus, as_json=as_json)
    raise SystemExit(1 if changed else 0)


def _corpus(before: PolicySet, after: PolicySet, corpus: tuple[str, ...], *, as_json: bool) -> int:
    from pansentry.cli.inputs import inputs
    from pansentry.rehearsal import differences

    seen = changed = 0
    mails = _with_bar(inputs(corpus), _size(corpus))
    for mail in mails:
        if mail.kind != "message":
            continue
        seen += 1
        found = differences(mail.data, before, after)
        if found:
            changed += 1
            click.echo(
                json.dumps({"mail": mail.name, "differs": found}) if as_json else f"{mail.name}: {'; '.join(found)}"
            )
    click.echo(f"{changed} of {seen} mails would be treated differently", err=as_json)
    return changed


def _size(paths: tuple[str, ...]) -> int:
    """Return how many bytes are to be read, for the progress bar."""
    found = 0
    for path in map(Path, paths):
        found += sum(p.stat().st_size for p in path.rglob("*") if p.is_file()) if path.is_dir() else path.stat().st_size
    return found


def _with_bar(mails: Iterator[Input], total: int) -> Iterator[Input]:
    """Yield mails and show how far we are, on standard error if that is a terminal."""
    with click.progressbar(length=total, file=sys.stderr, label="comparing") as bar:
        for mail in mails:
            yield mail
            bar.update(len(mail.data))


def _recent(before: PolicySet, after: PolicySet, number: int, config: Path | None, *, as_json: bool) -> int:
    from pansentry.permissions import Task
    from pansentry.policy_comparison import compare_recent
    from pansentry.quarantine import day
    from pansentry.wiring import token_key

    async def job(store: Store, configuration: Configuration, _: str) -> Recent:
        events = await store.events.recent(number, kind="message")
        return compare_recent(events, before, after, token_key(configuration, store))

    found = with_store(config, Task.SEE_POLICY, job)
    for event, words in found.changed:
        if as_json:
            click.echo(json.dumps({"reference": event.get("message_ref"), "at": event["at"], "differs": words}))
        else:
            whom = f"from {event.get('sender_domain') or '(nobody)'}"
            click.echo(f"{day(event['at'])}  {event.get('message_ref')}  {whom}: {'; '.join(words)}")
    click.echo(f"{len(found.changed)} of {found.seen} recorded mails would be treated differently", err=as_json)
    if found.unsure:
        click.echo(
            f"{found.unsure} of them went to policies that now look for more, or for other numbers; what that finds is "
            "not in the records. Use --corpus to see it.",
            err=True,
        )
    return len(found.changed)


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--recipient", required=True, help="To whom it is sent; this chooses the policy.")
@click.option("--sender", default="", help="Envelope sender; otherwise what the header says.")
@click.option(
    "--authentication",
    type=click.Choice(["pass", "fail", "none"]),
    default="pass",
    show_default=True,
    help="What DMARC said of the sender.",
)
@click.option(
    "--policies", type=click.Path(exists=True, path_type=Path), help="Folder or file; default: the shipped ones."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def explain(file: str, recipient: str, sender: str, authentication: str, policies: Path | None, as_json: bool) -> None:
    """Show which policy holds for a mail (FILE, or - for standard input), and its path through the rules."""
    from dataclasses import replace

    from pansentry import shipped
    from pansentry.cli.inputs import read_input
    from pansentry.envelope import Authentication, AuthResult
    from pansentry.policy_comparison import explain as explain_mail
    from pansentry.rehearsal import archived_envelope

    raw = read_input(file)
    envelope = archived_envelope(raw)
    sender = sender or envelope.reverse_path
    proven = authentication == "pass"
    measured = Authentication(
        dmarc=AuthResult(authentication),
        spf_aligned=proven,
        dkim_aligned=proven,
        from_domain=sender.rpartition("@")[2].lower(),
    )
    envelope = replace(envelope, reverse_path=sender, forward_paths=(recipient,), authentication=measured)
    way = explain_mail(raw, envelope, policy_set(policies or shipped.policies()))
    report = _report(way, recipient)
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    for line in _lines(report):
        click.echo(line)


def _report(way: Way, recipient: str) -> dict[str, Any]:
    verdict = way.outcome.verdict
    return {
        "recipient": recipient,
        "policy": way.policy.name,
        "chosen_by": way.chosen_by,
        "mode": way.policy.mode,
        "found": [
            {"kind": s.kind, "brand": s.brand, "confidence": round(s.confidence, 2), "where": s.where or [s.place]}
            for s in way.facts.sightings
        ],
        "unreadable": [one.reason for one in way.facts.unreadable],
        "rules": [{"rule": step.rule, "failed": step.failed} for step in way.steps],
        "action": str(verdict.action),
        "rule": verdict.rule,
        "reasons": list(verdict.reasons),
        "tags": list(verdict.tags),
        "notify": list(verdict.notify),
        "forward_to_review": list(verdict.review),
        "notice": verdict.notice,
    }


def _lines(report: dict[str, Any]) -> Iterator[str]:
    yield f"policy    {report['policy']}, because of `{report['chosen_by']}` for {report['recipient']}"
    if report["mode"] == "observe":
        yield "mode      observe: what follows is only recorded"
    for one in report["found"]:
        yield f"found     {one['kind']} {one['brand'] or ''} in {', '.join(one['where'])} ({one['confidence']:.2f})"
    for reason in report["unreadable"]:
        yield f"unread    {reason}"
    if not report["found"] and not report["unreadable"]:
        yield "found     nothing"
    for step in report["rules"]:
        verdict = f"no: {step['failed']}" if step["failed"] else click.style("yes", bold=True)
        yield f"rule      {step['rule']:<24} {verdict}"
    if not report["rules"] or report["rules"][-1]["failed"]:
        yield "rule      (none matches: card data is redacted, the rest delivered)"
    yield click.style(f"action    {report['action']}", bold=True)
    for name in ("tags", "notify", "forward_to_review"):
        if report[name]:
            yield f"{name:<9} {', '.join(report[name])}"


def policy_set(path: Path) -> PolicySet:
    """Read a folder of policies, or one file as the policy for everyone."""
    from pansentry.policy import PolicySet
    from pansentry.policy.loading import load_policies, parse_policy

    if path.is_dir():
        return load_policies(path)
    policy = parse_policy(path.read_bytes(), str(path))[0]
    return PolicySet((policy,), policy, policy.version)


COMMANDS = (diff, explain)
