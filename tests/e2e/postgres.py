"""A real PostgreSQL from Debian for the tests: in a folder and on a port of its own, as a user without rights.

``initdb`` refuses to run as root; so the server runs as ``postgres`` (Debian's package makes that user) or, where the
tests do not run as root, as whoever runs them. It is stopped by its process id.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.e2e.peers import START_DEADLINE_S, free_port, need, open_to_daemons, wait_for_port

USER, PASSWORD = "pansentry", "geheim-17"


def _programs() -> Path:
    """Return the folder of Debian's newest server programs; skip (or fail) without one."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if folders and shutil.which("postgres", path=folders[-1]):
        return folders[-1]
    return Path(need("postgresql", "postgres")).resolve().parent


@dataclass
class Postgres:
    """A running server. ``durable`` is a server as one runs it; otherwise it does not sync, which is faster."""

    folder: Path
    port: int
    programs: Path
    durable: bool
    process: subprocess.Popen[bytes] | None = None
    _numbers: Any = field(default_factory=lambda: count(1))

    @classmethod
    def start(cls, folder: Path, *, durable: bool = False) -> Postgres:
        """Make a cluster in ``folder`` and start it."""
        self = cls(folder, free_port(), _programs(), durable)
        folder.mkdir(exist_ok=True)
        open_to_daemons(folder)
        as_user = _as_user()
        if "user" in as_user:
            os.chown(folder, as_user["user"], as_user["group"])
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        subprocess.run(
            [
                self.programs / "initdb", "-D", folder / "data", "-U", USER, "-A", "scram-sha-256", "-E", "UTF8",
                "--locale=C.UTF-8", f"--pwfile={secret}", *(() if durable else ("-N",)),
            ],
            check=True, capture_output=True, cwd=folder, **as_user,
        )  # fmt: skip
        self.run()
        return self

    def run(self) -> None:
        """Start the server on its folder and port."""
        open_to_daemons(self.folder)  # again: every pytest that starts closes the folder above
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "max_connections": "100",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self.programs / "postgres", "-D", self.folder / "data",
                    *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
                ],
                stdout=log, stderr=log, cwd=self.folder, **_as_user(),
            )  # fmt: skip
        wait_for_port(self.port, "PostgreSQL", self.process)
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + START_DEADLINE_S
        while subprocess.run(ready, check=False).returncode:  # it listens before it is done recovering
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL is not ready")
            time.sleep(0.05)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server: sessions are ended and all is written, or, ``at_once``, as in a power cut."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)

    def url(self, database: str) -> str:
        """Return the URL of a database as it stands in a configuration."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def make_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{next(self._numbers)}"
        self.psql(f'CREATE DATABASE "{name}"', "template1")
        return self.url(name)

    def dump(self) -> str:
        """Return everything that is in all databases as text, "" if the server is down."""
        command = [self.programs / "pg_dumpall", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "--inserts"]
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        return subprocess.run(command, check=False, capture_output=True, text=True, env=environment).stdout

    def psql(self, statement: str, database: str) -> str:
        """Run one statement and return what it prints, without decoration."""
        done = subprocess.run(
            [
                self.programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
                "-p", str(self.port), "-U", USER, "-d", database, "-c", statement,
            ],
            check=True, capture_output=True, text=True, env={**os.environ, "PGPASSWORD": PASSWORD},
        )  # fmt: skip
        return done.stdout.strip()


def _as_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError:
        owner = pwd.getpwnam("nobody")
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
