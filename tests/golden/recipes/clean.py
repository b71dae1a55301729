"""Clean mail that must come out as the very same bytes: signed, encrypted, odd, and full of numbers that are no cards.

Sorted into the provenance folders like the rest; kept in one file because they share one promise.
"""

from __future__ import annotations

import base64
import datetime
import random
from unittest import mock

import dkim
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from tests.golden.kit import HERE, Case, b64, crlf, head, letter, multipart, part, qp, simple, word

KEY = HERE / "dkim-test-key.pem"
ORDER = "Hello,\n\nwhere is my order 20251014-778812? I paid last week.\n\nBest wishes\nAnna\n"


def sealed(message: bytes, canonicalization: tuple[bytes, bytes] = (b"relaxed", b"relaxed")) -> bytes:
    """Return the message with a DKIM signature by the test key, made at a fixed time."""
    with mock.patch("dkim.time.time", return_value=1760425964):
        signature: bytes = dkim.sign(
            message,
            b"golden",
            b"example.net",
            KEY.read_bytes(),
            canonicalize=canonicalization,
            include_headers=[b"from", b"to", b"subject", b"date"],
        )
    return signature + message


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = (
        bytes([size])
        if size < 128
        else (lambda n: bytes([0x80 | len(n)]) + n)(size.to_bytes((size.bit_length() + 7) // 8, "big"))
    )
    return bytes([tag]) + length + content


_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")


def opaque(entity: bytes) -> bytes:
    """Return CMS signed-data (DER, no signers) that carries ``entity``."""
    inner = _der(0x30, _DATA + _der(0xA0, _der(0x04, entity)))
    return _der(
        0x30, _SIGNED_DATA + _der(0xA0, _der(0x30, b"\x02\x01\x01" + _der(0x31, b"") + inner + _der(0x31, b"")))
    )


def constructed(entity: bytes) -> bytes:
    """Return the same in BER: indefinite lengths, octet string in pieces of 40 bytes."""
    pieces = b"".join(_der(0x04, entity[n : n + 40]) for n in range(0, len(entity), 40))
    end = b"\0\0"
    inner = b"\x30\x80" + _DATA + b"\xa0\x80\x24\x80" + pieces + end * 3
    return b"\x30\x80" + _SIGNED_DATA + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00" + inner + b"\x31\x00" + end * 3


def _smime(entity: bytes) -> bytes:
    """Return a multipart/signed body made by cryptography with the test key (no attributes: same bytes each time)."""
    key = serialization.load_pem_private_key(KEY.read_bytes(), None)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Golden Test")])
    day = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())  # type: ignore[arg-type]
        .serial_number(77)
        .not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())  # type: ignore[arg-type]
    )
    signature = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(entity)
        .add_signer(certificate, key, hashes.SHA256())  # type: ignore[arg-type]
        .sign(
            serialization.Encoding.DER,
            [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoAttributes, pkcs7.PKCS7Options.Binary],
        )
    )
    return multipart(
        "signed",
        "----SMIME77",
        [
            entity,
            crlf(
                'Content-Type: application/pkcs7-signature; name="smime.p7s"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="smime.p7s"\n\n'
            )
            + b64(signature),
        ],
        extra='; protocol="application/pkcs7-signature"; micalg="sha-256"',
    )


def _armour(kind: str, seed: int, size: int = 900) -> str:
    """Return an OpenPGP armour of seeded noise."""
    text = base64.b64encode(random.Random(seed).randbytes(size)).decode()
    lines = "\n".join(text[n : n + 64] for n in range(0, len(text), 64))
    return f"-----BEGIN PGP {kind}-----\n\n{lines}\n=aB3d\n-----END PGP {kind}-----\n"


def _clean(slug: str, what: str, raw: bytes, **more: object) -> Case:
    return Case(slug, what, raw, **more)  # type: ignore[arg-type]


