"""The eighth batch: neighbours of what the seventh had missed, written right after that was mended."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

from tests.golden.kit import Case, b64, crlf, head, letter, multipart, part, qp, simple, word
from tests.golden.recipes.fifth import SHORT, _body, _case, _each, _page, _wide
from tests.golden.recipes.seventh import _about_an_order, _file, _spans
from tests.golden.recipes.sixth import _text

Write = Callable[[str], str]


def _raw(w: Write, line: str, codec: str) -> bytes:
    """A message one of whose header lines is raw in ``codec``."""
    plain = letter(head("hello", 5), part("regards from the windmill\n"))
    return plain.replace(b"MIME-Version:", (w(line) + "\r\n").encode(codec) + b"MIME-Version:", 1)


_ROWS: tuple[tuple[str, str, Callable[[Write], bytes]], ...] = (
    (
        "from-raw-gbk",
        "Raw GBK full-width digits in a display name",
        lambda w: _raw(w, f"Reply-To: credit card {_wide(w('«raw»'))} <a@example.org>", "gb18030"),
    ),
    (
        "topic-raw-big5",
        "Raw Big5 full-width digits in Thread-Topic",
        lambda w: _raw(w, f"Thread-Topic: credit card {_wide(w('«raw»'))}", "big5hkscs"),
    ),
    (
        "file-name-raw-shift-jis",
        "A file name in raw Shift_JIS",
        lambda w: _file(w, "NAME", "application/octet-stream", b"\0\1nothing").replace(
            b"NAME", w(f"credit card {_wide(w('«raw»'))}.txt").encode("cp932")
        ),
    ),
    (
        "html-meta-shift-jis",
        "A page labelled us-ascii whose meta element says Shift_JIS",
        lambda w: _body(
            "Content-Type: text/html; charset=us-ascii\nContent-Transfer-Encoding: base64\n",
            b64(
                (
                    "<html><head><meta charset=shift_jis></head><body><p>regards from the windmill</p><p>"
                    + w("credit card ")
                    + _wide(w("«raw»"))
                    + "</p></body></html>"
                ).encode("cp932")
            ),
        ),
    ),
    (
        "html-callto",
        "A callto: link with escapes under the words credit card number",
        lambda w: _page(w, w('<p>credit card number <a href="callto:«g1»%20«g2»%20«g3»%20«g4»">here</a></p>')),
    ),
    (
        "css-nth-first",
        "Decoys in every odd place",
        lambda w: _page(
            w,
            "<p>" + "".join(f"<i>9</i><i>{d}</i>" for d in w("«raw»")) + "</p>",
            style="<style>p i:nth-child(2n+1){display:none}</style>",
        ),
    ),
    (
        "css-first-child",
        "Decoys that are the first child of every group",
        lambda w: _page(
            w,
            "<p>" + "".join(f"<b><i>9</i><u>{d}</u></b>" for d in w("«raw»")) + "</p>",
            style="<style>i:first-child{font-size:0}</style>",
        ),
    ),
    (
        "css-nth-of-class",
        "Decoys by class and place",
        lambda w: _page(
            w,
            "<p>" + "".join(f"<i class=q>{d}</i><i class=q>9</i>" for d in w("«raw»")) + "</p>",
            style="<style>.q:nth-of-type(even){visibility:hidden}</style>",
        ),
    ),
    (
        "svg-texts-by-x",
        "SVG texts of one digit each, placed by x",
        lambda w: _page(
            w,
            "<svg>"
            + "".join(
                f"<text x='{n * 12}px' y='9'>{d}</text>"
                for n, d in sorted(enumerate(w("«raw»")), key=lambda p: p[0] * 5 % 16)
            )
            + "</svg>",
        ),
    ),
    (
        "css-attr-title",
        "Groups shown from title attributes, decoys as text",
        lambda w: _page(
            w,
            w("<p><b title='«g1»'></b><b title='«g2»'></b><b title='«g3»'></b><b title='«g4»'></b></p>"),
            style="<style>b::after{content:'' attr(title)}</style>",
        ),
    ),
    (
        "svg-own-entities",
        "SVG whose entities hold entities that hold digits",
        lambda w: _file(
            w,
            "a.svg",
            "image/svg+xml",
            w(
                '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY p "«g1»"><!ENTITY q "&p;«g2»"><!ENTITY r \'«g3»\'>]>'
                '<svg xmlns="http://www.w3.org/2000/svg"><text>credit card &q;&r;«g4»</text></svg>'
            ).encode(),
        ),
    ),
    (
        "mojibake-in-page",
        "A page with the letter that a no-break space became, and another no-break space",
        lambda w: _page(w, w("<p>«g1»\u00c2&nbsp;«g2»\u00c2&nbsp;«g3»\u00c2&nbsp;«g4»</p>")),
    ),
    (
        "mojibake-twice",
        "No-break spaces that were encoded three times",
        lambda w: _text(
            w,
            "my credit card "
            + "\u00a0".encode().decode("latin-1").encode().decode("latin-1").join(w("«g1» «g2» «g3» «g4»").split(" ")),
        ),
    ),
    (
        "mojibake-dashes",
        "En dashes that were decoded as Windows-1252",
        lambda w: _text(w, "my credit card «g1»\u00e2\u20ac\u201c«g2»\u00e2\u20ac\u201c«g3»\u00e2\u20ac\u201c«g4»"),
    ),
    (
        "mojibake-subject",
        "An encoded word of text that had been decoded too often",
        lambda w: letter(
            head(word(w("credit card «g1»\u00c2\u00a0«g2»\u00c2\u00a0«g3»\u00c2\u00a0«g4»")), 5),
            part("regards from the windmill\n"),
        ),
    ),
    (
        "link-escaped-dashes",
        "A link in plain text with escaped hyphens between the groups",
        lambda w: _text(w, "https://form.example/?credit_card=«g1»%2D«g2»%2D«g3»%2D«g4»"),
    ),
    (
        "link-escapes-over-soft-break",
        "Percent escapes cut by soft breaks",
        lambda w: (
            simple(
                "order",
                "regards from the windmill\n" + w("https://form.example/?credit_card="),
                2,
                encoding="7bit",
            )
            .replace(b"Content-Transfer-Encoding: 7bit", b"Content-Transfer-Encoding: quoted-printable")
            .replace(b"credit_card=", b"credit_card=3D")
            .rstrip(b"\r\n")
            + "".join(f"%=\r\n{ord(d):02X}" for d in w("«raw»")).encode()
            + b"\r\n"
        ),
    ),
    (
        "vcard-caret",
        "vCard parameters with RFC 6868 escapes",
        lambda w: simple(
            "x",
            w(
                "BEGIN:VCARD\nVERSION:4.0\nFN:windmill\nADR;LABEL=\"credit card ^'«g1»^n«g2»^n«g3»^n«g4»^'\":;;;;;;\nEND:VCARD\n"
            ),
            2,
            kind="text/vcard",
        ),
    ),
    (
        "undecoded-soft-blanks",
        "A forwarded text in which quoted-printable was never decoded",
        lambda w: _text(w, "-----Original Message-----\nmy credit card=20\n«g1»=20«g2»=20=\n«g3»=A0«g4»=20\nbye"),
    ),
    (
        "line-separators",
        "Line separators and next-line characters between the groups",
        lambda w: _text(w, "my credit card «g1»\u2028«g2»\u0085«g3»\u2029«g4»"),
    ),
    (
        "parenthesized-digits",
        "Digits in parentheses as single characters",
        lambda w: _text(w, "my credit card " + "".join("0" if d == "0" else chr(0x2473 + int(d)) for d in w("«raw»"))),
    ),
    (
        "css-scale-zero",
        "Decoys scaled to nothing",
        lambda w: _page(w, "<p>" + _spans(w("«raw»"), "display:inline-block;transform:scale(0);width:0") + "</p>"),
    ),
    (
        "css-screen-reader-only",
        "Decoys for screen readers only",
        lambda w: _page(
            w,
            "<p>" + "".join(f"{d}<span class=sr-only>9</span>" for d in w("«raw»")) + "</p>",
            style="<style>.sr-only{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)}</style>",
        ),
    ),
    (
        "css-text-fill",
        "Decoys whose letters are filled with nothing",
        lambda w: _page(
            w, "<p>" + _spans(w("«raw»"), "-webkit-text-fill-color:transparent;letter-spacing:-1em") + "</p>"
        ),
    ),
    (
        "html-details-options",
        "Groups in a summary, an option, an output and a label",
        lambda w: _page(
            w,
            w(
                "<details open><summary>«g1»</summary><select><option>«g2»</select><output>«g3»</output>"
                "<label>«g4»</label></details>"
            ),
        ),
    ),
    (
        "eml-octets-in-base64",
        "A saved message under application/octet-stream, its own body quoted-printable in UTF-16",
        lambda w: _file(
            w,
            "old.eml",
            "application/octet-stream",
            letter(
                head("old", 2),
                crlf("Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: quoted-printable\n\n")
                + qp("".join(w(SHORT)).encode("utf-16-le").replace(b"\n\0", b" \0")),
            ),
        ),
    ),
    (
        "name-gbk-percent",
        "A file name in RFC 2231 percent escapes of GBK",
        lambda w: _file(w, "a.txt", "text/plain", b"nothing\r\n").replace(
            b'filename="a.txt"',
            b"filename*=gbk'zh'" + quote(w(f"credit card {_wide(w('«raw»'))}.txt").encode("gb18030")).encode(),
        ),
    ),
    (
        "alternative-utf-16-branch",
        "The HTML branch in UTF-16 with a mark, labelled utf-8, in base64",
        lambda w: letter(
            head("offer", 3),
            multipart(
                "alternative",
                "=_u8",
                [
                    part("hello from the windmill\n"),
                    crlf("Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n")
                    + b64(
                        b"\xfe\xff"
                        + ("<p>" + w("credit card ") + _each(w("«raw»"), "<b>", "</b>") + "</p>").encode("utf-16-be")
                    ),
                ],
            ),
        ),
    ),
    (
        "uri-base64-in-sheet",
        "A data: link in base64 in a style sheet's url()",
        lambda w: _page(
            w,
            "<p>see above</p>",
            style="<style>body{background:url(data:text/plain;base64,"
            + base64.b64encode(w("credit card «pan»").encode()).decode()
            + ")}</style>",
        ),
    ),
)
_UNSEEN = frozenset(
    "css-first-child css-nth-first css-nth-of-class css-scale-zero css-screen-reader-only css-text-fill"
    " link-escaped-dashes link-escapes-over-soft-break mojibake-dashes mojibake-in-page mojibake-subject"
    " mojibake-twice svg-own-entities svg-texts-by-x undecoded-soft-blanks uri-base64-in-sheet vcard-caret".split()
)
CASES: tuple[Case, ...] = tuple(
    _case(number + 11, slug, what, make, unseen=slug in _UNSEEN) for number, (slug, what, make) in enumerate(_ROWS)
)
TWINS = tuple((slug, make(_about_an_order)) for slug, _, make in _ROWS)
"""The same messages without card data, by slug."""
