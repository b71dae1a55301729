"""The sixth batch: neighbours of what the fifth had missed, and ordinary shapes that no earlier case has."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from urllib.parse import quote

from tests.golden.kit import Case, b64, crlf, head, letter, multipart, part, simple, word
from tests.golden.recipes.fifth import NOTE, SHORT, _body, _case, _each, _encoded, _headed, _page, _wide, _xxencode
from tests.golden.recipes.legacy import uuencode

Write = Callable[[str], str]
MILL = ("windmill",)


def _text(w: Write, text: str, **more: str) -> bytes:
    return simple("order", w("regards from the windmill\n" + text + "\n"), 2, **more)  # type: ignore[arg-type]


_ROWS: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "tel-link-and-text",
        "A data detector made a tel: link of the number",
        lambda w: _page(w, w('<p>credit card <a href="tel:«raw»">«pan»</a></p>')),
    ),
    (
        "asterisks",
        "Groups in asterisks, as webmail writes bold text",
        lambda w: _text(w, "my credit card *«g1»* *«g2»* *«g3»* *«g4»*"),
    ),
    (
        "thin-spaces",
        "Thin, figure and six-per-em spaces between the groups",
        lambda w: _text(w, "my credit card «g1»\u2009«g2»\u2007«g3»\u2006«g4»"),
    ),
    (
        "middle-dots",
        "Middle dots and a hyphenation point between the groups",
        lambda w: _text(w, "my credit card «g1»·«g2»‧«g3»·«g4»"),
    ),
    (
        "hangul-filler",
        "Hangul fillers between the digits",
        lambda w: _text(w, "my credit card " + "\u3164".join(w("«raw»"))),
    ),
    (
        "braille-blank",
        "Braille blanks between the groups",
        lambda w: _text(w, "my credit card «g1»\u2800«g2»\u2800«g3»\u2800«g4»"),
    ),
    (
        "grapheme-joiner",
        "Combining grapheme joiners and selectors U+E0100",
        lambda w: _text(w, "my credit card " + "\u034f\U000e0100".join(w("«raw»")), encoding="base64"),
    ),
    (
        "isolates",
        "Bidirectional isolates around every group",
        lambda w: _text(w, "my credit card \u2066«g1»\u2069 \u2067«g2»\u2069 \u2068«g3»\u2069 \u2066«g4»\u2069"),
    ),
    (
        "bare-keycaps",
        "U+20E3 without a selector behind every digit",
        lambda w: _text(w, "my credit card " + _each(w("«raw»"), "", "\u20e3"), encoding="quoted-printable"),
    ),
    (
        "ascii-table",
        "A table drawn with pipes",
        lambda w: _text(
            w,
            "+------+------+------+------+\n| «g1» | «g2» | «g3» | «g4» |\n+------+------+------+------+\nmy credit card",
        ),
    ),
    (
        "markdown-table",
        "A Markdown table with the number in one cell",
        lambda w: _text(w, "| credit card | expires |\n|---|---|\n| «pan» | «exp» |", kind="text/markdown"),
    ),
    (
        "utf-16-page",
        "A page in UTF-16LE with a mark, as an attachment of no type",
        lambda w: letter(
            head("file", 6),
            multipart(
                "mixed",
                "u16",
                [
                    part("hello from the windmill\n"),
                    crlf("Content-Type: application/octet-stream; name=page.htm\nContent-Transfer-Encoding: base64\n\n")
                    + b64(
                        b"\xff\xfe"
                        + w("<html><p>credit card <b>«g1»</b><i>«g2»</i>«g3»«g4»</p></html>").encode("utf-16-le")
                    ),
                ],
            ),
        ),
    ),
    (
        "excel-unicode-text",
        "Excel's Unicode text: UTF-16 with tabs",
        lambda w: letter(
            head("file", 6),
            multipart(
                "mixed",
                "xut",
                [
                    part("hello from the windmill\n"),
                    crlf("Content-Type: text/csv; name=cards.csv\nContent-Transfer-Encoding: base64\n\n")
                    + b64(b"\xff\xfe" + w("name\tcredit card\texpires\r\nTom\t«raw»\t«exp»\r\n").encode("utf-16-le")),
                ],
            ),
        ),
    ),
    (
        "label-utf-16-over-ascii",
        "charset=utf-16 over plain ASCII",
        lambda w: _body("Content-Type: text/plain; charset=utf-16\n", crlf(w(SHORT))),
    ),
    (
        "utf-7-spaces",
        "UTF-7 in which only the blanks are shifted",
        lambda w: _body(
            "Content-Type: text/plain; charset=utf-7\n",
            crlf(w("regards from the windmill, my credit card «g1»+ACA-«g2»+AKA-«g3»+ACA-«g4»\n")),
        ),
    ),
    (
        "data-uri-in-text",
        "A data: URI in the middle of a plain line",
        lambda w: _text(
            w,
            "open data:text/plain;base64,"
            + base64.b64encode(w("credit card «pan» exp «exp»").encode()).decode()
            + " please",
        ),
    ),
    (
        "base64-of-data-uri",
        "Base64 of a page with a data: URI of a page with entities",
        lambda w: _page(
            w,
            '<a href="data:text/html;base64,'
            + base64.b64encode(
                ("<p>credit card " + "".join(f"&#{ord(d)};" for d in w("«raw»")) + "</p>").encode()
            ).decode()
            + '">x</a>',
        ),
    ),
    (
        "pem-note",
        "Base64 in a PEM frame",
        lambda w: _text(
            w, "-----BEGIN NOTE-----\n" + b64(w(SHORT * 2).encode(), 64, b"\n").decode() + "-----END NOTE-----"
        ),
    ),
    (
        "applesingle",
        "AppleSingle with a text in its data fork",
        lambda w: letter(
            head("file", 6),
            multipart(
                "mixed",
                "asf",
                [
                    part("hello from the windmill\n"),
                    crlf("Content-Type: application/applefile; name=note\nContent-Transfer-Encoding: base64\n\n")
                    + b64(
                        bytes.fromhex("00051600000200000000000000000000000000000000000000010000000100000026")
                        + (200).to_bytes(4, "big")
                        + w(SHORT).encode()
                    ),
                ],
            ),
        ),
    ),
    (
        "auth-results-comment",
        "The number in a comment of Authentication-Results",
        lambda w: _headed(
            w, "Authentication-Results: mx.example.net; spf=pass (credit card «pan») smtp.mailfrom=example.net\n"
        ),
    ),
    (
        "vml-textpath",
        "A number drawn by VML inside a conditional comment",
        lambda w: _page(w, w('<!--[if vml]><v:shape><v:textpath string="credit card «pan»"/></v:shape><![endif]-->')),
    ),
    (
        "paragraph-per-group",
        "Each group in a paragraph of its own",
        lambda w: _page(w, w("<p>«g1»</p><p>«g2»</p><p>«g3»</p><p>«g4»</p>")),
    ),
    (
        "spans-and-nbsp",
        "Groups in spans with a no-break space in a span between",
        lambda w: _page(
            w,
            w(
                "<p><span>«g1»</span><span>&nbsp;</span><span>«g2»</span><span>&#160;</span><span>«g3»</span><span> </span><span>«g4»</span></p>"
            ),
            encoding="quoted-printable",
        ),
    ),
    (
        "ics-octet-stream",
        "A calendar under application/octet-stream with folds in the number",
        lambda w: letter(
            head("file", 6),
            multipart(
                "mixed",
                "iob",
                [
                    part("hello from the windmill\n"),
                    crlf("Content-Type: application/octet-stream; name=a.ics\nContent-Transfer-Encoding: base64\n\n")
                    + b64(
                        crlf(
                            w(
                                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDESCRIPTION:credit card «g1»«g2»\n «g3»\n «g4»\nEND:VEVENT\nEND:VCALENDAR\n"
                            )
                        )
                    ),
                ],
            ),
        ),
    ),
    (
        "cr-only-attachment",
        "A text attachment with CR line ends only",
        lambda w: letter(
            head("file", 6),
            multipart(
                "mixed",
                "cro",
                [
                    part("hello from the windmill\n"),
                    crlf(
                        "Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n"
                    )
                    + b64(w("my credit card\r«g1» «g2»\r«g3» «g4»\rbye\r").encode()),
                ],
            ),
        ),
    ),
    (
        "word-underscores",
        "A Q word whose groups are parted by escaped underscores",
        lambda w: _headed(w, "X-Remark: =?utf-8?Q?credit_card_«g1»=5F«g2»=5F«g3»=5F«g4»?=\n"),
    ),
    (
        "word-three-deep",
        "An encoded word in an encoded word in an encoded word",
        lambda w: _headed(w, "X-Remark: " + word(word(w("credit card «pan»")), how="Q") + "\n"),
    ),
    (
        "field-name-digits-decoded",
        "A field name of digits with dots and an escape in its value",
        lambda w: _headed(w, "X.«dot»: credit card\n"),
    ),
    (
        "machine-field-folded",
        "The number over folds of ARC-Seal",
        lambda w: _headed(
            w,
            "ARC-Seal: i=1; a=rsa-sha256; d=example.net; s=x; cv=none; b=AAAA;\n n=credit card «g1»\n «g2»\n «g3» «g4»\n",
        ),
    ),
    (
        "x-face-words",
        "X-Face as an encoded word",
        lambda w: _headed(w, "X-Face: " + word(w("my credit card «pan»")) + "\n"),
    ),
    (
        "feedback-link",
        "A Feedback-ID and a List-Help with escapes",
        lambda w: _headed(
            w,
            "List-Help: <https://example.org/?q=credit%20card%20"
            + "%20".join(_each(w(f"«g{n}»"), "%3") for n in range(1, 5))
            + ">\n",
        ),
    ),
    (
        "xx-in-base64",
        "An xxencoded file in a base64 text",
        lambda w: simple(
            "x", "hello from the windmill\n\n" + _xxencode(crlf(w(NOTE * 2)), "a.txt").decode(), 2, encoding="base64"
        ),
    ),
    (
        "uu-utf-16",
        "A uuencoded text in UTF-16",
        lambda w: (
            simple("x", "hello from the windmill\n", 2)
            + uuencode(b"\xff\xfe" + w(SHORT * 2).encode("utf-16-le"), "a.txt")
        ),
    ),
    (
        "vcard-qp-charset",
        "vCard 2.1 NOTE in quoted-printable of full-width digits",
        lambda w: simple(
            "x",
            "BEGIN:VCARD\nVERSION:2.1\nFN:windmill\nNOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:card=20"
            + "=\n".join("".join(f"={b:02X}" for b in ch.encode()) for ch in _wide(w("«raw»")))
            + "\nEND:VCARD\n",
            2,
            kind="text/x-vcard",
        ),
    ),
    (
        "calendar-page-escaped",
        "X-ALT-DESC with escaped commas and tags in the number",
        lambda w: simple(
            "x",
            w(
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:windmill\nX-ALT-DESC;FMTTYPE=text/html:<p>credit card: <b>«g1»</b>\n  <i>«g2»</i>\\, thanks\\n«g3»<u>«g4»</u></p>\nEND:VEVENT\nEND:VCALENDAR\n"
            ).replace("\\, thanks\\n", "&nbsp;\n "),
            2,
            kind="text/calendar",
        ),
    ),
    (
        "float-in-sheet",
        "Digits floated by a class",
        lambda w: _page(
            w,
            "<div>" + "".join(f"<span class=f>{d}</span>" for d in reversed(w("«raw»"))) + "</div>",
            style="<style>span.f{float:right}</style>",
        ),
    ),
    (
        "order-single-digits",
        "Every digit placed by the order property",
        lambda w: _page(
            w,
            "<div style='display:flex'>"
            + "".join(
                f"<b style='order:{n}'>{d}</b>" for n, d in sorted(enumerate(w("«raw»")), key=lambda p: (p[0] * 7) % 16)
            )
            + "</div>",
        ),
    ),
    (
        "left-in-percent",
        "Digits placed by left in per cent, out of order",
        lambda w: _page(
            w,
            "<div style='position:relative'>"
            + "".join(
                f"<i style='position:absolute;left:{n * 5}%'>{d}</i>"
                for n, d in sorted(enumerate(w("«raw»")), key=lambda p: (p[0] * 5) % 16)
            )
            + "</div>",
        ),
    ),
    (
        "ruby-words",
        "Ruby whose annotations are digits of another number",
        lambda w: _page(w, "<p><ruby>" + "".join(f"<rb>{d}<rt>{9 - int(d)}</rt>" for d in w("«raw»")) + "</ruby></p>"),
    ),
    (
        "generated-one-class",
        "Generated content that holds whole groups",
        lambda w: _page(
            w,
            "<p><i class=a></i><i class=b></i></p>",
            style=w("<style>.a:after{content:'credit card «g1» «g2»'}.b:before{content:' «g3» «g4»'}</style>"),
        ),
    ),
    (
        "srcdoc-data",
        "A frame's srcdoc with a data: link inside",
        lambda w: _page(
            w,
            '<iframe srcdoc="'
            + html.escape('<a href="data:text/plain,' + quote(w("credit card «pan»")) + '">x</a>')
            + '"></iframe>',
        ),
    ),
    (
        "mid-line-quoted-printable",
        "A delimiter in mid-line before a quoted-printable part",
        lambda w: _body(
            "Content-Type: multipart/mixed; boundary=bnd\n",
            crlf("--bnd\n")
            + part(
                "hello from the windmill --bnd\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
                + w("credit card =\n")
                + _each(w("«raw»"), "=3")
                + "\n"
            )
            + crlf("\n--bnd--\n"),
        ),
    ),
    (
        "encoding-quoted-apart",
        'Content-Transfer-Encoding: "base" "64"',
        lambda w: _encoded('Content-Transfer-Encoding: "base" "64"', w),
    ),
    (
        "encoding-three",
        "Three encodings in one value, base64 last",
        lambda w: _encoded("Content-Transfer-Encoding: 8bit; binary base64", w),
    ),
    (
        "report-ambiguous",
        "A delivery report with a blank before a colon",
        lambda w: letter(
            head("bounce", 4, "X-Odd : 1\n"),
            multipart(
                "report",
                "ram",
                [
                    part("sorry, windmill\n"),
                    crlf(
                        w(
                            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; a@example.com\nAction: failed\nDiagnostic-Code: smtp; 554 credit card «pan»\n"
                        )
                    ),
                ],
                extra="; report-type=delivery-status",
            ),
        ),
    ),
)
_WORDLESS = frozenset("generated-one-class".split())
_UNSEEN = frozenset(
    "hangul-filler data-uri-in-text base64-of-data-uri pem-note xx-in-base64 vcard-qp-charset order-single-digits"
    " left-in-percent ruby-words generated-one-class encoding-three".split()
)
CASES = tuple(
    _case(number + 3, slug, what, make, survive=() if slug in _WORDLESS else MILL, unseen=slug in _UNSEEN)
    for number, (slug, what, make) in enumerate(_ROWS)
)
