"""The goals and how figures are printed: one line per goal, ``met`` or ``not met``, and Markdown tables.

Goals are those of the performance issue; :data:`GOALS` is all that is known about one. A figure that was not measured
in a run is said to be so, never to be met. The gateway runs as one process; where that is the limit, what two reach is
held to the same bound in a line of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.load import Cell

TWO = "pansentry, 2 processes"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True, slots=True)
class Goal:
    """``key`` names the figure; it must be at least (or at most) ``bound``."""

    key: str
    what: str
    bound: float
    at_least: bool
    unit: str = ""

    def line(self, figures: Mapping[str, float]) -> tuple[str, str, str, str]:
        """Return goal, bound, figure, and met, not met or not measured."""
        sign = "≥" if self.at_least else "≤"
        bound = f"{sign} {self.bound:g} {self.unit}".strip()
        figure = figures.get(self.key)
        if figure is None:
            return self.what, bound, "-", "not measured"
        met = figure >= self.bound if self.at_least else figure <= self.bound
        return self.what, bound, f"{figure:.3g} {self.unit}".strip(), "met" if met else "not met"


def _at_least(key: str, what: str, bound: float, unit: str = "") -> Goal:
    return Goal(key, what, bound, True, unit)


def _at_most(key: str, what: str, bound: float, unit: str = "") -> Goal:
    return Goal(key, what, bound, False, unit)


GOALS = (
    _at_least("2k/reuse/direct", "ratio to direct, 2 KB, connection reused", 0.35),
    _at_least("20k/reuse/direct", "ratio to direct, 20 KB, connection reused", 0.40),
    _at_least("200k/reuse/direct", "ratio to direct, 200 KB with attachments", 0.35),
    _at_least("5m/reuse/direct", "ratio to direct, 5 MB", 0.6),
    _at_least("2k/fresh/direct", "ratio to direct, 2 KB, one connection per mail", 0.40),
    _at_least("2k/reuse/two", "ratio to direct, 2 KB, connection reused, with two processes", 0.35),
    _at_least("20k/reuse/two", "ratio to direct, 20 KB, connection reused, with two processes", 0.40),
    _at_least("2k/fresh/two", "ratio to direct, 2 KB, one connection per mail, with two processes", 0.40),
    _at_least("2k/reuse/HAProxy", "times HAProxy, 2 KB", 0.7, "×"),
    _at_least("20k/reuse/Postfix proxy", "times Postfix's proxy filter, 20 KB", 2, "×"),
    _at_least("20k/reuse/naive aiosmtpd", "times a stock aiosmtpd proxy, 20 KB", 7, "×"),
    _at_least("20k/reuse/Haraka", "times Haraka, 20 KB", 20, "×"),
    _at_least("20k/reuse/amavisd-new", "times amavisd-new, 20 KB", 20, "×"),
    _at_least("20k/reuse/Postfix with rspamd", "times Postfix with rspamd, 20 KB", 20, "×"),
    _at_most("2k/cpu", "CPU per clean mail, 2 KB", 0.25, "ms"),
    _at_most("20k/cpu", "CPU per clean mail, 20 KB", 0.5, "ms"),
    _at_most("200k/cpu", "CPU per clean mail, 200 KB", 1.5, "ms"),
    _at_most("5m/cpu", "CPU per clean mail, 5 MB", 25, "ms"),
    _at_most("latency/idle", "latency at 2 KB, idle, p50", 1, "ms"),
    _at_most("latency/loaded", "latency at 2 KB beside nine saturating sessions, p99", 10, "ms"),
    _at_least("detect/mixed", "detect, mixed mail text", 300, "MB/s"),
    _at_least("detect/prefilter", "prefilter on 100 KB parts", 1500, "MB/s"),
    _at_least("detect/dense", "detect, digit-dense text", 40, "MB/s"),
    _at_least("mime/stdlib", "MIME to decoded parts, times the standard library", 12, "×"),
    _at_most("growth", "time for ten times the size, worst shape", 11, "×"),
    _at_most("loop/5m", "longest wait for MAIL and RSET beside 5 MB mails (blocked loop)", 10, "ms"),
    _at_most("loop/dense", "longest wait for MAIL and RSET beside 1 MB tables of numbers", 10, "ms"),
    _at_most("memory/rest", "resident memory at rest", 120, "MB"),
    _at_most("memory/peak", "ten 5 MB mails at once, above rest, the gateway's process", 150, "MB"),
    _at_most("memory/documents", "the same with all processes, pictures not read (no OCR)", 150, "MB"),
    _at_most("memory/all", "the same with all processes, pictures read", 150, "MB"),
    _at_most("memory/after", "fifteen seconds later, above rest, all processes", 30, "MB"),
    _at_least("asyncio", "plain asyncio, messages/s against uvloop, 2 KB", 0.8),
    _at_most("start", "start-up to the first 250", 1.5, "s"),
    _at_most("scan", "`pansentry scan` of one small mail", 0.35, "s"),
)


def goals_table(figures: Mapping[str, float]) -> str:
    """Return the goals with their figures as a Markdown table."""
    rows = [" | ".join(goal.line(figures)) for goal in GOALS]
    return "\n".join(["| goal | bound | measured | |", "| --- | --- | --- | --- |", *(f"| {row} |" for row in rows)])


def cell_table(title: str, cell: Cell) -> str:
    """Return one load's figures for every target as a Markdown table."""
    names = list(cell.runs)
    peers = [name for name in names if name not in ("direct", "pansentry", TWO)]
    lines = [
        f"### {title}",
        "",
        "| | messages/s | MB/s | ratio to direct | CPU ms per message |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in names:
        ratio, cpu = cell.ratio(name, "direct"), cell.cpu_ms(name)
        rate = cell.per_s(name)
        lines.append(
            f"| {name} | {rate:.0f} | {rate * cell.octets / 1e6:.1f} | {ratio or 0:.3f} | "
            f"{f'{cpu:.3f}' if cpu is not None else '-'} |"
        )
    against = [f"{ratio:.2f} × {peer}" for peer in peers if (ratio := cell.ratio("pansentry", peer)) is not None]
    return "\n".join([*lines, "", f"pansentry: {', '.join(against)}"] if against else lines)


def write(page: Path, text: str) -> None:
    """Put ``text`` between the marks of a page."""
    whole = page.read_text()
    head, rest = whole.split(BEGIN)
    page.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
