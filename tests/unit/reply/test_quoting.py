"""New text and quoted text: what mail programs in many languages put above a quotation."""

from __future__ import annotations

import pytest

from pansentry.reply.quoting import Quoted, new_text

QUOTATIONS = (
    "> earlier\n> words",
    "On Mon, 3 Nov 2025 at 10:12, Anna Berg <anna@mail.example> wrote:\n\nearlier words",
    "Am 03.11.2025 um 10:12 schrieb Anna Berg:\nearlier words",
    "Le lun. 3 nov. 2025 à 10:12, Anna <anna@mail.example> a écrit :\nearlier words",
    "El lun, 3 nov 2025 a las 10:12, Anna (<a@b.example>) escribió:\nearlier words",
    "Il giorno lun 3 nov 2025 alle ore 10:12 Anna <a@b.example> ha scritto:\nearlier words",
    "Op 3 nov. 2025 om 10:12 schreef Anna <a@b.example>:\nearlier words",
    "pon., 3 lis 2025 o 10:12 Anna <a@b.example> napisał(a):\nearlier words",
    "Den mån 3 nov. 2025 kl 10:12 skrev Anna <a@b.example>:\nearlier words",
    "3 Kas 2025 Pzt 10:12 tarihinde Anna <a@b.example> şunu yazdı:\nearlier words",
    "Στις Δευ 3 Νοε 2025 στις 10:12 π.μ., ο χρήστης Anna έγραψε:\nearlier words",
    "2025年11月3日(月) 10:12 Anna <a@b.example> のメール:\nearlier words",
    "-----Original Message-----\nearlier words",
    "-----Ursprüngliche Nachricht-----\nearlier words",
    "---------- Forwarded message ---------\nearlier words",
    "From: Anna <a@b.example>\nSent: Monday, 3 November 2025 10:12\nTo: Shop\n\nearlier words",
    "Von: Anna <a@b.example>\nGesendet: Montag, 3. November 2025 10:12\nAn: Shop\n\nearlier words",
    "*De :* Anna <a@b.example>\n*Envoyé :* lundi 3 novembre 2025 10:12\n\nearlier words",
)


@pytest.mark.parametrize("quotation", QUOTATIONS)
def test_only_the_new_part_is_new(quotation: str) -> None:
    """What stands below an attribution, and behind >, was written before."""
    text = f"My answer is here.\n\n{quotation}\n"
    assert new_text(text).strip() == "My answer is here."
    places = Quoted(text)
    assert text.index("earlier") in places
    assert text.index("answer") not in places


@pytest.mark.parametrize(
    "text",
    [
        "Anna wrote me a letter: it was kind.",
        "From: the sea to the mountains",
        "He wrote:\nnothing with a date in it, and this is part of the story",
        "De: nada",
        "3 > 2 is true",
    ],
)
def test_plain_text_is_all_new(text: str) -> None:
    """Words that only look like an attribution cut nothing off."""
    assert new_text(text) == text


def test_hostile_text_takes_linear_time() -> None:
    """A megabyte of beginnings of quotations is read once, not again and again."""
    for piece in ("On 1 wrote ", "From: a\n", "- ", "> ", "0" * 299 + "\n"):
        assert isinstance(new_text(piece * (200_000 // len(piece))), str)
