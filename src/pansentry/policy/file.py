"""``policies/*.yaml`` as a model, and the way from the model to a :class:`~pansentry.policy.policy.Policy`.

In: a document read by :mod:`pansentry.configuration.documents`. Out: a policy, or flaws with line, column and fix.
What PCI DSS forbids cannot be written: the refusal says why. The sentences below the fields become the JSON Schema
that editors show.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from pansentry.configuration.explain import closest, flaw
from pansentry.configuration.fields import (
    Address,
    Bytes,
    Many,
    Seconds,
    Settings,
    a_labels,
    is_address,
    is_domain,
    one_or_many,
)
from pansentry.outcome import Action
from pansentry.pan import brands
from pansentry.pan.brands import BRANDS
from pansentry.pan.finding import Kind
from pansentry.policy.countries import COUNTRIES
from pansentry.policy.policy import EVERYONE, NOBODY, HoldTerms, Hours, Policy, ReplyTerms, Rule, When
from pansentry.sealing import is_public_key
from pansentry.truncation import PAN_FORMATS, Style

KindName = Literal["pan", "cvv", "expiry", "track"]
PlaceName = Literal[
    "header", "body", "attachment", "document", "picture", "archive",
    "pdf", "docx", "xlsx", "pptx", "doc", "xls", "ppt", "odt", "ods", "odp", "rtf", "csv", "html", "eml", "zip",
]  # fmt: skip
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")
_OWN_NUMBER = re.compile(r"[0-9# .\-]{4,60}")
_MIN_FIXED = 4
"""Digits that a format of own numbers must name, so that it cannot wave through whole brands."""


def _pan_format(value: Any) -> Any:
    if isinstance(value, str) and value not in PAN_FORMATS:
        if re.fullmatch(r"(first\d+)?(last\d+)?|keep|none|no", value):
            raise flaw(
                "`pan: {raw}` keeps more than may stay readable: PCI DSS allows at most the first six and the last "
                "four digits (requirement 3.5.1, FAQ 1091).",
                "Write one of: last4, first6last4, full.",
            )
        raise flaw("`pan` cannot be {raw}.", f"Did you mean {closest(value, PAN_FORMATS) or 'last4'}? "
                   "The choices are: last4, first6last4, full.")  # fmt: skip
    return value


def _always_full(value: Any) -> Any:
    if value != "full":
        raise flaw(
            "`{key}` cannot be {raw}: it is never kept, not even in part (PCI DSS 3.3.1).",
            "Write `{key}: full`, or leave the line out.",
        )
    return value


def _brand(value: str) -> str:
    keys = [brand.key for brand in BRANDS]
    if value not in keys:
        near = closest(value, keys)
        fix = f"Did you mean {near}?" if near else f"The brands are: {', '.join(keys)}."
        raise flaw("There is no card brand {raw}.", fix)
    return value


def _own_number(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise flaw("`{key}` must be text, but {raw} is read as a number.", 'Put it in quotes: `"{raw}"`.')
    if isinstance(value, str):
        if not _OWN_NUMBER.fullmatch(value):
            raise flaw("`{key}` cannot be {raw}; it is a format of numbers.", 'Write for example `"4711 #### ####"`.')
        if sum(c.isdigit() for c in value) < _MIN_FIXED:
            raise flaw(
                "`{key}` is {raw}, which could be anybody's card number.",
                f"Name at least the first {_MIN_FIXED} digits that your numbers share.",
            )
    return value


def _pattern(value: str) -> str:
    local, separator, domain = value.lower().rpartition("@")
    try:
        text = f"{local}{separator}{a_labels(domain)}"
    except ValueError:  # no name of IDNA 2008: refused below
        text = ""
    name, at, rest = text.partition("@")
    whole = f"{name}@any.example" if at and rest == "*" else text
    if "*" in name.removeprefix("*.") or not (is_domain(whole.replace("*.", "any.", 1)) or is_address(whole)):
        raise flaw(
            "`{key}` cannot be {raw}; it is an address or a domain.",
            "Write `anna@shop.example`, `shop.example`, `*.shop.example` or `billing@*`.",
        )
    return text


def _member(value: str) -> str:
    return value if value.startswith("group:") and len(value) > 6 else _pattern(value)


def _target(value: str) -> str:
    return value if value == EVERYONE else _member(value)


def _country(value: str) -> str:
    if value.lower() not in COUNTRIES:
        raise flaw("`{key}` cannot be {raw}; it is a country in two letters.", "Write for example `de` or `[de, at]`.")
    return value.lower()


def _language(value: str) -> str:
    known = sorted(p.stem for p in (Path(brands.__file__).parent / "languages").glob("*.txt") if len(p.stem) < 4)
    if value not in known:
        raise flaw("There are no words for the language {raw}.", f"The languages are: {', '.join(known)}.")
    return value


def _public_key(value: str) -> str:
    if value.lower().startswith("age-secret-key-"):
        raise flaw(
            "`{key}` is the private key; whoever holds it can open what is sealed, so it must not be on this machine.",
            "Write the public key, which starts with `age1`.",
        )
    if not is_public_key(value):
        raise flaw(
            "`{key}` is no public key; a copy sealed to a mistyped key could never be opened.",
            "Copy the line that starts with `age1` from `age-keygen`, whole.",
        )
    return value


_BESIDE = {
    # what could be taken for an action: the line that stands beside `then:`
    "notify": "notify: owner@shop.example",
    "forward-to-review": "forward_to_review: review@shop.example",
    "forward_to_review": "forward_to_review: review@shop.example",
    "tag": "tag: a-word",
}


def _action(value: Any) -> Any:
    if isinstance(value, str) and value in _BESIDE:
        raise flaw(
            "{raw} does not say what becomes of the mail; it can be done beside that.",
            f"Write `then: redact` (or hold, deliver …), and below it `{_BESIDE[value]}`.",
        )
    return value


def _clock(value: Any) -> Any:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None or (minutes := int(match[1]) * 60 + int(match[2])) > 24 * 60:
        raise flaw("`{key}` cannot be {raw}; it is a time of day.", 'Write for example `"22:30"`.')
    return minutes


def _zone(value: str) -> str:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise flaw("There is no time zone {raw}.", "Write for example `Europe/Berlin` or `UTC`.") from None
    return value


def _refusal_text(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise flaw("`text` goes to mail servers, which read plain ASCII.", "Write it without accents, on one line.")
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]
Member = Annotated[str, AfterValidator(_member)]
Minutes = Annotated[int, BeforeValidator(_clock)]
Threshold = Annotated[float, Field(ge=0.1, le=0.95)]
Tag = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Letter = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
BrandName = Annotated[str, AfterValidator(_brand)]
OwnNumbers = Annotated[
    tuple[Annotated[str, BeforeValidator(_own_number)], ...],
    BeforeValidator(lambda v: (v,) if isinstance(v, str | int) else v),
]


class Confidence(Settings):
    """How sure we must be, from 0.1 to 0.95. Lower finds more, and more that is none."""

    pan: Threshold = 0.6
    cvv: Threshold = 0.6
    expiry: Threshold = 0.6
    track: Threshold = 0.6


class Detect(Settings):
    """What is looked for."""

    confidence: Confidence = Confidence()
    brands: Annotated[tuple[BrandName, ...], Many] = ()
    """Only these brands (empty: all)."""
    own_numbers: OwnNumbers = ()
    """Formats of your own numbers that are not cards: digits, and # for any digit, in quotes."""
    test_numbers: Literal["redact", "ignore"] = "redact"
    """What is done with the payment providers' published test numbers."""
    languages: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$"), AfterValidator(_language)], ...], Many
    ] = ()
    """Only these languages' words for card data (empty: all)."""


