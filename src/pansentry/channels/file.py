"""``policies/channels.yaml`` as a model, and the way from there to :class:`~.channel.Channels`.

In: the bytes of the file. Out: channels, or every flaw with line, column and fix. Beyond the kinds of values: a channel
that cannot be used for every customer must name another one that takes its place (``otherwise``), and that chain must
end in one that can always be used; every kind has what it needs; an IBAN is a real one (ISO 13616, python-stdnum).
"""

from __future__ import annotations

import re
import string
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from pansentry.channels.channel import Channel, ChannelKind, Channels, Conditions, Opening, Provider, Reference
from pansentry.configuration.documents import read_bytes
from pansentry.configuration.explain import build, closest, flaw
from pansentry.configuration.fields import Line, Many, Seconds, Settings, Telephone, WebAddress
from pansentry.errors import ConfigurationError, Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.configuration.documents import Document

FILE = "channels.yaml"
"""Its name in the folder of policies."""
PLACEHOLDERS = frozenset({"order", "amount", "currency", "part"})
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPAN = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01]?[0-9]|2[0-4]):([0-5][0-9])")
_MONEY = re.compile(r"([0-9]{1,9})(?:\.([0-9]{2}))?(?: ?([A-Z]{3}))?")


def _days(value: str) -> tuple[int, ...]:
    first, dash, last = value.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise flaw("`{key}` has {raw}, which is no day or span of days.", "Write `mon`, or `mon-fri`.")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return tuple(range(start, end + 1)) if start <= end else (*range(start, 7), *range(end + 1))


def _spans(value: Any) -> Any:
    texts = (value,) if isinstance(value, str) else value
    spans = []
    for text in texts if isinstance(texts, tuple) else (None,):
        match = _SPAN.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise flaw("`{key}` cannot be {raw}; it is a span of a day.", 'Write for example `"9:00-17:00"`.')
        start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if end <= start or end > 24 * 60:
            raise flaw("`{key}` ends before it begins.", 'Write for example `"9:00-17:00"`.')
        spans.append((start, end))
    return tuple(spans)


def _zone(value: str) -> str:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise flaw("There is no time zone {raw}.", "Write for example `Europe/Berlin` or `UTC`.") from None
    return value


def _closed(value: str) -> str:
    import datetime

    try:
        datetime.date.fromisoformat(value if len(value) == 10 else f"2024-{value}")
    except ValueError:
        raise flaw(
            "`{key}` has {raw}, which is no day.", 'Write `"2026-05-01"`, or `"12-25"` for every year, in quotes.'
        ) from None
    return value


def _money(value: Any) -> Any:
    match = _MONEY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise flaw("`{key}` cannot be {raw}; it is an amount.", 'Write for example `"500.00"` or `500 EUR`.')
    return int(match[1]) * 100 + int(match[2] or 0)


def _iban(value: str) -> str:
    from stdnum import iban
    from stdnum.exceptions import ValidationError

    try:
        iban.validate(value)
    except ValidationError:
        raise flaw("`{key}` is {raw}, which is no valid IBAN.", "Copy it from your bank's papers.") from None
    return str(iban.format(value))


def _template(value: str) -> str:
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(value) if name is not None}
    except ValueError:
        raise flaw("`{key}` has a curly bracket that is not closed.", "Write for example `{{order}}`.") from None
    if unknown := names - PLACEHOLDERS:
        known = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
        raise flaw(f"`{{key}}` uses {{{min(unknown)}}}, which nobody fills in.", f"The names are: {known}.")
    return value


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Money = Annotated[int, BeforeValidator(_money)]


class HoursIn(Settings):
    """When somebody is there."""

    zone: Annotated[str, AfterValidator(_zone)] = Field(examples=["Europe/Berlin"])
    open: dict[str, Annotated[tuple[tuple[int, int], ...], BeforeValidator(_spans)]] = Field(
        examples=['{mon-fri: "9:00-17:00", sat: "10:00-13:00"}']
    )
    """Days, or spans of days, and from when to when."""
    closed: Annotated[tuple[Annotated[str, AfterValidator(_closed)], ...], Many] = ()
    """Holidays: `"2026-05-01"`, or `"12-25"` for every year."""


