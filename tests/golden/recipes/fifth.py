"""The fifth batch: every ambiguity class once more, in forms that no earlier case has.

One row a case: slug, what it is, a function from "write the card into this text" to the message. The card goes round.
"""

from __future__ import annotations

import base64
import html
import io
import zlib
from collections.abc import Callable
from urllib.parse import quote

from tests.golden.kit import ALL, Case, b64, cards, crlf, fill, head, letter, multipart, part, qp, simple, word
from tests.golden.recipes.legacy import uuencode

Write = Callable[[str], str]
NOTE = "please charge my credit card «pan» exp «exp» cvv «cvv», regards from the windmill\n"
SHORT = "my credit card is «pan», regards from the windmill\n"
MILL = ("windmill",)
_SIXTEEN = tuple(name for name, card in cards().items() if len(card.number) == 16)


def _case(number: int, slug: str, what: str, make: Callable[[Write], bytes], **more: object) -> Case:
    card = _SIXTEEN[number % len(_SIXTEEN)]
    raw = make(lambda text: fill(card, text))
    removed = more.pop("removed", ("pan",))
    survive = more.pop("survive", MILL)
    return Case(slug, what, raw, card, removed, survive, **more)  # type: ignore[arg-type]


def _body(fields: str, body: bytes, subject: str = "order", extra: str = "") -> bytes:
    """A message with its own Content-… lines."""
    return letter(head(subject, 3, extra), crlf(fields) + b"\r\n" + body)


def _two(content_type: str, w: Write, delimiter: str = "--bnd", close: str = "--bnd--") -> bytes:
    """A multipart message of an innocent text and a base64 text with the card, under the given Content-Type."""
    return _body(
        f"Content-Type: {content_type}\n",
        crlf(f"{delimiter}\n")
        + part("hello from the windmill\n")
        + crlf(f"{delimiter}\n")
        + part(w(NOTE), encoding="base64")
        + crlf(f"{close}\n"),
    )


def _encoded(encoding: str, w: Write, body: bytes | None = None) -> bytes:
    """A text whose transfer encoding is labelled oddly; base64 unless a body is given."""
    return _body(
        f"Content-Type: text/plain; charset=utf-8\n{encoding}\n",
        b64(crlf(w(NOTE))) if body is None else body,
    )


def _page(w: Write, body: str, encoding: str = "base64", charset: str = "utf-8", style: str = "") -> bytes:
    return simple(
        "page",
        w(
            f"<html><head>{style}</head><body><p>my credit card number:</p>{body}<p>regards from the windmill</p></body></html>\n"
        ),
        4,
        kind="text/html",
        encoding=encoding,
        charset=charset,
    )


def _each(text: str, before: str = "", after: str = "") -> str:
    return "".join(before + ch + after for ch in text)


def _headed(w: Write, field: str) -> bytes:
    return letter(head("hello", 5) + w(field), part("regards from the windmill\n"))


def _attached(w: Write, disposition: str, kind: str = "application/octet-stream") -> bytes:
    return letter(
        head("file", 6),
        multipart(
            "mixed",
            "att",
            [
                part("hello from the windmill, my credit card is attached\n"),
                crlf(
                    f"Content-Type: {kind}\n"
                    + w(f"Content-Disposition: {disposition}\n")
                    + "Content-Transfer-Encoding: base64\n\n"
                )
                + b64(b"\x00\x01\x02 nothing"),
            ],
        ),
    )


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


_OID_SIGNED = bytes.fromhex("06092a864886f70d010702")
_OID_DATA = bytes.fromhex("06092a864886f70d010701")
_OID_COMPRESSED = bytes.fromhex("060b2a864886f70d0109100109")
_OID_ZLIB = bytes.fromhex("060b2a864886f70d0109100308")


def _signed(content: bytes) -> bytes:
    inner = _der(0x30, _OID_DATA + _der(0xA0, _der(0x04, content)))
    return _der(0x30, _OID_SIGNED + _der(0xA0, _der(0x30, b"\x02\x01\x01" + _der(0x31, b"") + inner + _der(0x31, b""))))


def _compressed(content: bytes) -> bytes:
    inner = _der(0x30, _OID_DATA + _der(0xA0, _der(0x04, zlib.compress(content))))
    return _der(0x30, _OID_COMPRESSED + _der(0xA0, _der(0x30, b"\x02\x01\x00" + _der(0x30, _OID_ZLIB) + inner)))


def _xxencode(data: bytes, name: str) -> bytes:
    letters = "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    out = io.StringIO()
    out.write(f"begin 644 {name}\n")
    for start in range(0, len(data), 45):
        piece = data[start : start + 45]
        padded = piece + b"\0" * (-len(piece) % 3)
        line = letters[len(piece)]
        for at in range(0, len(padded), 3):
            bits = int.from_bytes(padded[at : at + 3], "big")
            line += "".join(letters[bits >> shift & 63] for shift in (18, 12, 6, 0))
        out.write(line + "\n")
    out.write("+\nend\n")
    return crlf(out.getvalue())


def _mapped(text: str, first: int) -> str:
    """Write ASCII digits as the characters from code point ``first`` on."""
    return "".join(chr(first + ord(ch) - 48) if ch.isdigit() and ch.isascii() else ch for ch in text)


def _circled(text: str, zero: str, one: int) -> str:
    return "".join((zero if ch == "0" else chr(one + ord(ch) - 49)) if ch in "0123456789" else ch for ch in text)


def _jis(text: str) -> bytes:
    return text.encode("iso2022_jp")


def _wide(text: str) -> str:
    return "".join(chr(ord(ch) + 0xFEE0) if "0" <= ch <= "9" else ch for ch in text)


_BARE_PARTS = "--bnd\nContent-Type: text/plain\n\nhello from the windmill\n--bnd\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"

