"""Values as data: everything that an outcome can hold survives, and nothing that is malformed becomes a value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pansentry.judging.values import Blobs, plain, value_of
from pansentry.outcome import (
    Action,
    EnqueueLetter,
    Hold,
    Notify,
    Outcome,
    Receipt,
    Record,
    Refuse,
    Relay,
    Remember,
    Removed,
    Review,
    Task,
    Unreadable,
    Verdict,
)
from pansentry.smtp_reply import TRY_AGAIN
from pansentry.workers.wire import WireError

RAW = b"Subject: raw\r\n\r\nas it came\r\n"
NEW = b"Subject: new\r\n\r\nas it leaves\r\n"
REMOVED = Removed("pan", "visa", "body:1", 0.9, "1111", ("body:1", "subject"), ("text",))
FULL = Outcome(
    Verdict(Action.REDACT, "p/r", ("why",), TRY_AGAIN, ("tag",), "letter", "top", ("n@x.example",), ("r@x.example",)),
    Receipt((REMOVED,), (Unreadable("timeout", "body:2"),), ("bare-lf",), True, True, False),
    NEW,
    (
        Relay(RAW, may_hold_cards=True),
        Relay(NEW),
        Refuse(TRY_AGAIN),
        Hold(NEW, "r", 3.5, RAW, "age1"),
        Review(("r@x.example",), NEW),
        Notify(("n@x.example",), "r", {"kinds": "pan"}),
        EnqueueLetter("c@x.example", b"", "w", tasks=(Task("call", "asked"),), joined=("a", "b")),
        Record({"kind": "message", "pan": 1, "confidence": 0.5, "tls": False, "places": ("a", "b"), "spf": None}),
        Remember(("t", "u"), 5),
    ),
    "list",
    (REMOVED,),
)


def there_and_back(value: Any, kind: Any, had: tuple[bytes, ...] = ()) -> Any:
    """Send a value through JSON."""
    blobs = Blobs(had)
    said = json.loads(json.dumps(plain(value, blobs)))
    return value_of(kind, said, [*had, *blobs.new])


def test_every_effect_survives() -> None:
    """An outcome with all effects there are is the same behind the wire."""
    assert there_and_back(FULL, Outcome) == FULL


def test_bytes_that_the_other_side_has_are_not_sent() -> None:
    """The message as received is named, and is the very same object again; what is new is sent once."""
    blobs = Blobs((RAW,))
    plain(FULL, blobs)
    assert blobs.new == [NEW, b""]
    again = there_and_back(FULL, Outcome, (RAW,))
    assert again.effects[0].message is RAW
    assert again.message is again.effects[1].message


SAID = json.loads(json.dumps(plain(FULL, Blobs())))


def changed(*path: int | str, to: Any) -> Any:
    """Return what was said with one place changed."""
    said = json.loads(json.dumps(SAID))
    place = said
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return said


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        ["Outcome"],
        ["Verdict", "deliver"],
        ["Policy", "p"],
        {"__class__": "Outcome"},
        changed(0, to="Verdict"),
        changed(0, to=["Outcome"]),
        changed(1, 1, to="obey"),
        changed(1, 2, to=7),
        changed(1, 3, to="why"),
        changed(1, 4, to=["Reply", 999, "4.3.0", "x"]),
        changed(1, 4, to=["Reply", 451, "x", "x"]),
        changed(2, 1, 0, 4, to="much"),
        changed(3, to=99),
        changed(3, to=-1),
        changed(3, to=True),
        changed(3, to="bytes"),
        changed(4, to={"0": SAID[4][0]}),
        changed(4, 0, to=["LinkWish", "o", 1, "EUR", "k", None]),
        changed(4, 5, 3, to={"kinds": 1}),
        changed(4, 7, 1, to={"kind": {"deep": 1}}),
        changed(4, 7, 1, to={"kind": [["deep"]]}),
        [*SAID, 1],
        SAID[:-1],
    ],
)
def test_what_is_no_outcome_is_refused(said: Any) -> None:
    """A wrong name, type, number of fields, or reference to bytes that are not there, makes no value."""
    with pytest.raises(WireError):
        value_of(Outcome, said, [NEW, RAW, b""])


def test_deep_nesting_ends_in_a_refusal() -> None:
    """A structure that nests without end is refused like any other that is malformed."""
    said: Any = 0
    for _ in range(50_000):
        said = [said]
    with pytest.raises(WireError):
        value_of(Outcome, changed(4, to=said), [NEW, RAW, b""])
