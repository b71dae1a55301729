"""The second batch of hostile and odd cases, written after the first had been seen to pass."""

from __future__ import annotations

import base64

from tests.golden.kit import ALL, Case, at, b64, crlf, fill, head, letter, multipart, part, qp, simple, word
from tests.golden.recipes.legacy import uuencode

NOTE = "please book it on my credit card «pan» exp «exp» cvv «cvv», best regards from the windmill\n"
ANY = at(ALL, "")
MILL = ("windmill",)


def _page(slug: str, what: str, card: str, body: str, n: int, **more: object) -> Case:
    raw = simple(
        "page",
        fill(card, f"<html><body><p>my credit card number</p>{body}<p>regards from the windmill</p></body></html>\n"),
        n,
        kind="text/html",
        encoding=("base64", "quoted-printable", "8bit")[n % 3],
    )
    survive = more.pop("survive", MILL)
    return Case(slug, what, raw, card, ("pan",), survive, **more)  # type: ignore[arg-type]


def _head(slug: str, what: str, card: str, field: str, n: int, place: str = "pan header:", **more: object) -> Case:
    return Case(
        slug,
        what,
        letter(head("hello", n) + fill(card, field), part("regards from the windmill\n")),
        card,
        (place,),
        MILL,
        **more,
    )  # type: ignore[arg-type]


