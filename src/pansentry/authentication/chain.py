"""ARC (RFC 8617) by dkimpy: look at the chain that came in, put our set on top of what goes out.

In: the message as received (for the chain) and as it leaves, with our Authentication-Results on top (for the seal).
Out: ``arc=`` of our results; the message with three more fields. Off unless configured: the IETF is retiring ARC, but
Microsoft 365 honours trusted sealers.

dkimpy's ``arc_sign`` gives an empty list, and no exception, whenever it sees no results of ours, or no ``arc=`` in
them behind an older set; here that is a :class:`SealError`, and the mail waits with its sender. What is no error and
still not sealed: a chain that a former hop declared ended (§5.1.2), and one that cannot be looked at for want of DNS.

Limits: 10 sets, beyond them a chain is ended (the standard allows 50, but each costs a hash of the whole body); and the
budget of :class:`Budget`.
Attack: fields of our own name in the mail would become part of what we vouch for; they are removed before.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from pansentry.authentication.resolver import Budget, DnsTroubleError, texts
from pansentry.authentication.signatures import MIN_KEY_BITS
from pansentry.errors import PanSentryError

if TYPE_CHECKING:
    from pansentry.authentication.resolver import Resolver
    from pansentry.authentication.signatures import Key

MAX_SETS = 10
NONE, PASS, FAIL, ENDED, UNKNOWN = "none", "pass", "fail", "ended", "temperror"
"""States of a chain. ``ended``: nobody can go on with it, because its last seal says ``cv=fail``, it has no beginning
or no end, or its numbers are none."""
SEALED_STATES = frozenset({NONE, PASS, FAIL})
STATED = {NONE: "none", PASS: "pass", FAIL: "fail", ENDED: "fail"}
"""What is said in Authentication-Results (RFC 8617 §10.2 knows three words)."""

_SILENT = logging.Logger("dkimpy", logging.CRITICAL + 1)  # it logs header fields
_ARC_FIELD = re.compile(rb"^arc-(?:seal|message-signature|authentication-results)[ \t]*:", re.I | re.M)


class SealError(PanSentryError):
    """A seal was asked for and could not be made."""


def chain_state(message: bytes, resolver: Resolver, total_s: float = 15.0) -> str:
    """Return the state of the ARC chain of ``message`` (as received, CRLF): one of the words above."""
    import dkim

    header = message.partition(b"\r\n\r\n")[0]
    found = len(_ARC_FIELD.findall(header))
    if not found:
        return NONE
    if found > 3 * MAX_SETS:
        return ENDED
    budget = Budget(resolver, total_s)
    trouble: list[str] = []

    def key_record(name: bytes | str, timeout: float = 5) -> bytes | None:
        text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        try:
            return next(iter(texts(budget, text)), None)
        except DnsTroubleError as error:
            trouble.append(str(error))
            raise dkim.DnsTimeoutError("DNS") from None

    try:
        arc = dkim.ARC(message, logger=_SILENT, minkey=MIN_KEY_BITS)
        if not 1 <= arc.sorted_arc_headers()[0] <= MAX_SETS:  # it would count down from any number
            return ENDED
        state = arc.verify(dnsfunc=key_record)[0]
    except Exception:  # dkimpy raises what it meets on hostile tags
        state = b"fail"
    if trouble:
        return UNKNOWN
    return ENDED if state is None else bytes(state).decode("ascii")


def seal(message: bytes, key: Key, authserv_id: str) -> bytes:
    """Return ``message`` with an ARC set on top; our results with ``arc=`` must stand in it.

    Raises SealError if dkimpy makes no set, for whatever reason.
    """
    import dkim

    try:
        fields = dkim.arc_sign(
            message, key.selector.encode(), key.domain.encode(), key.pem, authserv_id.encode(), logger=_SILENT
        )
    except Exception as error:  # of many kinds
        raise SealError(f"The ARC seal failed: {type(error).__name__}.") from None
    if len(fields) != 3:
        raise SealError("The ARC seal failed: there are no results of ours to seal.")
    return b"".join(_with_crlf(one) for one in fields) + message


def _with_crlf(field: bytes) -> bytes:
    return field.rstrip(b"\r\n") + b"\r\n"
