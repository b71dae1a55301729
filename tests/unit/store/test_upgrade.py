"""Databases of an earlier version are brought up by ``pansentry db upgrade``, and not used before."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, text
from tests.e2e.postgres import PASSWORD
from tests.unit.configuration.test_load import HEAD, read
from tests.unit.store.engines import open_at

from pansentry.cli.db import command
from pansentry.store import schema
from pansentry.store.upgrade import STEPS, Upgraded, _on, upgrade, version_of

STEP = """
from alembic import op
import sqlalchemy as sa

revision, down_revision = "{revision:04}", "{before:04}"

def upgrade():
    op.create_table("extra", sa.Column("name", sa.String(8), primary_key=True))
    op.execute("INSERT INTO extra VALUES ('there')")
    {more}
"""


def later(tmp_path: Path, more: str = "") -> Path:
    """Return the steps of a program that knows one version more than this one."""
    steps = tmp_path / "later"
    shutil.copytree(STEPS, steps)
    text = STEP.format(more=more, revision=schema.SCHEMA_VERSION + 1, before=schema.SCHEMA_VERSION)
    (steps / f"versions/{schema.SCHEMA_VERSION + 1:04}_extra.py").write_text(text)
    return steps


async def test_an_empty_database_gets_all_tables_and_a_gateway_can_use_them(url):
    """What the command makes is what opening makes."""
    assert await asyncio.to_thread(version_of, url) == 0
    assert await asyncio.to_thread(upgrade, url) == Upgraded(0, schema.SCHEMA_VERSION)
    assert await asyncio.to_thread(version_of, url) == schema.SCHEMA_VERSION
    store = await open_at(url, lambda: 1000.0)
    await store.memory.remember(("t",), 10)
    await store.close()
    assert await asyncio.to_thread(upgrade, url) == Upgraded(schema.SCHEMA_VERSION, schema.SCHEMA_VERSION)


async def test_a_database_of_the_version_before_keeps_what_is_in_it(url, tmp_path, monkeypatch):
    """A step runs once, beside the data; a program that needs it refuses the database before, and takes it after."""
    store = await open_at(url, lambda: 1000.0)
    await store.audit.append("anna", "policy.reload")
    await store.close()
    steps, now = later(tmp_path), schema.SCHEMA_VERSION
    new = now + 1
    monkeypatch.setattr(schema, "SCHEMA_VERSION", new)
    with pytest.raises(ValueError, match=rf"schema {now}, and this version .* needs {new}\. Run `pansentry db"):
        await open_at(url, lambda: 1000.0)
    assert await asyncio.to_thread(upgrade, url, steps=steps) == Upgraded(now, new)
    assert await asyncio.to_thread(upgrade, url, steps=steps) == Upgraded(new, new)
    store = await open_at(url, lambda: 1000.0)
    assert [entry.who for entry in await store.audit.list()] == ["anna"]
    assert (await store.database.read(text("SELECT name FROM extra")))[0][0] == "there"
    await store.close()


async def test_the_tables_of_the_first_version_become_those_of_now(url):
    """Every step that is shipped, on tables as they were: afterwards they have the columns that this version makes."""
    await (await open_at(url, lambda: 1000.0)).close()
    made = await asyncio.to_thread(_on, url, _columns)

    def as_it_was(connection):
        for table in ("guests", "nodes"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE meta SET value = '1' WHERE name = 'schema'"))

    await asyncio.to_thread(_on, url, as_it_was)
    assert await asyncio.to_thread(upgrade, url) == Upgraded(1, schema.SCHEMA_VERSION)
    assert await asyncio.to_thread(_on, url, _columns) == made
    await (await open_at(url, lambda: 1000.0)).close()


def _columns(connection):
    """Return every column of every table with its type and whether it may be empty."""
    tables = inspect(connection)
    return {
        (table, column["name"], str(column["type"]), column["nullable"])
        for table in tables.get_table_names()
        for column in tables.get_columns(table)
        if table != "alembic_version"
    }


async def test_a_step_that_fails_leaves_everything_as_it_was(url, tmp_path):
    """Half an upgrade is none: neither tables nor numbers have changed."""
    await (await open_at(url, lambda: 1000.0)).close()
    with pytest.raises(RuntimeError, match="half-way"):
        await asyncio.to_thread(upgrade, url, steps=later(tmp_path, "raise RuntimeError('half-way')"))
    assert await asyncio.to_thread(version_of, url) == schema.SCHEMA_VERSION
    store = await open_at(url, lambda: 1000.0)
    with pytest.raises(Exception, match="extra"):
        await store.database.read(text("SELECT * FROM extra"))
    await store.close()


def test_the_newest_step_is_the_version_of_the_tables():
    """Nobody changes the schema and forgets the step that leads there."""
    assert max(int(file.name[:4]) for file in (STEPS / "versions").glob("0*.py")) == schema.SCHEMA_VERSION


def test_the_command_says_what_it_did(url):
    """Three sentences for three cases, and exit code 1 while versions differ."""
    runner = CliRunner()
    empty = runner.invoke(command, ["version", "--store", url])
    assert (empty.exit_code, empty.stdout) == (1, "the database is empty\n")
    assert (
        f"was empty; it has the tables of schema {schema.SCHEMA_VERSION} now"
        in runner.invoke(command, ["upgrade", "--store", url]).stdout
    )
    assert "nothing to do" in runner.invoke(command, ["upgrade", "--store", url]).stdout
    assert runner.invoke(command, ["version", "--store", url]).exit_code == 0


@pytest.mark.parametrize(
    "wrong", ["postgresql://eva:geheim@127.0.0.1:1/x", "postgresql://eva:geh/ei@m@127.0.0.1:1/x", "postgresql://h"]
)
def test_no_message_holds_the_password(wrong):
    """A store that cannot be reached is named without the password, even one that should have been encoded."""
    result = CliRunner().invoke(command, ["upgrade", "--store", wrong])
    said = result.output + repr(result.exception)
    assert "the store postgresql:" in said
    assert "geh" not in said


def test_the_doctor_looks_at_the_store_of_a_fleet(postgres, monkeypatch):
    """Empty, right, too old, refused and not there: one sentence and one fix for each."""
    from pansentry.doctor import checks
    from pansentry.doctor.answer import State

    def asked(url):
        settings = f"state_dir: /nonexistent\nstore: {url}\nsecret: {'s' * 32}\n"
        return checks.store("store", read(HEAD + settings)[0])

    url = postgres.make_database()
    assert asked(url).state is State.WARN
    upgrade(url)
    assert asked(url).state is State.PASS
    monkeypatch.setattr(checks, "SCHEMA_VERSION", schema.SCHEMA_VERSION + 1)
    assert asked(url).fix == "Run `pansentry db upgrade`."
    for wrong, said in (
        (url.replace(PASSWORD, "wrong"), "The user or the password is wrong."),
        (url.replace("test_", "missing_"), "There is no such database; make it with `createdb`."),
        ("postgresql://pan:geheim@127.0.0.1:1/x", "PostgreSQL does not answer."),
    ):
        answer = asked(wrong)
        assert (answer.state, answer.said) == (State.FAIL, said)
        assert answer.fix
        assert "geheim" not in repr(answer)


def test_the_base_installation_needs_no_library_for_postgresql(tmp_path):
    """SQLite works without asyncpg and Alembic, and a PostgreSQL store says in one sentence what to install."""
    program = f"""
import asyncio, sys
sys.modules["asyncpg"] = sys.modules["alembic"] = None
from pansentry.store import open_store
async def run():
    await (await open_store("sqlite:///{tmp_path}/s.db")).close()
    try:
        await open_store("postgresql://u:p@127.0.0.1:1/db", key=b"k" * 32)
    except ValueError as error:
        print(error)
asyncio.run(run())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "The library for PostgreSQL is not installed. Run `pip install 'pansentry[postgres]'`.\n"
