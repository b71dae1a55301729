"""The checks of ``pansentry doctor``: one row each; those of this machine here, of servers and of DNS beside it.

In: a configuration that was read without a flaw. Out: answers. A check is a function of the configuration that returns
an :class:`~pansentry.doctor.answer.Answer`; what it raises becomes a failed one, with type and place only. Nothing is
changed anywhere, and no message is sent.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
import ssl
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry import logs, native, process
from pansentry.doctor import house, listeners, names, servers
from pansentry.doctor.answer import Answer, failed, passed, warned
from pansentry.sentence import sentence
from pansentry.store.schema import SCHEMA_VERSION
from pansentry.store.sqlite import sqlite_path
from pansentry.store.upgrade import version_of

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
    """One row: a name, and the function that answers. ``waits`` for others: it is asked side by side with its like."""

    name: str
    ask: Callable[[str, Configuration], Answer]
    waits: bool = False


def examine(configuration: Configuration) -> list[Answer]:
    """Ask every check; those that ask others at the same time, so that it takes as long as the slowest of them.

    First those of this machine, one by one: some of them fork, and no thread may run then.
    """
    answers = {check.name: _asked(check, configuration) for check in CHECKS if not check.waits}
    waiting = [check for check in CHECKS if check.waits]
    with ThreadPoolExecutor(max(len(waiting), 1), thread_name_prefix="doctor") as crowd:
        asked = crowd.map(lambda check: _asked(check, configuration), waiting)
        answers |= zip((check.name for check in waiting), asked, strict=True)
    return [answers[check.name] for check in CHECKS]


def _asked(check: Check, configuration: Configuration) -> Answer:
    try:
        return check.ask(check.name, configuration)
    except Exception as error:
        broken = sentence("The check itself broke: {error}.", error=logs.where(error))
        return failed(check.name, broken, "Report this.")


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
    return passed(
        name, sentence("{n} policies, version {version}.", n=len(policies.policies) + 1, version=policies.version)
    )


def policies_in_use(name: str, configuration: Configuration) -> Answer:
    """What lies in the folder of policies is what the gateway uses, and nothing in it lets card data through unread."""
    from pansentry import shipped
    from pansentry.policy.loading import load_policies, warnings
    from pansentry.store.versions import refused_now

    refused = refused_now(configuration.store)
    if refused is not None:
        fix = "Mend it (the gateway looks again by itself), or run `pansentry policy rollback`."
        return failed(
            name,
            sentence("The policies in the folder are NOT in use, those before are: {reason}", reason=refused.reason),
            fix,
        )
    said = warnings(load_policies(configuration.policies or shipped.policies()))
    if said:
        return warned(name, said[0], "Run `pansentry policy check` to see all of them.")
    return passed(name, "What is in the folder is in use.")


def who(name: str, configuration: Configuration) -> Answer:
    """The gateway does not run as root."""
    if os.geteuid() == 0 and configuration.user is None:
        fix = "Write `user: pansentry`, or start it as that user (systemd, container)."
        return warned(name, "Started like this the gateway stays root.", fix)
    return passed(name, sentence("It runs as {user}.", user=configuration.user or os.geteuid()))


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
        return passed(name, sentence("They are made in {folder}, in memory.", folder=folder))
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
            return failed(name, sentence("{network} may say that it is anybody.", network=network), fix)
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
            why = type(error).__name__ if isinstance(error, ssl.SSLError) else error.strerror
            return failed(
                name,
                sentence("{file} cannot be used ({error}).", file=one.certificate, error=why),
                "Check both PEM files.",
            )
        left.append((_expires_at(one.certificate) - time.time()) / 86400)
    if min(left) < SOON_DAYS:
        few = sentence("{days} days are left.", days=f"{max(0, min(left)):.0f}")
        return warned(name, few, "Renew it, and send SIGHUP.")
    return passed(name, sentence("{days} days are left.", days=f"{min(left):.0f}"))


def _expires_at(path: Path) -> float:
    from cryptography import x509

    return x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc.timestamp()


def store(name: str, configuration: Configuration) -> Answer:
    """The database is whole, ours alone, and can be written."""
    if not configuration.store.startswith("sqlite"):
        return _shared_store(name, configuration.store)
    path = sqlite_path(configuration.store)
    if path is None or not path.exists():
        return warned(name, "There is none yet.", "The first start makes it.")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return failed(
            name, sentence("{path} cannot be written.", path=path), "Give it to the user that runs the gateway."
        )
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
    return passed(name, sentence("It is whole, in {mode} mode, and ours alone.", mode=mode.upper()))


def _shared_store(name: str, url: str) -> Answer:
    """The database of a fleet answers and has the tables of this version."""
    try:
        found = version_of(url)
    except OSError:
        return failed(name, "PostgreSQL does not answer.", "Start it, or correct the address in `store`.")
    except ValueError as error:  # its sentences say what to do
        said, _, fix = str(error).partition(". ")
        return failed(name, f"{said.rstrip('.')}.", fix or "Correct the address in `store`.")
    if not found:
        return warned(name, "The database is empty.", "The first start makes the tables.")
    if found < SCHEMA_VERSION:
        return failed(
            name, sentence("The tables are those of schema {version}.", version=found), "Run `pansentry db upgrade`."
        )
    return passed(name, sentence("PostgreSQL answers and has schema {version}.", version=found))


def space(name: str, configuration: Configuration) -> Answer:
    """Disk and memory suffice for the limits."""
    state = configuration.state_dir if configuration.state_dir.exists() else Path("/")
    disk = os.statvfs(state)
    free = disk.f_bavail * disk.f_frsize
    if free < MIN_DISK_BYTES:
        return warned(
            name,
            sentence("{free} MiB are free in {folder}.", free=free >> 20, folder=state),
            "Make room: without it no letter is written.",
        )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    wanted = budget_bytes(configuration)
    if wanted > memory:
        fix = "Lower `limits.bytes_in_flight` or `documents`, or use fewer `workers`."
        said = sentence(
            "The limits allow {wanted} MiB of memory, and there are {memory}.", wanted=wanted >> 20, memory=memory >> 20
        )
        return warned(name, said, fix)
    return passed(
        name,
        sentence(
            "{free} MiB of disk are free; {wanted} of {memory} MiB of memory suffice.",
            free=free >> 20,
            wanted=wanted >> 20,
            memory=memory >> 20,
        ),
    )


def budget_bytes(configuration: Configuration) -> int:
    """Return the most memory that the limits allow, in bytes, of the gateway's own processes."""
    return configuration.workers * (BASE_BYTES + COPIES * configuration.limits.bytes_in_flight)


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
    if configuration.console.oidc is not None:
        wanted["joserfc"] = "oidc"
    if configuration.store.startswith("postgresql"):
        wanted["asyncpg"] = "postgres"
    lacking = sorted({extra for module, extra in wanted.items() if find_spec(module) is None})
    if lacking:
        fix = f"pip install 'pansentry[{','.join(lacking)}]'"
        return warned(name, sentence("Not installed: {what}.", what=", ".join(lacking)), fix)
    if native.is_of_another_version():
        fix = "Install both from the same sources: pip install ./native"
        return warned(name, "The compiled searches are of another version of PanSentry, so they are not used.", fix)
    return passed(name, "Everything that is of use here is installed.")