_STEERING: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "type-plain-then-multipart",
        "Content-Type twice: text/plain, then multipart/mixed",
        lambda w: _two("text/plain\nContent-Type: multipart/mixed; boundary=bnd", w),
    ),
    (
        "type-list-plain-multipart",
        "Content-Type: text/plain, multipart/mixed; boundary=bnd",
        lambda w: _two("text/plain, multipart/mixed; boundary=bnd", w),
    ),
    (
        "type-encoded-word",
        "Content-Type written as an encoded word",
        lambda w: _two("=?us-ascii?Q?multipart/mixed?=; boundary=bnd", w),
    ),
    (
        "type-quoted",
        'Content-Type: "multipart/mixed"; boundary=bnd',
        lambda w: _two('"multipart/mixed"; boundary=bnd', w),
    ),
    (
        "type-comments-everywhere",
        "Comments around every token of Content-Type, one with a decoy boundary",
        lambda w: _two("(a) multipart (b) / (c) mixed (d) ; (boundary=no) boundary (e) = (f) bnd (g)", w),
    ),
    (
        "type-spaces-around-slash",
        "Content-Type: multipart / mixed",
        lambda w: _two("multipart / mixed ; boundary = bnd", w),
    ),
    (
        "type-vertical-tab",
        "A vertical tab before the value of Content-Type",
        lambda w: _two("\x0bmultipart/mixed; boundary=bnd", w),
    ),
    ("type-double-colon", "Content-Type:: multipart/mixed", lambda w: _two(": multipart/mixed; boundary=bnd", w)),
    (
        "type-equals-for-colon-list",
        "Content-Type: multipart/mixed boundary=bnd without semicolon",
        lambda w: _two("multipart/mixed boundary=bnd", w),
    ),
    (
        "type-comma-for-semicolon",
        "Content-Type: multipart/mixed, boundary=bnd",
        lambda w: _two("multipart/mixed, boundary=bnd", w),
    ),
    (
        "type-two-semicolons",
        "Content-Type: multipart/mixed;;; boundary=bnd;",
        lambda w: _two("multipart/mixed;;; ;boundary=bnd;", w),
    ),
    (
        "type-colon-for-equals",
        "Content-Type: multipart/mixed; boundary: bnd",
        lambda w: _two("multipart/mixed; boundary: bnd", w),
    ),
    ("type-multipart-only", "Content-Type: multipart", lambda w: _two("multipart; boundary=bnd", w)),
    ("type-x-multipart", "Content-Type: x-multipart/mixed", lambda w: _two("x-multipart/mixed; boundary=bnd", w)),
    (
        "type-on-two-folds-odd",
        "The type is cut by a fold: multi CRLF SP part/mixed",
        lambda w: _two("multi\n part/mixed; boundary=bnd", w),
    ),
    (
        "encoding-name-folded",
        "Content-Transfer- CRLF SP Encoding: base64",
        lambda w: _encoded("Content-Transfer-\n Encoding: base64", w),
    ),
    (
        "encoding-name-spaces",
        "Content Transfer Encoding: base64",
        lambda w: _encoded("Content Transfer Encoding: base64", w),
    ),
    (
        "encoding-no-break-space",
        "base64 followed by a no-break space",
        lambda w: _encoded("Content-Transfer-Encoding: base64\xa0", w),
    ),
    (
        "encoding-encoded-word",
        "Content-Transfer-Encoding: =?utf-8?Q?base64?=",
        lambda w: _encoded("Content-Transfer-Encoding: =?utf-8?Q?base64?=", w),
    ),
    (
        "encoding-list-reversed",
        "Content-Transfer-Encoding: 7bit, base64",
        lambda w: _encoded("Content-Transfer-Encoding: 7bit, base64", w),
    ),
    (
        "encoding-split-word",
        "Content-Transfer-Encoding: base 64",
        lambda w: _encoded("Content-Transfer-Encoding: base 64", w),
    ),
    (
        "encoding-decoy-comment",
        "Content-Transfer-Encoding: base64 (quoted-printable)",
        lambda w: _encoded("Content-Transfer-Encoding: base64 (quoted-printable)", w),
    ),
    (
        "encoding-commented-out",
        "Content-Transfer-Encoding: (base64) quoted-printable over base64",
        lambda w: _encoded("Content-Transfer-Encoding: (base64) quoted-printable", w),
    ),
    (
        "encoding-semicolon-first",
        "Content-Transfer-Encoding: ; base64",
        lambda w: _encoded("Content-Transfer-Encoding: ; base64", w),
    ),
    ("encoding-dot", "Content-Transfer-Encoding: base64.", lambda w: _encoded("Content-Transfer-Encoding: base64.", w)),
    (
        "encoding-plural-case",
        "CONTENT-TRANSFER-ENCODING:BaSe64 without a blank",
        lambda w: _encoded("CONTENT-TRANSFER-ENCODING:BaSe64", w),
    ),
    (
        "encoding-backslash",
        "Content-Transfer-Encoding: base\\64",
        lambda w: _encoded("Content-Transfer-Encoding: base\\64", w),
    ),
    (
        "encoding-x-uue",
        "Content-Transfer-Encoding: uuencode",
        lambda w: _encoded("Content-Transfer-Encoding: uuencode", w, uuencode(crlf(w(NOTE)), "note.txt")),
    ),
    (
        "encoding-qp-of-qp",
        "Quoted-printable twice over",
        lambda w: _encoded(
            "Content-Transfer-Encoding: quoted-printable", w, qp(qp(w(NOTE).replace("1", "=31").encode()))
        ),
    ),
    (
        "encoding-multipart-base64-nested",
        "A base64 multipart in a base64 multipart",
        lambda w: _body(
            "Content-Type: multipart/mixed; boundary=out\nContent-Transfer-Encoding: base64\n",
            b64(
                crlf("--out\nContent-Type: multipart/mixed; boundary=in\nContent-Transfer-Encoding: base64\n\n")
                + b64(crlf("--in\n") + part(w(NOTE), encoding="quoted-printable") + crlf("--in--\n"))
                + crlf("--out--\n")
            ),
        ),
    ),
    (
        "form-feed-line-in-header",
        "A line of one form feed inside the header; the encoding follows",
        lambda w: _body("Content-Type: text/plain\n\x0c\nContent-Transfer-Encoding: base64\n", b64(crlf(w(NOTE)))),
    ),
    (
        "header-lf-cr-ends",
        "Lines of the header end in LF CR",
        lambda w: (
            b"From: a@example.net\n\rSubject: x\n\rContent-Type: text/plain\n\rContent-Transfer-Encoding: base64\n\r\n\r"
            + b64(crlf(w(NOTE)))
        ),
    ),
    (
        "header-in-body-after-type",
        "The Content-Transfer-Encoding stands below the blank line, with another one",
        lambda w: _body(
            "Content-Type: text/plain; charset=utf-8\n",
            crlf("Content-Transfer-Encoding: base64\n\n") + b64(crlf(w(NOTE))),
        ),
    ),
    (
        "version-after-body",
        "No MIME-Version, part header in the body behind a delimiter nobody announced",
        lambda w: letter(
            head("x", 2, mime=False),
            crlf("\n--zzz\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n")
            + qp(w(NOTE.replace("«pan»", "=\n".join(["«g1»", "«g2»", "«g3»", "«g4»"]))).encode())
            + crlf("--zzz--\n"),
        ),
    ),
)

