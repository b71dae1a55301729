"""The package for Debian: built, then installed, used, upgraded, removed and purged by the real dpkg.

That happens on a copy of this machine that is thrown away: an overlay of its root in a mount namespace of its own,
without a network and with process numbers of its own. ``life-of-a-package.sh`` is what is done there. A library that
the package lacks and this machine has would not be seen; ``scripts/image`` installs the package into a bare Debian.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.peers import need, need_root

ROOT = Path(__file__).parents[2]
LIFE = Path(__file__).with_name("life-of-a-package.sh")
COPY = """
set -eu
copy=$1 first=$2 second=$3 life=$4
mount -t tmpfs none "$copy"
mkdir "$copy/above" "$copy/work" "$copy/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$copy/above,workdir=$copy/work" "$copy/root"
cp "$first" "$copy/root/first.deb"
cp "$second" "$copy/root/second.deb"
cp "$life" "$copy/root/life.sh"
mount -t proc proc "$copy/root/proc"
mount --rbind /dev "$copy/root/dev"
mount -t tmpfs none "$copy/root/run"
mount -t tmpfs none "$copy/root/tmp"
mkdir "$copy/root/tmp/life"
chmod 755 "$copy" "$copy/root"
exec chroot "$copy/root" bash /life.sh /first.deb /second.deb /tmp/life
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built and not compressed."""
    need("dpkg", "dpkg-deb")
    need("man-db", "man")
    need("python3", "/usr/bin/python3.11" if sys.version_info[:2] == (3, 11) else "python3")
    folder = tmp_path_factory.mktemp("deb")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/deb", "--compression", "none", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.deb")
    return built


def control_of(package: Path, field: str) -> str:
    """Return a field of the package's description."""
    done = subprocess.run(["dpkg-deb", "-f", package, field], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.peers
def test_the_package_says_what_it_needs(package: Path) -> None:
    """It needs the Python that its libraries were built for, and no other; nothing that is downloaded later."""
    major, minor = sys.version_info[:2]
    needs = control_of(package, "Depends")
    assert f"python3 (>= {major}.{minor}), python3 (<< {major}.{minor + 1})" in needs
    assert "adduser" in needs
    listed = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout
    for wanted in (
        "./usr/bin/pansentry -> /opt/pansentry/bin/pansentry",
        "./lib/systemd/system/pansentry.service",
        "./usr/share/man/man1/pansentry-doctor.1.gz",
        "./usr/share/bash-completion/completions/pansentry",
        "./usr/share/zsh/vendor-completions/_pansentry",
        "./usr/share/fish/vendor_completions.d/pansentry.fish",
        "./usr/share/doc/pansentry/sbom.cdx.json",
        "./etc/pansentry/policies/default.yaml",
    ):
        assert f"{wanted}\n" in listed
    assert all(line.split()[1] == "root/root" for line in listed.splitlines())
    for name in ("pytest", "mypy", "playwright", "cv2"):
        assert f"/site-packages/{name}/" not in listed


@pytest.mark.peers
def test_its_scripts_fetch_nothing() -> None:
    """Installing works without a network; no script names a program that would use one."""
    for name in ("postinst", "prerm", "postrm"):
        text = (ROOT / "deploy/debian" / name).read_text()
        assert text.startswith("#!/bin/sh\n")
        assert not set(text.split()) & {"pip", "curl", "wget", "apt", "apt-get", "git"}
        assert subprocess.run(["sh", "-n", ROOT / "deploy/debian" / name], check=False).returncode == 0


@pytest.mark.peers
def test_the_life_of_a_package(package: Path, tmp_path: Path) -> None:
    """Installed, set up by ``init``, run, upgraded with the admin's changes kept, removed, purged; the rest is mail."""
    need_root("dpkg")
    need("util-linux", "unshare")
    newer = tmp_path / "newer"
    subprocess.run(["dpkg-deb", "-R", package, newer], check=True)
    control = newer / "DEBIAN/control"
    version = control_of(package, "Version")
    control.write_text(control.read_text().replace(f"Version: {version}", f"Version: {version}+later"))
    policy = newer / "etc/pansentry/policies/default.yaml"
    policy.write_text(policy.read_text() + "# a change of ours\n")
    subprocess.run(["dpkg-deb", "-Znone", "-b", newer, tmp_path / "newer.deb"], check=True, capture_output=True)
    copy = tmp_path / "copy"
    copy.mkdir()
    done = subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", COPY, "sh",
         copy, package, tmp_path / "newer.deb", LIFE],
        capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    if "mount:" in done.stderr and os.environ.get("PANSENTRY_REQUIRE_PEERS") != "1":
        pytest.skip("no overlay can be mounted here")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.endswith("== done\n")
