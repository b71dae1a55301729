"""``pansentry.yaml`` as a model: every key, its kind, its default and a sentence about it.

The sentences are the documentation: they go into the JSON Schema that editors show. Values are frozen; nothing
is looked up or opened here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from pansentry.configuration.fields import (
    Address,
    Bytes,
    Domain,
    DomainOrAddress,
    File,
    HostPort,
    Issuer,
    Line,
    Many,
    Network,
    NextHop,
    Origin,
    Seconds,
    Settings,
    StoreUrl,
    Telephone,
    WebAddress,
    one_or_many,
)

LANGUAGES = ("en", "de", "it", "fr", "es", "pt", "nl", "pl", "sv", "da", "cs", "tr", "el", "ja", "ar", "he")
"""Languages with shipped letters."""

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Certificate(Settings):
    """A TLS certificate chain and its key, both PEM files."""

    certificate: File = Field(examples=["/etc/pansentry/tls/fullchain.pem"])
    key: File = Field(examples=["/etc/pansentry/tls/privkey.pem"])


class Listener(Settings):
    """One address on which mail is taken."""

    address: HostPort = Field(examples=['"0.0.0.0:25"'])
    """Address and port, such as `0.0.0.0:25` or `[::]:25`; `lmtp://` or `milter://` before it names the protocol."""
    protocol: Literal["smtp", "lmtp", "milter"] = "smtp"
    """What is spoken there: SMTP, LMTP (RFC 2033, behind a mail server on this network), or a milter's protocol."""
    starttls: Literal["offer", "require", "off"] = "offer"
    """Whether STARTTLS is offered (only with a certificate)."""
    implicit_tls: bool = False
    """TLS from the first byte (port 465)."""
    tls: Certificate | None = None
    """A certificate for this address alone; otherwise the general one."""
    proxy: bool = False
    """Expect a PROXY v1 or v2 header, from `trusted.proxies` only."""
    xforward: bool = False
    """Take XFORWARD, from `trusted.xforward` only."""

    @model_validator(mode="before")
    @classmethod
    def _read_scheme(cls, value: Any) -> Any:
        """Let `lmtp://` or `milter://` before the address say the protocol."""
        address = value.get("address") if isinstance(value, dict) else None
        scheme, parted, rest = address.partition("://") if isinstance(address, str) else ("", "", "")
        if parted and scheme in ("smtp", "lmtp", "milter"):
            return {**value, "address": rest, "protocol": scheme}
        return value


def _listeners(value: Any) -> Any:
    """Let addresses stand where listeners may stand: ``listen: milter://127.0.0.1:8891``."""
    values = one_or_many(value)
    if not isinstance(values, list | tuple):
        return value
    return tuple({"address": one} if isinstance(one, str) else one for one in values)


class Trusted(Settings):
    """Whose word is taken for who the client is and how it was authenticated. Nobody's, unless named."""

    proxies: Annotated[tuple[Network, ...], Many] = ()
    """Networks that may send a PROXY header."""
    xforward: Annotated[tuple[Network, ...], Many] = ()
    """Networks that may use XFORWARD or connect to a milter (your Postfix); for a milter loopback always may."""
    authservers: Annotated[tuple[Domain, ...], Many] = ()
    """Names whose Authentication-Results are believed, because they run in front of us and remove forged ones."""


class Signature(Settings):
    """Who signs the letters."""

    person: Line = Field(min_length=1, max_length=80, examples=["Marta"])
    """A person or a team, such as `Marta` or `Your team at Meier Furniture`."""


