"""Each check of the doctor: what is well passes, what is not is named with its fix, and what breaks quotes nothing."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme
from tests.e2e.next_hops.scripted import ScriptedHop

from pansentry import native
from pansentry.configuration import Configuration
from pansentry.configuration.load import parse
from pansentry.doctor import checks
from pansentry.doctor.answer import Answer, State, passed


def configured(folder: Path, text: str = "") -> Configuration:
    head = "hostname: gw.shop.example\ndomains: [shop.example]\nlisten: [{address: '127.0.0.1:1'}]\n"
    text = f"state_dir: {folder}\n{text}"
    return parse((head + text).encode(), "f", {}, folder, lambda _: "")[0]


def ask(name: str, configuration: Configuration) -> Answer:
    (check,) = [check for check in checks.CHECKS if check.name == name]
    return check.ask(check.name, configuration)


def test_every_check_answers_on_an_empty_machine(tmp_path: Path) -> None:
    """Whatever there is, each row gives one answer with a sentence, and a fix unless it passed."""
    answers = checks.examine(configured(tmp_path))
    assert [answer.check for answer in answers] == [check.name for check in checks.CHECKS]
    for answer in answers:
        assert answer.said.endswith(".")
        assert answer.fix or answer.state in (State.PASS, State.SKIP)


def test_compiled_searches_of_another_version_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an upgrade of PanSentry alone left behind is not used, and the doctor says so."""
    assert "compiled" not in ask("extras", configured(tmp_path)).said
    monkeypatch.setattr(native, "_compiled", SimpleNamespace(CONTRACT=native.CONTRACT + 1))
    answer = ask("extras", configured(tmp_path))
    assert answer.state is State.WARN
    assert "compiled" in answer.said
    assert "./native" in answer.fix


def test_a_check_that_breaks_quotes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception becomes type and place."""

    def broken(_name: str, _configuration: Configuration) -> Answer:
        raise ValueError("secret")

    monkeypatch.setattr(checks, "CHECKS", (checks.Check("broken", broken),))
    (answer,) = checks.examine(configured(tmp_path))
    assert answer.state is State.FAIL
    assert "ValueError at test_checks.py" in answer.said
    assert "secret" not in answer.said


def test_what_waits_for_others_is_asked_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks that wait do it together, behind those of this machine; their answers stand in the order of the table."""
    together = threading.Barrier(3)
    said: list[str] = []

    def wait(name: str, _configuration: Configuration) -> Answer:
        together.wait(10)
        said.append("waited")
        if name == "b":
            raise ValueError
        return passed(name, "It came.")

    def here(name: str, _configuration: Configuration) -> Answer:
        said.append("here")
        return passed(name, "It is here.")

    rows = [checks.Check("a", wait, waits=True), checks.Check("b", wait, waits=True), checks.Check("c", here)]
    rows += [checks.Check("d", wait, waits=True), checks.Check("e", here)]
    monkeypatch.setattr(checks, "CHECKS", tuple(rows))
    answers = checks.examine(configured(tmp_path))
    assert [(one.check, one.state) for one in answers] == [
        ("a", State.PASS),
        ("b", State.FAIL),
        ("c", State.PASS),
        ("d", State.PASS),
        ("e", State.PASS),
    ]
    assert said == ["here", "here", "waited", "waited", "waited"]


def test_names_are_unique() -> None:
    """A check is known by its name."""
    names = [check.name for check in checks.CHECKS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("networks", "state"),
    [
        ("10.0.0.0/8", State.PASS),
        ("203.0.113.4", State.PASS),
        ("198.51.100.0/24", State.PASS),
        ("198.51.100.0/23", State.FAIL),
        ("0.0.0.0/0", State.FAIL),
        ("8.0.0.0/7", State.FAIL),
        ("'::/0'", State.FAIL),
        ("'fd00::/8'", State.PASS),
    ],
)
def test_trusted_networks(tmp_path: Path, networks: str, state: State) -> None:
    """Private networks and small public ones may speak for clients, half the Internet may not."""
    assert ask("trusted networks", configured(tmp_path, f"trusted: {{proxies: [{networks}]}}")).state is state


@pytest.mark.parametrize(("days", "state"), [(60, State.PASS), (5, State.WARN), (-5, State.WARN)])
def test_days_of_a_certificate(tmp_path: Path, days: int, state: State) -> None:
    """A certificate that ends soon is a warning in time."""
    ours = trustme.CA().issue_cert("gw.shop.example", not_after=datetime.now(UTC) + timedelta(days=days))
    ours.private_key_pem.write_to_path(tmp_path / "key.pem")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    answer = ask("certificate", configured(tmp_path, "tls: {certificate: cert.pem, key: key.pem}"))
    assert answer.state is state, answer


def test_a_certificate_that_cannot_be_used(tmp_path: Path) -> None:
    """A missing file fails, and the system's reason is said."""
    answer = ask("certificate", configured(tmp_path, "tls: {certificate: no.pem, key: no.pem}"))
    assert (answer.state, "(No such file or directory)" in answer.said) == (State.FAIL, True)


@pytest.mark.parametrize(
    ("mode", "content", "state"),
    [(0o600, b"", State.PASS), (0o644, b"", State.WARN), (0o600, b"no database" * 99, None)],
)
def test_the_store(tmp_path: Path, mode: int, content: bytes, state: State | None) -> None:
    """Readable by others is a warning, damage fails."""
    path = tmp_path / "pansentry.db"
    if content:
        path.write_bytes(content)
    else:
        sqlite3.connect(path).execute("CREATE TABLE t (v)").connection.close()
    path.chmod(mode)
    answers = {answer.check: answer for answer in checks.examine(configured(tmp_path))}
    assert answers["store"].state is (state or State.FAIL), answers["store"]


