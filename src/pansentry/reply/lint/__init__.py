"""Does a letter look like phishing, or is it hard to read? A table of rules, each with its reason.

In: a written letter (subject, text, HTML), the business, the language, what it was to say. Out: faults; :func:`score`
counts them against the rules. Used when letters are loaded, so that no letter that fails is ever sent.

What is judged: links (where they go, what they show), what is asked for, tone, truth, length, the authenticity line,
the phone number, equality of text and HTML, and the rules for HTML in mail (contrast WCAG 2.2 1.4.3, size, language,
dark mode, phones). Unknown names and whatever leaves the sandbox are refused before that, by :mod:`.templates`. Gaps:
tone is judged by word lists in the languages that have one; contrast only where one style names both colours (a browser
measures the shipped letters as they are drawn).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pansentry.reply.channels import ways
from pansentry.reply.kinds import Kind
from pansentry.reply.lint.appearance import APPEARANCE
from pansentry.reply.lint.case import Case, Fault, Score, hosts_of
from pansentry.reply.lint.links import LINKS
from pansentry.reply.lint.page import Page
from pansentry.reply.lint.wording import WORDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pansentry.configuration import Business
    from pansentry.reply.letters import Words, Written
    from pansentry.reply.lint.case import Check

__all__ = ["RULES", "Fault", "Score", "hosts_of", "lint", "score"]

RULES: Mapping[str, Check] = MappingProxyType({**LINKS, **WORDING, **APPEARANCE})
"""Every rule by its stable code."""


def lint(letter: Written, business: Business, language: str, words: Words | None = None) -> tuple[Fault, ...]:
    """Return every fault of a written letter; ``words`` is what it was written from (None: a first letter)."""
    page = Page()
    page.feed(letter.html)
    page.close()
    kind = words.kind if words is not None else Kind.FIRST
    offered = (words.ways if words is not None else ()) or ways(business)
    case = Case(letter, page, business, language, kind, offered)
    return tuple(Fault(rule, wrong, fix, file) for rule, check in RULES.items() for wrong, fix, file in check(case))


def score(faults: tuple[Fault, ...]) -> Score:
    """Return how many rules a letter keeps."""
    return Score(len(RULES) - len({fault.rule for fault in faults}), len(RULES), faults)
