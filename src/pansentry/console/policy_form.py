"""A policy file as a form, and what was put into the form as the file again.

In: the text of a policy, and the values of a form. Out: :class:`Form`, what a page shows beside the text; and the text
with the changes in it, where comments, order and layout of everything else stay (ruamel.yaml's round trip). Only a
value that differs from what the form showed is written, so an untouched form changes nothing.

Nothing is judged here: a wrong value goes into the text and is refused there, at its line, like one typed by hand.
Gaps: a rule's conditions are shown in words and changed in the text; a file whose YAML is broken has no form.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pansentry.configuration.documents import read_yaml
from pansentry.errors import ConfigurationError, Flaw

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

ACTIONS = ("redact", "deliver", "hold", "refuse", "tempfail", "replace-part")
CONDITIONS = (
    # what a new rule may ask for, the key in `when`, whether it takes several values
    ("card data was found", "found", False),
    ("found in", "place", True),
    ("found a card of", "brand", True),
    ("the sender is", "sender", True),
    ("the recipient is", "recipient", True),
    ("could not be read, because", "unreadable", True),
)
_WHOLE_LINE = 4096


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the form: where its value stands, what it is called, what it may be, what holds without it."""

    path: tuple[str, ...]
    label: str
    default: str = ""
    choices: tuple[str, ...] = ()
    is_list: bool = False
    is_number: bool = False

    @property
    def name(self) -> str:
        """The name of its input."""
        return ".".join(self.path)


