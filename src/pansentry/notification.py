"""Mails to the people who run the gateway: that a rule matched (``notify``), and which mail is held (``digest``).

In: templates of two texts (``policies/mails/*.txt``: a line ``Subject: …``, an empty line, the text), and words for
them. Out: finished mails for the outbox. ``{{ name }}`` is replaced by a word and nothing else is: no expression, no
code. An unknown name is a flaw with its line when the policies are read.

No content of a customer's mail goes in; what a sender can choose (a domain, an address, a subject in the digest) loses
every run of twelve digits, and a text that still reads as card data is not sent.
Standards: RFC 5322, RFC 3834 §5 (``Auto-Submitted: auto-generated``), null reverse-path.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path

from pansentry import pan
from pansentry.errors import ConfigurationError, Flaw
from pansentry.outcome import EnqueueLetter, Notify

NAMES = {
    "notify": frozenset({"policy", "rule", "action", "found", "reasons", "sender_domain", "recipient", "reference"}),
    "digest": frozenset({"list", "policy"}),
}
_KINDS = {"pan": "a card number", "cvv": "a security code", "expiry": "an expiry date", "track": "a magnetic stripe"}
_FIELD = re.compile(r"\{\{ *([^{}]{0,60}?) *\}\}")
_RUN = re.compile(r"\d(?:[\W_]{0,3}\d){11,}")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_MAX_VALUE = 500
_MAX_LIST = 100_000


@dataclass(frozen=True, slots=True)
class Template:
    """A subject and a text with names in it."""

    subject: str
    text: str


def parse_template(raw: bytes, kind: str, file: str) -> Template:
    """Read a template. Raises :class:`ConfigurationError` with the line of what is wrong."""
    text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    head, _, body = text.partition("\n\n")
    flaws = []
    for found in _FIELD.finditer(text):
        if found[1] not in NAMES[kind]:
            line = text.count("\n", 0, found.start()) + 1
            known = ", ".join(sorted(NAMES[kind]))
            flaws.append(Flaw(file, line, 0, f"There is no word `{found[1]}`.", f"The words are: {known}."))
    if not head.startswith("Subject: ") or "\n" in head:
        flaws.append(Flaw(file, 1, 0, "The first line is no subject.", "Write `Subject: …` and an empty line below."))
    if not body.strip():
        flaws.append(Flaw(file, 1, 0, "There is no text below the subject.", "Write one."))
    if flaws:
        raise ConfigurationError(*flaws)
    return Template(head.removeprefix("Subject: ").strip(), body)


def read_templates(folder: Path, otherwise: Path) -> Mapping[str, Template]:
    """Read the templates below ``folder``/mails; one that is not there is taken from ``otherwise``/mails."""
    paths = [folder / "mails" / f"{kind}.txt" for kind in NAMES]
    return templates_in({f"mails/{path.name}": path.read_bytes() for path in paths if path.exists()}, folder, otherwise)


def templates_in(files: Mapping[str, bytes], folder: Path, otherwise: Path) -> Mapping[str, Template]:
    """Return the templates among ``files`` of ``folder`` (name below it → content), others from ``otherwise``."""
    found = {}
    for kind in NAMES:
        name = f"mails/{kind}.txt"
        place = folder if name in files else otherwise
        raw = files[name] if name in files else (otherwise / name).read_bytes()
        found[kind] = parse_template(raw, kind, str(place / name))
    return found


def compose(
    template: Template, words: Mapping[str, str], *, to: str, sender: str, now: float, token: str
) -> bytes | None:
    """Return the finished mail; None if its text reads as card data."""
    subject = _UNSAFE.sub(" ", _filled(template.subject, words))[:200]
    text = _filled(template.text, words)
    if pan.find(f"{subject}\n{text}"):
        return None
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"PanSentry <{sender}>"
    mail["To"] = f"<{to}>"
    mail["Subject"] = subject
    mail["Date"] = formatdate(now)
    mail["Message-ID"] = f"<{token}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text, cte="quoted-printable" if not text.isascii() else "7bit")
    return mail.as_bytes()


@dataclass(frozen=True, slots=True)
class Notifier:
    """Writes mails to the people who run the gateway. ``key`` names windows, ``token`` makes fresh random words."""

    templates: Mapping[str, Template]
    sender: str
    key: bytes = field(repr=False)
    token: Callable[[], str]
    clock: Callable[[], float]
    sign: Callable[[bytes], bytes] | None = None

    def notify(self, effect: Notify) -> tuple[EnqueueLetter, ...]:
        """Return the mails that say that a rule matched."""
        policy, _, rule = effect.rule.partition("/")
        kinds = effect.facts.get("found", "").split()
        *others, last = [word for kind, word in _KINDS.items() if kind in kinds] or ["nothing"]
        found = f"{', '.join(others)} and {last}" if others else last
        words = {**effect.facts, "policy": policy, "rule": rule, "found": found}
        letters = (self.letter("notify", words, to, effect.rule, effect.window_s) for to in effect.recipients)
        return tuple(letter for letter in letters if letter is not None)

    def letter(self, kind: str, words: Mapping[str, str], to: str, about: str, window_s: int) -> EnqueueLetter | None:
        """Return one mail, None if it must not be sent."""
        message = compose(self.templates[kind], words, to=to, sender=self.sender, now=self.clock(), token=self.token())
        if message is None:
            return None
        signed = self.sign(message) if self.sign is not None else message
        name = "\x1f".join((kind, to.lower(), about)).encode("utf-8", "surrogateescape")
        window = hmac.new(self.key, name, hashlib.sha256).hexdigest()[:32]
        return EnqueueLetter(to, signed, window_key=window, window_s=window_s, template=kind, language="en")


def _filled(text: str, words: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        word = words.get(found[1], "")
        if found[1] == "list":
            return _RUN.sub("[digits]", word[:_MAX_LIST])
        return _RUN.sub("[digits]", _UNSAFE.sub(" ", word)[:_MAX_VALUE]) or "-"

    return _FIELD.sub(value, text)
