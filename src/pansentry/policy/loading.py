"""A folder of policy files → :class:`~pansentry.policy.policy.PolicySet`, or every flaw in it.

Beyond what one file can be checked for: two policies for one recipient, two policies of one name, two truncation
formats (PCI DSS 3.5.1: two truncated forms of a number can be put together), rules that can never be reached, groups
that do not exist, letters without a rule that could send them.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pansentry.channels.file import FILE as CHANNELS_FILE
from pansentry.channels.file import parse_channels
from pansentry.configuration.documents import read_bytes
from pansentry.configuration.explain import build, closest
from pansentry.errors import ConfigurationError, Flaw
from pansentry.policy.defaults import default_policy
from pansentry.policy.file import GroupsIn, PolicyIn, to_policy
from pansentry.policy.folder import snapshot
from pansentry.policy.policy import EVERYONE, Policy, PolicySet, When
from pansentry.sentence import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pansentry.configuration.documents import Document

GROUPS_FILE = "groups.yaml"


def load_policies(folder: str | Path, letters: Collection[str] | None = None) -> PolicySet:
    """Read every ``*.yaml`` in ``folder`` (not below it). Raises :class:`ConfigurationError` with all flaws.

    ``letters`` are the names of the letters that there are; None: it is not asked whether there are those that the
    policies send.
    """
    return parse_policies(snapshot(Path(folder)).policies, letters)


def parse_policies(files: Mapping[str, bytes], letters: Collection[str] | None = None) -> PolicySet:
    """Return the policies in ``files`` (name → content); the files are judged together."""
    flaws: list[Flaw] = []
    groups: Mapping[str, tuple[str, ...]] = {}
    read: list[tuple[Policy, Document]] = []
    for file, raw in sorted(files.items()):
        try:
            if Path(file).name == CHANNELS_FILE:
                parse_channels(raw, file)  # what letters offer; a mistake in it is one of the policy
            elif Path(file).name == GROUPS_FILE:
                groups = build(GroupsIn, read_bytes(raw, file)).groups
            else:
                read.append(parse_policy(raw, file, letters))
        except ConfigurationError as error:
            flaws += error.flaws
    expanded = [(_with_groups(policy, document, groups, flaws), document) for policy, document in read]
    flaws += _together(expanded)
    if flaws:
        raise ConfigurationError(*flaws)
    policies = tuple(policy for policy, _ in expanded)
    everyone = next((p for p in policies if EVERYONE in p.applies_to), default_policy())
    digest = hashlib.sha256(b"\0".join(files[name] for name in sorted(files))).hexdigest()
    return PolicySet(policies, everyone, digest[:12])


def parse_policy(raw: bytes, file: str, letters: Collection[str] | None = None) -> tuple[Policy, Document]:
    """Return one policy, checked by itself, with the document it came from."""
    document = read_bytes(raw, file)
    policy = to_policy(build(PolicyIn, document), hashlib.sha256(raw).hexdigest()[:12])
    flaws = [*_rule_flaws(policy, document), *_letter_flaws(policy, document, letters)]
    if flaws:
        raise ConfigurationError(*flaws)
    return policy, document


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a policy file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A PanSentry policy",
        **PolicyIn.model_json_schema(by_alias=True),
    }


def _rule_flaws(policy: Policy, document: Document) -> list[Flaw]:
    flaws: list[Flaw] = []
    names: dict[str, int] = {}
    for i, rule in enumerate(policy.rules):
        if rule.name in names:
            flaws.append(_at(document, ("rules", i, "name"), f"Two rules are called `{rule.name}`.", "Rename one."))
        names[rule.name] = i
        if rule.text and str(rule.then) not in {"refuse", "tempfail"}:
            wrong = f"`text` is only told to a sender whose mail is refused, but rule `{rule.name}` does not refuse."
            flaws.append(_at(document, ("rules", i, "text"), wrong, "Remove the line, or write `then: refuse`."))
        about_unread = bool(rule.when.unreadable) and str(rule.then) == "deliver"
        if rule.letter and not about_unread and str(rule.then) not in {"redact", "replace-part", "hold"}:
            wrong = f"Rule `{rule.name}` would send a letter about card data that it does not take out."
            flaws.append(_at(document, ("rules", i, "letter"), wrong, "Write `then: redact`, or `letter: none`."))
        if rule.review and str(rule.then) in {"refuse", "tempfail"}:
            wrong = f"Rule `{rule.name}` does not take the mail, so nothing of it may be forwarded."
            flaws.append(
                _at(document, ("rules", i, "forward_to_review"), wrong, "Remove the line, or write `then: hold`.")
            )
        if rule.when == When() and i + 1 < len(policy.rules):
            wrong = f"Rule `{rule.name}` matches every message, so the rules below it are never reached."
            flaws.append(_at(document, ("rules", i), wrong, "Give it a `when:`, or move it to the end."))
            break
        if rule.when.found is False and (rule.when.kind or rule.when.brand or rule.when.count_at_least):
            wrong = f"Rule `{rule.name}` asks for card data and for none at once."
            flaws.append(_at(document, ("rules", i, "when", "found"), wrong, "Remove `found: false`."))
    hold = document.data.get("hold") or {}
    if hold.get("keep_original") == "sealed" and not hold.get("seal_to"):
        wrong = "Originals cannot be sealed without a public key."
        flaws.append(
            _at(document, ("hold", "keep_original"), wrong, "Add a line `seal_to: age1…` (from `age-keygen`).")
        )
    if hold.get("seal_to") and hold.get("keep_original") != "sealed":
        wrong = "A key to seal to is given, but no original is kept."
        flaws.append(
            _at(document, ("hold", "seal_to"), wrong, "Add a line `keep_original: sealed`, or remove this one.")
        )
    return flaws


def _letter_flaws(policy: Policy, document: Document, letters: Collection[str] | None) -> Iterator[Flaw]:
    """Name the letters that the policy sends and that nobody has written."""
    sent: list[tuple[tuple[str | int, ...], str | None]] = [(("reply", "letter"), policy.reply.letter)]
    sent += [(("rules", i, "letter"), rule.letter) for i, rule in enumerate(policy.rules)]
    for path, name in sent:
        if letters is not None and name and name not in letters and path in document.places:
            near = closest(name, letters)
            fix = f"Did you mean `{near}`? " if near else ""
            there = f"The letters are: {', '.join(sorted(letters))}; or `none`."
            fix += there if letters else "There are no letters at all; write `none`, or name the folder of yours."
            yield _at(document, path, f"There is no letter `{name}`.", fix)


WARNINGS = {
    "letters to anybody": (
        "{policy}: `reply.require: none` sends letters to senders who are not proven, so anybody can have them sent to "
        "anybody. Write `dmarc` unless this is a closed network or a test."
    ),
    "unread": (
        "{policy}: `on_error: deliver-unscanned` lets mail through UNREAD, card numbers included, whenever scanning "
        "fails. Write `tempfail` unless that is what you want."
    ),
    "nothing held": (
        "{policy}: `on_error: hold` keeps nothing that could not be read, so such mail is deferred as with `tempfail`. "
        "Add `hold: {{keep_original: sealed, seal_to: age1…}}` to have it held."
    ),
    "parts lost": (
        "{policy}: held mail is kept without the parts that could not be read; they are lost. Add "
        "`hold: {{keep_original: sealed, seal_to: age1…}}`, or refuse such mail."
    ),
}
"""What may be written and yet wants a second look, as patterns that the console's catalogues say again."""


