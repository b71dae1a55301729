"""The wheel and the sdist: what ``pip install`` and ``pipx install`` get works in a folder of its own.

The wheel is installed into an empty environment, without pip's help from a network: what it needs is lent from the
environment of the tests, PanSentry is not. So every file that a command reads has to be in the wheel.
"""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
import sys
import tarfile
import urllib.request
import venv
import zipfile
from pathlib import Path
from sysconfig import get_path

import pytest
from tests.e2e.peers import free_port, stop, wait_for_port

from pansentry.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PUBLISHED = "4111 1111 1111 1111"


def built(folder: Path) -> Path:
    """Build sdist and wheel into a folder."""
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run([ROOT / "scripts/package", folder], capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return folder


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel."""
    return built(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def program(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``pansentry`` as the wheel installs it, in an environment of its own."""
    home = tmp_path_factory.mktemp("home") / "venv"
    venv.create(home)
    (wheel,) = packages.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", home / "bin/python", "install", "--quiet", "--no-index"]
    subprocess.run([*pip, "--no-deps", "--disable-pip-version-check", wheel], check=True, capture_output=True)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(
        f"{get_path('purelib')}\n"
    )  # its own .pth files are not followed: no editable source
    return home / "bin/pansentry"


def run(program: Path, *arguments: object, folder: Path, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run the installed program with nothing of this checkout in sight."""
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=folder, input=said, capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def test_the_same_sources_give_the_same_bytes(packages: Path, tmp_path: Path) -> None:
    """Whoever builds again can compare."""
    again = built(tmp_path)
    names = sorted(path.name for path in packages.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    assert all((packages / name).read_bytes() == (again / name).read_bytes() for name in names)


def test_what_is_inside(packages: Path) -> None:
    """The wheel holds the program and what it shows; the sdist the tests, too; neither what git does not know."""
    (wheel,) = packages.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "pansentry/py.typed",
        "pansentry/console/static/editor.js",
        "pansentry/store/migrations/env.py",
        "pansentry/store/migrations/versions/0001_first.py",
        "pansentry/shipped/policies/default.yaml",
        "pansentry/shipped/replies/guidance/de/body.txt",
        "pansentry/shipped/docs/deployment/postfix.md",
    ):
        assert wanted in names
    assert all(name.startswith("pansentry") for name in names)
    assert not any("__pycache__" in name or name.startswith("pansentry/tests") for name in names)
    (sdist,) = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2].partition("/")[0] for name in archive.getnames()}
        assert {"src", "tests", "docs", "deploy", "scripts", "requirements", "LICENSE"} <= inside
        assert not inside & {".git", ".venv", "var", "dist"}
        assert {member.mtime for member in archive.getmembers()} == {archive.getmembers()[0].mtime}


def test_it_is_the_installed_one(program: Path, tmp_path: Path) -> None:
    """The program under test is not this checkout."""
    python = program.with_name("python")
    where = run(python, "-c", "import pansentry; print(pansentry.__file__)", folder=tmp_path).stdout.strip()
    assert Path(where).is_relative_to(program.parents[1])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_there(command: str, program: Path, tmp_path: Path) -> None:
    """Each command's module can be loaded."""
    done = run(program, command, "--help", folder=tmp_path)
    assert (done.returncode, done.stdout.startswith(f"Usage: pansentry {command}")) == (0, True), done.stderr


def test_it_finds_policies_letters_and_samples(program: Path, tmp_path: Path) -> None:
    """What is shipped is found: scan, redact, policies, letters, a demonstration."""
    found = run(program, "scan", "--text", "--json", folder=tmp_path, said=f"my card is {PUBLISHED}")
    assert found.returncode == 1
    assert json.loads(found.stdout)["findings"][0]["brand"] == "visa"
    assert run(program, "policy", "check", folder=tmp_path).returncode == 0
    shown = run(program, "demo", "--once", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "XXXX" in shown.stdout


def test_from_nothing_to_a_gateway(program: Path, tmp_path: Path) -> None:
    """``init``, ``db upgrade``, ``serve`` with its console, ``healthcheck``: a card is taken out of a mail."""
    done = run(
        program, "init", "--yes", "-d", "etc", "--name", "Meier", "--domain", "shop.example", "--mailbox", "maildir",
        "--phone", "+41 44 668 18 00", "--pay-page", "https://shop.example/pay", folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    file = tmp_path / "etc/pansentry.yaml"
    port, console = free_port(), free_port()
    text = "".join(line for line in file.read_text().splitlines(True) if not line.startswith("user:"))
    text = text.replace("0.0.0.0:25", f"127.0.0.1:{port}") + f"state_dir: {tmp_path}/state\n"
    file.write_text(text + f"console: {{enabled: true, address: '127.0.0.1:{console}'}}\n")
    upgraded = run(program, "db", "upgrade", "-c", file, folder=tmp_path)
    assert upgraded.returncode == 0, upgraded.stderr
    process = subprocess.Popen(
        [program, "serve", "-c", file], cwd=tmp_path, stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}
    )
    try:
        wait_for_port(port, "pansentry serve", process)
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("eva@customer.example", ["shop@shop.example"], f"Subject: a\r\n\r\nVisa {PUBLISHED}\r\n")
        assert run(program, "healthcheck", "-c", file, folder=tmp_path).returncode == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{console}/static/console.css", timeout=10) as answer:
            assert b"{" in answer.read()
    finally:
        stop(process)
    delivered = [path.read_text() for path in (tmp_path / "state/mailbox").rglob("*") if path.is_file()]
    assert [("XXXX XXXX XXXX 1111" in text, PUBLISHED in text) for text in delivered] == [(True, False)]