class WhenIn(Settings):
    """Conditions; all must hold. A list means: any of these."""

    language: Annotated[tuple[Language, ...], Many] = ()
    """Language of the letter."""
    country: Annotated[tuple[Country, ...], Many] = ()
    """Country of the customer, by phone number or address, such as DE."""
    order: bool | None = None
    """Whether the mail names exactly one order number."""
    amount: bool | None = None
    """Whether the mail names exactly one amount."""
    amount_at_least: Money | None = None
    amount_at_most: Money | None = None
    open: bool | None = None
    """Whether somebody is there now, by `hours`."""
    phone: Literal["mobile", "fixed", "any"] | None = None
    """Type of the phone number in the mail."""
    sender: Literal["known", "new"] | None = None
    """Whether this customer had a letter before."""
    letters_at_least: int | None = Field(default=None, ge=0, le=1000)
    letters_at_most: int | None = Field(default=None, ge=0, le=1000)


class ChannelIn(Settings):
    """One way to pay or to reach the shop."""

    name: Name = Field(examples=["shop-page"])
    kind: Literal["pay_page", "phone", "website", "callback", "in_person", "post", "sms", "whatsapp", "bank_transfer"]
    url: Annotated[WebAddress, AfterValidator(_template)] | None = None
    """Page to pay on; `{order}`, `{amount}`, `{currency}`, `{part}` are filled in from the mail."""
    reference: Literal["none", "signed", "provider"] = "none"
    """`signed` adds signed, expiring parameters; `provider` asks your payment provider for a link."""
    number: Telephone | None = None
    text: Line | None = Field(default=None, max_length=120)
    """Address of the shop (`in_person`, `post`), as it stands in the letter."""
    iban: Annotated[str, AfterValidator(_iban)] | None = None
    note: Line = Field(default="", max_length=80)
    """Stands in brackets behind it, such as opening hours."""
    webhook: WebAddress | None = None
    """Is told, as JSON, when this channel is offered (`callback`, `sms`, `whatsapp`)."""
    when: WhenIn = WhenIn()
    otherwise: Name | None = None
    """The channel that takes its place where it cannot be used."""
    duty: Line = Field(default="", max_length=200)
    """What staff have to do when it is offered."""


class ProviderIn(Settings):
    """A payment provider that makes links."""

    kind: Literal["stripe", "stripe-checkout", "mollie", "adyen"]
    key_file: Line = Field(examples=["/etc/pansentry/stripe.key"])
    account: Line = ""
    """Adyen's merchant account."""
    endpoint: str = ""
    """Another address than the provider's own, for tests and for Adyen's live prefix."""
    timeout: Seconds = 4.0


class ChannelsIn(Settings):
    """``policies/channels.yaml``."""

    hours: HoursIn | None = None
    country: Country | None = None
    """The shop's country, for phone numbers without a prefix."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    """The shop's currency, where a mail leaves it open."""
    reference_codes: bool = True
    """Whether letters name a code that both sides read aloud on the phone."""
    valid: Seconds = 14 * 86400.0
    """How long signed links and reference codes hold."""
    provider: ProviderIn | None = None
    channels: tuple[ChannelIn, ...] = Field(min_length=1, max_length=50)


def parse_channels(raw: bytes, file: str) -> Channels:
    """Return the channels in a file. Raises :class:`ConfigurationError` with every flaw."""
    document = read_bytes(raw, file)
    given = build(ChannelsIn, document)
    flaws = list(_flaws(given, document))
    if flaws:
        raise ConfigurationError(*flaws)
    return _to_channels(given)


def load_channels(folder: str | Path) -> Channels | None:
    """Return the channels of a folder of policies, None if it has no such file."""
    path = Path(folder) / FILE
    return parse_channels(path.read_bytes(), str(path)) if path.is_file() else None


_NEEDS = {
    # kind: what it needs · in words; pay_page, phone and website fall back on the facts of the business
    "in_person": ("text", "the shop's address"),
    "post": ("text", "the shop's address"),
    "sms": ("number", "the number to write to"),
    "whatsapp": ("number", "the number to write to"),
    "bank_transfer": ("iban", "the account"),
}
_FITS = {
    "url": {"pay_page", "website"},
    "number": {"phone", "sms", "whatsapp"},
    "text": {"in_person", "post"},
    "iban": {"bank_transfer"},
    "webhook": {"callback", "sms", "whatsapp"},
}


