"""The composition root: reads files, wires the rooms, starts, reloads, drains.

In: a validated configuration. Out: a running gateway. Clock, random ids, keys and files enter the core from here.

Start order: everything that can be wrong is tried first (policies, letters, certificates, store, next hop), ports are
opened last; nothing is left half-started. Stop order: no new connections, running mail gets its answer, the outbox
finishes what it holds, the store is closed.

SIGHUP reads policies, letters and certificates again; what is wrong is logged and the old ones stay.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ctypes
import gc
import hashlib
import hmac
import os
import random
import secrets
import signal
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError

from pansentry import pipeline, shipped
from pansentry.authentication import SEALED_STATES, Authenticator, DnsResolver, load_key, seal, sign
from pansentry.channels import NO_CHANNELS
from pansentry.channels.file import FILE as CHANNELS_FILE
from pansentry.channels.file import parse_channels
from pansentry.configuration import without_secret
from pansentry.configuration.model import HopSettings
from pansentry.correspondence import Correspondence
from pansentry.delivery.hop import open_hop
from pansentry.delivery.next_hop import parse_next_hop
from pansentry.delivery.outbox import OutboxWorker
from pansentry.delivery.presenting import hop_options
from pansentry.envelope import Envelope
from pansentry.errors import ConfigurationError, Flaw, UnavailableError
from pansentry.limits import DocumentLimits, Limits
from pansentry.logs import loop_exceptions, where
from pansentry.notification import Notifier, read_templates, templates_in
from pansentry.payments import Despatch, open_provider
from pansentry.pipeline import Desk
from pansentry.policy_activation import Activation, State
from pansentry.process import bind_all, close_all
from pansentry.quarantine import send_digests
from pansentry.reception import Counter, Reception
from pansentry.reply import load_letters
from pansentry.smtp.limits import Account, SmtpLimits
from pansentry.smtp.listener import Listener, ListenerOptions
from pansentry.smtp.tls import reload_certificate, server_context
from pansentry.store import open_store
from pansentry.trace import Trace
from pansentry.workers import Terms, Workers
from pansentry.workers.recall import Recall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from ipaddress import IPv4Network, IPv6Network

    from pansentry.configuration import Certificate, Configuration
    from pansentry.configuration import Listener as ListenerSettings
    from pansentry.delivery.hop import Hop
    from pansentry.envelope import Authentication
    from pansentry.policy import Policy, PolicySet
    from pansentry.policy.folder import Snapshot
    from pansentry.process import Bound
    from pansentry.smtp.session import Log
    from pansentry.store import Store

HOUSEKEEPING_EVERY_S = 300.0
WATCH_EVERY_S = 1.0
JUDGING_THREADS = 2
"""Threads in which large messages are judged: so many can be slow at one time before another one has to wait."""
SWITCH_EVERY_S = 0.001
"""How long a judging thread keeps the event loop waiting; the interpreter's own 5 ms are felt as latency."""
_WARM_UP = (
    b"From: a@example.org\r\nSubject: =?utf-8?q?warm_up?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(b"<p>Visa 4111 1111 1111 1111, 09/28, cvv 123</p>").replace(b"\n", b"\r\n")
)
"""A published test number in HTML: it goes through every stage, from parsing to the second reading."""
_LETTERS = b"bcdfghjkmnpqrstvwxyz"
_TO_LETTERS = bytes(_LETTERS[octet % len(_LETTERS)] for octet in range(256))


@dataclass(slots=True)
class Gateway:
    """A gateway that listens. Made by :func:`start`, ended by :meth:`stop`."""

    configuration: Configuration
    reception: Reception
    listeners: list[Listener]
    store: Store
    hops: dict[str, Hop]
    outbox: OutboxWorker
    log: Log
    certificates: list[tuple[ssl.SSLContext, Certificate]]
    tasks: list[asyncio.Task[None]]
    authenticator: Authenticator
    workers: Workers
    policies: Activation
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
                    _counter, self.configuration, self.store, self.authenticator, state, self.log
                )
                await asyncio.to_thread(_warm_up, counter)
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
        if self.reception.threads is not None:
            self.reception.threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self.workers.close)
        await self.store.close()


