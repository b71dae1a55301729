"""Cases from before MIME settled, and from mailers that never did: uuencode, yEnc, BinHex, old charsets, old habits."""

from __future__ import annotations

import base64
import binascii
import zlib

from tests.golden.kit import ALL, Case, at, b64, crlf, fill, head, letter, multipart, part, qp, simple

ASK = "please use credit card «pan» exp «exp» cvv «cvv»\nkind regards from the boat house\n"


def uuencode(data: bytes, name: str, *, end: bool = True) -> bytes:
    """Return a uuencoded block with CRLF lines."""
    lines = [binascii.b2a_uu(data[n : n + 45]).rstrip(b"\n") for n in range(0, len(data), 45)]
    tail = [b"`", b"end"] if end else []
    return b"".join(line + b"\r\n" for line in [b"begin 644 " + name.encode(), *lines, *tail])


def yenc(data: bytes, name: str) -> bytes:
    """Return a single-part yEnc block."""
    coded = b""
    for byte in data:
        value = (byte + 42) % 256
        coded += bytes([61, (value + 64) % 256]) if value in (0, 10, 13, 61) else bytes([value])
    lines = [coded[n : n + 128] for n in range(0, len(coded), 128)]
    assert not any(line.startswith(b".") or line.endswith(b"=") for line in lines)
    head_line = f"=ybegin line=128 size={len(data)} name={name}".encode()
    tail = f"=yend size={len(data)} crc32={zlib.crc32(data):08x}".encode()
    return b"".join(line + b"\r\n" for line in [head_line, *lines, tail])


def binhex(data: bytes, name: str) -> bytes:
    """Return a BinHex 4.0 block (RFC 1741)."""
    table = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
    header = bytes([len(name)]) + name.encode() + b"\0TEXTttxt\0\0" + len(data).to_bytes(4, "big") + bytes(4)
    crc = lambda piece: binascii.crc_hqx(piece, 0).to_bytes(2, "big")  # noqa: E731 (two uses, one line)
    plain = header + crc(header) + data + crc(data) + crc(b"")
    plain = plain.replace(b"\x90", b"\x90\x00")
    bits = "".join(f"{byte:08b}" for byte in plain)
    bits += "0" * (-len(bits) % 6)
    code = bytes(table[int(bits[n : n + 6], 2)] for n in range(0, len(bits), 6))
    text = b":" + code + b":"
    lines = [text[n : n + 64] for n in range(0, len(text), 64)]
    return b"(This file must be converted with BinHex 4.0)\r\n\r\n" + b"\r\n".join(lines) + b"\r\n"


def _utf7(text: str) -> bytes:
    """Return UTF-7 in which every digit is shifted, as no sane mailer writes it but every decoder reads it."""
    out = b""
    for ch in text:
        if ch.isdigit():
            out += b"+" + base64.b64encode(ch.encode("utf-16-be")).rstrip(b"=") + b"-"
        else:
            out += ch.encode("utf-7")
    return out


def _charset(
    slug: str,
    what: str,
    card: str,
    charset: str,
    codec: str,
    text: str,
    word: str,
    n: int,
    *,
    encoding: str = "base64",
    kinds: tuple[str, ...] = ALL,
    unseen: bool = False,
) -> Case:
    """Return a case of one text part in ``codec`` under the label ``charset``."""
    data = fill(card, text).replace("\n", "\r\n").encode(codec)
    raw = letter(head("order", n), part(data, f"text/plain; charset={charset}", "", encoding))
    return Case(slug, what, raw, card, at(kinds, "body"), (word,) if word else (), unseen=unseen)


