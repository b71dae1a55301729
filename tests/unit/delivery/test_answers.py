"""Many answers become one, without promising what is not kept."""

from __future__ import annotations

import pytest

from pansentry.delivery.answers import Settlement, passed_on, settle
from pansentry.smtp_reply import Reply

OK = Reply(250, "2.0.0", "Stored")
OK2 = Reply(250, "2.0.0", "Stored too")
LATER = Reply(452, "4.2.2", "Over quota")
NO = Reply(550, "5.2.1", "Disabled")


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ((OK,), Settlement(OK)),
        ((OK, OK), Settlement(OK)),
        ((OK, OK2), Settlement(OK)),
        ((LATER, LATER), Settlement(LATER)),
        ((NO, NO), Settlement(NO)),
        ((OK, LATER), Settlement(OK, (1,))),
        ((LATER, OK, LATER), Settlement(OK, (0, 2))),
        ((NO, LATER), Settlement(LATER)),
        ((NO, Reply(554, "5.0.0", "x")), Settlement(NO)),
    ],
)
def test_answers_are_settled(replies, expected):
    """All alike; or accepted with the rest for the outbox; or the temporary answer, if nobody has the mail."""
    assert settle(replies) == expected


@pytest.mark.parametrize("replies", [(OK, NO), (NO, OK), (OK, LATER, NO)])
def test_a_recipient_refused_after_the_content_is_not_swept_under_the_rug(replies):
    """If one recipient is refused for good, the sender hears a refusal and nothing is filed."""
    settlement = settle(replies)
    assert settlement.reply.code == 550
    assert "some recipients" in settlement.reply.text
    assert settlement.deferred == ()


def test_no_answers_are_no_success():
    """Without any answer the client is told to try again."""
    assert settle(()).reply.code == 451


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
