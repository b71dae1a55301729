# ruff: noqa: E501  # prose reads better in one line each
"""Seeded mails for the benchmarks: business prose in ten languages, as plain text, as HTML, with attachments.

Same seed, same bytes. Lines end in LF, as ``smtp-source -F`` wants them; :func:`on_the_wire` gives CRLF. The sender is
authenticated by a field of the server in front (``AUTHSERVER``), so that no run asks DNS. Attachments are a PDF with a
page of text, a docx with a page of text, each with a picture that does not compress, and a JPEG of noise, in base64.
"""

from __future__ import annotations

import base64
import io
import quopri
import random
import struct
import zipfile
import zlib

from tests.specimens import PUBLISHED

AUTHSERVER = "mx.bench.example"
SENDER, RECIPIENT = "customer@example.org", "orders@example.net"
PAYER = "payer@example.org"
"""Who sends cards: another one, since all mail of a conversation with a card is read more closely for two weeks."""
KB = 1000
SIZES = {"2k": 2 * KB, "20k": 20 * KB, "200k": 200 * KB, "5m": 5000 * KB}
SHAPES = ("plain", "alternative", "attachments")

_SENTENCES = {
    "en": "Thank you for your order {order} of {day}. The total of {amount} is due in {n} days; call {phone} with questions about the delivery. We met to talk about the plans for the next season.",
    "de": "Vielen Dank für Ihre Bestellung {order} vom {day}. Der Betrag von {amount} ist in {n} Tagen fällig; bei Fragen zur Lieferung rufen Sie uns an: {phone}. Die Werkstatt öffnet wieder am Montag.",
    "fr": "Nous vous remercions de votre commande {order} du {day}. Le montant de {amount} est dû sous {n} jours ; pour toute question appelez le {phone}. Le magasin rouvre la semaine prochaine.",
    "it": "La ringraziamo per l'ordine {order} del {day}. L'importo di {amount} va pagato entro {n} giorni; per domande chiami {phone}. Il negozio riapre la prossima settimana.",
    "es": "Gracias por su pedido {order} del {day}. El importe de {amount} se cobra en {n} días; si tiene preguntas llame al {phone}. La tienda abre de nuevo el lunes.",
    "pt": "Obrigado pela encomenda {order} de {day}. O valor de {amount} é cobrado em {n} dias; em caso de dúvida ligue para {phone}. A loja reabre na próxima semana.",
    "nl": "Bedankt voor uw bestelling {order} van {day}. Het bedrag van {amount} betaalt u binnen {n} dagen; bel {phone} bij vragen over de bezorging. De winkel is maandag weer open.",
    "pl": "Dziękujemy za zamówienie {order} z {day}. Kwota {amount} jest płatna w {n} dni; w razie pytań prosimy o telefon {phone}. Sklep będzie otwarty w przyszłym tygodniu.",
    "ru": "Благодарим за заказ {order} от {day}. Сумма {amount} к оплате за {n} дней; вопросы о доставке по телефону {phone}. Магазин откроется на следующей неделе.",
    "ja": "{day}にご注文番号{order}を承りました。合計金額{amount}は{n}日以内にお支払いください。ご不明な点は{phone}までお電話ください。",
}  # fmt: skip
LANGUAGES = tuple(_SENTENCES)


def prose(rng: random.Random, octets: int, language: str = "en") -> str:
    """Return about ``octets`` bytes of business prose in UTF-8."""
    parts: list[str] = []
    size = 0
    while size < octets:
        sentence = _SENTENCES[language].format(
            order=rng.randint(10**5, 10**8),
            day=f"{rng.randint(1, 28)}.{rng.randint(1, 12)}.2026",
            amount=f"{rng.randint(1, 999)}.{rng.randint(10, 99)} EUR",
            n=rng.randint(3, 30),
            phone=f"+49 30 {rng.randint(10**5, 10**7)}",
        )
        parts.append(sentence)
        size += len(sentence.encode()) + 1
    return "\n".join(parts)


def dense(rng: random.Random, octets: int) -> str:
    """Return a table of order, article and parcel numbers: more digits than anything else, no card."""
    rows = ["order,ean,parcel"]
    while len(rows) * 36 < octets:
        rows.append(f"{rng.randint(10**9, 10**10)},{rng.randint(10**12, 10**13)},{rng.randint(10**11, 10**12)}")
    return "\n".join(rows)


