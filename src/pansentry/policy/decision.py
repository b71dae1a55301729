"""Facts + policy → verdict. The first rule whose conditions all hold decides.

Rules are compiled once per policy into tuples of predicates over a digest of the facts, so that a decision over a
thousand rules stays under a millisecond. When no rule matches, card data is redacted and everything else delivered: a
policy with an empty list of rules is a safe one.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry.envelope import Authentication, AuthResult
from pansentry.outcome import Action, Verdict
from pansentry.policy.countries import country_of
from pansentry.policy.facts import Facts
from pansentry.policy.policy import Policy, Rule, When
from pansentry.senders import is_proven, patterns_of, untagged
from pansentry.smtp_reply import REFUSED_BY_POLICY, TRY_AGAIN, Reply

if TYPE_CHECKING:
    from pansentry.policy.facts import Sighting
    from pansentry.policy.policy import Hours

Predicate = Callable[["Facts"], bool]

PLACES = {
    # word in a policy: prefixes of places, for sightings that do not say themselves what they stand in
    "header": ("header",),
    "body": ("body", "preamble", "epilogue"),
    "attachment": ("part", "name"),
}
_NO_RULE, _NO_RULE_FOUND = Rule("no-rule", Action.DELIVER), Rule("no-rule", Action.REDACT)


@dataclass(frozen=True, slots=True)
class Step:
    """One rule on the way to a decision: ``failed`` names the first condition that did not hold, "" if all did."""

    rule: str
    failed: str


def decide(facts: Facts, policy: Policy) -> Verdict:
    """Return the verdict of ``policy`` on a message with these ``facts``."""
    is_of_something = facts.sightings or facts.unreadable or facts.ambiguities
    for rule, conditions in _compiled(policy) if is_of_something else _compiled_for_nothing(policy):
        for _, holds in conditions:
            if not holds(facts):
                break
        else:
            return _verdict(rule, facts, policy)
    return _verdict(_NO_RULE_FOUND if facts.sightings else _NO_RULE, facts, policy)


def decide_on_nothing(policy: Policy) -> Verdict | None:
    """Return the verdict on unsigned mail of which nothing is to be said, if it is the same for all such mail.

    None if any rule asks what kind of mail it is, whose, or how large: then :func:`decide` has to be given the facts.
    """
    known: dict[None, Verdict | None] = policy.__dict__.setdefault("_on_all_of_nothing", {})
    if not known:
        rules = _compiled_for_nothing(policy)
        is_same = not policy.asks_heading and not (rules and rules[0][1])
        known[None] = _verdict(rules[0][0] if rules else _NO_RULE, Facts(), policy) if is_same else None
    return known[None]


def trace(facts: Facts, policy: Policy) -> tuple[Step, ...]:
    """Return the path through the rules, for ``policy explain``: every rule tried, up to the one that matched."""
    steps: list[Step] = []
    for rule, conditions in _compiled(policy):
        failed = next((name for name, holds in conditions if not holds(facts)), "")
        steps.append(Step(rule.name, failed))
        if not failed:
            break
    return tuple(steps)


def _verdict(rule: Rule, facts: Facts, policy: Policy) -> Verdict:
    """Return the verdict of a rule. On mail with nothing to be said of it, that is made once for each rule."""
    if facts.sightings or facts.unreadable or facts.ambiguities or facts.signed:
        return _made(rule, facts, policy)
    known: dict[int, Verdict] = policy.__dict__.setdefault("_on_nothing", {})
    verdict = known.get(id(rule))  # rules live as long as their policy
    if verdict is None:
        verdict = known[id(rule)] = _made(rule, facts, policy)
    return verdict


def _made(rule: Rule, facts: Facts, policy: Policy) -> Verdict:
    acts = rule.then in {Action.REDACT, Action.REPLACE_PART, Action.HOLD}
    sure = any(s.confidence >= policy.reply.confidence_at_least for s in facts.sightings)
    letter = policy.reply.letter if rule.letter is None else rule.letter
    return Verdict(
        action=rule.then,
        rule=f"{policy.name}/{rule.name}",
        reasons=_reasons(facts),
        reply=_reply(rule),
        tags=rule.tags,
        letter=letter if (acts and sure) or _about_unread(rule, facts) else "",
        notice=policy.notice if rule.notice is None else rule.notice,
        notify=rule.notify,
        review=rule.review,
        observe_only=policy.observes,
    )


def _about_unread(rule: Rule, facts: Facts) -> bool:
    """Tell whether a letter is about what could not be read: the mail is held, or the rule names a letter for it."""
    return bool(facts.unreadable) and not facts.sightings and (rule.then is Action.HOLD or bool(rule.letter))


def _reply(rule: Rule) -> Reply | None:
    base = {Action.REFUSE: REFUSED_BY_POLICY, Action.TEMPFAIL: TRY_AGAIN}.get(rule.then)
    return Reply(base.code, base.enhanced, rule.text) if base and rule.text else base


def replies(policy: Policy) -> frozenset[Reply | None]:
    """Return all that a peer may be told under a policy."""
    return frozenset({None, TRY_AGAIN, *map(_reply, policy.rules)})


def _reasons(facts: Facts) -> tuple[str, ...]:
    found = sorted({f"found:{s.kind}" for s in facts.sightings})
    unread = sorted({f"unreadable:{u.reason}" for u in facts.unreadable})
    return (
        *found,
        *unread,
        *(f"ambiguous:{code}" for code in facts.ambiguities),
        *(("signed",) if facts.signed else ()),
    )


@functools.lru_cache(maxsize=64)
def _compile(rules: tuple[Rule, ...]) -> tuple[tuple[Rule, tuple[tuple[str, Predicate], ...]], ...]:
    return tuple((rule, tuple(_predicates(rule.when))) for rule in rules)


def _compiled(policy: Policy) -> tuple[tuple[Rule, tuple[tuple[str, Predicate], ...]], ...]:
    cached = policy.__dict__.get("_compiled_rules")
    if cached is None:
        cached = _compile(policy.rules)
        policy.__dict__["_compiled_rules"] = cached
    return cached


def _compiled_for_nothing(policy: Policy) -> tuple[tuple[Rule, tuple[tuple[str, Predicate], ...]], ...]:
    """Return the rules without those that ask for something found, unreadable or ambiguous: most of them, and most mail
    has none of it."""
    cached: tuple[tuple[Rule, tuple[tuple[str, Predicate], ...]], ...] | None
    cached = policy.__dict__.get("_compiled_for_nothing")
    if cached is None:
        cached = tuple(pair for pair in _compiled(policy) if not _asks_for_something(pair[0].when))
        policy.__dict__["_compiled_for_nothing"] = cached
    return cached


def _asks_for_something(when: When) -> bool:
    about_sightings = when.kind or when.brand or when.place or when.count_at_least is not None
    return bool(
        when.found or when.ambiguous or when.unreadable or about_sightings or when.confidence_at_least is not None
    )


def _predicates(when: When) -> Iterable[tuple[str, Predicate]]:
    """Yield name and predicate of each condition that is asked; cheap ones first."""
    if when.found is not None:
        wanted = when.found
        yield "found", lambda f: bool(f.sightings) is wanted
    if when.signed is not None:
        signed = when.signed
        yield "signed", lambda f: f.signed is signed
    if when.ambiguous is not None:
        ambiguous = when.ambiguous
        yield "ambiguous", lambda f: bool(f.ambiguities) is ambiguous
    if when.is_reply is not None:
        is_reply = when.is_reply
        yield "is_reply", lambda f: f.is_reply is is_reply
    if when.size_over is not None:
        size = when.size_over
        yield "size_over", lambda f: f.size_bytes > size
    if when.authentication:
        states = frozenset(when.authentication)
        yield "authentication", lambda f: _authentication(f.authentication) in states
    if when.unreadable:
        yield "unreadable", _unreadable(when.unreadable)
    if when.sender:
        senders = frozenset(p.lower() for p in when.sender)
        yield (
            "sender",
            lambda f: (
                not (senders.isdisjoint(patterns_of(f.sender)) and senders.isdisjoint(patterns_of(f.from_address)))
            ),
        )
    if when.sender_country:
        countries = frozenset(country_of(f".{code}") for code in when.sender_country)
        yield "sender_country", lambda f: country_of(f.from_address or f.sender) in countries
    if when.recipient:
        recipients = frozenset(p.lower() for p in when.recipient)
        yield (
            "recipient",
            lambda f: (
                not recipients.isdisjoint(patterns_of(f.recipient))
                or ("+" in f.recipient and not recipients.isdisjoint(patterns_of(untagged(f.recipient))))
            ),
        )
    if when.hours is not None:
        yield "hours", functools.partial(_within, when.hours)
    if when.kind or when.brand or when.place or when.confidence_at_least is not None or when.count_at_least is not None:
        yield _sighting_names(when), _sightings(when)


def _sighting_names(when: When) -> str:
    names = ("kind", "brand", "place", "confidence_at_least", "count_at_least")
    return "+".join(name for name in names if getattr(when, name) not in ((), None))


def _sightings(when: When) -> Predicate:
    kinds, brands = frozenset(when.kind), frozenset(when.brand)
    words = frozenset(when.place)
    prefixes = tuple(p for word in when.place for p in PLACES.get(word, (word,)))
    floor, needed = when.confidence_at_least or 0.0, when.count_at_least or 1

    def fits(s: Sighting) -> bool:
        return (
            (not kinds or s.kind in kinds)
            and (not brands or s.brand in brands)
            and (not words or _stands_in(s, words, prefixes))
            and s.confidence >= floor
        )

    return lambda f: len(f.sightings) >= needed and sum(map(fits, f.sightings)) >= needed


def _stands_in(sighting: Sighting, words: frozenset[str], prefixes: tuple[str, ...]) -> bool:
    if sighting.where:
        return not words.isdisjoint(sighting.where)
    return any(_in_place(sighting.place, prefix) for prefix in prefixes)


def _in_place(place: str, prefix: str) -> bool:
    """Tell whether ``place`` is ``prefix`` or below it; the next character must end the word."""
    return place.startswith(prefix) and (len(place) == len(prefix) or place[len(prefix)] in ":/.")


def _unreadable(patterns: tuple[str, ...]) -> Predicate:
    exact = frozenset(p for p in patterns if not p.endswith("*"))
    prefixes = tuple(p[:-1] for p in patterns if p.endswith("*"))
    anything = "any" in exact

    def holds(facts: Facts) -> bool:
        return any(
            anything or u.reason in exact or (prefixes and u.reason.startswith(prefixes)) for u in facts.unreadable
        )

    return holds


def _authentication(authentication: Authentication) -> str:
    if authentication.dmarc is AuthResult.FAIL:
        return "fail"
    return "pass" if is_proven(authentication, "dmarc") else "none"


def _within(hours: Hours, facts: Facts) -> bool:
    import zoneinfo

    moment = datetime.datetime.fromtimestamp(facts.received_at, zoneinfo.ZoneInfo(hours.zone))
    minute, day = moment.hour * 60 + moment.minute, moment.weekday()
    if hours.start <= hours.end:
        inside = hours.start <= minute < hours.end
    else:  # past midnight: the early hours belong to the day before
        inside = minute >= hours.start or minute < hours.end
        day = (day - 1) % 7 if minute < hours.end else day
    return inside and (not hours.days or day in hours.days)
