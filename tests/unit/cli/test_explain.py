"""`pansentry explain`: each thing is explained once, however many readings show it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from tests.specimens import PUBLISHED

from pansentry.cli import pansentry
from pansentry.cli.explain import command

CARD = PUBLISHED["visa"][0]
MAIL = (
    "From: a@b.example\r\nSubject: order\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/alternative; boundary=x\r\n\r\n"
    f"--x\r\nContent-Type: text/plain\r\n\r\nMy visa {CARD}, order 4012888888881881\r\n"
    f"--x\r\nContent-Type: text/html\r\n\r\n<p>My <b>visa</b> {CARD}</p>\r\n--x--\r\n"
)


def explained(*arguments: str, given: str = MAIL) -> str:
    """Return what the command prints of a text on standard input."""
    answer = CliRunner().invoke(command, ["-", *arguments], input=given.encode())
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_no_heading_stands_twice() -> None:
    """Readings of one part are one heading; what the parts say together is not said again."""
    headings = [line for line in explained().splitlines() if not line.startswith(" ")]
    assert len(headings) == len(set(headings)) == 3
    assert headings[0] == "text of the mail, body:1 (read as text)"
    assert headings[1].startswith("text of the mail, body:2 (read as ")
    assert headings[2].startswith("verdict: redact by default/card-data")


def test_what_is_left_is_said_with_its_reason_and_no_digits() -> None:
    """A look-alike stands there with why it is none."""
    said = explained()
    assert said.count("  left  pan    visa …1881") == 1
    assert "not card data because" in said
    assert CARD not in said


def test_what_looks_alike_in_one_reading_is_all_said() -> None:
    """Four cards with four security codes are eight lines, though codes are masked alike."""
    number = PUBLISHED["visa"][0]
    rows = "\r\n".join(f"Card number {number} CVV 12{i}" for i in range(4))
    mail = f"From: a@b.example\r\nSubject: cards\r\n\r\n{rows}\r\n"
    (place, *_) = [one for one in json.loads(explained("--json", given=mail))["places"] if one["kind"] == "text"]
    taken = sum(item["taken"] for item in place["candidates"])
    assert taken == 8
    assert explained(given=mail).count("  taken ") == taken


def test_json_keeps_every_reading() -> None:
    """A program gets all that was looked at."""
    kinds = [place["kind"] for place in json.loads(explained("--json"))["places"]]
    assert {"text", "html", "joined"} <= set(kinds)


def test_plain_text_and_nothing_at_all() -> None:
    """Of a text the heading is one word; of one without look-alikes there is one sentence."""
    assert explained("--text", given=f"visa {CARD}").startswith("text\n  taken pan")
    assert explained("--text", given="hello") == "nothing here looks like card data\n"


def test_no_color_is_heeded(tmp_path: Path) -> None:
    """Colours only where they are wanted."""
    mail = tmp_path / "mail.eml"
    mail.write_text(MAIL)
    plain = CliRunner().invoke(pansentry, ["explain", str(mail)], color=True, env={"NO_COLOR": "1"})
    shown = CliRunner().invoke(pansentry, ["explain", str(mail)], color=True, env={"NO_COLOR": ""})
    assert ("\x1b[" in plain.output, "\x1b[" in shown.output) == (False, True)
