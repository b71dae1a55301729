"""What the process gives up: root, core files, debuggers, swap, temporary files on disks; tried in other processes."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.e2e.peers import free_port

from pansentry import process
from pansentry.errors import UnavailableError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def run(code: str, **environment: str) -> dict[str, object]:
    """Run code in a new interpreter; its last line is JSON. A ConfigurationError is ``{"flaw": text}``."""
    program = (
        "import encodings.ascii, json, os, resource\nfrom dataclasses import asdict\nfrom pansentry import process\n"
        "from pansentry.errors import ConfigurationError\ntry:\n"
        + "".join(f"    {line}\n" for line in code.splitlines())
        + "except ConfigurationError as error:\n    print(json.dumps({'flaw': str(error)}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_what_is_given_up() -> None:
    """No core file, no debugger of the same user, no set-user-id program, files for their owner only."""
    standing = run("print(json.dumps({**asdict(process.restrict()), 'umask': os.umask(0)}))")
    assert standing["core_limit"] == 0
    assert standing["dumpable"] is False
    assert standing["no_new_privileges"] is True
    assert standing["umask"] == 0o077


def test_the_core_limit_cannot_be_raised_again() -> None:
    """The hard limit is zero as well."""
    assert run("process.restrict(); print(json.dumps(resource.getrlimit(resource.RLIMIT_CORE)))") == [0, 0]


@needs_root
def test_root_is_given_up_for_good() -> None:
    """User, group and supplementary groups change, no capability stays, and there is no way back."""
    answer = run(
        "process.become('nobody')\n"
        "caps = [l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapPrm', 'CapEff'))]\n"
        "try:\n"
        "    os.setuid(0); back = True\n"
        "except PermissionError:\n"
        "    back = False\n"
        "ids = [*os.getresuid(), *os.getresgid()]\n"
        "print(json.dumps({'ids': ids, 'groups': os.getgroups(), 'caps': caps, 'back': back}))"
    )
    nobody = process._account("nobody")
    assert answer["ids"] == [nobody.pw_uid] * 3 + [nobody.pw_gid] * 3
    assert answer["groups"] == [nobody.pw_gid]
    assert answer["caps"] == ["0" * 16] * 2
    assert answer["back"] is False


@needs_root
def test_a_named_group_comes_first() -> None:
    """`group:` is the effective group; the user's own is among the supplementary ones only if it is listed so."""
    answer = run("process.become('nobody', 'daemon'); print(json.dumps([os.getegid(), os.geteuid()]))")
    assert answer == [process._gid("daemon"), process._account("nobody").pw_uid]


@needs_root
@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("process.become('nosuchuser')", "There is no user 'nosuchuser'."),
        ("process.become('4294967294')", "There is no user '4294967294'."),
        ("process.become('nobody', 'nosuchgroup')", "There is no group 'nosuchgroup'."),
        ("process.become('nobody'); process.become('daemon')", "Only root can become 'daemon'."),
    ],
)
def test_what_cannot_be_become(call: str, said: str) -> None:
    """A user or group that is not there, or rights that are not there, are one sentence with the fix."""
    assert said in str(run(call)["flaw"])


@needs_root
def test_becoming_who_one_is_changes_nothing() -> None:
    """A service that starts as its user already may name it in the configuration."""
    assert run("process.become('nobody'); process.become('nobody'); print(json.dumps({'ok': 1}))") == {"ok": 1}


@needs_root
def test_memory_is_locked() -> None:
    """What is allocated later is locked too."""
    answer = run(
        "process.restrict(lock_memory=True)\n"
        "block = bytearray(os.urandom(50_000_000))\n"
        "locked = next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmLck'))\n"
        "print(json.dumps({'locked_kb': locked}))"
    )
    assert isinstance(answer["locked_kb"], int)
    assert answer["locked_kb"] > 50_000


@needs_root
def test_memory_is_not_locked_below_a_limit() -> None:
    """With a limit an allocation would fail some day, so the start does, with the fix."""
    answer = run(
        "resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 23, 1 << 23))\n"
        "process.become('nobody')\nprocess.restrict(lock_memory=True)"
    )
    assert "LimitMEMLOCK=infinity" in str(answer["flaw"])


MOUNTS = """27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
25 24 0:23 / {memory} rw,relatime shared:3 - tmpfs tmpfs rw
29 26 0:26 / {memory}/disk rw,relatime - ext4 /dev/vdb rw
"""


