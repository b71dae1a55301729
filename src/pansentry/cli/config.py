"""``pansentry config``: the configuration as it will be used, and where each value comes from."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.group()
def command() -> None:
    """Show the configuration."""


@command.command()
@click.option("-c", "--config", "path", type=click.Path(dir_okay=False, path_type=Path), help="Configuration file.")
@click.option("--origin", is_flag=True, help="Also print where each value comes from.")
def show(path: Path | None, origin: bool) -> None:
    """Print every setting; secrets are masked."""
    from pansentry.configuration import load_with_origins

    _, settings = load_with_origins(path, os.environ)
    width = max(len(setting.name) for setting in settings)
    for setting in settings:
        click.echo(f"{setting.name:<{width}}  {setting.value}" + (f"  ({setting.origin})" if origin else ""))
