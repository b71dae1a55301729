"""Tests beside policies: ``policies/tests/*.yaml`` name a mail and the decision that is expected.

In: files of cases, and a function that carries a mail through the core (the policy itself never reads mail). Out:
what differs. A case is small on purpose: the mail as text or as a file beside the tests, who it is from and to, and
what must come out. Whatever a case does not name is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from pansentry.configuration.documents import read_bytes
from pansentry.configuration.explain import build
from pansentry.configuration.fields import Many, Settings
from pansentry.envelope import Authentication, AuthResult, Client, Envelope
from pansentry.errors import ConfigurationError, Flaw
from pansentry.outcome import Hold

if TYPE_CHECKING:
    from pansentry.outcome import Outcome
    from pansentry.policy.policy import PolicySet


class ExpectIn(Settings):
    """What must come out; a line that is left out is not judged."""

    action: Literal["redact", "replace-part", "hold", "refuse", "deliver", "tempfail"] | None = None
    rule: str | None = None
    """Name of the rule, without the policy's."""
    policy: str | None = None
    removed: dict[Literal["pan", "cvv", "expiry", "track"], int] | None = None
    """How many of each kind; a kind that is left out must not be there."""
    letter: str | None = None
    """Name of the letter, `none` for none."""
    tags: Annotated[tuple[str, ...], Many] | None = None
    notify: Annotated[tuple[str, ...], Many] | None = None
    """Who is told."""
    forward_to_review: Annotated[tuple[str, ...], Many] | None = None
    """Who gets a redacted copy."""
    shows: Annotated[tuple[str, ...], Many] = ()
    """Words that must be in what is delivered or held."""
    hides: Annotated[tuple[str, ...], Many] = ()
    """Words that must not be in what is delivered or held."""


class CaseIn(Settings):
    """One case."""

    name: str = Field(min_length=1, max_length=200, examples=["a card in the body"])
    mail: str | None = None
    """The mail as text: header, empty line, body."""
    file: str | None = None
    """Or a file beside this one."""
    sender: str = Field(default="customer@mail.example", alias="from")
    to: str = "info@shop.example"
    authentication: Literal["pass", "fail", "none"] = "pass"
    expect: ExpectIn


class CasesIn(Settings):
    """A file of cases."""

    tests: tuple[CaseIn, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One case, ready to run. ``place`` is ``file:line``."""

    name: str
    place: str
    raw: bytes = field(repr=False)
    envelope: Envelope
    expect: ExpectIn


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one case: no ``differences`` means that it passed."""

    case: Case
    differences: tuple[str, ...]


def load_cases(folder: str | Path) -> tuple[Case, ...]:
    """Read ``*.yaml`` in ``folder``. Raises :class:`ConfigurationError`; a folder that is not there has no cases."""
    paths = [path for path in sorted(Path(folder).glob("*")) if path.is_file() and not path.name.startswith(".")]
    return parse_cases({str(path): path.read_bytes() for path in paths})


def parse_cases(files: Mapping[str, bytes]) -> tuple[Case, ...]:
    """Return the cases in those of ``files`` (path → content) that end in ``.yaml``; the others may be their mails."""
    cases: list[Case] = []
    flaws: list[Flaw] = []
    for path in sorted(Path(name) for name in files if name.endswith(".yaml")):
        try:
            document = read_bytes(files[str(path)], str(path))
            given = build(CasesIn, document).tests
        except ConfigurationError as error:
            flaws += error.flaws
            continue
        for i, one in enumerate(given):
            place = document.place(("tests", i))
            if (one.mail is None) == (one.file is None):
                wrong = f"The case “{one.name}” needs a mail."
                flaws.append(Flaw(str(path), place.line, place.column, wrong, "Write either `mail: |` or `file: …`."))
                continue
            try:
                raw = _beside(path, one.file, files) if one.file else (one.mail or "").encode()
            except OSError as error:
                wrong = f"{one.file} cannot be read: {error.strerror}."
                flaws.append(Flaw(str(path), place.line, place.column, wrong, "Name a file beside this one."))
                continue
            raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            cases.append(Case(one.name, f"{path}:{place.line}", raw, _envelope(one), one.expect))
    if flaws:
        raise ConfigurationError(*flaws)
    return tuple(cases)


def _beside(path: Path, name: str, files: Mapping[str, bytes]) -> bytes:
    beside = path.parent / name
    return files[str(beside)] if str(beside) in files else beside.read_bytes()


def run_cases(
    cases: Collection[Case], policies: PolicySet, process: Callable[[Case, PolicySet], Outcome]
) -> tuple[Report, ...]:
    """Carry each case through ``process`` and compare."""
    return tuple(Report(case, compare(case.expect, process(case, policies))) for case in cases)


def must_pass(reports: Collection[Report]) -> None:
    """Raise :class:`ConfigurationError` with the cases that fail."""
    flaws = []
    for report in reports:
        if report.differences:
            file, _, line = report.case.place.rpartition(":")
            wrong = f"The test “{report.case.name}” fails ({'; '.join(report.differences)})."
            flaws.append(Flaw(file, int(line), 0, wrong, "Mend the policy, or the test if it expects the wrong thing."))
    if flaws:
        raise ConfigurationError(*flaws)


def compare(expect: ExpectIn, outcome: Outcome) -> tuple[str, ...]:
    """Return in words where ``outcome`` is not what was expected."""
    verdict, receipt = outcome.verdict, outcome.receipt
    policy, _, rule = verdict.rule.partition("/")
    removed = {kind: n for kind in ("pan", "cvv", "expiry", "track") if (n := receipt.count(kind))}
    found: Mapping[str, object] = {
        "action": str(verdict.action),
        "rule": rule,
        "policy": policy,
        "removed": removed,
        "letter": verdict.letter or "none",
        "tags": verdict.tags,
        "notify": verdict.notify,
        "forward_to_review": verdict.review,
    }
    wanted = {name: getattr(expect, name) for name in found}
    differences = [
        f"{name}: expected {_say(want)}, found {_say(found[name])}"
        for name, want in wanted.items()
        if want is not None and want != found[name]
    ]
    delivered = outcome.message or next((e.message for e in outcome.effects if isinstance(e, Hold)), b"")
    differences += [
        f"shows: {_say(w)} is not in what is delivered" for w in expect.shows if w.encode() not in delivered
    ]
    differences += [f"hides: {_say(w)} is in what is delivered" for w in expect.hides if w.encode() in delivered]
    return tuple(differences)


def junit(reports: Collection[Report]) -> str:
    """Return the reports as JUnit XML."""
    from xml.sax.saxutils import escape, quoteattr  # with it come urllib.request and http.client: 1 MB

    failures = sum(bool(report.differences) for report in reports)
    lines = [f'<testsuite name="policy" tests="{len(reports)}" failures="{failures}">']
    for report in reports:
        lines.append(f"<testcase classname={quoteattr(report.case.place)} name={quoteattr(report.case.name)}>")
        lines += [f"<failure>{escape(difference)}</failure>" for difference in report.differences]
        lines.append("</testcase>")
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', *lines, "</testsuite>", ""))


def _envelope(given: CaseIn) -> Envelope:
    proven = given.authentication == "pass"
    return Envelope(
        reverse_path=given.sender,
        forward_paths=(given.to,),
        client=Client(address="192.0.2.1", helo="client.example"),
        authentication=Authentication(
            dmarc=AuthResult(given.authentication),
            spf_aligned=proven,
            dkim_aligned=proven,
            from_domain=given.sender.rpartition("@")[2],
            source="measured",
        ),
    )


def _say(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{n} {kind}" for kind, n in value.items()) or "nothing"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)
