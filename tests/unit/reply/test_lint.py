"""The linter: shipped letters keep every rule, bad ones are refused for the named reason."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pansentry import pan
from pansentry.channels.file import parse_channels
from pansentry.configuration import Business
from pansentry.configuration.model import LANGUAGES, Signature
from pansentry.errors import ConfigurationError
from pansentry.reply import Letters, load_letters
from pansentry.reply.channels import KINDS
from pansentry.reply.kinds import Kind
from pansentry.reply.letters import SAMPLES, Words, Written
from pansentry.reply.lint import RULES, lint, phrases, score
from pansentry.reply.lint.page import contrast
from pansentry.reply.offering import sample_ways

REPLIES = Path(__file__).parents[3] / "replies"
BUSINESS = Business(
    name="Meier",
    phone="+49 30 123456",
    hours="Mon-Fri 9-17",
    pay_page="https://meier.example/pay",
    website="https://meier.example",
    authenticity_page="Payments by e-mail",
    link_domains=("pay.example",),
    signature=Signature(person="Marta"),
)


@pytest.fixture(scope="module")
def letters() -> Letters:
    """The shipped letters."""
    return load_letters(REPLIES, BUSINESS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_letters_keep_every_rule(letters: Letters, language: str) -> None:
    """Full marks in all sixteen languages and all kinds."""
    for words in SAMPLES:
        written = letters.write("guidance", language, words)
        found = score(lint(written, BUSINESS, language, words))
        assert (found.points, found.faults) == (found.best, ())
    assert {words.kind for words in SAMPLES} == set(Kind)


LONGEST = {"fr": (170, 28), "it": (170, 28), "ja": (530, 72)}
"""Words (Japanese: characters) of a letter, of a sentence; for the others 160 and 27."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_and_their_sentences_are_short(letters: Letters, language: str) -> None:
    """Plain words: no letter is longer than a screen, no sentence longer than can be read in one breath."""
    whole, sentence = LONGEST.get(language, (160, 27))
    count = len if language == "ja" else lambda text: sum(any(c.isalnum() for c in word) for word in text.split())
    for words in SAMPLES:
        if len(words.removed) > 3:  # every kind of card data at once: the list is long, not the letter
            continue
        text = letters.write("guidance", language, words).text
        assert count("".join(text.split()) if language == "ja" else text) <= whole, words
        prose = " ".join(line for line in text.split("\n\n") if not line.startswith("- "))
        for spoken in re.split(r"[.!?;:。：·；]\s|[。：]", prose.replace("\n", "" if language == "ja" else " ")):
            assert count(spoken) <= sentence, spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_again_is_shorter_and_says_it_in_other_words(letters: Letters, language: str) -> None:
    """Whoever is written to again reads something new and short, and never that it is the second time one says so."""
    first, again = (letters.write("guidance", language, Words(("pan",), kind)) for kind in (Kind.FIRST, Kind.AGAIN))
    assert len(again.text) < len(first.text)
    assert again.subject != first.subject
    opening = [letter.text.split("\n\n")[1] for letter in (first, again)]
    assert opening[0] != opening[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_a_letter_is_true(letters: Letters, language: str, kind: Kind) -> None:
    """Nothing is said to have been removed where nothing was; a held message is never said to have arrived."""
    removed = () if kind in {Kind.ENQUIRY, Kind.UNREADABLE} else ("cvv",) if kind is Kind.CODE else ("pan",)
    written = letters.write("guidance", language, Words(removed, kind))
    with_everything = letters.write("guidance", language, Words(("track",), Kind.FIRST)).text
    track = set(with_everything.split()) - set(letters.write("guidance", language, Words(("pan",))).text.split())
    assert not track & set(written.text.split()) or language == "ja"
    said = f"{written.subject} {written.text}".casefold()
    arrived = any(phrase in said for phrase in phrases.ARRIVED[language])
    assert arrived is (kind not in {Kind.HELD, Kind.ENQUIRY})


def test_a_letter_of_ones_own_is_sent_only_for_what_it_has_words_for(tmp_path: Path) -> None:
    """A text that never asks for the kind is not used for held mail, which it would call delivered."""
    folder = tmp_path / "short" / "en"
    folder.mkdir(parents=True)
    for name in ("layout.html",):
        (tmp_path / name).write_bytes((REPLIES / name).read_bytes())
    for name in ("subject.txt", "body.html"):
        (folder / name).write_bytes((REPLIES / "guidance/en" / name).read_bytes())
    body = (REPLIES / "guidance/en/body.txt").read_text()
    (folder / "body.txt").write_text(body.replace('{% elif kind == "held" %}', '{% elif kind == "first" %}'))
    mine = load_letters(tmp_path, BUSINESS)
    assert [kind for kind in Kind if mine.has("short", kind)] == [
        Kind.FIRST, Kind.AGAIN, Kind.CODE, Kind.ENQUIRY, Kind.UNREADABLE
    ]  # fmt: skip
    assert not mine.has("other", Kind.FIRST)


BAD: tuple[tuple[str, str, dict[str, str]], ...] = (
    # rule · language · `text` and `html` are put in, `from` becomes `to` in the HTML, `drop` goes from both
    ("link-text", "en", {"html": '<a href="https://meier.example/a">meier.example.evil.example</a>'}),
    ("link-text", "en", {"html": '<a href="https://pay.example">https://meier.example</a>'}),
    ("link-shown", "en", {"html": '<a href="https://meier.example/secret">Pay</a>'}),
    ("link-domain", "en", {"text": "https://evil.example/x", "html": "https://evil.example/x"}),
    ("link-domain", "en", {"html": '<a href="https://meier.example.evil.example/">x</a>'}),
    ("link-domain", "en", {"text": "https://notmeier.example/", "html": "https://notmeier.example/"}),
    ("shortener", "en", {"text": "https://bit.ly/abc", "html": "https://bit.ly/abc"}),
    ("shortener", "en", {"text": "https://www.tinyurl.com/abc", "html": "https://www.tinyurl.com/abc"}),
    (
        "tracking",
        "en",
        {"text": "https://meier.example/?utm_source=mail", "html": "https://meier.example/?utm_source=mail"},
    ),
    ("tracking", "en", {"html": '<a href="https://meier.example/?a=1&amp;gclid=x">x</a>'}),
    ("scheme", "en", {"text": "http://meier.example/", "html": "http://meier.example/"}),
    ("scheme", "en", {"html": '<a href="javascript:alert(1)">x</a>'}),
    ("scheme", "en", {"html": '<a href="data:text/html,x">x</a>'}),
    ("scheme", "en", {"text": "ftp://meier.example/x", "html": "ftp://meier.example/x"}),
    (
        "look-alike",
        "en",
        {"text": "https://meier.example@evil.example/", "html": "https://meier.example@evil.example/"},
    ),
    ("look-alike", "en", {"text": "https://xn--meir-loa.example/", "html": "https://xn--meir-loa.example/"}),
    ("phone", "en", {"drop": "+49 30 123456"}),
    ("phone", "en", {"from": 'href="tel:+4930123456"', "to": 'href="tel:+49900123456"'}),
    ("two-ways", "en", {"drop": "https://meier.example"}),
    ("authenticity", "en", {"drop": "never"}),
    ("authenticity", "de", {"drop": "nie "}),
    ("authenticity", "ja", {"drop": "決して"}),
    ("signature", "en", {"drop": "Meier"}),
    ("urgency", "en", {"text": "Please act now", "html": "Please act now"}),
    ("urgency", "de", {"text": "Bitte zahlen Sie umgehend", "html": "Bitte zahlen Sie umgehend"}),
    ("urgency", "ja", {"text": "至急お支払いください", "html": "至急お支払いください"}),
    ("urgency", "en", {"subject": "Urgent: your order"}),
    ("blame", "en", {"text": "This is a violation", "html": "This is a violation"}),
    ("blame", "de", {"text": "Das ist verboten", "html": "Das ist verboten"}),
    ("greeting", "en", {"text": "Dear valued customer", "html": "Dear valued customer"}),
    ("greeting", "it", {"text": "Gentile cliente", "html": "Gentile cliente"}),
    ("card-request", "en", {"text": "Please confirm your card", "html": "Please confirm your card"}),
    ("card-request", "fr", {"text": "Confirmez votre carte", "html": "Confirmez votre carte"}),
    ("shouting", "en", {"text": "Hello!!", "html": "Hello!!"}),
    ("shouting", "en", {"text": "PLEASE READ CAREFULLY", "html": "PLEASE READ CAREFULLY"}),
    ("subject", "en", {"subject": ""}),
    ("subject", "en", {"subject": "Re: your order"}),
    ("subject", "en", {"subject": "Order 4711"}),
    ("subject", "en", {"subject": "x" * 121}),
    ("length", "en", {"text": "word " * 100, "html": "word " * 100}),
    ("length", "fr", {"text": "mot " * 40, "html": "mot " * 40}),
    ("truth", "en", {"kind": "held", "text": "Your message has arrived.", "html": "Your message has arrived."}),
    ("truth", "de", {"kind": "held", "subject": "Ihre Nachricht ist angekommen"}),
    ("truth", "ja", {"kind": "held", "text": "メールは届きました。", "html": "メールは届きました。"}),
    ("attachment", "en", {"html": '<a href="https://meier.example/pay" download>https://meier.example/pay</a>'}),
    ("attachment", "en", {"html": '<img src="cid:logo">'}),
    ("attachment", "en", {"text": "See the attached form", "html": "See the attached form"}),
    ("attachment", "pl", {"text": "Formularz w załączniku", "html": "Formularz w załączniku"}),
    ("authenticity", "en", {"drop": "Payments by e-mail"}),
    ("urgency", "pl", {"text": "Prosimy zapłacić niezwłocznie", "html": "Prosimy zapłacić niezwłocznie"}),
    ("urgency", "ar", {"text": "عاجل", "html": "عاجل"}),
    ("blame", "sv", {"text": "Det är förbjudet", "html": "Det är förbjudet"}),
    ("blame", "he", {"text": "זה אסור", "html": "זה אסור"}),
    ("greeting", "tr", {"text": "Değerli müşterimiz", "html": "Değerli müşterimiz"}),
    ("card-request", "cs", {"text": "Ověřte svůj účet", "html": "Ověřte svůj účet"}),
    ("card-request", "ja", {"text": "カード番号をお送りください", "html": "カード番号をお送りください"}),
    ("phones", "en", {"from": '<meta name="viewport"', "to": '<meta name="port"'}),
    ("phones", "en", {"from": "@media (max-width: 480px)", "to": "@media print"}),
    ("dark-mode", "en", {"from": "@media (prefers-color-scheme: dark)", "to": "@media print"}),
    ("phone", "en", {"from": 'href="tel:+4930123456"', "to": 'href="https://meier.example"'}),
    ("same-words", "en", {"text": "safe", "html": ""}),
    ("length", "en", {"text": "one " * 31, "html": "one " * 31}),
    ("length", "ja", {"text": "字" * 400, "html": "字" * 400}),
    ("digits", "en", {"text": "4000 1234 5678 9010", "html": "4000 1234 5678 9010"}),
    ("same-words", "en", {"text": "Only here"}),
    ("same-words", "en", {"html": "<p>Only there</p>"}),
    ("active-content", "en", {"html": "<script>1</script>"}),
    ("active-content", "en", {"html": '<form action="https://meier.example"></form>'}),
    ("active-content", "en", {"html": '<input name="card">'}),
    ("active-content", "en", {"html": '<p onclick="x()"></p>'}),
    ("remote-content", "en", {"html": '<img src="https://meier.example/logo.png">'}),
    ("remote-content", "en", {"html": '<img src="https://t.example/p.gif" width="1" height="1">'}),
    ("remote-content", "en", {"html": '<link rel="stylesheet" href="https://meier.example/a.css">'}),
    ("remote-content", "en", {"html": '<p style="background-image:url(https://meier.example/a.png)"></p>'}),
    ("hidden", "en", {"html": '<p style="display: none"></p>'}),
    ("hidden", "en", {"html": '<p style="font-size:0px"></p>'}),
    ("hidden", "en", {"html": "<p hidden></p>"}),
    ("language", "en", {"from": '<html lang="en"', "to": "<html"}),
    ("language", "ar", {"from": '<html lang="ar" dir="rtl">', "to": '<html lang="ar" dir="ltr">'}),
    ("dark-mode", "en", {"from": '<meta name="color-scheme" content="light dark">', "to": ""}),
    ("structure", "en", {"from": 'role="article"', "to": ""}),
    ("structure", "en", {"html": "<table></table>"}),
    ("font-size", "en", {"html": '<p style="font-size:11px"></p>'}),
    ("font-size", "en", {"html": '<p style="font-size:0.8em"></p>'}),
    ("contrast", "en", {"html": '<p style="color:#999999;background-color:#ffffff"></p>'}),
    ("contrast", "en", {"from": "</style>", "to": ".x { color: #333333; background-color: #000000 }</style>"}),
    ("size", "en", {"html": f"<p title='{'x' * 100_001}'></p>"}),
)


@pytest.mark.parametrize(("rule", "language", "change"), BAD, ids=[f"{i}-{rule}" for i, (rule, *_) in enumerate(BAD)])
def test_a_bad_letter_is_refused_for_its_reason(
    letters: Letters, rule: str, language: str, change: dict[str, str]
) -> None:
    """Each way to look like phishing, or to be hard to read, has its rule."""
    good = letters.write("guidance", language, Words(("pan",), customer_name="Anna"))
    drop = change.get("drop", "\0")
    html = good.html.replace(drop, "").replace(change.get("from", "\0"), change.get("to", ""))
    assert change.get("from", "") in good.html
    bad = replace(
        good,
        subject=change.get("subject", good.subject),
        text=f"{change.get('text', '')}\n\n{good.text.replace(drop, '')}",
        html=html.replace('<div lang="', f'{change.get("html", "")}<div lang="', 1),
    )
    words = Words(("pan",), Kind(change.get("kind", "first")))
    assert rule in {fault.rule for fault in lint(bad, BUSINESS, language, words)}


def test_every_rule_has_a_bad_letter() -> None:
    """No rule stands in the table untested."""
    assert {rule for rule, *_ in BAD} == set(RULES)
    assert len(BAD) >= 40


def test_contrast_is_that_of_the_guidelines() -> None:
    """Black on white is 21, grey 767676 on white just above 4.5 (WCAG 2.2)."""
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert 4.5 < contrast("767676", "ffffff") < 4.6


@pytest.mark.parametrize("html", ["", "<", "<a href=", "<style>", "<a><a></a>", "</style></a>", "\0", "<![CDATA["])
def test_broken_html_is_only_a_bad_letter(html: str) -> None:
    """The linter has an opinion on anything and never fails itself."""
    assert lint(Written("subject", "text", html), BUSINESS, "en")


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"phone": None}, r"body\.txt: \[phone\] There is no phone number\. Set `phone: \"…\"` under `business:`"),
        ({"pay_page": None, "website": None}, r"\[two-ways\] The letter offers fewer than two ways to pay"),
        ({"channels": ("pay_page", "website")}, r"\[phone\] The phone number is not in the letter"),
        ({"pay_page": "https://bit.ly/x"}, r"\[shortener\] bit\.ly hides where a link leads"),
    ],
)
def test_missing_facts_fail_at_load(facts: dict[str, object], message: str) -> None:
    """A missing phone number stops the start and not a customer."""
    with pytest.raises(ConfigurationError, match=message):
        load_letters(REPLIES, BUSINESS.model_copy(update=facts))


