"""Wiring: what each section of the configuration becomes. Only the composition root and commands ask for it.

In: a validated configuration and what is open already (store, authenticator, policies). Out: the parts that a gateway,
or a command that does one thing of a gateway's, is made of. Nothing is started here: no traffic, no port, no process.

Raises ConfigurationError, with the file and the fix, for a letter, key or certificate that cannot be used.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import ssl
import time
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry import shipped
from pansentry.authentication import SEALED_STATES, load_key, seal, sign
from pansentry.channels import NO_CHANNELS
from pansentry.configuration.model import HopSettings
from pansentry.correspondence import Correspondence
from pansentry.counter import Counter
from pansentry.delivery.hop import open_hop
from pansentry.delivery.next_hop import parse_next_hop
from pansentry.delivery.presenting import hop_options
from pansentry.errors import ConfigurationError, Flaw
from pansentry.judging import Judges, JudgeTerms
from pansentry.lettering import policies_of, words_of
from pansentry.limits import DocumentLimits, Limits
from pansentry.milter.server import MilterListener
from pansentry.notification import Notifier, read_templates, templates_in
from pansentry.payments import Despatch, open_provider
from pansentry.pipeline import Desk
from pansentry.process import memory_at_hand
from pansentry.smtp.limits import SmtpLimits
from pansentry.smtp.listener import Listener, ListenerOptions
from pansentry.smtp.tls import server_context
from pansentry.trace import Trace
from pansentry.workers import Terms, Workers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from ipaddress import IPv4Network, IPv6Network

    from pansentry.authentication import Authenticator
    from pansentry.configuration import Certificate, Configuration
    from pansentry.configuration import Listener as ListenerSettings
    from pansentry.delivery.hop import Hop
    from pansentry.envelope import Authentication
    from pansentry.lettering import Words
    from pansentry.policy import Policy
    from pansentry.policy.folder import Snapshot
    from pansentry.policy_activation import State
    from pansentry.reception import Reception
    from pansentry.smtp.limits import Account
    from pansentry.smtp.session import Log
    from pansentry.store import Store
    from pansentry.workers.nursery import Nursery
    from pansentry.workers.recall import Recall

_LETTERS = b"bcdfghjkmnpqrstvwxyz"
_TO_LETTERS = bytes(_LETTERS[octet % len(_LETTERS)] for octet in range(256))


def counter_of(
    configuration: Configuration,
    store: Store,
    authenticator: Authenticator,
    state: State,
    log: Log,
    words: Words | None = None,
) -> Counter:
    """Lay ready what every transaction needs; without ``words``, read the letters. Raises ConfigurationError."""
    policies = policies_of(configuration, state)
    key = token_key(configuration, store)
    write_letter = _correspondence(configuration, words or words_of(configuration, state), key, store)
    limits = Limits(max_message_bytes=configuration.limits.message_size)
    wanted = configuration.documents
    documents = DocumentLimits(max_depth=wanted.depth, max_members=wanted.members, max_total_bytes=wanted.unpacked)

    language = configuration.business.language if configuration.business is not None else "en"

    task_of = write_letter.task_of if write_letter is not None and write_letter.offers_calls else None
    desks: dict[int, Desk] = {}

    def desk(policy: Policy) -> Desk:
        """Return the desk of a policy, made once: it is the same for each of its mails."""
        found = desks.get(id(policy))
        if found is None or found.policy is not policy:
            found = Desk(
                policy,
                store.memory,
                write_letter,
                limits,
                key,
                language,
                documents,
                keeps_back=store.outbox.keeps_back,
                task_of=task_of,
            )
            desks[id(policy)] = found
        return found

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
        needs_store=configuration.without_store == "defer",
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
    configuration: Configuration, words: Words | None, key: bytes, store: Store
) -> Correspondence | None:
    if words is None:
        return None
    return Correspondence(
        words.letters,
        configuration.domains,
        key,
        lambda: secrets.token_bytes(16).translate(_TO_LETTERS).decode(),
        _signer(configuration),
        words.channels,
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


def hops_of(configuration: Configuration) -> dict[str, Hop]:
    next_hop = parse_next_hop(configuration.next_hop)
    reply_via = parse_next_hop(configuration.reply_via or configuration.next_hop)
    options = hop_options(configuration.hostname, configuration.next_hop_options)
    letters = options
    if configuration.reply_via is not None:
        letters = hop_options(configuration.hostname, configuration.reply_via_options or HopSettings())
    return {"deferred": open_hop(next_hop, options), "letter": open_hop(reply_via, letters)}


def workers_of(configuration: Configuration, log: Log, nursery: Nursery | None = None) -> Workers:
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
    return Workers(terms, lambda worker: log("worker.started", pid=worker.pid, confined=",".join(worker.held)), nursery)


def judges_of(configuration: Configuration, log: Log, nursery: Nursery, recall: Recall) -> Judges:
    """Lay the judges ready; none is started before the first message that needs one."""
    wanted = configuration.judging
    terms = JudgeTerms(wanted.judges, wanted.slow, wanted.deadline, wanted.memory)
    return Judges(nursery, recall, terms, lambda pid, held: log("judge.started", pid=pid, confined=",".join(held)))


MEMORY_APART = 256 * 1024 * 1024
"""What a process has without any mail, with room to spare."""
MEMORY_FOR_EACH = 5
"""Octets of memory for an octet of mail at the very most; 5.1 were measured with eighteen attachments of 25 MB."""


def smtp_limits(configuration: Configuration, memory: int | None = None) -> SmtpLimits:
    """Return the limits, held to what fits into ``memory`` bytes (None: what this process may have)."""
    wanted = configuration.limits
    fits = max(memory_at_hand() if memory is None else memory, 2 * MEMORY_APART) - MEMORY_APART
    in_flight = min(wanted.bytes_in_flight, fits // MEMORY_FOR_EACH)
    return SmtpLimits(
        # what can never fit is refused for good, or its sender would try for days
        max_message_bytes=min(wanted.message_size, int(in_flight * SmtpLimits().max_client_share)),
        max_recipients=wanted.recipients,
        max_errors=wanted.errors,
        max_connections=wanted.connections,
        max_connections_per_client=wanted.connections_per_client,
        messages_per_minute_per_client=wanted.messages_per_minute_per_client,
        max_bytes_in_flight=in_flight,
        command_idle_s=wanted.idle,
        session_s=wanted.session,
        processing_s=wanted.processing,
    )


def listener_of(
    configuration: Configuration,
    settings: ListenerSettings,
    reception: Reception,
    log: Log,
    account: Account,
    certificates: list[tuple[ssl.SSLContext, Certificate]],
    *,
    dsn: bool,
    reuse_port: bool,
) -> Listener | MilterListener:
    """Return what will listen on an address. Raises ConfigurationError if its certificate cannot be used."""
    if settings.protocol == "milter":
        forwarders = networks(configuration.trusted.xforward)
        limits = smtp_limits(configuration)
        return MilterListener(reception, limits=limits, trusted=forwarders, log=log, account=account)
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
    proxies, forwarders = networks(configuration.trusted.proxies), networks(configuration.trusted.xforward)
    mode = "none" if context is None else "implicit" if settings.implicit_tls else "starttls"
    options = ListenerOptions(
        host=host.strip("[]"),
        port=int(port),
        hostname=configuration.hostname,
        lmtp=settings.protocol == "lmtp",
        tls=mode,  # type: ignore[arg-type]
        require_tls=settings.starttls == "require" and context is not None,
        dsn=dsn,
        line_ends=configuration.bare_newline,
        proxy=settings.proxy,
        trusted_proxies=proxies,
        trusted_xforward=forwarders if settings.xforward else (),
        exempt=proxies + forwarders,
        reuse_port=reuse_port,
        limits=smtp_limits(configuration),
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


def id_maker() -> Callable[[], str]:
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


def networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