_STRUCTURE: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "boundary-sections-and-plain",
        "boundary*0, boundary*1 and a decoy plain boundary",
        lambda w: _two("multipart/mixed; boundary*0=b; boundary*1=nd; boundary=other", w),
    ),
    (
        "boundary-folded-in-quotes",
        "A quoted boundary with a fold inside",
        lambda w: _two('multipart/mixed; boundary="b\n nd"', w, "--b nd", "--b nd--"),
    ),
    (
        "boundary-close-first",
        "The close delimiter comes first, the parts behind it",
        lambda w: _body(
            "Content-Type: multipart/mixed; boundary=bnd\n",
            crlf("--bnd--\n" + _BARE_PARTS) + b64(crlf(w(NOTE))) + crlf("--bnd--\n"),
        ),
    ),
    (
        "boundary-no-blank-line",
        "The first delimiter follows the header without a blank line",
        lambda w: letter(
            head("x", 1),
            crlf("Content-Type: multipart/mixed; boundary=bnd\n" + _BARE_PARTS)
            + b64(crlf(w(NOTE)))
            + crlf("--bnd--\n"),
        ),
    ),
    (
        "boundary-leading-space",
        "Delimiter lines begin with a blank",
        lambda w: _two("multipart/mixed; boundary=bnd", w, " --bnd", " --bnd--"),
    ),
    (
        "boundary-nul-behind",
        "A NUL behind the delimiter",
        lambda w: _two("multipart/mixed; boundary=bnd", w, "--bnd\0"),
    ),
    (
        "boundary-vertical-tab-behind",
        "A vertical tab behind the delimiter",
        lambda w: _two("multipart/mixed; boundary=bnd", w, "--bnd\x0b"),
    ),
    (
        "boundary-begins-with-dash",
        "The boundary begins with dashes",
        lambda w: _two('multipart/mixed; boundary="--bnd"', w, "----bnd", "----bnd--"),
    ),
    (
        "boundary-without-dashes",
        "Delimiter lines lack the two dashes",
        lambda w: _two("multipart/mixed; boundary=bnd", w, "bnd", "bnd--"),
    ),
    (
        "boundary-close-with-junk",
        "--bnd--junk, and a part behind it",
        lambda w: _body(
            "Content-Type: multipart/mixed; boundary=bnd\n",
            crlf("--bnd\n")
            + part("hello from the windmill\n")
            + crlf("--bnd--junk\n")
            + part(w(NOTE), encoding="base64")
            + crlf("--bnd--\n"),
        ),
    ),
    (
        "boundary-one-dash-close",
        "--bnd- between the parts",
        lambda w: _two("multipart/mixed; boundary=bnd", w, "--bnd-"),
    ),
    (
        "boundary-long-blank-tail",
        "1,500 blanks and junk behind the delimiter",
        lambda w: _two("multipart/mixed; boundary=bnd", w, "--bnd" + " " * 1500 + "x"),
    ),
    (
        "boundary-mid-line",
        "The delimiter stands in the middle of a line",
        lambda w: _body(
            "Content-Type: multipart/mixed; boundary=bnd\n",
            crlf("--bnd\n")
            + part("hello from the windmill --bnd\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n")
            + b64(crlf(w(NOTE)))
            + crlf("\n--bnd--\n"),
        ),
    ),
    (
        "boundary-bare-cr",
        "Delimiter lines end in a bare CR",
        lambda w: _body(
            "Content-Type: multipart/mixed; boundary=bnd\n",
            crlf("--bnd\n")
            + part("hello from the windmill\n")
            + b"--bnd\r"
            + part(w(NOTE), encoding="base64")
            + crlf("--bnd--\n"),
        ),
    ),
    (
        "boundary-utf8",
        "A boundary of UTF-8 letters",
        lambda w: _two('multipart/mixed; boundary="gränze"', w, "--gränze", "--gränze--"),
    ),
    (
        "boundary-percent-plain",
        "A plain boundary with a percent escape that some decode",
        lambda w: _two("multipart/mixed; boundary=b%6Ed", w),
    ),
    ("boundary-in-two-quotes", 'boundary="b""nd"', lambda w: _two('multipart/mixed; boundary="b""nd"', w)),
    (
        "boundary-case-of-name",
        "BOUNDARY*=us-ascii'en'bnd, and the delimiter with tabs behind",
        lambda w: _two("multipart/mixed; BOUNDARY*=us-ascii'en'bnd", w, "--bnd\t"),
    ),
    (
        "rfc822-leading-blanks",
        "message/rfc822 that begins with three blank lines",
        lambda w: letter(
            head("fwd", 2),
            crlf("Content-Type: message/rfc822\n\n\n\n\n") + simple("inner", w(NOTE), 3, encoding="base64"),
        ),
    ),
    (
        "rfc822-mbox-quoted",
        "message/rfc822 that begins with >From",
        lambda w: letter(
            head("fwd", 2),
            crlf("Content-Type: message/rfc822\n\n>From a@example.net Tue Oct 14 09:12:44 2025\n")
            + simple("inner", w(NOTE), 3, encoding="base64"),
        ),
    ),
    (
        "message-unknown",
        "message/x-forwarded with a quoted-printable page inside",
        lambda w: letter(
            head("fwd", 2),
            crlf("Content-Type: message/x-forwarded\n\n")
            + simple(
                "inner",
                w("<p>my credit card <b>«g1»</b><i>«g2»</i>«g3»<u>«g4»</u> windmill</p>\n"),
                3,
                kind="text/html",
                encoding="quoted-printable",
            ),
        ),
    ),
    (
        "global-delivery-status",
        "message/global-delivery-status in base64",
        lambda w: letter(
            head("dsn", 2),
            multipart(
                "report",
                "gds",
                [
                    part("sorry, windmill\n"),
                    crlf("Content-Type: message/global-delivery-status\nContent-Transfer-Encoding: base64\n\n")
                    + b64(
                        crlf(
                            w(
                                "Reporting-MTA: dns; mx\n\nFinal-Recipient: utf-8; a@example.com\nDiagnostic-Code: smtp; 554 credit card «pan»\n"
                            )
                        )
                    ),
                ],
                extra="; report-type=delivery-status",
            ),
        ),
    ),
    (
        "nested-epilogue-base64",
        "A base64 text in the epilogue of an inner multipart",
        lambda w: letter(
            head("x", 2),
            multipart(
                "mixed",
                "o1",
                [
                    multipart(
                        "alternative",
                        "i1",
                        [part("hello from the windmill\n")],
                        epilogue="\nContent-Transfer-Encoding: base64\n\n" + b64(crlf(w(NOTE))).decode(),
                    )
                ],
            ),
        ),
    ),
    (
        "subject-and-body",
        "The first half is the end of the Subject, the second the first line of the text",
        lambda w: simple(w("my credit card «g1» «g2»"), w("«g3» «g4»\nregards from the windmill\n"), 2),
    ),
    (
        "split-around-picture",
        "The halves stand in two inline texts with a picture between",
        lambda w: letter(
            head("x", 2),
            multipart(
                "mixed",
                "sap",
                [
                    part(w("hello from the windmill\nmy credit card «g1» «g2»")),
                    crlf("Content-Type: image/gif\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\n")
                    + b64(b"GIF89a\1\0\1\0\0\0\0;"),
                    part(w("«g3» «g4»\n")),
                ],
            ),
        ),
    ),
    (
        "code-in-other-part",
        "The number is in the HTML, the code alone in a later text",
        lambda w: letter(
            head("x", 2),
            multipart(
                "mixed",
                "cop",
                [
                    part(w("<p>my credit card «pan» exp «exp»</p>"), "text/html"),
                    part(w("cvv «cvv», regards from the windmill\n"), encoding="base64"),
                ],
            ),
        ),
    ),
    (
        "form-data-name",
        "The number is the name of a form field",
        lambda w: letter(
            head("x", 2),
            multipart(
                "form-data",
                "fdn",
                [crlf(w('Content-Disposition: form-data; name="credit card «pan»"\n\nhello from the windmill\n'))],
            ),
        ),
    ),
    (
        "part-two-blank-lines-header",
        "A part begins with two blank lines, then its header",
        lambda w: letter(
            head("x", 2),
            multipart(
                "mixed",
                "ptb",
                [
                    part("hello from the windmill\n"),
                    crlf("\n\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n") + b64(crlf(w(NOTE))),
                ],
            ),
        ),
    ),
    (
        "part-header-bare-cr",
        "The header of a part is one line with bare CRs",
        lambda w: letter(
            head("x", 2),
            multipart(
                "mixed",
                "phc",
                [
                    part("hello from the windmill\n"),
                    b"Content-Type: text/plain\rContent-Transfer-Encoding: base64\r\n\r\n" + b64(crlf(w(NOTE))),
                ],
            ),
        ),
    ),
)

