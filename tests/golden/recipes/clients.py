"""Cases in the shapes that real programs send: mail clients, groupware, ticket systems, web shops, phones."""

from __future__ import annotations

from tests.golden.kit import ALL, Case, at, b64, crlf, fill, head, letter, multipart, part, qp, word

_OUTLOOK = """\
Received: from AM9PR04MB8765.eurprd04.prod.outlook.example ([fe80::1]) by
 AM9PR04MB8765.eurprd04.prod.outlook.example ([fe80::1%3]) with mapi id
 15.20.8901.004; Tue, 14 Oct 2025 07:12:44 +0000
From: "Weber, Anna" <anna.weber@firma.example>
To: "orders@shop.example" <orders@shop.example>
Subject: {subject}
Thread-Topic: {subject}
Thread-Index: AQHcPPm2QkN7t2+1e0mW0n8mV3aWZQ==
Date: Tue, 14 Oct 2025 07:12:43 +0000
Message-ID: <AM9PR04MB87650A1B2C3D4E5F60718293A4B5C6D7E8F90A@AM9PR04MB8765.eurprd04.prod.outlook.example>
Accept-Language: de-DE, en-US
Content-Language: de-DE
X-MS-Has-Attach:
X-MS-TNEF-Correlator:
MIME-Version: 1.0
"""
_GMAIL = """\
Received: by 2002:a05:6402:1d55:b0:63a:1234:5678 with SMTP id dz21csp112233edb;
        Tue, 14 Oct 2025 00:12:45 -0700 (PDT)
MIME-Version: 1.0
From: Tom Neill <tom.neill@gmail.example>
Date: Tue, 14 Oct 2025 09:12:44 +0200
X-Gm-Features: AS18NWDx0sWm5Z
Message-ID: <CAKq0Zt5b=3mJ4Yw+7hF0R9xQkUeT2sLpVnB1dG6cA8iOyWfHXg@mail.gmail.example>
Subject: {subject}
To: orders@shop.example
"""
_APPLE = """\
From: Giulia Conti <giulia@me.example>
Content-Transfer-Encoding: {encoding}
Content-Type: {kind}
Mime-Version: 1.0 ({build})
Subject: {subject}
Message-Id: <5D0E7A3C-9B1F-4C62-8E0B-2F4A6C8D0E1F@me.example>
Date: Tue, 14 Oct 2025 09:12:44 +0200
To: orders@shop.example
X-Mailer: {mailer}
"""
_THUNDERBIRD = """\
Message-ID: <0d7c2f1e-6b1a-4a0f-9f0e-1c2d3e4f5a6b@example.org>
Date: Tue, 14 Oct 2025 09:12:44 +0200
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Content-Language: fr
To: orders@shop.example
From: Jean-Luc Moreau <jl.moreau@example.org>
Subject: {subject}
"""
_WORD = """\
<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><!--[if !mso]><style>v\\:* {{behavior:url(#d);}}
</style><![endif]--><style><!--
p.MsoNormal {{margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;}}
--></style></head><body lang="DE"><div class="WordSection1">
<p class="MsoNormal">{0}<o:p></o:p></p>
<p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">Mit freundlichen Gr&uuml;&szlig;en<o:p></o:p></p></div></body></html>
"""


def _tnef(body: str, title: str, data: bytes) -> bytes:
    """Return a winmail.dat (MS-OXTNEF) with a message body and one attachment."""

    def attribute(level: int, number: int, value: bytes) -> bytes:
        return (
            bytes([level])
            + number.to_bytes(4, "little")
            + len(value).to_bytes(4, "little")
            + value
            + (sum(value) & 0xFFFF).to_bytes(2, "little")
        )

    return (
        (0x223E9F78).to_bytes(4, "little")
        + (1).to_bytes(2, "little")
        + attribute(1, 0x00089006, (0x00010000).to_bytes(4, "little"))
        + attribute(1, 0x00018004, b"Order\0")
        + attribute(1, 0x0002800C, body.replace("\n", "\r\n").encode() + b"\0")
        + attribute(2, 0x00069002, b"\x01\x00" + bytes(12))
        + attribute(2, 0x00018010, title.encode() + b"\0")
        + attribute(2, 0x0006800F, data)
    )


