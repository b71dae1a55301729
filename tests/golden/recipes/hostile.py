"""Cases made by somebody who wants a number to slip through: each hides it from one kind of reader."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile

from tests.golden.kit import ALL, Case, at, b64, crlf, fill, head, letter, multipart, part, qp, simple

TALK = "charge my credit card «pan» exp «exp» cvv «cvv», greetings from the lighthouse\n"
ANY = at(ALL, "")


def _html(
    slug: str, what: str, card: str, body: str, n: int, *, survive: tuple[str, ...] = ("lighthouse",), **more: object
) -> Case:
    """Return a case of one HTML part that holds a PAN."""
    text = fill(
        card, f"<html><body><p>my credit card number:</p>{body}<p>greetings from the lighthouse</p></body></html>\n"
    )
    raw = letter(head("page", n), part(text, "text/html", encoding="quoted-printable"))
    return Case(slug, what, raw, card, ("pan",), survive, **more)  # type: ignore[arg-type]


def _entities(digits: str, form: str) -> str:
    return "".join(form.format(ord(d)) for d in digits)


def _zip(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2025, 10, 14, 9, 12, 44)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


CASES = (
    _html(
        "html-entities",
        "Digits as decimal entities without semicolons, zeros in front",
        "visa-1",
        f"<p>{_entities('4111111111111111', '&#0{0};')}</p>",
        0,
    ),
    _html(
        "html-hex-entities",
        "Digits as hexadecimal entities",
        "visa-2",
        f"<p>{_entities('4012888888881881', '&#x{0:x};')}</p>",
        1,
    ),
    _html(
        "html-tags-between",
        "Every digit in its own tag",
        "visa-3",
        "<p>" + "".join(f"<b>{d}</b>" for d in "4242424242424242") + "</p>",
        2,
    ),
    _html(
        "html-comments-between",
        "Comments with decoy digits between the groups",
        "visa-4",
        "<p>«g1»<!-- 99 -->«g2»<!-- 12 -->«g3»<!--->«g4»</p>",
        3,
    ),
    _html(
        "html-zwnj",
        "Named zero-width entities between the digits",
        "visa-5",
        "<p>" + "&zwnj;".join("4917610000000000") + "</p>",
        4,
    ),
    _html(
        "html-hidden-decoy",
        "display:none decoy digits inside the number",
        "mastercard-1",
        '<p>«g1»<span style="display:none">0000</span>«g2»<span hidden>77</span>«g3»<span style="font-size:0">1</span>«g4»</p>',
        5,
    ),
    _html(
        "html-attribute",
        "Number only in alt, title and value",
        "mastercard-2",
        '<img src="x" alt="credit card «pan»"><a title="card «raw»">x</a><input name="card_number" value="«raw»">',
        6,
    ),
    _html(
        "html-href",
        "Number percent-encoded in a link's query",
        "mastercard-3",
        '<a href="https://pay.example/?card_number=' + "".join(f"%3{d}" for d in "2223003122003222") + '">pay</a>',
        7,
    ),
    _html(
        "html-mailto",
        "Number in a mailto: subject",
        "mastercard-4",
        '<a href="mailto:orders@shop.example?subject=credit%20card%20«g1»%20«g2»%20«g3»%20«g4»">write</a>',
        8,
    ),
    _html(
        "html-data-uri",
        "A data: URI whose base64 text is the number",
        "amex-1",
        '<iframe src="data:text/plain;base64,'
        + base64.b64encode(b"credit card 378282246310005 ok").decode()
        + '"></iframe>',
        9,
        unseen=True,
    ),
    _html(
        "html-script",
        "Number in a script string",
        "amex-2",
        '<script>var card="«g1»"+"«g2»"+"«g3»"; var credit_card_number="«raw»";</script>',
        10,
    ),
    _html(
        "html-css-content",
        "Number in generated content",
        "discover-1",
        '<style>p.c:after{content:"credit card «pan»"}</style><p class="c"></p>',
        11,
    ),
    _html(
        "html-rtl-override",
        "Number written backwards under a right-to-left override",
        "discover-2",
        "<p>&#x202e;" + "6011000990139424"[::-1] + "&#x202c;</p>",
        12,
    ),
    _html(
        "html-bdo",
        "Number written backwards in <bdo dir=rtl>",
        "diners-1",
        '<p><bdo dir="rtl">' + "30569309025904"[::-1] + "</bdo></p>",
        13,
    ),
    _html(
        "html-table-digits",
        "One digit per table cell",
        "jcb-1",
        "<table><tr>" + "".join(f"<td>{d}</td>" for d in "3530111333300000") + "</tr></table>",
        14,
    ),
    _html(
        "html-list-groups",
        "One group per list item",
        "jcb-2",
        "<ol><li>«g1»</li><li>«g2»</li><li>«g3»</li><li>«g4»</li></ol>",
        15,
    ),
    _html(
        "html-unclosed-tag",
        "An unclosed tag swallows the number for some readers",
        "unionpay-1",
        '<p>here it is: <b title=x credit card «pan» x="',
        16,
        survive=(),
        hold=True,
    ),
    _html(
        "html-conditional-comment",
        "Number inside an Outlook conditional comment",
        "maestro-1",
        "<!--[if mso]><p>credit card «pan»</p><![endif]-->",
        17,
    ),
    _html(
        "html-svg-text",
        "Number in SVG text spans",
        "mir-1",
        "<svg><text><tspan>«g1»</tspan><tspan>«g2»</tspan><tspan>«g3»</tspan><tspan>«g4»</tspan></text></svg>",
        18,
    ),
    _html(
        "html-template-noscript",
        "Number in template, noscript and noembed",
        "elo-1",
        "<template>credit card «pan»</template><noscript>credit card «raw»</noscript>",
        19,
    ),
    _html(
        "html-textarea", "Number in a textarea and a title", "hipercard-1", "<textarea>credit card «pan»</textarea>", 20
    ),
    _html("html-cdata", "Number in CDATA inside math", "troy-1", "<math><![CDATA[credit card «pan»]]></math>", 21),
    _html(
        "html-utf7-in-meta",
        "UTF-7 declared in meta only",
        "dankort-1",
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-7">+'
        + base64.b64encode("credit card 5019717010103742".encode("utf-16-be")).decode().rstrip("=")
        + "-",
        22,
        unseen=True,
    ),
    _html(
        "html-full-width",
        "Full-width digits with ideographic spaces",
        "cb-1",
        "<p>４０３５　５０１０　００００　０００８</p>",
        23,
    ),
    _html(
        "html-math-digits",
        "Mathematical bold digits",
        "visa-1",
        "<p>" + "".join(chr(0x1D7CE + int(d)) for d in "4111111111111111") + "</p>",
        24,
    ),
    _html(
        "html-keycaps",
        "Keycap emoji digits",
        "visa-2",
        "<p>" + "".join(f"{d}\ufe0f\u20e3" for d in "4012888888881881") + "</p>",
        25,
    ),
    _html(
        "html-superscript",
        "Superscript digits by tag and by character",
        "visa-3",
        "<p>4242<sup>4242</sup>4242⁴²⁴²</p>",
        26,
    ),
    Case(
        "mislabelled-gif",
        "A text file labelled image/gif",
        letter(
            head("picture", 27),
            multipart(
                "mixed",
                "gif",
                [
                    part("see picture, lighthouse\n"),
                    part(fill("visa-4", TALK).encode(), 'image/gif; name="a.gif"', "", "base64"),
                ],
            ),
        ),
        "visa-4",
        ANY,
        ("lighthouse",),
    ),
    Case(
        "text-labelled-pdf",
        "HTML labelled application/pdf",
        letter(
            head("document", 28),
            multipart(
                "mixed",
                "pdf",
                [
                    part("see paper, lighthouse\n"),
                    part(
                        fill("visa-5", "<html><body>credit card «pan»</body></html>").encode(),
                        "application/pdf",
                        "",
                        "base64",
                        extra='Content-Disposition: attachment; filename="a.pdf"\n',
                    ),
                ],
            ),
        ),
        "visa-5",
        ("pan",),
        ("lighthouse",),
        hold=True,
    ),
    Case(
        "zip-text",
        "A zip with a text file",
        letter(
            head("archive", 29),
            multipart(
                "mixed",
                "zip",
                [
                    part("see archive, lighthouse\n"),
                    part(
                        _zip("cards.txt", fill("mastercard-1", TALK).encode()),
                        'application/zip; name="c.zip"',
                        "",
                        "base64",
                        extra='Content-Disposition: attachment; filename="c.zip"\n',
                    ),
                ],
            ),
        ),
        "mastercard-1",
        ("pan",),
        ("lighthouse",),
        hold=True,
    ),
    Case(
        "gzip-mail",
        "A gzipped mail as attachment",
        letter(
            head("archive", 30),
            multipart(
                "mixed",
                "gz",
                [
                    part("see archive, lighthouse\n"),
                    part(
                        gzip.compress(simple("order", fill("mastercard-2", TALK), 31), mtime=0),
                        'application/gzip; name="m.eml.gz"',
                        "",
                        "base64",
                    ),
                ],
            ),
        ),
        "mastercard-2",
        ("pan",),
        ("lighthouse",),
        hold=True,
    ),
    Case(
        "zip-member-name",
        "The number is the name of the file inside the zip",
        letter(
            head("archive", 32),
            multipart(
                "mixed",
                "zipn",
                [
                    part("see archive, lighthouse\n"),
                    part(
                        _zip(fill("mastercard-3", "credit card «pan».txt"), b"nothing"),
                        'application/zip; name="c.zip"',
                        "",
                        "base64",
                    ),
                ],
            ),
        ),
        "mastercard-3",
        ("pan",),
        ("lighthouse",),
        hold=True,
    ),
    Case(
        "eml-as-octet-stream",
        "A mail labelled application/octet-stream, itself base64 inside",
        letter(
            head("forward", 33),
            multipart(
                "mixed",
                "eml",
                [
                    part("see mail, lighthouse\n"),
                    part(
                        simple("order", fill("mastercard-4", TALK), 34, encoding="base64"),
                        'application/octet-stream; name="mail.eml"',
                        "",
                        "base64",
                    ),
                ],
            ),
        ),
        "mastercard-4",
        ANY,
        ("lighthouse",),
    ),
    Case(
        "subject-rlo",
        "Subject with the number reversed under RLO",
        simple("card \u202e" + "378282246310005"[::-1] + "\u202c amex", "lighthouse\n", 35),
        "amex-1",
        ("pan header:subject",),
        ("lighthouse",),
    ),
    Case(
        "subject-zero-width",
        "Subject with word joiners between all digits, base64 words of four characters",
        simple(
            "\n ".join(
                "=?utf-8?B?" + base64.b64encode("\u2060".join(g).encode()).decode() + "?="
                for g in ("card ", *fill("visa-1", "«g1» «g2» «g3» «g4»").split())
            ),
            "lighthouse\n",
            36,
        ),
        "visa-1",
        ("pan header:subject",),
        ("lighthouse",),
    ),
    Case(
        "message-id-number",
        "Number as local part of the From address and in References",
        letter(
            fill(
                "visa-2",
                "From: card.«raw»@example.com\nTo: orders@shop.example\nSubject: my credit card is my address\n"
                "Date: Tue, 14 Oct 2025 09:12:44 +0200\nMessage-ID: <a1@example.com>\nMIME-Version: 1.0\nX-Card-Number: «raw»\n",
            ),
            part(fill("visa-2", "lighthouse, credit card «pan»\n")),
        ),
        "visa-2",
        ("pan",),
        ("lighthouse",),
        hold=True,
    ),
    Case(
        "received-header",
        "Number in a Received comment and in an unknown field with a colon-less neighbour",
        letter(
            fill("visa-3", "Received: from pc (credit card «pan») by mx.example.net; Tue, 14 Oct 2025 09:12:44 +0200\n")
            + head("order", 37),
            part("lighthouse\n"),
        ),
        "visa-3",
        ("pan header:",),
        ("lighthouse",),
    ),
    Case(
        "content-id-location",
        "Number in Content-Location and Content-ID",
        letter(
            head("page", 38),
            multipart(
                "related",
                "cl",
                [
                    part(
                        "<p>see</p>\n",
                        "text/html",
                        extra=fill(
                            "visa-4",
                            "Content-Location: https://x.example/credit-card/«raw»?card=«raw»\nContent-Description: credit card «raw»\n",
                        ),
                    ),
                    part("lighthouse\n"),
                ],
            ),
        ),
        "visa-4",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "boundary-is-number",
        "The boundary itself is the number, spaced",
        letter(
            head("order", 39),
            multipart(
                "mixed", fill("visa-5", "credit card «pan»"), [part("my credit card is in the source, lighthouse\n")]
            ),
        ),
        "visa-5",
        ("pan",),
        ("lighthouse",),
        hold=True,
    ),
    Case(
        "charset-is-number",
        "The number as an unknown parameter of Content-Type",
        letter(
            head("order", 40),
            crlf(
                fill(
                    "mastercard-1",
                    'Content-Type: text/plain; charset=utf-8; x-note="credit card «pan»"\n\nlighthouse\n',
                )
            ),
        ),
        "mastercard-1",
        ("pan",),
        ("lighthouse",),
        unseen=False,
    ),
    Case(
        "subject-utf-7-word",
        "Subject as an encoded word in UTF-7 that shifts the whole number",
        simple(
            "=?utf-7?Q?my_credit_card_+"
            + base64.b64encode("5105 1051 0510 5100".encode("utf-16-be")).decode().rstrip("=")
            + "-?=",
            "lighthouse\n",
            41,
        ),
        "mastercard-2",
        ("pan header:subject",),
        ("lighthouse",),
    ),
    Case(
        "split-three-html-parts",
        "A number split over three inline HTML parts",
        letter(
            head("page", 42),
            multipart(
                "mixed",
                "s3",
                [
                    part(fill("mastercard-3", "<p>credit card: «g1»"), "text/html"),
                    part(fill("mastercard-3", "«g2» «g3»"), "text/html"),
                    part(fill("mastercard-3", "«g4»</p><p>lighthouse</p>\n"), "text/html"),
                ],
            ),
        ),
        "mastercard-3",
        ("pan",),
        ("lighthouse",),
        hold=True,
    ),
    Case(
        "alternative-halves",
        "alternative: text branch has the first half, HTML branch the whole in reversed cells",
        letter(
            head("page", 43),
            multipart(
                "alternative",
                "ah",
                [
                    part(fill("mastercard-4", "first half of the credit card: «g1» «g2»\n")),
                    part(
                        fill(
                            "mastercard-4",
                            '<table dir="rtl"><tr><td>credit card</td><td>«g1»</td><td>«g2»</td><td>«g3»</td><td>«g4»</td></tr></table><p>lighthouse</p>\n',
                        ),
                        "text/html",
                    ),
                ],
            ),
        ),
        "mastercard-4",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "encoding-decoy-plain",
        "Label base64; the plain text is also valid base64 that decodes to nonsense",
        letter(
            head("order", 44),
            crlf(
                "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
                + fill("amex-1", "creditcard/«raw»/lighthouse/greetings00\n")
            ),
        ),
        "amex-1",
        ("pan",),
        hold=True,
    ),
    Case(
        "qp-vs-plain-decoy",
        "Label quoted-printable where decoding destroys the plain number; 7bit readers show it",
        letter(
            head("order", 45),
            crlf(
                "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\nContent-Transfer-Encoding: 7bit\n\n"
                + fill("amex-2", "my credit card =«raw» ok, lighthouse\n")
            ),
        ),
        "amex-2",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "two-charsets-differ",
        "charset utf-7 first, us-ascii second, the number in UTF-7",
        letter(
            head("order", 46),
            crlf("Content-Type: text/plain; charset=utf-7; charset=us-ascii\n\nmy credit card +")
            + base64.b64encode("6011 1111 1111 1117".encode("utf-16-be")).rstrip(b"=")
            + crlf("- lighthouse\n"),
        ),
        "discover-1",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "mime-version-missing-html",
        "No MIME-Version, Content-Type text/html, entities",
        letter(
            head("order", 47, mime=False),
            crlf(
                f"Content-Type: text/html\n\n<p>credit card {_entities('6011000990139424', '&#{0};')}</p><p>lighthouse</p>\n"
            ),
        ),
        "discover-2",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "smime-opaque",
        "application/pkcs7-mime signed-data: the text sits in a DER octet string",
        letter(
            head("order", 48),
            crlf(
                'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="smime.p7m"\n\n'
            )
            + b64(
                __import__("tests.golden.recipes.clean", fromlist=["opaque"]).opaque(
                    crlf("Content-Type: text/plain\n\n" + fill("visa-1", TALK))
                )
            ),
        ),
        "visa-1",
        ("pan",),
        hold=True,
    ),
    Case(
        "smime-opaque-constructed",
        "signed-data with indefinite lengths and the octet string cut inside the number",
        letter(
            head("order", 49),
            crlf(
                'Content-Type: application/x-pkcs7-mime; smime-type=signed-data; name="smime.p7m"\nContent-Transfer-Encoding: base64\n\n'
            )
            + b64(
                __import__("tests.golden.recipes.clean", fromlist=["constructed"]).constructed(
                    crlf("Content-Type: text/plain\n\n" + fill("visa-2", TALK))
                )
            ),
        ),
        "visa-2",
        ("pan",),
        hold=True,
    ),
    Case(
        "filename-reversed-sections",
        "filename*1 before filename*0, and a contradicting filename",
        letter(
            head("scan", 50),
            multipart(
                "mixed",
                "rev",
                [
                    part("lighthouse card attached\n"),
                    part(
                        "x\n",
                        extra=fill(
                            "visa-3",
                            'Content-Disposition: attachment; filename=harmless.txt;\n filename*1="«g3»«g4».txt"; filename*0="card «g1»«g2»"\n',
                        ),
                    ),
                ],
            ),
        ),
        "visa-3",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "filename-twice",
        "Two Content-Disposition fields; the number is in the second",
        letter(
            head("scan", 51),
            multipart(
                "mixed",
                "twice",
                [
                    part("lighthouse card attached\n"),
                    part(
                        "x\n",
                        extra=fill(
                            "visa-4",
                            'Content-Disposition: inline; filename="a.txt"\nContent-Disposition: attachment; filename="credit card «raw».txt"\n',
                        ),
                    ),
                ],
            ),
        ),
        "visa-4",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "hidden-behind-form-feed",
        "Form feeds, vertical tabs and U+2028 between the groups",
        simple(
            "order",
            fill("visa-5", "my credit card «g1»\f«g2»\v«g3»\u2028«g4» thanks, lighthouse\n"),
            52,
            encoding="base64",
        ),
        "visa-5",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "nested-base64-rfc822-twice",
        "rfc822 in base64 in rfc822 in base64",
        letter(
            head("Fwd", 53),
            crlf("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n")
            + b64(
                letter(
                    head("Fwd", 54),
                    crlf("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n")
                    + b64(simple("order", fill("jcb-1", TALK), 55)),
                )
            ),
        ),
        "jcb-1",
        ANY,
    ),
    Case(
        "digit-per-line",
        "One digit per line",
        simple(
            "order",
            "my credit card number, one digit per line:\n" + "\n".join("5555555555554444") + "\nlighthouse\n",
            56,
        ),
        "mastercard-1",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "qp-header-folding-attack",
        "A Q word whose number is cut by folding inside the word (illegal, decoded by some)",
        simple(fill("jcb-2", "=?utf-8?Q?card_«g1»_«g2»\n _«g3»_«g4»?= lighthouse"), "greetings\n", 57),
        "jcb-2",
        ("pan header:subject",),
        ("greetings",),
    ),
    Case(
        "html-in-plain",
        "text/plain that is HTML with entities; clients that sniff render it",
        simple(
            "page",
            f"<html><body><p>credit card {_entities('6200000000000005', '&#{0};')}</p><p>lighthouse</p></body></html>\n",
            58,
        ),
        "unionpay-1",
        ("pan",),
        ("lighthouse",),
    ),
    Case(
        "two-cards-two-places",
        "Same card in Subject (hyphens), name, text (spaces), HTML (entities) and file name at once",
        letter(
            head(fill("visa-1", "card «dash»"), 59) + fill("visa-1", 'Reply-To: "«raw»" <t@example.com>\n'),
            multipart(
                "mixed",
                "five",
                [
                    multipart(
                        "alternative",
                        "five-a",
                        [
                            part(fill("visa-1", TALK)),
                            part(
                                f"<p>credit card {_entities('4111111111111111', '&#{0};')}</p><p>lighthouse</p>\n",
                                "text/html",
                                encoding="base64",
                            ),
                        ],
                    ),
                    part(
                        "x\n",
                        extra=fill(
                            "visa-1",
                            "Content-Disposition: attachment; filename*=utf-8''credit%20card%20«g1»%2D«g2»%2D«g3»%2D«g4».txt\n",
                        ),
                    ),
                ],
            ),
        ),
        "visa-1",
        ("pan header:subject", "pan body", "cvv", "expiry", "pan name"),
        ("lighthouse",),
    ),
    Case(
        "quoted-printable-utf-16",
        "UTF-16LE in quoted-printable: =34=00=32=00",
        letter(
            head("order", 60),
            crlf("Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: quoted-printable\n\n")
            + qp(fill("visa-3", TALK).replace("\n", " ").encode("utf-16-le")),
        ),
        "visa-3",
        ANY,
    ),
    Case(
        "json-unicode-escapes",
        "JSON that writes the digits as \\u0034",
        letter(
            head("hook", 61),
            part(
                '{"note": "lighthouse", "card_number": "' + "".join(f"\\u003{d}" for d in "4000056655665556") + '"}\n',
                "application/json",
                "",
            ),
        ),
        "visa-4",
        ("pan",),
        unseen=True,
    ),
    Case(
        "xml-entities",
        "XML whose digits are character references and an entity",
        letter(
            head("hook", 62),
            part(
                f'<?xml version="1.0"?><order><note>lighthouse</note><cardNumber>{_entities("4917610000000000", "&#x{0:X};")}</cardNumber></order>\n',
                "application/xml",
                "",
            ),
        ),
        "visa-5",
        ("pan",),
    ),
)
