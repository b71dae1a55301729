"""“This was not a card”: proposals name no number, keep comments, and are refused if a test fails."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED, generated

from pansentry import shipped
from pansentry.errors import ConfigurationError
from pansentry.pan.brands import BRANDS
from pansentry.policy.folder import Snapshot, snapshot
from pansentry.policy.loading import load_policies, parse_policies
from pansentry.policy_activation import prove
from pansentry.proposals import CannotProposeError, applied, from_event, from_mail

VISA = next(brand for brand in BRANDS if brand.key == "visa")
DEFAULT = load_policies(shipped.policies()).fallback
EVENT = {"sender_domain": "bank.example", "rule": "default/card-data", "sightings": ["pan|visa|0.90|body"]}


def mail(number: str) -> bytes:
    return f"From: a@b.example\r\nSubject: reference\r\n\r\nCard number {number} of today\r\n".encode()


def grouped(number: str) -> str:
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def folder_with(text: str, tmp_path: Path) -> Snapshot:
    """The shipped files with a proposal in them, as they would be after it was accepted."""
    now = snapshot(shipped.policies())
    return Snapshot(tmp_path, applied(now.files, text.encode(), "x.yaml", "x"), ())


@pytest.mark.parametrize("seed", range(5))
def test_a_number_becomes_a_form_and_a_test(seed: int, tmp_path: Path) -> None:
    """Six digits and the grouping are kept, the number is nowhere, the accepted policy leaves the mail alone."""
    number = generated(VISA, 16, random.Random(seed))
    text = from_mail(mail(grouped(number)), DEFAULT, name="x", who="eve", seed="s").text()
    assert f'"{number[:4]} {number[4:6]}## #### ####"' in text
    assert number not in text.replace(" ", "")
    assert number[6:] not in text.replace(" ", "")
    state = prove(folder_with(text, tmp_path), None)
    assert state.policies.fallback.own_numbers == (f"{number[:4]} {number[4:6]}## #### ####",)


def test_comments_and_layout_of_the_policy_stay(tmp_path: Path) -> None:
    """Only the line of the own numbers differs."""
    text = from_mail(mail(generated(VISA, 16, random.Random(1))), DEFAULT, name="x", who="eve", seed="s").text()
    before = snapshot(shipped.policies()).files["default.yaml"].decode().splitlines()
    after = folder_with(text, tmp_path).files["default.yaml"].decode().splitlines()
    assert [line for line in before if line not in after] == [next(x for x in before if "own_numbers" in x)]
    assert len([line for line in after if "#" in line]) >= len([line for line in before if "#" in line])


def test_without_the_mail_a_rule_for_its_proven_sender_is_proposed(tmp_path: Path) -> None:
    """It says that real card numbers from there pass too, and stands before the rule that decided."""
    proposal = from_event(EVENT, DEFAULT, name="bcdf", who="eve")
    assert "with real card numbers too" in proposal.text()
    rules = prove(folder_with(proposal.text(), tmp_path), None).policies.fallback.rules
    names = [rule.name for rule in rules]
    assert names.index("no-card-bcdf") == names.index("card-data") - 1
    assert rules[names.index("no-card-bcdf")].when.authentication == ("pass",)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"sender_domain": "gmail.com"}, "Everybody may have an address at gmail.com"),
        ({"sender_domain": ""}, "Everybody may have an address at no domain"),
        ({"sightings": []}, "Nothing was found in this mail"),
    ],
)
def test_what_would_be_too_broad_is_not_proposed(event: dict[str, object], message: str) -> None:
    """No rule for a provider of addresses, and none for nothing."""
    with pytest.raises(CannotProposeError, match=message):
        from_event(EVENT | event, DEFAULT, name="x", who="eve")


def test_a_mail_without_a_card_number_gives_no_proposal() -> None:
    """There is nothing to change."""
    with pytest.raises(CannotProposeError, match="No card number is found"):
        from_mail(b"From: a@b.example\r\n\r\nhello\r\n", DEFAULT, name="x", who="eve", seed="s")


def test_a_proposal_that_breaks_a_test_is_refused(tmp_path: Path) -> None:
    """A form that means the shipped tests' own card number."""
    text = from_mail(mail(PUBLISHED["visa"][0]), DEFAULT, name="x", who="eve", seed="s").text()
    with pytest.raises(ConfigurationError, match="a card number in the body is masked"):
        prove(folder_with(text, tmp_path), None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("policy: default", "policy: other", "x.yaml:6: There is no policy `other` here."),
        ("policy: default", "polcy: default", "Did you mean `policy`?"),
        ('- "4', '- "', "own_numbers"),
    ],
)
def test_a_proposal_is_read_as_strictly_as_a_policy(old: str, new: str, message: str) -> None:
    """It is a file that somebody may have edited."""
    text = from_mail(mail(grouped(PUBLISHED["visa"][0])), DEFAULT, name="x", who="eve", seed="s").text()
    text = text.replace(old, new)
    text = text.replace('- "111 11## #### ####"', '- "#### ####"')
    with pytest.raises(ConfigurationError, match=message):
        applied(snapshot(shipped.policies()).files, text.encode(), "x.yaml", "x")


def test_a_policy_without_the_settings_gets_them() -> None:
    """A file of two lines."""
    files = {"p.yaml": b"name: p\napplies_to: everyone\n"}
    by = parse_policies(files).fallback
    text = from_mail(mail(PUBLISHED["mastercard"][0]), by, name="x", who="eve", seed="s").text()
    assert parse_policies({"p.yaml": applied(files, text.encode(), "x", "x")["p.yaml"]}).fallback.own_numbers
    rule = from_event(EVENT, by, name="bcdf", who="eve").text()
    assert (
        parse_policies({"p.yaml": applied(files, rule.encode(), "x", "x")["p.yaml"]}).fallback.rules[0].then
        == "deliver"
    )
