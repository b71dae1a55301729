"""What a check answers: a state, one sentence on what is so, and one on what to do."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class State(enum.StrEnum):
    """``skip``: could not be asked here, for the reason in the answer."""

    PASS = "pass"  # noqa: S105  a word, not a password
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Answer:
    """``said`` and ``fix`` are one sentence each; neither ever holds card data."""

    check: str
    state: State
    said: str
    fix: str = ""


def passed(check: str, said: str) -> Answer:
    return Answer(check, State.PASS, said)


def warned(check: str, said: str, fix: str) -> Answer:
    return Answer(check, State.WARN, said, fix)


def failed(check: str, said: str, fix: str) -> Answer:
    return Answer(check, State.FAIL, said, fix)


def skipped(check: str, said: str, fix: str = "") -> Answer:
    return Answer(check, State.SKIP, said, fix)
