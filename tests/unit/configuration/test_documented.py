"""The table of limits in the operations guide says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pansentry.configuration.fields import seconds, size
from pansentry.configuration.model import Judging, MailLimits
from pansentry.reception import MAX_HOPS
from pansentry.smtp.limits import SmtpLimits
from pansentry.trace import MAX_PASSES
from pansentry.wiring import smtp_limits

PAGE = (Path(__file__).parents[3] / "docs/operations.md").read_text()
ROWS = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+?) \|", PAGE, re.M))
LIMITS = SmtpLimits()


@pytest.mark.parametrize("name", list(MailLimits.model_fields))
def test_every_limit_is_documented_with_its_default(name: str) -> None:
    """A row for each key of `limits:`, with the default of the model."""
    _compare(name, getattr(MailLimits(), name))


@pytest.mark.parametrize("name", list(Judging.model_fields))
def test_every_bound_of_judging_is_documented_with_its_default(name: str) -> None:
    """A row for each key of `judging:`, with the default of the model."""
    _compare(name, getattr(Judging(), name))


def _compare(name: str, default: object) -> None:
    said = ROWS[name]
    read = size(said) if said.endswith("iB") else seconds(said) if said.endswith(" s") else int(said)
    assert read == default


@pytest.mark.parametrize(
    "row",
    [
        f"| connections per client | {LIMITS.connections_per_minute_per_client} a minute |",
        f"| length of a command | {LIMITS.max_command_bytes} bytes |",
        f"| commands that move no mail | {LIMITS.max_idle_commands} between two messages |",
        f"| messages per connection | {LIMITS.max_messages_per_connection} |",
        f"| silence in the middle of a message | {LIMITS.data_idle_s:.0f} s |",
        f"| one message | {LIMITS.data_total_s:.0f} s |",
        f"| least speed of a message | {LIMITS.min_data_bytes_per_s} bytes/s over {LIMITS.data_rate_window_s:.0f} s |",
        f"| PROXY header, TLS handshake | {LIMITS.handshake_s:.0f} s |",
        f"| `Received` fields | {MAX_HOPS}; passes through us {MAX_PASSES} |",
    ],
)
def test_fixed_limits_are_documented(row: str) -> None:
    """What cannot be configured is said too."""
    assert row in PAGE


def test_the_gateway_leaves_fixed_limits_alone() -> None:
    """What the page calls fixed is not set from anywhere else."""
    from tests.unit.delivery.test_presenting import configured

    made = smtp_limits(configured(""))
    for name in ("max_command_bytes", "connections_per_minute_per_client", "data_idle_s", "handshake_s"):
        assert getattr(made, name) == getattr(LIMITS, name)
