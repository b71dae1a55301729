"""The policy editor: the form beside the text, mistakes at their line, trials, versions, and what was no card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED
from tests.unit.console.desk import Desk, desk, token_of

from pansentry import shipped
from pansentry.console.differences import MAX_LINES, Line, compare
from pansentry.console.policy_form import FIELDS, read_form, write_form
from pansentry.envelope import Authentication, AuthResult, Envelope
from pansentry.errors import ConfigurationError
from pansentry.outcome import Record
from pansentry.permissions import Role
from pansentry.pipeline import Desk as Core
from pansentry.pipeline import process
from pansentry.policy.loading import parse_policy

DEFAULT = (shipped.policies() / "default.yaml").read_text("utf-8")
VISA = PUBLISHED["visa"][0]
JSON = {"accept": "application/json"}


def mail(sender: str = "anna@customer.example") -> bytes:
    """Return a mail with a card."""
    return f"From: {sender}\r\nTo: b@shop.example\r\nSubject: hi\r\n\r\nVisa {VISA}\r\n".encode()


def judged(console: Desk, sender: str = "anna@customer.example") -> None:
    """Record the decision on a mail with a card, as the gateway does."""
    envelope = Envelope(sender, ("b@shop.example",), id="bcdfghjkmnpqrs", received_at=console.office.clock())
    measured = Authentication(dmarc=AuthResult.PASS, spf_aligned=True, dkim_aligned=True, from_domain="bank.example")
    envelope = Envelope(sender, ("b@shop.example",), id="bcdfghjkmnpqrs", received_at=1.0, authentication=measured)
    policy = console.office.policies().for_recipient("b@shop.example")
    for effect in process(mail(sender), envelope, Core(policy, key=console.office.token_key)).effects:
        if isinstance(effect, Record):
            console.store.events.record(effect.fields)


@pytest.mark.parametrize("path", sorted(shipped.policies().glob("*.yaml")), ids=lambda path: path.stem)
def test_an_untouched_form_changes_nothing(path: Path) -> None:
    """Every shipped file comes out as it went in, to the byte, when the form says what it showed."""
    text = path.read_text("utf-8")
    form = read_form(text)
    assert form is not None
    given = {field.name: value for field, value in form.fields}
    given |= {f"rule.{rule.index}.then": rule.then for rule in form.rules}
    assert write_form(text, given) == text


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("mode", "observe", "mode: observe                 # `observe` only records what would be done"),
        ("detect.confidence.pan", "0.4", "    pan: 0.4                  # the card number"),
        ("applies_to", "a@shop.example, *.b.example", 'applies_to: [a@shop.example, "*.b.example"]'),
        ("detect.own_numbers", "4711 #### #### ####", '  own_numbers: ["4711 #### #### ####"]'),
        ("hold.expires", "9 days", "  expires: 9 days"),
    ],
)
def test_one_changed_field_changes_one_line(name: str, value: str, line: str) -> None:
    """The value is in the file, its comment is still there, every other line is as it was, and the policy is valid."""
    new = write_form(DEFAULT, {name: value})
    changed = [line for line in compare(DEFAULT, new) if line.kind in {"added", "removed"}]
    assert [one.kind for one in changed] == ["removed", "added"]
    assert changed[1].text.startswith(line)
    parse_policy(new.encode(), "default.yaml")
    shown = read_form(new)
    assert shown is not None
    assert {field.name: text for field, text in shown.fields}[name] == value


def test_rules_are_moved_removed_and_added() -> None:
    """A rule goes up one place, one goes away, a new one stands before the one that takes all card data."""

    def names(text: str) -> list[str]:
        return [rule.name for rule in parse_policy(text.encode(), "default.yaml")[0].rules]

    before = names(DEFAULT)
    assert names(write_form(DEFAULT, {"up": "2"})) == [before[0], before[2], before[1], *before[3:]]
    assert names(write_form(DEFAULT, {"up": "0"})) == before
    assert names(write_form(DEFAULT, {"remove": "3"})) == [*before[:3], *before[4:]]
    given = {"new.name": "bank", "new.condition": "sender", "new.value": "*.bank.example", "new.then": "deliver"}
    new = write_form(DEFAULT, given)
    assert names(new) == [*before[:2], "bank", *before[2:]]
    rule = parse_policy(new.encode(), "default.yaml")[0].rules[2]
    assert (rule.when.sender, str(rule.then)) == (("*.bank.example",), "deliver")


@pytest.mark.parametrize("value", ["x: y", "]", "- a", "'", '"', "# no", "a\nb: c", "{a: b}", "&a", "!!python/name:os"])
def test_what_is_typed_stays_one_value(value: str) -> None:
    """Nothing typed into a field becomes a key, a list or a tag of the file."""
    for field in FIELDS:
        new = write_form(DEFAULT, {field.name: value})
        form = read_form(new)
        assert form is not None, (field.name, new)
        others = {one.name: text for one, text in form.fields if one.name != field.name}
        was = read_form(DEFAULT)
        assert was is not None
        assert others == {one.name: text for one, text in was.fields if one.name != field.name}


@pytest.mark.parametrize("text", ["a: [", "x: &a 1\ny: *a\n", "- 1\n", "{{", "rules: 3\n", "detect: no\nhold: [1]\n"])
def test_text_without_a_form_is_refused_not_broken(text: str) -> None:
    """Broken YAML has no form and says where; odd shapes have one that leaves them alone."""
    form = read_form(text)
    if form is None:
        with pytest.raises(ConfigurationError):
            write_form(text, {"mode": "observe"})
    else:
        assert "observe" in write_form(text, {"mode": "observe"})


def test_differences_are_lines() -> None:
    """What was removed and added, with two lines around; equal texts have none, very long ones one line."""
    old, new = "a\nb\nc\nd\ne\nf", "a\nb\nc\nX\ne\nf"
    lines = compare(old, new)
    assert [line.kind for line in lines] == ["gap", "same", "same", "removed", "added", "same", "same"]
    assert lines[3:5] == (Line("removed", "d"), Line("added", "X"))
    assert compare(old, old) == ()
    assert compare("a\n" * MAX_LINES, "b") == (Line("gap", "…"),)


async def test_the_editor_is_told_as_json(tmp_path: Path) -> None:
    """The script's two questions: what is wrong with this text, and what is it with the form put in; neither writes."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in(Role.VIEWER)
        token = await token_of(browser)
        good = (tmp_path / "shop.yaml").read_text()
        wrong = {"token": token, "text": good.replace("then: redact", "then: redakt")}
        said = (await browser.post("/policies/shop.yaml/check", data=wrong, headers=JSON)).json()
        assert [(flaw["file"], flaw["line"]) for flaw in said["flaws"]] == [("shop.yaml", 6)]
        assert 'name="mode"' in said["form"]
        given = {"token": token, "text": good, "mode": "observe"}
        filled = (await browser.post("/policies/shop.yaml/form", data=given, headers=JSON)).json()
        assert (filled["flaws"], "mode: observe" in filled["text"]) == ([], True)
        broken = await browser.post("/policies/shop.yaml/form", data={**given, "text": "a: ["}, headers=JSON)
        assert broken.json()["flaws"][0]["line"] > 0
        page = await browser.post("/policies/shop.yaml/form", data=given)
        assert "mode: observe" in page.text
        assert "<ins>+ mode: observe</ins>" in page.text
        assert (tmp_path / "shop.yaml").read_text() == good
        assert "properties" in (await browser.get("/policies/schema")).json()