def test_a_memory_budget_beyond_the_machine(tmp_path: Path) -> None:
    """Limits that allow more memory than there is are named with both figures."""
    configuration = configured(tmp_path, "limits: {bytes_in_flight: 900 GiB}")
    assert ask("space", configuration).state is State.WARN
    assert ask("space", configured(tmp_path)).state is State.PASS


def test_swap_and_locked_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that swaps is a warning unless memory is locked."""
    swaps = tmp_path / "swaps"
    swaps.write_text("Filename Type Size Used Priority\n/swapfile file 1 0 -2\n")
    monkeypatch.setattr(checks, "Path", lambda _path: swaps)
    assert ask("swap", configured(tmp_path)).state is State.WARN
    assert ask("swap", configured(tmp_path, "lock_memory: true")).state is State.PASS
    swaps.write_text("Filename Type Size Used Priority\n")
    assert ask("swap", configured(tmp_path)).state is State.PASS


@pytest.mark.skipif(os.geteuid() != 0, reason="asks about root")
def test_root_without_a_user(tmp_path: Path) -> None:
    """To stay root is a warning, to become somebody is not."""
    assert ask("user", configured(tmp_path)).state is State.WARN
    assert ask("user", configured(tmp_path, "user: pansentry")).state is State.PASS


def test_a_next_hop_that_is_not_there(tmp_path: Path) -> None:
    """Nobody answers: that fails, with the address."""
    answer = ask("next hop", configured(tmp_path, "next_hop: smtp://127.0.0.1:9"))
    assert answer.state is State.FAIL
    assert "smtp://127.0.0.1:9" in answer.said


async def _while_it_runs(script: dict, name: str, folder: Path, more: str = "") -> Answer:
    import asyncio

    async with ScriptedHop(script) as hop:
        configuration = configured(folder, f"next_hop: '{hop.url}?tls=none'\n{more}")
        return await asyncio.to_thread(ask, name, configuration)


@pytest.mark.parametrize(
    ("answer", "state"),
    [(b"250 ok\r\n", State.WARN), (b"550 5.1.1 no\r\n", State.PASS), (b"450 later\r\n", State.WARN)],
)
async def test_unknown_recipients(tmp_path: Path, answer: bytes, state: State) -> None:
    """A next hop that takes everybody is a warning: typos would vanish."""
    assert (await _while_it_runs({"rcpt": answer}, "unknown recipients", tmp_path)).state is state


async def test_a_next_hop_that_answers(tmp_path: Path) -> None:
    """What it offers is compared with what we take."""
    assert (await _while_it_runs({}, "next hop", tmp_path)).state in (State.PASS, State.WARN)


def test_answers_are_plain_values() -> None:
    """They become JSON as they are."""
    answer = Answer("a", State.FAIL, "b.", "c.")
    assert dataclasses.asdict(answer) == {"check": "a", "state": "fail", "said": "b.", "fix": "c."}


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ({}, State.PASS),
        ({"rcpt": b"550 5.1.1 nobody\r\n"}, State.WARN),
        ({"rcpt": b"530 5.7.0 who are you\r\n"}, State.FAIL),
        ({"rcpt": b"554 5.7.1 not you\r\n"}, State.FAIL),
        ({"rcpt": b"450 4.2.0 greylisted\r\n"}, State.WARN),
    ],
)
async def test_how_the_next_hop_receives_us(script: dict, state: State, tmp_path: Path) -> None:
    """Taken, no postmaster, asked for a password, refused as a machine, put off."""
    assert (await _while_it_runs(script, "welcome", tmp_path)).state is state


async def test_the_way_around_the_gateway(tmp_path: Path) -> None:
    """From elsewhere: a next hop that takes strangers fails, one that refuses them or cannot be reached passes."""
    import asyncio

    from pansentry.doctor.servers import probe_bypass

    for script, state in (({}, State.FAIL), ({"rcpt": b"550 5.7.1 go by the gateway\r\n"}, State.PASS)):
        async with ScriptedHop(script) as hop:
            configuration = configured(tmp_path, f"next_hop: '{hop.url}?tls=none'\n")
            assert (await asyncio.to_thread(probe_bypass, "way around", configuration)).state is state
    away = configured(tmp_path, "next_hop: smtp://127.0.0.1:9")
    assert probe_bypass("way around", away).state is State.PASS
    assert ask("way around", configured(tmp_path, "next_hop: smtp://mail.example:25")).state is State.SKIP


@pytest.mark.parametrize(
    ("error", "state"),
    [(None, State.PASS), (TimeoutError(), State.FAIL), (ConnectionRefusedError(), State.WARN)],
)
def test_port_25_outwards(
    error: Exception | None, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence is a port that the provider shut; who leaves by another port, or not at all, is not asked."""
    asked = []

    def connect(address: tuple[str, int], timeout: float) -> object:
        asked.append(address)
        if error is not None:
            raise error
        return type("Open", (), {"close": lambda _self: None})()

    monkeypatch.setattr("pansentry.doctor.servers.socket.create_connection", connect)
    assert ask("port 25 outwards", configured(tmp_path, "next_hop: smtp://mail.example:25")).state is state
    assert asked == [("mail.example", 25)]
    for hop in ("smtp://127.0.0.1:25", "smtp://mail.example:587?tls=required", f"maildir:{tmp_path}"):
        assert ask("port 25 outwards", configured(tmp_path, f"next_hop: '{hop}'")).state is State.SKIP
