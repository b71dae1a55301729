"""Where the links of a letter go, and what they show."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from pansentry.reply.lint import phrases
from pansentry.reply.lint.case import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.reply.lint.case import Case, Check, Faults

_DOMAIN_LIKE = re.compile(
    r"(?:https?://)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,12})(?:/\S*)?", re.IGNORECASE
)


def _link_text(case: Case) -> Faults:
    for href, text in case.page.links:
        shown = _DOMAIN_LIKE.fullmatch(text.strip().rstrip("."))
        if shown and shown[1].lower() != host_of(href):
            yield f"A link shows {shown[1]} but leads elsewhere.", "Show the address that it leads to.", "body.html"


def _link_target_shown(case: Case) -> Faults:
    for href, _ in case.page.links:
        if href.startswith("https:") and href not in case.page.text:
            yield "A link's address is not shown.", "Write the address out below the button.", "body.html"


def _link_domain(case: Case) -> Faults:
    allowed = case.allowed_hosts()
    for url in case.urls():
        host = host_of(url)
        if host and not any(host == a or host.endswith("." + a) for a in allowed):
            yield (
                f"A link leads to {host}, which is neither your website nor a named payment provider.",
                "Use your own domain, or add it to `link_domains` under `business:`.",
                "body.txt",
            )


def _shortener(case: Case) -> Faults:
    for url in case.urls():
        if host_of(url).removeprefix("www.") in phrases.SHORTENERS:
            yield f"{host_of(url)} hides where a link leads.", "Write the full address.", "body.txt"


def _tracking(case: Case) -> Faults:
    for url in case.urls():
        try:
            names = {name.lower() for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
        except ValueError:
            continue
        if not names.isdisjoint(phrases.TRACKING):
            yield "A link follows who opens it.", "Remove the tracking parameters.", "body.txt"


def _scheme(case: Case) -> Faults:
    for url in case.urls():
        scheme = url.partition(":")[0].lower()
        if scheme not in {"https", "tel", "mailto"}:
            yield f"A link starts with {scheme or 'nothing'}.", "Use https.", "body.txt"


def _userinfo(case: Case) -> Faults:
    for url in case.urls():
        try:
            odd = "@" in urlsplit(url).netloc or "xn--" in host_of(url) or not host_of(url).isascii()
        except ValueError:
            odd = True
        if url.startswith("http") and odd:
            yield "A link's address can be mistaken for another.", "Use a plain host name.", "body.txt"


LINKS: Mapping[str, Check] = MappingProxyType(
    {
        "link-text": _link_text,
        "link-shown": _link_target_shown,
        "link-domain": _link_domain,
        "shortener": _shortener,
        "tracking": _tracking,
        "scheme": _scheme,
        "look-alike": _userinfo,
    }
)
"""Rules of links by their stable codes."""
