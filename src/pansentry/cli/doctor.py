"""``pansentry doctor``: is this installation set up well, and does a running one keep its promises?"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.doctor.answer import Answer

_COLOURS = {"pass": "green", "warn": "yellow", "fail": "red", "skip": "bright_black"}


@click.command()
@click.option("-c", "--config", "path", type=click.Path(dir_okay=False, path_type=Path), help="Configuration file.")
@click.option("--self-audit", "audit", is_flag=True, help="Send a marked test card through the running gateway.")
@click.option("--to", "recipient", default="", help="Who gets the redacted message of the audit.")
@click.option("--log", "logs", type=click.Path(exists=True, path_type=Path), multiple=True, help="Logs to look at.")
@click.option(
    "--temporary",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Folders for temporary files, instead of the system's.",
)
@click.option("--probe-bypass", "probe", is_flag=True, help="From another machine: does the next hop take strangers?")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each answer.")
def command(
    path: Path | None,
    audit: bool,
    recipient: str,
    logs: tuple[Path, ...],
    temporary: tuple[Path, ...],
    probe: bool,
    as_json: bool,
) -> None:
    """Check the installation. Exit code 1: something failed. 69: the gateway does not answer.

    \b
    Examples:
      pansentry doctor
      pansentry doctor --self-audit --to me@shop.example --log /var/log/pansentry
      pansentry doctor --probe-bypass -c a-copy-of-the-configuration.yaml
    """
    from pansentry.configuration import load

    configuration = load(path, os.environ)
    if probe:
        from pansentry.doctor.servers import probe_bypass

        answers: Sequence[Answer] = [probe_bypass("way around", configuration)]
    elif audit:
        from pansentry.doctor.self_audit import Request, self_audit

        answers = self_audit(configuration, Request(recipient, logs, temporary))
    else:
        from pansentry.doctor.checks import examine

        answers = examine(configuration)
    for answer in answers:
        _print(answer, as_json=as_json)
    if any(answer.state == "fail" for answer in answers):
        raise SystemExit(1)


def _print(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(answer)))
        return
    click.echo(f"{click.style(f'{answer.state:<4}', fg=_COLOURS[answer.state])}  {answer.check}: {answer.said}")
    if answer.fix:
        click.echo(f"      {answer.fix}")