class Redact(Settings):
    """What stays readable."""

    pan: Annotated[Literal["last4", "first6last4", "full"], BeforeValidator(_pan_format)] = "last4"
    cvv: Annotated[Literal["full"], BeforeValidator(_always_full)] = "full"
    track: Annotated[Literal["full"], BeforeValidator(_always_full)] = "full"
    expiry: Literal["full", "keep"] = "full"


class HoursIn(Settings):
    """A span of the week."""

    days: Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Many] = ()
    start: Minutes = Field(default=0, alias="from")
    end: Minutes = Field(default=24 * 60, alias="to")
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"


class WhenIn(Settings):
    """Conditions; all must hold. A list means: any of these."""

    found: bool | None = None
    """Whether any card data was found."""
    kind: Annotated[tuple[KindName, ...], Many] = ()
    brand: Annotated[tuple[BrandName, ...], Many] = ()
    place: Annotated[tuple[PlaceName, ...], Many] = ()
    confidence_at_least: Threshold | None = None
    count_at_least: int | None = Field(default=None, ge=1, le=1000)
    sender: Annotated[tuple[Member, ...], Many] = ()
    """Who writes: addresses, domains, `*.domain`, `name@*`, `group:NAME`. Can be forged: add `authentication: pass`."""
    sender_country: Annotated[tuple[Annotated[str, AfterValidator(_country)], ...], Many] = ()
    """Country of the sender's domain by its last label (`.de`); a `.com` is of no country."""
    recipient: Annotated[tuple[Member, ...], Many] = ()
    """Whose mailbox: addresses, domains, or a role: `accounts@*`, `group:NAME`."""
    authentication: Annotated[tuple[Literal["pass", "fail", "none"], ...], Many] = ()
    """Whether the sender is proven (pass), proven false (fail), or neither (none)."""
    unreadable: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_:.-]*\*?$")], ...], Many] = Field(
        default=(), examples=["encrypted"]
    )
    """Why something could not be read: `any`, `encrypted`, `timeout`, `crash`, `limit:*` …"""
    ambiguous: bool | None = None
    """Whether the message can be read in two ways."""
    signed: bool | None = None
    """Whether the message is signed (S/MIME or PGP)."""
    direction: Literal["new", "reply"] | None = None
    size_over: Bytes | None = None
    hours: HoursIn | None = None


