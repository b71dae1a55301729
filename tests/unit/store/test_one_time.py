"""Secrets of one-time codes: encrypted in the table, and codes of them that work once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select, update

from pansentry.permissions import Role
from pansentry.store import open_store, schema
from pansentry.store.one_time import is_secret, matching_step, open_secret, seal_secret

KEY, OTHER = b"k" * 32, b"o" * 32
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""RFC 6238, appendix B: the ASCII text 12345678901234567890."""
NOW = 1_790_000_010.0
PASSWORD = "three words in a row"


def test_a_sealed_secret_opens_again() -> None:
    """What is sealed is opened with the same key for the same account, and fits into the column."""
    sealed = seal_secret(KEY, "marta", SECRET)
    assert SECRET not in sealed
    assert len(sealed) == 64
    assert not is_secret(sealed)
    assert open_secret(KEY, "marta", sealed) == SECRET


def test_two_sealings_differ() -> None:
    """Two accounts with one secret cannot be told from the table."""
    assert seal_secret(KEY, "marta", SECRET) != seal_secret(KEY, "marta", SECRET)


@pytest.mark.parametrize(
    ("key", "name", "change"),
    [
        (OTHER, "marta", ""),
        (KEY, "otto", ""),
        (KEY, "marta", "A"),
        (KEY, "marta", "not base64!"),
        (KEY, "marta", "AAAA"),
    ],
)
def test_what_was_not_sealed_for_this_opens_nothing(key: bytes, name: str, change: str) -> None:
    """Another key, another account's row, a changed row: no secret, and no code of it."""
    sealed = seal_secret(KEY, "marta", SECRET)
    stored = (change + sealed[1:] if sealed[0] != "A" else "B" + sealed[1:]) if change == "A" else change or sealed
    assert open_secret(key, name, stored) == ""
    assert matching_step("", pyotp.TOTP(SECRET).at(int(NOW)), NOW) is None


def test_codes_of_the_standard() -> None:
    """The codes of RFC 6238's appendix B (six digits), a step early and late, and no further."""
    at = 1_111_111_109.0
    assert [matching_step(SECRET, "081804", at + late) for late in (0, 30, -30)] == [37_037_036] * 3
    assert [matching_step(SECRET, "081804", at + late) for late in (61, -61)] == [None, None]
    assert matching_step(SECRET, "\uff1081804", at) is None


@pytest.mark.parametrize("secret", ["", "short", SECRET[:-1], SECRET + "A", SECRET.lower(), "1" * 32])
def test_what_is_no_secret_has_no_code(secret: str) -> None:
    """A form can post anything."""
    assert matching_step(secret, "000000", NOW) is None


async def test_the_table_holds_no_secret(url: str) -> None:
    """Switched on, the secret is not in the database, and its code signs in once."""
    store = await open_store(url, lambda: NOW, key=KEY)
    accounts, code = store.accounts, pyotp.TOTP(SECRET).at(int(NOW))
    await accounts.create("marta", PASSWORD, Role.ADMIN, who="test")
    assert not await accounts.start_totp("marta", SECRET, "000000", who="marta")
    assert await accounts.start_totp("marta", SECRET, code, who="marta")
    ((stored,),) = await store.database.read(select(schema.accounts.c.totp))
    assert stored != ""
    assert SECRET not in stored
    assert await accounts.sign_in("marta", PASSWORD, "") is None
    assert await accounts.sign_in("marta", PASSWORD, code) is not None
    assert await accounts.sign_in("marta", PASSWORD, code) is None
    await store.close()


async def test_an_old_secret_is_sealed_at_the_start(sqlite_url: str, tmp_path: Path) -> None:
    """What a former version left in the clear is encrypted when the store is opened, and its codes still work."""
    store = await open_store(sqlite_url, lambda: NOW)
    await store.accounts.create("marta", PASSWORD, Role.ADMIN, who="test")
    clear = update(schema.accounts).values(totp=SECRET)
    await store.database.write(lambda connection: connection.execute(clear))
    await store.close()
    store = await open_store(sqlite_url, lambda: NOW)
    assert await store.accounts.sign_in("marta", PASSWORD, pyotp.TOTP(SECRET).at(int(NOW))) is not None
    await store.close()
    database = tmp_path / "data/s.db"
    with sqlite3.connect(database) as connection:
        ((stored,),) = connection.execute("SELECT totp FROM accounts").fetchall()
    assert open_secret((database.parent / "s.db.key").read_bytes(), "marta", stored) == SECRET
    assert SECRET.encode() not in database.read_bytes()
