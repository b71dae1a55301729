"""A gateway as its users run it: ``pansentry serve -c FILE`` in a process of its own, on a free port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.peers import free_port, maildir_messages, stop, wait_for_port
from tests.e2e.written import note

SAMPLES = Path(__file__).parents[2] / "examples/mails"
SHIPPED = Path(__file__).parents[2] / "policies"
OPEN = Path(__file__).parent / "policies"
"""Letters to anybody: the tests send their mails to themselves."""


@dataclass
class RunningGateway:
    """A started gateway. ``folder`` holds its configuration, state, logs, mailbox and letters."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str] = field(default_factory=dict)
    others: tuple[int, ...] = ()
    """Ports of further listeners."""

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        next_hop: str = "",
        extra: str = "",
        listener: str = "",
        port: int | None = None,
        policies: Path = OPEN,
    ) -> RunningGateway:
        """Write a configuration into ``folder`` and start; raises RuntimeError with the log if it does not listen."""
        port = port or free_port()
        if cls is RunningGateway:  # others leak on purpose
            note(folder)
        (folder / "state").mkdir(exist_ok=True)
        (folder / "tmp").mkdir(exist_ok=True)
        (folder / "pansentry.yaml").write_text(
            f"""hostname: gw.shop.example
domains: [shop.example]
listen:
  - address: "127.0.0.1:{port}"
{listener}
next_hop: "{next_hop or f"maildir:{folder}/mailbox"}"
reply_via: "maildir:{folder}/letters"
state_dir: {folder}/state
policies: {policies}
business:
  name: Meier Furniture
  phone: "+41 44 668 18 00"
  hours: Mon-Fri 9-17
  pay_page: https://shop.example/pay
  website: https://shop.example
  signature: {{person: Marta}}
log: {{level: debug, format: json}}
{extra}
"""
        )
        environment = os.environ | {"TMPDIR": str(folder / "tmp")}
        others = tuple(map(int, re.findall(r'://[^"]*:(\d+)"', listener)))
        self = cls(folder, port, cls._spawn(folder, environment), environment, others)
        self.wait()
        return self

    @staticmethod
    def _spawn(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        log = (folder / "gateway.log").open("ab")
        return subprocess.Popen(
            [sys.executable, "-m", "pansentry", "serve", "-c", str(folder / "pansentry.yaml")],
            stdout=log,
            stderr=log,
            env=environment,
        )

    def wait(self) -> None:
        try:
            for port in (self.port, *self.others):
                wait_for_port(port, "pansentry serve", self.process)
        except RuntimeError as failed:
            self.process.kill()
            self.process.wait(10)
            raise RuntimeError(f"{failed}\n{self.log}") from None

    @property
    def log(self) -> str:
        return (self.folder / "gateway.log").read_text(errors="replace")

    @property
    def delivered(self) -> list[bytes]:
        return maildir_messages(self.folder / "mailbox")

    @property
    def letters(self) -> list[bytes]:
        return maildir_messages(self.folder / "letters")

    def kill(self) -> None:
        """End the process as a power cut would."""
        process = self.process  # who waits for its end may start the next one at once
        process.send_signal(signal.SIGKILL)
        process.wait(60)

    def restart(self) -> None:
        """Start again on the same folder and port, once the old process (and so its listening socket) is gone."""
        self.process.wait(60)
        self.process = self._spawn(self.folder, self.environment)
        self.wait()

    def stop(self) -> None:
        stop(self.process, timeout_s=40)
