"""Cases by the book: every place and every encoding that RFC 5322, 2045–2049, 2231, 3676 and their kin allow."""

from __future__ import annotations

from tests.golden.kit import (
    ALL,
    Case,
    at,
    b64,
    crlf,
    fill,
    head,
    letter,
    multipart,
    part,
    qp,
    qp_all,
    simple,
    word,
)

PAY = "Hello,\n\nplease charge my card «pan», exp «exp», CVV «cvv».\n\nThank you for the quick delivery\nAnna\n"


def _fold(text: str, every: int) -> str:
    """Return quoted-printable text with a soft line break after each ``every`` characters."""
    return "=\n".join(text[n : n + every] for n in range(0, len(text), every))


def _vcard(name: str) -> str:
    return fill(
        name,
        "BEGIN:VCARD\nVERSION:3.0\nFN:Priya Raman\nORG:Raman Textiles\n"
        "NOTE:card number «g1» «g2»\n  «g3» «g4» exp «exp» for the standing order of cotton\nEND:VCARD\n",
    )


def _calendar(name: str) -> str:
    raw = fill(name, "«raw»")
    return (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//Cal 3//EN\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:44e0@example.org\n"
        "DTSTAMP:20251014T071200Z\nDTSTART:20251020T090000Z\nSUMMARY:Hotel booking\n"
        f"DESCRIPTION:Guarantee with credit card {raw[:7]}\n {raw[7:]}\\, valid thru "
        f"{fill(name, '«exp»')}\\nlate arrival\nEND:VEVENT\nEND:VCALENDAR\n"
    )


