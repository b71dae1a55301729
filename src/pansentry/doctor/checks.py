"""The checks of ``pansentry doctor``: one row each, answered on this machine and by the next hop.

In: a configuration that was read without a flaw. Out: answers. A check is a function of the configuration that returns
an :class:`~pansentry.doctor.answer.Answer`; what it raises becomes a failed one, with type and place only. Nothing is
changed anywhere, and no message is sent: the next hop is asked for recipients and then let go.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import secrets
import smtplib
import socket
import sqlite3
import ssl
import stat
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry import logs, process
from pansentry.configuration.model import HopSettings
from pansentry.delivery.hop import Hop, Probe, Sender, open_hop
from pansentry.delivery.next_hop import Scheme, Tls, parse_next_hop
from pansentry.delivery.presenting import hop_options
from pansentry.doctor import names
from pansentry.doctor.answer import Answer, failed, passed, skipped, warned
from pansentry.doctor.self_audit import reach
from pansentry.store.sqlite import sqlite_path

if TYPE_CHECKING:
    from pansentry.configuration import Configuration

BASE_BYTES = 256 * 1024 * 1024
"""What a process needs before the first message, with room."""
COPIES = 3
"""How often a message is in memory while it is judged (``tests/unit/test_work_counters.py``)."""
MIN_DISK_BYTES = 512 * 1024 * 1024
SOON_DAYS = 14
_MAX_PUBLIC = 256
_PRIVATE = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "fc00::/7", "::1/128")
)
_NUMBER = "4111 1111 1111 1111"
_TIME_ERROR = 5
"""adjtimex(2): the clock is not synchronised."""


@dataclass(frozen=True, slots=True)
class Check:
    """One row: a name, and the function that answers."""

    name: str
    ask: Callable[[str, Configuration], Answer]


def examine(configuration: Configuration) -> list[Answer]:
    """Ask every check."""
    answers = []
    for check in CHECKS:
        try:
            answers.append(check.ask(check.name, configuration))
        except Exception as error:
            answers.append(failed(check.name, f"The check itself broke: {logs.where(error)}.", "Report this."))
    return answers


def texts(name: str, configuration: Configuration) -> Answer:
    """Policies and letters can be read."""
    from pansentry import shipped
    from pansentry.errors import ConfigurationError
    from pansentry.policy.loading import load_policies
    from pansentry.reply import load_letters

    try:
        policies = load_policies(configuration.policies or shipped.policies())
        if policies.letters():
            load_letters(configuration.replies or shipped.replies(), configuration.business, policies.letters())
    except ConfigurationError as error:
        return failed(name, str(error.flaws[0]), "Run `pansentry policy check` and `pansentry reply check`.")
    return passed(name, f"{len(policies.policies) + 1} policies, version {policies.version}.")


def policies_in_use(name: str, configuration: Configuration) -> Answer:
    """What lies in the folder of policies is what the gateway uses, and nothing in it lets card data through unread."""
    from pansentry import shipped
    from pansentry.policy.loading import load_policies, warnings
    from pansentry.store.versions import refused_now

    refused = refused_now(configuration.store)
    if refused is not None:
        fix = "Mend it (the gateway looks again by itself), or run `pansentry policy rollback`."
        return failed(name, f"The policies in the folder are NOT in use, those before are: {refused.reason}", fix)
    said = warnings(load_policies(configuration.policies or shipped.policies()))
    if said:
        return warned(name, said[0], "Run `pansentry policy check` to see all of them.")
    return passed(name, "What is in the folder is in use.")


def who(name: str, configuration: Configuration) -> Answer:
    """The gateway does not run as root."""
    if os.geteuid() == 0 and configuration.user is None:
        fix = "Write `user: pansentry`, or start it as that user (systemd, container)."
        return warned(name, "Started like this the gateway stays root.", fix)
    return passed(name, f"It runs as {configuration.user or os.geteuid()}.")


def swap(name: str, configuration: Configuration) -> Answer:
    """Card data in memory does not get to a disk."""
    swaps = Path("/proc/swaps").read_text("ascii", "replace").splitlines()[1:]
    if swaps and not configuration.lock_memory:
        fix = "Write `lock_memory: true`, or set `MemorySwapMax=0` for the service."
        return warned(name, "This machine swaps, and memory is not locked.", fix)
    return passed(name, "Memory is locked." if configuration.lock_memory else "This machine has no swap.")


def temporary(name: str, _configuration: Configuration) -> Answer:
    """There is a folder in memory for temporary files."""
    folder = process.temporary_folder()
    if folder:
        return passed(name, f"They are made in {folder}, in memory.")
    return warned(name, "No folder in memory, so none can be made.", "Mount a tmpfs and name it in TMPDIR.")


def scrubber(name: str, _configuration: Configuration) -> Answer:
    """Digits are struck out of log lines."""
    works = "1111" not in logs.scrub(f"a {_NUMBER} b") and "1111" not in logs.scrub(_NUMBER.replace(" ", ""))
    return passed(name, "Digits are struck out.") if works else failed(name, "Digits are logged.", "Report this.")


def trusted(name: str, configuration: Configuration) -> Answer:
    """Nobody who should not may say who the client is."""
    for network in configuration.trusted.proxies + configuration.trusted.xforward:
        if not _is_narrow(ip_network(network)):
            fix = "Name the addresses of your own servers."
            return failed(name, f"{network} may say that it is anybody.", fix)
    return passed(name, "Only networks of yours may speak for clients.")


def _is_narrow(network: IPv4Network | IPv6Network) -> bool:
    """True for networks that one firm has: private ones, and small public ones."""
    private = (one for one in _PRIVATE if one.version == network.version)
    return network.num_addresses <= _MAX_PUBLIC or any(network.subnet_of(one) for one in private)  # type: ignore[arg-type]


def certificate(name: str, configuration: Configuration) -> Answer:
    """Certificates can be used, and for some time yet."""
    import time

    found = [one for one in (configuration.tls, *(listener.tls for listener in configuration.listen)) if one]
    if not found:
        return warned(name, "There is none, so mail comes in unencrypted.", "Add a `tls:` block.")
    left = []
    for one in found:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(one.certificate, one.key)
        except OSError as error:
            return failed(name, f"{one.certificate} cannot be used ({type(error).__name__}).", "Check both PEM files.")
        left.append((_expires_at(one.certificate) - time.time()) / 86400)
    if min(left) < SOON_DAYS:
        return warned(name, f"{max(0, min(left)):.0f} days are left.", "Renew it, and send SIGHUP.")
    return passed(name, f"{min(left):.0f} days are left.")


def _expires_at(path: Path) -> float:
    from cryptography import x509

    return x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc.timestamp()


def store(name: str, configuration: Configuration) -> Answer:
    """The database is whole, ours alone, and can be written."""
    if not configuration.store.startswith("sqlite"):
        return skipped(name, "Only SQLite is looked at.")
    path = sqlite_path(configuration.store)
    if path is None or not path.exists():
        return warned(name, "There is none yet.", "The first start makes it.")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return failed(name, f"{path} cannot be written.", "Give it to the user that runs the gateway.")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warned(name, "Others may read it.", f"chmod 600 {path}")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    finally:
        connection.close()
    if whole != "ok":
        return failed(name, "The database is damaged.", "Stop the gateway and restore a backup.")
    return passed(name, f"It is whole, in {mode.upper()} mode, and ours alone.")


def space(name: str, configuration: Configuration) -> Answer:
    """Disk and memory suffice for the limits."""
    state = configuration.state_dir if configuration.state_dir.exists() else Path("/")
    disk = os.statvfs(state)
    free = disk.f_bavail * disk.f_frsize
    if free < MIN_DISK_BYTES:
        return warned(name, f"{free >> 20} MiB are free in {state}.", "Make room: without it no letter is written.")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    wanted = budget_bytes(configuration)
    if wanted > memory:
        fix = "Lower `limits.bytes_in_flight` or `documents`, or use fewer `workers`."
        said = f"The limits allow {wanted >> 20} MiB of memory, and there are {memory >> 20}."
        return warned(name, said, fix)
    return passed(name, f"{free >> 20} MiB of disk are free; {wanted >> 20} of {memory >> 20} MiB of memory suffice.")


def budget_bytes(configuration: Configuration) -> int:
    """Return the most memory that the limits allow, in bytes, of the gateway's own processes."""
    return configuration.workers * (BASE_BYTES + COPIES * configuration.limits.bytes_in_flight)


