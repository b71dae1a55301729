"""Real mail servers for the tests: Postfix, Exim and Dovecot from Debian, each in a folder and on ports of its own.

Every server is started in the foreground of its own configuration, listens on loopback only and is stopped by process
id. A missing one skips the test and says what to install; with ``PANSENTRY_REQUIRE_PEERS=1`` it fails it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

START_DEADLINE_S = 60


def _turns() -> Iterator[int]:
    """Yield ports in turn, below those that the system gives to connections; each lane of scripts/test has its own."""
    lane = int(os.environ.get("TEST_LANE", "0"))
    first = 10_240 + lane % _LANES * _SLICE
    begin = random.Random().randrange(_SLICE)
    return (first + (begin + turn) % _SLICE for turn in itertools.count())


_LANES, _SLICE = 3, 7_300
"""Tests without gateways, tests with them, and ``scripts/torture`` beside both (``.ci/run``)."""
_PORTS = _turns()


def free_port() -> int:
    """Return a loopback port that nobody listens on, and that no other test of this run will be given."""
    while True:
        port = next(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def need(package: str, *programs: str) -> str:
    """Return the path of the first of ``programs`` that is installed, else skip (or fail, where peers are required)."""
    folders = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/dovecot:{Path('var/peers/exim/usr/sbin').absolute()}"
    for program in programs:
        if found := shutil.which(program, path=folders):
            return found
    message = f"{programs[0]} is not installed: apt-get install {package} (or run .ci/peers)"
    if os.environ.get("PANSENTRY_REQUIRE_PEERS") == "1":
        pytest.fail(message)
    pytest.skip(message)


def need_root(server: str) -> None:
    """Mail servers change to their own users: skip (or fail) without root."""
    if os.geteuid() != 0:
        message = f"{server} must be started as root"
        if os.environ.get("PANSENTRY_REQUIRE_PEERS") == "1":
            pytest.fail(message)
        pytest.skip(message)


def wait_for_port(port: int, what: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until something answers on ``port``; fail with the name of the server if nothing does."""
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{what} ended with code {process.returncode} while starting")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{what} did not listen on port {port} within {START_DEADLINE_S} s")


def stop(process: subprocess.Popen[bytes], timeout_s: float = 15) -> None:
    """End a process politely, then by force."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout_s)


def maildir_messages(folder: Path) -> list[bytes]:
    """Return the messages of a Maildir (or of a tree of them), oldest first.

    Several may come in one tick of the file system's clock: then the time and the number in their names say which was
    first.
    """
    files = [file for sub in ("new", "cur") for file in folder.rglob(f"{sub}/*") if file.is_file()]
    files.sort(key=lambda file: (file.stat().st_mtime_ns, _numbers(file.name)))
    return [file.read_bytes() for file in files]


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


def open_to_daemons(folder: Path) -> None:
    """Let daemons that changed to their own user pass through pytest's private folders."""
    for parent in (folder, *folder.parents):
        if parent == Path("/tmp") or parent == Path("/"):
            break
        mode = parent.stat().st_mode
        if mode & 0o055 != 0o055:  # what is open already may be somebody else's
            parent.chmod(mode | 0o055)


@dataclass
class Postfix:
    """A Postfix with a public port (optionally filtered before the queue) and a port for reinjection."""

    folder: Path
    port: int
    reinjection_port: int

    @property
    def mailbox(self) -> Path:
        return self.folder / "mailbox"

    @property
    def log(self) -> str:
        return (self.folder / "postfix.log").read_text(errors="replace")

    @classmethod
    def start(
        cls, folder: Path, *, filter_port: int | None = None, extra: str = "", public: str = "", services: str = ""
    ) -> Postfix:
        """Start Postfix in ``folder``; mail for ``shop.example`` lands in a Maildir of the folder.

        ``extra`` goes into ``main.cf``, ``public`` behind the public ``smtpd``, ``services`` into ``master.cf``.
        """
        need_root("Postfix")
        program = need("postfix", "postfix")
        self = cls(folder, free_port(), free_port())
        open_to_daemons(folder)
        for name in ("conf", "queue", "data", "mailbox"):
            (folder / name).mkdir()
        owner = pwd.getpwnam("postfix")
        os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
        os.chown(folder / "mailbox", owner.pw_uid, owner.pw_gid)
        proxy = (
            f"\n  -o smtpd_proxy_filter=127.0.0.1:{filter_port} -o smtpd_proxy_options=speed_adjust"
            if filter_port
            else ""
        )
        (folder / "conf/main.cf").write_text(
            f"""compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = /
myhostname = mx.shop.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
virtual_mailbox_domains = shop.example
virtual_mailbox_base = {folder}/mailbox
virtual_mailbox_maps = inline:{{ orders@shop.example=orders/, second@shop.example=second/ }}
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
virtual_minimum_uid = 1
smtpd_recipient_restrictions = reject_unauth_destination, permit
smtputf8_enable = yes
{extra}
"""
        )
        (folder / "conf/master.cf").write_text(
            f"""127.0.0.1:{self.port} inet n - n - 20 smtpd{proxy}{public}
127.0.0.1:{self.reinjection_port} inet n - n - - smtpd
  -o smtpd_authorized_xforward_hosts=127.0.0.0/8
  -o smtpd_client_restrictions=
  -o receive_override_options=no_milters
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
{services}
"""
        )
        subprocess.run([program, "-c", folder / "conf", "start"], check=True, capture_output=True)
        wait_for_port(self.port, "Postfix")
        return self

    def stop(self) -> None:
        """Stop the master process of this instance, and wait until it and all that it started are gone."""
        pid_file = self.folder / "queue/pid/master.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text())
        subprocess.run(
            [shutil.which("postfix") or "postfix", "-c", self.folder / "conf", "stop"], capture_output=True, check=False
        )
        deadline = time.monotonic() + 15
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(pid, 0)  # the master leads a group of its own
                time.sleep(0.05)


