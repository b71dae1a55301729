"""``pansentry report``: a month in numbers with the PCI pack, as text, JSON, CSV, a page that prints, or PDF."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.cli.stored import config_option, with_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.configuration import Configuration
    from pansentry.report import Pack, Report
    from pansentry.store import Store

SUMS = ("actions", "found", "brands", "places", "mailboxes", "languages", "marked", "unreadable", "silence")

TITLES = {
    "actions": "what was done",
    "languages": "languages of letters",
    "marked": "what became of it",
    "unreadable": "not read, because",
    "silence": "no letter was sent, because",
}
"""Headings in the text form of those sums whose name does not say it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What there is to write: the month, its PCI pack, whose it is, in which language."""

    report: Report
    pack: Pack
    business: str
    language: str


@click.command()
@config_option
@click.option("--month", "wanted", default="", help="Such as 2026-10; otherwise this month.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv", "html", "pdf"]), default="text", show_default=True
)
@click.option("--language", type=click.Choice(["en", "de", "it"]), help="Of html and pdf; otherwise the shop's, or en.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File; otherwise printed.")
def command(config: Path | None, wanted: str, form: str, language: str | None, output: Path | None) -> None:
    """Sum up a month: what was taken out where, what customers were told, what it says for PCI DSS.

    \b
    Examples:
      pansentry report
      pansentry report --month 2026-10 --format pdf -o october.pdf

    JSON, CSV, html and pdf hold the PCI pack too: every mail with card data, with the four points of requirement
    12.10.7.
    """
    from pansentry.console.texts import LANGUAGES
    from pansentry.permissions import Task
    from pansentry.report import Month, month_of, pack_of

    try:
        month = Month.parse(wanted or time.strftime("%Y-%m", time.gmtime()))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from None

    async def job(store: Store, configuration: Configuration, __: str) -> Written:
        shop = configuration.business
        spoken = language or (shop.language if shop is not None and shop.language in LANGUAGES else "en")
        name = shop.name if shop is not None else configuration.hostname
        return Written(await month_of(store, month), await pack_of(store, month), name, spoken)

    made = FORMS[form](with_store(config, Task.SEE_REPORTS, job))
    if output is not None:
        output.write_bytes(made)
    elif form == "pdf" and sys.stdout.isatty():
        raise click.UsageError("A PDF is not for a terminal. Write `-o FILE`.")
    else:
        click.echo(made, nl=False)


def _rows(report: Report) -> Iterator[tuple[str, str, float]]:
    """Yield every number with the names it has."""
    for name, value in asdict(report).items():
        if name in SUMS:
            for which, number in value.items():
                yield name, which, number
        elif isinstance(value, int | float):
            yield name, "", value


def _as_text(written: Written) -> bytes:
    from pansentry.console.texts import translator
    from pansentry.report.words import in_words

    given = asdict(written.report)
    lines = [f"PanSentry, {written.report.month}", ""]
    lines += [_line(name.replace("_", " "), given[name]) for name in given if isinstance(given[name], int)]
    for name in SUMS:
        numbers = in_words(name, given[name], translator("en"))
        lines += ["", TITLES.get(name, name)] if numbers else []
        lines += [_line(f"  {which}", number) for which, number in numbers.items()]
    return ("\n".join(lines) + "\n").encode()


def _line(name: str, number: int) -> str:
    return f"{name:<64} {number:>10}"


def _as_json(written: Written) -> bytes:
    data = {**asdict(written.report), "pci": asdict(written.pack)}
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _as_csv(written: Written) -> bytes:
    report = written.report
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("month", "what", "which", "number"))
    writer.writerows((report.month, _harmless(name), _harmless(which), number) for name, which, number in _rows(report))
    incidents = [asdict(one) for one in written.pack.incidents]
    for incident in incidents:
        names = ("reference", *(name for name in incident if name not in ("at", "reference")))
        for name in names[1:]:
            writer.writerow((report.month, f"mail {incident['reference']}", name, _harmless(str(incident[name]))))
    return out.getvalue().encode()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _as_html(written: Written) -> bytes:
    from pansentry.console.pages.page import environment
    from pansentry.console.texts import translator
    from pansentry.report.pack import STATEMENTS

    style = (Path(__file__).parent.parent / "console/static/console.css").read_text("utf-8")
    values = {"report": written.report, "pack": written.pack, "statements": STATEMENTS, "style": style}
    template = environment().get_template("report_alone.html")
    return template.render(_=translator(written.language), language=written.language, **values).encode()


def _as_pdf(written: Written) -> bytes:
    from pansentry.console.texts import translator
    from pansentry.report.pdf import report_pdf

    return report_pdf(written.report, written.pack, written.business, translator(written.language))


FORMS = {"text": _as_text, "json": _as_json, "csv": _as_csv, "html": _as_html, "pdf": _as_pdf}
