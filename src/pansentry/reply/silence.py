"""When no letter is sent, as a table: every rule has a stable code, and the first that holds is the recorded reason.

In: header facts, envelope, receipt, and what the policy and the configuration say. Out: a code, ``""`` if a letter
may be sent. Pure: what only the store knows (the window, the circuit breakers) is decided there, in the same
transaction as the outbox entry.

Sources: RFC 3834 (automatic responses), RFC 5230 §4.6 (vacation), Dovecot Pigeonhole's ext-vacation, Gmail, Exchange
(MS-OXCMAIL), and rules of our own, marked N. The attack it resists is backscatter: a forged sender who is to be
written to by us; so nobody is answered who is not proven, and no program ever. When in doubt, silence: the mail is
delivered all the same, and the mailbox is told that this customer was not written to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pansentry.envelope import AuthResult, Envelope
from pansentry.outcome import Receipt
from pansentry.reply.incoming import Incoming
from pansentry.reply.kinds import Kind
from pansentry.senders import is_proven, matches_address, original_address, same_organisation

MAX_HOPS = 25
"""A message with this many Received fields is on its way round in circles (RFC 5321 §6.3 asks for at least 100 before
it is refused; a letter is worth less than a delivery)."""

_LIST_FIELDS = frozenset(
    "list-" + word
    for word in ("id", "owner", "subscribe", "post", "unsubscribe", "help", "archive", "unsubscribe-post")
)
_ROBOT_FIELDS = frozenset(
    {
        "x-autoreply",
        "x-auto-reply",
        "x-autoreply-from",
        "x-auto-reply-from",
        "x-autorespond",
        "x-autoresponder",
        "x-autoresponse",
        "x-auto-response",
        "x-mail-autoreply",
        "x-loop",
        "x-failed-recipients",
        "feedback-id",
        "x-csa-complaints",
        "x-mailer-daemon",
        "x-vacation",
    }
)
_REPORTS = re.compile(
    r"(multipart/report|message/(delivery-status|disposition-notification|feedback-report)|text/calendar)\b"
)
_LIST_ROBOTS = re.compile(
    r"mailer-daemon|mailerdaemon|listserv|majordomo|mailman|.*-request|owner-.*|.*-owner|.*-bounces?"
)
_NOBODY_READS = frozenset(
    word
    for line in (
        "noreply donotreply dontreply nepasrepondre noresponder nonrispondere naoresponda nichtantworten keineantwort",
        "geenantwoord svarainte svarikke bounce bounces mailer daemon mailerdaemon root cron crondaemon notification",
        "notifications notify alert alerts postmaster autoreply autoresponder mailrobot robot news newsletter",
    )
    for word in line.split()
)
_ABOUT_SOMETHING_ELSE = frozenset({Kind.ENQUIRY, Kind.UNREADABLE, Kind.HELD})
_SCL = re.compile(r"\bSCL:\s*([5-9])\b")


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the choice between a letter and silence depends on.

    ``own`` are our domains and addresses (``Configuration.domains``), ``exempt`` address patterns of the policy,
    ``require`` its ``reply.require``. ``signs`` says that letters are DKIM-signed. ``quoted_only`` says that all card
    data stood in quoted text, and that this customer had a letter. ``opted_out``: the customer wants none.
    ``letter`` is the verdict's, ``""`` if the policy wants none.
    """

    incoming: Incoming
    envelope: Envelope
    receipt: Receipt
    own: tuple[str, ...] = ()
    letter: str = "guidance"
    require: str = "dmarc"
    exempt: tuple[str, ...] = ()
    signs: bool = True
    confidence_at_least: float = 0.6
    quoted_only: bool = False
    observes: bool = False
    kind: Kind | None = None
    """What the letter would be about; None: about what was removed."""
    opted_out: bool = False

    @property
    def sender(self) -> str:
        """The reverse-path without what a forwarder or a bounce filter added."""
        return original_address(self.envelope.reverse_path)


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason for silence. ``source`` says whose rule it is."""

    code: str
    source: str
    holds: Callable[[Situation], bool]


def silence_reason(situation: Situation) -> str:
    """Return the code of the first rule that forbids a letter, ``""`` if none does."""
    return next((rule.code for rule in RULES if rule.holds(situation)), "")


def _word(value: str) -> str:
    """Return the first word of a field value, lower case, without comments and parameters."""
    return re.split(r"[\s;(]", value.strip().lower(), maxsplit=1)[0] if value.strip() else ""


def _names(s: Situation) -> frozenset[str]:
    return frozenset(name for name, _ in s.incoming.fields)


def _local(s: Situation) -> str:
    return s.sender.rpartition("@")[0].lower()


def _no_address(s: Situation) -> bool:
    local, at, domain = s.sender.rpartition("@")
    try:
        domain.encode("idna")
    except UnicodeError:
        return True
    blank = "" if local.startswith('"') and local.endswith('"') else " "  # RFC 5321 §4.1.2: quoted ones may have them
    odd = any(c < " " or c == blank or c == "\x7f" for c in s.envelope.reverse_path)
    return odd or not (local and at and "." in domain)


def _auto_submitted(s: Situation) -> bool:
    return any(_word(value) != "no" for value in s.incoming.values("auto-submitted"))


def _robot_header(s: Situation) -> bool:
    delivered = any("autoresponder" in value.lower() for value in s.incoming.values("delivered-to"))
    return delivered or not _ROBOT_FIELDS.isdisjoint(_names(s))


def _suppressed(s: Situation) -> bool:
    words = {w.strip().lower() for value in s.incoming.values("x-auto-response-suppress") for w in value.split(",")}
    return not words.isdisjoint({"all", "oof", "autoreply"})


def _precedence(s: Situation) -> bool:
    return any(_word(value) in {"bulk", "junk", "list", "auto_reply"} for value in s.incoming.values("precedence"))


def _report(s: Situation) -> bool:
    return any(_REPORTS.match(value.strip().lower()) for value in s.incoming.values("content-type"))


def _nobody_reads(s: Situation) -> bool:
    local = _local(s).partition("+")[0]
    words = re.split(r"[._\-=]", local)
    return not _NOBODY_READS.isdisjoint((*words, "".join(words))) or "noreply" in "".join(words)


def _own_sender(s: Situation) -> bool:
    authors = [a for a in (s.sender, s.envelope.reverse_path, s.incoming.from_address) if a]
    own = {o.lower() for o in (*s.own, *s.envelope.forward_paths)}
    return any(matches_address(author, own) for author in authors)


def _not_addressed(s: Situation) -> bool:
    named = " ".join(
        value[:100_000]
        for name, value in s.incoming.fields
        if name in {"to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc"}
    ).lower()
    return not any(path.lower() in named for path in s.envelope.forward_paths)


def _spam(s: Situation) -> bool:
    def has(name: str, *words: str) -> bool:
        return any(_word(value).rstrip(",") in words for value in s.incoming.values(name))

    level = any(v.strip() in {"5", "6", "7", "8", "9"} for v in s.incoming.values("x-ms-exchange-organization-scl"))
    report = any(_SCL.search(value) for value in s.incoming.values("x-forefront-antispam-report"))
    return (
        level
        or report
        or has("x-spam-flag", "yes", "true")
        or has("x-spam-status", "yes")
        or has("x-spam", "yes")
        or has("x-gm-spam", "1")
        or has("x-rspamd-action", "reject", "add", "rewrite", "soft", "greylist")
    )


def _unaligned(s: Situation) -> bool:
    """Tell whether the letter would go elsewhere than to the author.

    What a forwarder rewrote (SRS) is believed only if SPF says that the forwarder sent it: otherwise anybody could have
    our letters sent to any domain by writing his own address into a local part.
    """
    envelope_domain, domain = s.envelope.reverse_path.rpartition("@")[2], s.sender.rpartition("@")[2]
    forwarded = envelope_domain.lower() != domain.lower()
    if forwarded and s.require != "none" and s.envelope.authentication.spf is not AuthResult.PASS:
        return True
    return not same_organisation(domain, s.incoming.from_address.rpartition("@")[2])


def _exempt(s: Situation) -> bool:
    return any(matches_address(a, s.exempt) for a in (s.sender, s.incoming.from_address) if a)


def _nothing_removed(s: Situation) -> bool:
    return not s.receipt.removed and s.kind not in _ABOUT_SOMETHING_ELSE


def _unsure(s: Situation) -> bool:
    return bool(s.receipt.removed) and all(item.confidence < s.confidence_at_least for item in s.receipt.removed)


RULES: tuple[Rule, ...] = (
    Rule("policy", "the policy", lambda s: not s.letter),
    Rule("observe", "the policy", lambda s: s.observes),
    Rule("nothing-removed", "N", _nothing_removed),
    Rule("null-sender", "RFC 3834 §2, RFC 5230 §4.6", lambda s: not s.envelope.reverse_path),
    Rule("no-address", "Pigeonhole", _no_address),
    Rule("own-letter", "N", lambda s: "x-pansentry-reply" in _names(s)),
    Rule("auto-submitted", "RFC 3834 §2, RFC 5230 §4.6", _auto_submitted),
    Rule("list", "RFC 5230 §4.6, RFC 2369, Gmail", lambda s: not _LIST_FIELDS.isdisjoint(_names(s))),
    Rule("precedence", "Pigeonhole", _precedence),
    Rule("suppressed", "MS-OXCMAIL §2.1.3.2.20", _suppressed),
    Rule("robot-header", "N", _robot_header),
    Rule("report", "N, RFC 6522", _report),
    Rule("list-robot", "RFC 5230 §4.6", lambda s: _LIST_ROBOTS.fullmatch(_local(s)) is not None),
    Rule("nobody-reads", "N", _nobody_reads),
    Rule("own-sender", "RFC 3834 §2, Pigeonhole", _own_sender),
    Rule("not-addressed", "RFC 5230 §4.5", _not_addressed),
    Rule("loop", "N", lambda s: sum(name == "received" for name, _ in s.incoming.fields) >= MAX_HOPS),
    Rule("spam", "Gmail, Fastmail", _spam),
    Rule("no-author", "N", lambda s: not s.incoming.from_address),
    Rule("unaligned", "N", _unaligned),
    Rule("unproven", "N", lambda s: not is_proven(s.envelope.authentication, s.require)),
    Rule("exempt", "the policy", _exempt),
    Rule("opted-out", "the customer", lambda s: s.opted_out),
    Rule("quoted-only", "N", lambda s: s.quoted_only),
    Rule("unsure", "N", _unsure),
    Rule(
        "unsigned", "RFC 9989: a null reverse-path aligns by DKIM only", lambda s: not s.signs and s.require != "none"
    ),
)