CASES = (
    Case(
        "uuencode-inline",
        "uuencoded text file inside a plain text mail",
        letter(
            head("list", 0, mime=False),
            crlf("\nHere is the list you wanted\n\n")
            + uuencode(
                fill("visa-1", "name;card;exp\r\nWeber;«raw»;«exp»\r\ncredit card «pan»\r\n").encode(), "cards.txt"
            )
            + crlf("\nbest wishes\n"),
        ),
        "visa-1",
        ("pan",),
        ("wanted", "best wishes"),
        hold=True,
    ),
    Case(
        "uuencode-no-end",
        "uuencoded block without end line, after quoted text",
        letter(
            head("list", 1),
            crlf("Content-Type: text/plain\n\n> where is the list?\nhere:\n")
            + uuencode(fill("mastercard-1", "credit card «raw» exp «exp»\r\n").encode() * 2, "my list.txt", end=False),
        ),
        "mastercard-1",
        ("pan",),
        ("where is the list",),
        hold=True,
    ),
    Case(
        "x-uuencode-encoding",
        "Content-Transfer-Encoding x-uuencode on an attachment",
        letter(
            head("list", 2),
            multipart(
                "mixed",
                "uu-b",
                [
                    part("attached\n"),
                    crlf(
                        'Content-Type: text/plain; name="c.txt"\nContent-Transfer-Encoding: x-uuencode\nContent-Disposition: attachment; filename="c.txt"\n\n'
                    )
                    + uuencode(fill("visa-2", "credit card «pan» exp «exp»\r\n").encode(), "c.txt"),
                ],
            ),
        ),
        "visa-2",
        ("pan",),
        ("attached",),
        hold=True,
    ),
    Case(
        "yenc-inline",
        "yEnc block inside a text mail",
        letter(
            head("list", 3),
            crlf("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nyenc follows\n\n")
            + yenc(fill("visa-3", "credit card «pan» exp «exp» cvv «cvv»\r\n").encode(), "c.txt"),
        ),
        "visa-3",
        ("pan",),
        ("follows",),
        hold=True,
        unseen=False,
    ),
    Case(
        "binhex-attachment",
        "BinHex 4.0 file (application/mac-binhex40)",
        letter(
            head("from the Mac", 4),
            multipart(
                "mixed",
                "hqx",
                [
                    part("file attached\n"),
                    crlf('Content-Type: application/mac-binhex40; name="c.hqx"\nContent-Transfer-Encoding: 7bit\n\n')
                    + binhex(fill("visa-4", "credit card «pan» exp «exp»\r").encode(), "c.txt"),
                ],
            ),
        ),
        "visa-4",
        ("pan",),
        ("file attached",),
        hold=True,
        unseen=True,
    ),
    Case(
        "sun-attachment",
        "X-Sun-Attachment type: mailtool's ---------- parts",
        letter(
            head("from the Sparc", 0, mime=False),
            crlf(
                "Content-Type: X-sun-attachment\n\n----------\nX-Sun-Data-Type: text\nX-Sun-Data-Description: text\nX-Sun-Data-Name: text\nX-Sun-Charset: us-ascii\nX-Sun-Content-Lines: 2\n\n"
                + fill("visa-5", ASK)
            ),
        ),
        "visa-5",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "content-type-bare-text",
        "Content-Type: text (RFC 1049 style), no MIME-Version",
        letter(head("order", 1, mime=False), crlf("Content-Type: text\n\n" + fill("mastercard-2", ASK))),
        "mastercard-2",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "encoding-8-bit-misspelt",
        "Content-Transfer-Encoding: 8-bit",
        letter(
            head("order", 2),
            crlf("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8-bit\n\n")
            + crlf(fill("mastercard-3", "Grüße, " + ASK), "latin-1"),
        ),
        "mastercard-3",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "us-ascii-with-8bit",
        "us-ascii label over Windows-1252 text",
        letter(
            head("order", 3),
            crlf("Content-Type: text/plain; charset=us-ascii\n\n")
            + crlf(fill("mastercard-4", "Küche – " + ASK), "cp1252"),
        ),
        "mastercard-4",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "unknown-8bit",
        "charset=unknown-8bit with Latin-1 text",
        letter(
            head("order", 4),
            crlf("Content-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: 8bit\n\n")
            + crlf(fill("amex-2", "Öfen, " + ASK), "latin-1"),
        ),
        "amex-2",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "raw-8bit-subject",
        "Unencoded Latin-1 bytes in Subject beside the number",
        letter(
            "From: Tom <tom@example.com>\nTo: orders@shop.example\nDate: Tue, 14 Oct 2025 09:12:44 +0200\nMessage-ID: <r8@example.com>\n",
            b"Subject: K\xfcche, card "
            + fill("visa-1", "«pan»").encode()
            + crlf("\nMIME-Version: 1.0\n")
            + part("see above, kettle\n"),
        ),
        "visa-1",
        ("pan header:subject",),
        ("kettle",),
    ),
    _charset("utf-16-bom", "UTF-16 with byte order mark", "visa-1", "utf-16", "utf-16", ASK, "boat house", 5),
    _charset(
        "utf-16le-label", "UTF-16LE without BOM, labelled", "visa-2", "utf-16le", "utf-16-le", ASK, "boat house", 6
    ),
    _charset("utf-16be-unlabelled", "UTF-16BE bytes labelled utf-8", "visa-3", "utf-8", "utf-16-be", ASK, "", 7),
    _charset(
        "utf-16-no-bom",
        "charset=utf-16 without BOM is big endian (RFC 2781 §4.3)",
        "visa-4",
        "utf-16",
        "utf-16-be",
        ASK,
        "",
        8,
    ),
    _charset("utf-32", "UTF-32 with byte order mark", "visa-5", "utf-32", "utf-32", ASK, "boat house", 9),
    Case(
        "utf-7-shifted-digits",
        "UTF-7 in which every digit is a shift sequence",
        letter(
            head("order", 10),
            crlf("Content-Type: text/plain; charset=utf-7\nContent-Transfer-Encoding: 7bit\n\n")
            + _utf7(fill("visa-1", ASK).replace("\n", "\r\n")),
        ),
        "visa-1",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "utf-7-one-run",
        "UTF-7, label in capitals, umlauts and the whole number in one shift",
        letter(
            head("order", 11),
            crlf("Content-Type: text/plain; charset=UNICODE-1-1-UTF-7\nContent-Transfer-Encoding: 7bit\n\n")
            + crlf(fill("visa-2", "Gr+APw-e, card +").encode())
            + base64.b64encode(fill("visa-2", "«raw»").encode("utf-16-be")).rstrip(b"=")
            + crlf("- from the boat house\n"),
        ),
        "visa-2",
        ("pan",),
        ("boat house",),
    ),
    _charset(
        "hz-gb-2312",
        "HZ-GB-2312 (RFC 1843)",
        "unionpay-1",
        "hz-gb-2312",
        "hz",
        "信用卡号 «pan» 有效期 «exp» 谢谢\n",
        "",
        12,
        encoding="7bit",
        kinds=("pan", "expiry"),
    ),
    _charset(
        "iso-2022-kr",
        "ISO-2022-KR",
        "jcb-2",
        "iso-2022-kr",
        "iso2022_kr",
        "카드번호 «pan» 감사합니다\n",
        "",
        13,
        encoding="7bit",
        kinds=("pan",),
    ),
    _charset(
        "euc-kr",
        "EUC-KR, quoted-printable",
        "jcb-1",
        "euc-kr",
        "euc_kr",
        "카드번호 «pan» 유효기간 «exp» 감사합니다\n",
        "감사합니다",
        14,
        encoding="quoted-printable",
        kinds=("pan", "expiry"),
    ),
    _charset(
        "shift-jis",
        "Shift_JIS 8bit",
        "jcb-2",
        "Shift_JIS",
        "cp932",
        "クレジットカード番号: «pan» 有効期限: «exp»\nよろしく\n",
        "よろしく",
        15,
        encoding="8bit",
        kinds=("pan", "expiry"),
    ),
    _charset(
        "euc-jp",
        "EUC-JP base64 with full-width digits",
        "jcb-1",
        "euc-jp",
        "euc_jp",
        "カード番号：３５３０　１１１３　３３３０　００００\nありがとう\n",
        "ありがとう",
        16,
        kinds=("pan",),
    ),
    _charset(
        "big5",
        "Big5 with full-width digits",
        "visa-2",
        "big5",
        "big5",
        "信用卡卡號：４０１２８８８８８８８８１８８１ 謝謝\n",
        "謝謝",
        17,
        kinds=("pan",),
    ),
    _charset("ebcdic-037", "EBCDIC (cp037), base64", "visa-3", "ibm037", "cp037", ASK, "", 18),
    _charset(
        "ebcdic-500",
        "EBCDIC (cp500), quoted-printable",
        "visa-4",
        "cp500",
        "cp500",
        ASK.replace("\n", " "),
        "",
        19,
        encoding="quoted-printable",
    ),
    _charset(
        "windows-874-thai",
        "Thai digits in TIS-620",
        "visa-5",
        "tis-620",
        "tis_620",
        "บัตรเครดิต ๔๙๑๗ ๖๑๐๐ ๐๐๐๐ ๐๐๐๐ ขอบคุณ\n",
        "ขอบคุณ",
        20,
        kinds=("pan",),
    ),
    _charset(
        "macintosh",
        "Mac OS Roman",
        "mastercard-1",
        "macintosh",
        "mac_roman",
        "Crème brûlée. " + ASK,
        "boat house",
        21,
        encoding="quoted-printable",
    ),
    _charset(
        "koi8-u-mislabelled",
        "KOI8-U labelled utf-8",
        "mir-1",
        "utf-8",
        "koi8_u",
        "картка «pan» термін дії «exp»\n",
        "",
        22,
        encoding="8bit",
        kinds=("pan",),
    ),
    Case(
        "charset-unknown",
        "A charset nobody knows (x-mac-klingon)",
        letter(
            head("order", 23),
            part(
                fill("elo-1", ASK).encode().replace(b"\n", b"\r\n"), "text/plain; charset=x-mac-klingon", "", "base64"
            ),
        ),
        "elo-1",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "charset-quoted-comment",
        'charset="us-ascii" (Plain text) with a comment, from RFC 2045 §5.1',
        letter(
            head("order", 24),
            crlf('Content-Type: text/plain; charset="us-ascii" (Plain text)\n\n' + fill("discover-1", ASK)),
        ),
        "discover-1",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "mime-version-comment",
        "MIME-Version with comments, RFC 2045 §4",
        letter(
            head("order", 25, mime=False),
            crlf(
                "MIME-Version: (produced by MetaSend Vx.x) 1.0\nContent-type: TEXT/PLAIN; CHARSET=US-ASCII\nContent-transfer-encoding: QUOTED-PRINTABLE\n\n"
                + fill("discover-2", "card =\n«g1» «g2»=20=\n«g3» «g4»\nfrom the boat house\n")
            ),
        ),
        "discover-2",
        ("pan",),
        ("boat house",),
    ),
    Case(
        "content-md5-length",
        "Content-MD5, Content-Length and Lines must not lie after redaction",
        letter(
            head("order", 26) + "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\nContent-Length: 84\nLines: 2\n",
            part(fill("visa-1", ASK)),
        ),
        "visa-1",
        at(ALL, ""),
        ("boat house",),
    ),
    Case(
        "rfc934-digest",
        "RFC 934 forward: -- lines, dash-stuffed",
        letter(
            head("fwd", 27, mime=False),
            crlf(
                "\nsee this\n\n------- Forwarded Message\n\nFrom: tom@example.com\nSubject: card\n\n"
                + fill("visa-2", "- -my credit card is «pan»\nexp «exp»\n")
                + "\n------- End of Forwarded Message\n"
            ),
        ),
        "visa-2",
        ("pan", "expiry"),
        ("see this",),
    ),
    Case(
        "rtf-as-text",
        "application/rtf attachment with a hex escape inside the number",
        letter(
            head("rtf", 28),
            multipart(
                "mixed",
                "rtf-b",
                [
                    part("rtf attached\n"),
                    part(
                        fill(
                            "visa-3",
                            "{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}\\f0\\fs20 my credit card: «g1» \\b «g2»\\b0  \\'34\\'32\\'34\\'32 «g4» thanks\\par}",
                        ).encode(),
                        'application/rtf; name="letter.rtf"',
                        "",
                        "base64",
                        extra='Content-Disposition: attachment; filename="letter.rtf"\n',
                    ),
                ],
            ),
        ),
        "visa-3",
        ("pan",),
        ("rtf attached",),
        hold=True,
        unseen=True,
    ),
    Case(
        "html-meta-charset",
        "HTML in cp1251 with the charset only in <meta>",
        letter(
            head("order", 29),
            crlf("Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n")
            + qp(
                crlf(
                    fill(
                        "mir-1",
                        '<html><head><meta charset="windows-1251"></head><body>номер карты: «pan»<br>спасибо</body></html>\n',
                    ),
                    "cp1251",
                )
            ),
        ),
        "mir-1",
        ("pan",),
    ),
    Case(
        "quoted-reply-three-deep",
        "Number wrapped by reply quoting: > > > across lines",
        simple(
            "Re: Re: Re: order",
            fill(
                "visa-4",
                "> > > my credit card number is «g1» «g2»\n> > > «g3» «g4» exp «exp»\n> > ok\n> fine\nbye from the boat house\n",
            ),
            30,
        ),
        "visa-4",
        ("pan", "expiry"),
        ("boat house",),
    ),
    Case(
        "track-data",
        "A swiped card: track 1 and track 2 pasted into the mail",
        simple(
            "swipe",
            fill(
                "visa-1",
                "swiped at the till:\n%B«raw»^WEBER/ANNA^3003101000000000?\n;«raw»=30031010000000?\nreceipt printed\n",
            ),
            31,
        ),
        "visa-1",
        ("track",),
        ("receipt printed",),
    ),
    Case(
        "gzip64",
        "Content-Transfer-Encoding: gzip64 (an old proposal some gateways use)",
        letter(
            head("order", 32),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: x-gzip64\n\n")
            + b64(zlib.compress(fill("visa-5", ASK).encode(), wbits=31)),
        ),
        "visa-5",
        ("pan",),
        hold=True,
        unseen=True,
    ),
)
