"""``pansentry policy``: write, check, test, compare and change policies."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pansentry.cli import policy_changes, policy_comparisons
from pansentry.sentence import counted


@click.group()
def command() -> None:
    """Write, check, test, compare and change policies.

    \b
    A new policy, from the first line to mail:
      pansentry policy init policies
      pansentry policy check policies
      pansentry policy test policies
      pansentry policy diff policies next --corpus ~/Maildir
    """


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Copy the shipped policies, with their tests and the schema for editors, into FOLDER.

    A folder that has a policy already is left alone.
    """
    import shutil

    from pansentry import shipped

    if any(folder.glob("*.yaml")):
        raise click.ClickException(f"{folder} has policies already; name an empty folder.")
    source = shipped.policies()
    for path in sorted(p for p in source.rglob("*") if p.is_file() and not p.name.startswith(".")):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        click.echo(str(target))


@command.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--strict", is_flag=True, help="Exit code 1 if there is a warning.")
@click.option(
    "--replies",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the letters; otherwise `replies` beside the policies, or the shipped ones.",
)
def check(path: Path | None, strict: bool, replies: Path | None) -> None:
    """Read the policies in PATH (a file or a folder; default: the shipped ones) and name every mistake.

    Exit code 0: all can be used. 78: a mistake, with file, line, column and what to write instead.
    """
    from pansentry import shipped
    from pansentry.notification import read_templates
    from pansentry.policy import PolicySet
    from pansentry.policy.folder import snapshot
    from pansentry.policy.loading import load_policies, parse_policy, warnings
    from pansentry.reply.letters import letter_names
    from pansentry.sealing import can_seal

    path = path or shipped.policies()
    beside = (path if path.is_dir() else path.parent).resolve().parent / "replies"
    letters = letter_names(replies or (beside if beside.is_dir() else shipped.replies()))
    if path.is_file():
        policy = parse_policy(path.read_bytes(), str(path), letters)[0]
        policies = PolicySet((policy,), policy)
    else:
        policies = load_policies(path, letters)
        read_templates(path, shipped.policies())
        click.echo(f"version {snapshot(path).digest}")
    for policy in policies.policies:
        whom = ", ".join(policy.applies_to) or "nobody"
        observes = ", observes" if policy.observes else ""
        click.echo(f"{policy.name}: good ({counted(len(policy.rules), 'rule')}, for {whom}{observes})")
    said: tuple[str, ...] = warnings(policies)
    if any(policy.hold.seal_to for policy in policies.policies) and not can_seal():
        said += ("Originals are to be sealed, and the library for that is missing: pip install 'pansentry[seal]'.",)
    for sentence in said:
        click.echo(click.style(f"WARNING  {sentence}", fg="yellow", bold=True), err=True)
    if strict and said:
        raise SystemExit(1)


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

    A running gateway runs them too, before it uses a change. Exit code 0: every case passes. 1: one does not, and it is
    said what differs.
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


for one in (*policy_comparisons.COMMANDS, *policy_changes.COMMANDS):
    command.add_command(one)
