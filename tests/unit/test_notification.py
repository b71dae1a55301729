"""Mails to the people who run the gateway: templates without code, and no digits of anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED

from pansentry import shipped
from pansentry.errors import ConfigurationError
from pansentry.notification import NAMES, Notifier, parse_template, read_templates
from pansentry.outcome import Notify
from pansentry.policy.loading import parse_policies
from pansentry.quarantine import CannotReleaseError, describe, digest, release, send_digests
from pansentry.store import Store, open_store
from pansentry.store.held import Sealed

CARD = PUBLISHED["visa"][0]
HELD = b"From: a@b.example\r\nSubject: =?utf-8?q?St=C3=BChle?= order 12345678901234\r\n\r\nhello\r\n"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/s.db", lambda: 1_790_000_000.0)
    yield opened
    await opened.close()


def notifier(folder: Path | None = None) -> Notifier:
    templates = read_templates(folder or shipped.policies(), shipped.policies())
    return Notifier(templates, "postmaster@shop.example", b"k", lambda: "token", lambda: 1_790_000_000.0)


def told(**facts: str) -> str:
    words = {"action": "hold", "found": "pan", "reasons": "found:pan", "sender_domain": "b.example",
             "recipient": "i@shop.example", "reference": "bcdf", **facts}  # fmt: skip
    (letter,) = notifier().notify(Notify(("o@shop.example",), "p/several", words, 60))
    return str(message_from_bytes(letter.message, policy=policy.default))


def test_a_notification_says_which_rule_and_what_was_found() -> None:
    """Automatic mail by its header, the rule, the policy, kinds in words."""
    text = told(found="track cvv pan expiry")
    assert "Auto-Submitted: auto-generated" in text
    assert "met the rule several of the policy p" in text
    assert "a card number, a security code, an expiry date and a magnetic stripe" in text


def test_what_a_sender_chose_loses_long_numbers_and_line_breaks() -> None:
    """A domain or an address with a card number in it, or one that would begin a header field."""
    text = told(sender_domain=f"{CARD}.example", recipient="i@shop.example\r\nBcc: x@y.example")
    assert CARD not in text
    assert "[digits].example" in text
    assert "\nBcc:" not in text


def test_a_text_that_reads_as_card_data_is_not_sent() -> None:
    """Shorter numbers than the net under the logs catches are found by the detector."""
    words = dict.fromkeys(NAMES["notify"], "") | {"reasons": "card no 4222 2222 2222 2 cvv 123"}
    assert notifier().notify(Notify(("o@shop.example",), "p/r", words, 60)) == ()


def test_the_window_is_for_one_rule_and_one_person() -> None:
    """The same rule to the same person has one key, whatever the case; other rules and people have others."""

    def key(rule: str, to: str) -> str:
        return notifier().notify(Notify((to,), rule, {}, 60))[0].window_key

    assert key("p/r", "O@shop.example") == key("p/r", "o@shop.example")
    assert len({key("p/r", "o@shop.example"), key("p/s", "o@shop.example"), key("p/r", "x@shop.example")}) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Subject: x\n\nHi {{ rulle }}\n", "t:3: There is no word `rulle`. The words are: action, found, policy"),
        ("Subject: x\n\n{{ 7*7 }} {{rule}}\n", "t:3: There is no word `7*7`."),
        ("Hello\n\nHi\n", "t:1: The first line is no subject. Write `Subject: …` and an empty line below."),
        ("Subject: x\nTo: y\n\nHi\n", "t:1: The first line is no subject."),
        ("Subject: x\n\n \n", "t:1: There is no text below the subject. Write one."),
    ],
)
def test_a_wrong_template_is_refused_with_its_line(text: str, message: str) -> None:
    """Before it is used, and said like every mistake in a policy."""
    with pytest.raises(ConfigurationError) as caught:
        parse_template(text.encode(), "notify", "t")
    assert str(caught.value).startswith(message)


def test_a_template_of_the_admin_is_used_in_place_of_the_shipped_one(tmp_path: Path) -> None:
    """One file may be there and the other not."""
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails/notify.txt").write_text("Subject: Achtung {{rule}}\n\nGrüße\n")
    (letter,) = notifier(tmp_path).notify(Notify(("o@shop.example",), "p/r", {}, 60))
    mail = message_from_bytes(letter.message, policy=policy.default)
    assert (mail["Subject"], mail.get_content()) == ("Achtung r", "Grüße\r\n")
    assert letter.message.isascii()


async def test_the_list_of_held_mail_names_what_is_held(store: Store) -> None:
    """Sender, subject without long numbers, rule, and that an original is sealed."""
    more = Sealed("p", "bcdf", "age1x", b"age")
    name = await store.held.put(HELD, "p/several", "a@b.example", ["i@shop.example"], more=more)
    letter = await digest(store, notifier(), "o@shop.example")
    assert letter is not None
    text = message_from_bytes(letter.message, policy=policy.default).get_content()
    for words in (name, "a@b.example", "subject: Stühle order [digits]", "held by: p/several; the original is sealed"):
        assert words in text


async def test_a_subject_cannot_steer_a_terminal(store: Store) -> None:
    """Escape sequences and marks of direction that a sender wrote are shown as what they are: nothing."""
    raw = b"Subject: =?utf-8?q?a=1B]0;x=07b=C2=9Bc=E2=80=AEd?=\r\n\r\n"
    held = await store.held.get(await store.held.put(raw, "p/r", "a\x1b[2J@b.example", ["i@shop.example"]))
    assert held is not None
    lines = describe(held)
    assert all(line.isprintable() for line in lines)
    assert "  subject: a?]0;x?b?c?d" in lines


async def test_nothing_held_makes_no_list(store: Store) -> None:
    """Nobody is bothered for nothing."""
    assert await digest(store, notifier(), "o@shop.example") is None


async def test_the_daily_list_goes_out_once_however_many_workers_ask(store: Store) -> None:
    """Only about what the policy holds, only to whom it names."""
    by = parse_policies(
        {
            "a": b"name: a\napplies_to: everyone\nhold: {digest_to: o@shop.example}\n",
            "b": b"name: b\napplies_to: nobody\n",
        }
    )
    await store.held.put(HELD, "b/r", "", ["i@shop.example"], more=Sealed("b"))
    assert await send_digests(store, notifier(), by) == 0
    await store.held.put(HELD, "a/r", "", ["i@shop.example"], more=Sealed("a"))
    assert await send_digests(store, notifier(), by) == 1
    assert await send_digests(store, notifier(), by) == 0


async def test_released_mail_is_scanned_by_the_policy_of_today(store: Store) -> None:
    """A number that the policy of that day let through does not get out of the held mail."""
    raw = f"From: a@b.example\r\n\r\nVisa {CARD}, chair\r\n".encode()
    name = await store.held.put(raw, "p/r", "a@b.example", ["i@shop.example"])
    by = parse_policies({"p": b"name: p\napplies_to: everyone\nredact: {pan: full}\n"})
    assert await release(store, name, by, who="eve") == ("i@shop.example",)
    (entry,) = await store.outbox.take()
    assert entry.message == raw.replace(CARD.encode(), b"X" * 16)
    with pytest.raises(CannotReleaseError, match="There is no held mail"):
        await release(store, name, by, who="eve")


async def test_what_still_shows_a_card_stays_held(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Residue, or a reader that breaks, keeps it where it is."""
    name = await store.held.put(HELD, "p/r", "a@b.example", ["i@shop.example"])
    by = parse_policies({"p": b"name: p\napplies_to: everyone\n"})
    for answer in (lambda *_: (b"", ("body:1",)), lambda *_: 1 / 0):
        monkeypatch.setattr("pansentry.pipeline.redacted", answer)
        with pytest.raises(CannotReleaseError, match="still reads as card data"):
            await release(store, name, by, who="eve")
    assert len(await store.held.list()) == 1
