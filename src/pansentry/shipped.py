"""Where shipped policies, letters, sample mails and pages are: in the package if installed, else in the checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def _folder(name: str) -> Path:
    installed = _HERE / "shipped" / name
    return installed if installed.is_dir() else _HERE.parents[1] / name


def policies() -> Path:
    return _folder("policies")


def replies() -> Path:
    return _folder("replies")


def examples() -> Path:
    return _folder("examples")


def deployment(page: str) -> Path:
    """Return a page on how to put a gateway in front of a kind of mailbox."""
    return _folder("docs/deployment") / page
