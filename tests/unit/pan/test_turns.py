"""Questions and answers: chats, transcripts, replies above and below the mail that asked."""

from __future__ import annotations

import pytest

from pansentry.pan import find

CODE = [("cvv", "737")]
BOTH = [("expiry", "09/28"), ("cvv", "737")]


def found(text: str) -> list[tuple[str, str]]:
    return [(str(finding.kind), finding.reveal()) for finding in find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Anna 10:11: and the cvv of your card\nBob 10:12: 737",
        "Anna, 10:11: and the cvv of your card\nBob, 10:12: 737",
        "[10:11] Anna: the cvv of your card\n[10:12] Bob: 737",
        "<Anna> the cvv?\n<Bob> 737",
        "Anna, [05.01.2026 10:11]\nthe cvv of the card please\n\nBob, [05.01.2026 10:12]\n737\n",
        "05/01/2026, 10:11 - Anna: code de sécurité de la carte svp\n05/01/2026, 10:12 - Bob: 737",
        "AGENT: the security code?\nCALLER: seven three seven\nAGENT: thank you",
        "Agent: security code please\nCustomer: 737\nAgent: thank you\nCustomer: bye",
    ],
)
def test_turns_of_a_talk(text: str) -> None:
    """A turn answers the turn that asked, whatever the header of turns looks like."""
    assert found(text) == CODE


@pytest.mark.parametrize(
    "text",
    [
        "737\n\n> could you send the CVV of your card?\n",
        "Natürlich, 737.\n\nAm 3. Juni 2026 schrieb Hotel <info@h.example>:\n> uns fehlt noch die Prüfziffer.\n",
        "Es el 737, gracias.\n\nEl mié, 3 jun 2026 a las 10:11, Hotel escribió:\n> falta el código de seguridad\n",
        "> Ah, 737.\n>\n> On Monday Anna wrote:\n>> you left out the security code\n",
        "Sorry, 737.\n\n-----Original Message-----\nFrom: Hotel\n\nDear Anna,\nwe still need the security code.\n",
    ],
)
def test_answer_above_the_mail_that_asked(text: str) -> None:
    """A code that is all of an answer counts above the quoted question, too."""
    assert found(text) == CODE


@pytest.mark.parametrize(
    "text",
    [
        "Room 737 please.\n\n> we never ask for your CVV by mail\n",
        "We come with 3 bags, please call extension 737.\n\nOn Mon Anna wrote:\n> never send the CVV of your card\n",
        "Office: 12\nNote: the CVV is on the back\nRoom: 737\n",
    ],
)
def test_numbers_that_answer_nothing(text: str) -> None:
    """Rooms and extensions above a quoted warning are no codes."""
    assert found(text) == []


def test_until_when() -> None:
    """ "Until when?" is answered by an expiry date where a card is near."""
    text = "Ola, 18:40: картка 4111 1111 1111 1111\nIra, 18:44: до якого?\nOla, 18:45: 02.28"
    assert found(text)[1:] == [("expiry", "02/28")]
