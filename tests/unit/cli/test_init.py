"""``pansentry init``: what it writes is what the gateway takes; wrong answers leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pansentry.cli.init import MAILBOXES, command
from pansentry.configuration import load

PAGES = Path(__file__).parents[3] / "docs/deployment"
ANSWERS = ["--name", 'Meier "& Söhne"', "--domain", "shop.example", "--phone", "+41 44 668 18 00"]
PAGE = ["--pay-page", "https://shop.example/pay"]


def init(folder: Path, *arguments: str, answers: str = "") -> Result:
    """Run the command on a folder."""
    return CliRunner().invoke(command, ["-d", str(folder), *arguments], input=answers)


@pytest.mark.parametrize("mailbox", MAILBOXES)
def test_every_mailbox(mailbox: str, tmp_path: Path) -> None:
    """For each kind of mailbox the files load, the key is private, and the page that is named exists."""
    kind = MAILBOXES[mailbox]
    server = ["--server", "mail.shop.example:25"] if kind.asks else []
    done = init(tmp_path / "new", "--yes", *ANSWERS, *PAGE, "--mailbox", mailbox, *server)
    assert done.exit_code == 0, done.output
    configuration = load(tmp_path / "new/pansentry.yaml", {})
    assert configuration.business is not None
    assert configuration.business.name == 'Meier "& Söhne"'
    assert (tmp_path / "new/dkim.pem").stat().st_mode & 0o077 == 0
    assert (PAGES / kind.page).is_file()
    assert "_domainkey.shop.example" in done.output
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["dkim.pem", "pansentry.yaml", "policies"]


def test_eight_questions(tmp_path: Path) -> None:
    """Without options it asks, at most eight times, and an empty answer takes the default."""
    said = "Meier\nshop.example\nserver\nmail.shop.example:25\n+41 44 668 18 00\nhttps://shop.example/pay\n\nMarta\n"
    done = init(tmp_path, answers=said)
    assert done.exit_code == 0, done.output
    business = load(tmp_path / "pansentry.yaml", {}).business
    assert business is not None
    assert business.website == "https://shop.example"
    assert business.signature is not None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--yes", "--domain", "shop.example", "--mailbox", "postfix"], "--name is missing"),
        (["--yes", *ANSWERS, *PAGE, "--mailbox", "server"], "--server is missing"),
        (["--yes", *ANSWERS, "--mailbox", "postfix"], "two ways to pay"),
        (["--yes", *ANSWERS, "--pay-page", "http://shop.example", "--mailbox", "postfix"], "https"),
        (["--yes", "--name", "x", "--domain", "not a domain", "--mailbox", "postfix"], "is no domain"),
    ],
)
def test_wrong_answers(arguments: list[str], says: str, tmp_path: Path) -> None:
    """A wrong or missing answer is one message with the fix, and no file stays."""
    done = init(tmp_path, *arguments)
    assert done.exit_code == 2
    assert says in done.output
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Where a configuration is already, nothing is written."""
    (tmp_path / "pansentry.yaml").write_text("mine\n")
    done = init(tmp_path, "--yes", *ANSWERS, *PAGE, "--mailbox", "postfix")
    assert done.exit_code == 1
    assert "is there already" in done.output
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("pansentry.yaml", "mine\n")]
