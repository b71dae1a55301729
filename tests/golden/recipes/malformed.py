"""Cases that break the rules by accident or age: header fields, structure, transfer encodings (RFC 7103 and beyond)."""

from __future__ import annotations

import base64

from tests.golden.kit import ALL, Case, at, b64, crlf, fill, head, letter, multipart, part, qp, simple

BUY = "I would like to buy it with my credit card «pan» exp «exp» cvv «cvv»\nall the best from Harbour Street\n"
ANY = at(ALL, "")


def _entity(fields: str, body: bytes | str) -> bytes:
    return crlf(fields + "\n") + (crlf(body) if isinstance(body, str) else body)


def _code(card: str) -> bytes:
    return b64(crlf(fill(card, BUY)))


def _mix(boundary_field: str, line: str, inner: bytes, *, close: bool = True) -> bytes:
    """Return a multipart with a free hand for the field and the delimiter line."""
    end = f"--{line}--\n" if close else ""
    return crlf(boundary_field + "\n\n") + crlf(f"--{line}\n") + inner + crlf(end)


HEADERS = (
    Case(
        "two-encodings-base64-first",
        "Content-Transfer-Encoding twice: base64, then 7bit",
        letter(
            head("order", 0),
            _entity(
                "Content-Type: text/plain\nContent-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n",
                _code("visa-1"),
            ),
        ),
        "visa-1",
        ANY,
        hold=False,
    ),
    Case(
        "two-encodings-base64-last",
        "Content-Transfer-Encoding twice: 7bit, then base64",
        letter(
            head("order", 1),
            _entity(
                "Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n",
                _code("visa-2"),
            ),
        ),
        "visa-2",
        ANY,
    ),
    Case(
        "two-content-types",
        "Content-Type twice: multipart/mixed and text/plain",
        letter(
            head("order", 2),
            crlf("Content-Type: text/plain\n")
            + multipart("mixed", "two-ct", [part("first\n"), part(fill("visa-3", BUY), encoding="base64")]),
        ),
        "visa-3",
        ANY,
        ("first",),
        hold=True,
    ),
    Case(
        "two-subjects",
        "Subject twice, the number in the second",
        letter(head("harmless", 3) + fill("visa-4", "Subject: my card «pan»\n"), part("Harbour Street\n")),
        "visa-4",
        ("pan header:subject",),
        ("harmless", "Harbour"),
    ),
    Case(
        "two-froms",
        "From twice, number in the display name of one",
        letter(
            head("order", 4) + fill("visa-5", 'From: "card «pan»" <x@example.com>\n'),
            part("my credit card is in the name, Harbour Street\n"),
        ),
        "visa-5",
        ("pan header:from",),
        ("Harbour",),
    ),
    Case(
        "space-before-colon",
        "White space before the colon of Content-Transfer-Encoding",
        letter(
            head("order", 5),
            _entity("Content-Type: text/plain\nContent-Transfer-Encoding : base64\n", _code("mastercard-1")),
        ),
        "mastercard-1",
        ANY,
    ),
    Case(
        "space-before-colon-subject",
        "White space before the colon of Subject",
        letter(
            head("order", 6).replace("Subject: order", fill("mastercard-2", "Subject : card «pan»")),
            part("Harbour Street\n"),
        ),
        "mastercard-2",
        ("pan header:subject",),
        ("Harbour",),
    ),
    Case(
        "encoding-list",
        "Content-Transfer-Encoding: base64, 7bit",
        letter(
            head("order", 7),
            _entity("Content-Type: text/plain\nContent-Transfer-Encoding: base64, 7bit\n", _code("mastercard-3")),
        ),
        "mastercard-3",
        ANY,
        hold=False,
    ),
    Case(
        "encoding-comment",
        "A comment before the encoding token",
        letter(
            head("order", 8),
            _entity("Content-Type: text/plain\nContent-Transfer-Encoding: (really) base64\n", _code("mastercard-4")),
        ),
        "mastercard-4",
        ANY,
    ),
    Case(
        "encoding-quoted",
        'Content-Transfer-Encoding: "base64" in quotes',
        letter(
            head("order", 9),
            _entity('Content-Type: text/plain\nContent-Transfer-Encoding: "base64"\n', _code("amex-1")),
        ),
        "amex-1",
        ANY,
    ),
    Case(
        "encoding-semicolon",
        "Content-Transfer-Encoding: base64; charset=x",
        letter(
            head("order", 10),
            _entity("Content-Type: text/plain\nContent-Transfer-Encoding: base64; charset=utf-8\n", _code("amex-2")),
        ),
        "amex-2",
        ANY,
    ),
    Case(
        "encoding-folded",
        "Content-Transfer-Encoding folded before its value",
        letter(
            head("order", 11),
            _entity("Content-Type: text/plain\nContent-Transfer-Encoding:\n  base64\n", _code("discover-1")),
        ),
        "discover-1",
        ANY,
    ),
    Case(
        "encoding-x-base64",
        "Content-Transfer-Encoding: x-base64",
        letter(
            head("order", 12),
            _entity("Content-Type: text/plain\nContent-Transfer-Encoding: x-base64\n", _code("discover-2")),
        ),
        "discover-2",
        ANY,
        unseen=False,
    ),
    Case(
        "encoding-empty",
        "An empty Content-Transfer-Encoding over quoted-printable text",
        letter(
            head("order", 13),
            _entity(
                "Content-Type: text/plain\nContent-Transfer-Encoding:\n",
                fill("diners-1", "my credit card «g1»=20«g2»=\n=20«g3» yes\n"),
            ),
        ),
        "diners-1",
        ("pan",),
        unseen=True,
    ),
    Case(
        "encoding-missing-base64-body",
        "No Content-Transfer-Encoding at all, base64 body",
        letter(head("order", 14), _entity("Content-Type: text/plain; charset=utf-8\n", _code("jcb-1"))),
        "jcb-1",
        ANY,
        unseen=True,
    ),
    Case(
        "encoding-7bit-but-base64",
        "Label 7bit, content base64",
        letter(
            head("order", 15),
            _entity(
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit\n",
                "see:\n\n" + _code("jcb-2").decode(),
            ),
        ),
        "jcb-2",
        ANY,
        unseen=True,
    ),
    Case(
        "encoding-qp-but-base64",
        "Label quoted-printable, content base64",
        letter(
            head("order", 16),
            _entity(
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n",
                _code("unionpay-1"),
            ),
        ),
        "unionpay-1",
        ANY,
        unseen=True,
    ),
    Case(
        "encoding-on-multipart",
        "Content-Transfer-Encoding: base64 on a multipart whose whole body is base64",
        letter(
            head("order", 17),
            crlf('Content-Type: multipart/mixed; boundary="encmp"\nContent-Transfer-Encoding: base64\n\n')
            + b64(crlf("--encmp\n") + part(fill("visa-1", BUY)) + crlf("--encmp--\n")),
        ),
        "visa-1",
        ANY,
        hold=True,
    ),
    Case(
        "encoding-on-multipart-lie",
        "Content-Transfer-Encoding: quoted-printable on a multipart that is not encoded",
        letter(
            head("order", 18) + "Content-Transfer-Encoding: quoted-printable\n",
            multipart("mixed", "lie=3Dq", [part(fill("visa-2", BUY))]),
        ),
        "visa-2",
        ANY,
        ("Harbour",),
    ),
    Case(
        "encoding-on-rfc822",
        "message/rfc822 in base64 (forbidden by RFC 2046 §5.2.1, Outlook sends it)",
        letter(
            head("Fwd", 19),
            multipart(
                "mixed",
                "r822",
                [
                    part("fwd\n"),
                    crlf("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n")
                    + b64(simple("order", fill("visa-3", BUY), 20)),
                ],
            ),
        ),
        "visa-3",
        ANY,
        ("fwd",),
    ),
    Case(
        "line-without-colon",
        "A junk line inside the header, Content-* after it",
        letter(
            head("order", 21),
            _entity(
                "this line has no colon\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n", _code("visa-4")
            ),
        ),
        "visa-4",
        ANY,
    ),
    Case(
        "colon-line",
        "A line that is only a colon inside the header",
        letter(
            head("order", 22),
            _entity(":\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n", _code("visa-5")),
        ),
        "visa-5",
        ANY,
    ),
    Case(
        "nul-in-field-name",
        "NUL in the name of Content-Transfer-Encoding",
        letter(
            head("order", 23),
            _entity("Content-Type: text/plain\nContent-Transfer\0-Encoding: base64\n", _code("visa-1")),
        ),
        "visa-1",
        ANY,
        unseen=True,
    ),
    Case(
        "nul-in-encoding",
        "NUL in the value of Content-Transfer-Encoding",
        letter(
            head("order", 24),
            _entity("Content-Type: text/plain\nContent-Transfer-Encoding: base64\0\n", _code("visa-2")),
        ),
        "visa-2",
        ANY,
    ),
    Case(
        "leading-space-field",
        "Content-Transfer-Encoding begins with a space and becomes a continuation",
        letter(
            head("order", 25),
            _entity("Content-Type: text/plain\n Content-Transfer-Encoding: base64\n", _code("visa-3")),
        ),
        "visa-3",
        ANY,
        unseen=True,
    ),
    Case(
        "blank-line-with-space",
        "The line between header and body holds a space",
        letter(head("order", 26), crlf("Content-Type: text/plain\n \n") + crlf(fill("visa-4", BUY))),
        "visa-4",
        ANY,
        ("Harbour",),
    ),
    Case(
        "blank-line-with-space-in-header",
        "A line with only a space in the middle of the header; the encoding follows",
        letter(
            head("order", 27),
            _entity("Content-Type: text/plain\n \nContent-Transfer-Encoding: base64\n", _code("visa-5")),
        ),
        "visa-5",
        ANY,
    ),
    Case(
        "missing-blank-line",
        "No blank line between header and body",
        letter(head("order", 28), crlf("Content-Type: text/plain\n") + crlf(fill("mastercard-1", BUY))),
        "mastercard-1",
        ANY,
        ("Harbour",),
    ),
    Case(
        "header-only",
        "A message that is only header, number in the last field without line end",
        crlf(head("order", 29)) + fill("mastercard-2", "X-Note: card «pan»").encode(),
        "mastercard-2",
        ("pan header:",),
    ),
    Case(
        "leading-blank-line",
        "The message begins with an empty line",
        b"\r\n" + letter(head("order", 30), part(fill("mastercard-3", BUY), encoding="base64")),
        "mastercard-3",
        ANY,
    ),
    Case(
        "bom-first",
        "A UTF-8 byte order mark before the first field",
        b"\xef\xbb\xbf" + letter(head("order", 31), part(fill("mastercard-4", BUY), encoding="base64")),
        "mastercard-4",
        ANY,
    ),
    Case(
        "bare-cr-between-fields",
        "A bare CR ends the line before Content-Transfer-Encoding",
        letter(
            head("order", 32), b"Content-Type: text/plain\rContent-Transfer-Encoding: base64\r\n\r\n" + _code("amex-1")
        ),
        "amex-1",
        ANY,
        line_ends="crlf",
    ),
    Case(
        "cr-only-message",
        "Every line of the message ends in a bare CR",
        letter(head("order", 33), part(fill("amex-2", BUY))).replace(b"\r\n", b"\r"),
        "amex-2",
        ANY,
        ("Harbour",),
        line_ends="crlf",
    ),
    Case(
        "mixed-line-ends",
        "LF in the header, CRLF in the body",
        crlf(head("order", 34)).replace(b"\r\n", b"\n") + part(fill("discover-1", BUY)),
        "discover-1",
        ANY,
        ("Harbour",),
        line_ends="crlf",
    ),
    Case(
        "crcrlf",
        "Every line ends in CR CR LF",
        letter(head("order", 35), part(fill("discover-2", BUY))).replace(b"\r\n", b"\r\r\n"),
        "discover-2",
        ANY,
        ("Harbour",),
        line_ends="crlf",
    ),
    Case(
        "content-type-no-slash",
        "Content-Type: textplain with base64",
        letter(
            head("order", 36), _entity("Content-Type: textplain\nContent-Transfer-Encoding: base64\n", _code("jcb-1"))
        ),
        "jcb-1",
        ANY,
    ),
    Case(
        "content-type-html-lie",
        "HTML labelled application/octet-stream, base64, name page.htm",
        letter(
            head("order", 37),
            multipart(
                "mixed",
                "octet",
                [
                    part("page attached\n"),
                    part(
                        fill(
                            "jcb-2",
                            "<html><body><p>credit card <b>«g1»</b><i>«g2»</i><u>«g3»</u>«g4»</p></body></html>\n",
                        ).encode(),
                        'application/octet-stream; name="page.htm"',
                        "",
                        "base64",
                        extra='Content-Disposition: attachment; filename="page.htm"\n',
                    ),
                ],
            ),
        ),
        "jcb-2",
        ("pan",),
        ("page attached",),
    ),
    Case(
        "charset-twice",
        "Two charset parameters: utf-8 and utf-16le over UTF-16LE bytes",
        letter(
            head("order", 38),
            part(
                fill("unionpay-1", BUY).replace("\n", "\r\n").encode("utf-16-le"),
                "text/plain; charset=utf-8; charset=utf-16le",
                "",
                "base64",
            ),
        ),
        "unionpay-1",
        ANY,
    ),
    Case(
        "long-header-line",
        "A Subject of 1,500 characters on one line with the number at the end",
        simple("buy " + "very " * 290 + fill("visa-19", "card «pan»"), "Harbour Street\n", 39),
        "visa-19",
        ("pan header:subject",),
        ("Harbour",),
    ),
    Case(
        "encoded-word-in-quotes",
        "Encoded word inside a quoted-string (forbidden by RFC 2047 §5), readers decode it",
        letter(
            head("order", 40)
            + f'Reply-To: "=?utf-8?B?{base64.b64encode(fill("visa-1", "card «pan»").encode()).decode()}?=" <r@example.net>\n',
            part("the card is in the name, Harbour Street\n"),
        ),
        "visa-1",
        ("pan header:",),
        ("Harbour",),
    ),
    Case(
        "encoded-word-no-gap",
        "Encoded words without the white space RFC 2047 asks for between and around them",
        letter(
            head(
                fill("visa-2", "pay card=?utf-8?Q?_«g1»_«g2»?==?utf-8?B?")
                + base64.b64encode(fill("visa-2", " «g3» «g4»").encode()).decode()
                + "?=now",
                41,
            ),
            part("Harbour Street\n"),
        ),
        "visa-2",
        ("pan header:subject",),
        ("Harbour",),
    ),
    Case(
        "encoded-word-bad-padding",
        "Encoded word in base64 without padding",
        simple(
            "=?utf-8?B?" + base64.b64encode(fill("visa-3", "my card: «pan» ok").encode()).decode().rstrip("=") + "?=",
            "Harbour Street\n",
            42,
        ),
        "visa-3",
        ("pan header:subject",),
        ("Harbour",),
    ),
    Case(
        "encoded-word-spaces",
        "Q encoded word with raw spaces inside",
        simple(fill("visa-4", "=?utf-8?Q?my card «pan» ok=21?="), "Harbour Street\n", 43),
        "visa-4",
        ("pan header:subject",),
        ("Harbour",),
    ),
    Case(
        "encoded-word-unknown-charset",
        "Encoded word with an unknown charset",
        simple(
            "=?x-unknown?B?" + base64.b64encode(fill("visa-5", "my card: «pan»").encode()).decode() + "?=",
            "Harbour Street\n",
            44,
        ),
        "visa-5",
        ("pan header:subject",),
        ("Harbour",),
    ),
    Case(
        "encoded-word-split-multibyte",
        "Two base64 words that cut a UTF-8 character and the number",
        simple(
            " ".join(
                "=?UTF-8?B?" + base64.b64encode(piece).decode() + "?="
                for piece in (lambda d: (d[:5], d[5:18], d[18:]))(
                    fill("mastercard-1", "für «raw» Kreditkarte").encode()
                )
            ),
            "Harbour Street\n",
            45,
        ),
        "mastercard-1",
        ("pan header:subject",),
        ("Harbour",),
    ),
)

