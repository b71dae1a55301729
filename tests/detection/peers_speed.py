"""How fast other published card detectors read the same texts: MB per CPU second, each as it is meant to be used.

In: texts as a JSON list in a file. A peer of :mod:`tests.detection.peers` runs in its own process and Python; a program
(ripgrep, clamscan) reads the texts as one file. Out: seconds of CPU, or None where a peer is not installed.

A program's start is measured on an empty file and taken off. clamscan loads one signature of a text that no mail holds
(it refuses an empty database, and real ones cannot be had here), and is told to count more cards than there are: it
stops reading at the third otherwise.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

DATABASE = "{database}"
PROGRAMS = {
    "ripgrep, digits only": ("rg", "-c", r"(?:\d[ -]?){12,18}\d"),
    "clamscan --detect-structured": (
        "clamscan",
        "--detect-structured=yes",
        "--structured-cc-count=1000000",
        "--no-summary",
        f"--database={DATABASE}",
    ),
}
SIGNATURES = f"PanSentry.Nothing:0:*:{b'no mail holds this sentence about nothing'.hex()}\n"
"""A database of clamscan in its ``.ndb`` form."""
_NOT_INSTALLED = 3


def of_peer(name: str, python: str, texts: Path) -> float | None:
    """Return the CPU seconds that a peer takes for all texts, loading it aside."""
    done = subprocess.run(
        [python, str(Path(__file__).resolve()), name, str(texts)], capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode == _NOT_INSTALLED:
        return None
    done.check_returncode()
    return float(done.stdout)


def of_program(command: Sequence[str], path: Path, empty: Path, database: Path) -> float | None:
    """Return the CPU seconds that a program takes for a file, its start aside; None if it is not installed.

    ``database`` is one for clamscan with :data:`SIGNATURES` in it.
    """
    if shutil.which(command[0]) is None:
        return None
    arguments = [argument.replace(DATABASE, str(database)) for argument in command]
    return max(_children(arguments, path) - _children(arguments, empty), 1e-3)


def _children(command: Sequence[str], path: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*command, str(path)], capture_output=True, check=False)
    if done.returncode not in (0, 1):  # nothing found, something found
        raise RuntimeError(f"{command[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _serve(name: str, path: Path) -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import peers

    try:
        detect = peers._SERVED[name]()
    except ImportError:
        return _NOT_INSTALLED
    texts = json.loads(path.read_text("utf-8"))
    for text in texts[:5]:
        list(detect(text))
    begin = time.process_time()
    for text in texts:
        list(detect(text))
    print(time.process_time() - begin)
    return 0


if __name__ == "__main__":
    raise SystemExit(_serve(sys.argv[1], Path(sys.argv[2])))
