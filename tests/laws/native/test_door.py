"""The door to what is compiled opens to a package of the same contract, and can be shut."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from pansentry import native

ROOT = Path(__file__).parents[3]
_ASKED = re.compile(r'native\.function\("(\w+)"\)')
ASKED = "from pansentry import native; print(native.IS_THERE, native.function('has_plain_lines'))"


def answer(tmp_path: Path, module: str, **variables: str) -> str:
    """Return what the door says where ``module`` is the compiled package."""
    (tmp_path / "pansentry_native.py").write_text(module)
    path = os.pathsep.join((str(tmp_path), *sys.path))
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": path, **variables}
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True, env=environ)
    return done.stdout.strip()


def test_one_of_our_contract_is_asked(tmp_path: Path) -> None:
    """What it has is handed out."""
    assert answer(tmp_path, f"CONTRACT = {native.CONTRACT}\nhas_plain_lines = 'it'") == "True it"


def test_one_that_lacks_a_function_is_asked_for_the_others(tmp_path: Path) -> None:
    """Half a package is no reason not to start."""
    assert answer(tmp_path, f"CONTRACT = {native.CONTRACT}") == "True None"


def test_one_of_another_contract_is_left_aside(tmp_path: Path) -> None:
    """A function of another version may mean something else."""
    assert answer(tmp_path, f"CONTRACT = {native.CONTRACT + 1}\nhas_plain_lines = 'it'") == "False None"


def test_a_broken_one_is_left_aside(tmp_path: Path) -> None:
    """One that cannot be loaded (built for another machine) is as good as none."""
    assert answer(tmp_path, "raise ImportError('wrong ELF class')") == "False None"


def test_it_can_be_shut(tmp_path: Path) -> None:
    """With PANSENTRY_PURE nothing compiled is asked; empty, it says nothing."""
    module = f"CONTRACT = {native.CONTRACT}\nhas_plain_lines = 'it'"
    assert answer(tmp_path, module, PANSENTRY_PURE="1") == "False None"
    assert answer(tmp_path, module, PANSENTRY_PURE="") == "True it"


def test_the_number_of_the_contract_is_one_number() -> None:
    """Package, module and door count alike, and what the stub promises is there."""
    project = tomllib.loads((ROOT / "native/pyproject.toml").read_text())["project"]
    module = (ROOT / "native/src/module.c").read_text()
    stub = (ROOT / "native/pansentry_native.pyi").read_text()
    assert project["version"] == str(native.CONTRACT)
    assert f"#define CONTRACT {native.CONTRACT}\n" in module
    promised = set(re.findall(r"^def (\w+)", stub, re.MULTILINE))
    assert promised == set(re.findall(r'^    \{"(\w+)", ', module, re.MULTILINE))
    digest = hashlib.sha256(stub.encode()).hexdigest()[:16]
    assert (native.CONTRACT, digest) == (2, "11e8c8ed94f5563f"), "another signature, another contract"
    asked = {name for path in (ROOT / "src").rglob("*.py") for name in _ASKED.findall(path.read_text())}
    assert asked == promised
