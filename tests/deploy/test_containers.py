"""The container files, as far as they can be tried without a container engine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.e2e.peers import free_port, need, stop, wait_for_port

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file."""
    loaded: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.mark.peers
def test_docker_compose_accepts_the_file() -> None:
    """docker-compose reads the file and finds nothing wrong."""
    program = need("docker-compose", "docker-compose")
    done = subprocess.run(
        [program, "-f", "docker-compose.yml", "config", "-q"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_the_gateway_has_no_privilege(compose: dict[str, Any]) -> None:
    """No root, no capability, nothing writable but its volumes and a memory file system, no core files."""
    gateway = compose["services"]["gateway"]
    assert gateway["user"] == "10001:10001"
    assert gateway["read_only"] is True
    assert gateway["cap_drop"] == ["ALL"]
    assert gateway["security_opt"] == ["no-new-privileges:true"]
    assert gateway["ulimits"]["core"] == 0
    assert all(port.startswith("127.0.0.1:") for port in gateway["ports"])


def test_every_mounted_file_is_there(compose: dict[str, Any]) -> None:
    """What the compose file mounts from the checkout exists."""
    mounts = [v.split(":")[0] for service in compose["services"].values() for v in service.get("volumes", ())]
    relative = [mount for mount in mounts if mount.startswith("./")]
    assert relative
    assert all((ROOT / mount).exists() for mount in relative)


def test_the_image_copies_only_what_is_there() -> None:
    """Every source of a COPY in the Dockerfile exists, and so does every lock file that it installs."""
    text = (ROOT / "Dockerfile").read_text()
    sources = [word for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.M) for word in line.split()[:-1]]
    assert sources
    assert all((ROOT / source).exists() for source in sources)
    assert all((ROOT / path).is_file() for path in re.findall(r"requirements/\w+\.lock", text))


def test_entry_command_and_health_check_run_outside_a_container(tmp_path: Path, compose: dict[str, Any]) -> None:
    """The image's entry command serves the compose configuration, and its health check says that it is well."""
    text = (ROOT / "Dockerfile").read_text()
    entry = re.search(r'ENTRYPOINT \["pansentry"\]\nCMD \["serve", "-c", "([^"]+)"\]', text)
    check = compose["services"]["gateway"]["healthcheck"]["test"]
    assert entry is not None
    assert check == ["CMD", "pansentry", "healthcheck", "-c", entry[1]]
    port = free_port()
    configuration = (ROOT / "deploy/compose/pansentry.yaml").read_text()
    for inside, outside in (
        ("0.0.0.0:2525", f"127.0.0.1:{port}"),
        ("smtp://mailbox:1025?tls=none", f"maildir:{tmp_path}/mailbox"),
        ("/var/lib/pansentry", f"{tmp_path}/state"),
        ("/etc/pansentry/", f"{ROOT}/"),
    ):
        assert inside in configuration
        configuration = configuration.replace(inside, outside)
    (tmp_path / "pansentry.yaml").write_text(configuration)
    program = [sys.executable, "-m", "pansentry"]
    arguments = ["-c", str(tmp_path / "pansentry.yaml")]
    asleep = subprocess.run([*program, "healthcheck", *arguments], capture_output=True, check=False)
    assert asleep.returncode == 69
    process = subprocess.Popen([*program, "serve", *arguments], stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port, "pansentry serve", process)
        awake = subprocess.run([*program, "healthcheck", *arguments], capture_output=True, check=False)
        assert awake.returncode == 0, awake.stderr.decode()
    finally:
        stop(process)
    assert process.returncode == 0