def mail(size: str, shape: str, *, card: bool = False, seed: int = 10) -> bytes:
    """Return one mail of about that size; ``card`` writes a published test number into its text."""
    rng = random.Random(f"{seed}/{size}/{shape}{'/card' if card else ''}")
    octets = SIZES[size] - 700
    card_line = f"\nPlease charge my Visa {PUBLISHED['visa'][0]}, valid until 09/28.\n" if card else ""
    if shape == "plain":
        head = _header(rng, "text/plain; charset=utf-8", "8bit", card=card)
        return head + (prose(rng, octets) + card_line).encode() + b"\n"
    text_octets = octets if shape == "alternative" else min(octets // 4, 16 * KB)
    text = prose(rng, text_octets * 2 // 5, "de") + card_line
    alternative = _multipart(rng, "alternative", [_leaf("text/plain", text), _leaf("text/html", _html(text))])
    if shape == "alternative":
        return _header(rng, alternative[0], card=card) + alternative[1]
    left = octets - len(alternative[1])
    raw = int(left * 0.73)  # base64 in lines adds 37 %
    attached = [
        _attachment(_pdf(rng, raw * 6 // 10), "application/pdf", "invoice.pdf"),
        _attachment(_docx(rng, raw * 2 // 10), "application/vnd.openxmlformats-officedocument", "offer.docx"),
        _attachment(_jpeg(rng, raw * 2 // 10), "image/jpeg", "shop.jpg"),
    ]
    entity = b"Content-Type: " + alternative[0].encode() + b"\n\n" + alternative[1]
    kind, body = _multipart(rng, "mixed", [entity, *attached])
    return _header(rng, kind, card=card) + body


def on_the_wire(message: bytes) -> bytes:
    """Return a message with CRLF, as a gateway receives it."""
    return message.replace(b"\n", b"\r\n")


def _header(rng: random.Random, kind: str, encoding: str = "", *, card: bool = False) -> bytes:
    lines = [
        f"Authentication-Results: {AUTHSERVER}; dmarc=pass header.from=example.org; spf=pass smtp.mailfrom=example.org",
        f"Received: from out.example.org (out.example.org [192.0.2.{rng.randint(1, 250)}])",
        f"\tby {AUTHSERVER} (Postfix) with ESMTPS id {rng.getrandbits(40):010X}; Mon, 02 Nov 2026 10:24:56 +0000",
        f"From: Paul Payer <{PAYER}>" if card else f"From: =?utf-8?q?Ren=C3=A9e_M=C3=BCller?= <{SENDER}>",
        f"To: Orders <{RECIPIENT}>",
        "Subject: Payment of an invoice" if card else "Subject: My order for the shop",
        "Date: Mon, 02 Nov 2026 10:24:50 +0000",
        f"Message-ID: <{rng.getrandbits(80):x}@example.org>",
        "MIME-Version: 1.0",
        f"Content-Type: {kind}",
    ]
    if encoding:
        lines.append(f"Content-Transfer-Encoding: {encoding}")
    return ("\n".join(lines) + "\n\n").encode()


def _multipart(rng: random.Random, subtype: str, entities: list[bytes]) -> tuple[str, bytes]:
    boundary = f"=_{rng.getrandbits(64):016x}"
    parts = b"".join(b"--" + boundary.encode() + b"\n" + entity + b"\n" for entity in entities)
    return f'multipart/{subtype}; boundary="{boundary}"', parts + b"--" + boundary.encode() + b"--\n"


def _leaf(kind: str, text: str) -> bytes:
    head = f"Content-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    return head.encode() + quopri.encodestring(text.encode())


def _html(text: str) -> str:
    style = "body{font-family:Arial,sans-serif;color:#333}p{margin:0 0 12px 0}"
    lines = "\n".join(f'<p style="line-height:1.4">{line}</p>' for line in text.split("\n"))
    return f'<html><head><style>{style}</style></head><body><div class="mail">\n{lines}\n</div></body></html>\n'


def _attachment(data: bytes, kind: str, name: str) -> bytes:
    head = f'Content-Type: {kind}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="{name}"\n\n'
    return head.encode() + base64.encodebytes(data)


def _pdf(rng: random.Random, octets: int) -> bytes:
    """Return an invoice of one page: text in Helvetica and a grey picture that fills up the size."""
    lines = prose(rng, 1500).translate({ord("("): " ", ord(")"): " ", ord("\\"): " "}).split("\n")
    shown = "BT /F1 10 Tf 14 TL 40 800 Td " + " ".join(f"({line[:95]}) Tj T*" for line in lines) + " ET q Q"
    page = zlib.compress(shown.encode("latin-1", "replace"))
    height = max(1, (octets - len(page) - 900) // 100)
    picture = zlib.compress(rng.randbytes(100 * height), 0)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> /XObject << /Im1 6 0 R >> >> >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(page) + page + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /XObject /Subtype /Image /Width 100 /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Filter /FlateDecode /Length %d >>\nstream\n" % (height, len(picture)) + picture + b"\nendstream",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 7\n0000000000 65535 f \n" + table + trailer


_OOXML = "http://schemas.openxmlformats.org"


def _docx(rng: random.Random, octets: int) -> bytes:
    """Return a letter: paragraphs and a picture that fills up the size."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in prose(rng, 1500).split("\n"))
    word = f"{_OOXML}/wordprocessingml/2006/main"
    relation = f"{_OOXML}/officeDocument/2006/relationships/officeDocument"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{_OOXML}/package/2006/content-types"><Default Extension="xml"'
        ' ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override'
        ' PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_OOXML}/package/2006/relationships"><Relationship Id="r1"'
        f' Type="{relation}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{paragraphs}</w:body></w:document>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, _DAY), text.encode())
        archive.writestr(zipfile.ZipInfo("word/media/image1.png", _DAY), _png(rng, max(octets - 4000, 100)))
    return made.getvalue()


_DAY = (2026, 1, 1, 0, 0, 0)


def _png(rng: random.Random, octets: int) -> bytes:
    """Return a grey picture, 100 pixels wide, of noise."""
    height = max(1, octets // 101)
    rows = b"".join(b"\0" + rng.randbytes(100) for _ in range(height))
    head = struct.pack(">IIBBBBB", 100, height, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


def _jpeg(rng: random.Random, octets: int) -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + rng.randbytes(max(octets, 100)) + b"\xff\xd9"