STRUCTURE = (
    Case(
        "two-boundaries-first",
        "Two boundary parameters, the body uses the first (CVE-2024-28054)",
        letter(
            head("parts", 0),
            _mix(
                'Content-Type: multipart/mixed; boundary="one"; boundary="two"',
                "one",
                part(fill("visa-1", BUY), encoding="base64"),
            ),
        ),
        "visa-1",
        ANY,
        hold=True,
    ),
    Case(
        "two-boundaries-last",
        "Two boundary parameters, the body uses the last",
        letter(
            head("parts", 1),
            _mix(
                'Content-Type: multipart/mixed; boundary="one"; boundary="two"',
                "two",
                part(fill("visa-2", BUY), encoding="base64"),
            ),
        ),
        "visa-2",
        ANY,
        hold=True,
    ),
    Case(
        "boundary-rfc2231",
        "boundary*0 and boundary*1",
        letter(
            head("parts", 2),
            _mix(
                'Content-Type: multipart/mixed; boundary*0="joi"; boundary*1="ned"',
                "joined",
                part(fill("visa-3", BUY), encoding="base64"),
            ),
        ),
        "visa-3",
        ANY,
    ),
    Case(
        "boundary-rfc2231-percent",
        "boundary*=us-ascii''per%63ent",
        letter(
            head("parts", 3),
            _mix(
                "Content-Type: multipart/mixed; boundary*=us-ascii''per%63ent",
                "percent",
                part(fill("visa-4", BUY), encoding="base64"),
            ),
        ),
        "visa-4",
        ANY,
    ),
    Case(
        "boundary-half-quoted",
        "A quote opens the boundary and never closes",
        letter(
            head("parts", 4),
            _mix('Content-Type: multipart/mixed; boundary="half', "half", part(fill("visa-5", BUY), encoding="base64")),
        ),
        "visa-5",
        ANY,
    ),
    Case(
        "boundary-single-quotes",
        "boundary='single' whose quotes are part of it",
        letter(
            head("parts", 5),
            _mix(
                "Content-Type: multipart/mixed; boundary='single'",
                "single",
                part(fill("mastercard-1", BUY), encoding="base64"),
            ),
        ),
        "mastercard-1",
        ANY,
    ),
    Case(
        "boundary-backslash",
        "A backslash inside the quoted boundary",
        letter(
            head("parts", 6),
            _mix(
                'Content-Type: multipart/mixed; boundary="ba\\ck"',
                "back",
                part(fill("mastercard-2", BUY), encoding="base64"),
            ),
        ),
        "mastercard-2",
        ANY,
    ),
    Case(
        "boundary-unquoted-spaces",
        "An unquoted boundary with spaces and a slash",
        letter(
            head("parts", 7),
            _mix(
                "Content-Type: multipart/mixed; boundary=un quo/ted",
                "un quo/ted",
                part(fill("mastercard-3", BUY), encoding="base64"),
            ),
        ),
        "mastercard-3",
        ANY,
    ),
    Case(
        "boundary-missing",
        "multipart/mixed without boundary parameter",
        letter(
            head("parts", 8),
            _mix("Content-Type: multipart/mixed", "guess", part(fill("mastercard-4", BUY), encoding="base64")),
        ),
        "mastercard-4",
        ANY,
    ),
    Case(
        "boundary-empty",
        "An empty boundary: delimiter lines are bare --",
        letter(
            head("parts", 9),
            _mix('Content-Type: multipart/mixed; boundary=""', "", part(fill("amex-1", BUY), encoding="base64")),
        ),
        "amex-1",
        ANY,
    ),
    Case(
        "boundary-too-long",
        "A boundary of 140 characters",
        letter(
            head("parts", 10),
            _mix(
                f'Content-Type: multipart/mixed; boundary="{"long" * 35}"',
                "long" * 35,
                part(fill("amex-2", BUY), encoding="base64"),
            ),
        ),
        "amex-2",
        ANY,
    ),
    Case(
        "boundary-encoded-word",
        "boundary as an encoded word",
        letter(
            head("parts", 11),
            _mix(
                'Content-Type: multipart/mixed; boundary="=?utf-8?Q?word?="',
                "word",
                part(fill("discover-1", BUY), encoding="base64"),
            ),
        ),
        "discover-1",
        ANY,
    ),
    Case(
        "boundary-in-comment",
        "A decoy boundary in a comment",
        letter(
            head("parts", 12),
            _mix(
                "Content-Type: multipart/mixed (; boundary=decoy); boundary=real",
                "real",
                part(fill("discover-2", BUY), encoding="base64"),
            ),
        ),
        "discover-2",
        ANY,
    ),
    Case(
        "boundary-decoy-parameter",
        'x="; boundary=decoy" before the real one',
        letter(
            head("parts", 13),
            _mix(
                'Content-Type: multipart/mixed; x="; boundary=decoy"; boundary=real',
                "real",
                part(fill("diners-1", BUY), encoding="base64"),
            ),
        ),
        "diners-1",
        ANY,
    ),
    Case(
        "boundary-case",
        "The delimiter in another case than the parameter",
        letter(
            head("parts", 14),
            _mix('Content-Type: multipart/mixed; boundary="CaSe"', "case", part(fill("jcb-1", BUY), encoding="base64")),
        ),
        "jcb-1",
        ANY,
    ),
    Case(
        "delimiter-trailing-blanks",
        "Delimiter lines with trailing spaces and tabs",
        letter(
            head("parts", 15),
            crlf('Content-Type: multipart/mixed; boundary="blank"\n\n--blank \t \n')
            + part(fill("jcb-2", BUY), encoding="base64")
            + crlf("--blank-- \t\n"),
        ),
        "jcb-2",
        ANY,
    ),
    Case(
        "delimiter-suffix",
        "A delimiter with a suffix: prefix match or exact",
        letter(
            head("parts", 16),
            crlf('Content-Type: multipart/mixed; boundary="pre"\n\n--prefix\n')
            + part(fill("unionpay-1", BUY), encoding="base64")
            + crlf("--prefix--\n--pre\n\nsecond\n--pre--\n"),
        ),
        "unionpay-1",
        ANY,
    ),
    Case(
        "missing-close",
        "No closing delimiter",
        letter(
            head("parts", 17),
            _mix(
                'Content-Type: multipart/mixed; boundary="open"',
                "open",
                part(fill("visa-1", BUY), encoding="base64"),
                close=False,
            ),
        ),
        "visa-1",
        ANY,
    ),
    Case(
        "part-after-close",
        "A base64 part after the closing delimiter",
        letter(
            head("parts", 18),
            multipart("mixed", "after", [part("nothing here\n")])
            + crlf("--after\n")
            + part(fill("visa-2", BUY), encoding="base64")
            + crlf("--after--\n"),
        ),
        "visa-2",
        ANY,
        ("nothing here",),
    ),
    Case(
        "part-in-preamble",
        "A complete looking base64 part of another boundary in the preamble",
        letter(
            head("parts", 19),
            multipart(
                "mixed",
                "outer",
                [part("nothing here\n")],
                preamble="--fake\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
                + _code("visa-3").decode()
                + "--fake--\n",
            ),
        ),
        "visa-3",
        ANY,
        ("nothing here",),
    ),
    Case(
        "same-boundary-nested",
        "Inner and outer multipart share one boundary",
        letter(
            head("parts", 20),
            multipart(
                "mixed",
                "same",
                [
                    multipart("alternative", "same", [part(fill("visa-4", BUY), encoding="quoted-printable")]),
                    part("tail words\n"),
                ],
            ),
        ),
        "visa-4",
        ANY,
        ("tail",),
    ),
    Case(
        "prefix-boundary-nested",
        "The inner boundary begins with the outer one; the inner is never closed",
        letter(
            head("parts", 21),
            crlf(
                'Content-Type: multipart/mixed; boundary="bb"\n\n--bb\nContent-Type: multipart/alternative; boundary="bbb"\n\n--bbb\n'
            )
            + part(fill("visa-5", BUY), encoding="base64")
            + crlf("--bb\n")
            + part("tail words\n")
            + crlf("--bb--\n"),
        ),
        "visa-5",
        ANY,
        ("tail",),
    ),
    Case(
        "part-without-blank-line",
        "A part whose text follows its header without a blank line",
        letter(
            head("parts", 22),
            crlf(
                'Content-Type: multipart/mixed; boundary="nb"\n\n--nb\nContent-Type: text/plain\n'
                + fill("mastercard-1", BUY)
                + "--nb--\n"
            ),
        ),
        "mastercard-1",
        ANY,
        ("Harbour",),
    ),
    Case(
        "part-blank-first",
        "A part that begins with a blank line, then header-like lines and base64",
        letter(
            head("parts", 23),
            crlf(
                'Content-Type: multipart/mixed; boundary="bf"\n\n--bf\n\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n'
            )
            + _code("mastercard-2")
            + crlf("--bf--\n"),
        ),
        "mastercard-2",
        ANY,
    ),
    Case(
        "multipart-as-text",
        "Content-Type text/plain over a body that is a multipart",
        letter(
            head("parts", 24),
            crlf("Content-Type: text/plain\n\n--lost\n")
            + part(fill("mastercard-3", BUY), encoding="base64")
            + crlf("--lost--\n"),
        ),
        "mastercard-3",
        ANY,
    ),
    Case(
        "empty-multipart",
        "multipart without a single delimiter; the text is all preamble",
        letter(
            head("parts", 25), crlf('Content-Type: multipart/mixed; boundary="none"\n\n' + fill("mastercard-4", BUY))
        ),
        "mastercard-4",
        ANY,
        ("Harbour",),
    ),
    Case(
        "unknown-multipart-subtype",
        "multipart/x-parallel-universe",
        letter(
            head("parts", 26),
            multipart("x-parallel-universe", "xpu", [part("one\n"), part(fill("amex-1", BUY), encoding="base64")]),
        ),
        "amex-1",
        ANY,
        ("one",),
    ),
    Case(
        "deep-forty",
        "Forty levels of nesting: beyond the documented depth",
        letter(
            head("deep", 27),
            __import__("functools").reduce(
                lambda inner, n: multipart("mixed", f"lvl{n}", [inner]), range(40), part(fill("visa-1", BUY))
            ),
        ),
        "visa-1",
        ANY,
        hold=True,
    ),
    Case(
        "many-parts",
        "Twelve hundred parts: beyond the documented count, number in the last",
        letter(head("many", 28), multipart("mixed", "many", [*[b"\r\nx\r\n"] * 1200, part(fill("visa-2", BUY))])),
        "visa-2",
        ANY,
        hold=True,
    ),
    Case(
        "boundary-trailing-space",
        "A quoted boundary that ends in a space",
        letter(
            head("parts", 29),
            _mix(
                'Content-Type: multipart/mixed; boundary="space "',
                "space ",
                part(fill("visa-3", BUY), encoding="base64"),
            ),
        ),
        "visa-3",
        ANY,
    ),
    Case(
        "lf-delimiters-in-crlf",
        "Delimiter lines end in LF while everything else ends in CRLF",
        letter(
            head("parts", 30),
            multipart("mixed", "lfd", [part(fill("visa-4", BUY), encoding="base64"), part("tail\n")]).replace(
                b"--lfd\r\n", b"--lfd\n"
            ),
        ),
        "visa-4",
        ANY,
        ("tail",),
        line_ends="crlf",
    ),
    Case(
        "rfc822-headerless",
        "message/rfc822 whose inner mail has no header, only a blank line",
        letter(
            head("Fwd", 31),
            multipart("mixed", "r0", [crlf("Content-Type: message/rfc822\n\n\n" + fill("visa-5", BUY))]),
        ),
        "visa-5",
        ANY,
        ("Harbour",),
    ),
)

