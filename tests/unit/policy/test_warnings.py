"""What is allowed and yet wants a second look is said, loudly, by `policy check` and by the gateway."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pansentry.cli import pansentry
from pansentry.policy.loading import load_policies, parse_policies, warnings

POLICIES = Path(__file__).parents[3] / "policies"
KEY = "age1uu7y2std6eq2anfffla8482jc4k80jqt5x9c7a2ks9mghyma6css3dafwc"
SEALED = f"hold: {{keep_original: sealed, seal_to: {KEY}}}\n"
HOLD = "rules:\n  - name: r\n    when: {unreadable: any}\n    then: hold\n"

CASES = (
    # what stands below name and applies_to · what is said
    ("on_error: deliver-unscanned\n", "UNREAD"),
    ("on_error: hold\n", "deferred as with `tempfail`"),
    (HOLD, "kept without the parts that could not be read; they are lost"),
    ("on_error: tempfail\n", ""),
    ("on_error: hold\n" + SEALED, ""),
    (HOLD + SEALED, ""),
    ("mode: observe\non_error: deliver-unscanned\n", ""),
)


@pytest.mark.parametrize(("text", "said"), CASES)
def test_each_warning(text: str, said: str) -> None:
    """One sentence with the policy's name and what to write instead, or none."""
    found = warnings(parse_policies({"p": f"name: p\napplies_to: everyone\n{text}".encode()}))
    assert len(found) == bool(said)
    assert said in "".join(found)
    assert all(sentence.startswith("p") for sentence in found)


def test_the_shipped_policies_need_no_warning() -> None:
    """Nobody begins with a warning."""
    assert warnings(load_policies(POLICIES)) == ()


def test_policy_check_shows_warnings_and_strict_makes_them_failures(tmp_path: Path) -> None:
    """For build servers."""
    (tmp_path / "p.yaml").write_text("name: p\napplies_to: everyone\non_error: deliver-unscanned\n")
    loose = CliRunner().invoke(pansentry, ["policy", "check", str(tmp_path)])
    strict = CliRunner().invoke(pansentry, ["policy", "check", "--strict", str(tmp_path)])
    assert (loose.exit_code, strict.exit_code) == (0, 1)
    assert "WARNING  p: `on_error: deliver-unscanned` lets mail through UNREAD" in loose.output


def test_init_copies_everything_that_is_shipped_and_overwrites_nothing(tmp_path: Path) -> None:
    """Policies, tests, templates and the schema that editors are pointed to."""
    target = tmp_path / "policies"
    assert CliRunner().invoke(pansentry, ["policy", "init", str(target)]).exit_code == 0
    for name in (
        "default.yaml",
        "strict.yaml",
        "observe.yaml",
        "policy.schema.json",
        "tests/default.yaml",
        "mails/notify.txt",
    ):
        assert (target / name).read_bytes() == (POLICIES / name).read_bytes()
    again = CliRunner().invoke(pansentry, ["policy", "init", str(target)])
    assert again.exit_code != 0
    assert "has policies already" in again.output


@pytest.mark.parametrize("name", ["default.yaml", "strict.yaml", "observe.yaml"])
def test_shipped_policies_point_editors_to_the_schema(name: str) -> None:
    """The first line; and comments say what the file is for."""
    lines = (POLICIES / name).read_text().splitlines()
    assert lines[0] == "# yaml-language-server: $schema=./policy.schema.json"
    assert sum(line.startswith("#") for line in lines) >= 4
