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


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions, lines that go on put together."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.partition(" ")[0].upper(), line.partition(" ")[2].strip()) for line in lines]


def test_the_dockerfile_keeps_the_rules_of_linters() -> None:
    """Bases have a version and are none of ``latest``; nothing is fetched that is not pinned; shells clean up."""
    stages = set()
    for _, argument in [one for one in instructions() if one[0] == "FROM"]:
        base, _, name = argument.partition(" AS ")
        assert base in stages or re.fullmatch(r"[a-z]+:\d+\.\d+[a-z0-9.-]*", base), base
        stages.add(name)
    for name, argument in instructions():
        assert name not in {"ADD", "MAINTAINER"}
        assert "latest" not in argument
        if name == "RUN" and "apt-get install" in argument:
            assert "--no-install-recommends" in argument
            assert "rm -rf /var/lib/apt/lists/*" in argument
        if name == "RUN" and "pip install" in argument:
            assert "--require-hashes" in argument
            assert "--no-cache-dir" in argument
        if name in {"CMD", "ENTRYPOINT"}:
            assert argument.startswith("[")


def test_no_stage_that_is_shipped_runs_as_root() -> None:
    """The last user of each stage that has a command, or comes from one, is a number that is not root's."""
    users: dict[str, str] = {}
    stage = ""
    for name, argument in instructions():
        if name == "FROM":
            base, _, stage = argument.partition(" AS ")
            users[stage] = users.get(base, "root")
        elif name == "USER":
            users[stage] = argument
    assert {name: user for name, user in users.items() if name != "build"} == {
        "slim": "10001:10001",
        "full": "10001:10001",
    }


def test_the_image_can_be_asked_how_it_is() -> None:
    """There is a health check, a signal to stop by, and a bill of materials tool that reads what is installed."""
    found = dict(instructions())
    assert "healthcheck" in found["HEALTHCHECK"]
    assert found["STOPSIGNAL"] == "SIGTERM"


def test_the_bill_of_materials(tmp_path: Path) -> None:
    """It lists what is pinned, with hashes, and the Debian packages of a root folder; twice the same bytes."""
    import json
    import os

    status = tmp_path / "root/var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.write_text(
        "Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:1.2.13.dfsg-1\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n"
    )
    written = []
    for name in ("a.json", "b.json"):
        command = [sys.executable, ROOT / "scripts/sbom", "--debian", tmp_path / "root", tmp_path / name]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
        subprocess.run(command, check=True, env=environment, capture_output=True)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    bill = json.loads(written[0])
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {one["name"]: one for one in bill["components"]}
    assert by_name["zlib1g"]["purl"] == "pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64"
    assert "gone" not in by_name
    assert by_name["aiosmtpd"]["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert len(by_name["aiosmtpd"]["properties"][0]["value"]) == 64
    refs = [one["bom-ref"] for one in bill["components"]]
    assert len(refs) == len(set(refs))
    assert bill["dependencies"][0]["dependsOn"] == refs
