"""Kinds of values that a policy has: formats of numbers, patterns of addresses, countries, times, keys, actions.

Each says in words what it expects, and what to write instead (:func:`pansentry.configuration.explain.flaw`). What PCI
DSS forbids cannot be written: the refusal says why. Pure, but for the list of languages, which is that of the files
with their words.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from pansentry.configuration.explain import closest, flaw
from pansentry.configuration.fields import a_labels, is_address, is_domain
from pansentry.pan import brands
from pansentry.pan.brands import BRANDS
from pansentry.policy.countries import COUNTRIES
from pansentry.policy.policy import EVERYONE
from pansentry.policy.unread import why_not
from pansentry.sealing import is_public_key
from pansentry.truncation import PAN_FORMATS

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


def _unread(value: Any) -> Any:
    wrong, fix = why_not(value) if isinstance(value, str) else ("", "")
    if wrong:
        raise flaw(wrong, fix)
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
Unread = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_:.-]*\*?$"), BeforeValidator(_unread)]
BrandName = Annotated[str, AfterValidator(_brand)]
OwnNumbers = Annotated[
    tuple[Annotated[str, BeforeValidator(_own_number)], ...],
    BeforeValidator(lambda v: (v,) if isinstance(v, str | int) else v),
]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$"), AfterValidator(_language)]
PanFormat = Annotated[Literal["last4", "first6last4", "full"], BeforeValidator(_pan_format)]
AlwaysFull = Annotated[Literal["full"], BeforeValidator(_always_full)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
ActionName = Annotated[
    Literal["redact", "replace-part", "hold", "refuse", "deliver", "tempfail"], BeforeValidator(_action)
]
RefusalText = Annotated[str, Field(max_length=200), AfterValidator(_refusal_text)]
PublicKey = Annotated[str, AfterValidator(_public_key)]
Target = Annotated[str, AfterValidator(_target)]
