"""The composition root: reads files, wires the rooms, starts, reloads, drains.

In: a validated configuration. Out: a running gateway. Clock, random ids, keys and files enter the core from here.

Start order: everything that can be wrong is tried first (policies, letters, certificates, store, next hop), ports are
opened last; nothing is left half-started. Stop order: no new connections, running mail gets its answer, the outbox
finishes what it holds, the store is closed.

SIGHUP reads policies, letters and certificates again; what is wrong is logged and the old ones stay.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.authentication import Authenticator, DnsResolver
from pansentry.configuration import without_secret
from pansentry.delivery.hop import Probe
from pansentry.delivery.outbox import OutboxWorker
from pansentry.errors import ConfigurationError, UnavailableError
from pansentry.housekeeping import be_heard, keep_house
from pansentry.logs import loop_exceptions, where
from pansentry.process import Leftovers, bind_all, close_all
from pansentry.readiness import lay_groundwork, settle, warm_up
from pansentry.reception import Reception
from pansentry.smtp.limits import Account
from pansentry.smtp.tls import reload_certificate
from pansentry.store import open_configured
from pansentry.wiring import (
    counter_of,
    hops_of,
    id_maker,
    judges_of,
    listener_of,
    networks,
    smtp_limits,
    workers_of,
)
from pansentry.workers import Workers
from pansentry.workers.recall import Recall

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from pansentry.configuration import Certificate, Configuration
    from pansentry.delivery.hop import Hop
    from pansentry.milter.server import MilterListener
    from pansentry.policy_activation import Activation
    from pansentry.process import Bound
    from pansentry.readiness import Groundwork
    from pansentry.smtp.listener import Listener
    from pansentry.smtp.session import Log
    from pansentry.store import Store
    from pansentry.workers.nursery import Nursery

WATCH_EVERY_S = 1.0
JUDGING_THREADS = 2
"""Threads in which large messages are judged where there are no judges, and in which memory is given back."""


@dataclass(slots=True)
class Gateway:
    """A gateway that listens. Made by :func:`start`, ended by :meth:`stop`."""

    configuration: Configuration
    reception: Reception
    listeners: list[Listener | MilterListener]
    store: Store
    hops: dict[str, Hop]
    outbox: OutboxWorker
    log: Log
    certificates: list[tuple[ssl.SSLContext, Certificate]]
    tasks: list[asyncio.Task[None]]
    authenticator: Authenticator
    workers: Workers
    policies: Activation
    nursery: Nursery | None = None
    reloading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def reload(self, who: str = "signal") -> bool:
        """Read policies, letters and certificates again; on any mistake everything stays as it is.

        Policies are read as one piece, checked, and must pass the tests beside them; all of that in a thread, while
        mail flows. What is under way ends under the policy that it began with. ``who`` is for the audit log.
        """
        async with self.reloading:
            before = self.policies.state
            try:
                state = await asyncio.to_thread(self.policies.read)
                counter = await asyncio.to_thread(
                    counter_of, self.configuration, self.store, self.authenticator, state, self.log
                )
                await asyncio.to_thread(warm_up, counter)
                for context, files in self.certificates:
                    reload_certificate(context, files.certificate, files.key)
            except (ConfigurationError, OSError) as error:
                text = str(error) if isinstance(error, ConfigurationError) else where(error)
                self.log("reload.refused", reason=text, policies=before.policies.version)
                await self.policies.note_refused(self.store.versions, text, who)
                return False
            self.policies.state = state
            self.reception.counter = counter
            self.log("reload.done", policies=counter.policies.version, who=who)
            for sentence in state.warnings:
                self.log("policy.warning", warning=sentence)
            await self.policies.note_accepted(self.store.versions, who)
            return True

    async def watch(self) -> None:
        """Reload when the files of the policies have changed and come to rest; never ends."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            if await asyncio.to_thread(self.policies.has_changed):
                await self.reload(await asyncio.to_thread(self.policies.changed_by))

    async def agree(self, who: str) -> None:
        """Take over the policies that the fleet uses if ours were in use before; if ours are new, make them known."""
        try:
            newest = await self.policies.newer(self.store.versions)
        except Exception as error:  # the store went away: it says so when it is back
            self.log("policy.unknown", error=where(error))
            return
        if newest is None:
            await self.policies.note_accepted(self.store.versions, who)
        elif why := await asyncio.to_thread(self.policies.take_over, newest):
            self.log("policy.elsewhere", policies=self.policies.state.policies.version, why=why)
        else:
            await self.reload(f"{newest.who} on another node")

    def census(self) -> None:
        """Log what there is now: what grows without end is a leak."""
        account = self.listeners[0].account
        self.log(
            "census",
            connections=sum(listener.connections for listener in self.listeners),
            running=sum(listener.running for listener in self.listeners),
            bytes_in_flight=account.bytes_in_flight,
            tasks=len(asyncio.all_tasks()),
            threads=threading.active_count(),
            files=len(os.listdir("/proc/self/fd")),
        )

    async def stop(self) -> None:
        """Drain: answer what is under way, then close. Called a second time, it cuts off."""
        grace_s = self.configuration.limits.shutdown
        await asyncio.gather(*(listener.stop(grace_s) for listener in self.listeners))
        self.outbox.stop()
        for task in self.tasks[1:]:
            task.cancel()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self.tasks[0], grace_s)
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for hop in self.hops.values():
            await hop.close()
        self.authenticator.close()
        hearing = self.reception.hearing
        if hearing.threads is not None:
            hearing.threads.shutdown(wait=False, cancel_futures=True)
        if hearing.judges is not None:
            await hearing.judges.close()
        await asyncio.to_thread(self.workers.close)
        if self.nursery is not None:
            await asyncio.to_thread(self.nursery.close)
        await self.store.close()