_CONTENT: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "base64-each-line-padded",
        "Every line of base64 is padded on its own",
        lambda w: _encoded(
            "Content-Transfer-Encoding: base64",
            w,
            b"".join(base64.b64encode(crlf(w(NOTE))[n : n + 10]) + b"\r\n" for n in range(0, len(crlf(w(NOTE))), 10)),
        ),
    ),
    (
        "base64-bare-cr",
        "Base64 whose lines end in a bare CR",
        lambda w: _encoded("Content-Transfer-Encoding: base64", w, b64(crlf(w(NOTE)), 20, b"\r") + b"\r\n"),
    ),
    (
        "base64-bom",
        "A byte order mark before base64",
        lambda w: _encoded("Content-Transfer-Encoding: base64", w, b"\xef\xbb\xbf" + b64(crlf(w(NOTE)))),
    ),
    (
        "base64-quoted",
        "Base64 with a quote mark before every line",
        lambda w: _encoded("Content-Transfer-Encoding: base64", w, b64(crlf(w(NOTE)), 40, b"\r\n> ")),
    ),
    (
        "base64-both-alphabets",
        "Base64 that mixes + / with - and _",
        lambda w: _encoded(
            "Content-Transfer-Encoding: base64",
            w,
            b64(crlf(w("ÿþýüûúùø÷öõôóòñð ÿÿÿ >>>???\n" + NOTE))).replace(b"+", b"-", 1).replace(b"/", b"_", 1),
        ),
    ),
    (
        "base64-html-comment",
        "Base64 with an HTML comment before it",
        lambda w: _encoded("Content-Transfer-Encoding: base64", w, b"<!-- -->\r\n" + b64(crlf(w(NOTE)))),
    ),
    (
        "base64-fold-in-number-8",
        "Base64 in lines of eight with blank lines between",
        lambda w: _encoded("Content-Transfer-Encoding: base64", w, b64(crlf(w(NOTE)), 8, b"\r\n\r\n")),
    ),
    (
        "base64-one-missing-sextet",
        "Base64 whose first letter is lost behind a stray letter",
        lambda w: _encoded("Content-Transfer-Encoding: base64", w, b"A\r\n" + b64(crlf(w(NOTE)))),
    ),
    (
        "qp-bare-lf-soft",
        "Soft breaks of = and a bare LF inside the number",
        lambda w: _encoded(
            "Content-Transfer-Encoding: quoted-printable",
            w,
            crlf(w("my credit card «g1»"))
            + b"=\n"
            + crlf(w(" «g2» «g3»"))
            + b"=\n"
            + crlf(w(" «g4» regards from the windmill\n")),
        ),
    ),
    (
        "qp-nul-escapes",
        "=00 between the digits",
        lambda w: _encoded(
            "Content-Transfer-Encoding: quoted-printable",
            w,
            crlf(w("my credit card ") + "=00".join(w("«raw»")) + " regards from the windmill\n"),
        ),
    ),
    (
        "qp-soft-break-in-character",
        "A zero-width character between the digits, cut by soft breaks",
        lambda w: _encoded(
            "Content-Transfer-Encoding: quoted-printable",
            w,
            crlf(w("my credit card ") + "=E2=\n=80=\n=8B".join(w("«raw»")) + " regards from the windmill\n"),
        ),
    ),
    (
        "qp-trailing-blanks",
        "Trailing blanks at line ends between the groups",
        lambda w: _encoded(
            "Content-Transfer-Encoding: quoted-printable",
            w,
            crlf(w("my credit card \t\n«g1» \t \n«g2»  \n«g3»\t\n«g4»\nregards from the windmill\n")),
        ),
    ),
    (
        "qp-equals-at-end",
        "The number is the end of the text, behind it a lone =",
        lambda w: _encoded(
            "Content-Transfer-Encoding: quoted-printable",
            w,
            crlf(w("regards from the windmill, my credit card «g1»=20«g2»=20«g3»=20«g4»")) + b"=",
        ),
    ),
    (
        "qp-equals-cr",
        "= and a bare CR inside the number",
        lambda w: _encoded(
            "Content-Transfer-Encoding: quoted-printable",
            w,
            crlf(w("regards from the windmill, my credit card «g1» «g2»")) + b"=\r" + crlf(w(" «g3» «g4»\n")),
        ),
    ),
    (
        "qp-double-equals",
        "== before every group",
        lambda w: _encoded(
            "Content-Transfer-Encoding: quoted-printable",
            w,
            crlf(w("regards from the windmill, my credit card ==20«g1» ==20«g2» ==20«g3» ==20«g4»\n")),
        ),
    ),
    (
        "uu-page",
        "A uuencoded page with entities",
        lambda w: (
            simple("x", "hello from the windmill\n", 2)
            + uuencode(
                crlf(
                    w("<html><p>my credit card ")
                    + _each(w("«raw»"), "&#", ";").translate({ord(d): str(ord(d)) for d in "0123456789"})
                    + "</p></html>\n"
                ),
                "page.html",
            )
        ),
    ),
    (
        "uu-in-page",
        "A uuencoded file in a <pre> of a page",
        lambda w: simple(
            "x",
            "<html><p>hello from the windmill</p><pre>\n"
            + uuencode(crlf(w(NOTE)), "a.txt").decode().replace("&", "&amp;").replace("<", "&lt;")
            + "</pre></html>\n",
            2,
            kind="text/html",
        ),
    ),
    (
        "xxencode",
        "An xxencoded file in a text",
        lambda w: simple("x", "hello from the windmill\n\n" + _xxencode(crlf(w(NOTE * 2)), "a.txt").decode(), 2),
    ),
    (
        "ldif-base64",
        "LDIF with a base64 value",
        lambda w: simple(
            "x",
            "dn: cn=hello from the windmill\ndescription:: " + base64.b64encode(w(SHORT).encode()).decode() + "\n",
            2,
        ),
    ),
    (
        "json-in-json",
        "JSON in a JSON string, the digits as double escapes",
        lambda w: simple(
            "x",
            '{"note": "{\\"from\\": \\"the windmill\\", \\"credit card\\": \\"'
            + "".join(f"\\\\u00{ord(d):02x}" for d in w("«raw»"))
            + '\\"}"}\n',
            2,
            kind="application/json",
            charset="",
        ),
    ),
    (
        "xml-cdata-runs",
        "XML whose digits are CDATA sections",
        lambda w: simple(
            "x",
            "<?xml version='1.0'?><note from='windmill'>credit card "
            + _each(w("«raw»"), "<![CDATA[", "]]>")
            + "</note>\n",
            2,
            kind="application/xml",
            charset="",
        ),
    ),
    (
        "body-encoded-words",
        "Encoded words in a text",
        lambda w: simple(
            "x",
            "hello from the windmill\n"
            + word(w("credit card «g1» «g2»"))
            + " "
            + word(w(" «g3» «g4»"), how="Q")
            + "\n",
            2,
        ),
    ),
    (
        "calendar-html-alternative",
        "X-ALT-DESC of a calendar: a folded page with entities and tags",
        lambda w: simple(
            "x",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:windmill\nX-ALT-DESC;FMTTYPE=text/html:<html><body>my cred\n it card &#"
            + "<b></b>&#\n ".join(f"{ord(d)};" for d in w("«raw»"))
            + "</body></html>\nEND:VEVENT\nEND:VCALENDAR\n",
            2,
            kind="text/calendar",
        ),
    ),
    (
        "calendar-altrep-data",
        "ALTREP of a calendar is a data: URI",
        lambda w: simple(
            "x",
            'BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:windmill\nDESCRIPTION;ALTREP="data:text/plain;base64,'
            + base64.b64encode(w(SHORT).encode()).decode()
            + '":see there\nEND:VEVENT\nEND:VCALENDAR\n',
            2,
            kind="text/calendar",
        ),
    ),
    (
        "vcard-uri",
        "vCard 4 NOTE whose value is a data: URI of percent escapes",
        lambda w: simple(
            "x",
            "BEGIN:VCARD\nVERSION:4.0\nFN:windmill\nNOTE;VALUE=uri:data:text/plain,"
            + quote(w("credit card "))
            + _each(w("«raw»"), "%3")
            + "\nEND:VCARD\n",
            2,
            kind="text/vcard",
        ),
    ),
    (
        "vcard-fold-base64",
        "vCard 3 NOTE;ENCODING=b folded every eight characters",
        lambda w: simple(
            "x",
            "BEGIN:VCARD\nVERSION:3.0\nFN:windmill\nNOTE;ENCODING=b:"
            + b64(w(SHORT).encode(), 8, b"\n ").decode().rstrip()
            + "\nEND:VCARD\n",
            2,
            kind="text/vcard",
        ),
    ),
    (
        "richtext-comments",
        "text/richtext with comments between the digits",
        lambda w: simple(
            "x",
            "hello from the windmill<nl>credit card " + "<comment>77</comment>".join(w("«raw»")) + "<nl>\n",
            2,
            kind="text/richtext",
        ),
    ),
    (
        "markdown-emphasis",
        "Markdown whose emphasis parts the number",
        lambda w: simple(
            "x", w("# windmill\n\nmy credit card is **«g1»**«g2»**«g3»**`«g4»`\n"), 2, kind="text/markdown"
        ),
    ),
    (
        "markdown-escapes",
        "Markdown with a backslash before every hyphen",
        lambda w: simple(
            "x", w("# windmill\n\nmy credit card is «g1»\\-«g2»\\-«g3»\\-«g4»\n"), 2, kind="text/markdown"
        ),
    ),
    (
        "urlencoded-base64",
        "A form as application/x-www-form-urlencoded in base64",
        lambda w: simple(
            "x",
            "from=the+windmill&creditcard=" + _each(w("«raw»"), "%3") + "&x=1",
            2,
            kind="application/x-www-form-urlencoded",
            encoding="base64",
            charset="",
        ),
    ),
    (
        "text-bare-cr",
        "Bare CRs between the groups",
        lambda w: _body(
            "Content-Type: text/plain\n",
            crlf(w("regards from the windmill, my credit card «g1»")) + w("\r«g2»\r«g3»\r«g4»\r").encode() + b"\r\n",
        ),
    ),
    (
        "flowed-delsp-digits",
        "format=flowed; delsp=yes with one group a line",
        lambda w: _body(
            "Content-Type: text/plain; format=flowed; delsp=yes\n",
            crlf(w("regards from the windmill, my credit card \n «g1» \n «g2» \n «g3» \n «g4»\n")),
        ),
    ),
    (
        "smime-signed-base64-inside",
        "Opaque signed data whose text is base64 by its own header",
        lambda w: _body(
            'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\nContent-Transfer-Encoding: base64\n',
            b64(_signed(part(w(NOTE), encoding="base64"))),
        ),
    ),
    (
        "smime-signed-octet-stream",
        "Opaque signed data under application/octet-stream",
        lambda w: _body(
            'Content-Type: application/octet-stream; name="smime.p7m"\nContent-Transfer-Encoding: base64\n',
            b64(_signed(part(w(NOTE), encoding="quoted-printable"))),
        ),
    ),
    (
        "smime-compressed",
        "CMS compressed data (RFC 3274)",
        lambda w: _body(
            'Content-Type: application/pkcs7-mime; smime-type=compressed-data; name="smime.p7z"\nContent-Transfer-Encoding: base64\n',
            b64(_compressed(part(w(NOTE)))),
        ),
    ),
    (
        "pgp-old",
        "application/pgp with a clear text",
        lambda w: simple(
            "x",
            w(
                "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
                + NOTE
                + "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----\n"
            ),
            2,
            kind="application/pgp; format=text; x-action=sign",
            charset="",
        ),
    ),
)