CASES = (
    Case(
        "plain-7bit",
        "Plain text, 7bit, everything in one sentence",
        simple("Order 7731", fill("visa-1", PAY), 0, charset="us-ascii", encoding="7bit"),
        "visa-1",
        at(ALL, "body"),
        ("quick", "delivery"),
    ),
    Case(
        "no-mime-header",
        "RFC 822 mail without any MIME field",
        letter(head("Order", 1, mime=False), crlf("\n" + fill("mastercard-1", PAY))),
        "mastercard-1",
        at(ALL, "body"),
        ("quick", "delivery"),
    ),
    Case(
        "plain-base64",
        "UTF-8 in base64 lines of 76",
        simple("Bestellung", fill("visa-2", "Grüße aus Köln\n" + PAY), 2, encoding="base64"),
        "visa-2",
        at(ALL, "body"),
        ("Grüße", "delivery"),
    ),
    Case(
        "plain-base64-60",
        "base64 in lines of 60, so that quanta and number straddle a line",
        letter(
            head("Payment", 3),
            crlf("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: BASE64\n\n")
            + b64(crlf(fill("jcb-1", PAY)), 60),
        ),
        "jcb-1",
        at(ALL, "body"),
        ("quick",),
    ),
    Case(
        "plain-quoted-printable",
        "ISO-8859-1 in quoted-printable",
        simple(
            "Réservation",
            fill("cb-1", "Voici ma carte bancaire «pan», expire le «exp», cryptogramme «cvv».\nÀ bientôt à l'hôtel\n"),
            1,
            charset="iso-8859-1",
            encoding="quoted-printable",
        ),
        "cb-1",
        at(ALL, "body"),
        ("bientôt", "hôtel"),
    ),
    Case(
        "qp-soft-break-in-number",
        "Quoted-printable with soft line breaks inside number and code",
        letter(
            head("Payment", 4),
            crlf("Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable\n\n")
            + crlf(_fold(fill("visa-3", "My credit card is «pan» exp «exp» cvv «cvv» thanks a lot "), 13) + "\n"),
        ),
        "visa-3",
        at(ALL, "body"),
        ("thanks a lot",),
    ),
    Case(
        "qp-all-hex",
        "Quoted-printable that escapes every byte",
        letter(
            head("Payment", 5),
            crlf("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n")
            + qp_all(crlf(fill("amex-1", PAY))),
        ),
        "amex-1",
        at(ALL, "body"),
        ("quick",),
    ),
    Case(
        "binary-encoding",
        "Content-Transfer-Encoding binary with a line longer than 998",
        simple("Long", fill("discover-1", "word " * 220 + PAY), 6, encoding="binary"),
        "discover-1",
        at(ALL, "body"),
        ("quick",),
    ),
    Case(
        "subject-plain",
        "Number in an unencoded Subject",
        simple(fill("visa-1", "charge card «pan» please"), "See the subject, regards\n", 7),
        "visa-1",
        ("pan header:subject",),
        ("regards", "charge"),
    ),
    Case(
        "subject-folded",
        "Number folded over two Subject lines",
        letter(
            head(fill("mastercard-2", "Here is my card number «g1» «g2»\n «g3» «g4» for the balloon"), 8),
            part("See above, regards\n"),
        ),
        "mastercard-2",
        ("pan header:subject",),
        ("balloon", "regards"),
    ),
    Case(
        "subject-one-word-base64",
        "Subject as one base64 encoded word",
        simple(word(fill("visa-4", "Käse mit Karte «pan»")), "Gruß\n", 9),
        "visa-4",
        ("pan header:subject",),
        ("Käse",),
    ),
    Case(
        "subject-split-words",
        "Subject as two encoded words, B then Q, that part the number",
        simple(
            word(fill("visa-2", "Kreditkarte «g1» «g2»"))
            + "\n "
            + word(fill("visa-2", " «g3» «g4» schöne Grüße"), "iso-8859-1", "Q"),
            "Danke\n",
            10,
        ),
        "visa-2",
        ("pan header:subject",),
        ("schöne",),
    ),
    Case(
        "subject-language-tag",
        "Encoded word with a language tag (RFC 2231 §5)",
        simple(word(fill("jcb-2", "Karte «raw» danke")).replace("utf-8", "utf-8*de"), "Hallo\n", 11),
        "jcb-2",
        ("pan header:subject",),
        ("danke",),
    ),
    Case(
        "from-display-name",
        "Number in the display name of From and Reply-To",
        letter(
            fill(
                "mastercard-3",
                'From: "Tom card «raw»" <tom@example.com>\nReply-To: Tom «pan» <tom@example.com>\n'
                "To: orders@shop.example\nSubject: the lamp\nDate: Tue, 14 Oct 2025 09:12:44 +0200\n"
                "Message-ID: <lamp1@example.com>\nMIME-Version: 1.0\n",
            ),
            part("I put the card in my name\n"),
        ),
        "mastercard-3",
        ("pan header:",),
        ("tom@example.com", "lamp"),
    ),
    Case(
        "comment-in-address",
        "Number in a comment of an address field",
        letter(
            fill(
                "visa-5",
                "From: Tom <tom@example.com> (card «pan»)\nTo: orders@shop.example (Orders)\nSubject: the lamp\n"
                "Date: Tue, 14 Oct 2025 09:12:44 +0200\nMessage-ID: <lamp2@example.com>\nMIME-Version: 1.0\n",
            ),
            part("my credit card is in the comment\n"),
        ),
        "visa-5",
        ("pan header:from",),
        ("comment",),
    ),
    Case(
        "other-headers",
        "Thread-Topic, Keywords, Comments, X- and List- fields that carry the number",
        letter(
            head("the lamp", 12)
            + fill(
                "discover-2",
                "Thread-Topic: card «pan»\nKeywords: card, «raw»\nComments: credit card «dash»\n"
                "X-Customer-Note: card «pan» exp «exp»\nList-Description: card «raw»\n",
            ),
            part("Nothing to see here, bulbs\n"),
        ),
        "discover-2",
        ("pan header:thread-topic", "pan header:keywords", "pan header:comments", "pan header:x-customer-note"),
        ("bulbs",),
    ),
    Case(
        "content-description",
        "Number in Content-Description of an inner part",
        letter(
            head("scan", 13),
            multipart(
                "mixed",
                "b-desc",
                [
                    part("see the attached page\n"),
                    part("page one\n", extra=fill("amex-2", "Content-Description: amex card «pan»\n")),
                ],
            ),
        ),
        "amex-2",
        ("pan",),
        ("page one",),
    ),
    Case(
        "filename-plain",
        "Number in filename and name",
        letter(
            head("scan", 14),
            multipart(
                "mixed",
                "b-file",
                [
                    part("my card is attached\n"),
                    part(
                        "nothing inside\n",
                        f'text/plain; name="{fill("visa-1", "card «dash»")}.txt"',
                        "",
                        extra=f'Content-Disposition: attachment; filename="{fill("visa-1", "card «raw»")}.txt"\n',
                    ),
                ],
            ),
        ),
        "visa-1",
        ("pan name",),
        ("attached", "inside"),
    ),
    Case(
        "filename-rfc2231-continued",
        "filename*0* … *2 percent-encoded, the number cut between them",
        letter(
            head("scan", 15),
            multipart(
                "mixed",
                "b-2231",
                [
                    part("die Karte liegt bei\n"),
                    part(
                        "leer\n",
                        extra=fill(
                            "visa-2",
                            "Content-Disposition: attachment; filename*0*=utf-8''f%C3%BCr%20Kreditkarte%20«g1»;\n"
                            ' filename*1=«g2»; filename*2*=%20«g3»%20;\n filename*3="«g4».txt"\n',
                        ),
                    ),
                ],
            ),
        ),
        "visa-2",
        ("pan name",),
        ("liegt",),
    ),
    Case(
        "filename-both-forms",
        "filename as encoded word and filename* side by side",
        letter(
            head("scan", 16),
            multipart(
                "mixed",
                "b-both",
                [
                    part("la carte est jointe\n"),
                    part(
                        "vide\n",
                        extra=f'Content-Disposition: attachment; filename="{word(fill("cb-1", "carte «raw».txt"))}";\n'
                        + fill("cb-1", " filename*=iso-8859-1'fr'carte%20«g1»%20«g2»%20«g3»%20«g4».txt\n"),
                    ),
                ],
            ),
        ),
        "cb-1",
        ("pan name",),
        ("jointe",),
    ),
    Case(
        "preamble",
        "Number in the preamble of a multipart",
        letter(
            head("hidden", 17),
            multipart(
                "mixed", "b-pre", [part("the first part\n")], preamble=fill("visa-3", "credit card «pan» in front\n")
            ),
        ),
        "visa-3",
        ("pan",),
        ("first part",),
    ),
    Case(
        "epilogue",
        "Number in the epilogue of a multipart",
        letter(
            head("hidden", 18),
            multipart("mixed", "b-epi", [part("the only part\n")], epilogue=fill("visa-4", "\ncredit card «pan»\n")),
        ),
        "visa-4",
        ("pan",),
        ("only part",),
    ),
    Case(
        "alternative-both",
        "text and HTML branch hold the same number",
        letter(
            head("flowers", 19),
            multipart(
                "alternative",
                "b-alt",
                [
                    part(fill("mastercard-4", PAY), encoding="quoted-printable"),
                    part(
                        fill(
                            "mastercard-4",
                            "<html><body><p>Hello,</p><p>please charge my card <b>«pan»</b>, exp «exp»,"
                            " CVV «cvv».</p><p>Thank you for the quick delivery</p></body></html>\n",
                        ),
                        "text/html",
                        encoding="base64",
                    ),
                ],
            ),
        ),
        "mastercard-4",
        at(ALL, "body"),
        ("quick", "delivery"),
    ),
    Case(
        "alternative-mismatch",
        "Only the HTML branch holds the number; the text branch is innocent",
        letter(
            head("flowers", 20),
            multipart(
                "alternative",
                "b-mis",
                [
                    part("Please see the HTML version, roses\n"),
                    part(fill("visa-5", "<p>My credit card: <i>«dash»</i> cvv «cvv»</p>\n"), "text/html"),
                ],
            ),
        ),
        "visa-5",
        ("pan body", "cvv body"),
        ("roses",),
    ),
    Case(
        "nested-five-deep",
        "mixed in related in alternative in mixed in mixed",
        letter(
            head("deep", 21),
            multipart(
                "mixed",
                "L1",
                [
                    multipart(
                        "related",
                        "L2-x",
                        [
                            multipart(
                                "alternative",
                                "L3-y",
                                [multipart("mixed", "L4-z", [part("top\n"), part(fill("visa-1", PAY))])],
                            )
                        ],
                    ),
                    part("bottom words\n"),
                ],
            ),
        ),
        "visa-1",
        at(ALL, "body"),
        ("top", "bottom"),
    ),
    Case(
        "forwarded-rfc822",
        "message/rfc822 attachment with the number in body and Subject of the inner mail",
        letter(
            head("Fwd: order", 22),
            multipart(
                "mixed",
                "b-fwd",
                [
                    part("see the mail below\n"),
                    crlf("Content-Type: message/rfc822\nContent-Disposition: attachment\n\n")
                    + simple(fill("diners-1", "card «pan»"), fill("diners-1", PAY), 23, encoding="quoted-printable"),
                ],
            ),
        ),
        "diners-1",
        at(ALL, ""),
        ("below", "quick"),
    ),
    Case(
        "rfc822-in-rfc822",
        "A mail in a mail in a mail, innermost base64",
        letter(
            head("Fwd: Fwd: order", 24),
            crlf("Content-Type: message/rfc822\n\n")
            + letter(
                head("Fwd: order", 25),
                crlf("Content-Type: message/rfc822\n\n") + simple("order", fill("visa-2", PAY), 26, encoding="base64"),
            ),
        ),
        "visa-2",
        at(ALL, ""),
        ("quick",),
    ),
    Case(
        "message-global",
        "message/global (RFC 6532) with raw UTF-8 header",
        letter(
            head("weiter", 27),
            multipart(
                "mixed",
                "b-glob",
                [
                    part("siehe unten\n"),
                    crlf("Content-Type: message/global\n\n")
                    + simple(fill("visa-3", "Kärtchen «pan»"), fill("visa-3", PAY), 28),
                ],
            ),
        ),
        "visa-3",
        at(ALL, ""),
        ("siehe", "quick"),
    ),
    Case(
        "digest",
        "multipart/digest whose parts have no Content-Type",
        letter(
            head("Digest 12", 29),
            multipart(
                "digest",
                "b-dig",
                [
                    b"\r\n" + simple("one", "first letter\n", 30),
                    b"\r\n" + simple("two", fill("elo-1", PAY), 31, encoding="base64"),
                ],
            ),
        ),
        "elo-1",
        at(ALL, ""),
        ("first letter", "quick"),
    ),
    Case(
        "bounce-with-original",
        "Delivery report (RFC 3464) that returns the whole original",
        letter(
            head("Undelivered Mail Returned to Sender", 32),
            multipart(
                "report",
                "b-dsn",
                [
                    part("I'm sorry to have to inform you\n", charset="us-ascii", encoding="7bit"),
                    crlf(
                        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
                        "Final-Recipient: rfc822; lost@example.com\nAction: failed\nStatus: 5.1.1\n"
                    ),
                    crlf("Content-Type: message/rfc822\n\n")
                    + simple("order", fill("visa-4", PAY), 33, encoding="quoted-printable"),
                ],
                extra="; report-type=delivery-status",
            ),
        ),
        "visa-4",
        at(ALL, ""),
        ("sorry", "5.1.1"),
    ),
    Case(
        "bounce-headers-only",
        "Delivery report with text/rfc822-headers whose Subject holds the number, and a diagnostic that quotes it",
        letter(
            head("Delivery Status Notification (Failure)", 34),
            multipart(
                "report",
                "b-hdr",
                [
                    part("could not be delivered\n"),
                    crlf(
                        fill(
                            "mastercard-1",
                            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
                            "Final-Recipient: rfc822; lost@example.com\nAction: failed\nStatus: 5.7.1\n"
                            "Diagnostic-Code: smtp; 554 subject refused: card «pan»\n",
                        )
                    ),
                    crlf("Content-Type: text/rfc822-headers\n\n")
                    + crlf(head(fill("mastercard-1", "my card «pan»"), 35)),
                ],
                extra="; report-type=delivery-status",
            ),
        ),
        "mastercard-1",
        ("pan",),
        ("delivered", "5.7.1"),
    ),
    Case(
        "format-flowed",
        "format=flowed with the number flowing over a soft break",
        letter(
            head("flowed", 36),
            crlf("Content-Type: text/plain; charset=us-ascii; format=flowed\n\n")
            + crlf(
                fill("visa-1", "please take it from my credit card number «g1» «g2» \n«g3» «g4» and send the teapot\n")
            ),
        ),
        "visa-1",
        ("pan body",),
        ("teapot",),
    ),
    Case(
        "format-flowed-delsp",
        "format=flowed; DelSp=yes that joins the digits without a space, quoted",
        letter(
            head("flowed", 37),
            crlf("Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes\n\n")
            + crlf(
                fill(
                    "mastercard-2",
                    "> my credit card is «g1»«g2» \n> «g3»«g4» exp «exp»\n\nThanks, the teapot came\n",
                )
            ),
        ),
        "mastercard-2",
        ("pan body", "expiry body"),
        ("teapot",),
    ),
    Case(
        "calendar-folded",
        "text/calendar whose DESCRIPTION is folded inside the number (RFC 5545 §3.1)",
        letter(head("Invitation", 38), part(_calendar("visa-2"), "text/calendar")),
        "visa-2",
        ("pan body", "expiry body"),
        ("Hotel booking", "late arrival"),
    ),
    Case(
        "vcard-folded",
        "text/vcard whose NOTE is folded inside the number, in base64",
        letter(
            head("my address", 39),
            multipart(
                "mixed",
                "b-vcf",
                [
                    part("here is my vcard\n"),
                    part(
                        _vcard("visa-3"),
                        "text/vcard",
                        encoding="base64",
                        extra='Content-Disposition: attachment; filename="priya.vcf"\n',
                    ),
                ],
            ),
        ),
        "visa-3",
        ("pan",),
        ("Raman Textiles", "cotton"),
    ),
    Case(
        "csv-columns",
        "text/csv with number, expiry and code in columns",
        letter(
            head("export", 40),
            multipart(
                "mixed",
                "b-csv",
                [
                    part("my export\n"),
                    part(
                        fill(
                            "visa-4",
                            'name,card number,expiry,cvv\n"Weber, Anna","«raw»",«exp»,«cvv»\n"Moreau",,,\n',
                        ),
                        "text/csv",
                        extra='Content-Disposition: attachment; filename="cards.csv"\n',
                    ),
                ],
            ),
        ),
        "visa-4",
        at(ALL, ""),
        ("Weber", "Moreau"),
    ),
    Case(
        "json-attachment",
        "application/json with card fields",
        letter(
            head("webhook", 41),
            multipart(
                "mixed",
                "b-json",
                [
                    part("the form data\n"),
                    part(
                        fill(
                            "mastercard-3",
                            '{"customer": "Conti", "card_number": "«raw»", "cvv": "«cvv»", "expiry": "«exp»"}\n',
                        ),
                        "application/json",
                        "",
                        encoding="base64",
                        codec="utf-8",
                        extra='Content-Disposition: attachment; filename="form.json"\n',
                    ),
                ],
            ),
        ),
        "mastercard-3",
        at(ALL, ""),
        ("Conti",),
    ),
    Case(
        "text-enriched",
        "text/enriched with a command inside the number",
        letter(
            head("enriched", 42),
            part(
                fill("jcb-1", "My credit card is <bold>«g1» «g2»</bold> <italic>«g3» «g4»</italic> please\n"),
                "text/enriched",
            ),
        ),
        "jcb-1",
        ("pan body",),
        ("please",),
    ),
    Case(
        "unknown-text-type",
        "A text type nobody knows is shown as plain text",
        letter(head("order", 43), part(fill("discover-1", PAY), "text/x-order-form")),
        "discover-1",
        at(ALL, ""),
        ("quick",),
    ),
    Case(
        "external-body",
        "message/external-body whose phantom body and parameters carry the number",
        letter(
            head("file", 44),
            multipart(
                "mixed",
                "b-ext",
                [
                    part("see the file\n"),
                    crlf(
                        fill(
                            "visa-1",
                            "Content-Type: message/external-body; access-type=URL;\n"
                            ' URL="https://files.example/card-«raw»"\n\nContent-Type: text/plain\n'
                            "Content-ID: <ext1@example.org>\n\nthe credit card is «pan»\n",
                        )
                    ),
                ],
            ),
        ),
        "visa-1",
        ("pan",),
        ("see the file",),
        hold=True,
    ),
    Case(
        "partial",
        "message/partial: the second third of a message (RFC 2046 §5.2.2)",
        letter(
            head("big letter (2/3)", 45),
            crlf('Content-Type: message/partial; number=2; total=3; id="abc@example.net"\n\n')
            + crlf(fill("visa-2", "and my credit card is «pan» exp «exp»\n")),
        ),
        "visa-2",
        ("pan",),
        hold=True,
    ),
    Case(
        "appledouble",
        "multipart/appledouble with a text data fork",
        letter(
            head("from my Mac", 46),
            multipart(
                "mixed",
                "b-mac",
                [
                    part("attached\n"),
                    multipart(
                        "appledouble",
                        "b-fork",
                        [
                            crlf(
                                'Content-Type: application/applefile; name="note.txt"\n'
                                "Content-Transfer-Encoding: base64\n\n"
                            )
                            + b64(b"\x00\x05\x16\x07\x00\x02\x00\x00" + bytes(16) + b"\x00\x00"),
                            part(
                                fill("visa-5", PAY), "text/plain; name=note.txt", "", encoding="base64", codec="ascii"
                            ),
                        ],
                    ),
                ],
            ),
        ),
        "visa-5",
        at(ALL, ""),
        ("attached", "quick"),
    ),
    Case(
        "form-data",
        "multipart/form-data as a script mails it",
        letter(
            head("form", 47),
            multipart(
                "form-data",
                "----WebKitFormBoundary7MA4YWxk",
                [
                    crlf('Content-Disposition: form-data; name="customer"\n\nConti\n'),
                    crlf(fill("hipercard-1", 'Content-Disposition: form-data; name="card_number"\n\n«raw»\n')),
                    crlf(fill("hipercard-1", 'Content-Disposition: form-data; name="cvv"\n\nCVV «cvv»\n')),
                ],
            ),
        ),
        "hipercard-1",
        ("pan", "cvv"),
        ("Conti",),
    ),
    Case(
        "related-html",
        "multipart/related with start parameter; the HTML is the second part",
        letter(
            head("newsletter", 48),
            multipart(
                "related",
                "b-rel",
                [
                    crlf("Content-Type: image/gif\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\n")
                    + b64(
                        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
                    ),
                    part(
                        fill(
                            "troy-1", '<p>Kart numarası: <img src="cid:logo@x" alt="logo">«pan»</p><p>teşekkürler</p>\n'
                        ),
                        "text/html",
                        encoding="quoted-printable",
                        extra="Content-ID: <root@x>\n",
                    ),
                ],
                extra='; type="text/html"; start="<root@x>"',
            ),
        ),
        "troy-1",
        ("pan body",),
        ("teşekkürler",),
    ),
    Case(
        "long-folded-content-type",
        "Content-Type folded over four lines with a comment, boundary on the last",
        letter(
            head("folded", 49),
            crlf('Content-Type: multipart/mixed\n (a comment)\n ;\n\tboundary="=_fold=_42"\n\n')
            + crlf("--=_fold=_42\n")
            + part(fill("visa-19", PAY), encoding="quoted-printable")
            + crlf("--=_fold=_42--\n"),
        ),
        "visa-19",
        at(ALL, ""),
        ("quick",),
    ),
    Case(
        "headerless-part",
        "A part without header: text/plain by default (RFC 2046 §5.1)",
        letter(
            head("parts", 50),
            multipart("mixed", "b-bare", [crlf("\n" + fill("dankort-1", PAY)), part("second\n")]),
        ),
        "dankort-1",
        at(ALL, ""),
        ("quick", "second"),
    ),
    Case(
        "eai-header",
        "Raw UTF-8 header fields and addresses (RFC 6532)",
        simple(
            fill("mir-1", "Моя карта «pan» спасибо"),
            fill("mir-1", "номер карты «pan», срок действия «exp»\nдо свидания\n"),
            51,
        ),
        "mir-1",
        ("pan header:subject", "pan body", "expiry body"),
        ("спасибо", "свидания"),
    ),
    Case(
        "adjacent-inline-parts",
        "A number split over two inline text parts that are shown one after the other",
        letter(
            head("split", 52),
            multipart(
                "mixed",
                "b-adj",
                [
                    part(fill("visa-1", "my credit card number is «g1» «g2»")),
                    part(fill("visa-1", "«g3» «g4» and thanks for the kettle\n")),
                ],
            ),
        ),
        "visa-1",
        ("pan",),
        ("kettle",),
    ),
    Case(
        "read-receipt",
        "A read receipt (RFC 8098) that returns headers with the number in the Subject",
        letter(
            head(fill("amex-1", "Read: amex «pan»"), 53),
            multipart(
                "report",
                "b-mdn",
                [
                    part(fill("amex-1", "Your message 'amex «pan»' was read\n")),
                    crlf(
                        "Content-Type: message/disposition-notification\n\nReporting-UA: mail.example; Foo 1.0\n"
                        "Final-Recipient: rfc822;orders@shop.example\n"
                        "Disposition: manual-action/MDN-sent-manually; displayed\n"
                    ),
                ],
                extra="; report-type=disposition-notification",
            ),
        ),
        "amex-1",
        ("pan header:subject", "pan body"),
        ("was read",),
    ),
    Case(
        "qp-embedded-everywhere",
        "Quoted-printable where lines end in trailing soft breaks and =20, Windows-1252",
        letter(
            head("note", 54),
            crlf('Content-Type: text/plain; charset="Windows-1252"\nContent-Transfer-Encoding: Quoted-Printable\n\n')
            + qp(
                fill("maestro-1", "The card’s number is\t«pan» \nexp. «exp» \nCVC «cvv» \n– yours, Tom \n").encode(
                    "cp1252"
                )
            ),
        ),
        "maestro-1",
        at(ALL, "body"),
        ("yours",),
    ),
)
