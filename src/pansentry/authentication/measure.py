"""The message as received → :class:`pansentry.envelope.Authentication`.

Measured before any edit, since an edit breaks DKIM. Blocking (DNS); :class:`Authenticator` runs it in a small pool of
threads with one time limit for the whole message, after which the result is ``temperror``: a letter is then not sent,
and the mail is delivered all the same.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pansentry import mime
from pansentry.authentication.chain import UNKNOWN, chain_state
from pansentry.authentication.dmarc import judge
from pansentry.authentication.resolver import Budget
from pansentry.authentication.results import MAX_HEADER_BYTES, upstream_results
from pansentry.authentication.sender_policy import check_spf
from pansentry.authentication.signatures import verify_dkim
from pansentry.envelope import Authentication, AuthResult
from pansentry.heading import incoming

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pansentry.authentication.resolver import Resolver
    from pansentry.authentication.signatures import Signature
    from pansentry.envelope import Envelope

T = TypeVar("T")
_INLINE_BYTES = 16 * 1024
"""A longer header is taken apart in a thread: 5 MB of fields kept the event loop for 100 ms, 400 KB would for 40."""
_BEST_FIRST = (
    AuthResult.PASS,
    AuthResult.TEMPERROR,
    AuthResult.FAIL,
    AuthResult.NEUTRAL,
    AuthResult.PERMERROR,
    AuthResult.NONE,
)


def measure(
    message: bytes, client_ip: str, helo: str, reverse_path: str, resolver: Resolver, *, total_s: float = 15.0
) -> Authentication:
    """Return SPF, DKIM and DMARC of ``message`` as it was received (CRLF, unedited)."""
    budget = Budget(resolver, total_s)
    author = author_domain(message)
    signatures = verify_dkim(message, budget)
    spf, spf_domain = check_spf(client_ip, helo, reverse_path, budget)
    judgement = judge(author, spf, spf_domain, signatures, budget)
    return Authentication(
        spf=spf,
        dkim=_best(signatures),
        dmarc=judgement.result,
        spf_aligned=judgement.spf_aligned,
        dkim_aligned=judgement.dkim_aligned,
        from_domain=author,
        source="measured",
    )


def author_domain(message: bytes) -> str:
    """Return the domain of the one author in ASCII lower case, ``""`` if there are none or several (RFC 9989 §4.7)."""
    domain = incoming(mime.read(_header(message) + b"\r\n\r\n")).from_address.rpartition("@")[2].rstrip(".").lower()
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return ""


def _header(message: bytes) -> bytes:
    """Return the header without the empty line behind it; of one that is too long, one octet more than is read."""
    end = message.find(b"\r\n\r\n", 0, MAX_HEADER_BYTES)
    return message[: end if end >= 0 else MAX_HEADER_BYTES + 1]


class Authenticator:
    """Measures messages off the event loop. Close it when the gateway stops."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        trusted: Collection[str] = (),
        total_s: float = 15.0,
        threads: int = 8,
        chains: bool = False,
    ) -> None:
        """``chains`` looks at ARC chains as well, for who is going to seal."""
        self._resolver = resolver
        self._chains = chains
        self._trusted = tuple(trusted)
        self._total_s = total_s
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="authentication")

    async def __call__(self, message: bytes, envelope: Envelope) -> Authentication:
        """Return what a trusted server says, else what we measure; ``temperror`` if it takes too long."""
        measured = await self._authentication(message, envelope)
        if not self._chains:
            return measured
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._pool, chain_state, message, self._resolver, self._total_s)
        try:
            state = await asyncio.wait_for(work, self._total_s + 1)
        except TimeoutError:
            state = UNKNOWN
        return replace(measured, arc=state)

    async def off_the_loop(self, step: Callable[[bytes], T], message: bytes) -> T:
        """Take a slow step beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, step, message)

    async def _authentication(self, message: bytes, envelope: Envelope) -> Authentication:
        if self._trusted:
            header = _header(message)
            if len(header) <= _INLINE_BYTES:
                said = self._said_upstream(header)
            else:
                said = await self.off_the_loop(self._said_upstream, header)
            if said is not None:
                return said
        loop = asyncio.get_running_loop()
        client = envelope.client
        work = loop.run_in_executor(
            self._pool,
            lambda: measure(
                message, client.address, client.helo, envelope.reverse_path, self._resolver, total_s=self._total_s
            ),
        )
        try:
            return await asyncio.wait_for(work, self._total_s + 1)
        except TimeoutError:
            late = AuthResult.TEMPERROR
            return Authentication(
                spf=late, dkim=late, dmarc=late, from_domain=author_domain(message), source="measured"
            )

    def _said_upstream(self, header: bytes) -> Authentication | None:
        return upstream_results(header + b"\r\n\r\n", self._trusted, author_domain(header))

    def close(self) -> None:
        """Stop the threads; what they were doing is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _best(signatures: tuple[Signature, ...]) -> AuthResult:
    results = {signature.result for signature in signatures}
    return next((result for result in _BEST_FIRST if result in results), AuthResult.NONE)
