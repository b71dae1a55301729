"""How much work a mail makes, counted and not timed: a regression shows on any machine, however busy.

Python calls are counted with :func:`sys.setprofile`, which sees every call of a function by its code; memory with
:mod:`tracemalloc`. Bounds are exact where the number is a promise (one parse, no write to the store) and the measured
number rounded up where it is a budget: whoever makes a hot path longer has to raise it here, knowingly.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import sys
import threading
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import pytest
import sqlalchemy
from tests.bench import mails
from tests.specimens import PUBLISHED

from pansentry import native, pan, pipeline
from pansentry.delivery import stuffing
from pansentry.delivery.hop import HopOptions
from pansentry.delivery.next_hop import parse_next_hop
from pansentry.delivery.smtp import WireHop
from pansentry.delivery.wire import Wire
from pansentry.envelope import Client, Envelope, PlainLines
from pansentry.judging.glance import glance
from pansentry.mime import fields, lint, regular, transfer, tree
from pansentry.pan import detector, prefilter
from pansentry.policy import PolicySet, default_policy
from pansentry.reception import Counter as ReceptionCounter
from pansentry.reception import Reception
from pansentry.smtp import data
from pansentry.smtp.limits import Account
from pansentry.smtp.listener import ListenerOptions, Shared
from pansentry.smtp.session import silent
from pansentry.smtp_reply import Reply
from pansentry.store import events, open_store, sqlite
from pansentry.trace import Trace
from pansentry.views import blind, data_uris, encoded_words, uu

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import CodeType, FrameType

    from pansentry.judging import Judges
    from pansentry.store import Store

ENVELOPE = Envelope("customer@example.org", ("orders@example.net",), id="counted")
PLAIN = PlainLines(mails.on_the_wire(mails.mail("2k", "plain")))
ALTERNATIVE = PlainLines(mails.on_the_wire(mails.mail("20k", "alternative")))
ATTACHMENTS = PlainLines(mails.on_the_wire(mails.mail("200k", "attachments")))
MEGABYTE = b"Subject: long\r\nContent-Type: text/plain\r\n\r\n" + b"nothing but words in here, again\r\n" * 30_000


class Calls:
    """Counts the Python calls of this thread, by code object, while it is entered."""

    def __init__(self) -> None:
        self.by_code: Counter[CodeType] = Counter()

    def __enter__(self) -> Calls:
        resumable: set[FrameType] = set()

        def seen(frame: FrameType, event: str, _argument: object) -> None:
            code = frame.f_code
            if event != "call" or frame in resumable:
                return
            if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE):
                resumable.add(frame)  # to be resumed is not to be called
            self.by_code[code] += 1

        sys.setprofile(seen)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def of(self, function: Callable[..., object]) -> int:
        """Return how often a function was called."""
        return self.by_code[function.__code__]  # type: ignore[attr-defined]

    @property
    def all(self) -> int:
        """Return how many Python calls there were in our own code."""
        return sum(count for code, count in self.by_code.items() if "pansentry" in code.co_filename)


def judge(raw: bytes) -> pipeline.Outcome:
    """Judge a message as the gateway does, with the default policy."""
    desk = pipeline.Desk(default_policy())
    return pipeline.conclude(pipeline.inspect(raw, ENVELOPE, desk), ENVELOPE, desk)


def counted(raw: bytes) -> Calls:
    """Count the calls of judging one message, once everything is compiled."""
    pipeline.warm_up()
    judge(raw)
    with Calls() as calls:
        judge(raw)
    return calls


@pytest.mark.parametrize("raw", [PLAIN, ALTERNATIVE, ATTACHMENTS], ids=["plain", "alternative", "attachments"])
def test_a_clean_message_is_parsed_once(raw: bytes) -> None:
    """A clean message is parsed once, whatever its shape."""
    assert counted(raw).of(tree.read) == 1


@pytest.mark.parametrize("raw", [PLAIN, ALTERNATIVE, ATTACHMENTS], ids=["plain", "alternative", "attachments"])
def test_nothing_of_a_clean_message_gets_to_the_detector(raw: bytes) -> None:
    """A clean message is known to be clean before any text of it is searched."""
    assert counted(raw).of(detector.find) == 0


@pytest.mark.parametrize(
    ("raw", "passes"),
    [(PLAIN, 1), (ALTERNATIVE, 6), (ATTACHMENTS, 10)],
    ids=["plain", "alternative", "attachments"],
)
def test_passes_of_the_prefilter_are_bounded(raw: bytes, passes: int) -> None:
    """Plain mail costs one pass of the prefilter; other mail one for its header, one for each spelling of a part."""
    assert counted(raw).of(prefilter._look) <= passes


@pytest.mark.parametrize("raw", [PLAIN, ALTERNATIVE, ATTACHMENTS], ids=["plain", "alternative", "attachments"])
def test_a_glance_asks_the_prefilter_once(raw: bytes) -> None:
    """Where all that is to be known is whether there is anything, all texts of a message are one question."""
    pipeline.warm_up()
    desk = pipeline.Desk(default_policy())
    assert glance(raw, ENVELOPE, desk) is not None
    with Calls() as calls:
        glance(raw, ENVELOPE, desk)
    assert calls.of(prefilter._look) == 1


@pytest.mark.parametrize("raw", [PLAIN, ALTERNATIVE, ATTACHMENTS], ids=["plain", "alternative", "attachments"])
def test_a_header_with_plain_encoded_words_is_not_taken_apart(raw: bytes) -> None:
    """A name in encoded words that all readers take alike needs no reading of its own."""
    assert counted(raw).of(encoded_words.read) == 0


@pytest.mark.parametrize("raw", [PLAIN, ALTERNATIVE, ATTACHMENTS], ids=["plain", "alternative", "attachments"])
def test_no_reader_of_embedded_files_looks_at_plain_text(raw: bytes) -> None:
    """uuencode, hidden base64 and data URIs are looked for in one pass for all of them."""
    calls = counted(raw)
    assert calls.of(uu.read) == calls.of(blind.read) == calls.of(data_uris.read) == 0


_CALLS_TO_JUDGE = (57, 179, 335) if native.IS_THERE else (62, 231, 419)


@pytest.mark.parametrize(
    ("raw", "calls"),
    [(PLAIN, _CALLS_TO_JUDGE[0]), (ALTERNATIVE, _CALLS_TO_JUDGE[1]), (ATTACHMENTS, _CALLS_TO_JUDGE[2])],
    ids=["plain", "alternative", "attachments"],
)
def test_python_calls_for_a_clean_message_are_bounded(raw: bytes, calls: int) -> None:
    """A clean message costs a known number of calls in our code: what a timing would show on a quiet machine."""
    assert counted(raw).all <= calls


@pytest.mark.parametrize("raw", [PLAIN, ALTERNATIVE, ATTACHMENTS], ids=["plain", "alternative", "attachments"])
def test_ordinary_headers_and_bodies_are_read_in_one_go(raw: bytes) -> None:
    """Each header costs one expression, each body one decoding that proves it: nothing is looked at closely after."""
    calls = counted(raw)
    assert calls.of(fields.is_clean) == calls.of(fields.all_content_fields) == calls.of(fields.parameters) == 0
    assert calls.of(transfer.flaws) == calls.of(transfer.decode_base64) == 0
    assert calls.of(regular.regular_slowly) == (0 if native.IS_THERE else calls.of(tree._entity))


def test_passes_do_not_grow_with_the_length_of_a_part() -> None:
    """A part is looked at as often when it is fifteen times as long, both too long to be seen through at a glance."""
    short = b"Subject: long\r\nContent-Type: text/plain\r\n\r\n" + b"nothing but words in here, again\r\n" * 2_000
    assert counted(MEGABYTE).of(prefilter._look) == counted(short).of(prefilter._look)


def test_a_clean_message_is_delivered_as_the_same_object() -> None:
    """What is relayed of a clean message is not even a copy of it."""
    assert judge(MEGABYTE).message is MEGABYTE


def test_copies_of_a_large_body_are_bounded() -> None:
    """At no time are there more than three copies of a clean body beside the message itself."""
    pan.warm_up()
    judge(MEGABYTE)
    tracemalloc.start()
    try:
        judge(MEGABYTE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak / len(MEGABYTE) <= 3.05


def test_a_message_with_a_card_is_parsed_three_times() -> None:
    """A message with a card is parsed once as received and twice as redacted."""
    card = f"Subject: card\r\n\r\nVisa {PUBLISHED['visa'][0]}\r\n".encode()
    assert counted(card).of(tree.read) == 3


class Searches:
    """Stands for a compiled expression and counts its searches."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern = pattern
        self.count = 0

    def search(self, *arguments: Any) -> re.Match[bytes] | None:
        self.count += 1
        return self._pattern.search(*arguments)


