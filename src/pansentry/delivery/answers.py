"""From what the next hop did to what our client is told.

The table in three lines: its 2xx is ours as 250; its 4xx and 5xx are passed on; everything else (no connection, no
answer, no sense) is a 451 and the mail stays with its sender. A 4xx never becomes a 5xx. Two kinds of answers are about
us and not about the mail, so they are 451 too: 421 (the server goes away), and those that ask us to authenticate or
encrypt.
Text from behind is untrusted: :class:`~pansentry.smtp_reply.Reply` keeps it printable ASCII and cuts it when written.
"""

from __future__ import annotations

from pansentry.delivery.wire import Why
from pansentry.smtp_reply import NEXT_HOP_AWAY, Reply

ODD_ANSWER = Reply(451, "4.5.0", "The mailbox server gave an answer that makes no sense, please try again later")
MISCONFIGURED = Reply(451, "4.3.5", "The way to the mailbox server is not set up correctly, please try again later")
NO_TRANSACTION = Reply(451, "4.3.0", "No transaction with the mailbox server, please try again later")

FAULT_REPLIES = {
    Why.UNREACHABLE: NEXT_HOP_AWAY,
    Why.TIMEOUT: Reply(451, "4.4.2", "The mailbox server did not answer in time, please try again later"),
    Why.DROPPED: Reply(451, "4.4.2", "The mailbox server closed the connection, please try again later"),
    Why.MALFORMED: ODD_ANSWER,
    Why.TLS: Reply(451, "4.7.5", "No secure connection to the mailbox server, please try again later"),
    Why.AUTH: MISCONFIGURED,
    Why.GREETING: NEXT_HOP_AWAY,
    Why.CHANGED: Reply(451, "4.4.2", "The mailbox server changed its mind, please try again later"),
}

ABOUT_US = frozenset({530, 534, 535, 538})
"""RFC 4954 §4.7 and RFC 3207: authentication or TLS wanted, which no sender of ours can help."""


def passed_on(reply: Reply) -> Reply:
    """Translate the next hop's answer to MAIL, RCPT or the final dot into ours."""
    code = reply.code
    if code == 250 and reply.enhanced and reply.text:
        return reply  # nearly always
    if code == 421:
        return Reply(451, reply.enhanced or "4.3.2", reply.text)
    if code in ABOUT_US:
        return MISCONFIGURED
    if 300 <= code < 400:
        return ODD_ANSWER
    if code < 300:
        return Reply(250, reply.enhanced or "2.0.0", reply.text or "OK")
    return reply if reply.enhanced else Reply(code, f"{code // 100}.0.0", reply.text)
