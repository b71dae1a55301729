"""What a shortcut spares, no reader would have found: with and without it the same is found in every message."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.detection.generator import negatives, positives

from pansentry import mime, pan, pipeline
from pansentry.envelope import Envelope, PlainLines
from pansentry.limits import DEFAULT_LIMITS
from pansentry.mime import fields, regular, tree
from pansentry.outcome import Record, Relay
from pansentry.passing import passes_as_it_is
from pansentry.policy import default_policy
from pansentry.receipts import CLEAN
from pansentry.smtp.data import DataReader
from pansentry.views import headers, look_at_once, plain_sight, signs
from pansentry.views.look import look_closely
from pansentry.views.signs import Sign

if TYPE_CHECKING:
    from pansentry.mime.parts import Part

GOLDEN = sorted((Path(__file__).resolve().parents[1] / "golden").glob("*/*/in.eml"))
_HEAD = b"From: a@example.org\r\nSubject: %b\r\nMIME-Version: 1.0\r\nContent-Type: text/%b; charset=utf-8\r\n\r\n"


def messages() -> list[bytes]:
    """Return golden messages, and generated texts as plain text, as HTML, and in the Subject; as the gateway does."""
    raws = [path.read_bytes() for path in GOLDEN[::3]]
    for number, sample in enumerate([*positives(60, seed=31), *negatives(60, seed=32)]):
        text = sample.text.replace("\n", "\r\n").encode()
        kind, body = (b"html", b"<p>" + text + b"</p>") if number % 2 else (b"plain", text)
        raws.append(_HEAD % (b"order", kind) + body + b"\r\n")
        line = " ".join(sample.text.split())[:700].encode()
        raws.append(_HEAD % (line, b"plain") + b"see above\r\n")
    return list(map(_as_received, raws))


def _as_received(raw: bytes) -> bytes:
    """Return a message as the reader of DATA gives it."""
    reader = DataReader(1 << 30)
    stuffed = raw.replace(b"\r\n.", b"\r\n..") if raw[:1] != b"." else b"." + raw.replace(b"\r\n.", b"\r\n..")
    assert reader.feed(stuffed + (b"" if raw.endswith(b"\r\n") else b"\r\n") + b".\r\n") == b""
    return reader.take()[0]


def _is_in_plain_sight(raw: bytes) -> bool:
    return plain_sight.says_nothing(mime.read(raw, DEFAULT_LIMITS), pan.may_hold_card_data_bytes)


def found(raw: bytes) -> set[tuple[str, str, str]]:
    """Return kind, value and place of everything that is found, and what was unreadable."""
    inspection = pipeline.inspect(raw, Envelope(), pipeline.Desk(default_policy()))
    seen = {(str(hit.finding.kind), hit.finding.reveal(), hit.view.place) for hit in inspection.hits}
    return seen | {("unreadable", why.reason, why.place) for why in inspection.unreadable}


def test_shortcuts_spare_nothing_that_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text without signs, and a header that says nothing, hold nothing for any reader."""
    pytest.importorskip("hyperscan")
    pipeline.warm_up()
    raws = messages()
    quick = [found(raw) for raw in raws]
    assert sum(map(_is_in_plain_sight, raws)) > 30
    monkeypatch.setattr(plain_sight, "says_nothing", lambda *_arguments: False)
    monkeypatch.setattr(signs, "with_layout", lambda _data: Sign.ALL | Sign.UNEVEN)
    monkeypatch.setattr(headers, "_says_nothing", lambda *_arguments, **_options: False)
    for raw, seen in zip(raws, quick, strict=True):
        assert found(raw) == seen
    assert sum(map(bool, quick)) > 100