async def start(
    configuration: Configuration, log: Log, *, bound: Bound | None = None, reuse_port: bool = False
) -> Gateway:
    """Start a gateway, on sockets that are ``bound`` already where there are any.

    Raises ConfigurationError (a policy, letter, certificate or address is wrong) and UnavailableError (the store, the
    next hop or the port is not to be had); nothing keeps running then.
    """
    async with contextlib.AsyncExitStack() as undo:
        if bound is None:
            bound = bind_all((one.address for one in configuration.listen), reuse_port=reuse_port)
        undo.callback(close_all, bound)
        try:
            store = await open_store(configuration.store, time.time)
        except (OSError, ValueError, DatabaseError) as error:
            why = str(error.orig if isinstance(error, DatabaseError) else error)
            raise UnavailableError(f"the store {without_secret(configuration.store)} cannot be opened: {why}") from None
        undo.push_async_callback(store.close)
        asked = configuration.resolver
        authenticator = Authenticator(
            DnsResolver(asked.nameservers, asked.query),
            trusted=configuration.trusted.authservers,
            total_s=asked.total,
            chains=configuration.authentication.seal is not None,
        )
        undo.callback(authenticator.close)
        policies = Activation(configuration.policies)
        try:
            policies.state = await asyncio.to_thread(policies.read)
        except ConfigurationError as error:
            await policies.note_refused(store.versions, str(error), "start")
            raise
        counter = _counter(configuration, store, authenticator, policies.state, log)
        hops = _hops(configuration)
        for hop in hops.values():
            undo.push_async_callback(hop.close)
        probe = await hops["deferred"].probe()
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
        workers = _workers(configuration, log)
        undo.callback(workers.close)
        reception = Reception(
            counter,
            hops["deferred"],
            store,
            clock=time.time,
            new_id=_id_maker(),
            log=log,
            letter_filed=outbox.wake,
            threads=threads,
            examine=Recall(workers.examine_soon),
        )
        certificates: list[tuple[ssl.SSLContext, Certificate]] = []
        await asyncio.to_thread(_warm_up, counter)
        trusted = configuration.trusted
        account = Account(_smtp_limits(configuration), _networks(trusted.proxies + trusted.xforward))
        listeners = []
        for settings in configuration.listen:
            listener = _listener(
                configuration, settings, reception, log, account, certificates, dsn=probe.dsn, reuse_port=reuse_port
            )
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
            asyncio.create_task(_keep_house(store, log, reception)),
        ]
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
    )


async def serve(configuration: Configuration, log: Log, bound: Bound | None = None) -> None:
    """Run a gateway until SIGTERM or SIGINT; a second one cuts off what is still running."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(loop_exceptions(log))
    early: list[int] = []  # a reload that is asked for while we start would end us otherwise
    loop.add_signal_handler(signal.SIGHUP, early.append, signal.SIGHUP)
    gateway = await start(configuration, log, bound=bound)
    console = None
    if configuration.console.enabled:
        from pansentry.console.opening import open_console

        try:
            console = await open_console(gateway)
        except UnavailableError:
            await gateway.stop()
            raise
    _settle()
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
    await gateway.policies.note_accepted(gateway.store.versions, "start")
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


def _counter(
    configuration: Configuration, store: Store, authenticator: Authenticator, state: State, log: Log
) -> Counter:
    """Read letters, and lay ready what every transaction needs. Raises ConfigurationError."""
    policies = state.policies.with_mode(configuration.mode) if configuration.mode else state.policies
    key = token_key(configuration, store)
    write_letter = _correspondence(configuration, policies, state.source, key, store)
    limits = Limits(max_message_bytes=configuration.limits.message_size)
    wanted = configuration.documents
    documents = DocumentLimits(max_depth=wanted.depth, max_members=wanted.members, max_total_bytes=wanted.unpacked)

    language = configuration.business.language if configuration.business is not None else "en"

    def desk(policy: Policy) -> Desk:
        task_of = write_letter.task_of if write_letter is not None else None
        return Desk(policy, store.memory, write_letter, limits, key, language, documents, task_of=task_of)

    return Counter(
        configuration.hostname,
        frozenset(configuration.domains),
        policies,
        desk,
        Trace(configuration.hostname, key, configuration.authentication.verdict_field),
        authenticator,
        measures_all=configuration.authentication.verdict_field or configuration.authentication.seal is not None,
        seal=_sealer(configuration, authenticator),
        postmaster=next((f"postmaster@{name}" for name in configuration.domains if "@" not in name), ""),
        notifier=notifier(configuration, key, state.source),
        despatch=_despatch(configuration, store, log, write_letter),
    )


def _despatch(configuration: Configuration, store: Store, log: Log, letters: Correspondence | None) -> Despatch | None:
    """Lay ready what a letter may need on its way. Raises ConfigurationError if the provider's key cannot be read."""
    if letters is None:
        return None
    channels, business = letters.channels or NO_CHANNELS, letters.letters.business
    provider = None
    if channels.provider is not None:
        path = Path(channels.provider.key_file)
        try:
            provider = open_provider(channels.provider, path.read_text("utf-8"))
        except OSError as error:
            wrong = f"The key of your payment provider cannot be read: {error.strerror}."
            raise ConfigurationError(Flaw(str(path), 0, 0, wrong, "Check `key_file` in channels.yaml.")) from None
    return Despatch(store, log, time.time, provider, channels.valid_s, business.website or "", business.name)


