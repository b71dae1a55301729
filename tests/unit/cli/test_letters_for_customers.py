"""`code`, `subject`, `dkim`, `page`, `reply preview`: what staff and admins type."""

from __future__ import annotations

import asyncio
import json
import re
import stat
from pathlib import Path

import pytest

from pansentry.cli import main
from pansentry.conversation import customer_token
from pansentry.outcome import EnqueueLetter
from pansentry.reply import window_key
from pansentry.store import Store, open_store
from pansentry.wiring import token_key

ANNA = "anna@customer.example"
INFO = "info@shop.example"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with a store of its own."""
    path = tmp_path / "pansentry.yaml"
    path.write_text(
        f"""hostname: gw.shop.example
domains: [{INFO}]
next_hop: "maildir:{tmp_path}/mail"
state_dir: {tmp_path}/state
business: {{name: Meier, phone: "+49 30 123456", pay_page: "https://shop.example/pay", website: "https://shop.example"}}
"""
    )
    return path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def fill(config: Path) -> None:
    """File a letter with a code, an event, a held mail and a conversation, all of Anna."""
    from pansentry.configuration import load
    from pansentry.conversation import keyed
    from pansentry.features import keys_of

    async def job() -> None:
        configuration = load(config, {})
        store: Store = await open_store(configuration.store)
        key = token_key(configuration, store)
        letter = EnqueueLetter(
            ANNA,
            b"letter",
            window_key(key, INFO, ANNA, "guidance"),
            customer=customer_token(key, ANNA),
            code="CFHJ-KMPR",
            message_ref="bcdfg",
        )
        await store.outbox.file_letter(letter)
        await store.memory.remember([keyed(key, "conversation", "address", f"{ANNA}>{INFO}")], 1000)
        await store.held.put(b"held", "rule", ANNA, [INFO])
        store.events.record(
            {
                "kind": "message",
                "message_ref": "bcdfg",
                "sender_domain": "customer.example",
                "pan": 1,
                "sender_keys": keys_of(ANNA, key),
            }
        )
        store.events.record({"kind": "message", "message_ref": "other", "sender_domain": "customer.example"})
        await store.close()

    asyncio.run(job())


def test_codes_are_checked_and_marked(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Right, wrong with tries left, marked by phone, and what is no code."""
    fill(config)
    assert run("code", "check", "cfhj kmpr", "-c", str(config)) == 0
    assert capsys.readouterr().out == "right (message bcdfg)\n"
    assert run("code", "check", "CFHJ-AAAA", "-c", str(config)) == 1
    assert "wrong: the second half does not fit; 2 of three tries left" in capsys.readouterr().out
    assert run("code", "mark", "CFHJ-KMPR", "paid", "--by", "phone", "-c", str(config), "--json") == 0
    assert json.loads(capsys.readouterr().out)["marked"] == "paid"
    assert run("code", "check", "CFHJ-KMPR", "-c", str(config)) == 0
    assert capsys.readouterr().out == "right (message bcdfg); paid by phone\n"
    assert run("code", "check", "1234", "-c", str(config)) == 2
    assert "A reference code is eight letters" in capsys.readouterr().err
    assert run("code", "check", "PPPP-PPPP", "-c", str(config)) == 1


def test_a_code_can_go_by_post(config: Path, tmp_path: Path) -> None:
    """A PDF with the code."""
    assert run("code", "letter", "CFHJ-KMPR", "-c", str(config), "-o", str(tmp_path / "a.pdf")) == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-1.4")


