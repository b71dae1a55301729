"""The next hop's answers become ours without changing their class."""

from __future__ import annotations

import pytest

from pansentry.delivery.answers import passed_on
from pansentry.smtp_reply import Reply


@pytest.mark.parametrize("code", range(200, 600))
def test_a_temporary_answer_never_becomes_permanent_and_success_is_only_2xx(code):
    """For every code: 2xx → 250, 4xx → 4xx, 5xx → 5xx or 451, the rest → 451."""
    told = passed_on(Reply(code, "", "x"))
    match code // 100:
        case 2:
            assert told.code == 250
        case 3:
            assert told.code == 451
        case 4:
            assert told.is_temporary
        case 5:
            assert told.code in (code, 451)
    assert told.enhanced.startswith(str(told.code)[0])
