"""What DNS says about the gateway: the checks of ``pansentry doctor`` that ask a name server.

In: a configuration (its resolver, host name, domains, certificate and key). Out: answers, one function each. Only name
servers are asked; nobody is connected to. A machine on a private network, or behind a mail server of its own, is no MX:
there the checks of an MX are skipped, with the reason.

Standards: RFC 5321 §5 (MX), RFC 1912 §2.1 (PTR), RFC 7208 (SPF), RFC 6376 §3.6.1 (DKIM keys), RFC 9989 (DMARC), RFC
8461 §3.1 (MTA-STS), RFC 7672 (TLSA for SMTP).
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pansentry.authentication import DnsResolver
from pansentry.authentication.dmarc import judge, tree_walk
from pansentry.authentication.resolver import DnsTroubleError, texts
from pansentry.authentication.sender_policy import check_spf
from pansentry.authentication.signatures import Signature
from pansentry.doctor.answer import Answer, failed, passed, skipped, warned
from pansentry.envelope import AuthResult
from pansentry.sentence import sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from pansentry.authentication.resolver import Resolver
    from pansentry.configuration import Configuration

_NOT_MX = "The world sends its mail to another server, which hands it on."
_TAG = re.compile(rb"(?:^|;)\s*(\w+)\s*=\s*([^;]*)")


def asked(check: Callable[[str, Configuration, Resolver], Answer]) -> Callable[[str, Configuration], Answer]:
    """Give a check the configured name servers; one that does not answer is an answer, too."""

    def ask(name: str, configuration: Configuration) -> Answer:
        wanted = configuration.resolver
        try:
            return check(name, configuration, DnsResolver(wanted.nameservers, wanted.query))
        except DnsTroubleError:
            return warned(name, "No name server answered.", "Check `resolver.nameservers`, or this machine's own.")

    ask.__doc__ = check.__doc__
    return ask


def is_mx(configuration: Configuration) -> bool:
    """Tell whether the world's mail comes straight to us: an SMTP listener on port 25 that is not loopback."""
    for listener in configuration.listen:
        host, _, port = listener.address.rpartition(":")
        if listener.protocol == "smtp" and port == "25" and not _is_loopback(host.strip("[]")):
            return True
    return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def domain_of(configuration: Configuration) -> str:
    """Return the first domain that mail is taken for."""
    return configuration.domains[0].rpartition("@")[2]


def addresses(resolver: Resolver, name: str) -> list[str]:
    """Return the IPv4 and IPv6 addresses of a name."""
    return [str(value) for kind in ("A", "AAAA") for value in resolver.lookup(name, kind)]


def host_name(name: str, configuration: Configuration, resolver: Resolver) -> Answer:
    """Our name leads to an address."""
    found = addresses(resolver, configuration.hostname)
    if not found:
        fix: str = sentence("Publish an A record for {host}, or correct `hostname`.", host=configuration.hostname)
        return failed(name, sentence("{host} has no address.", host=configuration.hostname), fix)
    return passed(
        name, sentence("{host} leads to {addresses}.", host=configuration.hostname, addresses=", ".join(sorted(found)))
    )


def reverse_name(name: str, configuration: Configuration, resolver: Resolver) -> Answer:
    """The address leads back to our name."""
    if not is_mx(configuration):
        return skipped(name, _NOT_MX)
    for address in addresses(resolver, configuration.hostname):
        found = resolver.lookup(ip_address(address).reverse_pointer, "PTR")
        if configuration.hostname not in (str(one).rstrip(".").lower() for one in found):
            fix = sentence(
                "Have whoever gave you the address set its PTR record to {host}.", host=configuration.hostname
            )
            return warned(
                name,
                sentence("{address} does not lead back to our name; letters may be taken for spam.", address=address),
                fix,
            )
    return passed(name, "Addresses lead back to our name.")


