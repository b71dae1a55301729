"""The reasons that `unreadable` may name are those that the readers give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pansentry
from pansentry.errors import ConfigurationError, LimitExceededError
from pansentry.examination.opening import LARGE, reason_of
from pansentry.policy.loading import parse_policies
from pansentry.policy.unread import LARGE as NAMED
from pansentry.policy.unread import REASONS, why_not

SOURCE = Path(pansentry.__file__).parent
GIVEN = re.compile(r'(?:DamagedError|Unreadable|WorkerLostError|_lost|_without_pictures)\("([a-z:-]+)"')
LIMITS = re.compile(r'LimitExceededError\("(max_[a-z_]+)"')


def given() -> set[str]:
    """Return every reason that is written out in the source, without those that never leave the house."""
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    limits = {reason_of(LimitExceededError(name)) for name in LIMITS.findall(text)}
    return {*GIVEN.findall(text), *limits}


def test_every_reason_that_a_reader_gives_may_be_named() -> None:
    """A new reason is one row in the table."""
    found = given()
    assert len(found) > 15
    assert {word for word in found if why_not(word) != ("", "")} == set()


def test_no_reason_stands_in_the_table_that_nobody_gives() -> None:
    """What an admin may write can happen."""
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py") if path.name != "unread.py")
    assert [word for word in REASONS if f'"{word}"' not in text] == []


def test_what_is_only_large_has_one_list() -> None:
    """The readers call the same limits large."""
    assert {f"max_{name}" for name in NAMED} == LARGE


@pytest.mark.parametrize(
    "word", ["any", "encrypted", "limit:*", "limit:max_parts", "large:pages", "large:*", "document:heic", "xml*"]
)
def test_reasons_and_their_beginnings_are_good(word: str) -> None:
    """A reason, all of a family, all that begins so."""
    assert why_not(word)[0] == ""


@pytest.mark.parametrize("word", ["pdf", "limit:max_part", "larg:*", "limit:", "corrupt", "document:", "passwort"])
def test_other_words_are_told_what_there_is(word: str) -> None:
    """A word that no reader ever says would make a rule that never matches."""
    assert "The choices are: any, " in why_not(word)[1]


def test_a_star_and_nothing_are_told_what_was_meant() -> None:
    """Whoever writes a star means any; an empty word is called empty."""
    for written, message in (
        ("'*'", "`unreadable` cannot be *. Write for example `unreadable: any`."),
        ("''", "`unreadable` cannot be empty. Write for example `unreadable: encrypted`."),
    ):
        rule = f"rules:\n  - name: a\n    when: {{unreadable: {written}}}\n    then: hold\n"
        with pytest.raises(ConfigurationError) as caught:
            parse_policies({"p": f"name: p\napplies_to: everyone\n{rule}".encode()})
        assert str(caught.value).endswith(message)
