"""A gateway that runs → its console: what the pages may ask of it, wired once."""

from __future__ import annotations

import asyncio
import contextlib
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pansentry import shipped
from pansentry.channels.file import FILE as CHANNELS_FILE
from pansentry.channels.file import parse_channels
from pansentry.console import server
from pansentry.console.digest import keep_sending, send_summaries
from pansentry.console.letterbox import Letterbox
from pansentry.console.office import Office
from pansentry.doctor.checks import examine
from pansentry.errors import ConfigurationError, UnavailableError
from pansentry.reply import load_letters
from pansentry.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pansentry.configuration import Configuration
    from pansentry.doctor.answer import Answer
    from pansentry.gateway import Gateway
    from pansentry.policy import PolicySet
    from pansentry.reply import Letters


async def open_console(gateway: Gateway) -> server.Running | None:
    """Serve the console of a gateway; None if another worker serves it. Raises UnavailableError.

    The first time, before there is an account, the log says where to make one and with which key.
    """
    settings = gateway.configuration.console
    if settings.oidc is not None and find_spec("joserfc") is None:
        raise UnavailableError("`console.oidc` needs a library that is not installed: pip install 'pansentry[oidc]'")
    first_run = await gateway.store.accounts.first_run()
    office = _office(gateway)
    running = await server.start(office, settings, may_be_taken=gateway.configuration.workers > 1)
    if running is not None:
        loop = asyncio.get_running_loop()
        running.beside.append(loop.create_task(_warm_up(office)))
        if settings.summary.to:
            running.beside.append(loop.create_task(keep_sending(lambda: _send_summaries(gateway), gateway.log)))
        scheme, host = "https" if settings.tls is not None else "http", settings.address.rpartition(":")[0]
        url = f"{scheme}://{host}:{running.port}/"
        gateway.log("console", url=f"{url}welcome?key={first_run}" if first_run else url)
    return running


async def _send_summaries(gateway: Gateway) -> int:
    certificates = await asyncio.to_thread(certificate_days, gateway.configuration, gateway.store.database.clock())
    writer = gateway.reception.counter.notifier
    filed = await send_summaries(gateway.store, writer, gateway.configuration, certificates)
    if filed:
        gateway.reception.letter_filed()
    return filed


async def _warm_up(office: Office) -> None:
    """Read the letters once beside the mail: the first page that shows one would wait half a second for it."""
    with contextlib.suppress(ConfigurationError):  # the page of letters says what is wrong
        await asyncio.to_thread(office.letters)


def _office(gateway: Gateway) -> Office:
    configuration, clock = gateway.configuration, gateway.store.database.clock

    def policies() -> PolicySet:
        return gateway.reception.counter.policies

    replies = configuration.replies or shipped.replies()

    def read_letters() -> Letters:
        raw = gateway.policies.state.source.files.get(CHANNELS_FILE)
        channels = parse_channels(raw, CHANNELS_FILE) if raw is not None else None
        return load_letters(replies, configuration.business, policies().letters(), channels)

    letters = Letterbox(replies, read_letters, lambda: policies().version)

    async def reload() -> bool:
        return await gateway.reload("console")

    async def health() -> Mapping[str, object]:
        return {
            "version": __version__,
            "hostname": configuration.hostname,
            "policies": policies().version,
            "store": await _store_is_well(gateway),
            "next_hop": await _hop_is_well(gateway),
            "certificates": await asyncio.to_thread(certificate_days, configuration, clock()),
        }

    def census() -> Mapping[str, int]:
        return {
            "connections": sum(listener.connections for listener in gateway.listeners),
            "running": sum(listener.running for listener in gateway.listeners),
            "bytes_in_flight": gateway.listeners[0].account.bytes_in_flight,
        }

    folder = configuration.policies or shipped.policies()

    def checks() -> Sequence[Answer]:
        return examine(configuration)

    key = gateway.reception.counter.desk(policies().fallback).key
    return Office(gateway.store, configuration, clock, policies, folder, letters, reload, health, key, checks, census)


def certificate_days(configuration: Configuration, now: float) -> Mapping[str, float]:
    """Return for each certificate in use how many days are left; one that cannot be read has -1."""
    from cryptography import x509

    blocks = (configuration.tls, configuration.console.tls, *(listener.tls for listener in configuration.listen))
    found: dict[str, float] = {}
    for path in sorted({block.certificate for block in blocks if block is not None}):
        try:
            ends = x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc.timestamp()
            found[str(path)] = round((ends - now) / 86400, 1)
        except (OSError, ValueError, IndexError):
            found[str(path)] = -1.0
    return found


async def _store_is_well(gateway: Gateway) -> str:
    try:
        await gateway.store.history.page(limit=1)
    except Exception as error:  # whatever is wrong with a disk, the page says that it is wrong
        return type(error).__name__
    return "ok"


async def _hop_is_well(gateway: Gateway) -> str:
    probe = await gateway.hops["deferred"].probe()
    return "ok" if probe.reachable else probe.detail