def mail_exchangers(name: str, configuration: Configuration, resolver: Resolver) -> Answer:
    """Mail for our domains comes to us, and to nobody else."""
    if not is_mx(configuration):
        return skipped(name, _NOT_MX)
    for domain in sorted({one.rpartition("@")[2] for one in configuration.domains}):
        found = {
            str(value[1]).rstrip(".").lower() for value in resolver.lookup(domain, "MX") if isinstance(value, tuple)
        }
        if configuration.hostname not in found:
            fix: str = sentence(
                "When everything else is ready: {domain}. MX 10 {host}.", domain=domain, host=configuration.hostname
            )
            return warned(name, sentence("Mail for {domain} does not come here yet.", domain=domain), fix)
        if others := sorted(found - {configuration.hostname}):
            fix = "Take it out, or put a gateway there, too."
            return failed(
                name, sentence("Mail for {domain} can go around us, by {server}.", domain=domain, server=others[0]), fix
            )
    return passed(name, "Mail for our domains comes here, and nowhere else.")


def strict_transport(name: str, configuration: Configuration, resolver: Resolver) -> Answer:
    """A published MTA-STS policy is known, because it must name us."""
    if not is_mx(configuration):
        return skipped(name, _NOT_MX)
    domain = domain_of(configuration)
    if not any(text.startswith(b"v=STSv1") for text in texts(resolver, f"_mta-sts.{domain}")):
        return passed(name, sentence("{domain} publishes none; nothing can contradict it.", domain=domain))
    if configuration.tls is None:
        said = sentence("{domain} promises TLS, and we have no certificate.", domain=domain)
        return failed(name, said, "Add a `tls:` block.")
    try:
        listed = promised(domain, resolver)
    except (OSError, ValueError) as error:
        said = sentence("The policy of {domain} cannot be read ({why}).", domain=domain, why=type(error).__name__)
        fix = sentence(
            "Serve {policy}, with a certificate for its name.", policy=f"https://mta-sts.{domain}{_STS_PATH}"
        )
        return failed(name, said, fix)
    ours = configuration.hostname
    if any(one == ours or (one.startswith("*.") and ours.partition(".")[2] == one[2:]) for one in listed):
        return passed(name, sentence("The policy of {domain} names us.", domain=domain))
    fix = sentence("Add the line `mx: {host}` to it, and change the `id` in DNS.", host=ours)
    return failed(name, sentence("The policy of {domain} does not name us.", domain=domain), fix)


_STS_PATH = "/.well-known/mta-sts.txt"
_STS_BYTES = 64 * 1024  # RFC 8461 §3.3


def promised(domain: str, resolver: Resolver, port: int = 443, context: ssl.SSLContext | None = None) -> list[str]:
    """Fetch the MTA-STS policy of a domain and return its ``mx`` patterns. Raises OSError, ValueError (no policy)."""
    host = f"mta-sts.{domain}"
    context = context or ssl.create_default_context()
    found = addresses(resolver, host)
    if not found:
        raise ConnectionError("no address")
    with (
        socket.create_connection((found[0], port), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname=host) as wire,
    ):
        wire.sendall(f"GET {_STS_PATH} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: pansentry-doctor\r\n\r\n".encode())
        answer = b""
        while len(answer) < _STS_BYTES and (more := wire.recv(_STS_BYTES)):
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line.partition(":")[::2] for line in body.decode("ascii", "replace").splitlines()]
    fields = [(key.strip(), value.strip().lower()) for key, value in lines]
    if b" 200" not in head.partition(b"\r\n")[0] or ("version", "stsv1") not in fields:  # no redirects, RFC 8461 §3.3
        raise ValueError("not a policy")
    return [value for key, value in fields if key == "mx"]


