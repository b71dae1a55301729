"""The letter as a message: its headers, its threading, and that nothing from outside breaks out of a field."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from pansentry import pan
from pansentry.configuration import Business
from pansentry.configuration.model import Signature
from pansentry.errors import ConfigurationError
from pansentry.outcome import Receipt, Removed
from pansentry.reply import Choice, Incoming, Letter, Letters, compose, load_letters, window_key
from pansentry.reply.compose import customer_name, removed_words
from pansentry.reply.kinds import Kind
from pansentry.reply.letters import KEPT_DAYS

REPLIES = Path(__file__).parents[3] / "replies"
PAN = Removed("pan", "visa", "body:1", 0.99, "1111")


@pytest.fixture(scope="module")
def letters() -> Letters:
    """The shipped letters for a shop that gave all facts."""
    return load_letters(
        REPLIES,
        Business(
            name="Möbel Meier",
            phone="+49 30 123456",
            hours="Mon-Fri 9-17",
            pay_page="https://pay.meier.example/order",
            website="https://meier.example",
            authenticity_page="Payments by e-mail",
            signature=Signature(person="Marta"),
        ),
    )


def write(letters: Letters, incoming: Incoming | None = None, **settings: object) -> Letter:
    values: dict[str, object] = {
        "template": "guidance",
        "recipient": "anna@mail.example",
        "mailbox": "info@meier.example",
        "choice": Choice("en"),
        "now": 1_700_000_000.0,
        "token": "k3jd9",
    }
    receipt = settings.pop("receipt", Receipt((PAN,)))
    return compose(letters, receipt, incoming or Incoming(), **(values | settings))  # type: ignore[arg-type]


def parse(letter: Letter) -> EmailMessage:
    message = email.message_from_bytes(letter.message, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def test_the_headers_are_those_of_an_automatic_answer(letters: Letters) -> None:
    """RFC 3834, RFC 5230, MS-OXCMAIL: marked as automatic in every way that others look for."""
    incoming = Incoming(message_id="<1@mail.example>", references="<0@mail.example>", from_name="Anna Berg")
    message = parse(write(letters, incoming))
    assert str(message["From"]) == "Möbel Meier <info@meier.example>"
    assert str(message["To"]) == "anna@mail.example"
    assert message["In-Reply-To"] == "<1@mail.example>"
    assert message["References"].split() == ["<0@mail.example>", "<1@mail.example>"]
    for name, value in {
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
        "Precedence": "bulk",
        "Content-Language": "en",
        "Message-ID": "<k3jd9@meier.example>",
        "X-PanSentry-Reply": f"guidance/{letters.version}",
        "MIME-Version": "1.0",
        "Date": "Tue, 14 Nov 2023 22:13:20 +0000",
    }.items():
        assert message[name] == value, name
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_every_line_is_short_and_seven_bit(letters: Letters) -> None:
    """Any relay takes it as it is, and a signature survives."""
    for language in letters.languages("guidance"):
        raw = write(letters, choice=Choice(language, "en" if language != "en" else "")).message
        assert raw.isascii()
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_a_long_message_id_threads(letters: Letters) -> None:
    """A Message-ID of 100 characters stays one word (the trap of email.message)."""
    long_id = f"<{'A' * 60}.{'b' * 60}@prod.outlook.example>"
    message = write(letters, Incoming(message_id=long_id, references=long_id)).message
    assert f"In-Reply-To: {long_id}\r\n".encode() in message


def test_references_keep_the_first_and_last_ten(letters: Letters) -> None:
    """A thread of a thousand messages does not grow without end."""
    chain = " ".join(f"<{i}@m.example>" for i in range(1000))
    found = parse(write(letters, Incoming(message_id="<last@m.example>", references=chain)))["References"].split()
    assert (len(found), found[0], found[9], found[10], found[-1]) == (
        20,
        "<0@m.example>",
        "<9@m.example>",
        "<991@m.example>",
        "<last@m.example>",
    )


HOSTILE = (
    "x\r\nBcc: everybody@evil.example",
    "x\nBcc: everybody@evil.example",
    "x\r\n\r\n<html>body",
    "x\u2028Bcc: a@b.example",
    "x\x85Bcc: a@b.example",
    "x\x00y",
    "=?utf-8?q?x=0D=0ABcc:_a@b.example?=",
    "{{ business.phone }}",
    "{% for x in range(10**9) %}x{% endfor %}",
    "Your account is blocked http://evil.example",
    "<script>alert(1)</script>",
    '"quoted" <a@b.example>, c@d.example',
    "A" * 10_000_000,
    "\udcff\udcfe",
    "\u202eevil",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_header_values_are_inert(letters: Letters, text: str) -> None:
    """Whatever a name, an id or a reference holds, the letter's fields stay what they are."""
    plain = parse(write(letters, Incoming(message_id="<1@m.example>")))
    incoming = Incoming(
        fields=(("subject", text),),
        message_id=f"<1@m.example>{text}"[:5000] if text.startswith("A") else "<1@m.example>",
        references=text,
        in_reply_to=text,
        from_name=text,
        from_address=text,
    )
    raw = write(letters, incoming).message
    message = parse(Letter("", raw, "", ""))
    assert set(message.keys()) <= set(plain.keys())
    assert len(raw) < 40_000
    shown = "".join(part.get_content() for part in message.iter_parts())
    assert "evil" not in raw.decode().lower() + shown.lower()
    assert "{{" not in shown