def _correspondence(
    configuration: Configuration, policies: PolicySet, source: Snapshot, key: bytes, store: Store
) -> Correspondence | None:
    if not policies.letters():
        return None
    raw = source.files.get(CHANNELS_FILE)
    channels = parse_channels(raw, str(source.folder / CHANNELS_FILE)) if raw is not None else None
    folder = configuration.replies or shipped.replies()
    letters = load_letters(folder, configuration.business, policies.letters(), channels)
    return Correspondence(
        letters,
        configuration.domains,
        key,
        lambda: secrets.token_bytes(16).translate(_TO_LETTERS).decode(),
        _signer(configuration),
        channels,
        store.customers,
    )


def notifier(configuration: Configuration, key: bytes, source: Snapshot | None = None) -> Notifier:
    """Return what writes to the people who run the gateway, in the words of ``source`` or of what is in the folder now.

    Raises ConfigurationError.
    """
    first, folder = configuration.domains[0], configuration.policies or shipped.policies()
    if source is None:
        templates = read_templates(folder, shipped.policies())
    else:
        templates = templates_in(source.files, folder, shipped.policies())
    return Notifier(
        templates,
        first if "@" in first else f"postmaster@{first}",
        key,
        lambda: secrets.token_bytes(16).translate(_TO_LETTERS).decode(),
        time.time,
        _signer(configuration),
    )


def _signer(configuration: Configuration) -> Callable[[bytes], bytes] | None:
    """Return what signs letters. Raises ConfigurationError if the key cannot be used."""
    if configuration.dkim is None:
        return None
    key = load_key(configuration.dkim.key, configuration.dkim.domain, configuration.dkim.selector)
    return lambda message: sign(message, key)


def _sealer(
    configuration: Configuration, authenticator: Authenticator
) -> Callable[[bytes, Authentication], Awaitable[bytes]] | None:
    """Return what puts an ARC set on mail. Raises ConfigurationError if the key cannot be used."""
    wanted = configuration.authentication.seal
    if wanted is None:
        return None
    key = load_key(wanted.key, wanted.domain, wanted.selector)

    async def put(message: bytes, measured: Authentication) -> bytes:
        if measured.arc not in SEALED_STATES:  # ended by a former hop, or not to be looked at now
            return message
        return await authenticator.off_the_loop(lambda one: seal(one, key, configuration.hostname), message)

    return put


def token_key(configuration: Configuration, store: Store) -> bytes:
    """Return the key of keyed tokens: derived from the configured secret, else the store's own."""
    if configuration.secret is None:
        return store.key
    return hmac.new(configuration.secret.encode(), b"pansentry tokens", hashlib.sha256).digest()


def _hops(configuration: Configuration) -> dict[str, Hop]:
    next_hop = parse_next_hop(configuration.next_hop)
    reply_via = parse_next_hop(configuration.reply_via or configuration.next_hop)
    options = hop_options(configuration.hostname, configuration.next_hop_options)
    letters = options
    if configuration.reply_via is not None:
        letters = hop_options(configuration.hostname, configuration.reply_via_options or HopSettings())
    return {"deferred": open_hop(next_hop, options), "letter": open_hop(reply_via, letters)}


def _workers(configuration: Configuration, log: Log) -> Workers:
    """Lay the workers ready; none is started before the first document."""
    wanted = configuration.documents
    terms = Terms(
        wanted.workers,
        wanted.deadline,
        wanted.memory,
        wanted.picture_workers,
        wanted.picture_deadline,
        wanted.picture_memory,
    )
    return Workers(terms, lambda worker: log("worker.started", pid=worker.pid, confined=",".join(worker.held)))


