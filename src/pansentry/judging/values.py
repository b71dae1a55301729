"""Values of the core as JSON and bytes, and back: what a judge answers. Never pickle.

A judge has read hostile bytes, so what it says is not trusted to be well-formed: :func:`value_of` makes exactly the
type that is asked for, field by field as its annotations say, from what JSON can hold, or raises :class:`WireError`,
which quotes nothing. Types: ``None``, ``bool``, ``int``, ``float``, ``str``, ``bytes``, string enums, tuples, mappings
of names to such, unions of these, and dataclasses of these, told apart by the names in :data:`_DATACLASSES`.

Bytes do not go into the JSON but behind it, each object once; one that the other side has already (:class:`Blobs`)
is only named. Known gap: a judge that an attacker took over can say "clean". It can run nothing here.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from pansentry import outcome, smtp_reply
from pansentry.envelope import Authentication
from pansentry.reply.incoming import Incoming
from pansentry.workers.wire import WireError

_DATACLASSES: Mapping[str, type] = {
    one.__name__: one
    for one in (
        outcome.Outcome,
        outcome.Verdict,
        outcome.Receipt,
        outcome.Removed,
        outcome.Unreadable,
        outcome.Relay,
        outcome.Refuse,
        outcome.Hold,
        outcome.Review,
        outcome.Notify,
        outcome.EnqueueLetter,
        outcome.Task,
        outcome.Record,
        outcome.Remember,
        smtp_reply.Reply,
        Authentication,
        Incoming,
    )
}
_LEFT_OUT = {(outcome.Record, "alike")}
"""What is among the other fields already."""
_NAMES = {"Callable": Callable, "Mapping": Mapping}


class Blobs:
    """The bytes beside the JSON. ``had`` are objects that the other side has: they are named, not sent."""

    def __init__(self, had: Sequence[bytes] = ()) -> None:
        self._had = len(had)
        self._all = list(had)
        self._numbers = {id(one): number for number, one in enumerate(had)}

    def number(self, data: bytes) -> int:
        """Return the number under which the other side finds these bytes."""
        if id(data) not in self._numbers:
            self._numbers[id(data)] = len(self._all)
            self._all.append(data)
        return self._numbers[id(data)]

    @property
    def new(self) -> list[bytes]:
        """What has to be sent."""
        return self._all[self._had :]


def plain(value: Any, blobs: Blobs) -> Any:
    """Return a value as JSON can hold it; its bytes go to ``blobs``."""
    match value:
        case enum.Enum():
            return value.value
        case bytes():
            return blobs.number(value)
        case outcome.Record():
            value = outcome.Record(value.fields)
        case None | bool() | int() | float() | str():
            return value
        case tuple() | list():
            return [plain(one, blobs) for one in value]
        case Mapping():
            return {str(name): plain(one, blobs) for name, one in value.items()}
    kind = type(value).__name__
    return [kind, *(plain(getattr(value, name), blobs) for name in _hints(_DATACLASSES[kind]))]


def value_of(kind: Any, said: Any, blobs: Sequence[bytes]) -> Any:
    """Return the value of type ``kind`` that was said. Raises WireError."""
    try:
        return _value(kind, said, blobs)
    except (TypeError, ValueError, LookupError, AssertionError, RecursionError):
        raise WireError from None


def _value(kind: Any, said: Any, blobs: Sequence[bytes]) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is object:
        return _any(said)
    if kind is bytes:
        if type(said) is not int or said < 0:
            raise WireError
        return blobs[said]
    if kind is float and type(said) is int:
        return float(said)
    if kind in (str, int, bool, float, type(None)):
        if type(said) is not kind:
            raise WireError
        return said
    if origin in (Union, types.UnionType):
        return _one_of(arguments, said, blobs)
    if origin is tuple:
        return _tuple(arguments, said, blobs)
    if origin is Mapping:
        return {_value(str, name, blobs): _value(arguments[1], one, blobs) for name, one in said.items()}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(said)
    if is_dataclass(kind):
        name, *values = said
        if _DATACLASSES[name] is not kind:
            raise WireError
        hints = _hints(kind)
        return cast("Any", kind)(
            **{field: _value(hint, one, blobs) for (field, hint), one in zip(hints.items(), values, strict=True)}
        )
    raise WireError


def _one_of(kinds: tuple[Any, ...], said: Any, blobs: Sequence[bytes]) -> Any:
    for kind in kinds:
        try:
            return _value(kind, said, blobs)
        except (WireError, TypeError, ValueError, LookupError, AssertionError):
            continue
    raise WireError


def _tuple(kinds: tuple[Any, ...], said: Any, blobs: Sequence[bytes]) -> tuple[Any, ...]:
    if type(said) is not list:
        raise WireError
    if kinds[-1] is Ellipsis:
        return tuple([_value(kinds[0], one, blobs) for one in said])
    return tuple([_value(kind, one, blobs) for kind, one in zip(kinds, said, strict=True)])


def _any(said: Any) -> Any:
    """Return a field of an event: flat, or a list of flat values."""
    if isinstance(said, list):
        if any(isinstance(one, (list, dict)) for one in said):
            raise WireError
        return tuple(said)
    if isinstance(said, dict):
        raise WireError
    return said


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Return the fields that go over the wire with their types."""
    hints = get_type_hints(kind, localns=_NAMES)
    return {one.name: hints[one.name] for one in fields(kind) if (kind, one.name) not in _LEFT_OUT}