async def start(
    configuration: Configuration,
    log: Log,
    *,
    bound: Bound | None = None,
    ground: Groundwork | None = None,
    reuse_port: bool = False,
) -> Gateway:
    """Start a gateway, on sockets that are ``bound`` and on ``ground`` that is laid already where there are any.

    Raises ConfigurationError (a policy, letter, certificate or address is wrong) and UnavailableError (the store, the
    next hop or the port is not to be had); nothing keeps running then.
    """
    async with contextlib.AsyncExitStack() as undo:
        if bound is None:
            bound = bind_all((one.address for one in configuration.listen), reuse_port=reuse_port)
        undo.callback(close_all, bound)
        ground = ground or lay_groundwork(configuration, log)  # before anything secret is read
        policies, nursery = ground.policies, ground.nursery
        if nursery is not None:
            undo.callback(nursery.close)
        store = await open_configured(configuration, time.time)
        undo.push_async_callback(store.close)
        log = _counting(log, store)
        asked = configuration.resolver
        authenticator = Authenticator(
            DnsResolver(asked.nameservers, asked.query),
            trusted=configuration.trusted.authservers,
            total_s=asked.total,
            chains=configuration.authentication.seal is not None,
        )
        undo.callback(authenticator.close)
        if ground.wrong is not None:
            await policies.note_refused(store.versions, str(ground.wrong), "start")
            raise ground.wrong
        counter = counter_of(configuration, store, authenticator, policies.state, log, ground.words)
        hops = hops_of(configuration)
        for hop in hops.values():
            undo.push_async_callback(hop.close)
        # behind a milter or a pipe the next hop takes letters only, which wait, and it may be who asks us
        delivers = any(one.protocol != "milter" for one in configuration.listen)
        probe = await hops["deferred"].probe() if delivers else Probe(True, "not asked")
        if not probe.reachable:
            raise UnavailableError(
                f"the next hop {without_secret(configuration.next_hop)} does not answer: {probe.detail}"
            )
        outbox = OutboxWorker(
            store.outbox,
            hops,
            clock=time.time,
            dice=random.SystemRandom(),
            record=store.events.record,
            keep=store.held.put,
        )
        threads = ThreadPoolExecutor(JUDGING_THREADS, thread_name_prefix="judge")
        undo.callback(threads.shutdown, wait=False, cancel_futures=True)
        workers = workers_of(configuration, log, nursery)
        undo.callback(workers.close)
        recall = Recall(workers.examine_soon)
        judges = None
        if nursery is not None:
            judges = judges_of(configuration, log, nursery, recall)
            undo.push_async_callback(judges.close)
        reception = Reception(
            counter,
            hops["deferred"],
            store,
            clock=time.time,
            new_id=id_maker(),
            log=log,
            letter_filed=outbox.wake,
            threads=threads,
            examine=recall,
            leftovers=Leftovers(threads),
            judges=judges,
        )
        certificates: list[tuple[ssl.SSLContext, Certificate]] = []
        if configuration.listen:
            await asyncio.to_thread(warm_up, counter)
        trusted = configuration.trusted
        limits = smtp_limits(configuration)
        if limits.max_bytes_in_flight < configuration.limits.bytes_in_flight:
            log("limits.lowered", bytes_in_flight=limits.max_bytes_in_flight, message_size=limits.max_message_bytes)
        account = Account(limits, networks(trusted.proxies + trusted.xforward))
        ready = [  # all of them, before the first one opens: a certificate may be missing
            (
                settings,
                listener_of(
                    configuration, settings, reception, log, account, certificates, dsn=probe.dsn, reuse_port=reuse_port
                ),
            )
            for settings in configuration.listen
        ]
        listeners: list[Listener | MilterListener] = []
        for settings, listener in ready:
            try:
                await listener.start(bound[settings.address])
            except OSError as error:  # two of us bound one port before either listened
                raise UnavailableError(
                    f"cannot listen on {settings.address}: {error.strerror or where(error)}"
                ) from None
            undo.push_async_callback(listener.stop, 0)
            listeners.append(listener)
            log("listening", address=settings.address, port=listener.port)
        tasks = [
            asyncio.create_task(outbox.run()),
            asyncio.create_task(keep_house(store, log, reception)),
        ]
        if listeners:
            tasks.append(asyncio.create_task(be_heard(store, log, reception, configuration.hostname)))
        undo.pop_all()
    return Gateway(
        configuration,
        reception,
        listeners,
        store,
        hops,
        outbox,
        log,
        certificates,
        tasks,
        authenticator,
        workers,
        policies,
        nursery,
    )