def _flaws(given: ChannelsIn, document: Document) -> Iterator[Flaw]:
    def at(i: int, key: str, wrong: str, fix: str) -> Flaw:
        place = document.place(("channels", i, key))
        return Flaw(place.file, place.line, place.column, wrong, fix)

    names: dict[str, int] = {}
    for i, channel in enumerate(given.channels):
        if channel.name in names:
            yield at(i, "name", f"Two channels are called `{channel.name}`.", "Rename one.")
        names.setdefault(channel.name, i)
    for days in given.hours.open if given.hours else ():
        try:
            _days(days)
        except ValueError:
            place = document.place(("hours", "open", days))
            wrong = f"`{days}` is no day or span of days."
            yield Flaw(place.file, place.key_line, place.key_column, wrong, "Write `mon`, or `mon-fri`.")
    for i, channel in enumerate(given.channels):
        key, what = _NEEDS.get(channel.kind, ("", ""))
        if key and not getattr(channel, key):
            yield at(i, "kind", f"`{channel.name}` needs {what}.", f"Add `{key}:` to it.")
        for fact, kinds in _FITS.items():
            if getattr(channel, fact) and channel.kind not in kinds:
                yield at(i, fact, f"`{fact}` says nothing about a channel of kind {channel.kind}.", "Take it out.")
        if channel.reference != "none" and channel.kind != "pay_page":
            yield at(i, "reference", "Only a pay page can be given a reference.", "Take the line out.")
        if channel.reference == "provider" and given.provider is None:
            yield at(i, "reference", "No payment provider is named.", "Add `provider:` with `kind` and `key_file`.")
        if channel.when.open is not None and given.hours is None:
            yield at(
                i, "when", f"`{channel.name}` asks whether the shop is open, but nobody says when.", "Add `hours:`."
            )
        yield from _fall_back(given, i, names, at)
    if not any(_always(channel) for channel in given.channels):
        place = document.place(("channels",))
        fix = "Leave `when:` out of at least one; best of the phone."
        yield Flaw(place.file, place.line, place.column, "No channel can be used for every customer.", fix)


def _fall_back(given: ChannelsIn, i: int, names: dict[str, int], at: Any) -> Iterator[Flaw]:
    """Follow ``otherwise`` to a channel that can always be used."""
    channel = given.channels[i]
    if channel.otherwise and channel.otherwise not in names:
        near = closest(channel.otherwise, names)
        fix = f"Did you mean `{near}`?" if near else f"The channels are: {', '.join(names)}."
        yield at(i, "otherwise", f"There is no channel `{channel.otherwise}`.", fix)
    elif not _always(channel) and not channel.otherwise:
        wrong = f"`{channel.name}` cannot be used for every customer, and nothing takes its place."
        yield at(i, "name", wrong, "Add `otherwise:` with the name of another channel.")
    else:
        seen, here = [channel.name], channel
        while not _always(here) and here.otherwise in names:
            here = given.channels[names[here.otherwise]]
            if here.name in seen:
                round_trip = " → ".join((*seen, here.name))
                yield at(
                    i, "otherwise", f"The fall-backs go round in a circle: {round_trip}.", "End in one without `when:`."
                )
                return
            seen.append(here.name)


def _always(channel: ChannelIn) -> bool:
    """Tell whether a channel can be used for every customer."""
    return channel.when == WhenIn() and not placeholders(channel.url or "")


def placeholders(url: str) -> frozenset[str]:
    """Return the names that a URL asks to be filled in."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(url) if name)


def hosts(channels: Channels) -> frozenset[str]:
    """Return the hosts that channels link to; naming one there is naming it as one's own."""
    urls = [c.value for c in channels.channels if c.kind in {ChannelKind.PAY_PAGE, ChannelKind.WEBSITE}]
    return frozenset(host for url in urls if (host := urlsplit(url).hostname))


def _to_channels(given: ChannelsIn) -> Channels:
    hours = given.hours
    opening = None
    if hours is not None:
        spans = tuple((day, *span) for days, found in hours.open.items() for day in _days(days) for span in found)
        opening = Opening(spans, frozenset(hours.closed), hours.zone)
    provider = None
    if given.provider is not None:
        p = given.provider
        provider = Provider(p.kind, p.key_file, p.account, p.endpoint, p.timeout)
    return Channels(
        tuple(_to_channel(channel) for channel in given.channels),
        opening,
        provider,
        given.reference_codes,
        int(given.valid),
        given.country or "",
        given.currency or "",
    )


def _to_channel(given: ChannelIn) -> Channel:
    when = given.when
    return Channel(
        name=given.name,
        kind=ChannelKind(given.kind),
        value=given.url or given.number or given.text or given.iban or "",
        note=given.note,
        when=Conditions(
            when.language,
            when.country,
            when.order,
            when.amount,
            when.amount_at_least,
            when.amount_at_most,
            when.open,
            when.phone or "",
            None if when.sender is None else when.sender == "known",
            when.letters_at_least,
            when.letters_at_most,
        ),
        otherwise=given.otherwise or "",
        reference=Reference(given.reference),
        duty=given.duty,
        webhook=given.webhook or "",
    )
