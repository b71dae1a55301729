"""A worker that has locked itself in reads its libraries and nothing else, writes nothing and reaches nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import json, sys
sys.path[:] = {path!r}
from pansentry.workers.confinement import confine
held = confine(256 * 1024 * 1024)
answer = {{"held": held}}
def attempt(name, action):
    try:
        action()
    except BaseException as error:
        answer[name] = type(error).__name__
    else:
        answer[name] = "done"
import os, resource, socket, subprocess
attempt("read", lambda: open({secret!r}).read())
attempt("write", lambda: open({secret!r} + ".new", "w").write("x"))
attempt("temporary", lambda: __import__("tempfile").TemporaryFile().write(b"x" * 100))
attempt("socket", lambda: socket.socket())
attempt("program", lambda: subprocess.run(["/bin/true"]))
attempt("memory", lambda: bytearray(400 * 1024 * 1024))
attempt("signal", lambda: os.kill(os.getppid(), 0))
attempt("library", lambda: __import__("sqlite3"))
answer["core"] = resource.getrlimit(resource.RLIMIT_CORE)[0]
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a confined process could do."""
    secret = tmp_path_factory.mktemp("mail") / "secret.eml"
    secret.write_text("not for workers")
    code = _SCRIPT.format(path=[entry for entry in sys.path if entry and entry not in str(secret)], secret=str(secret))
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, timeout=60, check=True)
    assert not Path(f"{secret}.new").exists() or not Path(f"{secret}.new").read_text()
    return dict(json.loads(done.stdout))


def test_memory_is_limited(answer: dict[str, object]) -> None:
    """Asking for more memory than allowed is a MemoryError."""
    assert answer["memory"] == "MemoryError"


def test_nothing_is_written(answer: dict[str, object]) -> None:
    """Not one byte gets into a file, a temporary one included, and there is no core file."""
    assert answer["write"] != "done"
    assert answer["temporary"] != "done"
    assert answer["core"] == 0


def test_libraries_can_be_read(answer: dict[str, object]) -> None:
    """The interpreter's own modules are there still: heavy libraries are imported when a document needs them."""
    assert answer["library"] == "done"


def test_files_cannot_be_read(answer: dict[str, object]) -> None:
    """A file outside of the interpreter and its libraries cannot be opened, where the kernel has Landlock."""
    if not any(str(one).startswith("landlock") for one in answer["held"]):  # type: ignore[attr-defined]
        pytest.skip("this kernel has no Landlock")
    assert answer["read"] == "PermissionError"


def test_nobody_can_be_reached(answer: dict[str, object]) -> None:
    """No socket, no program, no signal to another process, where the kernel has seccomp filters."""
    if "seccomp" not in answer["held"]:  # type: ignore[operator]
        pytest.skip("this kernel or container has no seccomp filters")
    assert answer["socket"] == "PermissionError"
    assert answer["program"] == "PermissionError"
    assert answer["signal"] == "PermissionError"