def certificate_record(name: str, configuration: Configuration, resolver: Resolver) -> Answer:
    """TLSA records, where there are any, match the certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if configuration.tls is None or not is_mx(configuration):
        return skipped(name, "We offer no TLS here." if configuration.tls is None else _NOT_MX)
    records = [one.split() for one in map(str, resolver.lookup(f"_25._tcp.{configuration.hostname}", "TLSA"))]
    if not records:
        return passed(name, "None is published; nothing can contradict the certificate.")
    first = x509.load_pem_x509_certificates(configuration.tls.certificate.read_bytes())[0]
    key = first.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    whole = first.public_bytes(Encoding.DER)
    digests = {
        ("3", selector, matching): digest(data).hexdigest()
        for selector, data in (("0", whole), ("1", key))
        for matching, digest in (("1", hashlib.sha256), ("2", hashlib.sha512))
    }
    if any(digests.get((usage, selector, kind)) == data.lower() for usage, selector, kind, data in records):
        return passed(name, "The certificate is the one that TLSA promises.")
    if all(usage == "2" for usage, *_ in records):
        return skipped(name, "TLSA names an authority, which is not looked at.")
    fix = sentence(
        "Publish: _25._tcp.{host}. TLSA 3 1 1 {digest}", host=configuration.hostname, digest=digests["3", "1", "1"]
    )
    return failed(name, "TLSA promises another certificate: servers that look at it send nothing.", fix)


def letters_domain(configuration: Configuration) -> str:
    """Return the domain that letters come from."""
    if configuration.business is not None and configuration.business.letters_from:
        return configuration.business.letters_from.rpartition("@")[2]
    return domain_of(configuration)


def sender_policy(name: str, configuration: Configuration, resolver: Resolver) -> Answer:
    """SPF of the letters' domain allows us, if letters leave from here."""
    domain = letters_domain(configuration)
    if not any(text.lower().startswith(b"v=spf1") for text in texts(resolver, domain)):
        return warned(
            name,
            sentence("{domain} has no SPF record.", domain=domain),
            sentence('Publish: {domain}. TXT "v=spf1 mx ~all"', domain=domain),
        )
    if configuration.reply_via is not None or not is_mx(configuration):
        return passed(
            name, sentence("{domain} has one; letters leave by another server, which it must allow.", domain=domain)
        )
    for address in addresses(resolver, configuration.hostname):
        result, _ = check_spf(address, configuration.hostname, f"postmaster@{domain}", resolver)
        if result is not AuthResult.PASS:
            part = f"ip{ip_address(address).version}:{address}"
            return warned(
                name,
                sentence("SPF of {domain} says {result} to {address}.", domain=domain, result=result, address=address),
                sentence("Add `{part}` to the record.", part=part),
            )
    return passed(name, sentence("SPF of {domain} allows us.", domain=domain))


def signing_key(name: str, configuration: Configuration, resolver: Resolver) -> Answer:
    """The key that signs letters is the one that is published."""
    from cryptography.hazmat.primitives import serialization

    from pansentry.authentication.signatures import record_value

    wanted = configuration.dkim
    if wanted is None:
        fix = "Run `pansentry dkim keygen`; without a key letters are sent to nobody."
        return warned(name, "Letters are not signed.", fix)
    record = f"{wanted.selector}._domainkey.{wanted.domain}"
    found = texts(resolver, record)
    key = serialization.load_pem_private_key(wanted.key.read_bytes(), password=None)
    ours = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if not found:
        fix = sentence('Publish: {record}. TXT "{value}"', record=record, value=record_value(ours))
        return failed(name, sentence("{record} is not published.", record=record), fix)
    published = dict(_TAG.findall(found[0])).get(b"p", b"")
    if base64.b64encode(ours) != b"".join(published.split()):
        fix = "Publish the record of this key, or sign with the published one."
        return failed(name, sentence("{record} is the record of another key.", record=record), fix)
    return passed(name, sentence("{record} is the record of our key.", record=record))


def author_policy(name: str, configuration: Configuration, resolver: Resolver) -> Answer:
    """The letters' domain has a DMARC record, and letters signed by us pass it."""
    domain = letters_domain(configuration)
    if not tree_walk(domain, resolver):
        fix = sentence(
            'Publish: _dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"', domain=domain
        )
        return warned(name, sentence("{domain} has no DMARC record.", domain=domain), fix)
    if configuration.dkim is not None:
        ours = Signature(AuthResult.PASS, configuration.dkim.domain)
        if not judge(domain, AuthResult.NONE, "", (ours,), resolver).dkim_aligned:
            said = sentence("DMARC of {domain} is strict, and letters are signed by another name.", domain=domain)
            return failed(name, said, sentence("Sign with `domain: {domain}`, or take adkim=s out.", domain=domain))
        return passed(name, sentence("{domain} has a DMARC record, and our letters pass it.", domain=domain))
    return passed(name, sentence("{domain} has a DMARC record.", domain=domain))
