"""The third batch: neighbours of what failed in the first two, to see that a class was repaired and not a case."""

from __future__ import annotations

import base64

from tests.golden.kit import ALL, Case, at, b64, crlf, fill, head, letter, multipart, part, simple, word
from tests.golden.recipes.legacy import uuencode, yenc

NOTE = "please use my credit card «pan» exp «exp» cvv «cvv», yours from the orchard\n"
ANY = at(ALL, "")
YARD = ("orchard",)


def _named(slug: str, what: str, card: str, disposition: str, n: int, **more: object) -> Case:
    raw = letter(
        head("scan", n),
        multipart("mixed", f"nm{n}", [part("yours from the orchard\n"), part("x\n", extra=fill(card, disposition))]),
    )
    return Case(slug, what, raw, card, ("pan name",), YARD, **more)  # type: ignore[arg-type]


def _field(slug: str, what: str, card: str, field: str, n: int, **more: object) -> Case:
    raw = letter(head("hello", n) + fill(card, field), part("yours from the orchard\n"))
    return Case(slug, what, raw, card, ("pan header:",), YARD, **more)  # type: ignore[arg-type]


CASES = (
    _named(
        "sections-one-digit-each",
        "A file name in twenty RFC 2231 sections, one character each",
        "visa-1",
        "Content-Disposition: attachment;\n"
        + ";\n".join(f" filename*{n}={c}" for n, c in enumerate(["card", *"4111111111111111", ".txt"]))
        + "\n",
        0,
    ),
    _named(
        "sections-name-and-percent",
        "name* sections in Content-Type style on Content-Disposition, every digit percent-encoded",
        "visa-2",
        "Content-Disposition: attachment; filename*0*=us-ascii'en'credit%20card%20"
        + "".join(f"%3{d}" for d in "40128888")
        + ";\n filename*1*="
        + "".join(f"%3{d}" for d in "88881881")
        + "\n",
        1,
    ),
    _named(
        "sections-gap",
        "Section numbers with a gap and a leading zero",
        "visa-3",
        'Content-Disposition: attachment; filename*0="card «g1» "; filename*01="«g2» "; filename*2="«g3» «g4»"\n',
        2,
        hold=True,
    ),
    Case(
        "type-parameter-unknown",
        "The number in an unknown RFC 2231 parameter of an inner Content-Type",
        letter(
            head("note", 3),
            multipart(
                "mixed",
                "tpu",
                [
                    part("yours from the orchard\n"),
                    crlf(
                        fill(
                            "visa-4",
                            'Content-Type: text/plain; x-memo*0="credit card «g1» «g2»"; x-memo*1=" «g3» «g4»"\n\nx\n',
                        )
                    ),
                ],
            ),
        ),
        "visa-4",
        ("pan",),
        YARD,
    ),
    Case(
        "external-body-directory",
        "message/external-body with name and directory that carry the number",
        letter(
            head("file", 4),
            multipart(
                "mixed",
                "ebd",
                [
                    part("yours from the orchard\n"),
                    crlf(
                        fill(
                            "visa-5",
                            'Content-Type: message/external-body; access-type=ANON-FTP; site="ftp.example";\n'
                            ' directory="credit card"; name="card «dash».txt"\n\nContent-Type: text/plain\n\n',
                        )
                    ),
                ],
            ),
        ),
        "visa-5",
        ("pan",),
        YARD,
        hold=True,
    ),
    _field(
        "folded-word-in-cc",
        "An encoded word cut by folding in the middle of the number, in a display name",
        "mastercard-1",
        "Cc: =?utf-8?Q?credit_card_«g1»_«g2»\n _«g3»_«g4»?= <c@example.org>\n",
        5,
    ),
    _field(
        "word-with-junk",
        "Base64 word with characters outside the alphabet inside the number",
        "mastercard-2",
        "X-Note: =?utf-8?B?"
        + (lambda c: c[:16] + "-~" + c[16:24] + "." + c[24:])(
            base64.b64encode(b"my credit card: 5105 1051 0510 5100 ok").decode()
        )
        + "?=\n",
        6,
        hold=True,
    ),
    _field(
        "word-padding-inside",
        "Base64 word made of two padded pieces",
        "mastercard-3",
        "X-Note: =?utf-8?B?"
        + base64.b64encode(b"credit card: 2223 0031 ").decode()
        + base64.b64encode(b"2200 3222").decode()
        + "?=\n",
        7,
        hold=True,
    ),
    _field(
        "tab-fold-number",
        "Number folded with a tab and a run of blanks",
        "mastercard-4",
        "X-Note: credit card «g1»\n\t«g2»\n        «g3»\n «g4»\n",
        8,
    ),
    Case(
        "reply-to-address",
        "The number as local part of Reply-To while the text holds it too",
        letter(head("note", 9) + fill("amex-1", "Reply-To: <«raw»@example.com>\n"), part(fill("amex-1", NOTE))),
        "amex-1",
        ANY,
        YARD,
        hold=True,
    ),
    Case(
        "iso-2022-jp-unlabelled",
        "ISO-2022-JP text without any label, full-width digits",
        letter(
            head("note", 10),
            crlf("Content-Type: text/plain\n\n")
            + "クレジットカード番号は３５３０１１１３３３３０００００です。よろしく\r\n".encode("iso-2022-jp"),
        ),
        "jcb-1",
        ("pan",),
        ("よろしく",),
    ),
    Case(
        "shift-jis-unlabelled",
        "Shift_JIS full-width digits without a label",
        letter(
            head("note", 11),
            crlf("Content-Type: text/plain\n\n")
            + "クレジットカード番号は３５６６００２０２０３６０５０５です。\r\n".encode("cp932"),
        ),
        "jcb-2",
        ("pan",),
    ),
    Case(
        "digit-per-br",
        "One digit per <br> line in HTML",
        simple(
            "note",
            "<html><body><p>my credit card number, digit by digit:</p>"
            + "<br>".join("4012888888881881")
            + "<p>yours from the orchard</p></body></html>\n",
            12,
            kind="text/html",
            encoding="quoted-printable",
        ),
        "visa-2",
        ("pan",),
        YARD,
    ),
    Case(
        "two-digits-per-line",
        "Two digits per line, quoted",
        simple(
            "note",
            "> my credit card number is\n"
            + "".join(f"> {'4242424242424242'[n : n + 2]}\n" for n in range(0, 16, 2))
            + "yours from the orchard\n",
            13,
        ),
        "visa-3",
        ("pan",),
        YARD,
    ),
    Case(
        "form-data-base64",
        "multipart/form-data, number alone in a base64 part, dashes",
        letter(
            head("form", 14),
            multipart(
                "form-data",
                "fdb",
                [
                    crlf(
                        fill(
                            "visa-4",
                            'Content-Disposition: form-data; name="card_number"\nContent-Transfer-Encoding: base64\n\n',
                        )
                    )
                    + b64(fill("visa-4", "«dash»").encode()),
                    crlf('Content-Disposition: form-data; name="comment"\n\nyours from the orchard\n'),
                ],
            ),
        ),
        "visa-4",
        ("pan",),
        YARD,
    ),
    Case(
        "qp-broken-around",
        "Quoted-printable with = before every blank and at line ends, code too",
        letter(
            head("note", 15),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n")
            + crlf(fill("visa-5", "a = b =G1 credit card «g1»= «g2» «g3» «g4» = cvv «cvv» =\nyours from the orchard ="))
            + b"\r\n",
        ),
        "visa-5",
        ("cvv",),
        YARD,
        hold=True,
        unseen=True,
    ),
    Case(
        "yenc-in-8bit-latin1",
        "yEnc between two paragraphs of Latin-1 text",
        letter(
            head("note", 16),
            crlf("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n")
            + crlf("Grüße\n", "latin-1")
            + yenc(fill("discover-1", "list of the day: credit card «pan» exp «exp»\r\n").encode(), "list.txt")
            + crlf("yours from the orchard, schöne Grüße\n", "latin-1"),
        ),
        "discover-1",
        ("pan",),
        (*YARD, "schöne"),
        hold=True,
    ),
    Case(
        "uuencode-twice",
        "Two uuencoded files in one mail, number in the second, text between",
        letter(
            head("note", 17, mime=False),
            b"\r\n"
            + uuencode(b"an innocent file of some length, nothing in it\r\n" * 3, "a.txt")
            + crlf("\nbetween the files: yours from the orchard\n\n")
            + uuencode(fill("discover-2", "credit card «pan»\r\n").encode(), "b.txt"),
        ),
        "discover-2",
        ("pan",),
        YARD,
        hold=True,
    ),
    Case(
        "dot-lines",
        "Lines of dots between the groups and leading dots",
        simple(
            "note", fill("diners-1", "my credit card number:\n. «g1»\n. «g2»\n. «g3»\nyours from the orchard\n"), 18
        ),
        "diners-1",
        ("pan",),
        YARD,
    ),
    Case(
        "vcard-photo-and-note",
        "vCard 4 with a base64 PHOTO and a folded NOTE that holds the number",
        letter(
            head("card", 19),
            part(
                fill(
                    "unionpay-1",
                    "BEGIN:VCARD\nVERSION:4.0\nFN:Tom\nPHOTO:data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\nNOTE:my credit ca\n rd is «g1» «g2» «g3» «g4»\\, yours from the orch\n ard\nEND:VCARD\n",
                ),
                "text/vcard",
                encoding="quoted-printable",
            ),
        ),
        "unionpay-1",
        ("pan",),
    ),
    Case(
        "headers-in-headers",
        "text/rfc822-headers in quoted-printable whose folded Subject is two words",
        letter(
            head("bounce", 20),
            multipart(
                "report",
                "hih",
                [
                    part("sorry, from the orchard\n"),
                    part(
                        "From: a@example.org\nSubject: "
                        + word(fill("maestro-1", "card «g1» «g2»"))
                        + "\n "
                        + word(fill("maestro-1", " «g3» «g4»"), how="Q")
                        + "\nDate: x\n",
                        "text/rfc822-headers",
                        encoding="quoted-printable",
                    ),
                ],
                extra="; report-type=delivery-status",
            ),
        ),
        "maestro-1",
        ("pan",),
        YARD,
        unseen=True,
    ),
    Case(
        "track-broken-line",
        "Track 1 wrapped by the mailer in the middle of the name",
        simple(
            "swipe", fill("visa-1", "swiped:\n%B«raw»^WEBER/\nANNA^3003101000000000?\nyours from the orchard\n"), 21
        ),
        "visa-1",
        ("track",),
        YARD,
    ),
    Case(
        "clean-form-data",
        "An innocent form",
        letter(
            head("form", 22),
            multipart(
                "form-data",
                "cfd",
                [
                    crlf('Content-Disposition: form-data; name="order_number"\n\n20251014778812\n'),
                    crlf('Content-Disposition: form-data; name="amount"\n\n1250.00\n'),
                ],
            ),
        ),
    ),
    Case(
        "clean-uu-table",
        "A clean table that a lenient uuencode reader trips over",
        simple("note", "(41 11) (11 11)\n#1 2,3\n%12.50 13.75 14.20 15.10\n&AB CD EF GH\nM" + "x" * 60 + "\n", 23),
    ),
)
