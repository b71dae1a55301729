"""The differential oracle: independent mail readers open what we deliver, and none may recover card data.

The same readers open the input first. Where they cannot see the number there either, their silence about the output
would prove nothing; so each case must be seen by one of them (unless it says ``unseen_by_peers``), and each reader must
see a good part of all cases.
"""

from __future__ import annotations

import os
import warnings

import dkim
import pytest
from tests.golden.corpus import Golden, goldens
from tests.golden.recipes.clean import KEY
from tests.oracle import peers
from tests.oracle.leaks import recovered, texts_of

from pansentry import redact_message

CASES = tuple(goldens())
FOUND = tuple(case for case in CASES if not case.clean)
AT_LEAST = {"reformime extract": 0.3, "mshow extract": 0.02, "munpack": 0.3, "reformime": 0.3, "uudeview": 0.3}
"""Share of the inputs that any reader can be expected to read in which one must see the number; 0.5 if not named."""

Shown = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def inputs() -> Shown:
    """Return what every reader shows of the inputs with findings (CRLF)."""
    return peers.read_all({case.name: case.raw for case in FOUND if case.line_end == "crlf"})


@pytest.fixture(scope="module")
def outputs() -> Shown:
    """Return what every reader shows of the outputs of cases with findings; held ones are left out."""
    results = {case.name: redact_message(case.raw).message for case in FOUND}
    delivered = {name: message for name, message in results.items() if message is not None}
    shown = peers.read_all(delivered)
    shown["the source"] = {name: list(texts_of(message)) for name, message in delivered.items()}
    return shown


def test_readers_are_installed() -> None:
    """Every reader of the oracle is there; without PANSENTRY_REQUIRE_PEERS a missing one is a skip that says so."""
    absent = peers.missing()
    if absent and not os.environ.get("PANSENTRY_REQUIRE_PEERS"):
        pytest.skip("; ".join(f"{name}: {how}" for name, how in absent.items()))
    assert absent == {}


@pytest.mark.parametrize("reader", peers.reader_names())
def test_reader_sees_numbers_in_inputs(reader: str, inputs: Shown) -> None:
    """A reader that sees next to nothing in the inputs would be no witness."""
    if reader not in inputs:
        pytest.skip(f"{reader} is not installed")
    cases = {case.name: case for case in FOUND if not case.unseen_by_peers}
    shown = {name: texts for name, texts in inputs[reader].items() if name in cases}
    seen = sum(bool(recovered(texts, cases[name].secrets)) for name, texts in shown.items())
    assert seen >= AT_LEAST.get(reader, 0.5) * len(shown)


@pytest.mark.parametrize(
    "case", [c for c in FOUND if c.line_end == "crlf" and not c.unseen_by_peers], ids=lambda c: c.name
)
def test_some_reader_sees_the_number_in_the_input(case: Golden, inputs: Shown) -> None:
    """The oracle can fail: at least one reader recovers the number from the input of this case."""
    assert any({"pan", "track"} & recovered(shown[case.name], case.secrets) for shown in inputs.values())


@pytest.mark.parametrize("case", [c for c in FOUND if not c.known_gap], ids=lambda c: c.name)
def test_no_reader_recovers_card_data_from_the_output(case: Golden, outputs: Shown) -> None:
    """No reader, nor a look at the source, recovers number, code or expiry from what is delivered."""
    leaks = {
        reader: kinds
        for reader, shown in outputs.items()
        if case.name in shown and (kinds := recovered(shown[case.name], case.secrets))
    }
    assert leaks == {}


def _public_key(name: bytes, timeout: int = 5) -> bytes:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(KEY.read_bytes(), None).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert name == b"golden._domainkey.example.net."
    return b"v=DKIM1; k=rsa; p=" + b"".join(pem.splitlines()[1:-1])


@pytest.mark.parametrize("case", [c for c in CASES if c.dkim], ids=lambda c: c.name)
def test_signatures_of_clean_mail_verify(case: Golden) -> None:
    """The DKIM signature of a clean message verifies on what we deliver."""
    message = redact_message(case.raw).message
    assert message is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert dkim.verify(message, dnsfunc=_public_key)


@pytest.mark.parametrize(
    ("slug", "reader", "word"),
    [
        ("legacy/001-uuencode-inline", "uudeview", "Weber"),
        ("legacy/004-yenc-inline", "uudeview", "credit card"),
    ],
)
@pytest.mark.parametrize("line_end", ["crlf", "lf"])
def test_edited_files_still_open(slug: str, reader: str, word: str, line_end: str, outputs: Shown) -> None:
    """A file inside a text that was edited can still be extracted, with its other words."""
    shown = outputs.get(reader, {}).get(f"{slug}-{line_end}")
    if shown is None:
        pytest.skip(f"{reader} is not installed, or the message was held")
    assert any(word in text for text in shown)