def next_hop(name: str, configuration: Configuration) -> Answer:
    """The next hop answers, and takes what we take."""
    hop = _hop(configuration)
    probe = asyncio.run(_probe(hop))
    if not probe.reachable:
        return failed(name, probe.detail, "Start it, or correct `next_hop`.")
    lacking = [word for word in ("8BITMIME", "SMTPUTF8", "SIZE") if word not in probe.keywords]
    if 0 < probe.max_message_bytes < configuration.limits.message_size:
        fix = f"Write `message_size: {probe.max_message_bytes >> 20} MiB`."
        return warned(name, f"It takes {probe.max_message_bytes >> 20} MiB and we announce more.", fix)
    where = parse_next_hop(configuration.next_hop)
    if where.scheme is Scheme.SMTP and where.tls is Tls.OPPORTUNISTIC and not probe.tls and _is_far(where.host):
        return warned(name, "Mail goes to it unencrypted.", "Add `?tls=required`, or keep it on this machine.")
    if lacking:
        return warned(name, f"It has no {', '.join(lacking)}.", "Mail that needs it will be refused; that is right.")
    return passed(name, f"{probe.detail[:-1]}, {'with' if probe.tls else 'without'} TLS.")


def _is_far(host: str) -> bool:
    return host not in ("localhost", "127.0.0.1", "::1")


