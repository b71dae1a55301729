"""Policies into use: tested before they are swapped, watched, and never half of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.specimens import PUBLISHED, generated

from pansentry.errors import ConfigurationError
from pansentry.pan.brands import BRANDS
from pansentry.policy.folder import WRITING, snapshot
from pansentry.policy_activation import Activation, kept, prove
from pansentry.store import Store, open_store

GOOD = "name: p\napplies_to: everyone\nrules:\n  - name: card\n    when: {found: true}\n    then: redact\n"
TEST = """\
tests:
  - name: a card is masked
    mail: |
      From: a@b.example

      Visa NUMBER
    expect: {action: ACTION}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a policy and a test that it passes."""
    folder = tmp_path / "policies"
    (folder / "tests").mkdir(parents=True)
    (folder / "p.yaml").write_text(GOOD)
    (folder / "tests/t.yaml").write_text(TEST.replace("NUMBER", PUBLISHED["visa"][0]).replace("ACTION", "redact"))
    return folder


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/s.db", lambda: 0.0)
    yield opened
    await opened.close()


def test_a_policy_that_fails_its_own_tests_is_not_used(place: Path) -> None:
    """It is said which test, where, and what differs."""
    (place / "p.yaml").write_text(GOOD.replace("redact", "deliver"))
    with pytest.raises(ConfigurationError) as caught:
        prove(snapshot(place), None)
    assert str(caught.value) == (
        f"{place}/tests/t.yaml:2: The test “a card is masked” fails (action: expected redact, found deliver). "
        "Mend the policy, or the test if it expects the wrong thing."
    )


def test_sealing_without_its_library_is_told_before_mail_is_held(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy is refused, not the mail."""
    key = "age1uu7y2std6eq2anfffla8482jc4k80jqt5x9c7a2ks9mghyma6css3dafwc"
    (place / "p.yaml").write_text(GOOD + f"hold: {{keep_original: sealed, seal_to: {key}}}\n")
    monkeypatch.setattr("pansentry.policy_activation.can_seal", lambda: False)
    with pytest.raises(ConfigurationError, match="The policy `p` seals originals, and the library"):
        prove(snapshot(place), None)


def test_a_change_counts_when_it_has_come_to_rest(place: Path) -> None:
    """What changed since the last look is looked at once more before it is read; then not again."""
    activation = Activation(place)
    activation.state = activation.read()
    assert [activation.has_changed() for _ in range(3)] == [False, False, False]
    (place / "p.yaml").write_text(GOOD + "mode: observe\n")
    assert [activation.has_changed() for _ in range(2)] == [False, True]
    activation.state = activation.read()
    assert [activation.has_changed() for _ in range(2)] == [False, False]
    assert activation.state.policies.fallback.observes


def test_a_mistake_is_read_once(place: Path) -> None:
    """The same broken file is not tried every second."""
    activation = Activation(place)
    activation.state = activation.read()
    (place / "p.yaml").write_text("nonsense")
    assert [activation.has_changed() for _ in range(2)] == [False, True]
    with pytest.raises(ConfigurationError):
        activation.read()
    assert [activation.has_changed() for _ in range(3)] == [False, False, False]
    assert activation.state.policies.fallback.name == "p"


def test_a_folder_that_somebody_writes_has_not_changed_yet(place: Path) -> None:
    """As long as the mark is there nothing is read."""
    activation = Activation(place)
    activation.state = activation.read()
    (place / WRITING).touch()
    (place / "p.yaml").write_text(GOOD + "mode: observe\n")
    assert [activation.has_changed() for _ in range(3)] == [False, False, False]
    (place / WRITING).unlink()
    assert [activation.has_changed() for _ in range(2)] == [False, True]


def test_the_shipped_policies_are_neither_watched_nor_kept() -> None:
    """They change with the program only."""
    activation = Activation(None)
    activation.state = activation.read()
    assert activation.state.is_shipped
    assert not activation.has_changed()
    assert {policy.name for policy in activation.state.policies.policies} == {"default", "strict", "observe"}


async def test_what_is_used_is_kept_and_what_is_refused_is_told(place: Path, store: Store) -> None:
    """The store knows the version in use, and the reason why another is not."""
    activation = Activation(place)
    activation.state = activation.read()
    await activation.note_accepted(store.versions, "start")
    (version,) = await store.versions.list()
    assert version.digest == snapshot(place).digest
    await activation.note_refused(store.versions, "p.yaml:1:1: wrong", "files of eve")
    refused = await store.versions.refused()
    assert refused is not None
    assert refused.reason == "p.yaml:1:1: wrong"


class Away:
    """A store that is not there."""

    async def accept(self, *_: object) -> bool:
        raise OSError

    refuse = accept


async def test_a_store_that_fails_costs_a_version_and_not_the_policies(place: Path) -> None:
    """Nothing is raised."""
    activation = Activation(place)
    activation.state = activation.read()
    await activation.note_accepted(Away(), "start")  # type: ignore[arg-type]  # only what is called
    await activation.note_refused(Away(), "x", "start")  # type: ignore[arg-type]


def test_tests_with_real_card_numbers_are_run_and_not_kept(place: Path) -> None:
    """The store holds no card data, whatever an admin pastes into a test; published test numbers may stay."""
    import random

    number = generated(BRANDS[0], 16, random.Random(1))
    (place / "tests/real.yaml").write_text(TEST.replace("NUMBER", number).replace("ACTION", "redact"))
    source = snapshot(place)
    assert prove(source, None).source is source
    assert set(kept(source)) == {"p.yaml", "tests/t.yaml"}