_LOOK_ALIKES = (
    (
        "iban",
        "IBANs of Germany and France that hold 4-4-4-4 windows",
        "Bitte überweisen Sie auf DE89 3704 0044 0532 0130 00 oder FR76 3000 6000 0112 3456 7890 189. Danke\n",
    ),
    (
        "tracking",
        "Parcel tracking numbers of 12, 14, 20 and 22 digits",
        "Tracking number: 9400 1000 0000 0000 0000 00\nFedEx tracking 7712 3456 7890\nDPD parcel 01605012345678\nUPS 1Z999AA10123456784\n",
    ),
    (
        "imei",
        "IMEI and ICCID of a phone, both with Luhn digits",
        "The phone's IMEI is 490154203237518, SIM ICCID 8949020000012345678. It does not ring.\n",
    ),
    (
        "ean",
        "EAN and GTIN article numbers",
        "Artikel EAN 4006381333931, GTIN 04006381333931, ISBN 978-3-16-148410-0 bitte zweimal\n",
    ),
    (
        "phones",
        "Phone numbers with country codes",
        "Call me at +49 89 1234 5678 90 or 0044 20 7946 0958, fax +1 (415) 555-2671 ext 4111.\n",
    ),
    (
        "orders",
        "Order, invoice and customer numbers of 16 digits with failing check digits",
        "Order no. 4111111111111112, invoice 5555-5555-5555-4445, customer 3782822463100051.\n",
    ),
    (
        "timestamps",
        "Epoch microseconds and compact dates",
        "log 1760425964123456 started 20251014091244 ended 20251014091301 span 1760425964000\n",
    ),
    (
        "uuids",
        "UUIDs, some of digits only, and hashes",
        "id 41111111-1111-4111-8111-111111111111, sha1 5555555555554444aabbccddeeff00112233445566\n",
    ),
    (
        "tax-ids",
        "SIRET, VAT and company numbers",
        "SIRET 732 829 320 00074, TVA FR40303265045, USt-IdNr. DE136695976, KvK 12345678\n",
    ),
    (
        "decimals",
        "Columns of small numbers and coordinates",
        "48.137154 11.576124\n12.50 13.75 14.20 15.10\n1 200, 3 400, 5 600, 7 800\n",
    ),
    (
        "serial-keys",
        "Serial keys of six groups of four digits",
        "licence 4532-1488-0343-6467-1122-3344 and 8891-2234-5567-8890-1123-4456\n",
    ),
    (
        "masked",
        "A number that is masked already, with the last four digits",
        "You paid with the card XXXX XXXX XXXX 1111 (ending in 1111). Thanks for your order.\n",
    ),
    (
        "about-codes",
        "A sentence about security codes without one",
        "We never ask for your CVV or your security code by mail. Your voucher code is 8215.\n",
    ),
    (
        "dates",
        "Dates and fractions near words about documents",
        "The passport expires 03/30, the offer is valid until 12/29, take 3/4 cup of milk.\n",
    ),
)


