"""Set-up: steps with our own names in them, the doctor's answers, and a test mail that tells the truth."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.e2e.peers import free_port
from tests.unit.console.desk import desk, token_of

from pansentry import shipped
from pansentry.configuration import Configuration, load
from pansentry.console.providers import filled_in, providers
from pansentry.console.trial_mail import NUMBER, arrived, new_mark, recipient_of


def configured(folder: Path, **more: str) -> Configuration:
    """Return a configuration whose mailbox is a folder."""
    environment = {"PANSENTRY_NEXT_HOP": f"maildir:{folder}"} | {f"PANSENTRY_{name}": more[name] for name in more}
    return load(shipped.examples() / "demo/pansentry.yaml", environment)


def test_every_step_has_our_names_in_it(tmp_path: Path) -> None:
    """No place is left open, and what is copied for a provider names this installation where it must."""
    configuration = configured(tmp_path)
    for provider in providers():
        for step in provider.steps:
            assert "<<" not in filled_in(step, configuration), (provider.key, step.words)
    google = [filled_in(step, configuration) for step in providers()[0].steps]
    assert any(configuration.hostname in text and "MX" in text for text in google)


async def test_the_page_shows_steps_and_what_the_doctor_says(tmp_path: Path) -> None:
    """A provider's steps, and each answer with its fix, also without JavaScript."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        assert "New-InboundConnector" in (await browser.get("/setup?provider=microsoft")).text
        assert "/setup?look=1" in (await browser.get("/setup?provider=nobody")).text
        for path in ("/setup?look=1", "/setup/checks"):
            page = (await browser.get(path)).text
            assert "It is whole." in page
            assert "Add a `tls:` block." in page


@pytest.mark.parametrize("recipient", ["", "x", "a@elsewhere.example", "<a@shop.example>", "a b@shop.example"])
async def test_a_test_mail_goes_to_us_only(tmp_path: Path, recipient: str) -> None:
    """Nothing is sent to an address that the gateway takes no mail for."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        form = {"token": await token_of(browser), "recipient": recipient}
        assert "takes mail for" in (await browser.post("/setup/test", data=form)).text
        assert "test.send" not in {entry.did for entry in await console.store.audit.list()}


async def test_a_gateway_that_does_not_answer_is_said(tmp_path: Path) -> None:
    """Without a server on our port the page says so, and nothing breaks."""
    async with desk(tmp_path, listen=f"127.0.0.1:{free_port()}") as console:
        browser = await console.signed_in()
        form = {"token": await token_of(browser), "recipient": recipient_of(console.office.configuration)}
        assert "could not be reached" in (await browser.post("/setup/test", data=form)).text


def test_what_arrived_is_shown_without_digits(tmp_path: Path) -> None:
    """A redacted copy is told from one that still has the number, and of neither a run of digits is shown."""
    configuration, mark = configured(tmp_path), new_mark()
    assert arrived(configuration, mark) is None
    (tmp_path / "new").mkdir()
    (tmp_path / "new/1").write_bytes(f"Subject: PanSentry test {mark}\r\n\r\nMy card XXXX XXXX XXXX 5556\r\n".encode())
    found = arrived(configuration, mark)
    assert found is not None
    assert (found.is_redacted, found.text) == (True, "My card XXXX XXXX XXXX 5556")
    (tmp_path / "new/2").write_bytes(f"Subject: PanSentry test {mark}\r\n\r\nMy card {NUMBER}\r\n".encode())
    found = arrived(configuration, mark)
    assert found is not None
    assert (found.is_redacted, found.text) == (False, "My card [digits]")
    assert arrived(configuration, new_mark()) is None


async def test_a_letter_is_scored_and_sent_to_us_only(tmp_path: Path) -> None:
    """Its page says how many rules it keeps; a sample goes to an address of ours by the outbox, marked as one."""
    async with desk(tmp_path) as console:
        browser = await console.signed_in()
        assert "rules of good letters" in (await browser.get("/letters/guidance/de/first")).text
        token = await token_of(browser)
        for wrong in ("a@elsewhere.example", "a@shop.example, b@elsewhere.example", "x"):
            answer = await browser.post("/letters/guidance/de/first/send", data={"token": token, "recipient": wrong})
            assert "Write%20an%20address" in answer.headers["location"]
        assert await console.store.outbox.waiting() == 0
        ours = recipient_of(console.office.configuration)
        await browser.post("/letters/guidance/de/first/send", data={"token": token, "recipient": ours})
        (entry,) = await console.store.outbox.take(10)
        assert (entry.forward_paths, entry.reverse_path) == ((ours,), "")
        assert b"Subject: [sample]" in entry.message
        assert b"Auto-Submitted: auto-generated" in entry.message
