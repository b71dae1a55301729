"""``policies/*.yaml`` as a model, and the way from the model to a :class:`~pansentry.policy.policy.Policy`.

In: a document read by :mod:`pansentry.configuration.documents`. Out: a policy, or flaws with line, column and fix; what
each value may be is in :mod:`.values`. The sentences below the fields become the JSON Schema that editors show.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from pansentry.configuration.fields import Address, Bytes, Many, Seconds, Settings, one_or_many
from pansentry.outcome import Action
from pansentry.pan.finding import Kind
from pansentry.policy.policy import NOBODY, HoldTerms, Hours, Policy, ReplyTerms, Rule, When
from pansentry.policy.values import (
    DAYS,
    ActionName,
    AlwaysFull,
    BrandName,
    Country,
    KindName,
    Language,
    Letter,
    Member,
    Minutes,
    OwnNumbers,
    PanFormat,
    Pattern,
    PlaceName,
    PublicKey,
    RefusalText,
    Tag,
    Target,
    Threshold,
    Unread,
    Zone,
)
from pansentry.truncation import Style


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
    languages: Annotated[tuple[Language, ...], Many] = ()
    """Only these languages' words for card data (empty: all)."""


class Redact(Settings):
    """What stays readable."""

    pan: PanFormat = "last4"
    cvv: AlwaysFull = "full"
    track: AlwaysFull = "full"
    expiry: Literal["full", "keep"] = "full"


class HoursIn(Settings):
    """A span of the week."""

    days: Annotated[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Many] = ()
    start: Minutes = Field(default=0, alias="from")
    end: Minutes = Field(default=24 * 60, alias="to")
    zone: Zone = "UTC"


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
    sender_country: Annotated[tuple[Country, ...], Many] = ()
    """Country of the sender's domain by its last label (`.de`); a `.com` is of no country."""
    recipient: Annotated[tuple[Member, ...], Many] = ()
    """Whose mailbox: addresses, domains, or a role: `accounts@*`, `group:NAME`."""
    authentication: Annotated[tuple[Literal["pass", "fail", "none"], ...], Many] = ()
    """Whether the sender is proven (pass), proven false (fail), or neither (none)."""
    unreadable: Annotated[tuple[Unread, ...], Many] = Field(default=(), examples=["encrypted"])
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
    then: ActionName
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
    text: RefusalText = ""
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
    seal_to: PublicKey | None = Field(default=None, examples=["age1…"])
    """Public key as `age-keygen` prints it. The private key stays off this machine."""
    expires: Seconds = 30 * 86400.0
    """Held mail is deleted after this time."""
    digest_to: Annotated[tuple[Address, ...], Many] = ()
    """Who is sent a list of held mail once a day."""


class PolicyIn(Settings):
    """A policy file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["default"])
    applies_to: Annotated[
        tuple[Target, ...],
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
