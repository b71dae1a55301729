"""Laws of detection, for any scheme, separator, script and neighbourhood."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detection.generator import SEPARATORS, ZEROS
from tests.specimens import every_brand, generated, grouped

from pansentry.pan import find
from pansentry.pan.brands import Brand, luhn

ITEMS = every_brand()
PRINTED = (
    "My card number: ",
    "Kreditkartennummer: ",
    "Numéro de carte : ",
    "Número de tarjeta: ",
    "カード番号：",
    "Номер карты: ",
)
FAR = "lorem ipsum dolor sit amet consectetur " * 20


@st.composite
def numbers(draw: st.DrawFn) -> tuple[Brand, str]:
    """A valid number of any scheme."""
    brand, length = draw(st.sampled_from(ITEMS))
    return brand, generated(brand, length, random.Random(draw(st.integers(0, 10**6))))


def printed(brand: Brand, number: str, separator: str) -> str:
    forms = dict(brand.groupings).get(len(number))
    return grouped(number, forms[0], separator) if forms else number


@settings(max_examples=300, deadline=None)
@given(numbers(), st.sampled_from(SEPARATORS), st.sampled_from((48, *ZEROS)), st.sampled_from(PRINTED))
def test_any_number_is_found_near_a_label(item: tuple[Brand, str], separator: str, zero: int, label: str) -> None:
    """Any valid number, in its printed groups, with any separator and script, is found near a label, edges exact."""
    brand, number = item
    written = "".join(chr(zero + int(c)) if c.isdigit() else c for c in printed(brand, number, separator))
    text = label + written + " thanks"
    found = [f for f in find(text) if f.kind == "pan"]
    assert (len(label), len(label) + len(written)) in [(f.start, f.end) for f in found] or any(
        f.start == len(label) and luhn(f.reveal()) and len(f.reveal()) in (16, 12, 13) for f in found
    ), "a beginning that is a number itself may win, nothing else may"


INVISIBLE = ("", "", "\u200b", "\u00ad", "\u2060", "\u200e", "\ufeff")


@settings(max_examples=300, deadline=None)
@given(numbers(), st.data())
def test_any_mixture_of_separators_is_found_near_a_label(item: tuple[Brand, str], data: st.DataObject) -> None:
    """Each gap its own separator, each group its own script, invisible characters between digits: still found."""
    brand, number = item
    forms = dict(brand.groupings).get(len(number))
    groups, rest = [], number
    for size in forms[0] if forms else (len(number),):
        groups.append(rest[:size])
        rest = rest[size:]
    written = ""
    for index, group in enumerate(groups):
        zero = data.draw(st.sampled_from((48, *ZEROS)))
        unseen = data.draw(st.sampled_from(INVISIBLE))
        written += data.draw(st.sampled_from(SEPARATORS)) if index else ""
        written += unseen.join(chr(zero + int(digit)) for digit in group)
    label = data.draw(st.sampled_from(PRINTED))
    found = [f for f in find(label + written + " thanks") if f.kind == "pan"]
    assert (len(label), len(label) + len(written)) in [(f.start, f.end) for f in found] or any(
        f.start == len(label) and luhn(f.reveal()) and len(f.reveal()) in (16, 12, 13) for f in found
    ), "a beginning that is a number itself may win, nothing else may"


FULL = (
    "card 4111 1111 1111 1111 exp 09/28 cvv 737",
    "cvv 737 and expiry 09/28",
    "The security code is 737.",
    "4111 1111 1111 1111\nuntil 09/28",
    "first half of my card 41111111, the rest is 11111111",
    "card: four one one one one one one one one one one one one one one one",
    "> the CVV?\n\n737\n",
)
FAR_CARD_DATA = "cvv 123 " + FAR + " cvc 456 cvv 789 order 4711 expires 12/30 card 5555 5555 5555 4444 " + FAR


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FULL), st.sampled_from((FAR, FAR_CARD_DATA)), st.booleans())
def test_text_far_away_removes_nothing(text: str, far: str, before: bool) -> None:
    """Adding text far away, even text full of card data, never removes a code, a date or a number in any form."""
    near = [(f.kind, f.reveal()) for f in find(text + "\n")]
    assert near
    more = [(f.kind, f.reveal()) for f in find(far + "\n" + FAR + text + "\n" if before else text + "\n" + FAR + far)]
    assert all(more.count(finding) >= near.count(finding) for finding in near)


@settings(max_examples=100, deadline=None)
@given(numbers(), st.sampled_from(PRINTED), st.booleans())
def test_text_far_away_changes_nothing(item: tuple[Brand, str], label: str, before: bool) -> None:
    """Adding text far away never removes a finding."""
    text = label + printed(*item, " ") + "\n"
    near = [(f.kind, f.reveal()) for f in find(text)]
    far = find(FAR + "\n" + text if before else text + "\n" + FAR)
    assert near == [(f.kind, f.reveal()) for f in far]


@settings(max_examples=200, deadline=None)
@given(numbers(), st.integers(0, 18), st.integers(1, 9))
def test_a_wrong_check_digit_without_context_is_nothing(item: tuple[Brand, str], at: int, by: int) -> None:
    """A digit changed so that the check digit is wrong, without words about cards, is no finding."""
    number = item[1]
    at %= len(number)
    changed = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    found = [f.reveal() for f in find(changed)]
    assert changed not in found
    assert not found


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    """Findings are sorted, disjoint and inside the text, whatever the text is."""
    end = 0
    for finding in find(text):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


@settings(max_examples=100, deadline=None)
@given(numbers())
def test_masking_leaves_nothing(item: tuple[Brand, str]) -> None:
    """A text with its findings masked holds none."""
    text = "Credit card: " + printed(*item, " ") + " exp 09/28 cvv 737"
    for finding in reversed(find(text)):
        text = text[: finding.start] + "X" * (finding.end - finding.start) + text[finding.end :]
    assert find(text) == ()


@settings(max_examples=50, deadline=None)
@given(numbers())
def test_repr_never_shows_a_number(item: tuple[Brand, str]) -> None:
    """No representation of a finding holds more than the last four digits."""
    for finding in find("card number " + item[1]):
        assert item[1][:-4] not in repr(finding) + str(finding) + f"{finding}" + finding.masked
