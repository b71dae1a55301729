"""Law: a golden message that was damaged at random still leaks nothing once it is edited, to any reader at hand.

Damage is what breaks parsers apart from each other: a line doubled, dropped, moved or joined with the next; junk bytes;
a header field doubled with another value; a cut. It can leave a part of a number, so only whole numbers count. It can
also part a number from its label, so a message in which no number is found any more is left out (finding is tested
elsewhere); one from which a number was taken must not show it in any other reading.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.golden.corpus import Golden, goldens
from tests.laws.test_messages import shown_by_readers
from tests.oracle.leaks import recovered

from pansentry import redact_message

CASES = tuple(case for case in goldens() if not case.clean and case.line_end == "crlf" and len(case.raw) < 8000)
JUNK = (
    b"\0",
    b"\r",
    b"\n",
    b"=",
    b"==",
    b"--",
    b'"',
    b"(",
    b";",
    b" ",
    b"\t",
    b"\xff",
    b"\xe2\x80",
    b"=?",
    b"?=",
    b"%",
    b"\x1b$B",
)
FIELDS = (
    b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: quoted-printable",
    b"Content-Transfer-Encoding: 7bit",
    b"Content-Type: text/html",
    b"Content-Type: text/plain; charset=utf-16",
    b"Content-Type: text/plain; charset=utf-7",
    b'Content-Type: multipart/mixed; boundary="x"',
    b"Content-Type: message/rfc822",
    b"junk",
    b"",
    b" folded",
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Golden, bytes]:
    """Draw a golden case and a damaged copy of its message."""
    case = draw(st.sampled_from(CASES))
    lines = case.raw.split(b"\r\n")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(("double", "drop", "move", "join", "field", "junk", "cut"))):
            case "double":
                lines.insert(at, lines[at])
            case "drop" if len(lines) > 1:
                del lines[at]
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "join" if at + 1 < len(lines):
                lines[at : at + 2] = [lines[at] + lines[at + 1]]
            case "field":
                lines.insert(at, draw(st.sampled_from(FIELDS)))
            case "junk":
                where = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:where] + draw(st.sampled_from(JUNK)) + lines[at][where:]
            case "cut":
                lines = lines[: max(at, 2)]
    return case, draw(st.sampled_from((b"\r\n", b"\n"))).join(lines)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(damaged())
def test_damaged_golden_messages_leak_nothing(pair: tuple[Golden, bytes]) -> None:
    """Promises 2 and 5: what leaves after an edit has no reading in which the number is still there."""
    case, raw = pair
    numbers = tuple(secret for secret in case.secrets if secret.kind in ("pan", "track"))
    outcome = redact_message(raw)
    if outcome.message is not None and outcome.receipt.count("pan") + outcome.receipt.count("track"):
        assert recovered(shown_by_readers(outcome.message), numbers, in_part=False) == set()
