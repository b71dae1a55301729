"""The summary for the owner: the numbers of a day or a week, held mail with links, and one thing to do.

In: the store, what is configured, what the doctor of the house knows. Out: a finished mail for the outbox, or None. Off
until somebody is named under ``console.summary.to``. Each person gets one in a day or week, whatever restarts (the
window is in the store). Links lead to the page of a held mail, which asks whoever follows them to sign in: a mail that
is forwarded opens nothing; unless the owner wants links that decide (:mod:`.links`). No digits, no addresses of
customers: domains, reasons, numbers.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pansentry.console.links import Deed, link
from pansentry.console.texts import LANGUAGES, translator
from pansentry.logs import where
from pansentry.notification import Template
from pansentry.store.scrubbing import has_digit_run, scrubbed
from pansentry.store.tallies import DAY_S, by_which, day_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from pansentry.configuration import Configuration
    from pansentry.configuration.model import Console
    from pansentry.notification import Notifier
    from pansentry.outcome import EnqueueLetter
    from pansentry.smtp.session import Log
    from pansentry.store import Store
    from pansentry.store.held import HeldMail

LOOK_EVERY_S = 600.0
SOON_DAYS = 14
LISTED = 20
_SPANS = {"day": (1, "Yesterday"), "week": (7, "The last seven days")}
_SLACK_S = 3600
"""A window is this much shorter than its span, so that the summary does not come later every day."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a summary says."""

    messages: int
    with_card_data: int
    letters: int
    held: int
    by_brand: Mapping[str, int]
    todo: str


async def numbers_of(store: Store, days: int, certificates: Mapping[str, float]) -> Numbers:
    """Return the numbers of so many whole days before today, and the one thing to do first."""
    today = day_of(store.database.clock())
    sums = await store.tallies.between(today - days, today - 1)
    held = await store.held.count()
    todo = "Nothing. All is well."
    if await store.versions.refused() is not None:
        todo = "A change of the policies was refused; the old ones are in use. See the page of policies."
    elif any(left < SOON_DAYS for left in certificates.values()):
        todo = "A certificate ends soon; renew it."
    elif held:
        todo = "Decide about the mail that is held."
    elif by_which(sums, "message").get("tempfail"):
        todo = "Some mail was deferred; see why on the page of messages."
    return Numbers(
        messages=sum(by_which(sums, "message").values()),
        with_card_data=sum(by_which(sums, "to").values()),
        letters=by_which(sums, "letter").get("sent", 0),
        held=held,
        by_brand=by_which(sums, "brand"),
        todo=todo,
    )


async def summary(
    store: Store, writer: Notifier, console: Console, to: str, language: str, certificates: Mapping[str, float]
) -> EnqueueLetter | None:
    """Return the summary for one person; None if it must not be sent."""
    wanted = console.summary
    days, title = _SPANS[wanted.every]
    say = translator(language if language in LANGUAGES else "en")
    numbers = await numbers_of(store, days, certificates)
    lines = [
        say(title),
        "",
        f"  {numbers.messages} {say('mails')}, {numbers.with_card_data} {say('with card data')}",
        f"  {numbers.letters} {say('letters sent')}, {numbers.held} {say('mails held')}",
    ]
    if numbers.by_brand:
        lines.append(f"  {', '.join(f'{brand} {number}' for brand, number in numbers.by_brand.items())}")
    lines += ["", f"{say('To do')}: {say(numbers.todo)}", ""]
    if numbers.held:
        lines += [say("Held mail"), ""]
        base = (wanted.url or console.url or "").rstrip("/")
        if base and wanted.decide == "link":
            lines += [say("Whoever has these links can decide; do not forward this mail."), ""]
        for held in await store.held.list(LISTED):
            domain = held.reverse_path.rpartition("@")[2] or "–"
            lines.append(f"  {scrubbed(domain)}, {held.reason}")
            lines += [f"  {line}" for line in _ways(store, held, base, to, say, decides=wanted.decide == "link")]
    template = Template(f"PanSentry: {say(title)}", "{{ list }}\n")
    return replace(writer, templates={"summary": template}).letter(
        "summary", {"list": "\n".join(lines)}, to, wanted.every, days * DAY_S - _SLACK_S
    )


def _ways(store: Store, held: HeldMail, base: str, to: str, say: Callable[..., str], *, decides: bool) -> Iterator[str]:
    """Yield what leads to a decision about a held mail: its page, or a link for each decision."""
    if not base:
        return
    if not decides:
        if not has_digit_run(held.id):
            yield f"{base}/held/{held.id}"
        return
    for deed, words in ((Deed.RELEASE, "Release"), (Deed.PURGE, "Delete")):
        yield f"{say(words)}: {base}/decide/{link(store, held, deed, to)}"


async def send_summaries(
    store: Store, writer: Notifier | None, configuration: Configuration, certificates: Mapping[str, float]
) -> int:
    """File the summary for everybody who is named and has had none in its time; returns how many."""
    console, filed = configuration.console, 0
    language = configuration.business.language if configuration.business is not None else "en"
    for to in console.summary.to if writer is not None else ():
        assert writer is not None
        letter = await summary(store, writer, console, to, language, certificates)
        if letter is not None and not await store.outbox.is_in_window(letter):
            filed += await store.outbox.file_letter(letter) == "granted"
    return filed


async def keep_sending(send: Callable[[], Awaitable[int]], log: Log) -> None:
    """Look every ten minutes whether a summary is due; never ends. What fails is logged and tried again."""
    while True:
        try:
            await send()
        except Exception as error:  # the store may be away for a while; the gateway goes on
            log("summary.failed", error=where(error))
        await asyncio.sleep(LOOK_EVERY_S)
