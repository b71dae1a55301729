"""The whole flow on one screen: bytes and envelope in, an :class:`Outcome` out.

::

    inspect   raw bytes → tree of parts → views → findings            (what is in it)
    answered  what workers have read in its documents                  (only if there are any)
    conclude  findings + envelope → verdict → surgery → read-back      (what is done about it)

Pure: no socket, file, clock or random number is touched in here; what the flow needs from outside is on the
:class:`Desk`. The steps are separate because the shell opens documents in workers, and measures the sender's
authentication (DNS) only for mail that a decision depends on; :func:`process` runs all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, assert_never, cast

from pansentry import enclosures, holding, mime, pan, policy, redaction, views
from pansentry.conversation import tokens
from pansentry.desk import MAX_FOLLOW_UP_BYTES, Desk, Inspection, LetterWriter, Memory, Recollection
from pansentry.enclosures import Enclosure, Examine
from pansentry.envelope import Envelope
from pansentry.event import event_fields, event_of_nothing
from pansentry.examination import Examination, Examined
from pansentry.features import features
from pansentry.heading import incoming, written_octets, written_text
from pansentry.outcome import (
    Action,
    Effect,
    EnqueueLetter,
    Hold,
    Notify,
    Outcome,
    Receipt,
    Record,
    Refuse,
    Relay,
    Remember,
    Review,
    Unreadable,
    Verdict,
)
from pansentry.passing import may_answer_letter, passes_quietly
from pansentry.policy import Facts
from pansentry.receipts import CLEAN, facts_of, receipt_of
from pansentry.reply import enquiry
from pansentry.reply.enquiry import asks_to_mail_card, names_card
from pansentry.searching import Search
from pansentry.smtp_reply import TRY_AGAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pansentry.mime import Message

__all__ = [
    "MAX_FOLLOW_UP_BYTES",
    "Desk",
    "Inspection",
    "LetterWriter",
    "Memory",
    "Recollection",
    "answered",
    "conclude",
    "enquires",
    "facts_of",
    "failed",
    "inspect",
    "inspect_fully",
    "process",
    "questions",
    "redacted",
    "warm_up",
]


def warm_up() -> None:
    """Compile what judging needs, so that the first message does not wait for it."""
    pan.warm_up()
    mime.warm_up()
    views.warm_up()
    enquiry.warm_up()


def process(raw: bytes, envelope: Envelope, desk: Desk) -> Outcome:
    """Judge one message and carry the verdict out on its bytes. Never raises on any input."""
    try:
        return conclude(inspect_fully(raw, envelope, desk), envelope, desk)
    except Exception:  # a reader that breaks must not let mail through unread
        return failed(raw, envelope, desk)


def failed(raw: bytes, envelope: Envelope, desk: Desk) -> Outcome:
    """Judge a message that could not be read because a reader broke: by the policy's ``on_error``.

    ``hold`` keeps a sheet that says so, and the mail itself only sealed; where the policy seals nothing it is deferred.
    """
    receipt = Receipt(unreadable=(Unreadable("crash", "message"),))
    by, action, effect = desk.policy, Action.TEMPFAIL, cast("Effect", Refuse(TRY_AGAIN))
    if by.on_error == "deliver-unscanned" or by.observes:
        action, effect = Action.DELIVER, Relay(raw, may_hold_cards=True)
    elif by.on_error == "hold" and (held := holding.of_unread(raw, envelope, by, desk.language)) is not None:
        action, effect = Action.HOLD, held
    passes = action is Action.DELIVER
    verdict = Verdict(
        action,
        rule=f"{by.name}/on_error",
        reasons=("unreadable:crash",),
        reply=TRY_AGAIN if action is Action.TEMPFAIL else None,
        tags=("unscanned",) if passes else (),
        observe_only=by.observes,
    )
    outcome = Outcome(verdict, receipt, raw if passes else None)
    record = Record(event_fields(outcome, envelope, size_bytes=len(raw), policy=by.version))
    return replace(outcome, effects=(effect, record))


def inspect(raw: bytes, envelope: Envelope, desk: Desk) -> Inspection:
    """Read the message in every way that a reader may, and find card data in what is read."""
    message = mime.read(raw, desk.limits)
    known = pan.Known(card_in_conversation=_is_remembered(message, envelope, desk))
    # a code that stands alone in one view is one, because another view holds the card: then all is read with that known
    inspection = _until_card(message, desk, known) or _inspect(message, desk, replace(known, card_in_message=True))
    if _may_enquire(inspection, desk) and enquires(message):
        inspection = replace(inspection, enquires=True)
    return inspection


def inspect_fully(raw: bytes, envelope: Envelope, desk: Desk) -> Inspection:
    """Read the message and its documents, if there is somebody to open them (``desk.examine``)."""
    inspection = inspect(raw, envelope, desk)
    if inspection.enclosed and desk.examine is not None:
        inspection = _examined(inspection, desk, desk.examine)
    return inspection


def _may_enquire(inspection: Inspection, desk: Desk) -> bool:
    """Tell whether a message is to be looked at for the question whether a card may be mailed: short, and clean."""
    wanted = desk.write_letter is not None and desk.policy.reply.enquiries and bool(desk.policy.reply.letter)
    return wanted and len(inspection.message.raw) <= MAX_FOLLOW_UP_BYTES and not inspection.hits


def enquires(message: Message) -> bool:
    """Tell whether the sender asks whether card data may be mailed; what names no card is not even made a text."""
    return names_card(written_octets(message)) and asks_to_mail_card(written_text(message))


def _inspect(message: Message, desk: Desk, known: pan.Known) -> Inspection:
    seen = views.look(message, desk.limits, partial(pan.may_hold_card_data_bytes, known=known))
    search = _search(desk, known)
    for view in seen.views:
        search.take(view)
    return _inspection(message, seen, search)


def _until_card(message: Message, desk: Desk, known: pan.Known) -> Inspection | None:
    """Return what is in a message without a card number; None at the first number, since then all is read anew.

    A third of the work on a mail of 20 KB with a card, while every view was read before that was asked.
    """
    search = _search(desk, known)
    worth_reading = partial(pan.may_hold_card_data_bytes, known=known)
    seen = views.look_until(message, desk.limits, worth_reading, search.take)
    return None if seen is None else _inspection(message, seen, search)


def _search(desk: Desk, known: pan.Known) -> Search:
    return Search(desk.policy.detect_options(), known, desk.limits.max_findings)


def _inspection(message: Message, seen: views.Seen, search: Search) -> Inspection:
    documents = tuple(Enclosure(document) for document in seen.documents)
    limits = (Unreadable("limit:max_findings", "message"),) if search.is_cut_short else ()
    unread = seen.unreadable + limits
    return Inspection(message, tuple(search.hits), unread, search.known, documents, views=seen.views, search=search)


def questions(inspection: Inspection, desk: Desk) -> tuple[tuple[bytes, ...], Examination]:
    """Return the documents that workers are to examine next, and how; none if everything was answered."""
    options = Examination(
        desk.policy.detect_options(), inspection.known, desk.policy.style, key=desk.key, limits=desk.document_limits
    )
    return enclosures.open_questions(inspection.enclosed), options


def answered(inspection: Inspection, asked: Sequence[bytes], answers: Sequence[Examined], desk: Desk) -> Inspection:
    """Put the answers of the workers into an inspection.

    A card in a document makes a bare code elsewhere one: then the message is read once more, and so are the documents
    that hold no card themselves.
    """
    enclosed = enclosures.answered(inspection.enclosed, asked, answers)
    if not inspection.known.card_in_message and enclosures.have_card(enclosed):
        again = _inspect(inspection.message, desk, replace(inspection.known, card_in_message=True))
        return replace(again, enclosed=enclosures.without_card(enclosed))
    return replace(inspection, enclosed=enclosed)


def _examined(inspection: Inspection, desk: Desk, examine: Examine) -> Inspection:
    """Ask until everything is answered: once, or twice if a document holds the first card."""
    while True:
        asked, options = questions(inspection, desk)
        if not asked:
            return inspection
        inspection = answered(inspection, asked, [examine(data, "", options) for data in asked], desk)


def _is_remembered(message: Message, envelope: Envelope, desk: Desk) -> bool:
    """Ask the memory; a message far longer than any follow-up needs no look."""
    if desk.memory.is_empty or len(message.raw) > MAX_FOLLOW_UP_BYTES:
        return False
    return desk.memory.had_card(_conversation(message, envelope, desk))


def conclude(inspection: Inspection, envelope: Envelope, desk: Desk) -> Outcome:
    """Decide by policy, cut what is to be cut, read the result again, and say what is to be done."""
    message, receipt = inspection.message, receipt_of(inspection, desk.key)
    if receipt is CLEAN and not inspection.enquires:
        same = policy.decide_on_nothing(desk.policy)
        if same is not None and passes_quietly(same) and not redaction.is_signed(message):
            return _passed(same, inspection, envelope, desk)
    facts = facts_of(inspection, envelope, desk, receipt)
    verdict = policy.decide(facts, desk.policy)
    if receipt is CLEAN and not inspection.enquires and passes_quietly(verdict):
        return _passed(verdict, inspection, envelope, desk, facts)
    case = _Case(inspection, envelope, desk, facts)
    if verdict.observe_only:
        verdict = replace(verdict, letter="", notify=(), review=())
        return _outcome(verdict, receipt, message.raw, case, cut=False)
    if verdict.action is Action.DELIVER and not verdict.review:
        if inspection.enquires and inspection.is_clean:
            verdict, receipt = replace(verdict, letter=desk.policy.reply.letter), replace(receipt, enquires=True)
        elif receipt.removed:
            verdict = replace(verdict, letter="")
        return _outcome(verdict, receipt, message.raw, case, cut=False)
    if verdict.action in (Action.REFUSE, Action.TEMPFAIL):
        return _outcome(replace(verdict, letter=""), receipt, None, case, cut=False)
    cuts = holding.cut(inspection, desk, verdict, _remove, _again)
    if cuts.left:
        verdict = replace(verdict, action=Action.TEMPFAIL, reply=TRY_AGAIN, letter="", notify=(), review=())
        verdict = replace(verdict, reasons=(*verdict.reasons, *cuts.left))
        return _outcome(verdict, receipt, None, case, cut=False)
    if verdict.action is Action.DELIVER:
        return _outcome(replace(verdict, letter=""), receipt, message.raw, case, cut=False, cuts=cuts)
    receipt = replace(receipt, signed_part_edited=cuts.signed_part_edited)
    return _outcome(verdict, receipt, cuts.message, case, cut=True, cuts=cuts)


def _passed(
    verdict: Verdict, inspection: Inspection, envelope: Envelope, desk: Desk, facts: Facts | None = None
) -> Outcome:
    """Return what :func:`_outcome` would for a mail that has nothing in it and is to go on as it is."""
    message = inspection.message.raw
    event = event_of_nothing(verdict, envelope, len(message), desk.policy, desk.key, facts)
    return Outcome(verdict, CLEAN, message, (Relay(message), *_task(inspection, envelope, desk), event))


def _task(inspection: Inspection, envelope: Envelope, desk: Desk) -> tuple[Record, ...]:
    """Return the task for staff that an answer to one of our letters makes."""
    if desk.task_of is None or not may_answer_letter(inspection.message):
        return ()
    task = desk.task_of(inspection.message.raw, written_text(inspection.message), envelope.id)
    return () if task is None else (task,)


@dataclass(frozen=True, slots=True)
class _Case:
    """What a decision was about."""

    inspection: Inspection
    envelope: Envelope
    desk: Desk
    facts: Facts


def _again(raw: bytes, inspection: Inspection, desk: Desk) -> Inspection:
    """Read a message that parts were taken out of, knowing what was known before; its documents were examined."""
    return replace(_inspect(mime.read(raw, desk.limits), desk, inspection.known), enclosed=())


def redacted(raw: bytes, envelope: Envelope, desk: Desk) -> tuple[bytes, tuple[str, ...]]:
    """Return a message without card data, whatever the rules say, and where some is left (then it must not leave)."""
    inspection = inspect_fully(raw, envelope, desk)
    if not inspection.is_found:
        return raw, ()
    removal = _remove(inspection, desk)
    return removal.raw, removal.residue


def _remove(inspection: Inspection, desk: Desk) -> redaction.Removal:
    """Cut the findings and read the result again as every reader would: what still shows is residue (promise 2)."""
    search, fresh = inspection.search, _search(desk, inspection.known)
    if search is None or not search.is_like(fresh):  # it was inspected by another policy, or less was known
        search = fresh
    extra, _ = enclosures.edits(inspection.enclosed, desk.policy.style, desk.language)
    removal = redaction.remove(
        inspection.message,
        inspection.hits,
        search.find,
        style=desk.policy.style,
        limits=desk.limits,
        worth_reading=partial(pan.may_hold_card_data_bytes, known=inspection.known),
        extra=extra,
        language=desk.language,
        views=inspection.views or None,
    )
    signed = any(one.examined is not None and one.examined.signed for one in inspection.enclosed)
    return replace(removal, signed_part_edited=removal.signed_part_edited or signed)


def _outcome(
    verdict: Verdict,
    receipt: Receipt,
    message: bytes | None,
    case: _Case,
    *,
    cut: bool,
    cuts: holding.Cuts | None = None,
) -> Outcome:
    """Put verdict, message and effects together. ``cut`` says that what was found is also gone from ``message``."""
    inspection, envelope, desk = case.inspection, case.envelope, case.desk
    effects: list[Effect] = []
    letter, silence = _letter(verdict, receipt, inspection, envelope, desk, message)
    if cut and message is not None and envelope.forward_paths:
        notice, sent = verdict.notice, letter is not None and not silence
        message = redaction.add_notice(
            message,
            receipt,
            notice,
            letter_sent=sent,
            reference=envelope.id,
            code=letter.code if letter is not None and sent else "",
            silence=silence,
            language=desk.language,
        )
    match Action.DELIVER if verdict.observe_only else verdict.action:
        case Action.DELIVER | Action.REDACT | Action.REPLACE_PART:
            assert message is not None
            is_unread = bool(inspection.unreadable) and verdict.action is not Action.REPLACE_PART
            effects.append(Relay(message, may_hold_cards=is_unread or (bool(receipt.removed) and not cut)))
        case Action.HOLD:
            assert message is not None
            terms, original = desk.policy.hold, cuts.original if cuts is not None else b""
            effects.append(Hold(message, verdict.rule, terms.expires_s, original, terms.seal_to if original else ""))
            message = None
        case Action.REFUSE | Action.TEMPFAIL:
            effects.append(Refuse(verdict.reply or TRY_AGAIN))
        case _:
            assert_never(verdict.action)
    if verdict.review and cuts is not None:
        effects.append(Review(verdict.review, cuts.copy))
    if verdict.notify:
        words = holding.words(verdict, receipt, envelope)
        effects.append(Notify(verdict.notify, verdict.rule, words, desk.policy.notify_window_s))
    if letter is not None:
        effects.append(letter)
    if message is not None:
        effects += _task(inspection, envelope, desk)
    if receipt.removed and envelope.forward_paths:
        effects.append(Remember(_conversation(inspection.message, envelope, desk)))
    if verdict.letter and (letter is None or silence):
        verdict = replace(verdict, letter="")
    said = receipt if cut or not receipt.removed else replace(receipt, removed=())
    outcome = Outcome(verdict, said, message, (), silence, receipt.removed)
    size, version = len(inspection.message.raw), desk.policy.version
    more = features(case.facts, desk.key)
    record = Record(event_fields(outcome, envelope, size_bytes=size, policy=version, more=more))
    return Outcome(verdict, said, message, (*effects, record), silence, receipt.removed)


def _letter(
    verdict: Verdict,
    receipt: Receipt,
    inspection: Inspection,
    envelope: Envelope,
    desk: Desk,
    redacted: bytes | None,
) -> tuple[EnqueueLetter | None, str]:
    """Write the letter, or say in a stable code why there is none, or why it is expected to be kept back."""
    if not verdict.letter or desk.write_letter is None or redacted is None:
        return None, "no-letter" if receipt.removed else ""
    text = written_text(mime.read(redacted, desk.limits))
    return desk.write_letter(verdict, receipt, incoming(inspection.message), text, envelope, desk.policy)


def _conversation(message: Message, envelope: Envelope, desk: Desk) -> tuple[str, ...]:
    return tokens(incoming(message), envelope.reverse_path, envelope.forward_paths, desk.key)
