"""``pansentry completion``: what a shell needs so that the Tab key knows commands, options and their values.

The script asks ``pansentry`` itself at each Tab (click's protocol, ``_PANSENTRY_COMPLETE``), so it is never older than
the program. The packages for Debian put it where the shells look; by hand it is one line in the shell's start-up file.
"""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

VARIABLE = "_PANSENTRY_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
_ONCE = "$zsh_eval_context[-1] == loadautofunc"
_ALWAYS = "$funcstack[1] == _pansentry"
"""click asks zsh whether it loads the file at this moment, which it does for the first Tab only: every second one of an
installed file completed nothing. It is asked whether the file is the function that runs."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that completes words in a shell; bash needs to be 4.4 or later.

    \b
    Examples:
      eval "$(pansentry completion bash)"                             in ~/.bashrc
      eval "$(pansentry completion zsh)"                              in ~/.zshrc, after compinit
      pansentry completion fish > ~/.config/fish/completions/pansentry.fish
    """
    click.echo(script(context.find_root().command, shell), nl=False)


def script(program: click.Command, shell: str) -> str:
    """Return the script for one of ``SHELLS``."""
    kind = get_completion_class(shell)
    assert kind is not None
    # click's own `source` of bash runs a bash to learn its version, which a build machine need not have
    return ShellComplete.source(kind(program, {}, "pansentry", VARIABLE)).strip().replace(_ONCE, _ALWAYS) + "\n"
