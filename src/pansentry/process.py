"""What this process is and may do: bind ports, become somebody else, keep its memory to itself.

In: addresses, a user, what the admin asked for. Out: bound sockets that do not listen yet, and a process with fewer
rights. Order: :func:`bind` (may need root), :func:`restrict`; both before a thread is started, because ``no_new_privs``
holds for the thread that asks and those it starts. Linux; see prctl(2), mlockall(2), credentials(7).

Attacks resisted: a core file, a debugger or ``/proc/PID/mem`` in the hands of the same user (``PR_SET_DUMPABLE``), card
numbers in swap (``mlockall``, only where it cannot run out: beyond ``RLIMIT_MEMLOCK`` every later allocation
would fail), set-user-id programs as a way back to root, and libraries that write what they read to a disk:
:mod:`tempfile` is pointed to a file system in memory, or nowhere.

Known gaps: root reads everything. A hibernating machine writes locked memory too. Locking does not reach processes
forked later; theirs is bounded by ``MemorySwapMax=0`` of the service unit.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import grp
import os
import pwd
import resource
import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from pansentry.errors import ConfigurationError, Flaw, UnavailableError
from pansentry.workers.heap import give_back_memory

_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
_PR_SET_NO_NEW_PRIVS, _PR_GET_NO_NEW_PRIVS = 38, 39
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_MEMORY_FOLDERS = ("/dev/shm", "/run")  # noqa: S108  that is the point
NOWHERE = "/proc/self/no-temporary-files"
"""Nobody can make a file here: a library that tries gets an error, and what it reads counts as unreadable."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the process has come down to, for the log and for ``doctor``."""

    user: int
    core_limit: int
    open_files: int
    dumpable: bool
    no_new_privileges: bool
    memory_locked: bool
    temporary_files: str
    """A folder in memory, or ``""``: none can be made."""


class Leftovers:
    """Gives memory back once the last large message is gone.

    malloc keeps what it was asked for a message of some megabytes in pieces (131 MB resident stay 180 after ten).
    """

    QUIET_S = 1.0
    FROM_BYTES = 1 << 20

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._here = 0
        self._timer: asyncio.TimerHandle | None = None

    @contextlib.contextmanager
    def of(self, octets: int) -> Iterator[None]:
        """While a message of this size is here."""
        if octets < self.FROM_BYTES:
            yield
            return
        self._here += 1
        try:
            yield
        finally:
            self._here -= 1
            if not self._here and self._timer is None:  # the server holds the message a little longer
                self._timer = asyncio.get_running_loop().call_later(self.QUIET_S, self._give_back)

    def _give_back(self) -> None:
        self._timer = None
        if not self._here:
            with contextlib.suppress(RuntimeError):  # we are stopping, and the threads have gone
                self._threads.submit(give_back_memory)


Bound = Mapping[str, tuple[socket.socket, ...]]
"""Bound sockets by the address that was asked for."""


def bind_all(addresses: Iterable[str], *, reuse_port: bool = False) -> Bound:
    """Bind every address, or none. Raises UnavailableError."""
    bound: dict[str, tuple[socket.socket, ...]] = {}
    try:
        for address in addresses:
            bound[address] = bind(address, reuse_port=reuse_port)
    except BaseException:
        close_all(bound)
        raise
    return bound


def close_all(bound: Bound) -> None:
    """Close what :func:`bind_all` bound."""
    for sockets in bound.values():
        for one in sockets:
            one.close()