def test_nothing_with_anything_in_it_is_in_plain_sight() -> None:
    """A message that is let pass at a glance has no finding, is read as a whole, one way, and asks nothing."""
    pytest.importorskip("hyperscan")
    pipeline.warm_up()
    in_sight = 0
    for raw in [*map(_as_received, (path.read_bytes() for path in GOLDEN)), *messages()]:
        message = mime.read(raw, DEFAULT_LIMITS)
        if plain_sight.says_nothing(message, pan.may_hold_card_data_bytes):
            in_sight += 1
            assert not message.ambiguities
            assert not message.unreadable
            seen = look_closely(message, DEFAULT_LIMITS, pan.may_hold_card_data_bytes)
            assert not seen.unreadable
            assert not seen.documents
            assert not any(pan.find(view.text) for view in seen.views)
    assert in_sight > 50


def test_what_passes_as_it_is_is_what_would_be_concluded() -> None:
    """The short way of mail that goes on as it is gives verdict and event of the long one, which relays it as it is."""
    desk, envelope, passed = pipeline.Desk(default_policy()), Envelope("a@example.org", ("b@example.net",)), 0
    for raw in messages():
        inspection = pipeline.inspect(raw, envelope, desk)
        found = passes_as_it_is(inspection, envelope, desk)
        if found is not None:
            passed += 1
            outcome = pipeline.conclude(inspection, envelope, desk)
            relay, record = outcome.effects
            assert isinstance(relay, Relay)
            assert isinstance(record, Record)
            assert (outcome.verdict, record.alike) == found
            assert outcome.message is relay.message is raw
            assert outcome.receipt is CLEAN
            assert not relay.may_hold_cards
    assert passed > 30


def test_asking_at_once_is_asking_about_each() -> None:
    """A message is let pass by one question about all of its texts if none of them is worth reading, and only then."""
    pytest.importorskip("hyperscan")
    pipeline.warm_up()
    passed = 0
    for raw in [*(_as_received(path.read_bytes()) for path in GOLDEN), *messages()]:
        answers: list[bool] = []

        def ask(data: bytes, answers: list[bool] = answers) -> bool:
            answers.append(pan.may_hold_card_data_bytes(data))
            return answers[-1]

        message = mime.read(raw, DEFAULT_LIMITS)
        seen = look_closely(message, DEFAULT_LIMITS, ask)
        at_once = look_at_once(message, DEFAULT_LIMITS, pan.may_hold_card_data_bytes)
        assert at_once is not None or any(answers)  # a header may be worth reading as a whole, and no field of it
        if at_once is not None:
            passed += 1
            assert [view.text for view in at_once.views] == [view.text for view in seen.views]
            assert at_once.unreadable == seen.unreadable
            assert [one.kind for one in at_once.documents] == [one.kind for one in seen.documents]
    assert passed > 100


@pytest.mark.parametrize(
    "filler", [b"hello", b"\nx\n", b"Subject: Visa card", b"12345 678", "Kärte ４１１１".encode(), b"&nbsp; <p>"]
)
def test_what_is_worth_reading_is_so_among_other_lines(filler: bytes) -> None:
    """The predicate is never False of a text that holds, as lines, one of which it is True."""
    pipeline.warm_up()
    ask = pan.may_hold_card_data_bytes
    texts = [sample.text.encode() for sample in [*positives(150, seed=41), *negatives(100, seed=42)]]
    assert all(ask(filler + b"\n" + text + b"\n" + filler) for text in texts if ask(text))


MARKS = [
    b"begin 644 card.txt",
    b"=ybegin line=128",
    b"NDExMTExMTExMTExMTExMQ==",
    b"data:text/plain;base64,NDEx",
    b"\x1b$B#4#1#1\x1b(B",
]