def _smtp_limits(configuration: Configuration) -> SmtpLimits:
    wanted = configuration.limits
    return SmtpLimits(
        max_message_bytes=wanted.message_size,
        max_recipients=wanted.recipients,
        max_errors=wanted.errors,
        max_connections=wanted.connections,
        max_connections_per_client=wanted.connections_per_client,
        messages_per_minute_per_client=wanted.messages_per_minute_per_client,
        max_bytes_in_flight=wanted.bytes_in_flight,
        command_idle_s=wanted.idle,
        session_s=wanted.session,
        processing_s=wanted.processing,
    )


def _warm_up(counter: Counter) -> None:
    """Judge one mail under every policy, so that expressions, readers and templates are compiled before a port opens.

    Without it the first mails would wait for that: 0.3 s, and 0.8 s more for hyperscan.
    """
    pipeline.warm_up()
    envelope = Envelope("", (), id="warm-up")
    for policy in (*counter.policies.policies, counter.policies.fallback):
        pipeline.process(_WARM_UP, envelope, counter.desk(policy))


def _settle() -> None:
    """Tell the interpreter that what is there now stays, and that threads take turns often.

    Without the freeze a full collection looks through the vocabulary again and stops everything for 80 ms. What
    compiling needed is given back to the system: 131 MB resident become 86; only glibc has to be asked.
    """
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(SWITCH_EVERY_S)
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _listener(
    configuration: Configuration,
    settings: ListenerSettings,
    reception: Reception,
    log: Log,
    account: Account,
    certificates: list[tuple[ssl.SSLContext, Certificate]],
    *,
    dsn: bool,
    reuse_port: bool,
) -> Listener:
    host, _, port = settings.address.rpartition(":")
    files = settings.tls or configuration.tls
    context = None
    if files is not None and (settings.implicit_tls or settings.starttls != "off"):
        try:
            context = server_context(files.certificate, files.key)
        except OSError as error:  # of which ssl.SSLError is one
            wrong, fix = _what_is_wrong(error, files)
            raise ConfigurationError(Flaw(str(files.certificate), 0, 0, wrong, fix)) from None
        certificates.append((context, files))
    proxies, forwarders = _networks(configuration.trusted.proxies), _networks(configuration.trusted.xforward)
    mode = "none" if context is None else "implicit" if settings.implicit_tls else "starttls"
    options = ListenerOptions(
        host=host.strip("[]"),
        port=int(port),
        hostname=configuration.hostname,
        tls=mode,  # type: ignore[arg-type]
        require_tls=settings.starttls == "require" and context is not None,
        dsn=dsn,
        line_ends=configuration.bare_newline,
        proxy=settings.proxy,
        trusted_proxies=proxies,
        trusted_xforward=forwarders if settings.xforward else (),
        exempt=proxies + forwarders,
        reuse_port=reuse_port,
        limits=_smtp_limits(configuration),
    )
    return Listener(options, reception, tls_context=context, log=log, account=account)


def _what_is_wrong(error: OSError, files: Certificate) -> tuple[str, str]:
    """Say what is wrong with a certificate or its key, and what to do."""
    if not isinstance(error, ssl.SSLError):
        return (
            f"The certificate or its key {files.key} cannot be read: {error.strerror}.",
            "Check path and permissions.",
        )
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"The certificate and its key {files.key} do not belong together.", "Name the two of one pair."
    return (
        f"The certificate or its key {files.key} cannot be used.",
        "Both are PEM files: the chain, first to last, and the key without a password.",
    )


def _id_maker() -> Callable[[], str]:
    """Return a source of fresh identifiers of consonants: no word, and no run of digits that could be a number.

    The system is asked for the randomness of 64 at once: each time would be a fiftieth of the work of a small mail.
    """
    waiting: list[str] = []

    def new_id() -> str:
        if not waiting:
            letters = secrets.token_bytes(14 * 64).translate(_TO_LETTERS).decode()
            waiting.extend(letters[at : at + 14] for at in range(0, len(letters), 14))
        return waiting.pop()

    return new_id


def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)


async def _keep_house(store: Store, log: Log, reception: Reception) -> None:
    while True:
        await asyncio.sleep(HOUSEKEEPING_EVERY_S)
        try:
            await store.housekeeping()
            writer = reception.counter.notifier
            if writer is not None and await send_digests(store, writer, reception.counter.policies):
                reception.letter_filed()
        except Exception as error:  # the store may be away for a while; mail goes on
            log("housekeeping.failed", error=where(error))
