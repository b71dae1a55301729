"""What the doctor asks of the house itself: a sample card, pictures, sealed originals, the interpreter."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pyrage
import pytest

from pansentry import shipped
from pansentry.configuration import Configuration
from pansentry.configuration.load import parse
from pansentry.doctor import house
from pansentry.doctor.answer import State
from pansentry.formats import ocr


def configured(folder: Path, *changed: str) -> Configuration:
    """A gateway; with the shipped policies, or with a text in the default one changed to another."""
    text = f"hostname: gw.shop.example\ndomains: [shop.example]\nstate_dir: {folder}\n"
    text += "listen: [{address: '127.0.0.1:1'}]\n"
    if changed:
        (folder / "policies").mkdir(exist_ok=True)
        default = (shipped.policies() / "default.yaml").read_text()
        assert changed[0] in default
        (folder / "policies/default.yaml").write_text(default.replace(*changed))
        text += "policies: policies\n"
    return parse(text.encode(), "f", {}, folder, lambda _: "")[0]


def test_a_sample_card_does_not_get_through(tmp_path: Path) -> None:
    """Under the shipped policies it is taken out."""
    answer = house.round_trip("sample card", configured(tmp_path))
    assert answer.state is State.PASS, answer


def test_a_policy_that_only_observes(tmp_path: Path) -> None:
    """That is said, because cards are delivered."""
    assert house.round_trip("sample card", configured(tmp_path, "mode: enforce", "mode: observe")).state is State.WARN


def test_originals_that_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing kept: skipped. Sealed: passes, unless the private key lies here or the library is missing."""
    public = str(pyrage.x25519.Identity.generate().to_public())
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert house.sealing("x", configured(tmp_path)).state is State.SKIP
    configuration = configured(tmp_path, "keep_original: none", f"keep_original: sealed\n  seal_to: {public}")
    assert house.sealing("x", configuration).state is State.PASS
    hidden = tmp_path / "home/.config/age/keys.txt"
    hidden.parent.mkdir(parents=True)
    hidden.write_text("# created: today\nAGE-SECRET-KEY-1QQQQ\n")
    answer = house.sealing("x", configuration)
    assert (answer.state, str(hidden) in answer.said) == (State.FAIL, True)
    assert "QQQQ" not in repr(answer)
    monkeypatch.setattr("pansentry.sealing.can_seal", lambda: False)
    assert "pansentry[seal]" in house.sealing("x", configuration).fix


@pytest.mark.skipif(importlib.util.find_spec("rapidocr") is None, reason="needs the extra ocr")
def test_writing_in_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card in a picture is found by the confined worker; a picture without one is the failure that is looked for."""
    assert house.pictures("x", configured(tmp_path)).state is State.PASS
    monkeypatch.setattr(house, "NUMBER", "no number here at all")
    assert house.pictures("x", configured(tmp_path)).state is State.FAIL


def test_pictures_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed is not asked."""
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    assert house.pictures("x", configured(tmp_path)).state is State.SKIP


@pytest.mark.parametrize(("version", "says"), [((3, 11, 2), "go around"), ((3, 13, 0), "3.13.0")])
def test_the_interpreter(
    version: tuple[int, int, int], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its version is told, and what is known of it."""
    monkeypatch.setattr(sys, "version_info", version)
    answer = house.interpreter("Python", configured(tmp_path))
    assert (answer.state, says in answer.said) == (State.PASS, True)
