"""Scripts of ours run under the interpreter that has what they need, whichever one starts them.

``#!/usr/bin/env python3`` finds the system's; what ``scripts/setup`` installs is in ``.venv``. A script calls
:func:`restart` before it imports anything that the standard library does not have.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def restart(root: Path) -> None:
    """Start the running script anew under ``root/.venv``, if that is there and another interpreter runs it."""
    own = root / ".venv"
    python = own / "bin/python"
    if python.exists() and Path(sys.prefix).resolve() != own.resolve():
        os.execv(python, [str(python), *sys.argv])
