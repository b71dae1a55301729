"""Policies that are put back or accepted are those with which the gateway starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pansentry.cli import main
from pansentry.configuration import load
from pansentry.policy.folder import Snapshot, snapshot
from pansentry.policy.loading import parse_policies
from pansentry.proposals import from_event
from pansentry.store import open_store

GOOD = "name: shop\napplies_to: everyone\nrules:\n  - name: card\n    when: {found: true}\n    then: redact\n"
GONE = f"{GOOD}reply: {{letter: apology}}\n"
"""A policy whose letter was there once."""
EVENT = {"sender_domain": "customer.example", "sightings": ["pan|visa|0.98|body"], "rule": "shop/card"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation whose policies are good, and were others before, with a letter that is no more."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "shop.yaml").write_text(GOOD)
    path = tmp_path / "pansentry.yaml"
    path.write_text(
        f"hostname: mx.shop.example\ndomains: [shop.example]\nstate_dir: {tmp_path}/state\npolicies: {folder}\n"
    )
    (tmp_path / "state").mkdir()

    async def fill() -> None:
        store = await open_store(load(path, {}).store)
        before = {"shop.yaml": GONE.encode()}
        await store.versions.accept(Snapshot(folder, before, ()).digest, before, "test")
        now = snapshot(folder)
        await store.versions.accept(now.digest, now.files, "test")
        await store.close()

    asyncio.run(fill())
    return path


def run(*arguments: str) -> int:
    """Return the exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert isinstance(left.value.code, int)
    return left.value.code


def test_policies_whose_letter_is_gone_are_not_put_back(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gateway would not start with them; what lies in the folder stays."""
    assert run("policy", "rollback", "-c", str(config)) == 78
    assert "There is no letter `apology`" in capsys.readouterr().err
    assert (tmp_path / "policies/shop.yaml").read_text() == GOOD


def test_a_proposal_into_policies_whose_letter_is_gone_is_not_accepted(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither is the proposal deleted."""
    (tmp_path / "policies/shop.yaml").write_text(GONE)
    (tmp_path / "policies/proposals").mkdir()
    file = tmp_path / "policies/proposals/bcdf.yaml"
    policy = parse_policies({"shop.yaml": GONE.encode()}).fallback
    file.write_text(from_event(EVENT, policy, name="bcdf", who="eve").text())
    assert run("policy", "accept", str(file), "-c", str(config)) == 78
    assert "There is no letter `apology`" in capsys.readouterr().err
    assert file.exists()


def test_a_folder_without_letters_knows_no_letter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder `replies` beside the policies that holds something else is no leave to send any letter."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "replies").mkdir()
    (tmp_path / "policies/shop.yaml").write_text(GONE)
    assert run("policy", "check", str(tmp_path / "policies")) == 78
    assert "There is no letter `apology`. There are no letters at all" in capsys.readouterr().err
