"""The doctor says when what lies in the folder of policies is not what the gateway uses."""

from __future__ import annotations

from pathlib import Path

from pansentry.configuration.load import parse
from pansentry.doctor import checks
from pansentry.doctor.answer import Answer, State
from pansentry.store import open_store

HEAD = "hostname: gw.shop.example\ndomains: [shop.example]\n"


def ask(folder: Path, text: str = "") -> Answer:
    configuration = parse(f"{HEAD}state_dir: {folder}\n{text}".encode(), "f", {}, folder, lambda _: "")[0]
    (check,) = [check for check in checks.CHECKS if check.name == "policies in use"]
    return check.ask(check.name, configuration)


def test_the_shipped_policies_on_an_empty_machine_are_well(tmp_path: Path) -> None:
    """Nothing was refused, and nothing lets mail through unread."""
    assert ask(tmp_path).state is State.PASS


async def test_refused_policies_are_a_failure_with_the_reason(tmp_path: Path) -> None:
    """The sentence is the one of `policy check`, with what to do."""
    store = await open_store(f"sqlite:///{tmp_path}/pansentry.db", lambda: 0.0)
    await store.versions.refuse("aa", "p.yaml:3:1: `tagg` is not a setting here.", "files")
    await store.close()
    answer = ask(tmp_path)
    assert answer.state is State.FAIL
    assert "NOT in use" in answer.said
    assert "`tagg` is not a setting here." in answer.said
    assert "rollback" in answer.fix


def test_a_policy_that_lets_mail_through_unread_is_warned_of(tmp_path: Path) -> None:
    """The first warning is said, and where the others are."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/p.yaml").write_text("name: p\napplies_to: everyone\non_error: deliver-unscanned\n")
    answer = ask(tmp_path, "policies: policies\n")
    assert answer.state is State.WARN
    assert "UNREAD" in answer.said
