"""What is kept of the language files is what they say."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.prepare import VALUES

import pansentry.pan.prepared as module
from pansentry.pan.prepared import as_file, made_of, place, prepared

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", VALUES)
def test_prepared_values_are_current(name: str) -> None:
    """What is prepared is what the language files and the code that reads them make today."""
    assert place(name).read_text(encoding="utf-8") == as_file(VALUES[name]()), "run: python -m tests.prepare"


def test_nothing_else_is_kept() -> None:
    """A value that is not made any more leaves no file behind."""
    assert {path.stem for path in place("vocabulary").parent.iterdir()} == set(VALUES)


def test_a_current_value_is_read() -> None:
    """What was prepared is not worked out again."""
    assert prepared("words-counted", lambda: pytest.fail("worked out"))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the language files that may be changed."""
    copy = tmp_path / "languages"
    shutil.copytree(module.LANGUAGES, copy)
    monkeypatch.setattr(module, "LANGUAGES", copy)
    monkeypatch.setattr(module, "_FOLDER", copy / "prepared")
    made_of.cache_clear()
    yield copy
    made_of.cache_clear()


def test_a_changed_word_is_not_missed(elsewhere: Path) -> None:
    """Once a language file has changed, what was prepared of it counts no more."""
    assert prepared("words-counted", lambda: "worked out") != "worked out"
    with (elsewhere / "en.txt").open("a") as file:
        file.write("\n[card]\nplastic friend\n")
    made_of.cache_clear()
    assert prepared("words-counted", lambda: "worked out") == "worked out"


def test_a_new_language_is_not_missed(elsewhere: Path) -> None:
    """A file that was added counts at once."""
    (elsewhere / "eo.txt").write_text("[card]\nkreditkarto\n")
    made_of.cache_clear()
    assert prepared("vocabulary", lambda: "worked out") == "worked out"


@pytest.mark.parametrize("content", [None, "", '{"made_of": "', "{}", "[]"])
def test_a_broken_file_is_worked_out(elsewhere: Path, content: str | None) -> None:
    """A file that is not there or not whole is as good as an old one."""
    path = elsewhere / "prepared/words-card.json"
    path.unlink() if content is None else path.write_text(content)
    assert prepared("words-card", lambda: "worked out") == "worked out"


def test_values_are_plain() -> None:
    """What is prepared comes back from JSON as it went in."""
    for work_out in VALUES.values():
        value = work_out()
        assert json.loads(as_file(value))["value"] == value
