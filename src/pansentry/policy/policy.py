"""A policy as the core uses it: frozen values, no file, no pydantic.

A :class:`Rule` is a :class:`When` (all of its conditions must hold; within one condition any entry) and what happens
then. Rules are tried from top to bottom, the first that matches wins. :class:`PolicySet` finds the policy of a
recipient; the most specific entry of ``applies_to`` wins: address, address without ``+tag``, domain, ``*.domain``
(longest first), everyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from pansentry.outcome import Action
from pansentry.pan.options import DEFAULT_THRESHOLDS, DetectOptions
from pansentry.truncation import Style

if TYPE_CHECKING:
    from pansentry.pan.finding import Kind

EVERYONE = "everyone"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of the week: ``days`` 0 (Monday) … 6, empty for all; minutes of the day, past midnight if start > end."""

    days: tuple[int, ...] = ()
    start: int = 0
    end: int = 24 * 60
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class When:
    """Conditions. An empty tuple or None asks nothing.

    ``kind``, ``brand``, ``place``, ``confidence_at_least`` together describe sightings; ``count_at_least`` how many
    of them there must be (one, if any of them is asked). ``found`` asks for any sighting, or for none.
    """

    found: bool | None = None
    kind: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    confidence_at_least: float | None = None
    count_at_least: int | None = None
    sender: tuple[str, ...] = ()
    sender_country: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    authentication: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    ambiguous: bool | None = None
    signed: bool | None = None
    is_reply: bool | None = None
    size_over: int | None = None
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``letter`` None leaves it to the policy's ``reply``; ``text`` is what a refused client is told.

    ``notify`` are told by mail that the rule matched, ``review`` get a redacted copy.
    """

    name: str
    then: Action
    when: When = When()
    tags: tuple[str, ...] = ()
    letter: str | None = None
    notice: str | None = None
    text: str = ""
    notify: tuple[str, ...] = ()
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyTerms:
    """When customers are written to: ``letter`` is a folder of letters, ``""`` for none.

    ``require`` is ``dmarc`` (DMARC passes, or, without a DMARC record, aligned SPF or DKIM), ``spf-or-dkim`` (either
    passes aligned) or ``none`` (closed networks and tests). ``exempt`` are senders who never get a letter.
    """

    letter: str = "guidance"
    require: str = "dmarc"
    window_s: int = 7 * 86400
    confidence_at_least: float = 0.6
    exempt: tuple[str, ...] = ()
    enquiries: bool = True
    """Whether "may I send you my card by mail?" is answered."""


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """What is kept of held mail: ``seal_to`` is the public key that originals are sealed to, ``""`` for none kept."""

    seal_to: str = ""
    expires_s: int = 30 * 86400
    digest_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """What is found, what is taken out, and what happens then.

    ``version`` is a digest of the file, for events; ``on_error`` is ``tempfail``, ``hold`` or ``deliver-unscanned``.
    """

    name: str
    applies_to: tuple[str, ...] = (EVERYONE,)
    rules: tuple[Rule, ...] = ()
    mode: str = "enforce"
    thresholds: Mapping[Kind, float] = field(default_factory=lambda: DEFAULT_THRESHOLDS, hash=False)
    brands: frozenset[str] = frozenset()
    own_numbers: tuple[str, ...] = ()
    ignore_test_numbers: bool = False
    languages: frozenset[str] = frozenset()
    style: Style = field(default_factory=Style)
    reply: ReplyTerms = field(default_factory=ReplyTerms)
    notice: str = "header"
    hold: HoldTerms = field(default_factory=HoldTerms)
    notify_window_s: int = 3600
    on_error: str = "tempfail"
    version: str = field(default="built-in", compare=False)

    def detect_options(self) -> DetectOptions:
        """Return what the detector is asked for under this policy."""
        return self._options

    @cached_property
    def _options(self) -> DetectOptions:
        return DetectOptions(
            thresholds=MappingProxyType(dict(self.thresholds)),
            brands=self.brands,
            own_numbers=self.own_numbers,
            ignore_test_numbers=self.ignore_test_numbers,
            languages=self.languages,
        )

    @property
    def observes(self) -> bool:
        return self.mode == "observe"

    @cached_property
    def asks_heading(self) -> bool:
        """Whether any rule depends on what stands in the heading of a message."""
        return any(
            rule.when.sender or rule.when.sender_country or rule.when.is_reply is not None for rule in self.rules
        )

    def asks_authentication(self, *, found: bool) -> bool:
        """Whether the decision on a message (card data ``found`` or not) depends on who the sender is proven to be."""
        letters = found and self.reply.require != "none" and bool(self.reply.letter)
        return letters or self._rules_ask_authentication

    @cached_property
    def _rules_ask_authentication(self) -> bool:
        return any(rule.when.authentication for rule in self.rules)


_MAX_REMEMBERED = 1024


@dataclass(frozen=True)
class PolicySet:
    """All policies of an installation. ``version`` is a digest over all of them."""

    policies: tuple[Policy, ...]
    fallback: Policy
    version: str = "built-in"

    @cached_property
    def _by_target(self) -> Mapping[str, Policy]:
        return {target: policy for policy in self.policies for target in policy.applies_to}

    def for_recipient(self, address: str) -> Policy:
        """Return the policy of a forward-path (``local@domain``, without angle brackets)."""
        if not self.policies:
            return self.fallback
        found = self._by_address.get(address)
        if found is None:
            target = self.target_of(address)
            found = self.fallback if target == EVERYONE else self._by_target[target]
            if len(self._by_address) >= _MAX_REMEMBERED:
                self._by_address.clear()
            self._by_address[address] = found
        return found

    @cached_property
    def _by_address(self) -> dict[str, Policy]:
        """What was answered: a gateway's recipients are few (17,000 instructions each time)."""
        return {}

    def target_of(self, address: str) -> str:
        """Return the most specific entry of any ``applies_to`` that means ``address``; ``everyone`` if none does."""
        local, _, domain = address.lower().rpartition("@")
        targets = [f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}", domain]
        labels = domain.split(".")
        targets += ["*." + ".".join(labels[i:]) for i in range(1, len(labels))]
        return next((target for target in targets if target in self._by_target), EVERYONE)

    def same_policy(self, one: str, other: str) -> bool:
        """Tell whether two recipients are under the same policy, so that one transaction has one verdict."""
        return self.for_recipient(one) is self.for_recipient(other)

    def letters(self) -> frozenset[str]:
        """Return the names of all letters that some policy or rule sends."""
        everyone = (*self.policies, self.fallback)
        named = {rule.letter for policy in everyone for rule in policy.rules if rule.letter}
        return frozenset(named | {policy.reply.letter for policy in everyone if policy.reply.letter})

    def with_mode(self, mode: str) -> PolicySet:
        """Return the set with every policy in ``mode`` (the configuration's ``mode`` overrides)."""
        policies = tuple(replace(p, mode=mode) for p in self.policies)
        return replace(self, policies=policies, fallback=replace(self.fallback, mode=mode))