class RuleIn(Settings):
    """One rule."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", examples=["card-data"])
    """A short name, as it will stand in the log."""
    when: WhenIn = WhenIn()
    then: Annotated[
        Literal["redact", "replace-part", "hold", "refuse", "deliver", "tempfail"], BeforeValidator(_action)
    ]
    """What happens with the message."""
    notify: Annotated[tuple[Address, ...], Many] = Field(default=(), examples=["owner@shop.example"])
    """Who is told by a short mail without card data that this rule matched; see `notify_window`."""
    forward_to_review: Annotated[tuple[Address, ...], Many] = Field(default=(), examples=["review@shop.example"])
    """Who gets a redacted copy of the message."""
    tag: Annotated[tuple[Tag, ...], Many] = Field(default=(), examples=["unscanned"])
    """Words added to the message's trace header, for the mailbox's own rules."""
    letter: Letter | None = None
    """Another letter than the policy's; `none` for none."""
    notice: Literal["header", "banner", "none"] | None = None
    text: Annotated[str, Field(max_length=200), AfterValidator(_refusal_text)] = ""
    """What a refused sender's server is told."""


class ReplyIn(Settings):
    """The letter to the customer."""

    letter: Letter = "guidance"
    """Folder of the letter below `replies/`; `none` for no letters."""
    require: Literal["dmarc", "spf-or-dkim", "none"] = "dmarc"
    """How well the sender must be proven; `none` only for closed networks and tests."""
    window: Seconds = 7 * 86400.0
    """At most one letter to a customer in this time."""
    confidence_at_least: Threshold = 0.6
    exempt: Annotated[tuple[Member, ...], Many] = ()
    """Senders who never get a letter: your bank, your payment provider, your staff."""
    enquiries: bool = True
    """Whether a customer who asks "may I send you my card by mail?" gets an answer before the card comes."""


