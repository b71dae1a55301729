"""``pansentry completion``: a real bash, zsh and fish complete words from the program's own parser."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from tests.e2e.peers import need

from pansentry.cli import COMMANDS, pansentry
from pansentry.cli.completion import SHELLS, VARIABLE, script

LINES = [
    ("pansentry heal", "healthcheck"),
    ("pansentry policy sch", "schema"),
    ("pansentry init --mail", "--mailbox"),
    ("pansentry init --mailbox goo", "google"),
    ("pansentry completion zs", "zsh"),
]
"""What is typed, and the only word that it can become."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``pansentry`` is this checkout's, and nobody's settings matter."""
    program = tmp_path / "bin/pansentry"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom pansentry.cli import main\nmain()\n")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    sources = os.pathsep.join(str(Path(__file__).parents[3] / one) for one in ("src", "."))
    return {"PATH": path, "HOME": str(tmp_path), "TERM": "dumb", "LC_ALL": "C.UTF-8", "PYTHONPATH": sources}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_asks_the_program(shell: str) -> None:
    """Each script names the command and the variable that click answers to."""
    text = script(pansentry, shell)
    assert f"{VARIABLE}={shell}_complete" in text
    assert text.endswith("\n")


@pytest.mark.parametrize("before", [["hael"], ["hael", "x"], ["policy", "chekc"]])
def test_after_a_mistyped_command_nothing_is_completed(before: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is printed into the line that somebody is typing."""
    ShellComplete(pansentry, {}, "pansentry", VARIABLE).get_completions(before, "")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("typed", "word"), LINES)
def test_bash(typed: str, word: str, environment: dict[str, str]) -> None:
    """Bash is given exactly the one word."""
    program = f"""
set -eu
eval "$(pansentry completion bash)"
COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_pansentry_completion pansentry
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == ([word], "")


@pytest.mark.peers
@pytest.mark.parametrize(("typed", "word"), LINES)
def test_fish(typed: str, word: str, environment: dict[str, str]) -> None:
    """Fish, asked for the completions of a line, knows exactly the one word."""
    fish = need("fish", "fish")
    program = f"pansentry completion fish | source; complete --do-complete '{typed}'"
    done = subprocess.run(
        [fish, "--no-config", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert ([line.split("\t")[0] for line in done.stdout.splitlines()], done.stderr) == ([word], "")


@pytest.mark.peers
def test_zsh(environment: dict[str, str], tmp_path: Path) -> None:
    """A zsh at a terminal writes the words out when Tab is pressed; the script is a file."""
    zsh = need("zsh", "zsh")
    functions = tmp_path / "functions"
    functions.mkdir()
    (functions / "_pansentry").write_text(script(pansentry, "zsh"))
    child, terminal = pty.fork()
    if child == 0:
        os.execve(zsh, ["zsh", "-f", "-i"], environment)
    try:
        _type(terminal, f"PS1='>'; fpath=({functions} $fpath); autoload -Uz compinit; compinit -D -u; print rea''dy\r")
        _read_until(terminal, "ready")
        for typed, word in LINES:
            head = typed.rpartition(" ")[0]
            _type(terminal, f"{typed}\t")
            _read_until(terminal, f"{head} {word}")
            _type(terminal, "\x15")  # ^U: the next line begins empty
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def _type(terminal: int, keys: str) -> None:
    os.write(terminal, keys.encode())


def _read_until(terminal: int, wanted: str) -> None:
    seen = ""
    end = time.monotonic() + 30
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        assert ready, f"{wanted!r} was not written: {seen!r}"
        seen += os.read(terminal, 4096).decode("utf-8", "replace").replace("\x08", "")


def test_the_list_of_commands_needs_no_module_of_theirs(environment: dict[str, str]) -> None:
    """Completing the name of a command imports none of them: Tab answers at once."""
    program = (
        "import sys; from pansentry.cli import pansentry; import click\n"
        "found = pansentry.shell_complete(click.Context(pansentry), '')\n"
        "print(*[one.value for one in found]); print([m for m in sys.modules if m.startswith('pansentry.cli.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert done == [" ".join(COMMANDS), "[]"]