class Business(Settings):
    """The shop, as its customers know it. Letters are written from this."""

    name: Line = Field(min_length=1, max_length=100, examples=["Meier Furniture"])
    """The name on the shop sign and on invoices."""
    phone: Telephone | None = Field(default=None, examples=['"+49 30 123456"'])
    """The number that is also printed on invoices and on the website, in quotes."""
    hours: Line | None = Field(default=None, max_length=100, examples=["Mon-Fri 9-17"])
    """When the phone is answered."""
    pay_page: WebAddress | None = Field(default=None, examples=["https://shop.example/pay"])
    """Where customers pay; https, on your own domain or your payment provider's."""
    website: WebAddress | None = Field(default=None, examples=["https://shop.example"])
    """The website that customers know."""
    authenticity_page: Line = Field(default="", max_length=80, examples=["Payments by e-mail"])
    """Title of the page on the website that tells how to check our letters."""
    language: Language = Field(default="en", examples=["de"])
    """The letter's language when the customer's is not known."""
    languages: Annotated[tuple[Language, ...], Many] = Field(default=(), examples=["[de, fr]"])
    """Only these languages (empty: all that have letters)."""
    signature: Signature | None = None
    """Who signs."""
    channels: Annotated[tuple[Literal["pay_page", "phone", "website"], ...], Many] = ("pay_page", "phone", "website")
    """Ways to pay, in the order in which they are offered."""
    link_domains: Annotated[tuple[Domain, ...], Many] = ()
    """Domains besides the website's that a letter may link to (your payment provider's)."""
    letters_from: Address | None = Field(default=None, examples=["info@shop.example"])
    """Address that letters come from; otherwise the mailbox that the customer wrote to."""


class MailLimits(Settings):
    """What one client or all together may use. See the table in the operations documentation."""

    message_size: Bytes = 50 * 1024 * 1024
    """Largest message, announced as SIZE."""
    bytes_in_flight: Bytes = 512 * 1024 * 1024
    """Sum of the messages being worked on at one time; beyond it 452 is answered."""
    connections: int = Field(default=2000, ge=1, le=65535)
    """Connections at one time, in all."""
    connections_per_client: int = Field(default=20, ge=1, le=65535)
    """Connections at one time from one address."""
    recipients: int = Field(default=100, ge=1, le=10000)
    """Recipients of one message."""
    errors: int = Field(default=10, ge=1, le=1000)
    """Mistakes of a client before it is hung up on."""
    messages_per_minute_per_client: int = Field(default=600, ge=1)
    """Messages from one address in one minute."""
    idle: Seconds = 300.0
    """Longest silence of a client."""
    session: Seconds = 3600.0
    """Longest session."""
    processing: Seconds = 540.0
    """Longest time for scanning and handing on one message; then 451. Short of the ten minutes a client waits: giving
    up early makes a duplicate (RFC 5321 §4.5.3.2.6)."""
    shutdown: Seconds = 30.0
    """How long running messages may take to finish when we are stopped."""


class Documents(Settings):
    """What attachments may use while they are opened, each in a process of its own. See the documents documentation."""

    workers: int = Field(default=2, ge=1, le=64)
    """Documents that are opened at one time, in each process of the gateway."""
    deadline: Seconds = 8.0
    """Longest time for one document; then it counts as `timeout`."""
    memory: Bytes = 512 * 1024 * 1024
    """Memory that a worker may use."""
    picture_workers: int = Field(default=1, ge=1, le=64)
    """Documents with pictures that are read at one time (extra `ocr`)."""
    picture_deadline: Seconds = 60.0
    """Longest time for all pictures of one document."""
    picture_memory: Bytes = 1536 * 1024 * 1024
    """Memory that a worker which reads pictures may use."""
    unpacked: Bytes = 192 * 1024 * 1024
    """Bytes that one document may hold when it is unpacked, with everything inside it."""
    members: int = Field(default=5000, ge=1, le=1_000_000)
    """Members of one archive, with those of archives inside it."""
    depth: int = Field(default=6, ge=0, le=30)
    """Documents inside documents."""


class Judging(Settings):
    """What judging one message may use, where it is large or has work in it: each in a process of its own."""

    judges: int = Field(default=2, ge=1, le=64)
    """Messages that are judged at one time, in each process of the gateway."""
    slow: int = Field(default=4, ge=0, le=64)
    """Further ones that have taken longer than a second; they go on behind the others."""
    deadline: Seconds = 20.0
    """Longest processor time for one message, and three times that by the clock; then it counts as one that cannot be
    read (`on_error` of the policy)."""
    memory: Bytes = 1024 * 1024 * 1024
    """Memory that judging one message may use."""