def _signed_set() -> tuple[Case, ...]:
    alternative = multipart(
        "alternative",
        "dk-alt",
        [
            part(ORDER, encoding="quoted-printable"),
            part("<p>Hello,</p><p>where is my order?</p>\n", "text/html", encoding="base64"),
        ],
    )
    return (
        _clean(
            "clean-dkim-relaxed",
            "DKIM relaxed/relaxed over a plain mail",
            sealed(simple("where is it", ORDER, 0)),
            dkim=True,
        ),
        _clean(
            "clean-dkim-simple",
            "DKIM simple/simple over an alternative",
            sealed(letter(head("where is it", 0), alternative), (b"simple", b"simple")),
            dkim=True,
        ),
        _clean(
            "clean-dkim-odd-headers",
            "DKIM over odd but legal header spelling",
            sealed(
                letter(head("odd  spacing\tand\n  folds", 0).replace("Subject:", "SUBJECT:"), part(ORDER)),
                (b"simple", b"relaxed"),
            ),
            dkim=True,
        ),
        _clean(
            "clean-dkim-8bit",
            "DKIM over 8bit Latin-1",
            sealed(simple("where is it", "Grüße aus Köln\n" + ORDER, 0, charset="iso-8859-1")),
            dkim=True,
        ),
        _clean(
            "clean-dkim-trailing",
            "DKIM over trailing blanks, empty lines at the end, lines of 998",
            sealed(simple("where is it", "x" * 998 + "\ntrailing \t\n\n\n\n", 0), (b"simple", b"simple")),
            dkim=True,
        ),
        _clean(
            "clean-dkim-attachment",
            "DKIM over a base64 attachment with lines of 60",
            sealed(
                letter(
                    head("where is it", 0),
                    multipart(
                        "mixed",
                        "dk-mix",
                        [
                            part(ORDER),
                            crlf(
                                'Content-Type: application/octet-stream; name="a.bin"\nContent-Transfer-Encoding: base64\n\n'
                            )
                            + b64(random.Random(5).randbytes(700), 60),
                        ],
                    ),
                )
            ),
            dkim=True,
        ),
        _clean(
            "clean-smime-signed",
            "multipart/signed by S/MIME with a real signature",
            letter(head("signed", 0), _smime(part(ORDER))),
        ),
        _clean(
            "clean-smime-opaque",
            "Opaque signed-data with innocent text",
            letter(
                head("signed", 1),
                crlf(
                    'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\nContent-Transfer-Encoding: base64\n\n'
                )
                + b64(opaque(part(ORDER))),
            ),
            hold=True,
        ),
        _clean(
            "clean-smime-encrypted",
            "S/MIME enveloped-data",
            letter(
                head("secret", 2),
                crlf(
                    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\nContent-Transfer-Encoding: base64\n\n'
                )
                + b64(
                    b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80" + random.Random(6).randbytes(900)
                ),
            ),
            hold=True,
        ),
        _clean(
            "clean-pgp-mime-signed",
            "PGP/MIME signed",
            letter(
                head("signed", 3),
                multipart(
                    "signed",
                    "pgp-s",
                    [
                        part(ORDER),
                        crlf(
                            'Content-Type: application/pgp-signature; name="signature.asc"\n\n'
                            + _armour("SIGNATURE", 7, 200)
                        ),
                    ],
                    extra='; micalg=pgp-sha512; protocol="application/pgp-signature"',
                ),
            ),
        ),
        _clean(
            "clean-pgp-mime-encrypted",
            "PGP/MIME encrypted",
            letter(
                head("...", 4),
                multipart(
                    "encrypted",
                    "pgp-e",
                    [
                        crlf("Content-Type: application/pgp-encrypted\n\nVersion: 1\n"),
                        crlf(
                            'Content-Type: application/octet-stream; name="encrypted.asc"\n\n' + _armour("MESSAGE", 8)
                        ),
                    ],
                    extra='; protocol="application/pgp-encrypted"',
                ),
            ),
            hold=True,
        ),
        _clean(
            "clean-pgp-inline",
            "Inline PGP message in plain text",
            simple("...", "see below\n\n" + _armour("MESSAGE", 9), 5),
            hold=True,
        ),
        _clean(
            "clean-pgp-clearsigned",
            "Inline clearsigned text",
            simple(
                "hi", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + ORDER + _armour("SIGNATURE", 10, 120), 6
            ),
        ),
        _clean(
            "clean-pgp-key",
            "A public key as attachment",
            letter(
                head("key", 7),
                multipart(
                    "mixed",
                    "pk",
                    [
                        part("my key\n"),
                        part(
                            _armour("PUBLIC KEY BLOCK", 11),
                            "application/pgp-keys",
                            "",
                            extra='Content-Disposition: attachment; filename="key.asc"\n',
                        ),
                    ],
                ),
            ),
        ),
    )