async def test_a_change_is_tried_on_recorded_decisions(tmp_path: Path) -> None:
    """What the last mails would have got under the changed file, named with the mail; nothing is written."""
    async with desk(tmp_path) as console:
        for _ in range(3):
            judged(console)
        await console.store.events.flush()
        browser = await console.signed_in()
        good = (tmp_path / "shop.yaml").read_text()
        form = {"token": await token_of(browser), "text": good.replace("then: redact", "then: hold"), "number": "100"}
        page = (await browser.post("/policies/shop.yaml/recent", data=form)).text
        assert "3 of 3 would have gone otherwise" in page
        assert "redact → hold" in page
        same = (await browser.post("/policies/shop.yaml/recent", data={**form, "text": good})).text
        assert "0 of 3 would have gone otherwise" in same
        assert (tmp_path / "shop.yaml").read_text() == good


async def test_a_new_policy_is_begun_and_published(tmp_path: Path) -> None:
    """A name leads to a page with a beginning; publishing makes the file; odd names lead nowhere."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        token = await token_of(browser)
        made = await browser.post("/policies", data={"token": token, "name": "sales"})
        assert made.headers["location"] == "/policies/sales.yaml"
        page = (await browser.get("/policies/sales.yaml")).text
        assert "applies_to: nobody" in page
        assert not (tmp_path / "sales.yaml").exists()
        text = "name: sales\napplies_to: sales@shop.example\nrules: []\n"
        await browser.post("/policies/sales.yaml", data={"token": token, "text": text})
        assert (tmp_path / "sales.yaml").read_text() == text
        assert "sales" in [policy.name for policy in console.office.policies().policies]
        for name in ("shop", "../x", "a.b", "x" * 50, ""):
            answer = await browser.post("/policies", data={"token": token, "name": name})
            assert "Write%20a%20new%20name" in answer.headers["location"], name


async def test_a_version_says_what_going_back_changes(tmp_path: Path) -> None:
    """The lines of the files that would change, and none for the version in use."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        good = (tmp_path / "shop.yaml").read_text()
        form = {"token": await token_of(browser), "text": good.replace("then: redact", "then: refuse")}
        await browser.post("/policies/shop.yaml", data=form)
        newest, oldest = await console.store.versions.list()
        page = (await browser.get(f"/policies/versions/{oldest.digest}")).text
        assert "<del>-     then: refuse</del><ins>+     then: redact</ins>" in page
        assert (
            "Nothing: this is what is in the folder." in (await browser.get(f"/policies/versions/{newest.digest}")).text
        )