class Summary(Settings):
    """A mail with the numbers of a day or a week, held mail and one thing to do; off until somebody is named."""

    to: Annotated[tuple[Address, ...], Many] = Field(default=(), examples=["owner@shop.example"])
    """Who gets it."""
    every: Literal["day", "week"] = "day"
    url: WebAddress | None = Field(default=None, examples=["https://pansentry.shop.example"])
    """Where the links lead, if not to `console.url`; without either there are none."""
    decide: Literal["sign-in", "link"] = "sign-in"
    """`sign-in`: a link leads to the page of the held mail, for whoever may sign in. `link`: it leads to a page with a
    button to release or delete that mail, once, for whoever has the link."""


class Groups(Settings):
    """Which groups of the provider have which role; of several roles a person has the highest."""

    viewer: Annotated[tuple[Line, ...], Many] = ()
    operator: Annotated[tuple[Line, ...], Many] = ()
    admin: Annotated[tuple[Line, ...], Many] = Field(default=(), examples=["[mail-admins]"])


class OpenId(Settings):
    """Signing in to the console through an OpenID provider (extra `oidc`)."""

    issuer: Issuer = Field(examples=["https://login.shop.example/realms/shop"])
    """The provider's name for itself; its description is at `/.well-known/openid-configuration` below it."""
    client_id: Line = Field(min_length=1, max_length=256, examples=["pansentry"])
    """What the provider calls this console."""
    client_secret: str | None = Field(default=None, min_length=1, max_length=1024)
    """The secret that the provider gave; better in a file: `PANSENTRY_CONSOLE__OIDC__CLIENT_SECRET_FILE`."""
    scopes: Annotated[tuple[Line, ...], Many] = ("profile", "email")
    """What is asked for besides `openid`."""
    groups_claim: Line = Field(default="groups", min_length=1, max_length=128)
    """The claim with a person's groups or roles."""
    name_claim: Line = Field(default="preferred_username", min_length=1, max_length=128)
    """The claim with the name that the audit log shows; a person is known by the provider's own key (`sub`)."""
    roles: Groups = Groups()
    """Who may what, by group. Somebody in none of these groups does not get in."""


class Console(Settings):
    """The admin's web pages (extra `console`)."""

    enabled: bool = False
    address: HostPort = "127.0.0.1:8025"
    """Where they are served. Anything but loopback needs `tls`, or a proxy of yours in front that has it."""
    tls: Certificate | None = None
    trusted_proxies: Annotated[tuple[Network, ...], Many] = ()
    """Proxies in front of the console whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    url: Origin | None = Field(default=None, examples=["https://pansentry.shop.example"])
    """How people reach the console: for links in mails, for `oidc`, and as a name that it answers to."""
    summary: Summary = Summary()
    oidc: OpenId | None = None


class Log(Settings):
    """What is logged, and how. Never mail content."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "logfmt", "console"] = "json"


class Dkim(Settings):
    """The key that signs our letters. Without one letters stay off, unless the policy says `reply.require: none`."""

    domain: Domain = Field(examples=["shop.example"])
    selector: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", examples=["pansentry"])
    key: File = Field(examples=["/etc/pansentry/dkim.pem"])
    """PEM file with the private key, as `pansentry dkim keygen` writes it."""


class Resolver(Settings):
    """How DNS is asked for SPF, DKIM and DMARC."""

    nameservers: Annotated[tuple[str, ...], Many] = ()
    """Addresses, with `:port` if it is not 53; empty: the system's."""
    query: Seconds = 3.0
    """Longest wait for one answer."""
    total: Seconds = 15.0
    """Longest wait for all answers about one message."""