@pytest.mark.parametrize(
    "mark", [*MARKS, b"=34=31=31=31", b"Content-Type: text/plain", "\u202e1111".encode(), b"%PDF-1.4"]
)
def test_a_text_with_a_sign_is_looked_at_closely(mark: bytes) -> None:
    """What some reader might open is not in plain sight, whatever it holds."""
    pytest.importorskip("hyperscan")
    pipeline.warm_up()
    raw = _as_received(_HEAD % (b"hello", b"plain") + b"hello,\r\n" + mark + b"\r\n\r\nbye\r\n")
    assert isinstance(raw, PlainLines)
    assert not _is_in_plain_sight(raw)
    assert _is_in_plain_sight(_as_received(_HEAD % (b"hello", b"plain") + b"hello,\r\n\r\nbye\r\n"))


def test_a_glance_that_breaks_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the shortcut costs time and nothing else: the message is looked at closely."""
    raw = _as_received(_HEAD % (b"hello", b"plain") + b"Visa 4111 1111 1111 1111, cvv 123\r\n")

    def broken(*_arguments: object) -> bool:
        raise ValueError

    wanted = found(raw)
    monkeypatch.setattr(plain_sight, "says_nothing", broken)
    assert wanted == found(raw) != set()


def test_the_short_way_into_a_header_finds_what_the_long_one_finds() -> None:
    """Of a header of the regular form, and of each part's, all is found that a close look finds, and told alike."""
    asked = 0
    for raw in map(_as_received, [path.read_bytes() for path in GOLDEN]):
        if not isinstance(raw, PlainLines):
            continue
        quick, closely = mime.read(raw), _read_closely(raw)
        assert quick.ambiguities == closely.ambiguities
        assert quick.unreadable == closely.unreadable
        for one, other in zip(quick.walk(), closely.walk(), strict=True):
            assert _told(one) == _told(other)
            if one.regular is None:
                continue
            asked += 1
            block = one.regular[regular.BLOCK]
            assert fields.CLEAN_BLOCK.fullmatch(raw, *block)
            found = fields.all_content_fields(raw, *block)
            assert {name: [span] for name, span in one.content.items()} == found
            subject = headers.find(one, b"subject")
            wanted = (-1, -1) if subject is None else (subject.value, subject.end)
            assert one.regular[regular.SUBJECT] == wanted
            assert headers.value_of_subject(one) == ((0, 0) if subject is None else wanted)
    assert asked > 300


def _read_closely(raw: bytes) -> mime.Message:
    """Read a message of which nobody says what its lines end in, and no header is found to be regular."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree, "regular", lambda *_arguments: None)
        patch.setattr(tree, "_SHORT", -1)
        return mime.read(bytes(raw))


def _told(part: Part) -> tuple[object, ...]:
    return (
        (part.path, part.start, part.fields_end, part.body_start, part.body_end, part.preamble, part.epilogue),
        (part.media_type, part.parameters, part.encoding, part.disposition, part.disposition_parameters),
        (part.content, part.is_labelled, part.fields),
    )


@pytest.mark.parametrize(
    "odd",
    [
        b"content-type: text/html", b"Content-Type: text/html", b"Content-type: text/html", b"SUBJECT: other",
        b"Content-Md5: x", b"Content-Transfer-Encoding: base64", b"no colon", b" blank first", b"A : b",
        b"A:\r\n \r\n B", b"A\0: b", b"A: \0", b": nameless", b"Subject: a\r\n b", b"X-Y: a\r\n\tb", b"\xc3\xa9: b",
        b"",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "frame", [b"%b", b"A: b\r\n%b", b"%b\r\nContent-Type: text/plain; charset=utf-8\r\nSubject: a"]
)
def test_a_header_of_its_own_form_is_read_as_if_there_were_no_short_way(odd: bytes, frame: bytes) -> None:
    """Whatever stands in a header, and wherever, the message is read alike with and without what is known of it."""
    raw = frame % odd + b"\r\n\r\nsome text\r\n"
    quick, closely = mime.read(PlainLines(raw)), _read_closely(raw)
    assert (quick.ambiguities, quick.unreadable) == (closely.ambiguities, closely.unreadable)
    assert list(map(_told, quick.walk())) == list(map(_told, closely.walk()))
