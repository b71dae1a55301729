"""What users really do: broken stores, certificates and mailboxes, documents and streams on the command line."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.peers import free_port
from tests.e2e.running import SAMPLES
from tests.e2e.test_bad_input import configuration, serve

CARD_MAIL = (SAMPLES / "01-plain-card.eml").read_bytes()


def pansentry(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "pansentry", *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, timeout=60, check=False, env=os.environ | environment
    )


def test_a_database_that_is_none(tmp_path: Path) -> None:
    """A damaged database ends the start with exit code 69 and names the file."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state/pansentry.db").write_bytes(b"no database" * 500)
    done = serve(tmp_path, configuration(tmp_path))
    assert done.returncode == 69, done.stderr
    assert "pansentry.db cannot be opened" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_database_that_somebody_locked(tmp_path: Path) -> None:
    """A database that another program holds locked ends the start with exit code 69 and says so."""
    (tmp_path / "state").mkdir()
    holder = sqlite3.connect(tmp_path / "state/pansentry.db", isolation_level=None)
    try:
        holder.execute("CREATE TABLE other (a)")
        holder.execute("BEGIN EXCLUSIVE")
        done = serve(tmp_path, configuration(tmp_path))
    finally:
        holder.close()
    assert done.returncode == 69, done.stderr
    assert "locked" in done.stderr


def test_no_password_in_a_message(tmp_path: Path) -> None:
    """A store that cannot be had is named without its password."""
    store = f"store: postgresql://gateway:0penSesame@127.0.0.1:{free_port()}/mail\nsecret: {'s' * 40}\n"
    done = serve(tmp_path, configuration(tmp_path) + store)
    assert done.returncode == 69, done.stderr
    assert "0penSesame" not in done.stderr


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_cannot_be_used(tmp_path: Path, content: str | None) -> None:
    """A missing or broken certificate is a mistake in the configuration: exit code 78, the file and the fix."""
    for name in ("cert.pem", "key.pem"):
        if content is not None:
            (tmp_path / name).write_text(content)
    done = serve(tmp_path, configuration(tmp_path) + "tls: {certificate: cert.pem, key: key.pem}\n")
    assert done.returncode == 78, done.stderr
    assert f"{tmp_path}/cert.pem" in done.stderr
    assert "PEM" in done.stderr or "cannot be read" in done.stderr
    assert not (tmp_path / "state/mailbox").exists()


def test_the_same_mistake_in_all_letters_is_told_once(tmp_path: Path) -> None:
    """A business with one way to pay spoils every letter; the admin reads it once."""
    text = configuration(tmp_path)
    text = text.replace("  pay_page: https://shop.example/pay\n", "").replace("  website: https://shop.example\n", "")
    done = serve(tmp_path, text)
    assert done.returncode == 78, done.stderr
    assert done.stderr.count("fewer than two ways") == 1
    assert "more places" in done.stderr


def test_configured_by_the_environment_alone() -> None:
    """Every key can come from the environment, without any file."""
    done = pansentry(
        "config",
        "show",
        PANSENTRY_HOSTNAME="gw.shop.example",
        PANSENTRY_DOMAINS="shop.example,orders@other.example",
        PANSENTRY_LISTEN__0__ADDRESS="127.0.0.1:2526",
        PANSENTRY_BUSINESS__NAME="Meier",
        PANSENTRY_BUSINESS__PHONE="0446681800",
    )
    assert done.returncode == 0, done.stderr
    for word in (b"127.0.0.1:2526", b"0446681800", b"orders@other.example"):
        assert word in done.stdout


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    """`redact -o` into a folder that does not exist is one sentence and exit code 2."""
    done = pansentry("redact", "-o", f"{tmp_path}/nowhere/out.eml", stdin=CARD_MAIL)
    assert done.returncode == 2
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr


def test_nothing_on_standard_input() -> None:
    """An empty input holds nothing and stays empty."""
    for command in (["scan"], ["scan", "--text"], ["redact"]):
        done = pansentry(*command)
        assert (done.returncode, done.stdout) == (0, b""), command


def test_mails_on_standard_input() -> None:
    """An mbox on standard input is as many inputs as it has mails."""
    mail = CARD_MAIL.replace(b"\r\n", b"\n")
    done = pansentry("scan", "--json", "-", stdin=(b"From a@b.example Mon Nov 16 09:00:00 2026\n" + mail + b"\n") * 2)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [line["input"] for line in lines] == ["-#1", "-#2"]
    keys = {"kind", "brand", "masked", "confidence", "location", "start", "end", "reasons"}
    assert all(set(found) == keys for line in lines for found in line["findings"])


def test_a_number_is_told_once() -> None:
    """Text without headers is read in several ways; a number in it is one finding."""
    done = pansentry("scan", "--json", stdin=b"card 4111 1111 1111 1111\n")
    (line,) = done.stdout.splitlines()
    assert len(json.loads(line)["findings"]) == 1


def test_a_document_is_not_called_clean(tmp_path: Path) -> None:
    """A document that cannot be read is reported as unread, with exit code 2."""
    (tmp_path / "order.pdf").write_bytes(b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")
    done = pansentry("scan", "--json", f"{tmp_path}/order.pdf")
    assert done.returncode == 2
    assert json.loads(done.stdout)["unreadable"] == [{"reason": "damaged", "location": "document:pdf"}]
