"""``PANSENTRY_…`` variables laid over what the file says.

``__`` steps into a block or a list: ``PANSENTRY_BUSINESS__PHONE``, ``PANSENTRY_LISTEN__0__ADDRESS``. With ``_FILE`` at
the end of the name the value is the content of the named file (secrets). Lists may be written with commas. What a
variable holds is text where the model wants text, so no phone number loses its zero here.

Names that Kubernetes and docker links inject (``PANSENTRY_SERVICE_HOST``, ``PANSENTRY_PORT_25_TCP_ADDR`` …) and
those in :data:`OURS` are no settings; every other unknown name is a flaw, as a typo would be.
"""

from __future__ import annotations

import pathlib
import re
import typing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from pansentry.configuration.documents import Document, Path, Place, read_yaml
from pansentry.configuration.explain import annotation_at, closest, require_mapping
from pansentry.errors import ConfigurationError, Flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "PANSENTRY_"
OURS = frozenset({"PANSENTRY_CONFIG", "PANSENTRY_PURE", "PANSENTRY_REQUIRE_PEERS"})
"""Variables that are read elsewhere: the path of the configuration file; nothing compiled; the test suite's switch."""

_INJECTED = re.compile(r"PANSENTRY_(?:[A-Z0-9_]*_)?(?:SERVICE_(?:HOST|PORT)\w*|PORT(?:_\d+_(?:TCP|UDP)\w*)?|NAME)")
_BOOLEAN = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def overlay(
    document: Document, model: type[BaseModel], environ: Mapping[str, str], read: Callable[[str], str]
) -> Document:
    """Return ``document`` with the settings in ``environ`` laid over it; ``read`` gives the text of a named file.

    Raises :class:`ConfigurationError` for unknown names and unreadable files.
    """
    require_mapping(document)
    data: Any = document.data
    places = dict(document.places)
    flaws: list[Flaw] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in OURS or not environ[name]:
            continue
        try:
            path, annotation, text = _setting(name, environ[name], model, read)
        except ConfigurationError as error:
            flaws += error.flaws
            continue
        if path:
            value = _value(annotation, text)
            try:
                data = _put(data, path, value)
            except LookupError:
                flaws.append(Flaw(name, 0, 0, "The list has no such entry.", "Count the entries from 0, without gaps."))
                continue
            places = {known: place for known, place in places.items() if known[: len(path)] != path}
            places[path] = Place(name, raw=text if isinstance(value, str | int | float | bool) else None)
    if flaws:
        raise ConfigurationError(*flaws)
    return replace(document, data=data, places=places)


def _setting(name: str, value: str, model: type[BaseModel], read: Callable[[str], str]) -> tuple[Path, Any, str]:
    path = _path(name)
    annotation = annotation_at(model, path)
    if annotation is not None:
        return path, annotation, value
    if name.endswith("_FILE"):
        path = _path(name.removesuffix("_FILE"))
        annotation = annotation_at(model, path)
        if annotation is pathlib.Path:  # `…__KEY_FILE`: the setting is a file already
            return path, annotation, value
        if annotation is not None:
            try:
                return path, annotation, read(value).rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not text"
                raise ConfigurationError(
                    Flaw(
                        name, 0, 0, f"The file {value} cannot be read: {reason}.", "Check its path and its permissions."
                    )
                ) from None
    if _INJECTED.fullmatch(name):
        return (), None, ""
    near = closest(str(_path(name)[-1]), _names(model, _path(name)))
    fix = f"Did you mean `{name.rpartition('__')[0] + '__' if '__' in name else PREFIX}{near.upper()}`?" if near else ""
    raise ConfigurationError(Flaw(name, 0, 0, "This variable names no setting.", fix or "Remove it."))


def _path(name: str) -> Path:
    return tuple(int(s) if s.isdecimal() else s for s in name.removeprefix(PREFIX).lower().split("__"))


def _names(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    parent = annotation_at(model, path[:-1])
    return tuple(parent.model_fields) if isinstance(parent, type) and issubclass(parent, BaseModel) else ()


def _value(annotation: Any, text: str) -> Any:
    """Read the text of a variable as the kind of value the model wants; leave it alone if it is not that kind."""
    origin = typing.get_origin(annotation)
    if origin is tuple and not text.lstrip().startswith("["):
        inner = typing.get_args(annotation)[0]
        return tuple(_value(inner, item.strip()) for item in text.split(",") if item.strip())
    if origin in {tuple, dict} or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return read_yaml(text, "environment").data
    if annotation is bool:
        return _BOOLEAN.get(text.strip().lower(), text)
    if annotation in {int, float}:
        try:
            return annotation(text)
        except ValueError:
            return text
    return text


def _put(data: Any, path: Path, value: Any) -> Any:
    """Return ``data`` with ``value`` at ``path``; blocks on the way are made, nothing is changed in place."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = data if isinstance(data, tuple) else ()
        if step > len(items):
            raise LookupError(step)
        old = items[step] if step < len(items) else {}
        return (*items[:step], _put(old, rest, value), *items[step + 1 :])
    block = data if isinstance(data, dict) else {}
    return {**block, step: _put(block.get(step, {}), rest, value)}
