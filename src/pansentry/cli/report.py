"""``pansentry report``: a month in numbers, as text, JSON, CSV or a page that prints."""

from __future__ import annotations

import csv
import io
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.cli.stored import config_option, with_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.configuration import Configuration
    from pansentry.report import Report
    from pansentry.store import Store

SUMS = ("actions", "found", "brands", "places", "mailboxes", "languages", "marked", "unreadable")


@click.command()
@config_option
@click.option("--month", "wanted", default="", help="Such as 2026-10; otherwise this month.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv", "html"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File; otherwise printed.")
def command(config: Path | None, wanted: str, form: str, output: Path | None) -> None:
    """Sum up a month: what was taken out where, what customers were told, what it says for PCI DSS.

    \b
    Examples:
      pansentry report
      pansentry report --month 2026-10 --format html -o october.html
    """
    from pansentry.permissions import Task
    from pansentry.report import Month, month_of

    try:
        month = Month.parse(wanted or time.strftime("%Y-%m", time.gmtime()))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from None

    async def job(store: Store, _: Configuration, __: str) -> Report:
        return await month_of(store, month)

    report = with_store(config, Task.SEE_REPORTS, job)
    text = {"text": _as_text, "json": _as_json, "csv": _as_csv, "html": _as_html}[form](report)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")


def _rows(report: Report) -> Iterator[tuple[str, str, float]]:
    """Yield every number with the names it has."""
    for name, value in asdict(report).items():
        if name in SUMS:
            for which, number in value.items():
                yield name, which, number
        elif isinstance(value, int | float):
            yield name, "", value


def _as_text(report: Report) -> str:
    lines = [f"PanSentry, {report.month}", ""]
    lines += [
        f"{name.replace('_', ' ') + (f': {which}' if which else ''):<44}{number:>10}"
        for name, which, number in _rows(report)
    ]
    return "\n".join(lines) + "\n"


def _as_json(report: Report) -> str:
    return json.dumps(asdict(report), ensure_ascii=False, indent=2) + "\n"


def _as_csv(report: Report) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("month", "what", "which", "number"))
    writer.writerows((report.month, _harmless(name), _harmless(which), number) for name, which, number in _rows(report))
    return out.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _as_html(report: Report) -> str:
    from pansentry.console.pages.page import environment
    from pansentry.console.texts import translator

    style = (Path(__file__).parent.parent / "console/static/console.css").read_text("utf-8")
    return (
        environment()
        .get_template("report_alone.html")
        .render(_=translator("en"), language="en", report=report, style=style)
    )
