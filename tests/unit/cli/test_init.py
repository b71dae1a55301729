"""``pansentry init``: what it writes is what the gateway takes; wrong answers leave nothing behind."""

from __future__ import annotations

import io
import os
import pwd
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pansentry import shipped
from pansentry.cli import init as module
from pansentry.cli import run_safely
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
    assert str(shipped.deployment(kind.page)) in done.output
    assert shipped.deployment(kind.page).is_file()
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


def test_a_wrong_answer_is_asked_for_again(tmp_path: Path) -> None:
    """A wrong name, domain, telephone or address is said at its question, and the other answers are kept."""
    said = "\nMeier\nnot a domain\nshop.example\npostfix\nring us\n+41 44 668 18 00\nshop.example/pay\n"
    done = init(tmp_path, answers=said + "https://shop.example/pay\n\n\n")
    assert done.exit_code == 0, done.output
    for sentence in ("This one is needed.", "not a domain is no domain", "cannot be ring us", "`https://…`"):
        assert done.output.count(sentence) == 1
    business = load(tmp_path / "pansentry.yaml", {}).business
    assert business is not None
    assert (business.name, business.pay_page) == ("Meier", "https://shop.example/pay")


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the input ends before the answers, that is said, with exit code 2."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run_safely(lambda: command.main(["-d", str(tmp_path)], "init", standalone_mode=False)) == 2
    assert "a question is not answered" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


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


def test_a_folder_made_for_wrong_answers_goes(tmp_path: Path) -> None:
    """Where an answer is wrong, the folder that was made for the files is not left."""
    done = init(tmp_path / "new", "--yes", *ANSWERS, "--pay-page", "http://shop.example", "--mailbox", "postfix")
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Where a configuration is already, nothing is written."""
    (tmp_path / "pansentry.yaml").write_text("mine\n")
    done = init(tmp_path, "--yes", *ANSWERS, *PAGE, "--mailbox", "postfix")
    assert done.exit_code == 1
    assert "is there already" in done.output
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("pansentry.yaml", "mine\n")]


def test_policies_that_are_there_stay(tmp_path: Path) -> None:
    """Policies that a package or the admin put there are kept, used and not written over."""
    shutil.copytree(shipped.policies(), tmp_path / "policies")
    before = (tmp_path / "policies/default.yaml").read_bytes() + b"# mine\n"
    (tmp_path / "policies/default.yaml").write_bytes(before)
    done = init(tmp_path, "--yes", *ANSWERS, *PAGE, "--mailbox", "postfix")
    assert done.exit_code == 0, done.output
    assert "Kept as they are" in done.output
    assert (tmp_path / "policies/default.yaml").read_bytes() == before


def test_policies_that_are_there_and_wrong(tmp_path: Path) -> None:
    """They are named with their real place, and nothing is written."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/mine.yaml").write_text("policy: 1\nnonsense: true\n")
    done = init(tmp_path, "--yes", *ANSWERS, *PAGE, "--mailbox", "postfix")
    assert done.exit_code == 2
    assert f"{tmp_path}/policies/mine.yaml" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["policies"]


def test_letters_from_a_maildir_have_a_way_out(tmp_path: Path) -> None:
    """Who has no mail server may name one for letters; without it they stay here, and the page says so."""
    sure = ["--yes", *ANSWERS, *PAGE, "--mailbox", "maildir"]
    assert init(tmp_path / "a", *sure, "--server", "smtp.provider.example:587").exit_code == 0
    assert load(tmp_path / "a/pansentry.yaml", {}).reply_via == "smtp://smtp.provider.example:587?tls=required"
    assert init(tmp_path / "b", *sure).exit_code == 0
    assert load(tmp_path / "b/pansentry.yaml", {}).reply_via is None


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another account")
def test_what_root_writes_the_gateway_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an account for the gateway the key is its group's to read, the policies are its own, others see neither."""
    monkeypatch.setattr(module, "ACCOUNT", "nobody")
    account = pwd.getpwnam("nobody")
    done = init(tmp_path, "--yes", *ANSWERS, *PAGE, "--mailbox", "postfix")
    assert done.exit_code == 0, done.output
    key = (tmp_path / "dkim.pem").stat()
    assert (key.st_uid, key.st_gid, key.st_mode & 0o777) == (0, account.pw_gid, 0o640)
    assert (tmp_path / "policies/default.yaml").stat().st_uid == account.pw_uid
    assert load(tmp_path / "pansentry.yaml", {}).user == "nobody"
