"""The stages of the core, measured in this process by CPU time: detect, prefilter, MIME; how cost grows with size."""

from __future__ import annotations

import base64
import email
import gc
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence

from tests.bench import mails
from tests.specimens import PUBLISHED

from pansentry import mime, pan, pipeline
from pansentry.envelope import Envelope
from pansentry.pan import may_hold_card_data_bytes
from pansentry.policy import default_policy

KB = 1000


def cpu_s(run: Callable[[], object], rounds: int = 3) -> float:
    """Median CPU seconds of ``run``."""
    run()
    taken = []
    for _ in range(rounds):
        begin = time.process_time()
        run()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


def detect_mb_s(megabytes: float) -> tuple[float, float, float, float]:
    """Return MB per CPU second of find on mixed text, the prefilter on 100 KB, find on digits; and µs per 2 KB text.

    With everything compiled, as a gateway has it before its port opens: without that the first 4 MB, which were all of
    the quick run, are read by the engine for a fast start.
    """
    pan.warm_up()
    rng = random.Random(5)
    mixed = [
        mails.prose(rng, 2 * KB, mails.LANGUAGES[number % len(mails.LANGUAGES)])
        + (f"\nVisa {PUBLISHED['visa'][0]} exp 09/28" if rng.random() < 0.001 else "")
        for number in range(int(megabytes * 1000 / 2))
    ]
    pieces = [mails.prose(rng, 100 * KB, mails.LANGUAGES[number % 10]).encode() for number in range(10)]
    pieces = [piece for piece in pieces if not may_hold_card_data_bytes(piece)] or pieces
    tables = [mails.dense(rng, 100 * KB) for _ in range(max(1, int(megabytes)))]
    mixed_s = cpu_s(lambda: _all(pan.find, mixed))
    prefilter_s = cpu_s(lambda: _all(may_hold_card_data_bytes, pieces * 20)) / 20
    dense_s = cpu_s(lambda: _all(pan.find, tables))
    mixed_mb = sum(len(text.encode()) for text in mixed) / 1e6
    return (
        mixed_mb / mixed_s,
        sum(map(len, pieces)) / 1e6 / prefilter_s,
        sum(map(len, tables)) / 1e6 / dense_s,
        mixed_s / len(mixed) * 1e6,
    )


def _all(run: Callable[[str], object] | Callable[[bytes], object], things: Iterable[object]) -> None:
    for thing in things:
        run(thing)  # type: ignore[arg-type]


def mime_times_stdlib(count: int) -> float:
    """Return how many times faster decoded parts are had than with the standard library, on mails of about 30 KB."""
    mime.warm_up()
    mix = ["plain"] * 25 + ["alternative"] * 50 + ["attachments"] * 25
    sizes = ["2k", "20k", "20k", "200k"]
    raws = [
        mails.on_the_wire(mails.mail(sizes[number % 4] if shape != "plain" else "2k", shape, seed=number))
        for number, shape in zip(range(count), mix * (count // 100 + 1), strict=False)
    ]

    def ours() -> None:
        for raw in raws:
            message = mime.read(raw)
            for part in message.walk():
                if part.is_leaf:
                    len(message.leaf(part).data)

    def stdlib() -> None:
        for raw in raws:
            for part in email.message_from_bytes(raw).walk():
                part.get_payload(decode=True)

    return cpu_s(stdlib) / cpu_s(ours)


def inspect_ms(raw: bytes, rounds: int = 3) -> float:
    """CPU milliseconds of judging one message, from its bytes to the outcome."""
    desk = pipeline.Desk(default_policy())
    envelope = Envelope(mails.SENDER, (mails.RECIPIENT,), id="bench")
    return cpu_s(lambda: pipeline.conclude(pipeline.inspect(raw, envelope, desk), envelope, desk), rounds) * 1000


def growth(octets: int) -> list[tuple[str, float, float, float]]:
    """Return, for honest and hostile shapes, (name, ms at ``octets``, ms at ten times that, ratio).

    What is there before is frozen for the collector, as a gateway does (``gateway.py``): otherwise a large message pays
    for looking through all modules again. Compiled is what a gateway compiles before its port opens.
    """
    pipeline.warm_up()
    gc.collect()
    gc.freeze()
    rows = []
    for name, make in _SHAPES:
        small, large = inspect_ms(make(octets)), inspect_ms(make(10 * octets), 1)
        rows.append((name, small, large, large / small))
    return rows


def _text(body: str, kind: str = "text/plain") -> bytes:
    head = f"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n"
    return head.encode() + body.replace("\n", "\r\n").encode() + b"\r\n"


def _repeated(unit: str, octets: int) -> str:
    return unit * (octets // len(unit) + 1)


def _parts(octets: int) -> bytes:
    part = "--b\r\nContent-Type: text/plain\r\n\r\n" + "a line of text without much in it\r\n" * 290
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    return (head + part * (octets // len(part) + 1) + "--b--\r\n").encode()


def _base64(octets: int) -> bytes:
    """An attachment whose end is missing: ambiguous, so that the whole source is read as well."""
    data = base64.encodebytes(random.Random(4).randbytes(octets * 3 // 4)).replace(b"\n", b"\r\n")
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
    part = "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return (head + part).encode() + data[: octets - 300] + b"\r\n"


_CARD = PUBLISHED["visa"][0]
_SHAPES: Sequence[tuple[str, Callable[[int], bytes]]] = (
    ("prose", lambda n: _text(mails.prose(random.Random(1), n))),
    ("HTML", lambda n: _text(f"<p>{mails.prose(random.Random(2), n)}</p>".replace("\n", "</p>\n<p>"), "text/html")),
    ("table of numbers", lambda n: _text(mails.dense(random.Random(3), n))),
    ("many parts", _parts),
    ("base64 attachments", _base64),
    ("cards, cut and read again", lambda n: _text(_repeated(f"Visa {_CARD}\n{'some words after it, ' * 40}\n", n))),
    ("digits and blanks", lambda n: _text(_repeated("4 1 1 1 ", n))),
    ("open tags", lambda n: _text(_repeated("<a <b ", n), "text/html")),
    ("words about cards", lambda n: _text(_repeated("cvv card expiry ", n))),
)  # fmt: skip
