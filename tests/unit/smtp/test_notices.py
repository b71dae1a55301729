"""Lines that strangers provoke: a few as they are, the rest as one sum."""

from __future__ import annotations

import pytest
from tests.unit.smtp.double import Log, house

from pansentry.smtp.limits import SmtpLimits
from pansentry.smtp.listener import ListenerOptions
from pansentry.smtp.notices import INTERVAL_S, LINES, MOST_CLIENTS, PROVOKED, Notices


@pytest.mark.parametrize("event", sorted(PROVOKED))
def test_n_lines_pass_and_the_rest_is_one_sum(event: str) -> None:
    """Every event that a stranger can provoke is held to LINES, and its sum says how many more, and of how many."""
    log = Log()
    notices = Notices(log, 0.0)
    for n in range(LINES + 7):
        notices(event, peer=f"192.0.2.{n % 3}")
    assert log.events == [event] * LINES
    notices.flush(INTERVAL_S)
    assert log.entries[LINES:] == [("smtp.repeated", {"what": event, "times": 7, "clients": 3, "seconds": 60})]


def test_n_lines_leave_no_sum() -> None:
    """What was written in full is not summed up."""
    log = Log()
    notices = Notices(log, 0.0)
    for _ in range(LINES):
        notices("smtp.tls_failed", peer="192.0.2.1")
    notices.flush(INTERVAL_S)
    assert log.events == ["smtp.tls_failed"] * LINES


def test_a_new_interval_begins_anew() -> None:
    """Before the interval is over nothing is summed up; after it the same event is written again."""
    log = Log()
    notices = Notices(log, 0.0)
    for _ in range(LINES + 1):
        notices("smtp.early_talker", peer="192.0.2.1")
    notices.flush(INTERVAL_S - 1)
    assert log.events == ["smtp.early_talker"] * LINES
    notices.flush(INTERVAL_S)
    notices("smtp.early_talker", peer="192.0.2.1")
    assert log.events == ["smtp.early_talker"] * LINES + ["smtp.repeated", "smtp.early_talker"]


def test_our_own_faults_are_never_held_back() -> None:
    """An incident is looked for by its number: each has its line."""
    log = Log()
    notices = Notices(log, 0.0)
    for _ in range(5 * LINES):
        notices("smtp.incident", incident="0")
    assert len(log.events) == 5 * LINES


def test_the_clients_counted_are_bounded() -> None:
    """A flood from everywhere costs a bounded set of addresses."""
    log = Log()
    notices = Notices(log, 0.0)
    for n in range(LINES + MOST_CLIENTS + 5):
        notices("smtp.connection_refused", peer=str(n))
    notices.flush(INTERVAL_S)
    assert log.entries[-1][1] == {
        "what": "smtp.connection_refused",
        "times": MOST_CLIENTS + 5,
        "clients": MOST_CLIENTS,
        "seconds": 60,
    }


async def test_a_flood_of_refused_connections() -> None:
    """All are refused, and the log has a few lines of them and, at the end at the latest, their sum."""
    more = 15
    async with house(ListenerOptions(hostname="mx.example", limits=SmtpLimits(max_connections=1))) as place:
        peer = await place.greeted()
        for _ in range(LINES + more):
            refused = await place.connect()
            await refused.expect(421, "4.3.2")
            refused.close()
        peer.close()
    assert place.log.events.count("smtp.connection_refused") == LINES
    assert [fields["times"] for event, fields in place.log.entries if event == "smtp.repeated"] == [more]