class HoldIn(Settings):
    """What is kept of mail that a rule holds."""

    keep_original: Literal["none", "sealed"] = "none"
    """`sealed` keeps the original too, encrypted to `seal_to`; codes and track data are cut out of it first."""
    seal_to: Annotated[str, AfterValidator(_public_key)] | None = Field(default=None, examples=["age1…"])
    """Public key as `age-keygen` prints it. The private key stays off this machine."""
    expires: Seconds = 30 * 86400.0
    """Held mail is deleted after this time."""
    digest_to: Annotated[tuple[Address, ...], Many] = ()
    """Who is sent a list of held mail once a day."""


class PolicyIn(Settings):
    """A policy file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["default"])
    applies_to: Annotated[
        tuple[Annotated[str, AfterValidator(_target)], ...],
        BeforeValidator(lambda v: () if v == NOBODY else one_or_many(v)),
    ] = Field(examples=["everyone"])
    """`everyone`, `nobody`, or recipients: addresses, domains, `*.domain`, `group:NAME`."""
    mode: Literal["enforce", "observe"] = "enforce"
    detect: Detect = Detect()
    redact: Redact = Redact()
    rules: tuple[RuleIn, ...] = ()
    """Tried from top to bottom; the first that matches wins."""
    reply: ReplyIn = ReplyIn()
    notice: Literal["header", "banner", "none"] = "header"
    """How the mailbox's owner is told: by a trace header, or not at all."""
    hold: HoldIn = HoldIn()
    notify_window: Seconds = 3600.0
    """At most one mail about one rule to one person in this time."""
    on_error: Literal["tempfail", "hold", "deliver-unscanned"] = "tempfail"
    """When scanning itself fails. `deliver-unscanned` lets card numbers through."""


class GroupsIn(Settings):
    """``policies/groups.yaml``: names for lists of recipients."""

    groups: dict[str, Annotated[tuple[Pattern, ...], Many]]
    """Name → addresses or domains."""


def to_policy(given: PolicyIn, version: str) -> Policy:
    """Return the policy that a valid file describes (groups in ``applies_to`` still by name)."""
    confidence = given.detect.confidence
    return Policy(
        name=given.name,
        applies_to=given.applies_to,
        rules=tuple(_rule(rule) for rule in given.rules),
        mode=given.mode,
        thresholds={kind: getattr(confidence, kind.value) for kind in Kind},
        brands=frozenset(given.detect.brands),
        own_numbers=given.detect.own_numbers,
        ignore_test_numbers=given.detect.test_numbers == "ignore",
        languages=frozenset(given.detect.languages),
        style=Style(pan=given.redact.pan, expiry=given.redact.expiry),
        reply=ReplyTerms(
            letter=_letter(given.reply.letter) or "",
            require=given.reply.require,
            window_s=int(given.reply.window),
            confidence_at_least=given.reply.confidence_at_least,
            exempt=given.reply.exempt,
            enquiries=given.reply.enquiries,
        ),
        notice=given.notice,
        hold=HoldTerms(
            seal_to=(given.hold.seal_to or "") if given.hold.keep_original == "sealed" else "",
            expires_s=int(given.hold.expires),
            digest_to=given.hold.digest_to,
        ),
        notify_window_s=int(given.notify_window),
        on_error=given.on_error,
        version=version,
    )


def _letter(name: str | None) -> str | None:
    return "" if name == "none" else name


def _rule(given: RuleIn) -> Rule:
    when = given.when
    hours = (
        Hours(tuple(map(DAYS.index, when.hours.days)), when.hours.start, when.hours.end, when.hours.zone)
        if when.hours
        else None
    )
    same = {name: getattr(when, name) for name in When.__slots__ if name not in {"hours", "is_reply"}}
    return Rule(
        name=given.name,
        then=Action(given.then),
        when=When(**same, is_reply=None if when.direction is None else when.direction == "reply", hours=hours),
        tags=given.tag,
        letter=_letter(given.letter),
        notice=given.notice,
        text=given.text,
        notify=given.notify,
        review=given.forward_to_review,
    )
