"""What a worker may not do any more, once it has locked itself in. Linux; each means says whether it held.

In: the memory limit. Out: the names of the means that are in force, for the log and for ``doctor``.

- ``rlimits``: no core file, no byte written to any file (RLIMIT_FSIZE 0), few descriptors, memory (RLIMIT_DATA counts
  heap and private mappings since Linux 4.7, RLIMIT_AS everything);
- ``landlock``: reading below the interpreter, its libraries and a few files about the machine; nothing else, and no
  TCP where the kernel knows that (ABI 4);
- ``seccomp``: no socket, no new program, no look into other processes;
- ``netns``: an empty network of its own, where the kernel lets an ordinary process have one.

Where a kernel or a container forbids one of them, the others stay; docs/documents.md says what is left then.
Sources: landlock(7), seccomp(2), unshare(2), setrlimit(2), ``include/uapi/linux`` for numbers.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable

NO_NEW_PRIVS, SET_SECCOMP, MODE_FILTER = 38, 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_DIR, _WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
_HANDLED_FS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_TCP = 3
_NEWNET, _NEWUSER = 0x40000000, 0x10000000
_MAX_DESCRIPTORS = 128
_MAPPED_BYTES = 2 * 1024 * 1024 * 1024
"""Address space beyond the memory limit: shared libraries, and the stacks that threads reserve and do not use."""
_LIBRARY_BYTES = 80 * 1024 * 1024
"""What of the memory limit is for pages of programs and libraries, which RLIMIT_DATA does not count."""
_MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/dev/urandom")
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/opt/venv")

# audit architecture, numbers of: socket socketpair connect accept accept4 bind listen sendto sendmsg execve execveat
# ptrace process_vm_readv process_vm_writev kill mount umount2 unshare setns bpf io_uring_setup keyctl add_key
# open_by_handle_at perf_event_open userfaultfd fork vfork symlink link rename unlink mkdir (aarch64 knows no fork; its
# file calls are those with `at`)
_SYSCALLS = {
    "x86_64": (
        0xC000003E,
        (
            *(41, 53, 42, 43, 288, 49, 50, 44, 46, 59, 322, 101, 310, 311, 62, 165, 166, 272, 308, 321, 425, 250, 248),
            *(304, 298, 323, 57, 58, 88, 86, 82, 87, 83),
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(198, 199, 203, 202, 242, 200, 201, 206, 211, 221, 281, 117, 270, 271, 129, 40, 39, 97, 268, 280, 425),
            *(219, 217, 265, 241, 282, 36, 37, 38, 35, 34),
        ),
    ),
}


def confine(memory_bytes: int, begun_with: int = 0) -> tuple[str, ...]:
    """Lock this process in and return what is in force. ``begun_with`` octets, of its parent, do not count."""
    libc = ctypes.CDLL(None, use_errno=True)
    held = ["rlimits"]
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(_NEWNET) == 0 or libc.unshare(_NEWUSER | _NEWNET) == 0:
        held.append("netns")
    if abi := _landlock(libc):
        held.append(f"landlock:{abi}")
    if _seccomp(libc):
        held.append("seccomp")
    _rlimits(memory_bytes, begun_with)
    return tuple(held)


def _rlimits(memory_bytes: int, begun_with: int) -> None:
    for which, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _MAX_DESCRIPTORS),
        (resource.RLIMIT_DATA, max(memory_bytes - _LIBRARY_BYTES, memory_bytes // 2) + begun_with),
        (resource.RLIMIT_AS, memory_bytes + _MAPPED_BYTES + begun_with),
    ):
        with contextlib.suppress(ValueError, OSError):  # a lower limit is in force already
            resource.setrlimit(which, (most, most))


def data_bytes() -> int:
    """Return how much this process has that counts towards the limit of its memory (``VmData``), 0 if unknown."""
    with contextlib.suppress(OSError, ValueError), open("/proc/self/status", "rb", buffering=0) as status:
        line = next((one for one in status.read().split(b"\n") if one.startswith(b"VmData:")), b"0 0")
        return int(line.split()[1]) * 1024
    return 0


def allow_cpu(seconds: float) -> None:
    """Let the process use so many more seconds of the processor; then the kernel ends it (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 1
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def readable_paths() -> tuple[str, ...]:
    """Return what a worker may read: interpreter, libraries, our own code, a few files about the machine."""
    ours = (sys.prefix, sys.base_prefix, sys.exec_prefix, *(entry for entry in sys.path if entry))
    return tuple(dict.fromkeys(path for path in (*ours, *_SYSTEM, *_MACHINE) if os.path.exists(path)))


def _landlock(libc: ctypes.CDLL) -> int:
    """Forbid every file but those to read, and TCP; return the version of the kernel's Landlock, 0 without."""
    abi = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return 0
    handled = _HANDLED_FS[min(abi, max(_HANDLED_FS))]
    attributes = struct.pack("=QQ", handled, _NET_TCP) if abi >= 4 else struct.pack("=Q", handled)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return 0
    for path, access in _rules():
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", access, descriptor), 0)
        os.close(descriptor)
    held = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return int(abi) if held else 0


def _rules() -> Iterable[tuple[str, int]]:
    for path in readable_paths():
        yield path, (_READ_FILE | _READ_DIR) if os.path.isdir(path) else _READ_FILE
    yield "/dev/null", _READ_FILE | _WRITE_FILE


def _seccomp(libc: ctypes.CDLL) -> bool:
    """Answer EPERM to the system calls in the table."""
    if platform.machine() not in _SYSCALLS or sys.maxsize < 2**32:
        return False
    architecture, denied = _SYSCALLS[platform.machine()]
    load, equal, greater, ret = 0x20, 0x15, 0x35, 0x06
    allow, deny, kill = 0x7FFF0000, 0x00050001, 0x80000000
    program = [
        struct.pack("=HBBI", load, 0, 0, 4),
        struct.pack("=HBBI", equal, 1, 0, architecture),
        struct.pack("=HBBI", ret, 0, 0, kill),
        struct.pack("=HBBI", load, 0, 0, 0),
        struct.pack("=HBBI", greater, len(denied) + 1, 0, 0x40000000),  # the x32 way into the same kernel
    ]
    for i, number in enumerate(denied):
        program.append(struct.pack("=HBBI", equal, len(denied) - i, 0, number))
    program += [struct.pack("=HBBI", ret, 0, 0, allow), struct.pack("=HBBI", ret, 0, 0, deny)]
    code = ctypes.create_string_buffer(b"".join(program))
    filter_program = struct.pack("=H6xQ", len(program), ctypes.addressof(code))
    return bool(libc.prctl(SET_SECCOMP, MODE_FILTER, filter_program, 0, 0) == 0)
