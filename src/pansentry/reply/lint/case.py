"""What a rule of the linter sees: a written letter, its page, what it was to say. Out: what is wrong, and the fix.

Every rule is a function from a :class:`Case` to ``(wrong, fix, file)``, one for each thing that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pansentry.configuration import Business
    from pansentry.reply.channels import Way
    from pansentry.reply.kinds import Kind
    from pansentry.reply.letters import Written
    from pansentry.reply.lint.page import Page

UNSPACED = frozenset({"ja"})
"""Languages that put no spaces between words."""

URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"']+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; ``file`` is the template to look at."""

    rule: str
    wrong: str
    fix: str
    file: str = "body.txt"


@dataclass(frozen=True, slots=True)
class Score:
    """``points`` of ``best``: one for each rule without a fault."""

    points: int
    best: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A letter, the page its HTML makes, its business and language, and the ways to pay that it was to offer."""

    letter: Written
    page: Page
    business: Business
    language: str
    kind: Kind
    ways: tuple[Way, ...]

    @property
    def text(self) -> str:
        return self.letter.text

    def says(self, table: Mapping[str, tuple[str, ...]], text: str) -> str:
        """Return the first phrase of the language's list that the letter says, at the beginning of a word."""
        said = f"{self.letter.subject}\n{text}".casefold()
        start = "" if self.language in UNSPACED else r"(?<!\w)"
        listed = (word for word in table.get(self.language, ()) if word.casefold() in said)  # few are
        return next((word for word in listed if re.search(start + re.escape(word.casefold()), said)), "")

    def urls(self) -> list[str]:
        """Return every address in text and HTML, once."""
        found = [url.rstrip(".,;)") for url in URL.findall(self.text)]
        return [*dict.fromkeys((*found, *(href for href, _ in self.page.links)))]

    def allowed_hosts(self) -> frozenset[str]:
        """Return the hosts that it may link to."""
        return frozenset(hosts_of(self.business))

    @property
    def css(self) -> str:
        return "".join(self.page.css)


Faults = Iterator[tuple[str, str, str]]
Check = Callable[[Case], Faults]


def hosts_of(business: Business) -> tuple[str, ...]:
    """Return the hosts and domains that letters may link to."""
    urls = (business.website or "", business.pay_page or "")
    return tuple(dict.fromkeys((*(host for host in map(host_of, urls) if host), *business.link_domains)))


def host_of(url: str) -> str:
    """Return the host of a URL, ``""`` if there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