def test_line_ends_are_looked_at_by_the_reader_of_data_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two passes over a clean mail tell that its lines are regular; neither parser nor next hop makes another.

    Compiled it is one pass: then both expressions begin behind it.
    """
    places = ((data, "_SUSPECT"), (data, "_BARE_LF"), (lint, "_LONE_CR"), (stuffing, "_DOT"))
    for module in (lint, stuffing):
        monkeypatch.setattr(module, "has_plain_lines", None)  # so that whoever asks fails
    counted = [Searches(getattr(module, name)) for module, name in places]
    for (module, name), searches in zip(places, counted, strict=True):
        monkeypatch.setattr(module, name, searches)
    reader = data.DataReader(10 << 20)
    assert reader.feed(ALTERNATIVE + b".\r\n") == b""
    message, _ = reader.take()
    outcome = judge(message)
    assert outcome.message is message
    assert stuffing.on_the_wire(message) is message
    assert [searches.count for searches in counted] == [2, 1, 0, 0]


def test_a_document_is_hashed_by_nobody_but_the_recall() -> None:
    """Which documents of a mail are to be opened is told without reading them once more."""
    desk = pipeline.Desk(default_policy())
    inspection = pipeline.inspect(ATTACHMENTS, ENVELOPE, desk)
    asked, _ = pipeline.questions(inspection, desk)
    assert len(asked) == 3
    assert all(any(one is enclosed.document.data for enclosed in inspection.enclosed) for one in asked)


class _Delivery:
    """Takes everything."""

    async def rcpt(self, forward_path: str, parameters: tuple[str, ...]) -> Reply:
        return Reply(250, "2.1.5", "OK")

    async def send(self, message: bytes, ahead: bytes = b"") -> tuple[Reply, ...]:
        return (Reply(250, "2.0.0", "OK"),)

    async def abort(self) -> None:
        pass


_CALLS_A_MAIL = 90
"""Of our own functions, from MAIL to the answer, without network, judging and the spelling of its event included."""


class _Hop:
    def begin(self, sender: object) -> _Delivery:
        return _Delivery()


def _counter(store: Store) -> ReceptionCounter:
    policy = default_policy()
    return ReceptionCounter(
        "gw.example",
        frozenset({"example.net"}),
        PolicySet((), policy),
        lambda one: pipeline.Desk(one, store.memory, key=b"k"),
        Trace("gw.example", b"k"),
    )


async def test_a_hundred_clean_messages_cost_one_commit(tmp_path: Path) -> None:
    """Clean mail writes nothing of its own to the store; its events are written together."""
    store = await open_store(f"sqlite:///{tmp_path}/store.db", lambda: 0.0)
    reception = Reception(
        _counter(store),
        _Hop(),  # type: ignore[arg-type]  # only what a transaction uses
        store,
        clock=lambda: 0.0,
        new_id=lambda: "bcdf",
        log=lambda _event, **_fields: None,
        letter_filed=lambda: None,
        judges=cast("Judges", object()),  # which a glance spares
    )
    pipeline.warm_up()
    judge(PLAIN)
    with Calls() as calls:
        for _ in range(100):
            transaction = reception.begin("a@example.org", (), Client("192.0.2.1"), False)
            await transaction.rcpt("orders@example.net", ())
            assert (await transaction.data(PLAIN)).is_success
        before = calls.of(sqlite.SqliteDatabase.write)
        await store.events.flush()
    assert before == 0
    assert calls.all / 100 <= _CALLS_A_MAIL
    assert calls.of(events._row) == 0  # in the thread that writes
    assert calls.of(Trace.of_clean) == 100
    assert calls.of(sqlite.SqliteDatabase.write) == 1
    await store.close()


class _Socket:
    """A transport that takes everything, of a client or of a next hop."""

    def __init__(self) -> None:
        self.said: list[bytes] = []

    def write(self, octets: bytes) -> None:
        self.said.append(octets)

    def get_extra_info(self, name: str) -> object:
        return ("192.0.2.1", 4711) if name == "peername" else None

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass


_CALLS_BETWEEN_SOCKETS = 175
"""The same with both dialogues, from the octets of MAIL to those of the answer."""


async def test_a_clean_mail_takes_few_calls_from_socket_to_socket(tmp_path: Path) -> None:
    """Client and next hop are spoken to with one write a phase, and few calls between."""
    store = await open_store(f"sqlite:///{tmp_path}/store.db", lambda: 0.0)
    near, far = _Socket(), _Socket()
    opened = Wire(asyncio.get_running_loop())
    opened.offer({"PIPELINING": "", "XFORWARD": "NAME ADDR PROTO HELO"})
    opened.connection_made(cast("asyncio.Transport", far))

    async def connect() -> Wire:
        raise AssertionError("there is a connection")

    hop = WireHop(parse_next_hop("smtp://192.0.2.2"), HopOptions(), connect, per_recipient=False)
    hop._pool.give(opened)
    reception = Reception(
        _counter(store),
        hop,
        store,
        clock=lambda: 0.0,
        new_id=lambda: "bcdf",
        log=silent,
        letter_filed=lambda: None,
        judges=cast("Judges", object()),  # which a glance spares
    )
    reception.is_heard = False
    shared = Shared(options := ListenerOptions(), reception, None, silent, Account(options.limits))
    server = shared.server(shared)
    server.connection_made(cast("asyncio.Transport", near))
    server._greet()
    server.data_received(b"HELO client.example\r\n")

    def one() -> None:
        near.said.clear()
        far.said.clear()
        server.data_received(b"MAIL FROM:<a@example.org>\r\n")
        server.data_received(b"RCPT TO:<orders@example.net>\r\n")
        opened.data_received(b"250 2.0.0 OK\r\n" * far.said[0].count(b"\r\n"))
        server.data_received(b"DATA\r\n")
        server.data_received(PLAIN + b".\r\n")
        opened.data_received(b"354 Go on\r\n")
        opened.data_received(b"250 2.0.0 Stored\r\n")

    pipeline.warm_up()
    one()
    with Calls() as calls:
        one()
    assert [said[:3] for said in near.said] == [b"250", b"250", b"354", b"250"]
    assert near.said[-1] == b"250 2.0.0 Stored\r\n"
    assert len(far.said) == 3
    assert far.said[-1].endswith(PLAIN + b".\r\n")
    assert calls.all <= _CALLS_BETWEEN_SOCKETS
    await store.events.flush()
    await hop.close()
    await store.close()


async def test_many_events_take_few_statements(tmp_path: Path) -> None:
    """A hundred events are five statements in one transaction, whose writer holds nobody up for each of them."""
    store = await open_store(f"sqlite:///{tmp_path}/store.db", lambda: 0.0)
    statements: list[str] = []
    sqlalchemy.event.listen(
        store.database.engine,  # type: ignore[attr-defined]  # SQLite's
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )
    for number in range(100):
        store.events.record({"kind": "message", "size_bytes": number})
    await store.events.flush()
    assert len([one for one in statements if one.startswith("INSERT INTO events")]) == 5
    assert sorted(event["size_bytes"] for event in await store.events.recent()) == list(range(100))
    await store.close()


async def test_events_that_come_while_others_are_written_wait_for_the_next_transaction(tmp_path: Path) -> None:
    """A gateway under load commits its events some times a second, and not as often as the disk is quick."""
    store = await open_store(f"sqlite:///{tmp_path}/store.db", lambda: 0.0)
    commits: list[object] = []
    begun, may_end = threading.Event(), threading.Event()

    def commit(connection: object) -> None:
        commits.append(connection)
        begun.set()
        may_end.wait(60)

    sqlalchemy.event.listen(store.database.engine, "commit", commit)  # type: ignore[attr-defined]  # SQLite's
    store.events.record({"kind": "message"})
    flushing = asyncio.create_task(store.events.flush())
    await asyncio.to_thread(begun.wait, 60)
    store.events.record({"kind": "message"})  # while the first is being written
    may_end.set()
    await flushing
    assert len(commits) == 1
    await store.events.flush()
    assert len(commits) == 2
    await store.close()