def recipients(name: str, configuration: Configuration) -> Answer:
    """The next hop refuses who does not exist, so that we need not bounce."""
    if configuration.next_hop.startswith("maildir:"):
        return skipped(name, "The embedded mailbox takes everybody.")
    domain = next((one for one in configuration.domains if "@" not in one), "")
    if not domain:
        return skipped(name, "Only single addresses are taken.")
    path = f"nobody-{''.join(secrets.choice('bcdfghjk') for _ in range(16))}@{domain}"
    code = asyncio.run(_ask(_hop(configuration), path))
    if code in range(200, 300):
        fix = "Let it check recipients at RCPT (Exchange: Directory Based Edge Blocking)."
        return warned(name, "It takes a recipient who does not exist, so senders of typos hear nothing.", fix)
    if code in range(500, 600):
        return passed(name, "It refuses who does not exist.")
    return warned(name, f"It answered {code}.", "Look into its log.")


def _hop(configuration: Configuration) -> Hop:
    options = hop_options(configuration.hostname, configuration.next_hop_options)
    return open_hop(parse_next_hop(configuration.next_hop), options)


async def _probe(hop: Hop) -> Probe:
    try:
        return await hop.probe()
    finally:
        await hop.close()


async def _ask(hop: Hop, forward_path: str) -> int:
    delivery = hop.begin(Sender())
    try:
        return (await delivery.rcpt(forward_path)).code
    finally:
        await delivery.abort()
        await hop.close()


