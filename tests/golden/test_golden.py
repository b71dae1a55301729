"""Every golden case, under CRLF and LF: what is found, what goes, what stays; clean mail stays the same bytes."""

from __future__ import annotations

import re
from functools import cache

import pytest
from tests.golden.build import stale
from tests.golden.corpus import Golden, goldens
from tests.golden.kit import HERE
from tests.golden.pins import pin
from tests.golden.recipes import eighth, ninth, seventh, tenth
from tests.oracle.leaks import recovered, texts_of
from tests.oracle.peers import HERE_READERS, quietly

from pansentry import redact_message
from pansentry.outcome import Action, Outcome

CASES = tuple(goldens())
TWINS = (*seventh.TWINS, *eighth.TWINS, *ninth.TWINS, *tenth.TWINS)
_TAKEN = {Action.REDACT, Action.DELIVER}


def _id(case: Golden) -> str:
    return case.name


def _found() -> list[object]:
    """Return the cases with findings; those with a known gap are expected to fail somewhere."""
    return [
        pytest.param(case, marks=pytest.mark.xfail(reason=case.known_gap, strict=False) if case.known_gap else ())
        for case in CASES
        if not case.clean
    ]


@cache
def _outcome(case: Golden) -> Outcome:
    return redact_message(case.raw)


def _shown(message: bytes) -> list[str]:
    """Return what Python's own readers and the bare source show."""
    texts = list(texts_of(message))
    for read in HERE_READERS.values():
        texts += quietly(read, message)
    return texts


def test_there_are_cases() -> None:
    """An empty corpus is a failure, not a success; so is a provenance without cases."""
    provenances = {case.folder.parent.name for case in CASES}
    assert provenances == {"rfc", "clients", "legacy", "malformed", "hostile"}
    assert len({case.folder for case in CASES}) >= 150
    assert sum(case.clean and case.line_end == "crlf" for case in CASES) >= 40


def test_files_are_what_the_recipes_write() -> None:
    """A changed recipe without rebuilt files, or the reverse, is named."""
    assert stale() == []


@pytest.mark.parametrize("case", [c for c in CASES if c.clean], ids=_id)
def test_clean_mail_is_the_same_bytes(case: Golden) -> None:
    """Clean mail comes out byte for byte, and nothing is reported as removed; only what nobody can read may be held."""
    outcome = _outcome(case)
    assert [f"{item.kind} {item.place} {item.brand}" for item in outcome.receipt.removed] == []
    if outcome.message is None:
        assert case.allow_hold, f"held: {outcome.verdict.action} {outcome.verdict.rule} {outcome.verdict.reasons}"
    else:
        assert outcome.message == case.raw
        assert not outcome.changed


@pytest.mark.parametrize("case", _found(), ids=_id)
def test_findings_are_named(case: Golden) -> None:
    """Each expected kind is in the receipt, at a place that begins as the case says."""
    outcome = _outcome(case)
    if outcome.message is None and case.allow_hold:
        assert outcome.verdict.reasons
        return
    removed = outcome.receipt.removed
    have = {(item.kind, place) for item in removed for place in (item.place, *item.places)}
    for kind, place in case.removed:
        assert any(k == kind and p.startswith(place) for k, p in have), f"no {kind} {place} in {sorted(have)}"


@pytest.mark.parametrize("case", _found(), ids=_id)
def test_card_data_is_gone_and_words_stay(case: Golden) -> None:
    """The message that may be delivered shows no card data and still shows the words around it."""
    outcome = _outcome(case)
    if outcome.message is None:
        reasons = (
            f"{outcome.verdict.action} {outcome.verdict.rule} {outcome.verdict.reasons} {outcome.receipt.unreadable}"
        )
        assert case.allow_hold, f"not delivered: {reasons}"
        return
    assert outcome.verdict.action in _TAKEN
    shown = _shown(outcome.message)
    leaked = recovered(shown, case.secrets)
    gone = [word for word in case.must_survive if not any(word in text for text in shown)]
    if (leaked or gone) and not case.known_gap:
        (case.folder / f"{case.line_end}.got").write_bytes(outcome.message)
    assert not leaked
    assert not gone


@pytest.mark.parametrize("case", [c for c in CASES if c.known_gap], ids=_id)
def test_known_gaps_are_still_gaps(case: Golden) -> None:
    """A gap that was closed must lose its mark in ``build.py``, so that it stays closed."""
    outcome = _outcome(case)
    kinds = {item.kind for item in outcome.receipt.removed}
    assert outcome.message is not None
    assert not {kind for kind, _ in case.removed} <= kinds, "this works now: take it out of GAPS"


@pytest.mark.parametrize("case", [c for c in CASES if not c.clean and c.line_end == "crlf"], ids=_id)
def test_output_is_the_pinned_one(case: Golden) -> None:
    """What comes out is what was reviewed (``out.diff``); ``python -m tests.golden.pins`` accepts a change."""
    path = case.folder / "out.diff"
    assert pin(case, _outcome(case)) == (path.read_text() if path.is_file() else "")


@pytest.mark.parametrize("line_end", ["crlf", "lf"])
@pytest.mark.parametrize(("slug", "raw"), TWINS, ids=[slug for slug, _ in TWINS])
def test_odd_mail_about_an_order_is_the_same_bytes(slug: str, raw: bytes, line_end: str) -> None:
    """A message as odd as a case of the last batches, but about an order, comes out byte for byte."""
    twin = raw if line_end == "crlf" else raw.replace(b"\r\n", b"\n")
    assert redact_message(twin).message == twin


def test_shelves_are_documented() -> None:
    """The README beside the corpus says what each provenance is and how the first run went."""
    text = (HERE / "README.md").read_text()
    for word in ("rfc", "clients", "legacy", "malformed", "hostile", "first run"):
        assert word in text


@pytest.mark.parametrize("case", [c for c in CASES if not c.clean], ids=_id)
def test_clear_messages_keep_their_shape(case: Golden) -> None:
    """A message without ambiguities is edited in place: the same header fields in the same order.

    Content-… fields may change where the text cannot be edited in its own charset and is written as UTF-8; a name that
    was a number is masked like any other text.
    """
    outcome = _outcome(case)
    if outcome.message is None or outcome.receipt.ambiguities:
        return
    ours = ("x-pansentry", "content-")
    before, after = (
        [re.sub("[0-9x]", "#", name) for name in _field_names(message) if not name.startswith(ours)]
        for message in (case.raw, outcome.message)
    )
    assert after == before


def _field_names(message: bytes) -> list[str]:
    header = message.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    lines = [line for line in header.split(b"\n") if line[:1] not in (b" ", b"\t", b"")]
    return [line.split(b":", 1)[0].decode("latin-1").lower() for line in lines]
