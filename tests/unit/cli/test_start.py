"""What a start loads: a command that reads one mail waits for nothing that only a gateway needs. Counted, not timed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.specimens import PUBLISHED

from pansentry.cli import main

if TYPE_CHECKING:
    from pathlib import Path

_SCAN = """
import sys
from pansentry.cli import run_safely, pansentry
code = run_safely(lambda: pansentry.main(["scan", sys.argv[1]], "pansentry", standalone_mode=False))
print(code, len(sys.modules), *sorted({name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)))
print(*(name for name in sys.argv[2:] if name in sys.modules))
"""
_OURS = ("pansentry", "pansentry_native")
_FOR_OTHERS = ("asyncio", "ssl", "sqlite3", "ctypes", "html.parser", "pansentry.pan.lexicon", "pansentry.gateway")
"""What would be loaded without anybody asking; the lexicon is read only where nothing current is prepared."""


@pytest.mark.parametrize(
    ("text", "code"), [("See you on Monday.", 0), (f"card {PUBLISHED['visa'][0]}, exp 09/28, cvv 737", 1)]
)
def test_a_scan_loads_what_it_needs(tmp_path: Path, text: str, code: int) -> None:
    """No engine is compiled, no language file taken apart, no database, template, YAML or event loop loaded."""
    mail = tmp_path / "mail.eml"
    mail.write_text(f"From: anna@example.org\nSubject: a word\n\n{text}\n")
    command = [sys.executable, "-c", _SCAN, mail, *_FOR_OTHERS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"})
    *_, loaded, others = done.stdout.split("\n")[:-1]
    left, modules, *packages = loaded.split()
    assert int(left) == code
    assert set(packages) - {"__main__"} <= {*_OURS, "click", "pybase64", "_distutils_hack", "_virtualenv"}
    assert int(modules) <= 390
    assert others == ""


_NOT_OF_THE_GROUND = ("sqlalchemy", "sqlite3", "aiosmtpd", "aiosmtplib", "dns", "pansentry.store", "pansentry.gateway")


def test_the_groundwork_of_a_gateway_is_laid_before_the_rest_is_loaded() -> None:
    """No database, no mail server: what is there when the nursery is forked is there twice once the gateway uses it."""
    shown = "import sys, pansentry.readiness; print(*(name for name in sys.argv[1:] if name in sys.modules))"
    command = [sys.executable, "-c", shown, *_NOT_OF_THE_GROUND]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"})
    assert done.stdout == "\n"


@pytest.mark.parametrize(("typed", "said"), [("scann", "Did you mean `scan`?"), ("zzz", "There is no command `zzz`.")])
def test_a_mistyped_command_is_told_which_one_was_meant(
    typed: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, exit code 2."""
    with pytest.raises(SystemExit) as left:
        main([typed])
    assert left.value.code == 2
    assert said in capsys.readouterr().err
