"""A gateway that runs → its console: what the pages may ask of it, wired once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry import shipped
from pansentry.console import server
from pansentry.console.office import Office
from pansentry.reply import load_letters
from pansentry.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.gateway import Gateway
    from pansentry.policy import PolicySet
    from pansentry.reply import Letters


async def open_console(gateway: Gateway) -> server.Running | None:
    """Serve the console of a gateway; None if another worker serves it. Raises UnavailableError.

    The first time, before there is an account, the log says where to make one and with which key.
    """
    settings = gateway.configuration.console
    first_run = await gateway.store.accounts.first_run()
    running = await server.start(_office(gateway), settings, may_be_taken=gateway.configuration.workers > 1)
    if running is not None:
        scheme, host = "https" if settings.tls is not None else "http", settings.address.rpartition(":")[0]
        url = f"{scheme}://{host}:{running.port}/"
        gateway.log("console", url=f"{url}welcome?key={first_run}" if first_run else url)
    return running


def _office(gateway: Gateway) -> Office:
    configuration = gateway.configuration

    def policies() -> PolicySet:
        return gateway.reception.counter.policies

    def letters() -> Letters:
        folder = configuration.replies or shipped.replies()
        return load_letters(folder, configuration.business, policies().letters())

    async def reload() -> bool:
        return await gateway.reload("console")

    async def health() -> Mapping[str, object]:
        return {
            "version": __version__,
            "hostname": configuration.hostname,
            "policies": policies().version,
            "store": await _store_is_well(gateway),
            "next_hop": await _hop_is_well(gateway),
        }

    def census() -> Mapping[str, int]:
        return {
            "connections": sum(listener.connections for listener in gateway.listeners),
            "running": sum(listener.running for listener in gateway.listeners),
            "bytes_in_flight": gateway.listeners[0].account.bytes_in_flight,
        }

    folder = configuration.policies or shipped.policies()
    clock = gateway.store.database.clock
    return Office(gateway.store, configuration, clock, policies, folder, letters, reload, health, census)


async def _store_is_well(gateway: Gateway) -> str:
    try:
        await gateway.store.history.page(limit=1)
    except Exception as error:  # whatever is wrong with a disk, the page says that it is wrong
        return type(error).__name__
    return "ok"


async def _hop_is_well(gateway: Gateway) -> str:
    probe = await gateway.hops["deferred"].probe()
    return "ok" if probe.reachable else probe.detail
