"""Measures what becomes of pictures of cards, as two programs for reading pictures see it afterwards; and of others.

A picture goes the whole way of a mail. The new one is then read by tesseract and by rapidocr as it comes out of the
box, turned upright (we know how it was turned when it was drawn), in its own size and enlarged. A number shows if four
digits in a row of those that have to go can be read; a code or a date shows if it can be read at all. Results:
``covered`` (nothing shows), ``partly`` (the number is covered, a code or a date shows), ``replaced``, ``held``,
``tagged`` (the mail goes out and says that the picture was not read), ``leak`` (digits of the number show, and the mail
goes out as if all were well).
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.documents.cards import CardPicture, card_picture_of
from tests.documents.clean_pictures import clean_pictures
from tests.documents.measure import Bench, attachment

_TOKEN = re.compile(r"[0-9]+")
_DIGITS = re.compile(r"[^0-9]")
_TURNED = "turned "
_ENLARGED = 1600
_GROUP, _RUN = 4, 6


@dataclass(slots=True)
class Pictures:
    """What was measured of pictures; ``worst`` names those that did not go as they should."""

    pictures: int = 0
    found: int = 0
    results: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    worst: list[str] = field(default_factory=list)


def measure_cards(bench: Bench, numbers: range, seed: int = 1) -> Pictures:
    """Redact the cards of these numbers and read them again."""
    row = Pictures()
    for number in numbers:
        card = card_picture_of(number, seed)
        start = time.perf_counter()
        outcome = bench.redact(card.data)
        row.seconds.append(time.perf_counter() - start)
        row.pictures += 1
        found = any(item.kind == "pan" for item in outcome.found)
        row.found += found
        shown: tuple[str, ...] = ()
        if outcome.message is None:
            result = "held"
        elif b"attachment was taken out" in (new := attachment(outcome)):
            result = "replaced"
        else:
            shown = tuple(dict.fromkeys(what for text in texts(new, card) for what in showing(text, card)))
            tagged = bool(outcome.receipt.unreadable)
            result = "covered" if not shown else "tagged" if tagged else "leak" if "number" in shown else "partly"
        row.results[result] = row.results.get(result, 0) + 1
        if result != "covered":
            row.worst.append(f"{card.name} ({', '.join(card.tricks)}): {result}, shows {', '.join(shown) or 'nothing'}")
    return row


def measure_clean(bench: Bench, count: int, seed: int = 1) -> Pictures:
    """Send pictures without a card; ``same`` means the very same bytes."""
    row = Pictures()
    for name, data in clean_pictures(count, seed):
        start = time.perf_counter()
        outcome = bench.redact(data)
        row.seconds.append(time.perf_counter() - start)
        row.pictures += 1
        same = outcome.message is not None and attachment(outcome) == data and not outcome.receipt.unreadable
        row.found += bool(outcome.found)
        row.results["same" if same else "changed"] = row.results.get("same" if same else "changed", 0) + 1
        if not same:
            row.worst.append(f"{name}: {', '.join(item.kind for item in outcome.found) or 'not read'}")
    return row


def missing() -> tuple[str, ...]:
    """Return the readers of pictures that are not installed."""
    return () if shutil.which("tesseract") else ("tesseract",)


def showing(text: str, card: CardPicture) -> Iterator[str]:
    """Yield what of a card can be read in a text: "number", "code", "expiry". The last four digits may stay."""
    gone = card.number[:-4]
    groups = {gone[at : at + _GROUP] for at in range(len(gone) - _GROUP + 1)}
    runs = {gone[at : at + _RUN] for at in range(len(gone) - _RUN + 1)}
    for line in text.splitlines():
        tokens = _TOKEN.findall(line)
        together = _DIGITS.sub("", line)
        if any(group in token for token in tokens for group in groups) or any(run in together for run in runs):
            yield "number"
        if card.code and card.code in tokens:
            yield "code"
        if re.search(rf"(?<![0-9]){card.expiry[:2]} ?/ ?{card.expiry[3:]}(?![0-9])", line):
            yield "expiry"


def texts(data: bytes, card: CardPicture) -> Iterator[str]:
    """Yield what the two programs read in a picture."""
    from PIL import Image, ImageOps

    turn = next((int(trick.removeprefix(_TURNED)) for trick in card.tricks if trick.startswith(_TURNED)), 0)
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    upright = picture.rotate(-turn, expand=True, fillcolor=(120, 110, 100)) if turn else picture
    larger = upright.resize((_ENLARGED, max(1, upright.height * _ENLARGED // upright.width)), Image.Resampling.BICUBIC)
    for sheet in (upright, larger):
        yield from _tesseract(sheet)
        yield _rapidocr(sheet)


def _tesseract(picture: Any) -> Iterator[str]:
    if shutil.which("tesseract") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.png"
        picture.convert("L").save(path, compress_level=1)
        for layout in ("6", "11"):  # one block of text, scattered text
            command = ["tesseract", str(path), "-", "--psm", layout]
            done = subprocess.run(
                command, capture_output=True, timeout=120, check=False, env=os.environ | {"OMP_THREAD_LIMIT": "1"}
            )
            yield done.stdout.decode("utf-8", "replace")


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", **threads})


def _rapidocr(picture: Any) -> str:
    import numpy

    read = _engine()(numpy.asarray(picture))
    return "\n".join(read.txts or ())