_CHARSETS: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "utf7-full-width",
        "UTF-7 with full-width digits in one shift",
        lambda w: simple("x", _wide(w(SHORT)), 2, charset="utf-7", codec="utf-7"),
    ),
    (
        "hz-unlabelled",
        "HZ with full-width digits, labelled us-ascii",
        lambda w: simple("x", _wide(w(SHORT)), 2, charset="us-ascii", codec="hz"),
    ),
    (
        "iso-2022-kr-unlabelled",
        "ISO-2022-KR with full-width digits, no label",
        lambda w: _body("Content-Type: text/plain\n", crlf(_wide(w(SHORT)), "iso2022_kr")),
    ),
    (
        "iso-2022-jp-roman",
        "ISO-2022-JP with JIS Roman and katakana shifts between the groups",
        lambda w: _body(
            "Content-Type: text/plain; charset=iso-2022-jp\n",
            crlf(
                w(
                    "regards from the windmill, my credit card \x1b(J«g1»\x1b(B \x1b(J«g2»\x1b$B!!\x1b(J«g3»\x1b(B-«g4»\n"
                )
            ),
        ),
    ),
    (
        "iso-2022-jp-ms",
        "charset=ISO-2022-JP-MS (a label that few know)",
        lambda w: _body(
            "Content-Type: text/plain; charset=ISO-2022-JP-MS\n", _jis(_wide(w(SHORT)).replace("\n", "\r\n"))
        ),
    ),
    (
        "iso-2022-cn",
        "ISO-2022-CN with full-width digits",
        lambda w: _body(
            "Content-Type: text/plain; charset=iso-2022-cn\n",
            crlf(w("regards from the windmill, my credit card "))
            + b"\x1b$)A\x0e"
            + bytes(b & 0x7F for b in _wide(w("«raw»")).encode("gb2312"))
            + b"\x0f\r\n",
        ),
    ),
    (
        "ebcdic-1047",
        "charset=IBM1047, base64",
        lambda w: _encoded("Content-Transfer-Encoding: base64", w, b64(w(SHORT).encode("cp1140"))).replace(
            b"charset=utf-8", b"charset=IBM1047"
        ),
    ),
    (
        "ebcdic-273",
        "charset=ebcdic-de, base64",
        lambda w: _encoded("Content-Transfer-Encoding: base64", w, b64(w(SHORT).encode("cp273"))).replace(
            b"charset=utf-8", b"charset=IBM273"
        ),
    ),
    (
        "utf32be-label",
        "UTF-32BE without mark, quoted-printable",
        lambda w: simple("x", w(SHORT), 2, charset="utf-32be", codec="utf-32-be", encoding="base64"),
    ),
    (
        "ucs2-full-width",
        "charset=ISO-10646-UCS-2 with full-width digits",
        lambda w: simple("x", _wide(w(SHORT)), 2, charset="ISO-10646-UCS-2", codec="utf-16-be", encoding="base64"),
    ),
    (
        "ucs2-le-full-width",
        "charset=unicode, little-endian, full-width digits",
        lambda w: simple("x", _wide(w(SHORT)), 2, charset="unicode", codec="utf-16-le", encoding="base64"),
    ),
    (
        "gb18030-four-bytes",
        "GB18030 whose digits take four bytes each",
        lambda w: simple("x", _mapped(w(SHORT), 0x1D7CE), 2, charset="gb18030", encoding="base64"),
    ),
    (
        "cp864",
        "charset=cp864: Arabic digits in one byte",
        lambda w: _body(
            "Content-Type: text/plain; charset=cp864\n",
            crlf(w("regards from the windmill, my credit card ")) + bytes(0xB0 + int(d) for d in w("«raw»")) + b"\r\n",
        ),
    ),
    (
        "charset-sections",
        'charset*0="utf-"; charset*1="16le"',
        lambda w: _body(
            'Content-Type: text/plain; charset*0="utf-"; charset*1="16le"\nContent-Transfer-Encoding: base64\n',
            b64(_wide(w(SHORT)).encode("utf-16-le")),
        ),
    ),
    (
        "charset-twice-wide",
        "charset=utf-8; charset=utf-16be over full-width UTF-16BE",
        lambda w: _body(
            "Content-Type: text/plain; charset=utf-8; charset=utf-16be\nContent-Transfer-Encoding: base64\n",
            b64(_wide(w(SHORT)).encode("utf-16-be")),
        ),
    ),
    (
        "charset-quoted-single",
        "charset='utf-16be' in single quotes",
        lambda w: _body(
            "Content-Type: text/plain; charset='utf-16be'\nContent-Transfer-Encoding: base64\n",
            b64(_wide(w(SHORT)).encode("utf-16-be")),
        ),
    ),
    (
        "windows-1252-bullets",
        "Bullets and dagger signs of Windows-1252 between the groups",
        lambda w: _body(
            "Content-Type: text/plain; charset=windows-1252\n",
            crlf(w("regards from the windmill, my credit card «g1»"))
            + w("\x95«g2»\x95«g3»\x95«g4»\r\n").encode("latin-1"),
        ),
    ),
    (
        "circled-digits",
        "Circled digits",
        lambda w: simple(
            "x", w("regards from the windmill, my credit card ") + _circled(w("«pan»"), "⓪", 0x2460) + "\n", 2
        ),
    ),
    (
        "negative-circled-digits",
        "Negative circled digits in an HTML mail, as entities",
        lambda w: _page(w, "<p>" + "".join(f"&#{ord(ch)};" for ch in _circled(w("«raw»"), "⓿", 0x2776)) + "</p>"),
    ),
    (
        "segmented-digits",
        "Segmented digits U+1FBF0",
        lambda w: simple(
            "x",
            w("regards from the windmill, my credit card ") + _mapped(w("«pan»"), 0x1FBF0) + "\n",
            2,
            encoding="base64",
        ),
    ),
    (
        "double-struck-digits",
        "Double-struck and monospace digits by turns, base64",
        lambda w: simple(
            "x",
            w("regards from the windmill, my credit card ")
            + "".join(_mapped(ch, (0x1D7D8, 0x1D7F6)[n % 2]) for n, ch in enumerate(w("«pan»")))
            + "\n",
            2,
            encoding="base64",
        ),
    ),
    (
        "tamil-digits",
        "Tamil digits",
        lambda w: simple(
            "x",
            w("regards from the windmill, my credit card ") + _mapped(w("«pan»"), 0x0BE6) + "\n",
            2,
            encoding="quoted-printable",
        ),
    ),
    (
        "enclosing-squares",
        "U+20DE behind every digit",
        lambda w: simple(
            "x", w("regards from the windmill, my credit card ") + _each(w("«raw»"), "", "\u20de") + "\n", 2
        ),
    ),
    (
        "strike-through",
        "U+0336 and U+0332 behind every digit",
        lambda w: simple(
            "x",
            w("regards from the windmill, my credit card ") + _each(w("«raw»"), "", "\u0336\u0332") + "\n",
            2,
            encoding="quoted-printable",
        ),
    ),
    (
        "persian-marks",
        "Persian digits with right-to-left marks between",
        lambda w: simple(
            "x", w("regards from the windmill, my credit card ") + "\u200f".join(_mapped(w("«raw»"), 0x06F0)) + "\n", 2
        ),
    ),
    (
        "digits-full-stop",
        "Digits with a full stop (U+2488), zero as a plain one",
        lambda w: simple(
            "x", w("regards from the windmill, my credit card ") + _circled(w("«pan»"), "0", 0x2488) + "\n", 2
        ),
    ),
)

