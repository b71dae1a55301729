"""Whoever owns the machine is never locked out: roles and passwords from the command line."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from pansentry.cli import main
from pansentry.cli.stored import person
from pansentry.configuration import load
from pansentry.permissions import Role
from pansentry.store import open_store

OLD, NEW = "three words long", "three other words"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A store with one account, that of an admin."""
    path = tmp_path / "pansentry.yaml"
    path.write_text(f"hostname: mx.shop.example\ndomains: [shop.example]\nstate_dir: {tmp_path}/state\n")

    async def fill() -> None:
        store = await open_store(load(path, {}).store)
        await store.accounts.create("marta", OLD, Role.ADMIN, who="test")
        await store.close()

    (tmp_path / "state").mkdir()
    asyncio.run(fill())
    return path


def run(*arguments: str) -> int:
    """Return the exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert isinstance(left.value.code, int)
    return left.value.code


def signed_in(config: Path, password: str) -> bool:
    """Tell whether the admin comes in with a password."""

    async def ask() -> bool:
        store = await open_store(load(config, {}).store)
        found = await store.accounts.sign_in("marta", password, "")
        await store.close()
        return found is not None

    return asyncio.run(ask())


def test_root_gives_itself_a_role(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one the refusal says what to do; others than root cannot."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert run("quarantine", "list", "-c", str(config)) == 2
    assert f"`pansentry audit grant {person()} viewer`" in capsys.readouterr().err
    assert run("audit", "grant", person(), "viewer", "-c", str(config)) == 2
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert run("audit", "grant", person(), "viewer", "-c", str(config)) == 0
    assert run("quarantine", "list", "-c", str(config)) == 0


def test_a_lost_password_is_replaced(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By root; the old one ends, a short one and an unknown name are refused, nobody else may."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert run("audit", "password", "marta", "--password", NEW, "-c", str(config)) == 2
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert run("audit", "password", "marta", "--password", "short", "-c", str(config)) == 2
    assert "twelve" in (said := capsys.readouterr().err) or "12 characters" in said
    assert run("audit", "password", "nobody", "--password", NEW, "-c", str(config)) == 2
    assert signed_in(config, OLD)
    assert run("audit", "password", "marta", "--password", NEW, "-c", str(config)) == 0
    assert (signed_in(config, OLD), signed_in(config, NEW)) == (False, True)


def test_after_sudo_the_name_is_that_of_whoever_typed_it(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal names them, not root, and what it says is the remedy."""
    monkeypatch.setenv("SUDO_USER", "eve")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert run("quarantine", "list", "-c", str(config)) == 2
    said = capsys.readouterr().err
    assert "eve has no role here" in said
    assert "`pansentry audit grant eve viewer`" in said
    assert run("audit", "grant", "eve", "viewer", "-c", str(config)) == 0
    assert run("quarantine", "list", "-c", str(config)) == 0


def test_a_new_password_ends_tokens_and_says_so(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program goes on with no token that was made under the password that was lost."""

    async def token(made: str = "") -> bool | str:
        store = await open_store(load(config, {}).store)
        answer = (
            await store.accounts.session(made) is not None
            if made
            else await store.accounts.make_token("marta", "cash desk")
        )
        await store.close()
        return answer

    made = asyncio.run(token())
    assert isinstance(made, str)
    assert asyncio.run(token(made))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert run("audit", "password", "marta", "--password", NEW, "-c", str(config)) == 0
    assert "sessions and tokens of programs are ended" in capsys.readouterr().out
    assert not asyncio.run(token(made))


def test_a_password_that_is_no_text(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes that are no UTF-8 are refused in one sentence."""
    assert run("audit", "password", "marta", "--password", "three words long \udcff", "-c", str(config)) == 2
    assert "The password is not UTF-8 text" in capsys.readouterr().err
