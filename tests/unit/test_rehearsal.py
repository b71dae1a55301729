"""Rehearsal: what a policy would do with archived mail, and what another would do otherwise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pansentry.policy.cases import load_cases, run_cases
from pansentry.policy.loading import parse_policies
from pansentry.rehearsal import archived_envelope, differences, rehearse

DOCS = Path(__file__).parents[2] / "docs" / "policy.md"
MAIL = (
    b"Return-Path: <anna@mail.example>\r\nFrom: Anna <anna@mail.example>\r\nTo: Shop <info@shop.example>\r\n"
    b"Subject: order\r\n\r\nmy card: 4111 1111 1111 1111\r\n"
)


def policies(text: str = "") -> object:
    return parse_policies({"p.yaml": f"name: p\napplies_to: everyone\n{text}".encode()})


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("", ()),
        ("redact: {pan: full}", ("what stays readable",)),
        ("reply: {letter: none}", ("letter: guidance → none",)),
        ("detect: {brands: amex}", ("action: redact → deliver", "found: 1 pan → nothing", "letter: guidance → none")),
        ("rules: [{name: r, then: hold}]", ("action: redact → hold", "rule: p/no-rule → p/r")),
        ("rules: [{name: no-rule, then: redact, tag: x}]", ("tags: none → x",)),
        ("reply: {exempt: mail.example}", ("letter: guidance → none",)),
    ],
)
def test_each_difference_is_named(new: str, expected: tuple[str, ...]) -> None:
    """Two policies are compared by everything that a mailbox or a customer would notice."""
    assert differences(MAIL, policies(), policies(new)) == expected  # type: ignore[arg-type]


def test_the_envelope_of_an_archived_mail() -> None:
    """Return-Path before From, Delivered-To before To; a mail without any of them has neither."""
    found = archived_envelope(b"Delivered-To: x@shop.example\r\n" + MAIL)
    assert (found.reverse_path, found.forward_paths) == ("anna@mail.example", ("x@shop.example",))
    assert archived_envelope(b"\r\nbody").forward_paths == ()


def test_the_examples_of_the_documentation_work(tmp_path: Path) -> None:
    """What the policy page shows can be copied."""
    rules, hold, tests = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    key = "age1uu7y2std6eq2anfffla8482jc4k80jqt5x9c7a2ks9mghyma6css3dafwc"
    text = f"name: p\napplies_to: everyone\n{rules}{hold.replace('age1…', key)}"
    shown = parse_policies({"p.yaml": text.encode()})
    assert (shown.fallback.hold.seal_to, shown.fallback.hold.digest_to) == (key, ("owner@shop.example",))
    assert [rule.name for rule in shown.fallback.rules] == ["bank-statements", "many-cards", "card-data"]
    (tmp_path / "t.yaml").write_text(tests.replace("rule: clean", "rule: no-rule"), encoding="utf-8")
    (report,) = run_cases(load_cases(tmp_path), shown, rehearse)
    assert report.differences == ()
