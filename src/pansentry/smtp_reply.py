"""The answer an SMTP peer gets: generic text, never detail (RFC 5321 §4.2, enhanced codes RFC 3463)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\Z")
_UNSAFE = re.compile(r"[^\x20-\x7e]+")
MAX_REPLY_BYTES = 450
"""RFC 5321 §4.5.3.1.5 allows 512 with code and CRLF."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply: ``code`` 200…599, ``enhanced`` status such as ``4.3.0`` or empty, ``text`` printable ASCII."""

    code: int
    enhanced: str
    text: str

    def __post_init__(self) -> None:
        assert 200 <= self.code <= 599
        assert not self.enhanced or _ENHANCED.match(self.enhanced)

    @property
    def is_success(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_temporary(self) -> bool:
        return 400 <= self.code < 500

    @property
    def is_permanent(self) -> bool:
        return self.code >= 500

    def __str__(self) -> str:
        text = _UNSAFE.sub(" ", self.text)
        return " ".join(p for p in (str(self.code), self.enhanced, text) if p)[:MAX_REPLY_BYTES]


ACCEPTED = Reply(250, "2.0.0", "Message accepted")
TRY_AGAIN = Reply(451, "4.3.0", "Temporary failure, please try again later")
NEXT_HOP_AWAY = Reply(451, "4.4.1", "The mailbox server cannot be reached, please try again later")
REFUSED_BY_POLICY = Reply(554, "5.7.1", "Message refused by policy")
OTHER_POLICY = Reply(452, "4.5.3", "Please send to this recipient in a separate transaction")
