"""``pansentry policy``: check policies, and describe them to editors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pansentry.policy import PolicySet


@click.group()
def command() -> None:
    """Check, test and describe policies."""


@command.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
def check(path: Path | None) -> None:
    """Read the policies in PATH (a file or a folder; default: the shipped ones) and name every mistake.

    Exit code 0: all can be used. 78: a mistake, with file, line, column and what to write instead.
    """
    from pansentry import shipped
    from pansentry.policy.loading import load_policies, parse_policy

    path = path or shipped.policies()
    one_file = path.is_file()
    policies = (parse_policy(path.read_bytes(), str(path))[0],) if one_file else load_policies(path).policies
    for policy in policies:
        click.echo(f"{policy.name}: good ({len(policy.rules)} rules, for {', '.join(policy.applies_to)})")


@command.command()
def schema() -> None:
    """Print the JSON Schema of a policy file, for editors."""
    from pansentry.policy.loading import schema as policy_schema

    click.echo(json.dumps(policy_schema(), indent=2))


@command.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("--junit", "junit_file", type=click.Path(path_type=Path), help="Write a JUnit report to this file.")
def test(path: Path | None, junit_file: Path | None) -> None:
    """Run the tests beside the policies: PATH/tests/*.yaml (default: the shipped ones).

    Exit code 0: every case passes. 1: one does not, and it is said what differs.
    """
    from pansentry import shipped
    from pansentry.policy.cases import junit, load_cases, run_cases
    from pansentry.policy.loading import load_policies
    from pansentry.rehearsal import rehearse

    path = path or shipped.policies()
    reports = run_cases(load_cases(path / "tests"), load_policies(path), rehearse)
    for report in reports:
        click.echo(f"{'FAIL' if report.differences else 'pass'}  {report.case.name}")
        for difference in report.differences:
            click.echo(f"      {difference}  ({report.case.place})")
    failed = sum(bool(report.differences) for report in reports)
    click.echo(f"{len(reports) - failed} of {len(reports)} cases pass")
    if junit_file is not None:
        junit_file.write_text(junit(reports), encoding="utf-8")
    raise SystemExit(1 if failed else 0)


@command.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--corpus", multiple=True, required=True, type=click.Path(exists=True), help="Mails: files, mbox, Maildir."
)
def diff(old: Path, new: Path, corpus: tuple[str, ...]) -> None:
    """Say which mails of a corpus the policies in NEW would treat otherwise than those in OLD, and how.

    Exit code 0: none. 1: some.
    """
    from pansentry.cli.inputs import inputs
    from pansentry.rehearsal import differences

    before, after = _policy_set(old), _policy_set(new)
    seen = changed = 0
    with click.progressbar(inputs(corpus), file=sys.stderr, show_pos=True) as mails:
        for mail in mails:
            if mail.kind != "message":
                continue
            seen += 1
            found = differences(mail.data, before, after)
            if found:
                changed += 1
                click.echo(f"{mail.name}: {'; '.join(found)}")
    click.echo(f"{changed} of {seen} mails would be treated differently")
    raise SystemExit(1 if changed else 0)


def _policy_set(path: Path) -> PolicySet:
    """Read a folder of policies, or one file as the policy for everyone."""
    from pansentry.policy import PolicySet
    from pansentry.policy.loading import load_policies, parse_policy

    if path.is_dir():
        return load_policies(path)
    policy = parse_policy(path.read_bytes(), str(path))[0]
    return PolicySet((policy,), policy, policy.version)
