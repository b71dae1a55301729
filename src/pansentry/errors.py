"""The exceptions of PanSentry, all of them.

An expected condition is a value (``Unreadable``, ``Suppressed``, ``Verdict``); an exception is a broken limit, a bad
configuration or a broken promise::

    PanSentryError
    ├── ConfigurationError      file, line, column, what is wrong, what to write instead   (exit code 78)
    ├── UnavailableError        something outside that the start needs is not there         (exit code 69)
    ├── LimitExceededError           a documented limit was passed; names the limit
    ├── DamagedError                 a document cannot be read or written; names the reason, becomes Unreadable
    └── ResidueError            the read-back of a redacted message still held card data    (answered 451 or held)

No message of these exceptions may quote mail content: what an exception says can reach a log.
"""

from __future__ import annotations

from dataclasses import dataclass


class PanSentryError(Exception):
    """The root: catches everything that PanSentry raises on purpose."""


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong in a file an admin wrote.

    ``line`` and ``column`` count from 1; 0 means that the place is not known. ``wrong`` says what is wrong and
    ``fix`` what to write instead, each one sentence.
    """

    file: str
    line: int
    column: int
    wrong: str
    fix: str

    def __str__(self) -> str:
        place = ":".join(str(p) for p in (self.file, self.line, self.column) if p)
        return f"{place}: {self.wrong} {self.fix}".rstrip()


class ConfigurationError(PanSentryError):
    """The configuration, a policy or a letter cannot be used. ``flaws`` is never empty."""

    def __init__(self, *flaws: Flaw) -> None:
        assert flaws
        super().__init__("\n".join(str(flaw) for flaw in flaws))
        self.flaws = flaws


class UnavailableError(PanSentryError):
    """Something the start needs is not there (a port in use, a next hop that does not answer)."""


class LimitExceededError(PanSentryError):
    """A documented limit was passed. ``limit`` is its field name in :class:`pansentry.limits.Limits`."""

    def __init__(self, limit: str) -> None:
        super().__init__(f"limit {limit} exceeded")
        self.limit = limit


class DamagedError(PanSentryError):
    """A document cannot be read or written. ``reason`` is a stable code as in :class:`pansentry.outcome.Unreadable`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ResidueError(PanSentryError):
    """The output of a redaction still reads as card data; ``place`` says where, never what."""

    def __init__(self, place: str) -> None:
        super().__init__(f"residue after redaction in {place}")
        self.place = place