@dataclass
class Dovecot:
    """A Dovecot that takes mail by LMTP on a port and stores it in Maildirs, one per address."""

    folder: Path
    lmtp_port: int
    process: subprocess.Popen[bytes]
    imap_port: int = 0

    @classmethod
    def start(cls, folder: Path, *, quota_full: tuple[str, ...] = (), imap: bool = False, extra: str = "") -> Dovecot:
        """Start Dovecot in ``folder`` for the users ``orders`` and ``second``; ``quota_full`` ones answer 4xx.

        With ``imap`` they can log in, with the password ``x`` and without TLS. ``extra`` goes behind the settings.
        """
        need_root("Dovecot")
        program = need("dovecot-lmtpd", "dovecot")
        need("dovecot-lmtpd", "lmtp", "/usr/lib/dovecot/lmtp")
        port, imap_port = free_port(), free_port() if imap else 0
        if imap:
            need("dovecot-imapd", "imap", "/usr/lib/dovecot/imap")
        open_to_daemons(folder)
        (folder / "mail").mkdir()
        owner = pwd.getpwnam("mail")
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        users = "".join(
            f"{name}@shop.example:{{plain}}x:{owner.pw_uid}:{owner.pw_gid}::{folder}/mail/{name}::"
            f"{'userdb_quota_rule=*:bytes=1' if name in quota_full else ''}\n"
            for name in ("orders", "second", "full")
        )
        (folder / "users").write_text(users)
        (folder / "dovecot.conf").write_text(
            f"""base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = no
protocols = {"lmtp imap" if imap else "lmtp"}
disable_plaintext_auth = no
listen = 127.0.0.1
default_login_user = nobody
default_internal_user = dovecot
default_internal_group = dovecot
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:%h/Maildir
auth_username_format = %Lu
quota_full_tempfail = yes
mail_plugins = quota
plugin {{
  quota = maildir:User quota
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
protocol lmtp {{
  postmaster_address = postmaster@shop.example
}}
{extra}
"""
        )
        process = subprocess.Popen([program, "-F", "-c", str(folder / "dovecot.conf")], stderr=subprocess.DEVNULL)
        for opened in (port, imap_port) if imap else (port,):
            wait_for_port(opened, "Dovecot", process)
        return cls(folder, port, process, imap_port)

    def messages(self, name: str) -> list[bytes]:
        return maildir_messages(self.folder / "mail" / name)

    def stop(self) -> None:
        stop(self.process)


def exim_send(
    folder: Path, port: int, message: bytes, recipient: str, *, tls: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """Send ``message`` with a real Exim, which pipelines QUIT behind the final dot and then half-closes.

    With ``tls`` it does so in TLS, and does not check the certificate.
    """
    need_root("Exim")
    program = need("exim4-daemon-light", "exim4", "exim")
    open_to_daemons(folder)
    (folder / "spool").mkdir(exist_ok=True)
    owner = pwd.getpwnam("mail")
    os.chown(folder / "spool", owner.pw_uid, owner.pw_gid)
    configuration = folder / "exim.conf"
    verification = "tls_verify_certificates =\n  tls_try_verify_hosts ="
    configuration.write_text(
        f"""primary_hostname = client.customer.example
spool_directory = {folder}/spool
log_file_path = {folder}/spool/exim-%slog
exim_user = mail
exim_group = mail
never_users =
exim_path = {program}
keep_environment =
daemon_smtp_ports = {free_port()}
tls_advertise_hosts =
begin routers
out:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = gateway
begin transports
gateway:
  driver = smtp
  port = {port}
  allow_localhost
  hosts_try_chunking =
  {verification if tls else "hosts_avoid_tls = *"}
begin retry
* * F,1h,1m
"""
    )
    configuration.chmod(0o644)
    return subprocess.run(
        [program, "-C", str(configuration), "-odf", "-oi", "-f", "anna@customer.example", recipient],
        input=message,
        capture_output=True,
        timeout=60,
        check=False,
    )