@pytest.mark.parametrize(
    ("recipient", "to", "utf8"),
    [
        ("anna@mail.example", "<anna@mail.example>", False),
        ("SRS0=ab=cd=mail.example=anna@fwd.example", "<anna@mail.example>", False),
        ("prvs=12345=anna@mail.example", "<anna@mail.example>", False),
        ('"a b"@mail.example', '<"a b"@mail.example>', False),
        ("a\r\nBcc: x@y.example>@mail.example", '<"aBcc: x@y.example>"@mail.example>', False),
        ("anna@mäil.example", "<anna@xn--mil-qla.example>", False),
        ("änna@mail.example", "<änna@mail.example>", True),
    ],
)
def test_the_recipient_is_the_reverse_path(letters: Letters, recipient: str, to: str, utf8: bool) -> None:
    """The envelope keeps what was received; the To field shows who is meant and cannot be broken out of."""
    letter = write(letters, recipient=recipient)
    assert letter.recipient == recipient
    assert f"\r\nTo: {to}\r\n".encode() in letter.message
    assert letter.utf8 is utf8


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("Anna", "Anna"),
        ("Anna Berg", "Anna Berg"),
        ("Jean-Luc d’Arc", "Jean-Luc d’Arc"),
        ("J. R. Smith", "J. R. Smith"),
        ("山田 太郎", "山田 太郎"),
        ("", ""),
        ("Berg, Anna", ""),
        ("anna@mail.example", ""),
        ("4111 1111 1111 1111", ""),
        ("Anna4711", ""),
        ("CLICK HERE NOW", ""),
        ("Visit evil.example", ""),
        ("You have won a very nice prize", ""),
        ("Anna http://x", ""),
        ("Anna <b>", ""),
        ("A" * 41, ""),
    ],
)
def test_only_a_plain_name_is_repeated(given: str, used: str) -> None:
    """A display name greets the customer only if it could not be a message to somebody else."""
    assert customer_name(given) == used


def test_no_digit_of_a_card_is_in_any_letter(letters: Letters) -> None:
    """A letter shows no digits but those of phone, hours, links and how long a note is kept."""
    receipt = Receipt((PAN, PAN, Removed("cvv", None, "body:1", 0.9), Removed("expiry", None, "body:1", 0.9)))
    for language in letters.languages("guidance"):
        message = parse(write(letters, receipt=receipt, choice=Choice(language)))
        text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "1111" not in text
        assert re.sub(r"\D", "", text) == "49301234569" + "17" + str(KEPT_DAYS)


def test_letters_pass_the_card_scanner(letters: Letters) -> None:
    """What every letter must pass before it leaves, it passes, with phone numbers of any length and grouping."""
    for phone in ("+49 30 123456", "+44 20 7946 0018", "0041 44 668 18 00", "+1 (555) 010-4477", "+390612345678"):
        shop = replace(letters, business=letters.business.model_copy(update={"phone": phone}))
        for language in letters.languages("guidance"):
            assert not pan.find(write(shop, choice=Choice(language, "en")).shown), (phone, language)


def test_a_letter_that_policies_send_must_be_there(letters: Letters) -> None:
    """A letter's name with a typo stops the start, and says which there are."""
    with pytest.raises(
        ConfigurationError, match=r"sends the letter `guidence`, which is not here\. Write one of: guidance"
    ):
        load_letters(REPLIES, letters.business, ["guidence", "guidance"])


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (("pan",), ("pan",)),
        (("pan", "pan"), ("pans",)),
        (("cvv", "expiry"), ("cvv", "expiry")),
        (("pan", "cvv", "cvv", "expiry"), ("pan", "cvv", "expiry")),
        (("track",), ("track",)),
    ],
)
def test_the_letter_says_what_the_receipt_says(kinds: tuple[str, ...], words: tuple[str, ...]) -> None:
    """What was removed is named once each, from the same receipt as the event."""
    assert removed_words(Receipt(tuple(Removed(kind, None, "body:1", 0.9) for kind in kinds))) == words


def test_kinds_of_letter_have_words_of_their_own(letters: Letters) -> None:
    """All six kinds say different things, each in every language."""
    for language in letters.languages("guidance"):
        said = {
            parse(write(letters, choice=Choice(language), kind=kind)).get_body(("plain",)).get_content()  # type: ignore[union-attr]
            for kind in Kind
        }
        assert len(said) == len(Kind), language


def test_english_stands_below_when_we_are_not_sure(letters: Letters) -> None:
    """Two languages: both subjects, both texts, both in the HTML with their own direction."""
    message = parse(write(letters, choice=Choice("ar", "en")))
    assert "We have your message" in message["Subject"]
    assert message["Content-Language"] == "ar, en"
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert 'lang="ar" dir="rtl"' in html
    assert 'lang="en" dir="ltr"' in html


def test_the_window_knows_a_customer_by_whichever_tag() -> None:
    """SRS and BATV tags change daily; the window key does not, and it names nobody."""
    key = window_key(b"k" * 32, "info@shop.example", "anna@mail.example", "guidance")
    assert key == window_key(b"k" * 32, "INFO@shop.example", "prvs=999=Anna@mail.example", "guidance")
    assert key == window_key(b"k" * 32, "info@shop.example", "SRS0=ab=cd=mail.example=anna@fwd.example", "guidance")
    assert key != window_key(b"k" * 32, "info@shop.example", "bob@mail.example", "guidance")
    assert key != window_key(b"x" * 32, "info@shop.example", "anna@mail.example", "guidance")
    assert re.fullmatch("[0-9a-f]{32}", key)