def bind(address: str, *, reuse_port: bool = False) -> tuple[socket.socket, ...]:
    """Bind ``host:port`` (``host`` empty: all addresses) without listening: nobody can connect yet.

    Raises UnavailableError with the fix.
    """
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(
            host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        return tuple(_bound(family, place, reuse_port) for family, _, _, _, place in dict.fromkeys(found))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or type(error).__name__
        fix = "stop what uses the port, or choose another one"
        if error.errno in (errno.EACCES, errno.EPERM):
            fix = "ports below 1024 need root or CAP_NET_BIND_SERVICE; grant it, or choose another one"
        raise UnavailableError(f"cannot listen on {address}: {why}; {fix} under `listen:`") from None


def _bound(family: int, place: tuple[object, ...], reuse_port: bool) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(place)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


def restrict(*, user: str | None = None, group: str | None = None, lock_memory: bool = False) -> Standing:
    """Become ``user`` and give up what is not needed; called once, before any thread is started.

    Raises ConfigurationError (no such user, not root, memory that cannot be locked).
    """
    if lock_memory and os.geteuid() == 0:  # as another user it could not be raised any more
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if user is not None:
        become(user, group)
    return harden(lock_memory=lock_memory)


def become(user: str, group: str | None = None) -> None:
    """Give up root for good: ``user`` with its supplementary groups, and ``group`` or the user's own as the first.

    Nothing is done if the process is that user already. Raises ConfigurationError if there is no such user or group,
    or if this process is neither root nor that user.
    """
    account = _account(user)
    gid = account.pw_gid if group is None else _gid(group)
    uid = account.pw_uid
    if (os.getuid(), os.geteuid()) == (uid, uid) and (group is None or os.getegid() == gid):
        return
    if os.geteuid() != 0:
        raise _flaw("user", f"Only root can become {user!r}.", "Start as root, or as that user, or take `user:` out.")
    os.initgroups(account.pw_name, gid)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if uid and _can_return():
        raise _flaw("user", f"The system let {user!r} become root again.", "Check the capabilities of the container.")


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(int(user)) if user.isdecimal() else pwd.getpwnam(user)
    except KeyError:
        fix = f"Create it: `useradd --system {user}`, or name another one."
        raise _flaw("user", f"There is no user {user!r}.", fix) from None


def _gid(group: str) -> int:
    try:
        return int(group) if group.isdecimal() else grp.getgrnam(group).gr_gid
    except KeyError:
        fix = f"Create it: `groupadd --system {group}`, or name another one."
        raise _flaw("group", f"There is no group {group!r}.", fix) from None


def _can_return() -> bool:
    try:
        os.setresuid(0, 0, 0)
    except OSError:
        return False
    return True


def harden(*, lock_memory: bool = False) -> Standing:
    """Take from the process what it does not need, and say what came of it.

    Raises ConfigurationError if memory cannot be locked although ``lock_memory`` asks for it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(OSError, ValueError):  # a connection is a file, and 1,024 of them are few
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if lock_memory:
        _lock_memory(libc)
    tempfile.tempdir = temporary_folder() or NOWHERE
    os.environ["TMPDIR"] = tempfile.tempdir
    return standing(memory_locked=lock_memory)


def standing(*, memory_locked: bool = False) -> Standing:
    """Say what the process is now."""
    libc = ctypes.CDLL(None)
    folder = tempfile.tempdir or ""
    return Standing(
        user=os.geteuid(),
        core_limit=resource.getrlimit(resource.RLIMIT_CORE)[1],
        open_files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        dumpable=bool(libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)),
        no_new_privileges=bool(libc.prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)),
        memory_locked=memory_locked,
        temporary_files="" if folder == NOWHERE else folder,
    )


def _lock_memory(libc: ctypes.CDLL) -> None:
    """Lock what is touched, now and later. Only without a limit: to meet one later would fail an allocation."""
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY and not _may_lock_without_limit():
        fix = "Raise the limit (`LimitMEMLOCK=infinity`, `--ulimit memlock=-1`), or write `lock_memory: false`."
        raise _flaw("lock_memory", "This process may lock only a part of its memory.", fix)
    if libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT):
        why = os.strerror(ctypes.get_errno())
        raise _flaw("lock_memory", f"The memory cannot be locked: {why}.", "Write `lock_memory: false`.")


def _may_lock_without_limit() -> bool:
    """CAP_IPC_LOCK (14) is in the effective set."""
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> 14 & 1)
    return False


def temporary_folder(mounts: str | None = None) -> str:
    """Return a writable folder in memory for temporary files: the one in ``TMPDIR``, else a usual one; ``""`` if none.

    ``mounts`` is the text of ``/proc/self/mountinfo`` (proc(5)).
    """
    if mounts is None:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace")
    kinds: dict[str, str] = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if after:
            kinds[before.split()[4].replace("\\040", " ")] = after.split()[0]
    for folder in (os.environ.get("TMPDIR", ""), os.environ.get("RUNTIME_DIRECTORY", ""), *_MEMORY_FOLDERS):
        if folder and os.access(folder, os.W_OK | os.X_OK) and _kind(os.path.realpath(folder), kinds) in _IN_MEMORY:
            return folder
    return ""


def _kind(folder: str, kinds: dict[str, str]) -> str:
    around = [place for place in kinds if folder == place or folder.startswith(place.rstrip("/") + "/")]
    return kinds[max(around, key=len)] if around else ""


def memory_at_hand(root: Path = Path("/")) -> int:
    """Return how many bytes this process may use at most: of the machine, or of its control group if that is less.

    A container's own group is at the top of what it sees (cgroups(7), version 2); a unit's is named in ``/proc``.
    """
    found = []
    with contextlib.suppress(OSError, ValueError):
        table = (root / "proc/meminfo").read_text("ascii").split()
        found.append(int(table[table.index("MemTotal:") + 1]) * 1024)
    group = ""
    with contextlib.suppress(OSError):
        lines = (root / "proc/self/cgroup").read_text("utf-8", "replace").split("\n")
        group = next((line[4:] for line in lines if line.startswith("0::/")), "")
    for folder in (root / "sys/fs/cgroup" / group, *(root / "sys/fs/cgroup" / group).parents):
        with contextlib.suppress(OSError, ValueError):  # "max" is no number, and the top has no such file
            found.append(int((folder / "memory.max").read_text("ascii")))
    return min(found, default=1 << 62)


def _flaw(key: str, wrong: str, fix: str) -> ConfigurationError:
    return ConfigurationError(Flaw(f"`{key}:`", 0, 0, wrong, fix))
