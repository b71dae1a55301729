"""Two sets of policies on mail that is there already: recorded decisions, and one mail with its path through the rules.

In: policies, and events as the store has them (:mod:`pansentry.features`: no card data), or a mail.
Out: what would be different, in words; the path through the rules.

A recorded decision can be tried again as far as it was recorded. What a policy would now *find* that the old one did
not look for (a lower threshold, more brands, fewer own numbers) is not in it; :attr:`Recent.unsure` counts those.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pansentry.api import examine
from pansentry.envelope import Envelope
from pansentry.features import as_detected, facts_again, patterns_of
from pansentry.pipeline import Desk, conclude, facts_of, inspect_fully
from pansentry.policy import decide, trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pansentry.outcome import Outcome, Verdict
    from pansentry.policy import Facts, Policy, PolicySet
    from pansentry.policy.decision import Step


@dataclass(frozen=True, slots=True)
class Recent:
    """What comparing recorded decisions gave: of ``seen``, those ``changed`` (event, in words); ``unsure`` how many
    may hold what only the new policies look for."""

    seen: int
    changed: tuple[tuple[Mapping[str, Any], tuple[str, ...]], ...]
    unsure: int


@dataclass(frozen=True, slots=True)
class Path:
    """The way of one mail: the policy, the entry of ``applies_to`` that chose it, every rule tried, the outcome."""

    policy: Policy
    chosen_by: str
    facts: Facts
    steps: tuple[Step, ...]
    outcome: Outcome


def compare_recent(events: Iterable[Mapping[str, Any]], old: PolicySet, new: PolicySet, key: bytes) -> Recent:
    """Decide recorded messages under both sets and say where they differ."""
    patterns = patterns_of(old) | patterns_of(new)
    seen, unsure, changed = 0, 0, []
    for event in events:
        if "sightings" not in event:
            continue
        seen += 1
        facts = facts_again(event, patterns, key)
        before, after = old.for_recipient(facts.recipient), new.for_recipient(facts.recipient)
        unsure += _looks_for_more(before, after)
        one = decide(as_detected(facts, before), before)
        other = decide(as_detected(facts, after), after)
        if words := _differences(one, other, as_detected(facts, before), as_detected(facts, after)):
            changed.append((event, words))
    return Recent(seen, tuple(changed), unsure)


def explain(raw: bytes, envelope: Envelope, policies: PolicySet) -> Path:
    """Return the way of a mail through the policy of its first recipient."""
    recipient = envelope.forward_paths[0] if envelope.forward_paths else ""
    policy = policies.for_recipient(recipient)
    desk = Desk(policy, examine=examine)
    inspection = inspect_fully(raw, envelope, desk)
    facts = facts_of(inspection, envelope, desk)
    outcome = conclude(inspection, envelope, desk)
    return Path(policy, policies.target_of(recipient), facts, trace(facts, policy), outcome)


def _looks_for_more(old: Policy, new: Policy) -> bool:
    lower = any(new.thresholds[kind] < floor for kind, floor in old.thresholds.items())
    brands = bool(old.brands) and not (new.brands and new.brands <= old.brands)
    other = (old.own_numbers, old.languages, old.ignore_test_numbers) != (
        new.own_numbers,
        new.languages,
        new.ignore_test_numbers,
    )
    return lower or brands or other


def _differences(one: Verdict, other: Verdict, before: Facts, after: Facts) -> tuple[str, ...]:
    rows = (
        ("action", str(one.action), str(other.action)),
        ("rule", one.rule, other.rule),
        ("found", _kinds(before), _kinds(after)),
        ("letter", one.letter or "none", other.letter or "none"),
        ("tags", " ".join(one.tags) or "none", " ".join(other.tags) or "none"),
        ("notify", " ".join(one.notify) or "nobody", " ".join(other.notify) or "nobody"),
        ("review", " ".join(one.review) or "nobody", " ".join(other.review) or "nobody"),
        ("mode", "observe" if one.observe_only else "enforce", "observe" if other.observe_only else "enforce"),
    )
    return tuple(f"{name}: {left} → {right}" for name, left, right in rows if left != right)


def _kinds(facts: Facts) -> str:
    counts = Counter(sighting.kind for sighting in facts.sightings)
    return ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "nothing"