CHECKS: tuple[Check, ...] = (
    Check("policies and letters", texts),
    Check("policies in use", policies_in_use),
    Check("sample card", house.round_trip),
    Check("pictures", house.pictures),
    Check("sealed originals", house.sealing),
    Check("Python", house.interpreter),
    Check("extras", extras),
    Check("user", who),
    Check("swap", swap),
    Check("temporary files", temporary),
    Check("log scrubber", scrubber),
    Check("trusted networks", trusted),
    Check("store", store),
    Check("space", space),
    Check("clock", clock),
    Check("ports", listeners.ports),
    Check("certificate", certificate),
    Check("certificate in use", listeners.shown_certificate, waits=True),
    Check("open relay", servers.relay, waits=True),
    Check("end of data", listeners.ends_of_data, waits=True),
    Check("delivery options", listeners.options_of_delivery, waits=True),
    Check("half-closed connections", listeners.half_closed, waits=True),
    Check("next hop", servers.next_hop, waits=True),
    Check("welcome", servers.welcome, waits=True),
    Check("unknown recipients", servers.recipients, waits=True),
    Check("way around", servers.bypass, waits=True),
    Check("way back", servers.way_back, waits=True),
    Check("port 25 outwards", servers.outward, waits=True),
    Check("letters' way out", servers.letters_hop, waits=True),
    Check("host name", names.asked(names.host_name), waits=True),
    Check("reverse name", names.asked(names.reverse_name), waits=True),
    Check("MX", names.asked(names.mail_exchangers), waits=True),
    Check("MTA-STS", names.asked(names.strict_transport), waits=True),
    Check("TLSA", names.asked(names.certificate_record), waits=True),
    Check("SPF", names.asked(names.sender_policy), waits=True),
    Check("DKIM", names.asked(names.signing_key), waits=True),
    Check("DMARC", names.asked(names.author_policy), waits=True),
)
