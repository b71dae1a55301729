"""What a shortcut spares, no reader would have found: with and without it the same is found in every message."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.detection.generator import negatives, positives

from pansentry import pipeline
from pansentry.envelope import Envelope
from pansentry.policy import default_policy
from pansentry.views import headers, signs
from pansentry.views.signs import Sign

GOLDEN = sorted((Path(__file__).resolve().parents[1] / "golden").glob("*/*/in.eml"))
_HEAD = b"From: a@example.org\r\nSubject: %b\r\nMIME-Version: 1.0\r\nContent-Type: text/%b; charset=utf-8\r\n\r\n"


def messages() -> list[bytes]:
    """Return golden messages, and generated texts as plain text, as HTML, and in the Subject."""
    raws = [path.read_bytes() for path in GOLDEN[::3]]
    for number, sample in enumerate([*positives(60, seed=31), *negatives(60, seed=32)]):
        text = sample.text.replace("\n", "\r\n").encode()
        kind, body = (b"html", b"<p>" + text + b"</p>") if number % 2 else (b"plain", text)
        raws.append(_HEAD % (b"order", kind) + body + b"\r\n")
        line = " ".join(sample.text.split())[:700].encode()
        raws.append(_HEAD % (line, b"plain") + b"see above\r\n")
    return raws


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
    monkeypatch.setattr(signs, "of", lambda _data: Sign.ALL)
    monkeypatch.setattr(headers, "_says_nothing", lambda *_arguments, **_options: False)
    for raw, seen in zip(raws, quick, strict=True):
        assert found(raw) == seen
    assert sum(map(bool, quick)) > 100