def warnings(policies: PolicySet) -> tuple[Sentence, ...]:
    """Return what is allowed and yet wants a second look, in sentences."""
    said: list[Sentence] = []
    for policy in policies.policies:
        if policy.reply.require == "none" and policy.reply.letter:
            said.append(sentence(WARNINGS["letters to anybody"], policy=policy.name))
        if policy.on_error == "deliver-unscanned" and not policy.observes:
            said.append(sentence(WARNINGS["unread"], policy=policy.name))
        if policy.on_error == "hold" and not policy.hold.seal_to:
            said.append(sentence(WARNINGS["nothing held"], policy=policy.name))
        said += [
            sentence(WARNINGS["parts lost"], policy=f"{policy.name}/{rule.name}")
            for rule in policy.rules
            if rule.then == "hold" and rule.when.unreadable and not policy.hold.seal_to
        ]
    return tuple(said)


def _with_groups(
    policy: Policy, document: Document, groups: Mapping[str, tuple[str, ...]], flaws: list[Flaw]
) -> Policy:
    def members(patterns: tuple[str, ...], *path: str | int) -> tuple[str, ...]:
        if not any(pattern.startswith("group:") for pattern in patterns):
            return patterns
        found: list[str] = []
        for i, pattern in enumerate(patterns):
            name = pattern.removeprefix("group:")
            if name == pattern:
                found.append(pattern)
            elif name in groups:
                found += groups[name]
            else:
                near = closest(name, groups)
                fix = f"Did you mean `group:{near}`?" if near else f"Define it in {GROUPS_FILE}."
                flaws.append(_at(document, (*path, i), f"There is no group `{name}`.", fix))
        return tuple(dict.fromkeys(found))

    rules = tuple(
        replace(
            rule,
            when=replace(
                rule.when,
                sender=members(rule.when.sender, "rules", i, "when", "sender"),
                recipient=members(rule.when.recipient, "rules", i, "when", "recipient"),
            ),
        )
        if rule.when.sender or rule.when.recipient
        else rule
        for i, rule in enumerate(policy.rules)
    )
    exempt = members(policy.reply.exempt, "reply", "exempt")
    return replace(
        policy,
        applies_to=tuple(dict.fromkeys(members(policy.applies_to, "applies_to"))),
        rules=rules,
        reply=replace(policy.reply, exempt=exempt),
    )


def _together(read: list[tuple[Policy, Document]]) -> list[Flaw]:
    flaws: list[Flaw] = []
    names: dict[str, str] = {}
    targets: dict[str, str] = {}
    formats: dict[str, str] = {}
    for policy, document in read:
        if policy.name in names:
            wrong = f"The name `{policy.name}` is taken by {names[policy.name]}."
            flaws.append(_at(document, ("name",), wrong, "Give each policy its own name."))
        names[policy.name] = document.file
        for target in policy.applies_to:
            if target in targets:
                wrong = f"`{target}` is already under the policy in {targets[target]}."
                flaws.append(_at(document, ("applies_to",), wrong, "Name each recipient in one policy only."))
            targets[target] = document.file
        if policy.style.pan != "full" and policy.applies_to:
            formats.setdefault(policy.style.pan, document.file)
            if len(formats) > 1:
                other = next(file for name, file in formats.items() if name != policy.style.pan)
                wrong = (
                    f"`pan: {policy.style.pan}` differs from the format in {other}; two truncated forms of one number "
                    "can be put together (PCI DSS 3.5.1)."
                )
                flaws.append(_at(document, ("redact", "pan"), wrong, "Use one format in all policies, or `full`."))
    return flaws


def _at(document: Document, path: tuple[str | int, ...], wrong: str, fix: str) -> Flaw:
    place = document.place(path)
    return Flaw(place.file, place.line, place.column, wrong, fix)
