"""``pansentry report``: every form says the same numbers."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pansentry.cli.report import command
from pansentry.store import open_store


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """A configuration whose store holds three mails of September 2026."""

    async def fill() -> None:
        store = await open_store(f"sqlite:///{tmp_path}/p.db", lambda: 1_790_000_000.0)
        for domain in ("shop.example", "shop.example", "=cmd()"):
            store.events.record(
                {"kind": "message", "action": "redact", "pan": 1, "brands": ("visa",), "confidence": 0.9,
                 "unreadable": (), "recipient_domain": domain}
            )  # fmt: skip
        await store.close()

    asyncio.run(fill())
    path = tmp_path / "pansentry.yaml"
    path.write_text(
        f"hostname: gw.shop.example\ndomains: [shop.example]\nnext_hop: maildir:{tmp_path}/m\n"
        f"store: sqlite:///{tmp_path}/p.db\nbusiness: {{name: S, phone: '+41 44 668 18 00'}}\n"
    )
    return path


def run(configuration: Path, *more: str) -> str:
    """Run the command and return what it printed."""
    result = CliRunner().invoke(command, ["-c", str(configuration), "--month", "2026-09", *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_form_has_the_numbers(configuration: Path) -> None:
    """Three mails, three cards, two mailboxes; a name that is a formula is none in a spreadsheet."""
    month = json.loads(run(configuration, "--format", "json"))
    assert (month["with_card_data"], month["found"], month["brands"]) == (3, {"pan": 3}, {"visa": 3})
    rows = list(csv.reader(io.StringIO(run(configuration, "--format", "csv"))))
    assert ["2026-09", "mailboxes", "shop.example", "2"] in rows
    assert ["2026-09", "mailboxes", "'=cmd()", "1"] in rows
    assert "with card data" in run(configuration)
    html = run(configuration, "--format", "html")
    assert "<b>3</b> with card data" in html
    assert "http" not in html.replace("http://www.w3.org", "")


def test_a_pdf_is_written_to_a_file(configuration: Path, tmp_path: Path) -> None:
    """The same month as PDF, in the language asked for; the pack is in JSON and CSV too."""
    run(configuration, "--format", "pdf", "--language", "de", "-o", str(tmp_path / "r.pdf"))
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-1.4")
    assert json.loads(run(configuration, "--format", "json"))["pci"]["total"] == 3
    assert "taken out before delivery" in run(configuration, "--format", "csv")


def test_a_month_that_is_none(configuration: Path) -> None:
    """One sentence with the fix, exit code 2."""
    result = CliRunner().invoke(command, ["-c", str(configuration), "--month", "October"])
    assert result.exit_code == 2
    assert "2026-11" in result.output