def test_temporary_files_are_made_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of TMPDIR is taken if it is in memory, and no disk that is mounted below it."""
    memory = tmp_path / "memory"
    (memory / "disk/x").mkdir(parents=True)
    (memory / "own").mkdir()
    (tmp_path / "memory-beside").mkdir()
    monkeypatch.setattr(process, "_MEMORY_FOLDERS", ())
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    mounts = MOUNTS.format(memory=memory)
    for folder, taken in (
        (memory, True),
        (memory / "own", True),
        (memory / "disk", False),
        (memory / "disk/x", False),
        (tmp_path / "memory-beside", False),
        (tmp_path, False),
        (memory / "missing", False),
    ):
        monkeypatch.setenv("TMPDIR", str(folder))
        assert process.temporary_folder(mounts) == (str(folder) if taken else ""), folder


def test_a_link_out_of_memory_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A symbolic link in a memory file system that leads to a disk is on the disk."""
    memory = tmp_path / "memory"
    memory.mkdir()
    (memory / "link").symlink_to(tmp_path)
    monkeypatch.setattr(process, "_MEMORY_FOLDERS", ())
    monkeypatch.setenv("TMPDIR", str(memory / "link"))
    assert process.temporary_folder(MOUNTS.format(memory=memory)) == ""


def test_without_memory_nobody_makes_temporary_files() -> None:
    """A library that wants one gets an error, whatever it is."""
    answer = run(
        "process.temporary_folder = lambda: ''\nimport tempfile\nstanding = process.restrict()\n"
        "try:\n    tempfile.TemporaryFile(); made = True\nexcept OSError:\n    made = False\n"
        "print(json.dumps({'made': made, 'said': standing.temporary_files}))"
    )
    assert answer == {"made": False, "said": ""}


def test_bound_ports_take_nobody_until_they_are_listened_on() -> None:
    """Between bind and listen a client is refused, so early binding opens nothing."""
    (bound,) = process.bind("127.0.0.1:0")
    with bound:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(bound.getsockname(), 5)
        bound.listen()
        socket.create_connection(bound.getsockname(), 5).close()


def test_several_workers_bind_one_port() -> None:
    """With reuse_port a port can be bound again, without it the second hears what to do, and nothing stays open."""
    (first,) = process.bind("127.0.0.1:0", reuse_port=True)
    address = f"127.0.0.1:{first.getsockname()[1]}"
    with first:
        process.close_all(process.bind_all([address], reuse_port=True))
        first.listen()
        with pytest.raises(UnavailableError, match=r": Address already in use; stop what uses"):
            process.bind_all(["127.0.0.1:0", address])


def test_ipv6_is_bound_beside_ipv4() -> None:
    """`[::]` takes IPv6 alone, so that `0.0.0.0` can stand beside it."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    port = free_port()
    (six,) = process.bind(f"[::]:{port}")
    with six:
        process.close_all(process.bind_all([f"0.0.0.0:{port}"]))


def test_the_limit_of_locked_memory_is_untouched_without_need() -> None:
    """Who does not ask for locked memory keeps the limits he has."""
    before = list(resource.getrlimit(resource.RLIMIT_MEMLOCK))
    assert run("process.restrict(); print(json.dumps(resource.getrlimit(resource.RLIMIT_MEMLOCK)))") == before


async def test_memory_is_given_back_once_the_last_large_message_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small mail causes nothing, several large ones at a time cause one return, after the last of them."""
    given: list[int] = []
    monkeypatch.setattr(process, "give_back_memory", lambda: given.append(1))
    monkeypatch.setattr(process.Leftovers, "QUIET_S", 0.01)
    with ThreadPoolExecutor(1) as threads:
        leftovers = process.Leftovers(threads)
        with leftovers.of(process.Leftovers.FROM_BYTES - 1):
            pass
        assert leftovers._timer is None
        with leftovers.of(process.Leftovers.FROM_BYTES), leftovers.of(process.Leftovers.FROM_BYTES):
            assert leftovers._timer is None
        assert leftovers._timer is not None
        await asyncio.sleep(0.05)
    assert len(given) == 1


_PIECES = """
from pathlib import Path
from pansentry.workers.heap import map_large_pieces
resident = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4
map_large_pieces()
before = resident()
for _ in range(3):
    kept = [b"x" * (6 << 20) for _ in range(3)]
    assert resident() - before > 17000
    del kept
    assert resident() - before < 2000, resident() - before
"""


def test_large_pieces_are_given_back_at_once() -> None:
    """Also the second time, when malloc would have learned to keep them."""
    done = subprocess.run([sys.executable, "-c", _PIECES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
