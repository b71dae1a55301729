"""Values of the core as JSON and bytes, and back: what a judge answers. Never pickle.

A judge has read hostile bytes, so what it says is not trusted to be well-formed: :func:`value_of` makes exactly the
type that is asked for, field by field as its annotations say, from what JSON can hold, or raises :class:`WireError`,
which quotes nothing. Types: ``None``, ``bool``, ``int``, ``float``, ``str``, ``bytes``, string enums, tuples, mappings
of names to such, unions of these, and dataclasses of these, told apart by the names in :data:`_DATACLASSES`.

Bytes do not go into the JSON but behind it, each object once; one that the other side has already (:class:`Blobs`)
is only named. Known gap: a judge that an attacker took over can say "clean". It can run nothing here.
"""

from __future__ import annotations

import contextlib
import enum
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

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
        return _reader(kind)(said, blobs)
    except (TypeError, ValueError, LookupError, AttributeError, AssertionError, RecursionError):
        raise WireError from None


_Reader = Callable[[Any, Sequence[bytes]], Any]


@cache
def _reader(kind: Any) -> _Reader:
    """Return what reads values of a type; worked out once for each: an outcome has a hundred values."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if origin in (Union, types.UnionType):
        return _reader_of_one(arguments)
    if origin is tuple:
        return _reader_of_tuple(arguments)
    if origin is Mapping:
        text, value = _reader(str), _reader(arguments[1])
        return lambda said, blobs: {text(name, blobs): value(one, blobs) for name, one in said.items()}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return lambda said, _: kind(said)
    if kind in _DATACLASSES.values():
        return _reader_of_dataclass(kind)
    return _nothing


def _reader_of_one(kinds: tuple[Any, ...]) -> _Reader:
    by_name = {kind.__name__: _reader(kind) for kind in kinds if is_dataclass(kind) and isinstance(kind, type)}
    others = [_reader(kind) for kind in kinds if not is_dataclass(kind)]

    def read(said: Any, blobs: Sequence[bytes]) -> Any:
        if type(said) is list and by_name:
            return by_name[said[0]](said, blobs)
        for other in others:
            with contextlib.suppress(WireError, TypeError, ValueError, LookupError):
                return other(said, blobs)
        raise WireError

    return read


def _reader_of_tuple(kinds: tuple[Any, ...]) -> _Reader:
    readers = [_reader(kind) for kind in kinds if kind is not Ellipsis]

    def read_all(said: Any, blobs: Sequence[bytes]) -> tuple[Any, ...]:
        if type(said) is not list:
            raise WireError
        return tuple([readers[0](one, blobs) for one in said])

    def read_each(said: Any, blobs: Sequence[bytes]) -> tuple[Any, ...]:
        if type(said) is not list:
            raise WireError
        return tuple([read(one, blobs) for read, one in zip(readers, said, strict=True)])

    return read_all if kinds[-1] is Ellipsis else read_each


def _reader_of_dataclass(kind: Any) -> _Reader:
    readers = {name: _reader(hint) for name, hint in _hints(kind).items()}

    def read(said: Any, blobs: Sequence[bytes]) -> Any:
        name, *values = said
        if name != kind.__name__:
            raise WireError
        return kind(**{field: read(one, blobs) for (field, read), one in zip(readers.items(), values, strict=True)})

    return read


def _exactly(kind: type) -> _Reader:
    def read(said: Any, _: Sequence[bytes]) -> Any:
        if type(said) is not kind:
            raise WireError
        return said

    return read


def _float(said: Any, _: Sequence[bytes]) -> float:
    if type(said) is not float and type(said) is not int:
        raise WireError
    return float(said)


def _bytes(said: Any, blobs: Sequence[bytes]) -> bytes:
    if type(said) is not int or said < 0:
        raise WireError
    return blobs[said]


def _any(said: Any, _: Sequence[bytes]) -> Any:
    """Return a field of an event: flat, or a list of flat values."""
    if isinstance(said, list):
        if any(isinstance(one, (list, dict)) for one in said):
            raise WireError
        return tuple(said)
    if isinstance(said, dict):
        raise WireError
    return said


def _nothing(_: Any, __: Sequence[bytes]) -> Any:
    raise WireError


_SIMPLE: Mapping[Any, _Reader] = {
    object: _any,
    bytes: _bytes,
    float: _float,
    **{kind: _exactly(kind) for kind in (str, int, bool, type(None))},
}


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Return the fields that go over the wire with their types."""
    hints = get_type_hints(kind, localns=_NAMES)
    return {one.name: hints[one.name] for one in fields(kind) if (kind, one.name) not in _LEFT_OUT}