def test_a_language_without_letters_fails_at_load() -> None:
    """A language in the configuration that nobody wrote is named."""
    with pytest.raises(ConfigurationError, match=r"`business\.languages` names fi, but the letter `guidance` is not"):
        load_letters(REPLIES, BUSINESS.model_copy(update={"languages": ("en", "fi")}))


def test_no_business_is_one_clear_message() -> None:
    """Letters without a business say what to add, or how to do without letters."""
    with pytest.raises(
        ConfigurationError, match=r"Add `business:` with `name`, `phone` and `pay_page`, or write `reply: {letter: none"
    ):
        load_letters(REPLIES, None)


ALL_CHANNELS = b"""
channels:
  - {name: page, kind: pay_page, reference: signed}
  - {name: phone, kind: phone}
  - {name: web, kind: website}
  - {name: back, kind: callback}
  - {name: store, kind: in_person, text: "Marktplatz 1, 10115 Berlin"}
  - {name: post, kind: post, text: "Marktplatz 1, 10115 Berlin"}
  - {name: sms, kind: sms, number: "+49 170 1234567"}
  - {name: app, kind: whatsapp, number: "+49 170 1234567"}
  - {name: bank, kind: bank_transfer, iban: DE89 3704 0044 0532 0130 00}
"""


def test_every_channel_has_a_label_in_every_language() -> None:
    """A shop that offers all nine ways gets letters with full marks, each way named in the customer's language."""
    channels = parse_channels(ALL_CHANNELS, "channels.yaml")
    full = load_letters(REPLIES, BUSINESS, (), channels)
    (ways, _) = sample_ways(BUSINESS, channels)
    assert {way.kind for way in ways} == set(KINDS)
    for language in LANGUAGES:
        (items,) = [
            block.items
            for block in full.blocks("guidance", language, Words(("pan",), ways=ways))
            if block.kind == "items"
        ]
        assert len(items) == len({item.label for item in items}) == len(KINDS)
        assert not pan.find(full.write("guidance", language, Words(("pan",), ways=ways)).text)
