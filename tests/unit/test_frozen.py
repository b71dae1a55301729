"""Values that are made quickly are what their dataclass says."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from pansentry.envelope import Envelope
from pansentry.frozen import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    """One field of each sort."""

    needed: int
    given: str = "x"
    made: list[int] = field(default_factory=list)
    hidden: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Slow:
    """The same as it comes."""

    needed: int
    given: str = "x"
    made: list[int] = field(default_factory=list)
    hidden: bytes = field(default=b"", repr=False)


@pytest.mark.parametrize("values", [{"needed": 1}, {"needed": 1, "given": "y", "made": [2], "hidden": b"z"}])
def test_it_is_made_as_a_dataclass_is(values: dict[str, object]) -> None:
    """Defaults, factories and names are those of the dataclass; it prints and compares as one."""
    quick, slow = Quick(**values), Slow(**values)  # type: ignore[arg-type]
    assert type(quick) is Quick
    assert repr(quick) == repr(slow).replace("Slow", "Quick")
    assert quick == Quick(*values.values())  # type: ignore[arg-type]
    assert quick != Quick(2)
    assert Quick(1).made is not Quick(1).made


def test_it_is_as_frozen_as_a_dataclass() -> None:
    """No field of a finished value can be set or deleted."""
    quick = Quick(1)
    with pytest.raises(FrozenInstanceError):
        quick.needed = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del quick.given


def test_it_is_copied_and_kept_as_a_dataclass() -> None:
    """Copies, pickles and replacements are equal values of the same class."""
    quick = Quick(1, "y", [3], b"z")
    envelope = Envelope("a@example.org", ("b@example.net",), id="x")
    assert copy.copy(quick) == copy.deepcopy(quick) == pickle.loads(pickle.dumps(quick)) == quick
    assert replace(quick, needed=2) == Quick(2, "y", [3], b"z")
    assert hash(pickle.loads(pickle.dumps(envelope))) == hash(envelope)


def test_what_is_left_out_or_too_much_is_an_error() -> None:
    """Arguments are checked as a dataclass checks them."""
    with pytest.raises(TypeError, match="needed"):
        Quick()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="nothing"):
        Quick(1, nothing=2)  # type: ignore[call-arg]
