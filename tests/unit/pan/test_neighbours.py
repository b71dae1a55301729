"""What stands beside a number or a label decides: values before labels, masks, lost line breaks."""

from __future__ import annotations

import pytest

from pansentry import redact_text
from pansentry.pan import find

JCB = "3566002020360505"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(str(finding.kind), text[finding.start : finding.end]) for finding in find(text)]


def test_a_label_glued_to_the_word_before_costs_no_number() -> None:
    """A lost line break makes the card label unreadable; labelled date and code behind the number still vouch."""
    text = f"anna@mail.exampleCard number: {JCB}\r\nExpiry: 02/31\r\nCVV: 824"
    assert kinds(text) == [("pan", JCB), ("expiry", "02/31"), ("cvv", "824")]


def test_date_and_code_of_another_card_vouch_for_no_order_number() -> None:
    """A card word between the number and the labelled values makes them those of the card."""
    text = f"Auftragsnummer {JCB}, for the rest of my card: exp 02/31 cvv 824"
    assert "pan" not in [kind for kind, _ in kinds(text)]


def test_values_may_stand_before_their_labels() -> None:
    """ "08/31 is the expiry, 529 is the CVV" in front of the number."""
    text = f"08/31 is the expiry, 529 is the CVV and {JCB} is the card number."
    assert kinds(text) == [("expiry", "08/31"), ("cvv", "529"), ("pan", JCB)]


@pytest.mark.parametrize(
    "text",
    [
        "Rok: 2028\nKod CVC: XXX\n",
        "card 0428 cvc XXX thanks",
        "card 03/24 expires end XX/XX",
        "card 08/31 exp: ****",
        "529 is the CVV: •••",
    ],
)
def test_a_masked_label_looks_for_no_other_value(text: str) -> None:
    """A label whose value is masked is satisfied: a second pass finds nothing new."""
    assert not find(text)


def test_kept_last_four_are_no_piece() -> None:
    """What a mask has left of one number completes no other one."""
    assert not find("card XXXX XXXX XXXX 4111 and then 1111 1111 1111")


def test_redaction_is_stable() -> None:
    """A redacted text has nothing left to redact."""
    once = redact_text(f"Month: 04\nYear: 2028\nCVV: 737\ncard {JCB} exp 02/31")
    assert not find(once)