def relay(name: str, configuration: Configuration) -> Answer:
    """Our own port relays nothing, and takes bounces."""
    try:
        client = reach(configuration)
    except (OSError, smtplib.SMTPException):
        return skipped(name, "The gateway does not run here.", "Start it, and ask again.")
    with client:
        null = client.mail("")[0]
        taken = [path for path in _foreign(configuration) if client.rcpt(path)[0] // 100 == 2]
    if null != 250:
        return failed(name, f"The null reverse-path is answered {null}.", "Report this: bounces would be lost.")
    if taken:
        return failed(name, f"It relays to {taken[0]}.", "Stop it, and report this.")
    return passed(name, "Nothing is relayed, and bounces are taken.")


def _foreign(configuration: Configuration) -> tuple[str, ...]:
    """Return recipients that are not ours, in the spellings of relay hacks."""
    ours = configuration.domains[0].rpartition("@")[2]
    return (
        "a@elsewhere.example",
        f"a%elsewhere.example@{ours}",
        f"elsewhere.example!a@{ours}",
        f'"a@elsewhere.example"@{ours}',
        f"@{ours}:a@elsewhere.example",
    )


def letters_hop(name: str, configuration: Configuration) -> Answer:
    """The server that letters leave by answers, and is one that sends."""
    if configuration.reply_via is None:
        if configuration.next_hop.startswith("maildir:"):
            fix = "Write `reply_via: smtp://…`: a Maildir sends nothing."
            return warned(name, "Letters would lie in the Maildir.", fix)
        return skipped(name, "Letters leave by the next hop.")
    options = hop_options(configuration.hostname, configuration.reply_via_options or HopSettings())
    probe = asyncio.run(_probe(open_hop(parse_next_hop(configuration.reply_via), options)))
    if not probe.reachable:
        return failed(name, probe.detail, "Start it, or correct `reply_via`.")
    return passed(name, f"{probe.detail[:-1]}, {'with' if probe.tls else 'without'} TLS.")


def way_back(name: str, configuration: Configuration) -> Answer:
    """A port that mail comes back to a server of this machine by is shut to others."""
    where = parse_next_hop(configuration.next_hop)
    if where.scheme is Scheme.MAILDIR or not where.host or where.port == 25 or _is_far(where.host):
        return skipped(name, "Mail does not go back into a server of this machine.")
    outside = [address for address in _own_addresses() if _is_open(address, where.port)]
    if outside:
        fix = f"Let the server listen on 127.0.0.1:{where.port} only, or shut the port in the firewall."
        return failed(name, f"{outside[0]}:{where.port} is open: cards could be mailed around us.", fix)
    return passed(name, f"Port {where.port} is open to this machine only.")


def _own_addresses() -> list[str]:
    """Return the addresses that this machine sends from to the world; nothing is sent to find out."""
    found = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):  # RFC 5737, RFC 3849
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            found.append(str(probe.getsockname()[0]))
    return [address for address in found if not ip_address(address).is_loopback]


def _is_open(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def clock(name: str, _configuration: Configuration) -> Answer:
    """The clock is kept right by somebody: expiring codes, retries and signatures depend on it."""
    if ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) == _TIME_ERROR:
        fix = "Run a time service, such as systemd-timesyncd or chrony."
        return warned(name, "The system says that nobody keeps its clock right.", fix)
    return passed(name, "The system says that its clock is kept right.")


def extras(name: str, configuration: Configuration) -> Answer:
    """What was installed suffices for what is configured, and for speed."""
    wanted = {"hyperscan": "fast", "rapidocr": "ocr", "py3langid": "lang"}
    if configuration.console.enabled:
        wanted["starlette"] = "console"
    if configuration.store.startswith("postgresql"):
        wanted["asyncpg"] = "postgres"
    lacking = sorted({extra for module, extra in wanted.items() if find_spec(module) is None})
    if lacking:
        fix = f"pip install 'pansentry[{','.join(lacking)}]'"
        return warned(name, f"Not installed: {', '.join(lacking)}.", fix)
    return passed(name, "Everything that is of use here is installed.")


CHECKS: tuple[Check, ...] = (
    Check("policies and letters", texts),
    Check("policies in use", policies_in_use),
    Check("user", who),
    Check("swap", swap),
    Check("temporary files", temporary),
    Check("log scrubber", scrubber),
    Check("trusted networks", trusted),
    Check("certificate", certificate),
    Check("store", store),
    Check("space", space),
    Check("next hop", next_hop),
    Check("unknown recipients", recipients),
    Check("open relay", relay),
    Check("letters' way out", letters_hop),
    Check("way back", way_back),
    Check("clock", clock),
    Check("extras", extras),
    Check("host name", names.asked(names.host_name)),
    Check("reverse name", names.asked(names.reverse_name)),
    Check("MX", names.asked(names.mail_exchangers)),
    Check("MTA-STS", names.asked(names.strict_transport)),
    Check("TLSA", names.asked(names.certificate_record)),
    Check("SPF", names.asked(names.sender_policy)),
    Check("DKIM", names.asked(names.signing_key)),
    Check("DMARC", names.asked(names.author_policy)),
)