CASES = (
    *_signed_set(),
    *(
        _clean(
            f"clean-{slug}", what, simple("a question", text, n, encoding=("8bit", "quoted-printable", "base64")[n % 3])
        )
        for n, (slug, what, text) in enumerate(_LOOK_ALIKES)
    ),
    _clean(
        "clean-duplicate-headers",
        "Ambiguous but innocent: two Content-Types, junk line, odd encoding",
        letter(
            head("odd", 0),
            crlf(
                "junk without colon\nContent-Type: text/plain\nContent-Type: text/html\nContent-Transfer-Encoding: 8-bit\n\n"
                + ORDER
            ),
        ),
    ),
    _clean(
        "clean-broken-base64",
        "Innocent base64 with junk and padding in the middle",
        letter(
            head("odd", 1),
            crlf("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n")
            + base64.b64encode(b"Hello")
            + b"!!\r\n"
            + b64(ORDER.encode())
            + b"== trailing\r\n",
        ),
    ),
    _clean(
        "clean-broken-qp",
        "Innocent quoted-printable with invalid escapes and lower-case hex",
        letter(
            head("odd", 2),
            crlf(
                "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\na =zz b =3d c =\n"
                + ORDER
                + "end=\n"
            ),
        ),
    ),
    _clean(
        "clean-missing-close",
        "Innocent multipart without end and with preamble and epilogue",
        letter(
            head("odd", 3),
            multipart(
                "mixed", "mc", [part(ORDER)], preamble="This is a multi-part message in MIME format.\n"
            ).removesuffix(b"--mc--\r\n"),
        ),
    ),
    _clean(
        "clean-two-boundaries",
        "Innocent message with two boundary parameters",
        letter(
            head("odd", 4),
            crlf('Content-Type: multipart/mixed; boundary="a"; boundary="b"\n\n--a\n\none\n--b\n\ntwo\n--a--\n--b--\n'),
        ),
        hold=True,
    ),
    _clean(
        "clean-bare-cr-lf",
        "Innocent text with bare CR and bare LF inside",
        letter(head("odd", 5), part(b"one\rtwo\nthree\r\r\nfour\r\n", "text/plain", "", "8bit")),
        line_ends="crlf",
    ),
    _clean(
        "clean-nul",
        "Innocent text with NULs",
        letter(head("odd", 6), part(b"one\0two\0\0three\r\n", "text/plain", "", "8bit")),
    ),
    _clean(
        "clean-latin1-headers",
        "Raw 8-bit header fields",
        crlf(
            "From: J\u00fcrgen <j@example.net>\nTo: orders@shop.example\nSubject: K\u00fcche\nDate: Tue, 14 Oct 2025 09:12:44 +0200\nMessage-ID: <l1@example.net>\n\nHallo\n",
            "latin-1",
        ),
    ),
    _clean(
        "clean-utf-16",
        "UTF-16 text",
        letter(
            head("odd", 7),
            part(ORDER.replace("\n", "\r\n").encode("utf-16"), "text/plain; charset=utf-16", "", "base64"),
        ),
    ),
    _clean(
        "clean-iso-2022-jp",
        "ISO-2022-JP with an encoded Subject in several words",
        letter(
            head(word("ご注文の確認", "iso-2022-jp") + "\n " + word("につきまして", "iso-2022-jp"), 8),
            part("注文番号は2025101477です。\n", charset="iso-2022-jp", encoding="7bit"),
        ),
    ),
    _clean(
        "clean-long-message-id",
        "A Message-ID and References of a hundred digits and hex",
        letter(
            head("Re: thread", 9)
            + "In-Reply-To: <"
            + "1234567890" * 9
            + "@mail.example>\nReferences: <"
            + "4111111111" * 9
            + "@mail.example>\n <a0.5555555555554444@mx.example>\n",
            part(ORDER),
        ),
    ),
    _clean(
        "clean-outlook-boundary",
        "Boundaries, Thread-Index and ARC that look like digits",
        letter(
            head("Re: thread", 10)
            + "Thread-Index: AQHcPPm2QkN7t2+1e0mW0n8mV3aWZQ==\nX-MS-Exchange-Organization-Network-Message-Id: 41111111-1111-4111-8111-111111111111\n",
            multipart("mixed", "----=_NextPart_000_4111_01DC3CF9.55555555", [part(ORDER)]),
        ),
    ),
    _clean(
        "clean-newsletter",
        "HTML newsletter with pixel URLs, ids and unsubscribe links",
        letter(
            head("Autumn sale", 11)
            + "List-Unsubscribe: <https://n.example/u/4111111111111111111111>\nPrecedence: bulk\n",
            part(
                '<html><body><img src="https://t.example/o.gif?id=17604259641234567890&u=987654321012345678"><a href="https://n.example/c/1760425964/3344556677889900112?utm=4">Sale</a><table width="600"><tr><td style="padding:0 12px 0 12px">-20&nbsp;%</td></tr></table></body></html>\n',
                "text/html",
                encoding="quoted-printable",
            ),
        ),
    ),
    _clean(
        "clean-calendar",
        "A meeting with conference ids and phone numbers",
        letter(
            head("Meeting", 12),
            part(
                "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:040000008200E00074C5B7101A82E008000000004111111111111111\nDTSTART:20251020T090000Z\nDESCRIPTION:Meeting ID: 412 345 678 901 2\\nPasscode: 7Xk9\n +49 69 1234 5678 9012\nEND:VEVENT\nEND:VCALENDAR\n",
                "text/calendar",
            ),
        ),
    ),
    _clean(
        "clean-dsn",
        "A bounce that returns an innocent original",
        letter(
            head("Undelivered", 13),
            multipart(
                "report",
                "cdsn",
                [
                    part("sorry\n"),
                    crlf(
                        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\nX-Postfix-Queue-ID: 4ZkQ1m3BxTz1111\n\nFinal-Recipient: rfc822; lost@example.com\nAction: failed\nStatus: 5.1.1\n"
                    ),
                    crlf("Content-Type: message/rfc822\n\n") + simple("hello", ORDER, 14),
                ],
                extra="; report-type=delivery-status",
            ),
        ),
    ),
    _clean(
        "clean-binary-attachments",
        "Random bytes in base64, uuencode-like and yEnc-like words in text",
        letter(
            head("files", 15),
            multipart(
                "mixed",
                "bin",
                [
                    part("begin 644 the day with yEnc\n=ybegin is a word\n"),
                    crlf(
                        'Content-Type: application/octet-stream; name="noise.bin"\nContent-Transfer-Encoding: base64\n\n'
                    )
                    + b64(random.Random(12).randbytes(4000)),
                ],
            ),
        ),
    ),
    _clean(
        "clean-digits-binary",
        "An octet-stream full of digits (a log) without cards",
        letter(
            head("log", 16),
            part(
                "".join(f"{n:06d} {n * 7919 % 1000003:07d} ok\n" for n in range(400)), "text/plain", encoding="base64"
            ),
        ),
    ),
    _clean("clean-empty-body", "A header and nothing else", crlf(head("empty", 17)) + b"\r\n"),
    _clean("clean-only-header", "No blank line, no body", crlf(head("empty", 18))),
    _clean(
        "clean-flowed-signature",
        "format=flowed with signature and space-stuffed lines",
        letter(
            head("flow", 19),
            crlf(
                "Content-Type: text/plain; format=flowed; delsp=yes\n\nthis flows \non and on \nand on.\n From here.\n > not a quote\n-- \nAnna\n"
            ),
        ),
    ),
    _clean(
        "clean-rfc2231",
        "File names in every form",
        letter(
            head("scan", 20),
            multipart(
                "mixed",
                "names",
                [
                    part("names\n"),
                    part(
                        "x\n",
                        extra="Content-Disposition: attachment; filename*0*=utf-8''R%C3%A9sum%C3%A9; filename*1=-2025.txt; filename=resume.txt\n",
                    ),
                ],
            ),
        ),
    ),
    _clean(
        "clean-tab-folds",
        "Fields folded with tabs and trailing blanks, empty field, colon-space oddities",
        letter(head("fold \n\tand fold again", 21) + "X-Empty:\nX-Blank:   \nX-Tight:x\nx-lower : odd\n", part(ORDER)),
    ),
    _clean("clean-no-final-newline", "The last line has no line end", letter(head("end", 22), part(ORDER))[:-2]),
    _clean(
        "clean-qp-odd",
        "Legal but unusual quoted-printable: escapes of letters, short lines",
        letter(
            head("qp", 23),
            crlf(
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=48=65=6C=6C=6F=\n=20W=\norld=21\n"
            )
            + qp(ORDER.encode()),
        ),
    ),
    _clean(
        "clean-deep-twenty",
        "Twenty levels of nesting, within the limit",
        letter(
            head("deep", 24),
            __import__("functools").reduce(
                lambda inner, n: multipart("mixed", f"cl{n}", [inner]), range(20), part(ORDER)
            ),
        ),
    ),
)