class HopSettings(Settings):
    """How a next hop is spoken to: credentials, certificates, patience."""

    user: Line | None = Field(default=None, max_length=320, examples=["gateway@shop.example"])
    """User name for AUTH. Goes out under TLS only."""
    password: str | None = Field(default=None, min_length=1, max_length=1024)
    """Its password; better not here but in a file: `PANSENTRY_NEXT_HOP_OPTIONS__PASSWORD_FILE`."""
    authorities: File | None = Field(default=None, examples=["/etc/pansentry/tls/ca.pem"])
    """PEM file with the authorities that may certify the next hop; otherwise the system's."""
    certificate: Certificate | None = None
    """The certificate that we show to the next hop (a Microsoft 365 connector may ask for it)."""
    connect: Seconds = 30.0
    """Longest wait for a connection and its greeting."""
    command: Seconds = 30.0
    """Longest wait for the answer to one command."""
    content: Seconds = 500.0
    """Longest wait for the answer to a message; to give up early makes a duplicate."""


class MailAuthentication(Settings):
    """What is said about the authentication of mail to the mailbox behind us."""

    verdict_field: bool = False
    """Add `X-PanSentry-Verdict` with the results of SPF, DKIM and DMARC to every mail, for a provider that makes no
    such checks behind a gateway. Every mail is then measured."""
    seal: Dkim | None = None
    """Add an ARC set (RFC 8617) with this key. Off, unless the provider asks for it: ARC is being retired."""


class Configuration(Settings):
    """The whole file."""

    hostname: Domain = Field(examples=["mx.shop.example"])
    """Our name in the SMTP greeting, in trace headers and in Authentication-Results."""
    domains: Annotated[tuple[DomainOrAddress, ...], Many, Field(min_length=1)] = Field(examples=["[shop.example]"])
    """Recipient domains or addresses that are taken. Nothing else is relayed."""
    listen: Annotated[tuple[Listener, ...], BeforeValidator(_listeners)] = Field(
        default=(Listener(address="0.0.0.0:25"),), min_length=1
    )
    """Addresses on which mail is taken."""
    next_hop: NextHop = ""
    """Where mail goes: `smtp://host:port`, `smtps://…`, `lmtp://…`, `maildir:PATH` (default: in the state folder)."""
    next_hop_options: HopSettings = HopSettings()
    reply_via: NextHop | None = None
    """Where our own letters go; otherwise the next hop, if that is SMTP."""
    reply_via_options: HopSettings | None = None
    """For `reply_via`; otherwise those of the next hop, if the letters go there."""
    store: StoreUrl = ""
    """`sqlite:///PATH` or `postgresql://user:password@host/database`; otherwise a file in the state folder."""
    without_store: Literal["deliver", "defer"] = "deliver"
    """While a PostgreSQL store is away: `deliver` goes on redacting and writes no letters, `defer` answers 451."""
    state_dir: File = Path("/var/lib/pansentry")
    """Folder for everything that must survive a restart."""
    policies: File | None = None
    """Folder with policies; otherwise the shipped ones."""
    replies: File | None = None
    """Folder with letters; otherwise the shipped ones."""
    business: Business | None = None
    """The shop. Needed as soon as letters are sent."""
    mode: Literal["enforce", "observe"] | None = None
    """`observe` scans and records, and changes nothing; overrides every policy's own mode."""
    bare_newline: Literal["normalize", "reject"] = "normalize"
    """What is done with bare CR or LF in a message."""
    tls: Certificate | None = None
    """The certificate for STARTTLS and TLS."""
    trusted: Trusted = Trusted()
    limits: MailLimits = MailLimits()
    documents: Documents = Documents()
    judging: Judging = Judging()
    console: Console = Console()
    log: Log = Log()
    dkim: Dkim | None = None
    resolver: Resolver = Resolver()
    authentication: MailAuthentication = MailAuthentication()
    user: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$", examples=["pansentry"])
    """User to become after the ports are bound; for a start as root."""
    group: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$", examples=["pansentry"])
    """Group to become; otherwise the user's own."""
    lock_memory: bool = False
    """Keep all memory out of swap (mlockall); needs a `memlock` limit without a bound."""
    workers: int = Field(default=1, ge=1, le=256)
    """Processes that share the port."""
    secret: str | None = Field(default=None, min_length=32)
    """Key for window keys and trace headers, at least 32 characters; otherwise one is made in the state folder. With a
    PostgreSQL store all gateways need the same."""