FIELDS = (
    Field(("mode",), "Mode", "enforce", ("enforce", "observe")),
    Field(("applies_to",), "For whom: everyone, nobody, addresses, domains, group:NAME", is_list=True),
    Field(("redact", "pan"), "What stays of a card number", "last4", ("last4", "first6last4", "full")),
    Field(("redact", "expiry"), "Expiry date", "full", ("full", "keep")),
    Field(("detect", "confidence", "pan"), "How sure to be of a card number, 0.1 to 0.95", "0.6", is_number=True),
    Field(("detect", "confidence", "cvv"), "How sure to be of a security code", "0.6", is_number=True),
    Field(("detect", "own_numbers"), "Forms of your own numbers, such as 4711 #### #### ####", is_list=True),
    Field(("detect", "test_numbers"), "Published test numbers", "redact", ("redact", "ignore")),
    Field(("reply", "letter"), "Letter to the customer (none for none)", "guidance"),
    Field(("reply", "window"), "At most one letter to a customer in", "7 days"),
    Field(("reply", "exempt"), "Who never gets a letter", is_list=True),
    Field(("notice",), "How the mailbox is told", "header", ("header", "banner", "none")),
    Field(("hold", "expires"), "Held mail is deleted after", "30 days"),
    Field(("hold", "digest_to"), "Who is sent a list of held mail once a day", is_list=True),
    Field(("on_error",), "When scanning itself fails", "tempfail", ("tempfail", "hold", "deliver-unscanned")),
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as the form shows it; ``when`` is its condition in the words of the file."""

    index: int
    name: str
    when: str
    then: str


@dataclass(frozen=True, slots=True)
class Form:
    """What the form shows: each field with its value, and the rules from top to bottom."""

    fields: tuple[tuple[Field, str], ...]
    rules: tuple[RuleRow, ...]


def read_form(text: str) -> Form | None:
    """Return the form of a policy's text, None if it cannot be read as one."""
    try:
        data = read_yaml(text, "policy").data
    except ConfigurationError:
        return None
    return _form(data) if isinstance(data, dict) else None


def write_form(text: str, given: Mapping[str, str]) -> str:
    """Return the text with what differs in ``given`` (name of an input → value) from what the form shows.

    Inputs that are missing are left alone. Raises :class:`ConfigurationError` if the text has no form.
    """
    data = read_yaml(text, "policy").data
    if not isinstance(data, dict):
        raise ConfigurationError(Flaw("policy", 1, 1, "This is no policy.", "Write keys and values, `name: …` first."))
    shown = _form(data)
    yaml = _yaml()
    policy = yaml.load(text)
    if policy is None:
        policy = yaml.map()
    changed = False
    for field, value in shown.fields:
        wanted = _one_line(given.get(field.name, value))
        if wanted != value:
            _put(policy, field.path, _written(field, wanted))
            changed = True
    changed = _put_rules(policy, shown.rules, given) or changed
    if not changed:
        return text
    out = io.StringIO()
    yaml.dump(policy, out)
    return out.getvalue()


def _form(data: Mapping[str, Any]) -> Form:
    given = data.get("rules")
    rules = given if isinstance(given, tuple | list) else ()
    rows = [rule for rule in rules if isinstance(rule, dict)]
    return Form(
        tuple((field, _shown(_at(data, field.path), field)) for field in FIELDS),
        tuple(
            RuleRow(index, str(rule.get("name", "")), _condition(rule.get("when")), str(rule.get("then", "")))
            for index, rule in enumerate(rows)
        )
        if len(rows) == len(rules)
        else (),
    )


def _at(data: Any, path: Sequence[str]) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _shown(value: Any, field: Field) -> str:
    if value is None:
        return field.default
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _condition(when: Any) -> str:
    if not isinstance(when, dict):
        return ""
    return "; ".join(f"{key}: {_words(value)}" for key, value in when.items())


def _words(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple() | list():
            return ", ".join(map(str, value))
        case dict():
            return " ".join(f"{key} {_words(one)}" for key, one in value.items())
    return str(value)


def _put(policy: MutableMapping[str, Any], path: Sequence[str], value: Any) -> None:
    """Set a value, making the mappings on the way to it."""
    for key in path[:-1]:
        if not isinstance(policy.get(key), dict):
            policy[key] = {}
        policy = policy[key]
    policy[path[-1]] = value


def _written(field: Field, value: str) -> Any:
    """Return a value as the file is to hold it."""
    if field.is_list:
        items = [item.strip() for item in value.split(",") if item.strip()]
        if field.path == ("applies_to",) and items in (["everyone"], ["nobody"]):
            return items[0]
        return _flow([_quoted(item) if _needs_quotes(item) else item for item in items])
    if field.is_number:
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _put_rules(policy: MutableMapping[str, Any], shown: Sequence[RuleRow], given: Mapping[str, str]) -> bool:
    """Change actions, take rules away, move them up and add one, as the inputs say."""
    changed = False
    rules: Any = policy.get("rules")
    for row in shown:
        then = _one_line(given.get(f"rule.{row.index}.then", row.then))
        if then != row.then:
            rules[row.index]["then"] = then
            changed = True
    moves = [row.index for row in shown if given.get("up") == str(row.index) and row.index > 0]
    gone = [row.index for row in shown if given.get("remove") == str(row.index)]
    for index in moves:
        rules.insert(index - 1, rules.pop(index))
    for index in gone:
        del rules[index]
    if name := _one_line(given.get("new.name", "")):
        if not isinstance(rules, list):
            policy["rules"] = rules = []
        rules.insert(_place_of_new(rules), _new_rule(name, given))
        changed = True
    return changed or bool(moves or gone)


def _new_rule(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    key = given.get("new.condition", "found")
    value = _one_line(given.get("new.value", ""))
    when: dict[str, Any] = {"found": True}
    if key in {condition for _, condition, many in CONDITIONS if many}:
        items = [_quoted(item) if _needs_quotes(item) else item for item in map(str.strip, value.split(",")) if item]
        when = {key: _flow(items)}
    then = given.get("new.then", "redact")
    return {"name": name, "when": when, "then": then if then in ACTIONS else "redact"}


def _place_of_new(rules: Sequence[Any]) -> int:
    """Return where a new rule goes: before the first one that matches everything with card data, or at the end."""
    for index, rule in enumerate(rules):
        when = rule.get("when") if isinstance(rule, dict) else None
        if not when or dict(when) == {"found": True}:
            return index
    return len(rules)


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _needs_quotes(item: str) -> bool:
    return any(sign in item for sign in "#*:&!%`{}[]\"'|>") or item[:1] in "@0123456789"


def _quoted(item: str) -> Any:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    return DoubleQuotedScalarString(item)


def _flow(items: list[Any]) -> Any:
    from ruamel.yaml.comments import CommentedSeq

    made = CommentedSeq(items)
    made.fa.set_flow_style()
    return made


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WHOLE_LINE
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