_FIELDS: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "field-name-number",
        "The number is in the name of a field",
        lambda w: _headed(w, "X-Credit-Card-«raw»: yes please\n"),
    ),
    ("field-name-groups", "The groups are names of fields, hyphenated", lambda w: _headed(w, "Card-«dash»: 1\n")),
    (
        "list-unsubscribe-escapes",
        "List-Unsubscribe: a mailto: with percent escapes",
        lambda w: _headed(
            w, "List-Unsubscribe: <mailto:x@example.org?subject=credit%20card%20«g1»%20«g2»%20«g3»%20«g4»>\n"
        ),
    ),
    (
        "content-location-escapes",
        "Content-Location whose digits are percent escapes",
        lambda w: _headed(w, "Content-Location: https://example.org/credit-card/" + _each(w("«raw»"), "%3") + "\n"),
    ),
    ("x-face-number", "The number as X-Face", lambda w: _headed(w, "X-Face: my credit card «pan»\n")),
    (
        "dkim-number",
        "The number in a tag of DKIM-Signature",
        lambda w: _headed(
            w,
            "DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=x; h=from;\n n=credit card «pan»; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\n",
        ),
    ),
    (
        "autocrypt-number",
        "The number in Autocrypt",
        lambda w: _headed(w, "Autocrypt: addr=a@example.org; _note=credit card «dash»; keydata=AAAA\n"),
    ),
    (
        "word-charset-twice",
        "=?utf-8?utf-8?B?…?=",
        lambda w: _headed(
            w, "X-Remark: =?utf-8?utf-8?B?" + base64.b64encode(w("credit card «pan»").encode()).decode() + "?=\n"
        ),
    ),
    (
        "word-in-word",
        "An encoded word whose text is an encoded word",
        lambda w: _headed(w, "X-Remark: " + word(word(w("credit card «pan»"))) + "\n"),
    ),
    (
        "word-unfinished",
        "A Q word without its end",
        lambda w: _headed(w, "X-Remark: =?utf-8?Q?credit_card_«g1»_«g2»_«g3»_«g4»\n"),
    ),
    (
        "word-utf16",
        "An encoded word in UTF-16LE",
        lambda w: _headed(w, "X-Remark: " + word(w("credit card «pan»"), "utf-16-le") + "\n"),
    ),
    (
        "word-gb2312-wide",
        "A Q word in GB2312 with full-width digits",
        lambda w: _headed(
            w,
            "Subject: =?gb2312?Q?"
            + "".join(f"={b:02X}" for b in _wide(w("credit card «raw»")).encode("gb2312"))
            + "?=\n",
        ),
    ),
    (
        "word-keycaps",
        "Keycap emoji in two encoded words",
        lambda w: _headed(
            w,
            "X-Remark: "
            + word("credit card " + _each(w("«g1»«g2»"), "", "\ufe0f\u20e3"))
            + " "
            + word(_each(w("«g3»«g4»"), "", "\ufe0f\u20e3"))
            + "\n",
        ),
    ),
    (
        "word-raw-word",
        "Encoded word, plain group, encoded word",
        lambda w: _headed(
            w, "X-Remark: " + word(w("credit card «g1»")) + w(" «g2» ") + word(w("«g3»"), how="Q") + w(" «g4»\n")
        ),
    ),
    (
        "word-hz",
        "An encoded word in HZ with full-width digits",
        lambda w: _headed(w, "X-Remark: " + word("credit card " + _wide(w("«raw»")), "hz") + "\n"),
    ),
    (
        "word-utf7-no-shift-end",
        "An encoded word in UTF-7, base64 of the shift form",
        lambda w: _headed(
            w,
            "X-Remark: =?utf-7?B?"
            + base64.b64encode(
                w("credit card ").encode()
                + b"".join(
                    b"+ADM" if 0 else b"+" + base64.b64encode(d.encode("utf-16-be")).rstrip(b"=") + b"-"
                    for d in w("«raw»")
                )
            ).decode()
            + "?=\n",
        ),
    ),
    (
        "word-q-lowercase-mix",
        "A Q word of lower-case escapes only, with blanks as = 2 0 of tabs",
        lambda w: _headed(
            w, "X-Remark: =?ISO-8859-1?q?" + "".join(f"={b:02x}" for b in w("credit card «pan»").encode()) + "?=\n"
        ),
    ),
    (
        "words-one-digit",
        "One encoded word for each digit, B and Q by turns",
        lambda w: _headed(
            w, "X-Remark: credit card " + "\n ".join(word(d, how="BQ"[n % 2]) for n, d in enumerate(w("«raw»"))) + "\n"
        ),
    ),
    (
        "name-quoted-pairs",
        "A backslash before every digit of the file name",
        lambda w: _attached(w, 'attachment; filename="card ' + _each(w("«raw»"), "\\") + '.bin"'),
    ),
    (
        "name-mixed-sections",
        "filename*0 plain, *1* escaped without charset, *2 plain",
        lambda w: _attached(
            w,
            'attachment; filename*0="card «g1»"; filename*1*=%20'
            + _each(w("«g2»"), "%3")
            + '; filename*2=" «g3» «g4».bin"',
        ),
    ),
    (
        "name-iso-2022-jp",
        "filename* in ISO-2022-JP, full-width digits",
        lambda w: _attached(
            w,
            "attachment; filename*=iso-2022-jp''"
            + "".join(f"%{b:02X}" for b in _jis("カード " + _wide(w("«raw»"))))
            + ".bin",
        ),
    ),
    (
        "name-case-twice",
        "filename and FILENAME, the second holds the number",
        lambda w: _attached(w, 'attachment; filename="a.bin"; FILENAME="card «pan».bin"'),
    ),
    (
        "name-path",
        "A file name with a path",
        lambda w: _attached(w, 'attachment; filename="C:\\\\cards\\\\credit card «dash».bin"'),
    ),
    (
        "name-unterminated",
        "A file name whose quote never ends",
        lambda w: _attached(w, 'attachment; filename="credit card «pan».bin'),
    ),
    (
        "name-in-type-only-word",
        "name= as an encoded word in UTF-16",
        lambda w: _attached(
            w, "attachment", 'application/x-thing; name="' + word(w("credit card «pan».bin"), "utf-16-be") + '"'
        ),
    ),
    (
        "description-words",
        "Content-Description of a part as two words",
        lambda w: _attached(w, "attachment\nContent-Description: " + word("credit card ") + "\n " + word(w("«pan»"))),
    ),
    (
        "disposition-parameter",
        "An unknown parameter of Content-Disposition",
        lambda w: _attached(w, 'attachment; filename=a.bin; remark="credit card «pan»"; size=12'),
    ),
    (
        "address-route",
        "A route address with the number",
        lambda w: _headed(w, "Cc: credit card <@a.example,@b.example:card.«raw»@example.org>\n"),
    ),
    ("priority-field", "A field with a name of one letter", lambda w: _headed(w, "Z: credit card «pan»\n")),
    ("field-after-empty-name", "A line that begins with a colon", lambda w: _headed(w, ": credit card «pan»\n")),
    (
        "subject-twice-words",
        "Three Subjects, the number in the second as a word",
        lambda w: _headed(w, "Subject: " + word(w("credit card «pan»")) + "\nSubject: bye\n"),
    ),
)

