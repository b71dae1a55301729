"""What an admin gets wrong: one clear message with file, line and fix, the right exit code, nothing half-started."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = """hostname: gw.shop.example
domains: [shop.example]
listen:
  - address: "127.0.0.1:{port}"
next_hop: "maildir:{folder}/mailbox"
state_dir: {folder}/state
business:
  name: Meier Furniture
  phone: "+41 44 668 18 00"
  pay_page: https://shop.example/pay
  website: https://shop.example
log: {{level: warning, format: json}}
"""


def serve(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Start the gateway with a configuration that it must refuse."""
    path = folder / "pansentry.yaml"
    path.write_text(text)
    command = [sys.executable, "-m", "pansentry", "serve", "-c", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def configuration(folder: Path, port: int = 0) -> str:
    return GOOD.format(port=port, folder=folder)


@pytest.mark.parametrize(
    ("wrong", "instead", "says"),
    [
        ("hostname:", "hostnam:", ("pansentry.yaml:1:1", "hostnam", "hostname")),
        ('phone: "+41 44 668 18 00"', "phone: 0446681800", ("pansentry.yaml:9:", "quotes")),
        ("domains: [shop.example]", "domains: 7", ("pansentry.yaml:2:", "domain")),
        ("next_hop: ", "next_hop: gopher://x # ", ("pansentry.yaml:5:", "smtp:")),
        ("level: warning", "level: loud", ("pansentry.yaml:12:", "loud")),
        ("hostname: gw.shop.example", "hostname: [gw", ("pansentry.yaml:",)),
    ],
)
def test_a_mistake_in_the_configuration(tmp_path: Path, wrong: str, instead: str, says: tuple[str, ...]) -> None:
    """A wrong configuration ends with exit code 78 and names file, line and fix."""
    done = serve(tmp_path, configuration(tmp_path).replace(wrong, instead, 1))
    assert done.returncode == 78, done.stderr
    assert all(word in done.stderr for word in says), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "mailbox").exists()


def test_a_template_variable_that_does_not_exist(tmp_path: Path) -> None:
    """A letter that prints an unknown variable stops the start and names the file and the line."""
    shutil.copytree(ROOT / "replies", tmp_path / "replies")
    body = tmp_path / "replies/guidance/en/body.txt"
    body.write_text(body.read_text() + "\n{{ business.fax }}\n")
    done = serve(tmp_path, configuration(tmp_path) + f"replies: {tmp_path}/replies\n")
    assert done.returncode == 78, done.stderr
    assert "guidance/en/body.txt" in done.stderr
    assert "fax" in done.stderr


def test_an_unreachable_next_hop(tmp_path: Path) -> None:
    """A next hop that does not answer ends the start with exit code 69 and one sentence."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        text = configuration(tmp_path).replace(f"maildir:{tmp_path}/mailbox", f"smtp://127.0.0.1:{port}")
        done = serve(tmp_path, text)
    assert done.returncode == 69, done.stderr
    assert f"smtp://127.0.0.1:{port}" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_in_use(tmp_path: Path) -> None:
    """A port that somebody else has ends the start with exit code 69 and says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = serve(tmp_path, configuration(tmp_path, taken.getsockname()[1]))
    assert done.returncode == 69, done.stderr
    assert "cannot listen on" in done.stderr
    assert "listen:" in done.stderr


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing input is one sentence and exit code 2; a missing configuration is exit code 78."""
    command = [sys.executable, "-m", "pansentry"]
    scanned = subprocess.run([*command, "scan", "/nowhere.eml"], capture_output=True, text=True, check=False)
    assert scanned.returncode == 2
    assert "/nowhere.eml cannot be read" in scanned.stderr
    served = subprocess.run([*command, "serve", "-c", "/nowhere.yaml"], capture_output=True, text=True, check=False)
    assert served.returncode == 78
    assert "/nowhere.yaml" in served.stderr
