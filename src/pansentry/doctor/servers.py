"""The checks of ``pansentry doctor`` that talk to servers: the next hop, the letters' way out, and our own port.

In: a configuration. Out: answers, one function each. No message is sent: recipients are asked for and then let go.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import smtplib
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pansentry.configuration.model import HopSettings
from pansentry.delivery.answers import MISCONFIGURED
from pansentry.delivery.hop import Hop, Probe, Sender, open_hop
from pansentry.delivery.next_hop import Scheme, Tls, parse_next_hop
from pansentry.delivery.presenting import hop_options
from pansentry.doctor.answer import Answer, failed, passed, skipped, warned
from pansentry.doctor.self_audit import reach
from pansentry.sentence import sentence

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
    from pansentry.smtp_reply import Reply


def next_hop(name: str, configuration: Configuration) -> Answer:
    """The next hop answers, and takes what we take."""
    hop = _hop(configuration)
    probe = asyncio.run(_probe(hop))
    if not probe.reachable:
        return failed(name, probe.detail, "Start it, or correct `next_hop`.")
    lacking = [word for word in ("8BITMIME", "SMTPUTF8", "SIZE") if word not in probe.keywords]
    if 0 < probe.max_message_bytes < configuration.limits.message_size:
        fix = sentence("Write `message_size: {size} MiB`.", size=probe.max_message_bytes >> 20)
        return warned(
            name, sentence("It takes {size} MiB and we announce more.", size=probe.max_message_bytes >> 20), fix
        )
    where = parse_next_hop(configuration.next_hop)
    if where.scheme is Scheme.SMTP and where.tls is Tls.OPPORTUNISTIC and not probe.tls and _is_far(where.host):
        return warned(name, "Mail goes to it unencrypted.", "Add `?tls=required`, or keep it on this machine.")
    if lacking:
        return warned(
            name,
            sentence("It has no {what}.", what=", ".join(lacking)),
            "Mail that needs it will be refused; that is right.",
        )
    return passed(name, _said_of(configuration.next_hop, probe))


def _said_of(url: str, probe: Probe) -> str:
    """Return what a hop says of itself, with whether it is spoken to under TLS; a folder is not spoken to."""
    if parse_next_hop(url).scheme is Scheme.MAILDIR:
        return probe.detail
    return sentence("{what} With TLS." if probe.tls else "{what} Without TLS.", what=probe.detail)


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
    code = asyncio.run(_ask(_hop(configuration), path)).code
    if code in range(200, 300):
        fix = "Let it check recipients at RCPT (Exchange: Directory Based Edge Blocking)."
        return warned(name, "It takes a recipient who does not exist, so senders of typos hear nothing.", fix)
    if code in range(500, 600):
        return passed(name, "It refuses who does not exist.")
    return warned(name, sentence("It answered {code}.", code=code), "Look into its log.")


def welcome(name: str, configuration: Configuration) -> Answer:
    """The next hop takes mail from us for our own domain, without asking who we are."""
    if configuration.next_hop.startswith("maildir:"):
        return skipped(name, "The embedded mailbox takes everybody.")
    reply = asyncio.run(_ask(_hop(configuration), f"postmaster@{_domain(configuration)}"))
    code = reply.code
    if code // 100 == 2:
        return passed(name, "It takes our mail.")
    if reply == MISCONFIGURED or code == _NO_SERVICE:
        fix = "Let the next hop accept this machine's address or certificate, or give us a user in `next_hop_options`."
        return failed(name, sentence("It does not take mail from us ({code}).", code=code), fix)
    if code // 100 == 5:
        fix = "Make a mailbox or an alias postmaster, as RFC 5321 asks for."
        return warned(name, sentence("It listens to us, and has no postmaster ({code}).", code=code), fix)
    return warned(name, sentence("It answered {code}.", code=code), "Look into its log.")


_NO_SERVICE = 554
"""An answer that means us and not the recipient (RFC 5321 §4.2.3); those of RFC 4954 have become MISCONFIGURED."""


def bypass(name: str, configuration: Configuration) -> Answer:
    """Say how to find out; asked from the gateway itself it would always be let in."""
    where = parse_next_hop(configuration.next_hop)
    if where.scheme is Scheme.MAILDIR or not _is_far(where.host):
        return skipped(name, "The next hop is on this machine.")
    fix = "Run `pansentry doctor --probe-bypass` with this configuration there."
    return skipped(name, "It takes another machine to see whether others get to the next hop.", fix)


def probe_bypass(name: str, configuration: Configuration) -> Answer:
    """Ask the next hop, as a stranger on this machine, whether it takes mail that goes around the gateway."""
    where = parse_next_hop(configuration.next_hop)
    if where.scheme is Scheme.MAILDIR or not where.host:
        return skipped(name, "The next hop is on this machine.")
    kind = smtplib.LMTP if where.scheme is Scheme.LMTP else smtplib.SMTP
    try:
        client = smtplib.SMTP_SSL(timeout=30) if where.scheme is Scheme.SMTPS else kind(timeout=30)
        client.connect(where.host, where.port)
        client.ehlo("audit.example")
        if where.scheme is Scheme.SMTP and client.has_extn("starttls"):
            client.starttls()
            client.ehlo("audit.example")
        client.mail("")
        code = client.rcpt(f"postmaster@{_domain(configuration)}")[0]
        client.close()
    except (OSError, smtplib.SMTPException):
        return passed(name, "From here nobody gets to the next hop.")
    if code // 100 == 2:
        fix = "Let it refuse whoever is not the gateway: see the page of your provider in docs/deployment."
        return failed(name, "The next hop takes mail from anybody: cards can be mailed around the gateway.", fix)
    return passed(name, sentence("The next hop refuses strangers ({code}).", code=code))


def outward(name: str, configuration: Configuration) -> Answer:
    """The way out by port 25 is open, where something of ours leaves by it."""
    wanted = [parse_next_hop(url) for url in (configuration.next_hop, configuration.reply_via) if url]
    far = [one for one in wanted if one.scheme is Scheme.SMTP and one.port == 25 and _is_far(one.host)]
    if not far:
        return skipped(name, "Nothing of ours leaves by port 25.")
    for one in far:
        try:
            socket.create_connection((one.host, one.port), timeout=_OUTWARD_S).close()
        except TimeoutError:
            fix = "Ask the provider of this machine to open port 25 outwards; many shut it on new machines."
            return failed(name, sentence("{host}:25 does not answer at all.", host=one.host), fix)
        except OSError as error:
            said = sentence("{host}:25 cannot be reached ({why}).", host=one.host, why=type(error).__name__)
            return warned(name, said, "Check the name, and the network of this machine.")
    return passed(name, "Port 25 is open outwards.")


_OUTWARD_S = 10.0


def _domain(configuration: Configuration) -> str:
    return configuration.domains[0].rpartition("@")[2]


def _hop(configuration: Configuration) -> Hop:
    options = hop_options(configuration.hostname, configuration.next_hop_options)
    return open_hop(parse_next_hop(configuration.next_hop), options)


async def _probe(hop: Hop) -> Probe:
    try:
        return await hop.probe()
    finally:
        await hop.close()


async def _ask(hop: Hop, forward_path: str) -> Reply:
    delivery = hop.begin(Sender())
    try:
        return await delivery.rcpt(forward_path)
    finally:
        await delivery.abort()
        await hop.close()


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
    return passed(name, _said_of(configuration.reply_via, probe))


def way_back(name: str, configuration: Configuration) -> Answer:
    """A port that mail comes back to a server of this machine by is shut to others."""
    where = parse_next_hop(configuration.next_hop)
    if where.scheme is Scheme.MAILDIR or not where.host or where.port == 25 or _is_far(where.host):
        return skipped(name, "Mail does not go back into a server of this machine.")
    outside = [address for address in _own_addresses() if _is_open(address, where.port)]
    if outside:
        fix = sentence(
            "Let the server listen on 127.0.0.1:{port} only, or shut the port in the firewall.", port=where.port
        )
        return failed(
            name,
            sentence("{address}:{port} is open: cards could be mailed around us.", address=outside[0], port=where.port),
            fix,
        )
    return passed(name, sentence("Port {port} is open to this machine only.", port=where.port))


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


def relay(name: str, configuration: Configuration) -> Answer:
    """Our own port relays nothing, and takes bounces."""
    try:
        client = reach(configuration, patience_s=15)
    except (OSError, smtplib.SMTPException):
        return skipped(name, "The gateway does not run here.", "Start it, and ask again.")
    with client:
        null = client.mail("")[0]
        taken = [path for path in _foreign(configuration) if client.rcpt(path)[0] // 100 == 2]
    if null != 250:
        return failed(
            name,
            sentence("The null reverse-path is answered {answer}.", answer=null),
            "Report this: bounces would be lost.",
        )
    if taken:
        return failed(name, sentence("It relays to {address}.", address=taken[0]), "Stop it, and report this.")
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
