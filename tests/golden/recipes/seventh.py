"""The seventh batch: tricks of pages, of programs that write and show mail, and parsers that disagree.

Written from standards and from what mail readers are known to do, before the first run and without reading the views'
code. Every case has a clean twin (:data:`TWINS`): the same odd message about an order number, which must come out byte
for byte.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

from tests.golden.kit import ALL, b64, crlf, head, letter, multipart, part, qp, simple, word
from tests.golden.recipes.clients import _tnef
from tests.golden.recipes.fifth import NOTE, SHORT, _body, _case, _each, _headed, _mapped, _page, _wide
from tests.golden.recipes.legacy import binhex, uuencode, yenc
from tests.golden.recipes.sixth import _text

Write = Callable[[str], str]
Row = tuple[str, str, Callable[[Write], bytes]]


def _file(w: Write, name: str, kind: str, content: bytes, encoding: str = "base64", extra: str = "") -> bytes:
    """A message with a short text and one attached file."""
    coded = b64(content) if encoding == "base64" else qp(content) if encoding == "quoted-printable" else content
    return letter(
        head("file", 6),
        multipart(
            "mixed",
            "=_att7",
            [
                part("hello from the windmill\n"),
                crlf(
                    f'Content-Type: {kind}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
                    f"{extra}Content-Transfer-Encoding: {encoding}\n\n"
                )
                + coded,
            ],
        ),
    )


def _spans(text: str, style: str, decoy: str = "9") -> str:
    """Each digit followed by a decoy that ``style`` hides."""
    return "".join(f'{d}<span style="{style}">{decoy}</span>' for d in text)


def _utf7_word(text: str) -> str:
    return "+" + base64.b64encode(_wide(text).encode("utf-16-be")).decode().rstrip("=") + "-"


_FIELDS: tuple[Row, ...] = (
    (
        "group-name",
        "The number is the name of an address group",
        lambda w: _headed(w, "Cc: my credit card «pan»: a@example.com, b@example.com;\n"),
    ),
    (
        "group-empty",
        "An empty group whose quoted name holds the number",
        lambda w: _headed(w, 'Bcc: "my credit card «dash»":;\n'),
    ),
    (
        "comment-nested-words",
        "An encoded word in a comment in a comment",
        lambda w: _headed(w, "Cc: a@example.com (from the (credit card " + word(w("«pan»")) + ") office)\n"),
    ),
    (
        "subject-bare-cr",
        "Groups of the subject parted by bare CR",
        lambda w: (
            crlf(head("my credit card PLACE", 5)).replace(b"PLACE", w("«g1»\r «g2»\r «g3» «g4»").encode())
            + part("regards from the windmill\n")
        ),
    ),
    (
        "subject-raw-shift-jis",
        "Raw Shift_JIS full-width digits in the subject",
        lambda w: (
            crlf(head("my credit card PLACE", 5)).replace(b"PLACE", _wide(w("«raw»")).encode("cp932"))
            + part("regards from the windmill\n", charset="shift_jis", codec="cp932")
        ),
    ),
    (
        "subject-raw-gbk",
        "Raw GBK full-width digits in the subject",
        lambda w: (
            crlf(head("my credit card PLACE", 5)).replace(b"PLACE", _wide(w("«pan»")).encode("gb18030"))
            + part("regards from the windmill\n", charset="gbk", codec="gb18030")
        ),
    ),
    (
        "unsubscribe-mailto-subject",
        "List-Unsubscribe with a mailto: whose subject is the number, escaped",
        lambda w: _headed(
            w, "List-Unsubscribe: <mailto:leave@example.org?subject=credit%20card%20" + quote(w("«pan»")) + ">\n"
        ),
    ),
    (
        "in-reply-to-phrase",
        "In-Reply-To with words, as RFC 822 allowed",
        lambda w: _headed(w, 'In-Reply-To: "your letter about credit card «pan»" <k1@example.org>\n'),
    ),
    (
        "content-id-phrase",
        "A Content-ID that is a phrase with the number",
        lambda w: letter(
            head("file", 6),
            multipart(
                "related",
                "=_cid7",
                [
                    part("<p>hello from the windmill</p>\n", "text/html"),
                    part("nothing\n", extra=w("Content-ID: <credit card «pan»>\n")),
                ],
            ),
        ),
    ),
    (
        "receipt-to-name",
        "The display name of Disposition-Notification-To in two words",
        lambda w: _headed(
            w,
            "Disposition-Notification-To: =?utf-8?Q?credit_card_"
            + w("«g1»_«g2»")
            + "?=\n =?utf-8?B?"
            + base64.b64encode(w(" «g3» «g4»").encode()).decode()
            + "?= <a@example.com>\n",
        ),
    ),
    (
        "name-literal-percent",
        "A plain filename parameter with percent escapes",
        lambda w: _file(w, quote(w("credit card «pan».txt")), "text/plain", b"nothing\r\n"),
    ),
    (
        "name-sections-wide",
        "A file name in RFC 2231 sections of ISO-2022-JP full-width digits, upper-case names",
        lambda w: letter(
            head("file", 6),
            multipart(
                "mixed",
                "=_jp7",
                [
                    part(w("hello from the windmill, credit card attached\n")),
                    crlf(
                        "Content-Type: application/octet-stream\nContent-Disposition: attachment;\n"
                        " FILENAME*0*=iso-2022-jp'ja'"
                        + quote(_wide(w("«g1»«g2»")).encode("iso2022_jp"))
                        + ";\n FILENAME*1*="
                        + quote(_wide(w("«g3»«g4»")).encode("iso2022_jp"))
                        + "\nContent-Transfer-Encoding: base64\n\n"
                    )
                    + b64(b"\0\1nothing"),
                ],
            ),
        ),
    ),
    (
        "word-split-in-base64-by-tab",
        "An encoded word whose base64 is folded with a tab",
        lambda w: _headed(
            w,
            "X-Remark: =?utf-8?B?"
            + (lambda code: code[:14] + "\n\t" + code[14:])(
                base64.b64encode(w("my credit card «pan»").encode()).decode()
            )
            + "?=\n",
        ),
    ),
    (
        "word-gb18030-four",
        "An encoded word in GB18030 of mathematical digits, four bytes each",
        lambda w: _headed(w, "X-Remark: " + word(_mapped(w("«raw»"), 0x1D7CE), "gb18030") + " credit card\n"),
    ),
    (
        "domain-literal",
        "The number is the domain literal behind the name my credit card",
        lambda w: _headed(w, 'Reply-To: "my credit card" <card@[«dot»]>\n'),
    ),
    (
        "related-start-info",
        "The number is start-info of multipart/related",
        lambda w: letter(
            head("file", 6),
            multipart(
                "related",
                "=_rel7",
                [part("<p>hello from the windmill</p>\n", "text/html", extra="Content-ID: <root@x>\n")],
                extra=w('; start="<root@x>"; start-info="credit card «pan»"'),
            ),
        ),
    ),
    (
        "two-dispositions",
        "Two Content-Disposition fields, the number in the second file name",
        lambda w: _file(
            w,
            "a.txt",
            "text/plain",
            b"nothing\r\n",
            extra=w('Content-Disposition: attachment; filename="credit card «pan».txt"\n'),
        ),
    ),
    (
        "resent-comments-folded-white",
        "A folded line of white space only before the number",
        lambda w: _headed(w, "Resent-Comments: my credit card\n  \t\n «pan»\n"),
    ),
)

_STRUCTURE: tuple[Row, ...] = (
    (
        "inner-boundary-is-prefix",
        "The inner boundary is a prefix of the outer one and is never closed",
        lambda w: _body(
            "Content-Type: multipart/mixed; boundary=windbag\n",
            crlf("--windbag\nContent-Type: multipart/mixed; boundary=wind\n\n--wind\n")
            + part("hello from the windmill\n")
            + crlf("--wind\n")
            + part(w(NOTE), encoding="base64")
            + crlf("--windbag--\n"),
        ),
    ),
    (
        "inner-never-closed-base64",
        "The inner multipart is never closed, its last part is base64 without a line end",
        lambda w: _body(
            "Content-Type: multipart/mixed; boundary=outer7\n",
            crlf("--outer7\nContent-Type: multipart/alternative; boundary=inner7\n\n--inner7\n")
            + part("hello from the windmill\n")
            + crlf("--inner7\n")
            + part(w(NOTE), "text/html", encoding="base64").rstrip(b"\r\n")
            + crlf("\n--outer7\n")
            + part("bye\n"),
        ),
    ),
    (
        "delimiter-tabs-behind",
        "Tabs and blanks behind the delimiters",
        lambda w: _body(
            'Content-Type: multipart/mixed; boundary="bnd7"\n',
            crlf("--bnd7 \t \n")
            + part("hello from the windmill\n")
            + crlf("--bnd7\t\t\n")
            + part(w(NOTE), encoding="base64")
            + crlf("--bnd7-- \t\n"),
        ),
    ),
    (
        "mixed-replace",
        "multipart/x-mixed-replace: the last part replaces the first",
        lambda w: letter(
            head("live", 6),
            multipart(
                "x-mixed-replace", "=_rep7", [part("hello from the windmill\n"), part(w(SHORT), encoding="base64")]
            ),
        ),
    ),
    (
        "tnef-in-rfc822",
        "winmail.dat in a forwarded message",
        lambda w: letter(
            head("fwd", 3),
            multipart(
                "mixed",
                "=_fw7",
                [
                    part("see the windmill below\n"),
                    crlf("Content-Type: message/rfc822\n\n")
                    + letter(
                        head("Auftrag", 2),
                        multipart(
                            "mixed",
                            "=_tn7",
                            [
                                part("Anbei der Auftrag\n"),
                                part(
                                    _tnef(w("credit card «pan» exp «exp»\n"), "a.txt", b"nothing"),
                                    "application/ms-tnef; name=winmail.dat",
                                    encoding="base64",
                                ),
                            ],
                        ),
                    ),
                ],
            ),
        ),
    ),
    (
        "yenc-in-base64",
        "yEnc inside a base64 text part",
        lambda w: letter(
            head("x", 2),
            part(b"hello from the windmill\r\n\r\n" + yenc(crlf(w(NOTE * 2)), "a.txt"), encoding="base64"),
        ),
    ),
    (
        "binhex-in-quoted-printable",
        "BinHex inside a quoted-printable text",
        lambda w: letter(
            head("x", 2),
            part(b"hello from the windmill\r\n\r\n" + binhex(crlf(w(NOTE)), "a.txt"), encoding="quoted-printable"),
        ),
    ),
    (
        "uu-in-base64-in-rfc822",
        "A uuencoded page in base64 in a forwarded message in base64",
        lambda w: letter(
            head("fwd", 3),
            crlf("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n")
            + b64(
                letter(
                    head("x", 2),
                    part(
                        b"hello from the windmill\r\n"
                        + uuencode(
                            w("<p>credit card " + _each(w("«raw»"), "<i>", "</i>") + "</p>\r\n").encode(), "a.html"
                        ),
                        encoding="base64",
                    ),
                )
            ),
        ),
    ),
    (
        "rfc822-lf-inside",
        "A forwarded message with LF only line ends, base64 parts and another forwarded message",
        lambda w: letter(
            head("fwd", 3),
            multipart(
                "mixed",
                "=_lf7",
                [
                    part("see the windmill below\n"),
                    crlf("Content-Type: message/rfc822\n\n")
                    + letter(
                        head("fwd: a", 2),
                        crlf("Content-Type: message/rfc822\n\n")
                        + letter(head("a", 1), part(w(NOTE), encoding="base64")),
                    ).replace(b"\r\n", b"\n"),
                ],
            ),
        ),
    ),
    (
        "gmail-api-json",
        "JSON of a mail API: the whole message in URL-safe base64",
        lambda w: _file(
            w,
            "message.json",
            "application/json",
            json.dumps(
                {
                    "id": "18c",
                    "raw": base64.urlsafe_b64encode(simple("hi", w(NOTE), 2)).decode(),
                }
            ).encode(),
        ),
    ),
    (
        "mht-as-octets",
        "A web archive (MHTML) under application/octet-stream",
        lambda w: _file(
            w,
            "page.mht",
            "application/octet-stream",
            letter(
                "From: <Saved by Browser>\nSubject: page\nMIME-Version: 1.0\n",
                multipart(
                    "related",
                    "----Multi7",
                    [
                        part(
                            w("<p>credit card <b>«g1»</b><b>«g2»</b><b>«g3»</b><b>«g4»</b></p>\n"),
                            "text/html",
                            encoding="quoted-printable",
                        )
                    ],
                    extra='; type="text/html"',
                ),
            ),
        ),
    ),
    (
        "internet-shortcut",
        "A Windows shortcut file with the number in the link's query",
        lambda w: _file(
            w,
            "pay.url",
            "application/octet-stream",
            crlf(w("[InternetShortcut]\nURL=https://pay.example/?note=credit+card+«g1»%20«g2»%20«g3»%20«g4»\n")),
        ),
    ),
    (
        "svg-attachment",
        "An SVG picture with a glyph span for every digit",
        lambda w: _file(
            w,
            "a.svg",
            "image/svg+xml",
            w(
                "<svg xmlns='http://www.w3.org/2000/svg'><text>credit card "
                + _each(w("«raw»"), "<tspan dx='1'>", "</tspan>")
                + "</text></svg>"
            ).encode(),
        ),
    ),
    (
        "xhtml-own-entities",
        "XHTML whose own entities hold the halves of the number",
        lambda w: _file(
            w,
            "a.xhtml",
            "application/xhtml+xml",
            w(
                '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "«g1»«g2»"><!ENTITY b "«g3»«g4»">]>'
                '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>credit card &a;&b;</p></body></html>'
            ).encode(),
        ),
    ),
    (
        "html-octets-entities",
        "A page under application/octet-stream, digits as entities without semicolons",
        lambda w: _file(
            w,
            "card.html",
            "application/octet-stream",
            w("<html><body>credit card " + "".join(f"&#{ord(d)}" for d in w("«raw»")) + " </body></html>").encode(),
        ),
    ),
    (
        "flowed-in-qp-delsp",
        "format=flowed with DelSp in quoted-printable with soft breaks, all inside the number",
        lambda w: _body(
            "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n"
            "Content-Transfer-Encoding: quoted-printable\n",
            crlf(
                w("hello from the windmill, my credit card\n«g1»")[:-2]
                + "=20\n"
                + w("«g1»")[-2:]
                + w("«g2»=\n«g3»=20\n«g4»\nbye\n")
            ),
        ),
    ),
    (
        "clearsigned-dash-escaped",
        "A clear-signed text whose lines are dash-escaped, a group to a line",
        lambda w: _text(
            w,
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nmy credit card\n- -«g1»\n- -«g2»\n- -«g3»\n- -«g4»\n"
            "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----",
        ),
    ),
    (
        "excel-formula-csv",
        'CSV in which Excel is kept from rounding: ="…"',
        lambda w: _file(w, "cards.csv", "text/csv", crlf(w('name,credit card,exp\nTom,="«raw»",="«exp»"\n'))),
    ),
    (
        "json-groups",
        "JSON with the groups in an array",
        lambda w: _file(
            w, "a.json", "application/json", w('{"credit card": ["«g1»", "«g2»", "«g3»", "«g4»"]}\n').encode()
        ),
    ),
    (
        "rtf-escapes",
        "RTF with a hexadecimal escape for each digit and groups in groups",
        lambda w: _file(
            w,
            "a.rtf",
            "application/rtf",
            b"{\\rtf1\\ansi credit card " + _each(w("«raw»"), "{\\b \\'3", "}").encode() + b" windmill\\par}",
        ),
    ),
    (
        "calendar-parameter",
        "The number in the CN parameter of an attendee, with RFC 6868 escapes",
        lambda w: simple(
            "x",
            w(
                'BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nSUMMARY:windmill\nATTENDEE;CN="credit card «g1»^n«g2»\n'
                ' ^n«g3»^n«g4»":mailto:a@example.com\nEND:VEVENT\nEND:VCALENDAR\n'
            ),
            2,
            kind="text/calendar",
        ),
    ),
    (
        "form-urlencoded",
        "A web form as a part of type application/x-www-form-urlencoded",
        lambda w: letter(
            head("form", 2),
            crlf("Content-Type: application/x-www-form-urlencoded\n\n")
            + crlf(w("shop=windmill&credit+card=«g1»+«g2»+«g3»+«g4»&ok=1\n")),
        ),
    ),
)

_TEXTS: tuple[Row, ...] = (
    (
        "mojibake-no-break",
        "No-break spaces that were decoded once too often (Â and U+00A0)",
        lambda w: _text(w, "my credit card «g1»\u00c2\u00a0«g2»\u00c2\u00a0«g3»\u00c2\u00a0«g4»"),
    ),
    (
        "mojibake-zero-width",
        "Zero-width spaces that were decoded as Windows-1252",
        lambda w: _text(w, "my credit card «g1»\u00e2\u20ac\u2039«g2»\u00e2\u20ac\u2039«g3»\u00e2\u20ac\u2039«g4»"),
    ),
    (
        "question-marks",
        "No-break spaces that a converter turned into question marks",
        lambda w: _text(w, "my credit card is «g1»?«g2»?«g3»?«g4»"),
    ),
    (
        "replacement-characters",
        "Replacement characters between the groups",
        lambda w: _text(w, "my credit card is «g1»\ufffd«g2»\ufffd«g3»\ufffd«g4»"),
    ),
    (
        "entities-in-plain-text",
        "&nbsp; between the groups of a plain text",
        lambda w: _text(w, "my credit card is «g1»&nbsp;«g2»&nbsp;«g3»&#160;«g4»"),
    ),
    (
        "tex-spaces",
        "TeX thin spaces and ties between the groups",
        lambda w: _text(w, "my credit card is «g1»\\,«g2»\\,«g3»~«g4»"),
    ),
    (
        "mecard",
        "The text of a QR code in MECARD form",
        lambda w: _text(w, "MECARD:N:Windmill;NOTE:credit card «raw»;TEL:+4930123456;;"),
    ),
    (
        "text-mailto-link",
        "A mailto: link in plain text with an escaped body",
        lambda w: _text(w, "write to <mailto:pay@example.com?body=" + quote(w("credit card «pan» exp «exp»")) + ">"),
    ),
    (
        "whatsapp-link",
        "A wa.me link with the number in its text",
        lambda w: _text(w, "https://wa.me/4930123456?text=credit%20card%20" + quote(w("«pan»"))),
    ),
    (
        "utf7-unicode-1-1",
        "charset=unicode-1-1-utf-7 with shifted full-width digits",
        lambda w: _body(
            "Content-Type: text/plain; charset=unicode-1-1-utf-7\n",
            crlf(w("regards from the windmill, my credit card ") + _utf7_word(w("«raw»")) + "\n"),
        ),
    ),
    (
        "utf7-in-base64",
        "UTF-7 inside base64, every digit shifted",
        lambda w: _body(
            "Content-Type: text/plain; charset=utf-7\nContent-Transfer-Encoding: base64\n",
            b64(
                crlf(
                    w("regards from the windmill, my credit card ")
                    + "".join(
                        "+" + base64.b64encode(d.encode("utf-16-be")).decode().rstrip("=") + "-" for d in w("«raw»")
                    )
                    + "\n"
                )
            ),
        ),
    ),
    (
        "cp65001",
        "charset=cp65001 with full-width digits",
        lambda w: _body(
            "Content-Type: text/plain; charset=cp65001\nContent-Transfer-Encoding: 8bit\n",
            crlf("regards from the windmill, " + w("credit card ") + _wide(w("«raw»")) + "\n"),
        ),
    ),
    (
        "mac-japanese",
        "charset=x-mac-japanese with full-width digits",
        lambda w: _body(
            "Content-Type: text/plain; charset=x-mac-japanese\nContent-Transfer-Encoding: base64\n",
            b64(("regards from the windmill, " + w("credit card ") + _wide(w("«raw»")) + "\r\n").encode("cp932")),
        ),
    ),
    (
        "cesu-8",
        "Mathematical digits as two surrogates each (CESU-8)",
        lambda w: _body(
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n",
            b64(
                ("regards from the windmill, " + w("credit card ")).encode()
                + b"".join(b"\xed\xa0\xb5\xed\xbf" + bytes((0x8E + int(d),)) for d in w("«raw»"))
                + b"\r\n"
            ),
        ),
    ),
    (
        "script-hex-escapes",
        "A script with \\x escapes",
        lambda w: _page(w, "<script>var card='" + "".join(f"\\x{ord(d):02x}" for d in w("«raw»")) + "';</script>"),
    ),
    (
        "script-plus",
        "A script that adds the groups together",
        lambda w: _page(w, w("<script>var card='«g1»' + '«g2»' + '«g3»' + '«g4»';</script>")),
    ),
)

_TAGS: tuple[Row, ...] = (
    (
        "html-entities-no-semicolon-hex",
        "Hexadecimal entities without semicolons",
        lambda w: _page(w, "<p>" + "".join(f"&#x{ord(d):x}" for d in w("«raw»")) + " </p>"),
    ),
    (
        "html-shy-wbr-zwsp",
        "Soft hyphen, wbr and zero-width space in turn between the digits",
        lambda w: _page(
            w,
            "<p>"
            + "".join(
                d + ("&shy;", "<wbr>", "&#8203;", "<wbr/>&ZeroWidthSpace;")[n % 4] for n, d in enumerate(w("«raw»"))
            )
            + "</p>",
        ),
    ),
    (
        "html-bogus-comments",
        "Bogus comments between the digits: end tag with a blank, question mark, exclamation mark",
        lambda w: _page(
            w,
            "<p>" + "".join(d + ("</ x>", "<?y?>", "<!z>", "</%>")[n % 4] for n, d in enumerate(w("«raw»"))) + "</p>",
        ),
    ),
    (
        "html-comment-bang-end",
        "Comments that end with --!>",
        lambda w: _page(w, "<p>" + "<!-- a --!>".join(w("«raw»")) + "</p>"),
    ),
    (
        "html-greater-in-quotes",
        "Tags with a quoted > between the digits",
        lambda w: _page(w, "<p>" + "<b title='>'></b>".join(w("«raw»")) + "</p>"),
    ),
    (
        "html-downlevel-revealed",
        "Downlevel-revealed conditional comments between the groups",
        lambda w: _page(w, w("<p>«g1»<![if !vml]>«g2»<![endif]>«g3»<![if !mso]>«g4»<![endif]></p>")),
    ),
    (
        "html-office-tags",
        "Word's o:p and smart tags between the digits",
        lambda w: _page(w, "<p>" + "".join(f"<st1:place>{d}</st1:place><o:p></o:p>" for d in w("«raw»")) + "</p>"),
    ),
    (
        "html-office-properties",
        "The number in Office's custom document properties",
        lambda w: _page(
            w,
            "<p>see above</p>",
            style=w(
                "<!--[if gte mso 9]><xml><o:CustomDocumentProperties><o:Card dt:dt='string'>credit card «pan»</o:Card>"
                "</o:CustomDocumentProperties></xml><![endif]-->"
            ),
        ),
    ),
    (
        "html-meter-data",
        "Numbers in meter, data and progress",
        lambda w: _page(w, w('<meter max=9 value="«raw»">credit card</meter><data value="«raw»">card</data>')),
    ),
    (
        "html-og-title",
        "The number in a meta property",
        lambda w: _page(w, "<p>see above</p>", style=w('<meta property="og:title" content="credit card «pan»">')),
    ),
    (
        "html-ld-json",
        "schema.org data in a script, digits as \\u escapes",
        lambda w: _page(
            w,
            '<script type="application/ld+json">{"@type":"Order","paymentMethod":"credit card '
            + "".join(f"\\u{ord(d):04x}" for d in w("«raw»"))
            + '"}</script>',
        ),
    ),
    (
        "html-alt-groups",
        "Four pictures, each with a group as its alternative text",
        lambda w: _page(w, w('<p><img alt="«g1»"><img alt="«g2»"><img alt="«g3»"><img alt="«g4»"></p>')),
    ),
    (
        "html-picture-service",
        "A picture drawn by a service from the link's query",
        lambda w: _page(w, w('<img src="https://img.example/text?t=credit+card+«g1»+«g2»+«g3»+«g4»">')),
    ),
    (
        "html-attribute-twice",
        "The same attribute twice",
        lambda w: _page(w, w('<img alt="windmill" alt="credit card «pan»">')),
    ),
    (
        "html-svg-cdata",
        "CDATA in SVG text",
        lambda w: _page(w, w("<svg><text><![CDATA[credit card «g1»«g2»]]><![CDATA[«g3»«g4»]]></text></svg>")),
    ),
    (
        "html-form-action",
        "Form actions with the number in the query",
        lambda w: _page(
            w, w("<form action='/pay?credit+card=«raw»'><button formaction='/p?card=«dash»'>go</button></form>")
        ),
    ),
    (
        "html-sms-link",
        "An sms: link with an escaped body",
        lambda w: _page(w, "<a href='sms:+4930123456?&body=" + quote(w("credit card «pan»")) + "'>write</a>"),
    ),
    (
        "html-tel-in-words",
        "A tel: link with an innocent text under the words credit card",
        lambda w: _page(w, w('<p>call: <a href="tel:«g1»-«g2»-«g3»-«g4»">my credit card number</a></p>')),
    ),
    (
        "html-mailto-local",
        "A mailto: link whose local part is the number, escaped",
        lambda w: _page(
            w,
            "<p>credit card: <a href='mailto:"
            + "".join(f"%{ord(d):02X}" for d in w("«raw»"))
            + "@card.example'>here</a></p>",
        ),
    ),
    (
        "html-path",
        "The number as the path of a link under the words credit card",
        lambda w: _page(w, w("<p>credit card: <a href='https://pay.example/card/«g1»/«g2»/«g3»/«g4»'>here</a></p>")),
    ),
    (
        "html-table-rtl",
        "A table of one row from right to left",
        lambda w: _page(w, w("<table dir=rtl><tr><td>«g4»</td><td>«g3»</td><td>«g2»</td><td>«g1»</td></tr></table>")),
    ),
    (
        "html-iso-2022-jp-fonts",
        "A page in ISO-2022-JP, full-width digits with font tags between",
        lambda w: simple(
            "page",
            "<html><body><p>regards from the windmill</p>"
            + w("credit card ")
            + "<font color=red></font>".join(_wide(w("«raw»")))
            + "</body></html>\n",
            4,
            kind="text/html",
            charset="iso-2022-jp",
            codec="iso2022_jp",
            encoding="7bit",
        ),
    ),
    (
        "html-watch-part",
        "A branch for watches with the number split over tags in quoted-printable",
        lambda w: letter(
            head("offer", 3),
            multipart(
                "alternative",
                "=_wt7",
                [
                    part("hello from the windmill\n"),
                    part(
                        w("<p>credit card <b>«g1»</b>&#8203;<b>«g2»</b><i>«g3»</i>«g4»</p>\n"),
                        "text/x-amp-html",
                        encoding="quoted-printable",
                    ),
                    part("<p>hello from the windmill</p>\n", "text/html"),
                ],
            ),
        ),
    ),
)

_STYLES: tuple[Row, ...] = (
    (
        "css-mso-hide",
        "Decoys that Outlook hides (mso-hide:all)",
        lambda w: _page(w, "<p>" + _spans(w("«raw»"), "mso-hide:all;display:none") + "</p>"),
    ),
    (
        "css-max-height",
        "Decoys in boxes without height",
        lambda w: _page(w, "<p>" + _spans(w("«raw»"), "display:inline-block;max-height:0;overflow:hidden") + "</p>"),
    ),
    (
        "css-opacity",
        "Decoys of no opacity and no width",
        lambda w: _page(w, "<p>" + _spans(w("«raw»"), "opacity:0;position:absolute") + "</p>"),
    ),
    (
        "css-off-screen",
        "Decoys far left of the screen",
        lambda w: _page(w, "<p>" + _spans(w("«raw»"), "position:absolute;left:-9999px") + "</p>"),
    ),
    (
        "css-font-shorthand",
        "Decoys of size 0 by the font shorthand",
        lambda w: _page(w, "<p>" + _spans(w("«raw»"), "font:0/0 serif") + "</p>"),
    ),
    (
        "css-transparent",
        "Decoys in transparent colour out of the flow",
        lambda w: _page(w, "<p>" + _spans(w("«raw»"), "color:transparent;font-size:1px") + "</p>"),
    ),
    (
        "css-same-colour",
        "White decoys on white",
        lambda w: _page(
            w,
            "<p style='background:#fff'>" + "".join(f"{d}<font color='#ffffff'>9</font>" for d in w("«raw»")) + "</p>",
        ),
    ),
    (
        "css-attr-content",
        "Generated content taken from an attribute",
        lambda w: _page(
            w,
            "<p>" + "".join(f"<i data-x='{d}'></i>" for d in w("«raw»")) + "</p>",
            style="<style>i:before{content:attr(data-x)}</style>",
        ),
    ),
    (
        "css-counter",
        "Groups shown by counters",
        lambda w: _page(
            w,
            "<p><b class=a></b></p>",
            style=w(
                "<style>.a{counter-reset:p «g1» q «g2» r «g3» s «g4»}"
                ".a:before{content:'credit card ' counter(p) counter(q) counter(r) counter(s)}</style>"
            ),
        ),
    ),
    (
        "css-variables",
        "Generated content taken from custom properties",
        lambda w: _page(
            w,
            "<p><b class=a></b></p>",
            style=w(
                "<style>:root{--p:'«g1»';--q:'«g2»';--r:'«g3»';--s:'«g4»'}"
                ".a:before{content:'credit card ' var(--p) var(--q) var(--r) var(--s)}</style>"
            ),
        ),
    ),
    (
        "css-grid-column",
        "Groups placed by grid-column",
        lambda w: _page(
            w,
            w(
                "<div style='display:grid'>"
                "<b style='grid-column:4;grid-row:1'>«g4»</b><b style='grid-column:2;grid-row:1'>«g2»</b>"
                "<b style='grid-column:1;grid-row:1'>«g1»</b><b style='grid-column:3;grid-row:1'>«g3»</b></div>"
            ),
        ),
    ),
    (
        "css-svg-x",
        "SVG digits placed by x, out of order",
        lambda w: _page(
            w,
            "<svg><text>"
            + "".join(
                f"<tspan x='{n * 10}'>{d}</tspan>"
                for n, d in sorted(enumerate(w("«raw»")), key=lambda p: p[0] * 7 % 16)
            )
            + "</text></svg>",
        ),
    ),
    (
        "css-media-decoys",
        "Decoys in a class that a style sheet in a media rule hides",
        lambda w: _page(
            w,
            "<p>" + "".join(f"{d}<i class=d>9</i>" for d in w("«raw»")) + "</p>",
            style="<style>@media screen{i.d{display:none}}</style>",
        ),
    ),
    (
        "css-nested-quotes-import",
        "A style sheet as a data: link that hides decoys",
        lambda w: _page(
            w,
            "<p>" + "".join(f"{d}<i class=d>9</i>" for d in w("«raw»")) + "</p>",
            style="<link rel=stylesheet href='data:text/css,.d%7Bdisplay:none%7D'>",
        ),
    ),
)
_ROWS = (*_FIELDS, *_STRUCTURE, *_TEXTS, *_TAGS, *_STYLES)
_UNSEEN = frozenset(
    "binhex-in-quoted-printable calendar-parameter cesu-8 css-counter css-font-shorthand css-grid-column"
    " css-max-height css-media-decoys css-nested-quotes-import css-off-screen css-opacity css-same-colour"
    " css-svg-x css-transparent css-variables gmail-api-json html-ld-json html-table-rtl internet-shortcut"
    " mojibake-no-break mojibake-zero-width name-literal-percent rtf-escapes script-hex-escapes"
    " text-mailto-link unsubscribe-mailto-subject uu-in-base64-in-rfc822 whatsapp-link xhtml-own-entities"
    " yenc-in-base64".split()
)
_FULL = frozenset(
    [
        "inner-boundary-is-prefix",
        "inner-never-closed-base64",
        "delimiter-tabs-behind",
        "yenc-in-base64",
        "binhex-in-quoted-printable",
        "rfc822-lf-inside",
        "gmail-api-json",
    ]
)
_HOLD = frozenset({"tnef-in-rfc822"})
CASES = tuple(
    _case(
        number + 5,
        slug,
        what,
        make,
        unseen=slug in _UNSEEN,
        hold=slug in _HOLD,
        removed=ALL if slug in _FULL else ("pan",),
    )
    for number, (slug, what, make) in enumerate(_ROWS)
)

_ORDER = {"raw": "9841270655301126", "cvv": "box", "exp": "soon"}


def _about_an_order(text: str) -> str:
    """Write an order number into the tokens: no issuer's range, no Luhn digit, no word of cards."""
    number = _ORDER["raw"]
    groups = [number[n : n + 4] for n in range(0, 16, 4)]
    tokens = _ORDER | {"pan": " ".join(groups), "dash": "-".join(groups), "dot": ".".join(groups)}
    tokens |= {f"g{n}": group for n, group in enumerate(groups, 1)}
    for word_, other in (
        ("credit card", "order paper"),
        ("card", "note"),
        ("cvv", "see"),
        ("exp ", "to "),
        ("charge", "put"),
    ):
        text = text.replace(word_, other)
    for name, value in tokens.items():
        text = text.replace(f"«{name}»", value)
    return text


TWINS = tuple((slug, make(_about_an_order)) for slug, _, make in _ROWS)
"""The same messages without card data, by slug."""