_PAGES: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "html-three-hundred-zeros",
        "Entities with three hundred zeros",
        lambda w: _page(w, "<p>" + "".join(f"&#{'0' * 300}{ord(d)};" for d in w("«raw»")) + "</p>"),
    ),
    (
        "html-ruby",
        "A ruby annotation at every digit",
        lambda w: _page(w, "<p><ruby>" + "".join(f"{d}<rt>ab</rt>" for d in w("«raw»")) + "</ruby></p>"),
    ),
    (
        "html-ruby-rp",
        "Ruby with fallback parentheses and number words",
        lambda w: _page(
            w, "<p><ruby>" + "".join(f"{d}<rp>(</rp><rt>x</rt><rp>)</rp>" for d in w("«raw»")) + "</ruby></p>"
        ),
    ),
    (
        "html-math",
        "MathML: digits as mn, invisible times between",
        lambda w: _page(
            w, "<p><math>" + "<mo>&InvisibleTimes;</mo>".join(f"<mn>{d}</mn>" for d in w("«raw»")) + "</math></p>"
        ),
    ),
    (
        "html-invisible-entities",
        "&af; &ic; &zwj; &lrm; between the digits",
        lambda w: _page(
            w,
            "<p>"
            + "".join(d + ("&af;", "&ic;", "&zwj;", "&lrm;", "&#8288;")[n % 5] for n, d in enumerate(w("«raw»")))
            + "</p>",
        ),
    ),
    (
        "html-object-data",
        "<object data> is a data: URI",
        lambda w: _page(
            w,
            '<object data="data:text/html;charset=utf-8;base64,'
            + base64.b64encode(w("<p>credit card «g1»<b>«g2»</b>«g3»«g4»</p>").encode()).decode()
            + '"></object>',
        ),
    ),
    (
        "html-svg-data",
        "<img> with an SVG in a data: URI",
        lambda w: _page(
            w,
            "<img src='data:image/svg+xml;base64,"
            + base64.b64encode(
                (
                    "<svg xmlns='http://www.w3.org/2000/svg'><text>"
                    + _each(w("«raw»"), "<tspan>", "</tspan>")
                    + "</text></svg>"
                ).encode()
            ).decode()
            + "'>",
        ),
    ),
    (
        "html-svg-data-utf8",
        "An SVG in a data: URI with percent escapes",
        lambda w: _page(
            w,
            '<img src="data:image/svg+xml;utf8,'
            + quote("<svg><text>" + _each(w("«raw»"), "<tspan>", "</tspan>") + "</text></svg>")
            + '">',
        ),
    ),
    (
        "html-data-utf16",
        "A data: URI in UTF-16",
        lambda w: _page(
            w,
            '<iframe src="data:text/html;charset=utf-16le;base64,'
            + base64.b64encode(w("<p>credit card «pan»</p>").encode("utf-16-le")).decode()
            + '"></iframe>',
        ),
    ),
    (
        "html-srcdoc-twice",
        "A frame in a frame: srcdoc escaped twice",
        lambda w: _page(
            w,
            '<iframe srcdoc="'
            + html.escape(
                '<iframe srcdoc="'
                + html.escape("<p>credit card " + _each(w("«raw»"), "<b>", "</b>") + "</p>")
                + '"></iframe>'
            )
            + '"></iframe>',
        ),
    ),
    (
        "html-meta-refresh",
        "<meta refresh> to a data: page",
        lambda w: _page(
            w,
            "",
            style='<meta http-equiv=refresh content="9;url=data:text/html,'
            + quote(w("<p>credit card «pan»</p>"))
            + '">',
        ),
    ),
    (
        "html-import-data",
        "@import of a data: style sheet with generated content",
        lambda w: _page(
            w,
            "<p id=a></p>",
            style="<style>@import url(data:text/css;base64,"
            + base64.b64encode(w("#a::after{content:'credit card «pan»'}").encode()).decode()
            + ");</style>",
        ),
    ),
    (
        "html-options",
        "Groups as options of a select",
        lambda w: _page(w, w("<select><option>«g1»<option>«g2»<option>«g3»<option>«g4»</select>")),
    ),
    (
        "html-list-values",
        "Groups as numbers of list items",
        lambda w: _page(
            w, w("<ol><li value=«g1»></li><li value=«g2»></li><li value=«g3»></li><li value=«g4»></li></ol>")
        ),
    ),
    ("html-only-comment", "The number only in a comment", lambda w: _page(w, w("<!-- credit card «pan» -->"))),
    (
        "html-doctype",
        "The number in a doctype and a processing instruction",
        lambda w: _page(w, w("<?note credit card «pan» ?>")),
    ),
    (
        "html-unclosed-comment",
        "A comment that never ends",
        lambda w: simple(
            "x", w("<p>regards from the windmill</p><!-- credit card «g1»<b>«g2»</b>«g3»«g4»\n"), 2, kind="text/html"
        ),
    ),
    (
        "html-end-tag-attributes",
        "The number as attributes of an end tag",
        lambda w: _page(w, w("<p>x</p title='credit card «pan»'>")),
    ),
    ("html-tel", "A tel: link", lambda w: _page(w, w("<a href='tel:«dash»'>credit card</a>"))),
    (
        "html-fragment-plus",
        "A fragment with plus signs",
        lambda w: _page(w, w("<a href='https://example.org/#credit+card+«g1»+«g2»+«g3»+«g4»'>x</a>")),
    ),
    ("html-plaintext", "<plaintext>", lambda w: _page(w, "<plaintext>" + w("credit card «g1»</b>«g2»<i>«g3»</i>«g4»"))),
    (
        "html-frame-fallback",
        "Fallback text of iframe, audio and canvas",
        lambda w: _page(w, w("<audio>credit card <b>«g1»</b>«g2»<canvas>«g3»</canvas>«g4»</audio>")),
    ),
    (
        "html-attribute-selector",
        "Decoys hidden by an attribute selector",
        lambda w: _page(
            w, "<p>" + "<i data-n>7</i>".join(w("«raw»")) + "</p>", style="<style>i[data-n]{display:none}</style>"
        ),
    ),
    (
        "html-nth-child",
        "Decoys hidden by :nth-child(even)",
        lambda w: _page(
            w,
            "<p>" + "".join(f"<b>{d}</b><b>3</b>" for d in w("«raw»")) + "</p>",
            style="<style>b:nth-child(even){display:none}</style>",
        ),
    ),
    (
        "html-row-reverse",
        "Groups in reverse order under flex-direction: row-reverse",
        lambda w: _page(
            w,
            w(
                "<div style='display:flex;flex-direction:row-reverse'><span>«g4»</span><span>«g3»</span><span>«g2»</span><span>«g1»</span></div>"
            ),
        ),
    ),
    (
        "html-flex-order",
        "Groups out of order, set right by the order property",
        lambda w: _page(
            w,
            w(
                "<div style='display:flex'><span style='order:3'>«g3»</span><span style='order:1'>«g1»</span><span style='order:4'>«g4»</span><span style='order:2'>«g2»</span></div>"
            ),
        ),
    ),
    (
        "html-float-right",
        "Digits floated right in reverse order",
        lambda w: _page(
            w, "<div>" + "".join(f"<span style='float:right'>{d}</span>" for d in reversed(w("«raw»"))) + "</div>"
        ),
    ),
    (
        "html-absolute-left",
        "Groups out of order, placed by left",
        lambda w: _page(
            w,
            w(
                "<div style='position:relative'><span style='position:absolute;left:120px'>«g3»</span><span style='position:absolute;left:0'>«g1»</span><span style='position:absolute;left:180px'>«g4»</span><span style='position:absolute;left:60px'>«g2»</span></div>"
            ),
        ),
    ),
    (
        "html-direction-rtl-spans",
        "Groups in reverse order under direction: rtl, each an inline block",
        lambda w: _page(
            w,
            w(
                "<div style='direction:rtl;text-align:left'><span style='display:inline-block'>«g1»</span></div><p dir=rtl>«g1» &#8207;«g2» &#8207;«g3» &#8207;«g4»</p>"
            ),
        ),
    ),
    (
        "html-generated-digits",
        "Every digit is generated content of a class",
        lambda w: _page(
            w,
            "<p>" + "".join(f"<i class=d{d}></i>" for d in w("«raw»")) + "</p>",
            style="<style>" + "".join(f".d{d}::before{{content:'{d}'}}" for d in "0123456789") + "</style>",
        ),
    ),
    (
        "html-watch",
        "text/watch-html beside a text",
        lambda w: letter(
            head("x", 2),
            multipart(
                "alternative",
                "wat",
                [
                    part("regards from the windmill\n"),
                    part(
                        w("<p>my credit card <b>«g1»</b>&#32;<i>«g2»</i>&nbsp;«g3» «g4»</p>"),
                        "text/watch-html",
                        encoding="quoted-printable",
                    ),
                ],
            ),
        ),
    ),
    (
        "html-xlink",
        "SVG text behind tref and title",
        lambda w: _page(
            w, w("<svg><title>credit card «g1» «g2» «g3» «g4»</title><text><textPath>«g1»</textPath></text></svg>")
        ),
    ),
    (
        "html-vertical-table",
        "The digits stand below one another in the first column of a table",
        lambda w: _page(w, "<table>" + "".join(f"<tr><td>{d}</td></tr>" for d in w("«raw»")) + "</table>"),
    ),
    (
        "html-half-entities",
        "Entities broken by tags do not count, the digits beside them do",
        lambda w: _page(w, "<p>" + w("«g1»&#3<b>2;</b>«g2»&nbs<i>p;</i>«g3»-«g4»") + "</p>"),
    ),
    (
        "html-base64-page-in-text",
        "A base64 page inside a text/plain, without any label",
        lambda w: simple(
            "x",
            "hello from the windmill\n\n"
            + b64(("<html><p>credit card " + _each(w("«raw»"), "<b>", "</b>") + "</p></html>").encode()).decode(),
            2,
        ),
    ),
)

