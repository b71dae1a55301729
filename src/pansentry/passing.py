"""Mail that goes on as it is: its verdict and its event, without an outcome and the effects of one.

In: the inspection of a message, its envelope, the desk of its policy. Out: the verdict, and what its event has like the
events of other mail; None for mail of which more is to be said or done: then :func:`pansentry.pipeline.conclude`
decides, which says the same of what passes here (``tests/laws/test_shortcuts.py``). Nearly all mail is of this kind:
10,000 instructions a mail instead of 27,000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pansentry import policy, redaction
from pansentry.event import alike_of_nothing
from pansentry.outcome import Action
from pansentry.receipts import CLEAN, facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.desk import Desk, Inspection
    from pansentry.envelope import Envelope
    from pansentry.mime import Message
    from pansentry.outcome import Alike, Verdict

_DELIVER = Action.DELIVER  # in Python 3.11 looking a member up costs ten times as much


def passes_as_it_is(inspection: Inspection, envelope: Envelope, desk: Desk) -> tuple[Verdict, Sequence[Alike]] | None:
    """Return the verdict on a mail that goes on as it is, and what its event has like others; else None."""
    message = inspection.message
    if inspection.enclosed or inspection.hits or inspection.unread or inspection.enquires or message.ambiguities:
        return None
    if desk.task_of is not None and may_answer_letter(message):
        return None
    same, facts = policy.decide_on_nothing(desk.policy), None
    if same is None or redaction.is_signed(message):
        facts = facts_of(inspection, envelope, desk, CLEAN)
        same = policy.decide(facts, desk.policy)
    if same.tags or not passes_quietly(same):
        return None
    return same, alike_of_nothing(same, envelope, desk.policy, desk.key, facts)


def passes_quietly(verdict: Verdict) -> bool:
    """Tell whether a verdict asks for nothing but that the mail goes on."""
    return verdict.action is _DELIVER and not (
        verdict.review or verdict.notify or verdict.letter or verdict.observe_only
    )


def may_answer_letter(message: Message) -> bool:
    """Tell whether a mail answers another one: few have an In-Reply-To."""
    return message.raw.find(b"eply-", 0, message.root.body_start) >= 0