def _counting(log: Log, store: Store) -> Log:
    """Return a log that counts some of what is logged, for the metrics."""

    def counted(event: str, /, **fields: str | int | float) -> None:
        store.counted.happened(event)
        log(event, **fields)

    counted.is_heard = getattr(log, "is_heard", True)  # type: ignore[attr-defined]
    return counted


async def serve(
    configuration: Configuration,
    log: Log,
    bound: Bound | None = None,
    ground: Groundwork | None = None,
    early: Sequence[int] = (),
) -> None:
    """Run a gateway until SIGTERM or SIGINT; a second one cuts off what is still running.

    ``early`` has a signal for each reload that was asked for while nobody could reload yet.
    """
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(loop_exceptions(log))
    gateway = await start(configuration, log, bound=bound, ground=ground)
    console = None
    if configuration.console.enabled:
        from pansentry.console.opening import open_console

        try:
            console = await open_console(gateway)
        except UnavailableError:
            await gateway.stop()
            raise
    settle()
    stopping = asyncio.Event()
    background: set[asyncio.Task[object]] = set()

    def run(coroutine: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(coroutine)
        background.add(task)
        task.add_done_callback(background.discard)

    def on_stop() -> None:
        if stopping.is_set():
            for listener in gateway.listeners:
                run(listener.stop(0))
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_stop)
    loop.add_signal_handler(signal.SIGHUP, lambda: run(gateway.reload()))
    loop.add_signal_handler(signal.SIGUSR1, gateway.census)
    log("ready", hostname=configuration.hostname, policies=gateway.reception.counter.policies.version)
    for sentence in gateway.policies.state.warnings:
        log("policy.warning", warning=sentence)
    await gateway.agree("start")
    gateway.store.database.listen(lambda news: run(gateway.agree(news)))
    if early:
        run(gateway.reload())
    watching = asyncio.create_task(gateway.watch())
    await stopping.wait()
    watching.cancel()
    log("stopping")
    if console is not None:
        await console.stop()
    await gateway.stop()
    log("stopped")
