"""The command line: one module per command, imported only when that command runs.

Exit codes: 0 done, 1 findings or failed checks, 2 usage or unreadable input, 3 held or refused, 69 something outside is
not there, 75 try later, 78 configuration (sysexits.h). Every expected failure prints one clear message.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from pansentry.errors import ConfigurationError, PanSentryError, UnavailableError
from pansentry.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_HELD = 3
EXIT_UNAVAILABLE = 69
EXIT_CONFIGURATION = 78

COMMANDS = {
    "init": "Write a configuration, policies and a signing key, from eight questions.",
    "serve": "Run the gateway.",
    "scan": "Look for card data in mails, mailboxes and documents.",
    "filter": "One message through the gateway's judgement, standard input to standard output.",
    "redact": "Take card data out of one message.",
    "explain": "Show every finding, and what looked like one, with reasons.",
    "demo": "Send sample mails through a gateway on this machine and show what happens.",
    "policy": "Check, test, compare and change policies.",
    "sweep": "Look for card data in mail that is there already; redact it or move it.",
    "quarantine": "See held mail, deliver it or delete it.",
    "report": "Sum up a month, for yourself and for the PCI self-assessment.",
    "audit": "See and verify who changed what; give people roles.",
    "reply": "Check and preview the letters to customers.",
    "page": "Build the page for your website that tells how to know a letter of yours.",
    "code": "Check reference codes, and note what came of them.",
    "subject": "Show, erase, or silence what concerns one customer's address.",
    "dkim": "Make the key that signs letters.",
    "config": "Show the configuration and where each value comes from.",
    "db": "Bring the tables of the store up to this version.",
    "doctor": "Check the installation; audit a running gateway with a marked card.",
    "healthcheck": "Ask a running gateway whether it is well.",
    "completion": "Print what a shell needs to complete words.",
}


class _Commands(click.Group):
    """A group that imports the module of a command when it is called: ``scan`` starts without a database driver."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"pansentry.cli.{cmd_name}").command
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Leave colours out where ``NO_COLOR`` is set (https://no-color.org)."""
        if os.environ.get("NO_COLOR"):
            extra.setdefault("color", False)
        return super().make_context(info_name, args, parent, **extra)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the command that a mistyped one was probably meant to be; whoever completes a word is told nothing."""
        if not ctx.resilient_parsing and args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            ctx.fail(f"There is no command `{args[0]}`.{meant}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(name, help=said) for name, said in COMMANDS.items() if name.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="pansentry %(version)s")
def pansentry() -> None:
    """Take card numbers out of mail before it is delivered, and answer the customer kindly."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run_safely(lambda: pansentry.main(args=arguments, prog_name="pansentry", standalone_mode=False)))


def run_safely(run: Callable[[], object]) -> int:
    """Run something and return its exit code; an expected failure becomes one message on standard error."""
    try:
        code = run()
    except SystemExit as left:
        code = left.code
    except click.exceptions.Exit as left:
        code = left.exit_code
    except click.Abort as left:
        code = 130
        if isinstance(left.__context__, EOFError):  # the input ended, nobody pressed Ctrl-C
            click.echo("\npansentry: a question is not answered; give the answer as an option, see --help.", err=True)
            code = EXIT_USAGE
    except click.ClickException as misused:
        misused.show()
        code = EXIT_USAGE
    except ConfigurationError as wrong:
        alike = Counter((flaw.wrong, flaw.fix) for flaw in wrong.flaws)
        for flaw in wrong.flaws:
            more = alike.pop((flaw.wrong, flaw.fix), 0) - 1
            if more < 0:
                continue
            click.echo(f"pansentry: {flaw}{f' (the same in {more} more places)' if more else ''}", err=True)
        code = EXIT_CONFIGURATION
    except UnavailableError as away:
        click.echo(f"pansentry: {away}", err=True)
        code = EXIT_UNAVAILABLE
    except PanSentryError as failed:
        click.echo(f"pansentry: {failed}", err=True)
        code = EXIT_USAGE
    except BrokenPipeError:  # `pansentry scan … | head` is no error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as broken:  # its message and a traceback may quote the mail
        from pansentry.logs import where

        click.echo(f"pansentry: internal error: {where(broken)}", err=True)
        code = EXIT_USAGE
    return code if isinstance(code, int) else 0