def _quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.rstrip("\n").split("\n"))


CASES = (
    Case(
        "outlook-word-html",
        "Outlook's Word HTML in base64 beside a text part, number in <span> runs",
        letter(
            _OUTLOOK.format(subject="Bestellung Gartenbank"),
            multipart(
                "alternative",
                "_000_AM9PR04MB87650A1B2C3D4E5F6_",
                [
                    part(
                        fill(
                            "visa-1",
                            "Meine Kreditkarte: «pan»\ngültig bis «exp», Prüfziffer «cvv»\n\nMit freundlichen Grüßen\n",
                        ),
                        encoding="base64",
                    ),
                    part(
                        _WORD.format(
                            fill(
                                "visa-1",
                                'Meine Kreditkarte: <span lang="EN-US">«g1» </span>«g2» <span style="color:red">«g3»</span>'
                                " «g4»<br>gültig bis «exp», Prüfziffer «cvv»",
                            )
                        ),
                        "text/html",
                        encoding="base64",
                    ),
                ],
            ),
        ),
        "visa-1",
        at(ALL, "body"),
        ("freundlichen", "Meine"),
    ),
    Case(
        "outlook-reply-chain",
        "Outlook reply: the number stands in the quoted mail below the separator",
        letter(
            _OUTLOOK.format(subject="AW: Bestellung"),
            part(
                fill(
                    "mastercard-1",
                    "Danke, erledigt.\n\n________________________________\nVon: Kunde <k@example.net>\n"
                    "Gesendet: Montag, 13. Oktober 2025 10:11\nAn: orders@shop.example\nBetreff: Bestellung\n\n"
                    "Bitte nehmen Sie meine Mastercard «pan», gültig bis «exp».\n",
                ),
                charset="Windows-1252",
                codec="cp1252",
                encoding="quoted-printable",
            ),
        ),
        "mastercard-1",
        ("pan body", "expiry body"),
        ("erledigt", "Gesendet"),
    ),
    Case(
        "outlook-thread-topic",
        "Outlook copies the Subject into Thread-Topic",
        letter(_OUTLOOK.format(subject=fill("visa-2", "Karte «pan»")), part("siehe Betreff, danke\n")),
        "visa-2",
        ("pan header:subject", "pan header:thread-topic"),
        ("danke",),
    ),
    Case(
        "outlook-tnef",
        "winmail.dat with the number in the message body and a text attachment",
        letter(
            _OUTLOOK.format(subject="Auftrag"),
            multipart(
                "mixed",
                "----=_NextPart_000_0005_01DC3CF9.B6424370",
                [
                    part("Anbei der Auftrag\n"),
                    part(
                        _tnef(
                            fill("visa-3", "credit card «pan» exp «exp»\n"),
                            "card.txt",
                            fill("visa-3", "card: «raw»\r\n").encode(),
                        ),
                        "application/ms-tnef; name=winmail.dat",
                        encoding="base64",
                        extra="Content-Disposition: attachment; filename=winmail.dat\n",
                    ),
                ],
            ),
        ),
        "visa-3",
        ("pan",),
        ("Auftrag",),
        hold=True,
    ),
    Case(
        "gmail-alternative",
        "Gmail: text and HTML with dir=ltr, number in both",
        letter(
            _GMAIL.format(subject="my order"),
            multipart(
                "alternative",
                "000000000000a1b2c3064f5e6d7c",
                [
                    part(
                        fill("amex-1", "Hi, card is *«pan»* exp «exp», CVV «cvv»\n\nCheers, Tom\n"),
                        charset="UTF-8",
                        encoding="",
                    ),
                    part(
                        fill(
                            "amex-1",
                            '<div dir="ltr">Hi, card is <b>«pan»</b> exp «exp», CVV «cvv»<div><br></div><div>Cheers, Tom</div></div>\n',
                        ),
                        "text/html",
                        "UTF-8",
                        encoding="quoted-printable",
                    ),
                ],
            ),
        ),
        "amex-1",
        at(ALL, "body"),
        ("Cheers",),
    ),
    Case(
        "gmail-quote-html",
        "Gmail reply whose gmail_quote blockquote holds the number",
        letter(
            _GMAIL.format(subject="Re: my order"),
            multipart(
                "alternative",
                "0000000000001f2e3d064f5e6d7d",
                [
                    part(
                        "See below.\n\nOn Mon, Oct 13, 2025 at 8:02 PM Tom <tom.neill@gmail.example> wrote:\n\n"
                        + _quoted(fill("discover-1", "card «pan»\nexp «exp»")),
                        charset="UTF-8",
                    ),
                    part(
                        '<div dir="ltr">See below.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
                        'class="gmail_attr">On Mon, Oct 13, 2025 at 8:02 PM Tom &lt;tom.neill@gmail.example&gt; wrote:<br></div>'
                        + fill(
                            "discover-1",
                            '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">card «pan»<br>exp «exp»</blockquote></div>\n',
                        ),
                        "text/html",
                        "UTF-8",
                        encoding="quoted-printable",
                    ),
                ],
            ),
        ),
        "discover-1",
        ("pan body", "expiry body"),
        ("See below",),
    ),
    Case(
        "iphone-plain",
        "iPhone: one text part, Content-* before Mime-Version",
        crlf(
            _APPLE.format(
                encoding="quoted-printable",
                kind="text/plain;\n\tcharset=utf-8",
                build="1.0",
                subject="Ordine",
                mailer="iPhone Mail (22F76)",
            )
            + "\n"
        )
        + qp(
            crlf(
                fill(
                    "visa-4",
                    "Ecco il numero carta «pan» scade «exp» cvv «cvv»\n\nInviato da iPhone – così è più veloce\n",
                )
            )
        ),
        "visa-4",
        at(ALL, "body"),
        ("Inviato", "veloce"),
    ),
    Case(
        "apple-mail-rich",
        "Apple Mail: text part and HTML with Apple-style divs, boundary Apple-Mail=_",
        letter(
            "From: Giulia Conti <giulia@me.example>\nSubject: Ordine\nDate: Tue, 14 Oct 2025 09:12:44 +0200\n"
            "Message-Id: <0C6F7B1E-66D0-4E5B-9B84-6E0C6A1B2C3D@me.example>\nTo: orders@shop.example\n"
            "X-Mailer: Apple Mail (2.3826.600.51.1.1)\nMime-Version: 1.0 (Mac OS X Mail 16.0 \\(3826.600.51.1.1\\))\n",
            multipart(
                "alternative",
                "Apple-Mail=_8F3D7E60-51C5-4A8F-9D22-0F7A2B7A6B1C",
                [
                    part(
                        fill(
                            "mastercard-2",
                            "Carta di credito:\n«pan»\nscadenza «exp»\ncodice di sicurezza «cvv»\n\nGrazie\n",
                        ),
                        charset="us-ascii",
                        encoding="7bit",
                    ),
                    part(
                        fill(
                            "mastercard-2",
                            '<html><head></head><body style="overflow-wrap: break-word;">Carta di credito:<div>«pan»</div>'
                            "<div>scadenza «exp»</div><div>codice di sicurezza «cvv»</div><div><br></div><div>Grazie</div></body></html>",
                        ),
                        "text/html",
                        "us-ascii",
                        encoding="7bit",
                    ),
                ],
            ),
        ),
        "mastercard-2",
        at(ALL, "body"),
        ("Grazie",),
    ),
    Case(
        "thunderbird-flowed",
        "Thunderbird: format=flowed with signature delimiter",
        letter(
            _THUNDERBIRD.format(subject="Commande"),
            crlf("Content-Type: text/plain; charset=UTF-8; format=flowed\nContent-Transfer-Encoding: 8bit\n\n")
            + crlf(
                fill(
                    "cb-1",
                    "Bonjour, prière de débiter la carte bancaire numéro «g1» «g2» \n«g3» «g4» expire fin «exp», cryptogramme «cvv» pour le fromage.\n-- \nJean-Luc\n",
                )
            ),
        ),
        "cb-1",
        at(ALL, "body"),
        ("fromage", "débiter"),
    ),
    Case(
        "thunderbird-html-table",
        "Thunderbird HTML with a table: label and number in neighbouring cells",
        letter(
            _THUNDERBIRD.format(subject="Commande"),
            part(
                fill(
                    "visa-5",
                    '<!DOCTYPE html>\n<html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body>\n'
                    "<table><tr><th>Card number</th><td>«pan»</td></tr><tr><th>Expiry date</th><td>«exp»</td></tr>"
                    "<tr><th>CVV</th><td>«cvv»</td></tr></table><p>Merci bien</p></body></html>\n",
                ),
                "text/html",
                "UTF-8",
            ),
        ),
        "visa-5",
        at(ALL, "body"),
        ("Merci", "Card number"),
    ),
    Case(
        "exchange-journal",
        "Exchange journal report with the original as message/rfc822",
        letter(
            "From: Journal <journal@corp.example>\nTo: archive@corp.example\nSubject: order\n"
            "Date: Tue, 14 Oct 2025 07:12:44 +0000\nMessage-ID: <journal-1@corp.example>\nX-MS-Journal-Report:\nMIME-Version: 1.0\n",
            multipart(
                "mixed",
                "_7f3f_journal_",
                [
                    part(
                        "Sender: anna.weber@firma.example\nSubject: order\nMessage-Id: <x1@firma.example>\nTo: orders@shop.example\n",
                        charset="us-ascii",
                        encoding="7bit",
                    ),
                    crlf("Content-Type: message/rfc822\n\n")
                    + letter(
                        _OUTLOOK.format(subject="order"),
                        part(fill("visa-1", "credit card «dash» exp «exp» cvc «cvv»\nregards\n"), encoding="base64"),
                    ),
                ],
            ),
        ),
        "visa-1",
        at(ALL, ""),
        ("regards", "Sender"),
    ),
    Case(
        "lotus-notes",
        "Lotus Notes: =_alternative boundary with space, ISO-8859-1 mixed with font tags",
        letter(
            "To: orders@shop.example\nMIME-Version: 1.0\nSubject: Zahlung\nX-KeepSent: 7F3C1A2B:4D5E6F70-C1258D2A:0029B3C4;\n"
            " type=4; name=$KeepSent\nX-Mailer: Lotus Notes Release 8.5.3FP6\nFrom: Anna Weber <anna.weber@firma.example>\n"
            "Message-ID: <OF7F3C1A2B.4D5E6F70-ONC1258D2A.0029B3C4-C1258D2A.0029C5D6@firma.example>\nDate: Tue, 14 Oct 2025 09:12:44 +0200\n",
            multipart(
                "alternative",
                "=_alternative 0029C5D4C1258D2A_=",
                [
                    part(
                        fill("visa-2", "Kartennummer «pan», gültig bis «exp»\n\nSchöne Grüße\n"),
                        charset="ISO-8859-1",
                        encoding="quoted-printable",
                    ),
                    part(
                        fill(
                            "visa-2",
                            '<font size=2 face="sans-serif">Kartennummer «pan», g&uuml;ltig bis «exp»</font>\n<br><font size=2>Sch&ouml;ne Gr&uuml;&szlig;e</font>\n',
                        ),
                        "text/html",
                        "US-ASCII",
                        encoding="7bit",
                    ),
                ],
            ),
        ),
        "visa-2",
        ("pan body", "expiry body"),
        ("Grüße",),
    ),
    Case(
        "mailman-footer",
        "Mailing list adds List- fields and a footer part",
        letter(
            head("[shop-list] paying", 3)
            + "List-Id: Shop list <shop-list.lists.example>\nList-Post: <mailto:shop-list@lists.example>\n"
            "Precedence: list\nX-Mailman-Version: 3.3.10\n",
            multipart(
                "mixed",
                "===============3141592653589793238==",
                [
                    part(fill("unionpay-1", "my UnionPay card «pan» exp «exp»\nsee you\n"), encoding="base64"),
                    part(
                        "_______________________________________________\nshop-list mailing list -- shop-list@lists.example\n",
                        charset="us-ascii",
                        encoding="7bit",
                    ),
                ],
            ),
        ),
        "unionpay-1",
        ("pan body", "expiry body"),
        ("see you", "mailing list"),
    ),
    Case(
        "ticket-system",
        "Zendesk-like notification quoting the customer between ## markers",
        letter(
            head("[Request received] Payment failed", 4)
            + "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
            multipart(
                "alternative",
                "--==_mimepart_68edf1c4a1b2c_2f0c3d",
                [
                    part(
                        fill(
                            "visa-3",
                            "##- Please type your reply above this line -##\n\nYour request (848213) has been received.\n\n----\n\n"
                            "Tom, Oct 14, 2025, 09:12\n\nPayment failed. Visa «raw» exp «exp» cvv «cvv»\n",
                        )
                    ),
                    part(
                        fill(
                            "visa-3",
                            '<p dir="ltr">Your request (848213) has been received.</p><div class="zd-comment"><p>Payment failed. Visa «raw» exp «exp» cvv «cvv»</p></div>\n',
                        ),
                        "text/html",
                        encoding="quoted-printable",
                    ),
                ],
            ),
        ),
        "visa-3",
        at(ALL, "body"),
        ("848213",),
    ),
    Case(
        "contact-form",
        "Web shop contact form: label lines, PHPMailer",
        letter(
            head("New message from the contact form", 0)
            + "X-Mailer: PHPMailer 6.9.1 (https://github.com/PHPMailer/PHPMailer)\n",
            part(
                fill(
                    "jcb-2",
                    "Name: Priya Raman\nE-mail: priya@mail.example\nCard number: «raw»\nExpiry: «exp»\nCVV: «cvv»\nMessage: the blue scarf, please\n",
                )
            ),
        ),
        "jcb-2",
        at(ALL, "body"),
        ("blue scarf", "Priya Raman"),
    ),
    Case(
        "contact-form-html",
        "Contact form as HTML table with nested spans, no line breaks at all",
        letter(
            head("Kontaktformular", 2),
            part(
                fill(
                    "mastercard-3",
                    "<table><tbody><tr><td><strong>Name</strong></td><td>Giulia</td></tr><tr><td><strong>Kartennummer</strong></td><td>«dash»</td></tr>"
                    "<tr><td><strong>Gültig bis</strong></td><td>«exp»</td></tr><tr><td><strong>Prüfnummer</strong></td><td>«cvv»</td></tr></tbody></table>",
                ),
                "text/html",
                encoding="base64",
            ),
        ),
        "mastercard-3",
        at(ALL, "body"),
        ("Giulia", "Kartennummer"),
    ),
    Case(
        "fax-to-mail-filename",
        "Scanner whose attachment name was typed by a clerk: the number, in an encoded-word name",
        letter(
            head("Scan from MFP", 1),
            multipart(
                "mixed",
                "DC8f_boundary",
                [
                    part("Scanned document\n", charset="us-ascii", encoding="7bit"),
                    crlf(f'Content-Type: image/gif; name="{word(fill("visa-4", "Karte «raw».gif"))}"\n')
                    + crlf(f'Content-Disposition: attachment;\n filename="{word(fill("visa-4", "Karte «raw».gif"))}"\n')
                    + crlf("Content-Transfer-Encoding: base64\n\n")
                    + b64(
                        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
                    ),
                ],
            ),
        ),
        "visa-4",
        ("pan name",),
        ("Scanned",),
    ),
    Case(
        "smime-signed",
        "multipart/signed (S/MIME) whose signed text holds the number: redacted, signature broken",
        letter(
            _THUNDERBIRD.format(subject="Commande signée"),
            multipart(
                "signed",
                "----A1B2C3D4E5F60718",
                [
                    part(fill("visa-5", "carte bancaire «pan» expire «exp»\nsalutations\n")),
                    crlf(
                        'Content-Type: application/pkcs7-signature; name="smime.p7s"\nContent-Transfer-Encoding: base64\n'
                    )
                    + crlf('Content-Disposition: attachment; filename="smime.p7s"\n\n')
                    + b64(
                        bytes.fromhex("3080060960864886f70d010702a0803080020101310d300b0609608648016503040201")
                        + bytes(range(160))
                    ),
                ],
                extra='; protocol="application/pkcs7-signature"; micalg="sha-256"',
            ),
        ),
        "visa-5",
        ("pan", "expiry"),
        ("salutations",),
        hold=True,
    ),
    Case(
        "pgp-inline-signed",
        "Inline PGP clearsigned text with dash escapes",
        letter(
            head("signed", 0),
            part(
                fill(
                    "mastercard-4",
                    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nmy credit card is «pan» exp «exp»\n- -- \nAnna\n"
                    "-----BEGIN PGP SIGNATURE-----\n\niHUEARYKAB0WIQTFh0yZ\n=aB3d\n-----END PGP SIGNATURE-----\n",
                )
            ),
        ),
        "mastercard-4",
        ("pan body", "expiry body"),
        ("Anna", "BEGIN PGP"),
        hold=True,
    ),
    Case(
        "android-reply-top",
        "Samsung mail: HTML only, base64 without line ends beyond 998",
        letter(
            head("Re: Rechnung", 4),
            crlf("Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n")
            + b64(
                crlf(
                    fill(
                        "visa-1",
                        '<html><body><p dir="ltr">Karte «g1»&nbsp;«g2»&nbsp;«g3»&nbsp;«g4» g&#252;ltig bis «exp» CVV «cvv»</p>'
                        + "<p>Von meinem Galaxy gesendet</p>" * 30
                        + "</body></html>",
                    )
                ),
                100000,
            ),
        ),
        "visa-1",
        at(ALL, "body"),
        ("Galaxy",),
    ),
    Case(
        "yahoo-html",
        "Yahoo: text with hard wraps, HTML with yiv ids, number wrapped by the mailer",
        letter(
            head("order", 1) + "X-Mailer: WebService/1.1.24562 YMailNorrin\n",
            multipart(
                "alternative",
                "----=_Part_123_9876.1760425964000",
                [
                    part(
                        fill(
                            "visa-2",
                            "Hi, you can charge the payment to my credit card which has number «g1» «g2»\n«g3» «g4», exp date «exp». Bye for now\n",
                        ),
                        charset="UTF-8",
                        encoding="7bit",
                    ),
                    part(
                        fill(
                            "visa-2",
                            '<html><body><div class="yahoo-style-wrap">Hi, you can charge the payment to my credit card which has number «pan», exp date «exp». Bye for now</div></body></html>\n',
                        ),
                        "text/html",
                        "UTF-8",
                        encoding="7bit",
                    ),
                ],
            ),
        ),
        "visa-2",
        ("pan body", "expiry body"),
        ("Bye for now",),
    ),
    Case(
        "whatsapp-export",
        "A chat export as text attachment with BOM, one group per line",
        letter(
            head("chat", 2),
            multipart(
                "mixed",
                "chat-b",
                [
                    part("the chat\n"),
                    part(
                        "\ufeff"
                        + fill(
                            "visa-3",
                            "14.10.25, 09:12 - Tom: my card number is «pan»\n14.10.25, 09:13 - Tom: cvv «cvv»\n14.10.25, 09:13 - Shop: thanks!\n",
                        ),
                        'text/plain; name="chat.txt"',
                        "",
                        encoding="base64",
                        extra='Content-Disposition: attachment; filename="chat.txt"\n',
                    ),
                ],
            ),
        ),
        "visa-3",
        ("pan", "cvv"),
        ("thanks!",),
    ),
    Case(
        "kmail-8bit",
        "KMail: UTF-8 8bit with combining accents",
        letter(
            head("Réservation", 1) + "User-Agent: KMail/5.24.5 (Linux/6.8.0; KDE/5.115.0; x86_64; ; )\n",
            part(
                fill(
                    "visa-4",
                    "Nume\u0301ro de carte\u00a0: «g1»\u00a0«g2»\u00a0«g3»\u00a0«g4»\nExpire fin\u00a0: «exp»\nCryptogramme\u00a0: «cvv»\nCordialement\n",
                ),
                encoding="8Bit",
            ),
        ),
        "visa-4",
        at(ALL, "body"),
        ("Cordialement",),
    ),
    Case(
        "japanese-carrier",
        "Japanese mail in ISO-2022-JP with full-width digits",
        letter(
            head(word("注文について", "iso-2022-jp"), 2),
            part(
                fill("jcb-1", "カード番号は«raw»です。有効期限「«exp»」。よろしくお願いします。\n").translate(
                    {ord(str(d)): chr(0xFF10 + d) for d in range(10)}
                ),
                charset="ISO-2022-JP",
                encoding="7bit",
            ),
        ),
        "jcb-1",
        ("pan body",),
        ("よろしく",),
    ),
    Case(
        "chinese-webmail",
        "Chinese webmail in GB18030 base64, Subject in gb18030",
        letter(
            head(word(fill("unionpay-1", "信用卡 «raw»"), "gb18030"), 3),
            part(
                fill("unionpay-1", "您好，信用卡卡号：«raw»，有效期 «exp»，安全码 «cvv»。谢谢！\n"),
                charset="gb18030",
                encoding="base64",
            ),
        ),
        "unionpay-1",
        ("pan header:subject", *at(ALL, "body")),
        ("您好", "谢谢"),
    ),
    Case(
        "russian-koi8",
        "Russian mail in KOI8-R, quoted-printable",
        letter(
            head(word("Оплата заказа", "koi8-r", "Q"), 4),
            part(
                fill("mir-1", "Номер карты «pan», срок действия «exp», код CVV «cvv». Спасибо!\n"),
                charset="koi8-r",
                encoding="quoted-printable",
            ),
        ),
        "mir-1",
        at(ALL, "body"),
        ("Спасибо",),
    ),
    Case(
        "arabic-digits",
        "Arabic mail in UTF-8 with Arabic-Indic digits",
        letter(
            head(word("طلب", "utf-8"), 0),
            part(
                fill("visa-5", "رقم بطاقة الائتمان «pan» شكرا\n").translate(
                    {ord(str(d)): chr(0x660 + d) for d in range(10)}
                ),
                encoding="base64",
            ),
        ),
        "visa-5",
        ("pan body",),
        ("شكرا",),
    ),
    Case(
        "fetchmail-mbox-line",
        "A spool copy that begins with an mbox From line",
        b"From anna.weber@example.net Tue Oct 14 09:12:44 2025\r\n"
        + letter(
            head("order", 0), part(fill("visa-1", "credit card «pan» exp «exp» cvv «cvv»\n>From here on all is well\n"))
        ),
        "visa-1",
        at(ALL, ""),
        ("all is well",),
    ),
    Case(
        "voicemail-transcript",
        "Voice mail transcript: audio part and text that spells groups with commas",
        letter(
            head("Voicemail from +4989555010", 1),
            multipart(
                "mixed",
                "vm-1",
                [
                    part(
                        fill(
                            "visa-2", "Transcript: my credit card number is «g1», «g2», «g3», «g4». Please call back.\n"
                        )
                    ),
                    crlf("Content-Type: audio/amr; name=voice.amr\nContent-Transfer-Encoding: base64\n\n")
                    + b64(b"#!AMR\n" + bytes(range(256))),
                ],
            ),
        ),
        "visa-2",
        ("pan body",),
        ("call back",),
    ),
    Case(
        "calendar-request-outlook",
        "Outlook meeting request: text, HTML and calendar branch all hold the number",
        letter(
            _OUTLOOK.format(subject="Termin"),
            multipart(
                "alternative",
                "_000_cal_",
                [
                    part(fill("visa-3", "Karte «pan»\nbis dann\n"), encoding="base64"),
                    part(fill("visa-3", "<p>Karte «pan»</p><p>bis dann</p>\n"), "text/html", encoding="base64"),
                    part(
                        fill(
                            "visa-3",
                            "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Termin\nDESCRIPTION;LANGUAGE=de-DE:Karte «pan»\\n\\nbis dann\nX-ALT-DESC;FMTTYPE=text/html:<b>«raw»</b>\nEND:VEVENT\nEND:VCALENDAR\n",
                        ),
                        "text/calendar; method=REQUEST",
                        encoding="base64",
                    ),
                ],
            ),
        ),
        "visa-3",
        ("pan",),
        ("bis dann",),
    ),
)