_FULL = frozenset(slug for slug, _, _ in (*_STEERING, *_STRUCTURE)) - {
    "message-unknown",
    "global-delivery-status",
    "subject-and-body",
    "split-around-picture",
    "form-data-name",
}
_WORDLESS = frozenset(
    # Python's own readers show these words in no case: base64 as it stands, a charset they do not know, a sealed part;
    # or a notice stands in their place
    "encoding-name-folded encoding-name-spaces header-lf-cr-ends header-in-body-after-type base64-one-missing-sextet"
    " rfc822-leading-blanks smime-signed-base64-inside smime-compressed ebcdic-1047 html-generated-digits".split()
)
_UNSEEN = frozenset(
    "encoding-name-folded encoding-name-spaces encoding-commented-out encoding-qp-of-qp encoding-multipart-base64-nested"
    " boundary-without-dashes subject-and-body base64-one-missing-sextet ldif-base64 json-in-json xml-cdata-runs"
    " body-encoded-words calendar-html-alternative calendar-altrep-data vcard-uri vcard-fold-base64 richtext-comments"
    " urlencoded-base64 smime-compressed list-unsubscribe-escapes content-location-escapes word-charset-twice html-ruby"
    " html-ruby-rp html-object-data html-svg-data html-svg-data-utf8 html-data-utf16 html-srcdoc-twice html-import-data"
    " html-unclosed-comment html-attribute-selector html-nth-child html-row-reverse html-flex-order html-absolute-left"
    " html-generated-digits html-half-entities html-base64-page-in-text".split()
)
_ROWS = (*_STEERING, *_STRUCTURE, *_CONTENT, *_CHARSETS, *_FIELDS, *_PAGES)
CASES = tuple(
    _case(
        number,
        slug,
        what,
        make,
        removed=ALL if slug in _FULL else ("pan",),
        survive=() if slug in _WORDLESS else MILL,
        unseen=slug in _UNSEEN,
    )
    for number, (slug, what, make) in enumerate(_ROWS)
)
CASES += (
    Case(
        "clean-drawn-boundary",
        "A boundary that Python drew by lot and that has a valid check digit",
        letter(
            head("invoice", 5),
            multipart(
                "alternative", "===============8169495973470409322==", [part("The invoice is due within 855 days.\n")]
            ),
        ),
    ),
)
