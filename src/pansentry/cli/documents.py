"""Documents on the command line: opened by workers, like those of the gateway; said in the words of ``scan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pansentry.examination import Examination, Examined, Sight
    from pansentry.policy import Policy


def how(policy: Policy | None) -> Examination:
    """Return how a policy (None: the default) wants documents examined."""
    from pansentry.examination import Examination
    from pansentry.policy import default_policy

    terms = policy or default_policy()
    return Examination(terms.detect_options(), style=terms.style)


def as_json(sight: Sight) -> dict[str, Any]:
    """Return a sight as ``scan --json`` prints a finding."""
    return {
        "kind": sight.kind,
        "brand": sight.brand,
        "masked": sight.masked,
        "confidence": round(sight.confidence, 3),
        "location": sight.place,
        "start": sight.start,
        "end": sight.end,
        "reasons": list(sight.reasons),
    }


def as_report(examined: Examined) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Return what was found in a document, and what could not be read of it."""
    from pansentry.examination.driver import CANNOT_REWRITE

    unread = [{"reason": why.reason, "location": why.place} for why in examined.unreadable]
    return [as_json(sight) for sight in examined.sightings], [u for u in unread if u["reason"] != CANNOT_REWRITE]
