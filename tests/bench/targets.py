"""What is measured: the sink, our gateway, and the peers that are installed. All on loopback, on free ports.

:class:`Bench` starts processes and ends those, by process id. Postfix (sink, generator, before-queue proxy) and
HAProxy are Debian packages.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import peers
from tests.bench.mails import AUTHSERVER

ROOT = Path(__file__).resolve().parents[2]
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
_CONFIGURATION = """\
hostname: gw.bench.example
domains: [example.net]
listen: [{{address: "127.0.0.1:{port}"}}]
next_hop: "smtp://127.0.0.1:{sink}?tls=none"
reply_via: "maildir:{folder}/letters"
state_dir: {folder}/state
trusted: {{authservers: [{authserver}], xforward: [127.0.0.0/8]}}
business: {{name: Meier Furniture, phone: "+49 30 123456", pay_page: https://shop.example/pay, website: https://shop.example}}
log: {{level: warning}}
limits: {{messages_per_minute_per_client: 10000000, connections_per_client: 1000}}
"""
_POSTFIX_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = pf.bench.example
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = 60000000
mailbox_size_limit = 0
alias_maps =
maillog_file = /dev/null
maillog_file_prefixes = /dev
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
"""
_POSTFIX_MASTER = """\
127.0.0.1:{port} inet n - n - 100 smtpd
  -o smtpd_proxy_filter=127.0.0.1:{sink} -o smtpd_proxy_options=speed_adjust
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""

_POSTFIX_QUEUE_MAIN = """\
relayhost = [127.0.0.1]:{sink}
relay_domains =
smtp_host_lookup = native
smtp_dns_support_level = disabled
local_recipient_maps =
smtp_connection_cache_destinations = 127.0.0.1
default_destination_concurrency_limit = 20
smtpd_milters = inet:127.0.0.1:{milter}
milter_default_action = accept
in_flow_delay = 0
"""
_POSTFIX_QUEUE_MASTER = """\
127.0.0.1:{port} inet n - n - 100 smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
"""rspamd is a milter, and Postfix asks no milters before a proxy filter: this one has a queue."""


def program(name: str) -> str | None:
    """Return the path of an installed program."""
    return shutil.which(name, path=_PATH)


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Target:
    """Something that takes mail; ``pid`` 0 is what has no process of interest."""

    name: str
    port: int
    pid: int = 0
    helpers: tuple[int, ...] = ()
    """Processes that do a part of its work and are not its children."""


@dataclass(slots=True)
class Bench:
    """The processes of one run; ends them on exit."""

    folder: Path
    sink_port: int = 0
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _postfix: list[Path] = field(default_factory=list)

    def __enter__(self) -> Bench:
        """Start the sink."""
        self.sink_port = self.sink_port or free_port()
        as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
        self._spawn([str(program("smtp-sink")), "-4", *as_nobody, "-m", "2000", f"127.0.0.1:{self.sink_port}", "1000"])
        wait_for(self.sink_port)
        return self

    def __exit__(self, *_: object) -> None:
        for conf in self._postfix:
            subprocess.run(["postfix", "-c", str(conf), "stop"], env=_environment(), capture_output=True, check=False)
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def direct(self) -> Target:
        """The sink itself."""
        return Target("direct", self.sink_port)

    def pansentry(
        self, name: str = "pansentry", *, workers: int = 1, uvloop: bool = True, ocr: bool = True
    ) -> tuple[Target, float]:
        """Start our gateway with the default policy, SQLite and letters; return it and the seconds to its first 250.

        Without ``uvloop`` or ``ocr`` it runs as where these extras are not installed.
        """
        folder, port = self.folder / name.replace(", ", "-").replace(" ", "-"), free_port()
        folder.mkdir()
        values = {"port": port, "sink": self.sink_port, "folder": folder, "authserver": AUTHSERVER}
        (folder / "pansentry.yaml").write_text(_CONFIGURATION.format(**values))
        environment = _environment()
        missing = [extra for extra, there in (("uvloop", uvloop), ("rapidocr", ocr)) if not there]
        if missing:
            (folder / "without").mkdir()
            nothing = "".join(f"sys.modules[{extra!r}] = None\n" for extra in missing)
            (folder / "without/sitecustomize.py").write_text(f"import sys\n{nothing}")
            environment["PYTHONPATH"] = str(folder / "without")
        begin = time.perf_counter()
        command = [sys.executable, "-m", "pansentry", "serve", "-c", str(folder / "pansentry.yaml")]
        process = self._spawn([*command, "--workers", str(workers)], environment)
        took = wait_for(port, process, begin=begin, greet=True)
        return Target(name, port, process.pid), took

    def naive(self) -> Target:
        """A stock aiosmtpd + aiosmtplib proxy."""
        port = free_port()
        process = self._spawn([sys.executable, "-m", "tests.bench.naive_proxy", str(port), str(self.sink_port)])
        wait_for(port, process)
        return Target("naive aiosmtpd", port, process.pid)

    def haproxy(self) -> Target | None:
        """A relay that copies bytes."""
        found = program("haproxy")
        if found is None:
            return None
        port, path = free_port(), self.folder / "haproxy.cfg"
        path.write_text(
            "global\n nbthread 1\ndefaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n"
            f"listen s\n bind 127.0.0.1:{port}\n server k 127.0.0.1:{self.sink_port}\n"
        )
        process = self._spawn([found, "-db", "-f", str(path)])
        wait_for(port, process)
        return Target("HAProxy", port, process.pid)

    def peer(self, name: str) -> Target | None:
        """Haraka or amavisd-new, where it is installed."""
        folder, port = self.folder / name, free_port()
        folder.mkdir()
        self.folder.chmod(0o755)
        command = peers.STARTS[name](folder, port, self.sink_port)
        if command is None:
            return None
        process = self._spawn(command)
        try:
            wait_for(port, process)
        except RuntimeError as late:  # a busy machine; the others have figures
            print(f"left out: {name}: {late}")
            return None
        return Target(name, port, process.pid)

    def rspamd(self) -> Target | None:
        """Postfix as a relay with a queue, and rspamd as its milter."""
        folder, port = self.folder / "rspamd", free_port()
        folder.mkdir()
        self.folder.chmod(0o755)
        command = peers.rspamd(folder, port, self.sink_port)
        if command is None:
            return None
        try:
            wait_for(port, process := self._spawn(command))
        except RuntimeError as late:
            print(f"left out: Postfix with rspamd: {late}")
            return None
        target = self.postfix("Postfix with rspamd", milter=port)
        return None if target is None else Target(target.name, target.port, target.pid, (process.pid,))

    def postfix(self, name: str = "Postfix proxy", milter: int = 0) -> Target | None:
        """Postfix's before-queue proxy without any filter between, or with a ``milter`` a relay with a queue."""
        if program("postfix") is None or os.geteuid() != 0:
            return None
        folder, port = self.folder / name.replace(" ", "-"), free_port()
        for sub in ("conf", "spool", "data"):
            (folder / sub).mkdir(parents=True)
        for parent in (folder, self.folder):
            parent.chmod(0o755)
        shutil.chown(folder / "data", "postfix")
        main, master = (_POSTFIX_QUEUE_MAIN, _POSTFIX_QUEUE_MASTER) if milter else ("", _POSTFIX_MASTER)
        values = {"port": port, "sink": self.sink_port, "milter": milter}
        (folder / "conf/main.cf").write_text(_POSTFIX_MAIN.format(folder=folder) + main.format(**values))
        (folder / "conf/master.cf").write_text(master.format(**values))
        start = ["postfix", "-c", str(folder / "conf"), "start"]
        done = subprocess.run(start, env=_environment(), capture_output=True, check=False)
        if done.returncode:
            return None
        self._postfix.append(folder / "conf")
        wait_for(port)
        return Target(name, port, int((folder / "spool/pid/master.pid").read_text()))

    def _spawn(self, command: list[str], environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, env=environment or _environment()
            )
        self._running.append(process)
        return process


def wait_for(
    port: int, process: subprocess.Popen[bytes] | None = None, *, begin: float = 0.0, greet: bool = False
) -> float:
    """Wait until something listens (``greet``: answers EHLO with 250); return the seconds since ``begin``."""
    begin = begin or time.perf_counter()
    while time.perf_counter() - begin < 60:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} while starting")
        try:
            with socket.create_connection(("127.0.0.1", port), 30) as connection:
                if greet:
                    answers = connection.makefile("rb")
                    answers.readline()
                    connection.sendall(b"EHLO bench.example\r\n")
                    assert answers.readline().startswith(b"250")
                return time.perf_counter() - begin
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(f"nothing listens on port {port}")


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": _PATH}
