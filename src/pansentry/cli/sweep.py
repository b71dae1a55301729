"""``pansentry sweep``: card data in mail that is there already: report it, redact it, or move it."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.cli import EXIT_FINDINGS
from pansentry.cli.inputs import policy_option, read_policy
from pansentry.errors import UnavailableError
from pansentry.sentence import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.policy import Policy
    from pansentry.sweep.judgement import Begin
    from pansentry.sweep.mailbox import Mailbox
    from pansentry.sweep.sweep import Mode, Scope, Task

_WORTH_PROCESSES = 300
"""Messages from which on it is worth the second that it takes to start processes."""


@click.command()
@click.argument("place")
@click.option(
    "--redact", is_flag=True, help="Put a copy without card data in the place of each message that holds any."
)
@click.option("--move", metavar="FOLDER", help="Move each message that holds card data into FOLDER of the mailbox.")
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that remembers what was done; the same one goes on where a run was stopped.",
)
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="IMAP password.")
@click.option("--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="OAuth2 access token.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=None,
    help="Processes that look at messages; as many as there are processors, if there are 300 messages and more.",
)
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@policy_option
def command(
    place: str,
    redact: bool,
    move: str | None,
    journal: Path | None,
    password_file: Path | None,
    token_file: Path | None,
    processes: int | None,
    as_json: bool,
    policy: Path | None,
) -> None:
    """Look for card data in the mail of PLACE: a Maildir, an mbox, a folder of .eml files, or imaps://USER@HOST.

    Nothing is changed without --redact or --move. A redacted copy has the date, flags and folder of its original, which
    is deleted once the copy is there. --redact and --move need a --journal, so that a run that is stopped goes on.
    The password is asked for, or comes from --password-file or PANSENTRY_IMAP_PASSWORD.

    Exit code 0: no card data is left there. 1: there is some, or a message that could not be read. 2: the place cannot
    be read.

    \b
    Examples:
      pansentry sweep ~/Maildir
      pansentry sweep imaps://orders%40shop.example@mail.example --redact --journal orders.journal
    """
    from pansentry.sweep.journal import State
    from pansentry.sweep.sweep import Mode, Task

    if redact and move:
        raise click.UsageError("Choose one of --redact and --move.")
    mode = Mode.REDACT if redact else Mode.MOVE if move else Mode.REPORT
    if mode is not Mode.REPORT and journal is None:
        raise click.UsageError(f"--{mode.value} needs --journal FILE, so that a run that is stopped goes on.")
    read_policy(policy)  # what is wrong with it is said before a password is asked for
    try:
        with closing(_open(place, mode, password_file, token_file)) as mailbox:
            scope = _go(mailbox, partial(read_policy, policy), journal, Task(mode, move or ""), processes)
    except BlockingIOError:
        raise UnavailableError("another sweep has the journal, or another program the mailbox; try later") from None
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error.strerror or error) if isinstance(error, OSError) else str(error)) from None
    click.echo(json.dumps(_as_object(place, mode, scope)) if as_json else _as_text(mode, scope))
    if scope.states[State.FOUND] or scope.states[State.UNCHANGED] or scope.states[State.UNREAD]:
        raise SystemExit(EXIT_FINDINGS)


def _open(place: str, mode: Mode, password_file: Path | None, token_file: Path | None) -> Mailbox:
    from pansentry.sweep.places import is_remote, open_place
    from pansentry.sweep.sweep import Mode

    password = token = ""
    if is_remote(place):
        token = token_file.read_text("utf-8").strip() if token_file else ""
        password = os.environ.get("PANSENTRY_IMAP_PASSWORD", "")
        if password_file is not None:
            password = password_file.read_text("utf-8").rstrip("\r\n")
        if not token and not password:
            password = click.prompt("Password", hide_input=True, err=True)
    return open_place(place, writes=mode is not Mode.REPORT, password=password, token=token)


def _go(
    mailbox: Mailbox,
    policy: Callable[[], Policy | None],
    journal: Path | None,
    task: Task,
    processes: int | None,
) -> Scope:
    """Sweep, with a line of progress where somebody sees it."""
    from pansentry.sweep.journal import Journal
    from pansentry.sweep.sweep import Mode, Scope, sweep

    scope, seen, shown, begun = Scope(), 0, 0.0, time.monotonic()
    with closing(Journal(journal, changes=task.mode is not Mode.REPORT)) as book, ExitStack() as ending:
        total = sum(mailbox.count(folder) for folder in mailbox.folders())
        begin = _judging(processes, total, policy, ending)
        with click.progressbar(length=total, file=sys.stderr, label="sweeping", show_pos=True) as bar:
            for _, scope in sweep(mailbox, begin, book, task):  # noqa: B007  the last one is the sum
                seen += 1
                if (now := time.monotonic()) - shown > 0.2:
                    if sys.stderr.isatty():
                        bar.label = f"sweeping, {seen / max(now - begun, 0.001):.0f}/s"
                    bar.update(seen - bar.pos)
                    shown = now
            bar.update(seen - bar.pos)
    return scope


def _judging(processes: int | None, total: int, policy: Callable[[], Policy | None], ending: ExitStack) -> Begin:
    """Return what judges: processes, or this one if there is little to do."""
    if processes is None and total < _WORTH_PROCESSES:
        from pansentry.sweep.judgement import judge

        terms = policy()
        return lambda raw: partial(judge, raw, terms)
    from pansentry.sweep.judges import Judges

    judges = ending.enter_context(closing(Judges(processes or len(os.sched_getaffinity(0)), policy)))
    return judges.begin


def _as_object(place: str, mode: Mode, scope: Scope) -> dict[str, object]:
    return {
        "place": place,
        "mode": mode.value,
        "messages": dict(scope.messages),
        "with_card_data": dict(scope.with_cards),
        "findings": dict(scope.kinds),
        "years": dict(scope.years),
        "unread": dict(scope.unread),
        "states": {str(state): number for state, number in scope.states.items()},
    }


_STATES = {
    "clean": "without card data",
    "found": "with card data, left as found",
    "unchanged": "could not be rewritten, left as found",
    "unread": "could not be judged, left as found",
    "gone": "gone meanwhile",
}
"""What became of messages, where the word for it says too little."""


def _called(kind: str) -> str:
    """Return a kind of finding in words: ``pan visa``, ``cvv``."""
    from pansentry.report.words import BRAND_NAMES, KINDS

    what, _, brand = kind.partition(" ")
    return " ".join(filter(None, (KINDS.get(what, what), BRAND_NAMES.get(brand, brand))))


def _as_text(mode: Mode, scope: Scope) -> str:
    """The report for people: where card data is, of what kind, from when, and what became of it."""
    from pansentry.report.words import unread

    held, looked = sum(scope.with_cards.values()), sum(scope.messages.values())
    lines = [f"{counted(looked, 'message')} looked at, {held} with card data."]
    if scope.with_cards:
        lines += ["", "folder                              messages  with card data"]
        lines += [
            f"{name[:34]:<34}  {count:>8}  {scope.with_cards[name]:>14}" for name, count in scope.messages.items()
        ]
        lines += ["", "found: " + ", ".join(f"{_called(kind)} {count}" for kind, count in scope.kinds.most_common())]
        lines += ["years: " + ", ".join(f"{year} {count}" for year, count in sorted(scope.years.items()))]
    if scope.unread:
        read_not = (f"{unread(reason)} {count}" for reason, count in scope.unread.most_common())
        lines += ["not read: " + ", ".join(read_not)]
    done = (f"{count} {_STATES.get(str(state), state)}" for state, count in sorted(scope.states.items()))
    lines += ["done:  " + ", ".join(done)]
    if mode.value == "report" and held:
        lines += [
            "",
            "For PCI DSS 12.5.2: this mailbox stores card data, so it is in scope, and security codes may not be",
            "kept at all (3.3.1). `--redact` takes them out; backups of the mailbox hold them still.",
        ]
    return "\n".join(lines)
