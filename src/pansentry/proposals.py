"""“This was not a card”: from a wrong decision to a proposed change of policy, with a test, ready to be read.

In: the event of the mail, and the mail itself if somebody still has it. Out: a file in ``policies/proposals/`` that
says what would be changed and why; :func:`applied` puts it into the policy, with the comments of the file as they are.

- With the mail: ``own_numbers``, the form of the number with its first six digits and ``#`` for the rest. The number
  itself is never written; the test uses another number of that form.
- Without: a rule for mail of this sender, proven. It is broader than one likes, so it says what it lets through, and it
  is not made for providers where everybody has an address.

Nothing is changed before an admin accepts it, and not then if any test beside the policies fails.
"""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pansentry import mime, pan, views
from pansentry.configuration.documents import read_bytes
from pansentry.configuration.explain import build
from pansentry.configuration.fields import Settings
from pansentry.errors import ConfigurationError, Flaw, PanSentryError
from pansentry.pan.brands import luhn_digit
from pansentry.policy.cases import CaseIn
from pansentry.policy.file import RuleIn
from pansentry.policy.loading import parse_policy
from pansentry.policy.values import OwnNumbers
from pansentry.sentence import sentence

if TYPE_CHECKING:
    from pansentry.policy import Policy

FOLDER = "proposals"
FIXED_DIGITS = 6
"""Digits of a number that a proposal may name: no more than any truncation keeps at the head (PCI DSS 3.5.1)."""
EVERYBODY = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.de yahoo.fr yahoo.it yahoo.es
    yahoo.co.uk icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de posteo.de
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it proton.me protonmail.com
    bluewin.ch sunrise.ch mail.ru yandex.ru qq.com 163.com btinternet.com comcast.net verizon.net att.net zoho.com
    """.split()  # noqa: SIM905  a list of sixty strings is no easier to read
)


class CannotProposeError(PanSentryError):
    """There is nothing that could be proposed; the message says what would help."""


class ProposalIn(Settings):
    """A proposed change of policy."""

    policy: str = Field(examples=["default"])
    """Name of the policy."""
    own_numbers: OwnNumbers = ()
    rule: RuleIn | None = None
    before: str = ""
    """The rule that the new one is to stand before."""
    test: CaseIn


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed. ``why`` are sentences for the top of the file."""

    name: str
    policy: str
    why: tuple[str, ...]
    own_numbers: tuple[str, ...] = ()
    rule: Mapping[str, Any] = field(default_factory=dict)
    before: str = ""
    test: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return the proposal as a file."""
        from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

        test = dict(self.test)
        test["mail"] = LiteralScalarString(test["mail"])
        data: dict[str, Any] = {"policy": self.policy}
        if self.own_numbers:
            data["own_numbers"] = [DoubleQuotedScalarString(form) for form in self.own_numbers]
        if self.rule:
            data["rule"] = dict(self.rule)
        if self.before:
            data["before"] = self.before
        data["test"] = test
        out = io.StringIO()
        _yaml().dump(data, out)
        return "".join(f"# {line}\n" for line in self.why) + "\n" + out.getvalue()


def from_mail(raw: bytes, policy: Policy, *, name: str, who: str, seed: str) -> Proposal:
    """Propose ``own_numbers`` for the card numbers that ``policy`` finds in a mail.

    Raises :class:`CannotProposeError` if it finds none.
    """
    forms: dict[str, tuple[str, str]] = {}
    for view in views.look(mime.read(raw)).views:
        for one in pan.find(view.text, policy.detect_options()):
            if one.kind is pan.Kind.PAN and (form := _form(view.text[one.start : one.end], one.reveal())):
                forms.setdefault(form, (form, one.brand or "card"))
    if not forms:
        raise CannotProposeError(
            "No card number is found in this mail under this policy, so there is nothing to change."
        )
    example = _example(next(iter(forms)), random.Random(seed))  # noqa: S311  a test number, no secret
    why = (
        f"Proposed by {who}: a number was taken for a card number, and is none.",
        "Every number of this form will be left alone, in all mail under this policy:",
        *(f"  {form}: {len(form.replace(' ', '').replace('-', ''))} digits; real {brand} numbers of this form too"
          for form, brand in forms.values()),
        "Read it, change it if need be, then: pansentry policy accept THIS-FILE",
    )  # fmt: skip
    mail = f"From: customer@mail.example\nTo: {_target(policy)}\nSubject: our numbers\n\nCard number {example}\n"
    test = {
        "name": f"{name}: numbers of the form {next(iter(forms))} are no cards",
        "to": _target(policy),
        "mail": mail,
        "expect": {"action": "deliver", "removed": {}},
    }
    return Proposal(name, policy.name, why, tuple(forms), test=test)


def from_event(event: Mapping[str, Any], policy: Policy, *, name: str, who: str) -> Proposal:
    """Propose a rule for the sender of a recorded mail. Raises :class:`CannotProposeError` if none is safe enough."""
    domain, rule = str(event.get("sender_domain") or ""), str(event.get("rule", "")).partition("/")[2]
    if not event.get("sightings"):
        raise CannotProposeError("Nothing was found in this mail, so there is nothing to change.")
    if domain in EVERYBODY or not domain:
        raise CannotProposeError(
            sentence(
                "Everybody may have an address at {domain}, so no rule can be made for it. "
                "Give the mail itself with --mail.",
                domain=domain or sentence("no domain"),
            )
        )
    why = (
        f"Proposed by {who}: what was found in a mail of {domain} was no card data.",
        f"With this rule ALL mail of {domain} that is proven to come from there is delivered as it is,",
        "with real card numbers too, if there ever are any. A form of your numbers (`--mail FILE`) is narrower.",
        "Read it, change it if need be, then: pansentry policy accept THIS-FILE",
    )
    when = {"sender": domain, "authentication": "pass"}
    exempt = {"name": f"no-card-{name}"[:60], "when": when, "then": "deliver", "tag": "exempt"}
    mail = f"From: somebody@{domain}\nTo: {_target(policy)}\nSubject: our reference\n\nCard 4111 1111 1111 1111\n"
    test = {
        "name": f"{name}: proven mail of {domain} is delivered as it is",
        "from": f"somebody@{domain}",
        "to": _target(policy),
        "mail": mail,
        "expect": {"action": "deliver", "rule": exempt["name"]},
    }
    before = rule if any(one.name == rule for one in policy.rules) else ""
    return Proposal(name, policy.name, why, rule=exempt, before=before, test=test)


def applied(files: Mapping[str, bytes], raw: bytes, file: str, name: str) -> Mapping[str, bytes]:
    """Return the files of a folder of policies with a proposal in them, and its test below ``tests``.

    ``file`` is the proposal's, for messages. Raises :class:`ConfigurationError`.
    """
    document = read_bytes(raw, file)
    given = build(ProposalIn, document)
    for target, content in sorted(files.items()):
        if "/" in target or target in {"groups.yaml", "channels.yaml"}:
            continue
        if parse_policy(content, target)[0].name == given.policy:
            break
    else:
        wrong = f"There is no policy `{given.policy}` here."
        raise ConfigurationError(Flaw(file, document.place(("policy",)).line, 0, wrong, "Name the policy to change."))
    new = _edited(files[target], given, document.data)
    before, after = parse_policy(files[target], target)[0], parse_policy(new, target)[0]
    if replace(after, own_numbers=before.own_numbers, rules=before.rules) != before:
        raise ConfigurationError(
            Flaw(target, 0, 0, "The change cannot be written into this file.", "Put it in with an editor.")
        )
    out = io.StringIO()
    from ruamel.yaml.scalarstring import LiteralScalarString

    test = dict(document.data["test"])
    if "mail" in test:
        test["mail"] = LiteralScalarString(test["mail"])
    _yaml().dump({"tests": [test]}, out)
    return {**files, target: new, f"tests/accepted-{name}.yaml": out.getvalue().encode()}


def _edited(text: bytes, given: ProposalIn, data: Mapping[str, Any]) -> bytes:
    """Return a policy file with the proposal in it; comments and layout stay."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    yaml = _yaml()
    policy = yaml.load(text.decode("utf-8-sig"))
    if given.own_numbers:
        detect = policy.setdefault("detect", {})
        forms = detect.get("own_numbers") or []
        known = [forms] if isinstance(forms, str) else forms
        known += [DoubleQuotedScalarString(form) for form in given.own_numbers if form not in known]
        detect["own_numbers"] = known
    if given.rule is not None:
        rules = policy.setdefault("rules", [])
        names = [rule.get("name") for rule in rules]
        rules.insert(names.index(given.before) if given.before in names else 0, dict(data["rule"]))
    out = io.StringIO()
    yaml.dump(policy, out)
    return out.getvalue().encode()


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 200
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _form(written: str, digits: str) -> str:
    """Return the form of a number: as it was written, the first six digits as they are, ``#`` for the others."""
    if "".join(c for c in written if c.isascii() and c.isdigit()) != digits:
        written = digits  # written with other signs than digits
    kept, form = FIXED_DIGITS, []
    for character in written:
        if character.isascii() and character.isdigit():
            form.append(character if kept > 0 else "#")
            kept -= 1
        else:
            form.append(character if character in " .-" else " ")
    return "".join(form)


def _example(form: str, dice: random.Random) -> str:
    """Return a number of a form with a valid check digit."""
    places = [i for i, c in enumerate(form) if c == "#" or c.isdigit()]
    filled = [dice.choice("0123456789") if c == "#" else c for c in form]
    filled[places[-1]] = luhn_digit("".join(filled[i] for i in places[:-1]))
    return "".join(filled)


def _target(policy: Policy) -> str:
    """Return an address that is under ``policy``."""
    for target in policy.applies_to:
        if "@" in target:
            return target
        if "." in target:
            return f"info@{target.replace('*.', 'shop.', 1)}"
    return "info@shop.example"
