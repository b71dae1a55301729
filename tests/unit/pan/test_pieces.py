"""What looking for disguised numbers spares: with and without its shortcuts the same is found."""

from __future__ import annotations

import random

import pytest
from tests.specimens import PUBLISHED, every_brand, generated

from pansentry.pan import disguised, find, pieces

VISA = PUBLISHED["visa"][0]
LOOKS = dict(zip("0158", "OlSB", strict=True))
WORDS = (
    "card",
    "first",
    "the rest",
    "then",
    "is",
    "of",
    "2026",
    "20 EUR!",
    "order 4711",
    "so",
    "big",
    "ends with",
    "|",
)


class Everything:
    """Sizes of which all are usual."""

    def __contains__(self, _sizes: object) -> bool:
        return True


def text(seed: int) -> str:
    """Return numbers with letters for digits, or in pieces with words between, among words and small numbers."""
    rng = random.Random(seed)
    written = []
    for _ in range(6):
        number = generated(*rng.choice(every_brand()), rng)
        if rng.random() < 0.5:
            number = "".join(LOOKS.get(digit, digit) if rng.random() < 0.3 else digit for digit in number)
        size = rng.choice((4, 4, 5, 8, 19))
        groups = [number[at : at + size] for at in range(0, len(number), size)]
        written.append(rng.choice((" ", "-", " and then ", " the rest ", "\n")).join(groups))
    return " ".join(one for part in written for one in (*rng.choices(WORDS, k=4), part))


@pytest.mark.parametrize("seed", range(40))
def test_shortcuts_spare_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters beside digits, printed sizes and words near are asked for first: all findings stay the same."""
    quick = find(text(seed))
    sizes = pieces._usual_sizes()
    monkeypatch.setattr(disguised, "_written_so", lambda _scene, start, end: ((start, end),))
    monkeypatch.setattr(pieces, "_usual_sizes", Everything)
    monkeypatch.setattr(pieces, "_may_be_printed", lambda _scene, _plain: True)
    for module in (pieces, disguised):
        monkeypatch.setattr(module, "is_spoken_of", lambda _scene, _start, _end: True)
    assert quick == find(text(seed))
    assert {(8, 8), (4, 4, 4, 4), (4, 6, 5)} <= sizes


def test_letters_for_digits_are_found() -> None:
    """Wherever the letter stands; an l for the four that a Visa begins with makes another number."""
    for written in ("l" + VISA[1:], VISA.replace("1", "l", 2), VISA[:-1] + "l", VISA[:4] + " ll11 " + VISA[8:]):
        assert bool(find(f"my card number {written} please")) == (written[0] != "l"), written
