"""The prefilter: sound, alike in all engines, linear."""

from __future__ import annotations

from itertools import chain

import pytest
from tests.detection.generator import negatives, positives

from pansentry.pan import Known, engines, find, gate, may_hold_card_data, may_hold_card_data_bytes
from pansentry.pan.expressions import Seen, first_pass, foreign_pass, marked_digits, second_pass

SAMPLES = tuple(chain(positives(340, seed=11), negatives(120, seed=12)))


@pytest.mark.parametrize("build", [engines._literal, engines._re2, engines._plain])
@pytest.mark.parametrize("expressions", [first_pass, second_pass, foreign_pass, marked_digits])
def test_engines_see_the_same(build: object, expressions: object) -> None:
    """Without hyperscan the same kinds are seen in the same texts."""
    if build is engines._re2:
        pytest.importorskip("re2")
    pytest.importorskip("hyperscan")
    ours = build(expressions())  # type: ignore[operator]
    reference = engines._hyperscan(expressions())  # type: ignore[operator]
    for sample in SAMPLES[::4]:
        data = sample.text.encode()
        assert set(ours(data)) == set(reference(data)), sample.category


def test_nothing_is_found_where_the_prefilter_says_no() -> None:
    """Texts with card data always pass, as text and as bytes."""
    for sample in SAMPLES:
        if find(sample.text):
            assert may_hold_card_data(sample.text)
            assert may_hold_card_data_bytes(sample.text.encode())


def test_controls_inside_a_number_hide_nothing() -> None:
    """Terminal colours and backspaces between the digits: the prefilter folds first, the detector finds the card."""
    for control in ("\x1b[0m", "\x08", "\x1b[1;31m"):
        text = "card number " + control.join("4111111111111111")
        assert may_hold_card_data_bytes(text.encode())
        assert [finding.reveal() for finding in find(text)] == ["4111111111111111"]


def test_ordinary_mail_does_not_pass() -> None:
    """A mail about orders, dates and phone numbers is not worth a second look."""
    assert not may_hold_card_data(
        "Dear Anna, order 4711-22 of 12.05.2026 ships to 12345 Berlin. Call +49 30 1234567. 20 EUR"
    )


def test_a_known_card_lets_short_numbers_pass() -> None:
    """Where a card is known, three digits are worth a look."""
    assert may_hold_card_data("09/28 737", Known(card_in_message=True))
    assert not may_hold_card_data("09/28 737")


@pytest.mark.parametrize(
    "unit",
    [
        "4111111111111112,",
        "4 ",
        "41",
        "4111 1111 ",
        "5105105105105100\n",
        "card ",
        "cvv ",
        "four ",
        "4\u200b",
        "a1",
        "()",
        "<b>",
    ],
)
def test_work_grows_linearly(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the text costs at most eleven times the looks for an issuer, whatever it is made of."""
    from pansentry.pan import brands, issuers

    counts = []
    for size in (3000, 30000):
        seen = [0]

        def counting(digits: str, seen: list[int] = seen) -> bool:
            seen[0] += 1
            return brands.has_issuer(digits)

        for module in (gate, issuers):
            monkeypatch.setattr(module, "has_issuer", counting)
        find("card number " + unit * (size // len(unit)))
        counts.append(seen[0])
    assert counts[1] <= 11 * max(counts[0], 400)


def test_every_phrase_is_seen_whatever_stands_between_its_words() -> None:
    """Phrases are looked for by a part of them, and found with any gap that their expressions allow, in any case."""
    pytest.importorskip("hyperscan")
    engine = engines._hyperscan(first_pass())
    gaps = ("", " ", "-", "\n", ": ", " - ", "\xa0", "...")
    phrases = [(seen, one.split(engines.WORD_GAP)) for seen, one in first_pass() if engines.WORD_GAP in one]
    assert len(phrases) > 2000
    for number, (seen, words) in enumerate(phrases):
        written = gaps[number % len(gaps)].encode().join(map(engines._unescaped, words))
        if words[0].startswith(b"("):
            continue  # stands alone: its marks are no text
        assert seen in engine(b"x. " + written + b" .x"), written
        assert seen in engine(b"<" + written.upper() + b">" if written.isascii() else written), written


def test_kinds_in_passes_of_their_own_are_seen_as_in_one() -> None:
    """Whether digits, words and foreign characters share a database changes no answer, the places included."""
    pytest.importorskip("hyperscan")
    expressions = first_pass() + foreign_pass()
    together = engines._hyperscan(expressions)
    apart = engines._hyperscan(expressions, apart=((Seen.DIGITS,), (Seen.FOREIGN, Seen.MARKS)))
    for sample in SAMPLES:
        data = sample.text.encode()
        assert apart(data) == together(data), sample.category


def test_phrases_with_a_word_of_markup_are_seen() -> None:
    """A phrase with "eight" is seen whatever its gap and whatever stands around it, and "line-height" calls nobody."""
    pytest.importorskip("hyperscan")
    listed = tuple(one for one in first_pass() if any(word in one[1] for word in engines._IN_MARKUP))
    quick, plain = engines._hyperscan(listed), engines._plain(listed)
    for _, expression in listed:
        words = expression.split(engines.WORD_GAP)
        for gap in (b"", b"-", b" ", b", ", b"\r\n", b" - ", b"   ", b"    ", b"x"):
            for before, behind in ((b"", b""), (b"line-height: ", b"weight"), (b"attachment", b" atta")):
                text = before + gap.join(words) + behind
                for one in (text, text.upper()):
                    assert quick(one).keys() == plain(one).keys()
    keys = engines._apart(listed)[1]
    assert not [key for key in keys if key in engines._IN_MARKUP]


def test_a_word_that_is_in_many_phrases_costs_a_look_for_their_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a voucher has a "code" no phrase with that word is looked for closely; where a card has one, some are."""
    pytest.importorskip("hyperscan")
    engine = engines._hyperscan(first_pass())
    looked: list[bytes] = []
    look_closely = engines._look_closely

    def counting(data: bytes, ends: list[int], phrase: engines._Phrase, found: dict[int, int]) -> None:
        looked.append(phrase.expression)
        look_closely(data, ends, phrase, found)

    monkeypatch.setattr(engines, "_look_closely", counting)
    assert engine(b"Until Monday the code FALL saves a tenth, on any number of shirts.") == {}
    assert looked == []
    assert Seen.CODE in engine(b"The security\r\ncode is on its back.")
    assert 1 <= len(looked) <= 4
