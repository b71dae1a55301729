"""File and environment → :class:`Configuration`, with the origin of every value.

Order, later wins: defaults, the file, ``PANSENTRY_…`` variables. Pure once the text is read: :func:`parse` takes text
and a mapping; :func:`load` is the one function that opens files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from pansentry.configuration.conflicts import conflicts
from pansentry.configuration.documents import Document, read_bytes
from pansentry.configuration.environment import overlay
from pansentry.configuration.explain import build
from pansentry.configuration.model import Configuration
from pansentry.errors import ConfigurationError, Flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DEFAULT_FILES = (Path("pansentry.yaml"), Path("/etc/pansentry/pansentry.yaml"))

_SECRET = re.compile(r"secret|password|token")
_CREDENTIALS = re.compile(r"(://[^/@:]*:).*@")
"""To the last ``@``: a password may hold ``/`` and ``@`` although it should not."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value as ``config show --origin`` prints it: dotted ``name``, ``value`` without secrets, ``origin``."""

    name: str
    value: str
    origin: str


def load(path: str | Path | None, environ: Mapping[str, str]) -> Configuration:
    """Read the configuration from ``path`` (None: ``PANSENTRY_CONFIG``, else the first of :data:`DEFAULT_FILES`).

    Raises :class:`ConfigurationError` with every flaw found.
    """
    return load_with_origins(path, environ)[0]


def load_with_origins(path: str | Path | None, environ: Mapping[str, str]) -> tuple[Configuration, tuple[Setting, ...]]:
    """Read the configuration and say where each value came from."""
    named = path or environ.get("PANSENTRY_CONFIG")
    chosen = Path(named) if named else next((p for p in DEFAULT_FILES if p.is_file()), None)
    if chosen is None:
        if not any(name.startswith("PANSENTRY_") for name in environ):
            wrong = f"There is no such file here, and no {DEFAULT_FILES[-1]}."
            raise ConfigurationError(
                Flaw("pansentry.yaml", 0, 0, wrong, "Name it: `-c FILE`; or let `pansentry init` write one.")
            )
        return parse(b"", "pansentry.yaml", environ, Path(), _read_file)
    try:
        raw = chosen.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            Flaw(
                str(chosen),
                0,
                0,
                f"The file cannot be read: {error.strerror}.",
                "Check the path, or run `pansentry init`.",
            )
        ) from None
    return parse(raw, str(chosen), environ, chosen.parent, _read_file)


def parse(
    raw: bytes, file: str, environ: Mapping[str, str], base: Path, read: Callable[[str], str]
) -> tuple[Configuration, tuple[Setting, ...]]:
    """Return what ``raw`` and ``environ`` say together; relative paths are below ``base``."""
    document = overlay(read_bytes(raw, file), Configuration, environ, read)
    configuration = build(Configuration, document, {"base": base})
    flaws = [
        Flaw((spot := document.place(where)).file, spot.line, spot.column, wrong, fix)
        for where, wrong, fix in conflicts(configuration)
    ]
    if flaws:
        raise ConfigurationError(*flaws)
    state = configuration.state_dir
    configuration = configuration.model_copy(
        update={
            "store": configuration.store or f"sqlite:///{state}/pansentry.db",
            "next_hop": configuration.next_hop or f"maildir:{state}/mailbox",
        }
    )
    return configuration, tuple(_settings(configuration, (), document))


def without_secret(url: str) -> str:
    """Return ``url`` without the password in it."""
    return _CREDENTIALS.sub(r"\1…@", url)


def _read_file(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _settings(value: Any, path: tuple[str | int, ...], document: Document) -> Iterator[Setting]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _settings(getattr(value, name), (*path, name), document)
        return
    if isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value):
        for i, item in enumerate(value):
            yield from _settings(item, (*path, i), document)
        return
    shown = ", ".join(str(v) for v in value) if isinstance(value, tuple) else "" if value is None else str(value)
    if _SECRET.search(str(path[-1])) and shown:
        shown = "(set)"
    yield Setting(".".join(str(s) for s in path), without_secret(shown), _origin(path, document))


def _origin(path: tuple[str | int, ...], document: Document) -> str:
    around = path
    while around and around not in document.places:
        around = around[:-1]
    if not around:
        return "default"
    place = document.places[around]
    if around != path and isinstance(_at(document.data, around), dict):
        return "default"
    return f"{place.file}:{place.key_line}" if place.key_line else place.file


def _at(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        data = data[step]
    return data
