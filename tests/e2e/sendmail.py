"""A real Sendmail from Debian, unpacked beside Postfix by ``.ci/peers``, in a folder and on ports of its own."""

from __future__ import annotations

import ctypes
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.peers import free_port, need_root, stop, wait_for_port

ROOT = Path(__file__).parents[2] / "var/peers/sendmail"
_CF = ROOT / "usr/share/sendmail/cf"
_NEW_UTS = 0x04000000


@dataclass
class Sendmail:
    """A Sendmail that takes mail for ``shop.example`` and passes it on to an SMTP server on loopback."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def dialogue(self) -> str:
        """All that was said on its connections, for messages of failed tests."""
        return (self.folder / "dialogue").read_text(errors="replace")

    @classmethod
    def start(cls, folder: Path, hub: int, extra: str) -> Sendmail:
        """Start it; ``extra`` goes into ``sendmail.mc``, before the mailers."""
        need_root("Sendmail")
        if not (_CF / "m4/cf.m4").exists():
            message = "Sendmail is not there: run .ci/peers"
            if os.environ.get("PANSENTRY_REQUIRE_PEERS") == "1":
                pytest.fail(message)
            pytest.skip(message)
        port = free_port()
        (folder / "queue").mkdir(mode=0o700)
        (folder / "switch").write_text("hosts files\naliases files\n")
        (folder / "sendmail.mc").write_text(
            f"""OSTYPE(`linux')dnl
undefine(`ALIAS_FILE')dnl
define(`confDOMAIN_NAME', `first.shop.example')dnl
define(`confPID_FILE', `{folder}/sendmail.pid')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`HELP_FILE', `{folder}/help')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/switch')dnl
define(`confTO_IDENT', `0s')dnl
define(`confDELIVERY_MODE', `interactive')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`nocanonify')dnl
DAEMON_OPTIONS(`Name=MTA, Port={port}, Addr=127.0.0.1')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h {hub}')dnl
define(`SMART_HOST', `esmtp:[127.0.0.1]')dnl
{extra}
MAILER(`smtp')dnl
LOCAL_CONFIG
CRshop.example
"""
        )
        made = subprocess.run(
            [ROOT / "usr/bin/m4", f"-D_CF_DIR_={_CF}/", _CF / "m4/cf.m4", folder / "sendmail.mc"],
            env=os.environ | {"LD_LIBRARY_PATH": str(ROOT / "usr/lib/x86_64-linux-gnu")},
            capture_output=True,
            check=True,
        )
        (folder / "sendmail.cf").write_bytes(made.stdout)
        process = subprocess.Popen(
            [ROOT / "usr/libexec/sendmail/sendmail", f"-C{folder}/sendmail.cf", "-bD", "-X", folder / "dialogue"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_called_first,
        )
        wait_for_port(port, "Sendmail", process)
        return cls(folder, port, process)

    def stop(self) -> None:
        stop(self.process)


def _called_first() -> None:
    """Give the process a host name with a dot: without one Sendmail sleeps for a minute before it reads its file."""
    if ctypes.CDLL(None).unshare(_NEW_UTS) == 0:
        ctypes.CDLL(None).sethostname(b"first.shop.example", 18)