CASES = (
    Case(
        "type-missing-semicolon",
        "Content-Type: text/html charset=utf-8 without semicolon",
        letter(
            head("page", 0),
            crlf("Content-Type: text/html charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n")
            + qp(
                fill(
                    "visa-1", "<p>credit card «g1»<b>«g2»</b>«g3»«g4»</p><p>credit card «raw»</p><p>windmill</p>\n"
                ).encode()
            ),
        ),
        "visa-1",
        ("pan",),
        MILL,
    ),
    Case(
        "part-type-twice",
        "A part with Content-Type text/plain and text/html; charset=utf-16le",
        letter(
            head("page", 1),
            multipart(
                "mixed",
                "ptt",
                [
                    part("regards from the windmill\n"),
                    crlf(
                        "Content-Type: text/plain\nContent-Type: text/html; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n"
                    )
                    + b64(fill("visa-2", "<p>credit card «pan»</p>").encode("utf-16-le")),
                ],
            ),
        ),
        "visa-2",
        ("pan",),
        MILL,
    ),
    Case(
        "rfc822-quoted-printable",
        "message/rfc822 in quoted-printable",
        letter(
            head("fwd", 2),
            crlf("Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n")
            + qp(simple("order", fill("visa-3", NOTE), 3, encoding="base64")),
        ),
        "visa-3",
        ANY,
        (),
    ),
    Case(
        "delivery-status-base64",
        "message/delivery-status in base64, number in Diagnostic-Code",
        letter(
            head("bounce", 4),
            multipart(
                "report",
                "dsb",
                [
                    part("sorry, windmill\n"),
                    crlf("Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n")
                    + b64(
                        crlf(
                            fill(
                                "visa-4",
                                "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 554 credit card «pan» refused\n",
                            )
                        )
                    ),
                ],
                extra="; report-type=delivery-status",
            ),
        ),
        "visa-4",
        ("pan",),
        MILL,
    ),
    Case(
        "rfc822-headers-base64",
        "text/rfc822-headers in base64 with an encoded Subject",
        letter(
            head("bounce", 5),
            multipart(
                "report",
                "rhb",
                [
                    part("sorry, windmill\n"),
                    crlf("Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n")
                    + b64(crlf(head(word(fill("visa-5", "card «pan»")), 6))),
                ],
                extra="; report-type=delivery-status",
            ),
        ),
        "visa-5",
        ("pan",),
        MILL,
        unseen=True,
    ),
    _head(
        "x-header-iso-2022-jp",
        "X- field as an ISO-2022-JP word with full-width digits",
        "mastercard-1",
        "X-Memo: " + word("カード番号 ５５５５　５５５５　５５５５　４４４４", "iso-2022-jp") + "\n",
        7,
    ),
    _head(
        "date-comment",
        "Number in the comment of a Date-like field and of MIME-Version",
        "mastercard-2",
        "Resent-Date: Tue, 14 Oct 2025 09:12:44 +0200 (credit card «pan»)\n",
        8,
    ),
    _head(
        "empty-first-line",
        "A field whose first line is empty; the word follows on the next",
        "mastercard-3",
        "X-Remark:\n\t" + word("credit card 2223003122003222") + "\n",
        9,
    ),
    _head(
        "one-digit-per-fold",
        "Each digit on a folded line of its own",
        "mastercard-4",
        "X-Remark: credit card number\n " + "\n ".join("5200828282828210") + "\n",
        10,
    ),
    _head(
        "q-word-tabs",
        "Q word whose groups are parted by encoded tabs and line feeds",
        "amex-1",
        "X-Remark: =?utf-8?Q?credit_card=09«g1»=0A«g2»=0D=0A«g3»?=\n",
        11,
    ),
    _head(
        "part-of-address-list",
        "Number as the name of a group in Cc",
        "amex-2",
        "Cc: my amex «pan»: a@example.org, b@example.org;\n",
        12,
    ),
    Case(
        "type-comment",
        "Number in a comment of Content-Transfer-Encoding and of Content-Type",
        letter(
            head("note", 13),
            crlf(
                fill(
                    "discover-1",
                    "Content-Type: text/plain (credit card «pan»)\nContent-Transfer-Encoding: 7bit (credit card «raw»)\n\nregards from the windmill\n",
                )
            ),
        ),
        "discover-1",
        ("pan",),
        MILL,
    ),
    Case(
        "part-header-field",
        "Number in an own field and a junk line of an inner part's header",
        letter(
            head("note", 14),
            multipart(
                "mixed",
                "phf",
                [
                    part("regards from the windmill\n", extra=fill("discover-2", "X-Card-Number: «pan»\n")),
                    crlf(fill("discover-2", "credit card «raw»\nContent-Type: text/plain\n\nsecond\n")),
                ],
            ),
        ),
        "discover-2",
        ("pan",),
        MILL,
    ),
    Case(
        "behind-delimiter",
        "Number behind a delimiter and behind the close delimiter on the same line",
        letter(
            head("note", 15),
            multipart("mixed", "bd", [part("one\n"), part("regards from the windmill\n")]).replace(
                b"--bd--", fill("diners-1", "--bd-- credit card «pan»").encode()
            ),
        ),
        "diners-1",
        ("pan",),
        MILL,
    ),
    Case(
        "filename-two-words",
        "File name as two encoded words in KOI8-R that part the number",
        letter(
            head("scan", 16),
            multipart(
                "mixed",
                "ftw",
                [
                    part("regards from the windmill\n"),
                    part(
                        "x\n",
                        extra=f'Content-Disposition: attachment; filename="{word(fill("mir-1", "карта «g1» «g2»"), "koi8-r", "Q")} {word(fill("mir-1", " «g3» «g4».txt"), "koi8-r")}"\n',
                    ),
                ],
            ),
        ),
        "mir-1",
        ("pan name",),
        MILL,
    ),
    Case(
        "filename-semicolon",
        "File name unquoted with spaces and semicolon around the number",
        letter(
            head("scan", 17),
            multipart(
                "mixed",
                "fsc",
                [
                    part("regards from the windmill\n"),
                    part(
                        "x\n",
                        extra=fill(
                            "jcb-1", "Content-Disposition: attachment; filename=credit card «pan».txt; size=20\n"
                        ),
                    ),
                ],
            ),
        ),
        "jcb-1",
        ("pan",),
        MILL,
    ),
    Case(
        "filename-on-inline-type",
        "Only Content-Type has name*, percent-encoded digits",
        letter(
            head("scan", 18),
            multipart(
                "mixed",
                "foi",
                [
                    part("regards from the windmill\n"),
                    crlf(
                        "Content-Type: text/plain;\n name*=utf-8''credit%20card%20"
                        + "".join(f"%3{d}" for d in "3566002020360505")
                        + ".txt\n\nx\n"
                    ),
                ],
            ),
        ),
        "jcb-2",
        ("pan name",),
        MILL,
    ),
    Case(
        "utf-16-wrong-end",
        "UTF-16 big endian BOM under the label utf-16le",
        letter(
            head("note", 19),
            part(b"\xfe\xff" + fill("visa-1", NOTE).encode("utf-16-be"), "text/plain; charset=utf-16le", "", "base64"),
        ),
        "visa-1",
        ANY,
        (),
    ),
    Case(
        "utf-16-odd-byte",
        "UTF-16LE with one stray byte at the end",
        letter(
            head("note", 20),
            part(fill("visa-2", NOTE).encode("utf-16-le") + b"x", "text/plain; charset=utf-16le", "", "base64"),
        ),
        "visa-2",
        ANY,
        (),
    ),
    Case(
        "mixed-scripts",
        "Each group in the digits of another script",
        simple(
            "note",
            fill("visa-3", "credit card «g1» ") + "٤٢٤٢ ४२४२ ４２４２ " + "regards from the windmill\n",
            21,
            encoding="base64",
        ),
        "visa-3",
        ("pan body",),
        MILL,
    ),
    Case(
        "bom-in-number",
        "U+FEFF and variation selectors inside the number",
        simple(
            "note", "credit card 4000\ufeff0566\ufe0f5566\ufe0e5556 ok, windmill\n", 22, encoding="quoted-printable"
        ),
        "visa-4",
        ("pan body",),
        MILL,
    ),
    _page(
        "page-nul",
        "NUL bytes between the digits of a page (browsers drop them)",
        "visa-5",
        "<p>" + "\0".join("4917610000000000") + "</p>",
        23,
    ),
    _page(
        "page-abrupt-comment",
        "<!--> and --!> end comments early in HTML5",
        "mastercard-1",
        "<p><!-->«pan»<!-- x --!>ok<!-- --></p>",
        24,
    ),
    _page("page-xmp", "Number in <xmp> and <listing>", "mastercard-2", "<xmp>credit card «pan»</xmp>", 25),
    _page(
        "page-script-end",
        "A script closed by </script x> before the number",
        "mastercard-3",
        "<script>var a = 1;</script x>credit card «pan»",
        26,
    ),
    _page(
        "page-named-spaces",
        "&Tab; &NewLine; &nbsp without semicolon and &ensp; between the groups",
        "mastercard-4",
        "<p>«g1»&Tab;«g2»&NewLine;«g3»&nbsp&ensp;«g4»</p>",
        27,
    ),
    _page(
        "page-full-width-entities",
        "Full-width digits as hexadecimal entities",
        "amex-1",
        "<p>" + "".join(f"&#xFF1{d};" for d in "378282246310005") + "</p>",
        28,
    ),
    _page(
        "page-srcdoc",
        "A page in the srcdoc of a frame, tags escaped inside the number",
        "amex-2",
        '<iframe srcdoc="&lt;p&gt;credit card «g1»&lt;b&gt;«g2»&lt;/b&gt;«g3»&lt;/p&gt;"></iframe>',
        29,
        unseen=True,
    ),
    _page(
        "page-inputs",
        "One group in each of four input fields",
        "visa-1",
        '<form>Card number <input value="«g1»"><input value="«g2»"><input value="«g3»"><input value="«g4»"></form>',
        30,
    ),
    _page(
        "page-css-escape",
        "CSS content with hexadecimal escapes",
        "visa-2",
        '<style>b:after{content:"credit card '
        + "".join(f"\\00003{d}" for d in "4012888888881881")
        + '"}</style><b></b>',
        31,
        unseen=True,
    ),
    _page(
        "page-header-row",
        "A table whose first row names the columns",
        "visa-3",
        "<table><tr><th>Name</th><th>Card number</th><th>Expiry</th></tr><tr><td>Tom</td><td>«raw»</td><td>«exp»</td></tr></table>",
        32,
    ),
    _page(
        "page-aria",
        "Number in aria-label and data attributes",
        "visa-4",
        '<button aria-label="credit card «pan»" data-card="«raw»">pay</button>',
        33,
    ),
    _page(
        "page-wbr",
        "<wbr> and &shy; between all digits",
        "visa-5",
        "<p>" + "<wbr>&shy;".join("4917610000000000") + "</p>",
        34,
    ),
    Case(
        "amp-branch",
        "text/x-amp-html as third alternative holds the number alone",
        letter(
            head("note", 35),
            multipart(
                "alternative",
                "amp",
                [
                    part("regards from the windmill\n"),
                    part(
                        fill(
                            "maestro-1",
                            "<!doctype html><html amp4email><body><p>credit card «g1»<b> «g2»</b> «g3» «g4»</p></body></html>\n",
                        ),
                        "text/x-amp-html",
                        encoding="quoted-printable",
                    ),
                    part("<p>regards from the windmill</p>\n", "text/html"),
                ],
            ),
        ),
        "maestro-1",
        ("pan",),
        MILL,
    ),
    Case(
        "flowed-quoted-stuffed",
        "Quoted flowed text with space stuffing, in base64",
        letter(
            head("note", 36),
            part(
                fill(
                    "maestro-2",
                    "> my credit card number is «g1» «g2» \n>  «g3» «g4» exp «exp»\nregards from the windmill\n",
                ),
                "text/plain; format=flowed; delsp=yes; charset=utf-8",
                "",
                "base64",
            ),
        ),
        "maestro-2",
        ("pan body", "expiry body"),
        MILL,
    ),
    Case(
        "uu-in-base64",
        "A uuencoded block inside a base64 text part",
        letter(
            head("note", 37),
            part(
                b"regards from the windmill\r\n\r\n"
                + uuencode(fill("unionpay-1", "credit card «pan»\r\n").encode(), "c.txt"),
                "text/plain",
                "",
                "base64",
            ),
        ),
        "unionpay-1",
        ("pan",),
        MILL,
        hold=True,
        unseen=True,
    ),
    Case(
        "source-as-text",
        "The raw source of a mail, base64 body and all, pasted as text",
        letter(
            head("note", 38),
            part(
                b"regards from the windmill\r\n\r\n"
                + simple("order", fill("unionpay-19", NOTE), 39, encoding="base64"),
                "text/plain",
                "",
                "8bit",
            ),
        ),
        "unionpay-19",
        ANY,
        MILL,
    ),
    Case(
        "two-mails-in-one",
        "A spool of two mails sent as one message",
        letter(head("note", 40), part("regards from the windmill\n"))
        + b"\r\nFrom x@example.net Tue Oct 14 09:12:44 2025\r\n"
        + simple("order", fill("elo-1", NOTE), 41, encoding="base64"),
        "elo-1",
        ANY,
        MILL,
    ),
    Case(
        "mbox-attachment",
        "application/mbox whose second mail is base64",
        letter(
            head("note", 42),
            multipart(
                "mixed",
                "mbx",
                [
                    part("regards from the windmill\n"),
                    part(
                        b"From a Tue Oct 14 09:12:44 2025\r\n"
                        + simple("one", "hi\n", 43)
                        + b"\r\nFrom b Tue Oct 14 09:12:44 2025\r\n"
                        + simple("two", fill("troy-1", NOTE), 44, encoding="base64"),
                        'application/mbox; name="m.mbox"',
                        "",
                        "base64",
                    ),
                ],
            ),
        ),
        "troy-1",
        ANY,
        MILL,
        hold=True,
    ),
    Case(
        "vcard-quoted-printable",
        "vCard 2.1 NOTE in quoted-printable with a soft break in the number",
        letter(
            head("note", 45),
            part(
                fill(
                    "dankort-1",
                    "BEGIN:VCARD\nVERSION:2.1\nN:Neill;Tom\nNOTE;ENCODING=QUOTED-PRINTABLE:credit card=20«g1»=20«g2»=\n=20«g3»=20«g4»\nORG:windmill\nEND:VCARD\n",
                ),
                "text/x-vcard",
            ),
        ),
        "dankort-1",
        ("pan",),
        MILL,
        unseen=True,
    ),
    Case(
        "vcard-base64-note",
        "vCard NOTE;ENCODING=b",
        letter(
            head("note", 46),
            part(
                "BEGIN:VCARD\nVERSION:3.0\nFN:Tom\nNOTE;ENCODING=b:"
                + base64.b64encode(fill("hipercard-1", "credit card «pan» of Tom from the hill").encode()).decode()
                + "\nORG:windmill\nEND:VCARD\n",
                "text/vcard",
            ),
        ),
        "hipercard-1",
        ("pan",),
        MILL,
        unseen=True,
    ),
    Case(
        "calendar-attach",
        "Calendar with an inline base64 ATTACH, folded",
        letter(
            head("note", 47),
            part(
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:windmill\nATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:\n "
                + "\n ".join(
                    base64.b64encode(fill("cb-1", NOTE).encode()).decode()[n : n + 70] for n in range(0, 140, 70)
                )
                + "\nEND:VEVENT\nEND:VCALENDAR\n",
                "text/calendar",
            ),
        ),
        "cb-1",
        ("pan",),
        MILL,
        unseen=True,
    ),
    Case(
        "google-form",
        "Labels and values on alternating lines",
        simple(
            "New response",
            fill(
                "visa-1",
                "Name\nTom Neill\n\nCard number\n«raw»\n\nExpiry date\n«exp»\n\nCVV\n«cvv»\n\nMessage\nthe windmill tour\n",
            ),
            48,
        ),
        "visa-1",
        at(ALL, "body"),
        MILL,
    ),
    Case(
        "url-in-text",
        "A pasted address with the number percent-spaced under a card key",
        simple(
            "note",
            fill("visa-2", "see https://pay.example/f?cardnumber=«g1»%20«g2»%20«g3»%20«g4»&x=1 from the windmill\n"),
            49,
        ),
        "visa-2",
        ("pan body",),
        MILL,
        unseen=True,
    ),
    Case(
        "beside-iban",
        "IBAN and card number on one line",
        simple(
            "note",
            fill(
                "visa-3",
                "IBAN DE89 3704 0044 0532 0130 00 oder Kreditkarte «pan» gültig bis «exp», Grüße von der windmill\n",
            ),
            50,
            encoding="quoted-printable",
        ),
        "visa-3",
        ("pan body", "expiry body"),
        MILL,
    ),
    Case(
        "pipe-quotes",
        "Old-style | quoting inside the number",
        simple(
            "note",
            fill("visa-4", "| my credit card number is «g1» «g2»\n| «g3» «g4» ok\nregards from the windmill\n"),
            51,
        ),
        "visa-4",
        ("pan body",),
        MILL,
    ),
    Case(
        "pgp-mime-signed",
        "PGP/MIME signed text in base64 with the number",
        letter(
            head("note", 52),
            multipart(
                "signed",
                "pms",
                [
                    part(fill("visa-5", NOTE), encoding="base64"),
                    crlf(
                        'Content-Type: application/pgp-signature; name="signature.asc"\n\n-----BEGIN PGP SIGNATURE-----\n\niHUEARYKAB0WIQTFh0yZ\n=aB3d\n-----END PGP SIGNATURE-----\n'
                    ),
                ],
                extra='; micalg=pgp-sha512; protocol="application/pgp-signature"',
            ),
        ),
        "visa-5",
        ANY,
        MILL,
        hold=True,
    ),
    Case(
        "qp-crlf-in-html-tag",
        "Soft breaks inside tags and entities around the number",
        letter(
            head("note", 53),
            crlf(
                'Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>credit card &#5=\n3;105<b cl=\nass=3D"x">1051</b>&nb=\nsp;0510=E2=80=\n=8B5100</p><p>windmill</p>\n'
            ),
        ),
        "mastercard-2",
        ("pan",),
        MILL,
    ),
    Case(
        "encoding-upper-padding",
        "BASE64 with blanks at line ends, tabs inside and a footer in base64 of its own",
        letter(
            head("note", 54),
            crlf("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding:\tBASE64  \n\n")
            + b64(crlf(fill("mastercard-3", NOTE))).replace(b"\r\n", b" \t\r\n")
            + b"\r\n"
            + base64.b64encode(b"--\r\nlist footer\r\n")
            + b"\r\n",
        ),
        "mastercard-3",
        ANY,
        MILL,
    ),
    Case(
        "alternative-in-signed-in-rfc822",
        "Forwarded signed alternative; only the inner HTML holds the number",
        letter(
            head("Fwd", 55),
            multipart(
                "mixed",
                "o1",
                [
                    part("regards from the windmill\n"),
                    crlf("Content-Type: message/rfc822\n\n")
                    + letter(
                        head("inner", 56),
                        multipart(
                            "signed",
                            "o2",
                            [
                                multipart(
                                    "alternative",
                                    "o3",
                                    [
                                        part("plain\n"),
                                        part(
                                            fill("mastercard-4", "<p>credit card «dash» exp «exp»</p>\n"),
                                            "text/html",
                                            encoding="base64",
                                        ),
                                    ],
                                ),
                                crlf(
                                    'Content-Type: application/pkcs7-signature; name="smime.p7s"\nContent-Transfer-Encoding: base64\n\nMIIB\n'
                                ),
                            ],
                            extra='; protocol="application/pkcs7-signature"; micalg=sha-256',
                        ),
                    ),
                ],
            ),
        ),
        "mastercard-4",
        ("pan", "expiry"),
        MILL,
        hold=True,
    ),
    Case(
        "clean-uu-words",
        "Clean text that looks like uuencode, yEnc and base64 without being it",
        simple(
            "note",
            "begin 644 of the story\nM is a letter\nend\n=ybegin line=128 size=3 name=x\n=yend\nYWJjZGVmZ2hpamtsbW5vcA== is a token, 12.50 13.75 14.20\n",
            57,
        ),
    ),
    Case(
        "clean-base64-digits",
        "Clean base64 text full of short numbers",
        simple("note", "".join(f"row {n}: {n * 37} of {n * 91}\n" for n in range(120)), 58, encoding="base64"),
    ),
    Case(
        "clean-html-numbers",
        "Clean page with phone, price, CSS and SVG path numbers",
        simple(
            "page",
            '<html><head><style>td{padding:4px 11px 11px 11px}</style></head><body><svg><path d="M41 11 11 11 L11 11 11 11 Z"/></svg><p>Tel. +49 89 4111 1111 11</p><p>Total 4,111.11 EUR</p></body></html>\n',
            59,
            kind="text/html",
        ),
    ),
)
