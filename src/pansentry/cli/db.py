"""``pansentry db``: the tables of the store, brought up to the version of the program."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from pansentry.cli.stored import config_option
from pansentry.errors import UnavailableError

if TYPE_CHECKING:
    from pansentry.store.upgrade import Upgraded

T = TypeVar("T")

url_option = click.option(
    "--store", "url", envvar="PANSENTRY_DB_STORE", help="URL of the store, in place of the one in the configuration."
)


@click.group()
def command() -> None:
    """See and change the version of the tables in the store."""


@command.command()
@config_option
@url_option
def upgrade(config: Path | None, url: str | None) -> None:
    """Bring the tables up to this version of PanSentry; an empty database gets all of them.

    In one transaction: it is done whole or not at all, and doing it again changes nothing. Gateways of the version
    before may run meanwhile; start new ones afterwards.
    """
    from pansentry.store.upgrade import upgrade

    done: Upgraded = _tried(config, url, upgrade)
    if not done.before:
        click.echo(f"the database was empty; it has the tables of schema {done.after} now")
    elif done.before == done.after:
        click.echo(f"the database has schema {done.after}, the newest this version knows; nothing to do")
    else:
        click.echo(f"the database went from schema {done.before} to schema {done.after}")


@command.command()
@config_option
@url_option
def version(config: Path | None, url: str | None) -> None:
    """Say which tables there are and which this version needs. Exit code 1: they differ."""
    from pansentry.store.schema import SCHEMA_VERSION
    from pansentry.store.upgrade import version_of

    found: int = _tried(config, url, version_of)
    click.echo(f"the database has schema {found}" if found else "the database is empty")
    if found != SCHEMA_VERSION:
        click.echo(f"this version of PanSentry needs schema {SCHEMA_VERSION}: run `pansentry db upgrade`", err=True)
        raise click.exceptions.Exit(1)


def _tried(config: Path | None, url: str | None, job: Callable[[str], T]) -> T:
    from sqlalchemy.exc import DatabaseError

    from pansentry.configuration import load, without_secret

    url = url or load(config, os.environ).store
    try:
        return job(url)
    except (OSError, ValueError, DatabaseError) as error:
        why = str(error.orig if isinstance(error, DatabaseError) else error)
        raise UnavailableError(f"the store {without_secret(url)}: {why}") from None
