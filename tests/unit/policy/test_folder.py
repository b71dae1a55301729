"""A folder of policies is read as one piece, or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pansentry.errors import ConfigurationError
from pansentry.policy import folder as room
from pansentry.policy.folder import WRITING, fingerprint, owner, replace_files, snapshot

GOOD = b"name: p\napplies_to: everyone\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a policy, a test, a mail beside the test, and things that do not count."""
    for name, content in {
        "p.yaml": GOOD, "groups.yaml": b"groups: {}\n", "tests/t.yaml": b"tests\n", "tests/m.eml": b"mail\n",
        "mails/notify.txt": b"Subject: x\n\ny\n",
        "README": b"no\n", ".p.yaml.swp": b"no\n", "proposals/x.yaml": b"no\n",
        "policy.schema.json": b"{}\n",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_what_a_decision_or_a_test_depends_on_is_in_a_snapshot(place: Path) -> None:
    """Policies, tests with their mails, and templates; nothing that editors or proposals leave there."""
    found = snapshot(place)
    assert set(found.files) == {"p.yaml", "groups.yaml", "tests/t.yaml", "tests/m.eml", "mails/notify.txt"}
    assert set(found.policies) == {f"{place}/p.yaml", f"{place}/groups.yaml"}
    assert set(found.tests) == {f"{place}/tests/t.yaml", f"{place}/tests/m.eml"}


def test_the_digest_depends_on_every_name_and_content(place: Path) -> None:
    """Another content or another name is another version; another folder with the same files is not."""
    first = snapshot(place).digest
    (place / "tests/m.eml").rename(place / "tests/n.eml")
    second = snapshot(place).digest
    (place / "tests/n.eml").write_bytes(b"other\n")
    assert len({first, second, snapshot(place).digest}) == 3
    assert len(first) == 10


@pytest.mark.parametrize("change", ["write", "add", "remove", "replace"])
def test_every_change_changes_the_fingerprint(place: Path, change: str) -> None:
    """Also a file of the same size and time that was put in place of another."""
    before = fingerprint(place)
    path = place / "p.yaml"
    if change == "write":
        path.write_bytes(GOOD + b"# more\n")
    elif change == "add":
        (place / "q.yaml").write_bytes(GOOD)
    elif change == "remove":
        path.unlink()
    else:
        state = path.stat()
        (place / "new").write_bytes(path.read_bytes())
        os.utime(place / "new", ns=(state.st_atime_ns, state.st_mtime_ns))
        (place / "new").replace(path)
    assert fingerprint(place) != before


def test_nothing_is_read_while_somebody_writes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader waits for the end of the writing, and sees all of it."""
    (place / WRITING).touch()

    def write_meanwhile(_wait_s: float) -> None:
        (place / "p.yaml").write_bytes(GOOD + b"mode: observe\n")
        (place / WRITING).unlink()

    monkeypatch.setattr(room.time, "sleep", write_meanwhile)
    assert snapshot(place).files["p.yaml"].endswith(b"observe\n")


def test_a_writer_that_died_does_not_block_for_ever(place: Path) -> None:
    """After a minute its mark is forgotten."""
    (place / WRITING).touch()
    os.utime(place / WRITING, (time.time() - 61, time.time() - 61))
    assert "p.yaml" in snapshot(place).files


def test_files_that_never_come_to_rest_are_not_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a policy is worse than none."""
    numbers = iter(range(1000))
    monkeypatch.setattr(room, "_WAIT_S", 0.0)
    monkeypatch.setattr(room, "fingerprint", lambda _: (("p.yaml", next(numbers), 1, 1),))
    with pytest.raises(ConfigurationError, match="The files change all the time"):
        snapshot(place)


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_BYTES"])
def test_a_folder_that_is_too_large_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """Somebody named their home directory."""
    held = {"MAX_FILES": 5, "MAX_BYTES": sum(len(c) for c in snapshot(place).files.values())}[limit]
    monkeypatch.setattr(room, limit, held)
    assert snapshot(place)
    monkeypatch.setattr(room, limit, held - 1)
    with pytest.raises(ConfigurationError, match="There are more than"):
        snapshot(place)


def test_replacing_files_deletes_what_is_not_among_them(place: Path) -> None:
    """The folder is what the version was; what does not count stays."""
    (place / "p.yaml").chmod(0o640)
    replace_files(place, {"p.yaml": GOOD + b"#\n", "tests/new.yaml": b"x\n"})
    assert set(snapshot(place).files) == {"p.yaml", "tests/new.yaml"}
    assert (place / "p.yaml").stat().st_mode & 0o777 == 0o640
    assert (place / "README").exists()
    assert (place / "proposals/x.yaml").exists()
    assert not (place / WRITING).exists()


def test_who_changed_the_files(place: Path, tmp_path: Path) -> None:
    """The owner of the file that changed last, as the system knows it."""
    import pwd

    assert owner(place) == pwd.getpwuid(os.getuid()).pw_name
    assert owner(tmp_path / "none") == ""
