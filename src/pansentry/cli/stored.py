"""Commands on what the gateway keeps: open the store, know who asks, ask whether they may, close it again.

The name of a person is that of the system user; after ``sudo`` the user before it. Whoever may open the files may of
course do with them what they like: roles keep honest people from slips, the audit log says what was done.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
    from pansentry.permissions import Task
    from pansentry.store import Store

T = TypeVar("T")

config_option = click.option(
    "-c",
    "--config",
    "config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Configuration file (pansentry.yaml).",
)


def person() -> str:
    """Return the name of whoever runs this command."""
    import pwd

    if before := os.environ.get("SUDO_USER"):
        return before
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without a name, as containers have
        return f"user {os.getuid()}"


def with_store(
    config: Path | None,
    task: Task,
    job: Callable[[Store, Configuration, str], Awaitable[T]],
    *,
    root_may: bool = False,
) -> T:
    """Run ``job`` on the store that the configuration names, if the role of the person allows ``task``.

    With ``root_may`` root needs no role: the way back in for whoever owns the machine, who could change the store
    anyway; the audit log has it.
    """
    from pansentry.configuration import load
    from pansentry.store import open_configured

    configuration = load(config, os.environ)

    async def run() -> T:
        store = await open_configured(configuration)
        try:
            who = person()
            if not (root_may and os.geteuid() == 0):
                await store.people.require(who, task)
            return await job(store, configuration, who)
        finally:
            await store.close()

    return asyncio.run(run())
