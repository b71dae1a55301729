"""Tests beside policies: read strictly, run through the real core, reported so that an admin sees what differs."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from pansentry.errors import ConfigurationError
from pansentry.policy.cases import Report, junit, load_cases, run_cases
from pansentry.policy.loading import load_policies
from pansentry.rehearsal import rehearse

POLICIES = Path(__file__).parents[3] / "policies"


def test_the_shipped_policies_pass_their_own_tests() -> None:
    """What `policy test` runs for a new admin is green."""
    reports = run_cases(load_cases(POLICIES / "tests"), load_policies(POLICIES), rehearse)
    assert len(reports) >= 5
    assert [(report.case.name, report.differences) for report in reports if report.differences] == []


def write(folder: Path, text: str) -> Path:
    (folder / "t.yaml").write_text(text)
    return folder


CARD = """\
tests:
  - name: n
    mail: |
      From: customer@mail.example
      To: info@shop.example

      card 4111 1111 1111 1111
    expect: """


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ("{action: deliver}", "action: expected deliver, found redact"),
        ("{rule: clean}", "rule: expected clean, found card-data"),
        ("{policy: strict}", "policy: expected strict, found default"),
        ("{removed: {}}", "removed: expected nothing, found 1 pan"),
        ("{removed: {pan: 1, cvv: 1}}", "removed: expected 1 pan, 1 cvv, found 1 pan"),
        ("{letter: none}", "letter: expected none, found guidance"),
        ("{tags: unscanned}", "tags: expected unscanned, found none"),
        ("{shows: hello}", "shows: hello is not in what is delivered"),
        ("{hides: card}", "hides: card is in what is delivered"),
    ],
)
def test_each_difference_is_said_in_words(tmp_path: Path, expect: str, difference: str) -> None:
    """A failing case says what was expected and what was found."""
    reports = run_cases(load_cases(write(tmp_path, CARD + expect + "\n")), load_policies(POLICIES), rehearse)
    assert reports[0].differences == (difference,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tests: []\n", "t.yaml:1:8: `tests` is an empty list. Write at least one entry."),
        ("tests:\n  - name: n\n    expect: {}\n", "t.yaml:2:5: The case “n” needs a mail. Write either `mail: |` or "
         "`file: …`."),
        ("tests:\n  - name: n\n    file: none.eml\n    expect: {}\n",
         "t.yaml:2:5: none.eml cannot be read: No such file or "
         "directory. Name a file beside this one."),
        ("tests:\n  - name: n\n    mail: x\n    expect: {acton: redact}\n",
         "t.yaml:4:14: `acton` is not a setting here. Did "
         "you mean `action`?"),
        ("tests:\n  - name: n\n    mail: x\n    expect: {removed: {card: 1}}\n",
         "t.yaml:4:24: `card` is not a setting here. "
         "Write one of: pan, cvv, expiry, track."),
    ],
)  # fmt: skip
def test_a_wrong_case_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Cases are read as strictly as policies."""
    with pytest.raises(ConfigurationError) as caught:
        load_cases(write(tmp_path, text))
    assert str(caught.value) == f"{tmp_path}/{message}"


def test_a_file_beside_the_cases_is_the_mail(tmp_path: Path) -> None:
    """A real mail can be kept as a file."""
    (tmp_path / "m.eml").write_bytes(b"From: a@b.example\n\nhello\n")
    (case,) = load_cases(write(tmp_path, "tests:\n  - name: n\n    file: m.eml\n    expect: {}\n"))
    assert case.raw == b"From: a@b.example\r\n\r\nhello\r\n"


def test_junit_holds_every_case(tmp_path: Path) -> None:
    """A build server reads the report, whatever a case is called."""
    (case,) = load_cases(write(tmp_path, CARD.replace("name: n", 'name: "<&\\""') + "{}\n"))
    suite = ElementTree.fromstring(junit([Report(case, ("a < b",)), Report(case, ())]))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [one.get("name") for one in suite] == ['<&"', '<&"']
    assert suite[0][0].text == "a < b"
