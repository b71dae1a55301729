"""``pansentry filter``: exit codes, line ends, what is passed unread."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CARD = (
    b"From: a@customer.example\nTo: orders@shop.example\nSubject: card\n\nVisa 4111 1111 1111 1111 exp 09/28 cvv 737\n"
)
CLEAN = b"From: a@customer.example\nSubject: hi\n\none\r\ntwo \r\r\nthree\n"


def run(
    folder: Path, message: bytes, *more: str, recipient: str = "orders@shop.example", extra: str = ""
) -> tuple[int, bytes, str]:
    """Filter a message; return exit code, standard output, standard error."""
    (folder / "pansentry.yaml").write_text(
        f"hostname: gw.shop.example\ndomains: [shop.example]\nnext_hop: 'maildir:{folder}/mailbox'\n"
        f"state_dir: {folder}/state\nbusiness: {{name: Meier, phone: '+41 44 668 18 00', pay_page: 'https://shop.example/pay'}}\n{extra}"
    )
    arguments = ["filter", "-c", str(folder / "pansentry.yaml"), "-f", "a@customer.example"]
    arguments += ["-r", recipient, *more] if recipient else more
    done = subprocess.run(
        [sys.executable, "-m", "pansentry", *arguments], input=message, capture_output=True, check=False
    )
    return done.returncode, done.stdout, done.stderr.decode()


def policy(folder: Path, then: str) -> str:
    """Write a policy with one rule and return the line that names it."""
    (folder / "policies").mkdir()
    (folder / "policies/one.yaml").write_text(
        f"name: one\napplies_to: everyone\nrules:\n  - name: card-data\n    when: {{found: true}}\n    then: {then}\n"
    )
    return f"policies: {folder}/policies\n"


def test_a_card_is_taken_out(tmp_path: Path) -> None:
    """The message comes out with the line ends it had, without the card, with our field on top."""
    code, out, error = run(tmp_path, CARD)
    assert (code, error) == (0, "")
    assert b"\r" not in out
    assert b"Visa XXXX XXXX XXXX 1111 exp XX/XX cvv XXX\n" in out
    assert b"\nX-PanSentry-Trace: " in out.partition(b"\nFrom: ")[0]


@pytest.mark.parametrize("message", [CLEAN, CLEAN.replace(b"\r", b"").replace(b"\n", b"\r\n")])
def test_clean_mail_is_the_same_bytes(tmp_path: Path, message: bytes) -> None:
    """Below our field, a clean message is what came in, with LF, CRLF or both."""
    code, out, _ = run(tmp_path, message)
    assert code == 0
    assert out.endswith(message)


def test_mail_to_others_passes_unread(tmp_path: Path) -> None:
    """A message to recipients that are none of ours is not touched at all."""
    assert run(tmp_path, CARD, recipient="somebody@far.example") == (0, CARD, "")
    code, _, _ = run(tmp_path, CARD, "--", "tee", str(tmp_path / "out"), recipient="somebody@far.example")
    assert (code, (tmp_path / "out").read_bytes()) == (0, CARD)


@pytest.mark.parametrize(
    ("onward", "code"),
    [("exit 0", 0), ("exit 75", 75), ("exit 1", 75), ("exit 67", 77), ("kill -9 $$", 75), ("exec <&-; exit 0", 0)],
)
def test_what_the_command_says_is_the_answer(tmp_path: Path, onward: str, code: int) -> None:
    """Delivered, later, or refused for good: an MTA is told what the command said; a command that died means later."""
    assert run(tmp_path, CARD * 20, "--", "sh", "-c", onward)[0] == code


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    """A command that cannot be started means later, not lost."""
    assert run(tmp_path, CARD, "--", str(tmp_path / "none"))[0] == 75


@pytest.mark.parametrize(("then", "code"), [("refuse", 77), ("hold", 3), ("tempfail", 75)])
def test_what_a_policy_says_is_the_answer(tmp_path: Path, then: str, code: int) -> None:
    """Refused, held and deferred mail is not written, and the reason is one line without digits of a card."""
    got, out, error = run(tmp_path, CARD, extra=policy(tmp_path, then))
    assert (got, out) == (code, b"")
    assert len(error.strip().splitlines()) == 1
    assert "4111" not in error


def test_the_envelope_is_in_the_header(tmp_path: Path) -> None:
    """Where an MTA adds Return-Path and Envelope-To, they are the envelope; without them one sentence asks for them."""
    added = b"Return-Path: <a@customer.example>\nEnvelope-To: orders@shop.example\n" + CARD
    code, out, _ = run(tmp_path, added, "--envelope-in-header", recipient="")
    assert code == 0
    assert b"4111 1111 1111 1111" not in out
    code, _, error = run(tmp_path, CARD, "--envelope-in-header", recipient="")
    assert code == 2
    assert "no recipient" in error


@pytest.mark.parametrize("extra", ["hostnam: typo\n", "store: 'sqlite:////proc/none/x.db'\n"])
def test_what_is_wrong_with_us_is_for_later(extra: str, tmp_path: Path) -> None:
    """A mistake in the configuration, or a store that is away, never makes a mail system give a message up."""
    code, out, error = run(tmp_path, CARD, extra=extra)
    assert (code, out) == (75, b"")
    assert error.startswith("pansentry: 4.3.0 ")


def test_held_mail_is_done_for_a_queue(tmp_path: Path) -> None:
    """With a command, held mail ends with 0: it lies in our store, and the queue may forget it."""
    code, _, _ = run(tmp_path, CARD, "--", "tee", str(tmp_path / "out"), extra=policy(tmp_path, "hold"))
    assert code == 0
    assert not (tmp_path / "out").exists()


def test_a_message_that_is_too_large(tmp_path: Path) -> None:
    """A message over the limit is refused before it is read whole."""
    code, out, error = run(tmp_path, CARD + b"x" * 300_000, extra="limits: {message_size: 200 KiB}\n")
    assert (code, out) == (77, b"")
    assert "limits.message_size" in error