_TEXT = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n"
_QP = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"


def _pieces(card: str, cut: int = 30) -> tuple[bytes, bytes]:
    data = crlf(fill(card, BUY))
    return data[:cut], data[cut:]


ENCODINGS = (
    Case(
        "base64-junk",
        "Base64 with !, *, and spaces sprinkled inside",
        letter(
            head("code", 0),
            _entity(_TEXT, b"!* ".join(_code("visa-1")[n : n + 7] for n in range(0, len(_code("visa-1")), 7))),
        ),
        "visa-1",
        ANY,
    ),
    Case(
        "base64-no-padding",
        "Base64 without its padding",
        letter(
            head("code", 1), _entity(_TEXT, base64.b64encode(crlf(fill("visa-2", BUY + "x"))).rstrip(b"=") + b"\r\n")
        ),
        "visa-2",
        ANY,
    ),
    Case(
        "base64-extra-padding",
        "Base64 with eight = at the end",
        letter(
            head("code", 2), _entity(_TEXT, base64.b64encode(crlf(fill("visa-3", BUY))).rstrip(b"=") + b"========\r\n")
        ),
        "visa-3",
        ANY,
    ),
    Case(
        "base64-concatenated",
        "Two base64 texts one after the other; the number is cut between them",
        letter(head("code", 3), _entity(_TEXT, b"".join(base64.b64encode(p) + b"\r\n" for p in _pieces("visa-4", 52)))),
        "visa-4",
        ("pan",),
    ),
    Case(
        "base64-padding-in-middle",
        "Padding in the middle, number after it",
        letter(head("code", 4), _entity(_TEXT, base64.b64encode(b"Hello") + b64(crlf(fill("visa-5", BUY))))),
        "visa-5",
        ANY,
    ),
    Case(
        "base64-padding-hides-rest",
        "A complete short base64 text, a blank line, then the real one",
        letter(
            head("code", 5),
            _entity(_TEXT, base64.b64encode(b"Dear shop,\r\n\r\n!") + b"\r\n\r\n" + _code("mastercard-1")),
        ),
        "mastercard-1",
        ANY,
    ),
    Case(
        "base64-urlsafe",
        "Base64 in the URL-safe alphabet, ten umlauts force - and _",
        letter(
            head("code", 6),
            _entity(
                _TEXT, base64.urlsafe_b64encode(("ÿþüûú~~~???" * 3 + fill("mastercard-2", BUY)).encode()) + b"\r\n"
            ),
        ),
        "mastercard-2",
        ("pan",),
    ),
    Case(
        "base64-then-list-footer",
        "A list server added a plain footer under base64",
        letter(
            head("code", 7),
            _entity(
                _TEXT, _code("mastercard-3") + crlf("_______________\nTo unsubscribe visit https://lists.example/\n")
            ),
        ),
        "mastercard-3",
        ANY,
    ),
    Case(
        "base64-plain-first-line",
        "A plain sentence before the base64 lines",
        letter(head("code", 8), _entity(_TEXT, crlf("See here: the order follows.\n\n") + _code("mastercard-4"))),
        "mastercard-4",
        ANY,
    ),
    Case(
        "base64-begin-line",
        "begin-base64 / ==== frame (uuencode -m)",
        letter(
            head("code", 9),
            crlf("Content-Type: text/plain\n\nlist follows\n\nbegin-base64 644 cards.txt\n")
            + _code("amex-1")
            + crlf("====\n"),
        ),
        "amex-1",
        ANY,
        ("list follows",),
        hold=True,
        unseen=True,
    ),
    Case(
        "base64-one-char-lines",
        "Base64 with one character a line",
        letter(head("code", 10), _entity(_TEXT, b64(crlf(fill("amex-2", BUY)), 1))),
        "amex-2",
        ANY,
    ),
    Case(
        "base64-really-plain",
        "Label base64, content plain text",
        letter(head("code", 11), _entity(_TEXT, fill("discover-1", BUY))),
        "discover-1",
        ANY,
        ("Harbour",),
    ),
    Case(
        "base64-nul-bytes",
        "NUL bytes between base64 lines",
        letter(head("code", 12), _entity(_TEXT, _code("discover-2").replace(b"\r\n", b"\0\r\n"))),
        "discover-2",
        ANY,
    ),
    Case(
        "base64-twice",
        "base64 of base64: shown once decoded, the inner text is readable to anyone who tries",
        letter(head("code", 13), _entity(_TEXT, b64(_code("diners-1")))),
        "diners-1",
        ANY,
        unseen=True,
        hold=True,
    ),
    Case(
        "qp-lower-case",
        "Quoted-printable with lower-case hex digits",
        letter(
            head("code", 14),
            _entity(_QP, fill("jcb-1", BUY).replace("3", "=33").replace("n", "=6e").replace("m", "=6d")),
        ),
        "jcb-1",
        ANY,
    ),
    Case(
        "qp-invalid-escapes",
        "Invalid escapes =ZZ and = 20 around the number",
        letter(
            head("code", 15),
            _entity(
                _QP,
                fill(
                    "jcb-2",
                    "100=ZZ sure = 20 my credit card =3D «g1»=20«g2»=20«g3»=20«g4» cvv «cvv»\nHarbour Street=\n",
                ),
            ),
        ),
        "jcb-2",
        ("pan", "cvv"),
        ("Harbour",),
    ),
    Case(
        "qp-soft-break-with-blanks",
        "Soft line breaks followed by blanks, inside the number",
        letter(
            head("code", 16),
            _entity(_QP, fill("unionpay-1", "my credit card «g1» «g2»= \t\n «g3»=   \n «g4» ok\nHarbour Street\n")),
        ),
        "unionpay-1",
        ("pan",),
        ("Harbour",),
    ),
    Case(
        "qp-escape-over-break",
        "An escape cut by a soft break: =3=CRLF4",
        letter(
            head("code", 17),
            _entity(
                _QP,
                fill("maestro-1", "my credit card =36=\n=3=\n7")
                + fill("maestro-1", "«raw»")[2:]
                + " ok\nHarbour Street\n",
            ),
        ),
        "maestro-1",
        ("pan",),
        ("Harbour",),
        hold=True,
    ),
    Case(
        "qp-not-decoded",
        "Label 7bit over quoted-printable text with =20 between groups",
        letter(
            head("code", 18),
            _entity(
                "Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\n",
                fill("troy-1", "credit card «g1»=20«g2»=20«g3»=20«g4»\nHarbour Street\n"),
            ),
        ),
        "troy-1",
        ("pan",),
        ("Harbour",),
        unseen=True,
    ),
    Case(
        "qp-form-feed-cr",
        "=0D=0A hard breaks inside the number",
        letter(
            head("code", 19),
            _entity(_QP, fill("elo-1", "my credit card number: «g1» «g2»=0D=0A«g3» «g4» thanks=0D=0AHarbour Street\n")),
        ),
        "elo-1",
        ("pan",),
        ("Harbour",),
    ),
    Case(
        "nul-between-digits",
        "NUL bytes between the digits",
        letter(
            head("code", 20),
            crlf("Content-Type: text/plain\n\n")
            + crlf("credit card: " + "\0".join(fill("visa-1", "«raw»")) + " ok\nHarbour Street\n"),
        ),
        "visa-1",
        ("pan",),
        ("Harbour",),
    ),
    Case(
        "backspaces",
        "Backspace and ANSI colour sequences between digits",
        letter(
            head("code", 21),
            crlf("Content-Type: text/plain\n\n")
            + crlf(fill("visa-2", "credit card: «g1»\x1b[1m«g2»\x1b[0m«g3»\x08\x08«g4» ok\nHarbour Street\n")),
        ),
        "visa-2",
        ("pan",),
        ("Harbour",),
        unseen=True,
    ),
    Case(
        "utf-16-nul-unlabelled",
        "UTF-16LE text as 8bit without any label",
        letter(
            head("code", 22),
            crlf("Content-Type: text/plain\n\n") + fill("visa-3", "credit card «pan» ok").encode("utf-16-le") + b"\r\n",
        ),
        "visa-3",
        ("pan",),
        line_ends="crlf",
    ),
    Case(
        "invalid-utf-8-in-number",
        "Invalid UTF-8 bytes between the digit groups",
        letter(
            head("code", 23),
            crlf("Content-Type: text/plain; charset=utf-8\n\n")
            + b"my credit card "
            + b"\xff".join(g.encode() for g in fill("visa-4", "«g1» «g2» «g3» «g4»").split())
            + crlf(" ok\nHarbour Street\n"),
        ),
        "visa-4",
        ("pan",),
        ("Harbour",),
    ),
    Case(
        "overlong-utf-8",
        "Zero-width characters in UTF-8 between all digits",
        letter(
            head("code", 24),
            part("credit card " + "\u200b".join(fill("visa-5", "«raw»")) + " ok\nHarbour Street\n", encoding="base64"),
        ),
        "visa-5",
        ("pan",),
        ("Harbour",),
    ),
    Case(
        "iso-2022-jp-escapes-in-number",
        "ISO-2022-JP escape sequences between the groups",
        letter(
            head("code", 25),
            crlf("Content-Type: text/plain; charset=iso-2022-jp\n\n")
            + b"\x1b(J".join(
                g.encode()
                for g in [
                    "credit card ",
                    *fill("mastercard-1", "«g1» «g2» «g3» «g4»").split(),
                    " \r\nHarbour Street\r\n",
                ]
            ),
        ),
        "mastercard-1",
        ("pan",),
        ("Harbour",),
    ),
    Case(
        "soft-hyphens-nbsp",
        "Soft hyphens and no-break spaces in Latin-1",
        letter(
            head("code", 26),
            part(
                fill("mastercard-2", "credit card «g1»\xad\xa0«g2»\xad\xa0«g3»\xad\xa0«g4»\nHarbour Street\n"),
                charset="iso-8859-1",
                encoding="quoted-printable",
            ),
        ),
        "mastercard-2",
        ("pan",),
        ("Harbour",),
    ),
    Case(
        "dot-stuffing-left-over",
        "Dot-stuffed lines left by a broken relay",
        letter(
            head("code", 27),
            crlf("Content-Type: text/plain\n\n")
            + crlf(fill("mastercard-3", "..\n..my credit card «g1» «g2»\n..«g3» «g4»\nHarbour Street\n")),
        ),
        "mastercard-3",
        ("pan",),
        ("Harbour",),
    ),
    Case(
        "qp-inside-base64",
        "base64 whose text is quoted-printable (double encoded by a gateway)",
        letter(
            head("code", 28), _entity(_TEXT, b64(qp(crlf(fill("mastercard-4", "= credit card «pan» = exp «exp»\n")))))
        ),
        "mastercard-4",
        ("pan",),
    ),
)

CASES = HEADERS + STRUCTURE + ENCODINGS