async def test_what_was_no_card_becomes_a_proposal(tmp_path: Path) -> None:
    """From the message to a rule that is read first, then published; the report counts it; nothing shows a digit."""
    async with desk(tmp_path) as console:
        judged(console, "info@bank.example")
        await console.store.events.flush()
        operator = await console.signed_in(Role.OPERATOR)
        token = await token_of(operator)
        assert "This was not a card" in (await operator.get("/messages/1")).text
        made = await operator.post("/messages/1/not-a-card", data={"token": token})
        where = made.headers["location"].partition("?")[0]
        assert where == "/policies/proposals/bcdfghjkmnpqrs"
        page = (await operator.get(where)).text
        assert "bank.example" in page
        assert VISA not in page.replace(" ", "")
        assert (await operator.post(f"{where}/accept", data={"token": token})).status_code == 403
        admin = await console.signed_in(Role.ADMIN)
        token = await token_of(admin)
        assert "in%20use" in (await admin.post(f"{where}/accept", data={"token": token})).headers["location"]
        assert "bank.example" in (tmp_path / "shop.yaml").read_text()
        assert (await admin.get(where)).status_code == 404
        await console.store.events.flush()
        sums = (await console.store.tallies.between(0, 10**6)).items()
        assert ("report:not-a-card", 1) in sums


async def test_with_the_mail_only_the_form_of_its_number_is_proposed(tmp_path: Path) -> None:
    """The pasted source gives the number's form; the number itself is nowhere; then it is discarded."""
    async with desk(tmp_path) as console:
        judged(console)
        await console.store.events.flush()
        browser = await console.signed_in()
        token = await token_of(browser)
        source = mail().decode().replace("\r\n", "\n")
        made = await browser.post("/messages/1/not-a-card", data={"token": token, "mail": source})
        where = made.headers["location"].partition("?")[0]
        page = (await browser.get(where)).text
        assert f"{VISA[:6]}##########" in page
        assert VISA not in page
        assert VISA not in (tmp_path / "proposals/bcdfghjkmnpqrs.yaml").read_text()
        await browser.post(f"{where}/discard", data={"token": token})
        assert list((tmp_path / "proposals").iterdir()) == []


async def test_what_cannot_be_proposed_is_said(tmp_path: Path) -> None:
    """Mail of a provider where everybody has an address makes no rule, and says what would help."""
    async with desk(tmp_path) as console:
        judged(console, "x@gmail.com")
        await console.store.events.flush()
        browser = await console.signed_in()
        answer = await browser.post("/messages/1/not-a-card", data={"token": await token_of(browser)})
        assert answer.headers["location"].startswith("/messages/1?note=Everybody")
        assert json.loads((await browser.get("/api/v1/messages/1")).text)["sender_domain"] == "gmail.com"
        assert (await browser.get("/policies/proposals/..%2Fshop")).status_code == 404