def test_a_subject_is_exported_and_erased(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything about an address is shown; after erasing, only counters are left."""
    fill(config)
    assert run("subject", "export", ANNA, "-c", str(config)) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["letters"]["sent"] == 1
    assert len(found["letters"]["waiting"]) == 1
    assert [code["message_ref"] for code in found["reference_codes"]] == ["bcdfg"]
    assert [len(found[n]) for n in ("reply_windows", "conversations_remembered_until", "held_mail")] == [1, 1, 1]
    assert [event["message_ref"] for event in found["events"]] == ["bcdfg"]
    times = [*found["conversations_remembered_until"], found["held_mail"][0]["at"], found["events"][0]["at"]]
    times += [*found["reply_windows"][0].values(), found["reference_codes"][0]["created_at"]]
    assert [one for one in times if not re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", one)] == []
    assert run("subject", "erase", ANNA, "-c", str(config), "--yes") == 0
    counts = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert set(counts.values()) == {"1", "0"}
    assert counts["events blanked"] == counts["held mail"] == counts["reference codes"] == "1"
    assert run("subject", "export", ANNA, "-c", str(config)) == 0
    after = json.loads(capsys.readouterr().out)
    empty = {"sent": 0, "language": "", "wants_none": False, "times_of_the_last_day": [], "waiting": []}
    assert after.pop("letters") == empty
    assert all(not after[name] for name in after if name != "address")

    async def events() -> list[dict[str, object]]:
        from pansentry.configuration import load

        store = await open_store(load(config, {}).store)
        kept = [dict(event) for event in await store.events.recent()]
        await store.close()
        return kept

    kept = {event["message_ref"]: event for event in asyncio.run(events())}
    assert kept["bcdfg"]["pan"] == 1
    assert "sender_domain" not in kept["bcdfg"]
    assert kept["other"]["sender_domain"] == "customer.example"


def test_a_customer_can_be_left_alone(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No more letters, and letters again."""
    assert run("subject", "silence", ANNA, "-c", str(config)) == 0
    assert run("subject", "export", ANNA, "-c", str(config)) == 0
    assert '"wants_none": true' in capsys.readouterr().out
    assert run("subject", "silence", ANNA, "--again", "-c", str(config)) == 0
    assert run("subject", "export", ANNA, "-c", str(config)) == 0
    assert '"wants_none": false' in capsys.readouterr().out


def test_a_dkim_key_comes_with_its_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is for its owner only and never overwritten; the record and the settings are printed."""
    key = tmp_path / "dkim.pem"
    monkeypatch.chdir(tmp_path)
    assert run("dkim", "keygen", "shop.example") == 0
    out = capsys.readouterr().out
    assert 'pansentry._domainkey.shop.example. IN TXT ( "v=DKIM1; k=rsa; s=email; p=' in out
    assert "dkim:\n  domain: shop.example\n  selector: pansentry\n" in out
    assert all(len(part) <= 255 for line in out.splitlines() if "IN TXT" in line for part in line.split('"'))
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert run("dkim", "keygen", "shop.example", "-o", str(key)) == 2
    assert "is there already" in capsys.readouterr().err
    assert run("dkim", "keygen", "shop", "-o", str(tmp_path / "b.pem")) == 2
    assert run("dkim", "keygen", "shop.example", "-o", str(tmp_path / "no/b.pem")) == 2


def test_the_page_is_built(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file, with the address that letters come from and a status note."""
    out = tmp_path / "page.html"
    assert run("page", "build", "-c", str(config), "-o", str(out), "--status", "All is well") == 0
    assert "16 languages" in capsys.readouterr().out
    assert INFO in out.read_text()
    assert "All is well" in out.read_text()


def test_every_rule_has_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`reply check --json` scores each letter rule by rule; a bad one says why, and the exit code is 1."""
    assert run("reply", "check", "--json") == 0
    scores = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(scores) == 16 * 6
    assert all(one["points"] == one["best"] == len(one["rules"]) for one in scores)
    bad = tmp_path / "guidance/en"
    bad.mkdir(parents=True)
    replies = Path(__file__).parents[3] / "replies"
    (tmp_path / "layout.html").write_bytes((replies / "layout.html").read_bytes())
    for file in ("subject.txt", "body.txt", "body.html"):
        text = (replies / "guidance/en" / file).read_text()
        (bad / file).write_text(text.replace("Kind regards", "Act now"))
    assert run("reply", "check", "--json", str(tmp_path)) == 1
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["points"] == first["best"] - 1
    assert first["rules"]["urgency"] == "“act now” hurries people, as phishing does. Leave it out."
    assert run("reply", "check", str(tmp_path)) == 78


def test_every_kind_can_be_previewed(capsys: pytest.CaptureFixture[str]) -> None:
    """In any language; a kind or language that is not there is said so."""
    assert run("reply", "preview", "--lang", "fr", "--kind", "held") == 0
    assert "en attente" in capsys.readouterr().out
    assert run("reply", "preview", "--kind", "angry") == 2
    assert "The kinds are: " in capsys.readouterr().err
    assert run("reply", "preview", "--lang", "fi") == 2


def test_the_audit_log_is_counted_in_words(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One entry is one entry; what is gone is named by its number, or by the first and the last."""
    assert run("subject", "export", ANNA, "-c", str(config)) == 0
    capsys.readouterr()
    assert run("audit", "verify", "-c", str(config)) == 0
    assert capsys.readouterr().out == "whole: 1 entry\n"
    assert run("audit", "verify", "-c", str(config), "--at-least", "2") == 1
    assert capsys.readouterr().out == "broken: entry 2 is gone\n"
    assert run("audit", "verify", "-c", str(config), "--at-least", "4") == 1
    assert capsys.readouterr().out == "broken: entries 2 to 4 are gone\n"
