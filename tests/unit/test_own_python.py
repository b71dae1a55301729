"""Scripts start themselves anew under the interpreter that has what they need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(root: Path) -> str:
    """Run a script that restarts itself under ``root`` and then says so."""
    code = "import sys; from pathlib import Path; from tests.own_python import restart\n"
    code += f"sys.argv = ['script', '--quick']; restart(Path({str(root)!r})); print('went on')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def test_a_script_is_started_anew_with_its_arguments(tmp_path: Path) -> None:
    """Where there is an environment of ours, its interpreter gets the script and its arguments."""
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "anew: $@"\n')
    python.chmod(0o755)
    assert run(tmp_path) == "anew: script --quick"


def test_a_script_goes_on_where_there_is_nothing_to_change_to(tmp_path: Path) -> None:
    """Without an environment of ours, the interpreter that was called has to do."""
    assert run(tmp_path) == "went on"


def test_a_script_under_the_right_interpreter_goes_on(tmp_path: Path) -> None:
    """No script starts itself anew for ever."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    assert run(tmp_path) == "went on"
