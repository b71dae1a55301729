"""A third set of tricks of texts, exports and mails: what shops, messengers, ticket systems, banks and mail programs write.

Written when the readers of the first two sets were done, without looking at them. ``TRICKS`` maps a name to a maker
``(number, rng) -> bytes``.
"""

# ruff: noqa: E501 -- markup reads better in one piece

from __future__ import annotations

import base64
import gzip
import io
import json
import plistlib
import quopri
import random
import sqlite3
import struct
import urllib.parse
import zlib
from collections.abc import Callable

from tests.documents.archives import zipped
from tests.documents.packages import KEPT, spaced

Maker = Callable[[str, random.Random], bytes]


def whatsapp_zip(n: str, rng: random.Random) -> bytes:
    """An exported chat; the number comes in two messages."""
    lines = (
        "Anna: Hi, can I pay by card?",
        "Shop: yes of course",
        f"Anna: card number {n[:4]} {n[4:8]}",
        f"Anna: {n[8:12]} {n[12:]}",
        f"Shop: {KEPT}",
    )
    text = "".join(f"[22.11.26, 11:1{i}:0{i}] {line}\r\n" for i, line in enumerate(lines))
    return zipped(("_chat.txt", text.encode()))


def whatsapp_text(n: str, rng: random.Random) -> bytes:
    return f"22/11/2026, 11:14 - Messages and calls are end-to-end encrypted.\n22/11/2026, 11:15 - Anna: {n}\n22/11/2026, 11:15 - Anna: 09/28 that is my visa\n22/11/2026, 11:16 - Shop: {KEPT}\n".encode()


def telegram_html(n: str, rng: random.Random) -> bytes:
    rows = "".join(
        f'<div class="message default"><div class="body"><div class="pull_right date" title="22.11.2026 11:1{i}">11:1{i}</div><div class="from_name">Anna</div><div class="text">{t}</div></div></div>'
        for i, t in enumerate(("my credit card", f'<a href="tel:{n}">{spaced(n)}</a>', KEPT))
    )
    return f"<!DOCTYPE html><html><head><title>Exported Data</title></head><body><div class=history>{rows}</div></body></html>".encode()


def telegram_json(n: str, rng: random.Random) -> bytes:
    text = ["my card ", {"type": "bank_card", "text": spaced(n)}, " ok?"]
    return json.dumps(
        {"name": "Anna", "messages": [{"id": 1, "text": text}, {"id": 2, "text": KEPT}]}, indent=1
    ).encode()


def slack_json(n: str, rng: random.Random) -> bytes:
    return json.dumps(
        [
            {
                "type": "message",
                "user": "U1",
                "text": f"customer card is <tel:{n}|{spaced(n)}>",
                "ts": "1732274045.000200",
            },
            {"text": KEPT},
        ]
    ).encode()


def shopify_csv(n: str, rng: random.Random) -> bytes:
    head = "Name,Email,Financial Status,Paid at,Subtotal,Shipping,Total,Notes,Note Attributes,Payment Method,Phone\r\n"
    row = f'#1042,anna@customer.example,pending,,120.00,5.90,125.90,"please use my card\n{spaced(n)}\n09/28","gift: no",Manual,+49 30 123456\r\n'
    return (head + row + f"#1043,b@customer.example,paid,2026-11-20,1,1,2,{KEPT},,Card,\r\n").encode()


def prestashop_csv(n: str, rng: random.Random) -> bytes:
    return f'\ufeff"id_order";"reference";"customer";"cc_number";"cc_exp";"total"\n"12";"XKBKNABJK";"Anna";"{n}";"0928";"12,50"\n"13";"OHSATSERP";"{KEPT}";"";"";"1,00"\n'.encode()


def woocommerce_xml(n: str, rng: random.Random) -> bytes:
    meta = f'a:2:{{s:11:"card_number";s:16:"{n}";s:6:"expiry";s:5:"09/28";}}'
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>{KEPT}</title><wp:postmeta><wp:meta_key><![CDATA[_payment]]></wp:meta_key><wp:meta_value><![CDATA[{meta}]]></wp:meta_value></wp:postmeta></item></channel></rss>'.encode()


def sql_dump(n: str, rng: random.Random) -> bytes:
    return f"-- MySQL dump 10.13\nINSERT INTO `sales_order_payment` (`entity_id`,`cc_number_enc`,`cc_exp`) VALUES (1,'{n}','09/28'),(2,'{KEPT}',NULL);\n".encode()


def sql_dump_gz(n: str, rng: random.Random) -> bytes:
    return gzip.compress(sql_dump(n, rng), mtime=0)


def sqlite_file(n: str, rng: random.Random) -> bytes:
    """A database file; the number is a text, beside a key."""
    database = sqlite3.connect(":memory:")
    database.execute("create table cards (id integer primary key, owner text, number text)")
    database.execute("insert into cards values (1, 'Anna', ?)", (spaced(n),))
    database.execute("insert into cards values (2, ?, '')", (KEPT,))
    database.commit()
    return database.serialize()


def sqlite_number(n: str, rng: random.Random) -> bytes:
    """A database file; the number is an integer of eight bytes."""
    database = sqlite3.connect(":memory:")
    database.execute("create table cards (id integer primary key, owner text, card_number integer)")
    database.execute("insert into cards values (1, 'Anna', ?)", (int(n),))
    database.execute("insert into cards values (2, ?, 0)", (KEPT,))
    database.commit()
    return database.serialize()


def dbase(n: str, rng: random.Random) -> bytes:
    fields = b"".join(
        struct.pack("<11sc4xBB14x", name, b"C", size, 0) for name, size in ((b"NAME", 30), (b"CARDNO", 16), (b"EXP", 4))
    )
    head = struct.pack("<BBBBLHH20x", 3, 126, 11, 22, 2, 32 + len(fields) + 1, 51)
    rows = b" " + b"Anna".ljust(30) + n.encode() + b"0928" + b" " + KEPT.encode().ljust(30) + b" " * 16 + b"    "
    return head + fields + b"\r" + rows + b"\x1a"


def zendesk_json(n: str, rng: random.Random) -> bytes:
    body = f"Hello,\n\nplease charge my Mastercard/Visa\n{spaced(n)}\n\nAnna"
    return json.dumps(
        {
            "ticket": {
                "id": 35436,
                "subject": KEPT,
                "comments": [
                    {
                        "body": body,
                        "html_body": f'<div class="zd-comment"><p>Hello,<br>&nbsp;card&nbsp;{spaced(n).replace(" ", "&nbsp;")}</p></div>',
                    }
                ],
            }
        }
    ).encode()


def jira_xml(n: str, rng: random.Random) -> bytes:
    return f'<rss version="0.92"><channel><item><title>[SHOP-12] {KEPT}</title><description>&lt;p&gt;card: &lt;b&gt;{n[:8]}&lt;/b&gt;{n[8:]}&lt;/p&gt;</description></item></channel></rss>'.encode()


def vcard_of_ios(n: str, rng: random.Random) -> bytes:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iPhone OS 18.1//EN\r\nN:Example;Anna;;;\r\nFN:Anna\r\nitem1.X-ABRELATEDNAMES:{n[:10]}\r\n {n[10:]}\r\nitem1.X-ABLabel:Kreditkarte\r\nNOTE:{KEPT}\r\nEND:VCARD\r\n".encode()


def invitation_folded(n: str, rng: random.Random) -> bytes:
    line = f"DESCRIPTION:Payment by card\\, number {spaced(n)}\\nthank you"
    folded = "\r\n ".join(line[i : i + 41] for i in range(0, len(line), 41))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTART:20261122T100000Z\r\nSUMMARY:{KEPT}\r\n{folded}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()


def invitation_parameters(n: str, rng: random.Random) -> bytes:
    return f'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1@x\r\nATTENDEE;CN="Visa {spaced(n)}";ROLE=REQ-PARTICIPANT:mailto:anna@customer.example\r\nSUMMARY:{KEPT}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'.encode()


def _letter(text: str, kind: str = "plain") -> bytes:
    body = quopri.encodestring(text.encode()).replace(b"\n", b"\r\n")
    return (
        b"From: Anna <anna@customer.example>\r\nTo: shop@shop.example\r\nSubject: Order\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/"
        + kind.encode()
        + b"; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + body
    )


def apple_mail(n: str, rng: random.Random) -> bytes:
    """emlx: the length of the mail, the mail, a property list."""
    mail = _letter(f"my card {spaced(n)}\n{KEPT}\n")
    return b"%-10d\n" % len(mail) + mail + plistlib.dumps({"flags": 8590195713, "subject": "Order"})


def mailbox_export(n: str, rng: random.Random) -> bytes:
    mails = (
        _letter("nothing\n>From here on\n"),
        _letter(f"card {spaced(n)} " + "x" * 80 + f"\n{KEPT}\n"),
        _letter("bye\n"),
    )
    return b"".join(
        b"From MAILER-DAEMON Sun Nov 22 10:00:00 2026\n"
        + m.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
        + b"\n"
        for m in mails
    )


def draft(n: str, rng: random.Random) -> bytes:
    """A draft with a reply that quotes the number over two lines."""
    return b"X-Unsent: 1\r\n" + _letter(
        f"see below\n{KEPT}\n> > my card is\n> > {n[:4]} {n[4:8]}\n> > {n[8:12]} {n[12:]}\n"
    )


def forwarded_as_attachment(n: str, rng: random.Random) -> bytes:
    inner = _letter(f"<p>card <b>{n[:4]}</b>&#8209;{n[4:8]}&#8209;{n[8:12]}&#8209;{n[12:]}</p><p>{KEPT}</p>", "html")
    head = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
    return (
        head
        + b"--q\r\nContent-Type: text/plain\r\n\r\nsee attached\r\n--q\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=a.eml\r\n\r\n"
        + inner
        + b"\r\n--q--\r\n"
    )


def eml_in_zip_in_docx(n: str, rng: random.Random) -> bytes:
    from tests.documents.texts import document, p, run

    inner = zipped(("mail.eml", _letter(f"my visa {spaced(n)}\n")))
    return document(
        p(run("see the package")), {"word/embeddings/package1.zip": inner}, (("package", "embeddings/package1.zip"),)
    )


def page_of_chrome(n: str, rng: random.Random) -> bytes:
    """MHTML as a browser saves it."""
    page = quopri.encodestring(
        f'<html><body><form><input type="text" name="cardnumber" value="{n}"></form><p>{KEPT}</p></body></html>'.encode()
    ).replace(b"\n", b"\r\n")
    return (
        b'From: <Saved by Blink>\r\nSnapshot-Content-Location: https://shop.example/\r\nSubject: Pay\r\nDate: Sun, 22 Nov 2026 10:00:00 -0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----MultipartBoundary--x----"\r\n\r\n\r\n------MultipartBoundary--x----\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        + page
        + b"\r\n------MultipartBoundary--x------\r\n"
    )


def a_cell_for_each_digit(n: str, rng: random.Random) -> bytes:
    cells = "".join(f"<td style='border:1px solid'>{d}</td>" for d in n)
    return f"<html><body><table><tr><th colspan=16>Card number</th></tr><tr>{cells}</tr></table><p>{KEPT}</p></body></html>".encode()


def json_lines(n: str, rng: random.Random) -> bytes:
    return (
        json.dumps({"level": "info", "msg": KEPT})
        + "\n"
        + json.dumps({"level": "info", "req": {"card": {"number": n, "exp_month": 9, "exp_year": 2028}}})
        + "\n"
    ).encode()


def yaml_order(n: str, rng: random.Random) -> bytes:
    return f'order: 12345\nnote: "{KEPT}"\npayment:\n  method: visa\n  card_number: "{spaced(n)}"\n  expires: 2028-09\n'.encode()


def java_properties(n: str, rng: random.Random) -> bytes:
    return f"note={KEPT}\ncard.number={''.join(f'{chr(92)}u{ord(d):04x}' for d in n)}\n".encode()


def property_list(n: str, rng: random.Random) -> bytes:
    return plistlib.dumps({"note": KEPT, "creditCard": {"number": spaced(n)}})


def binary_property_list(n: str, rng: random.Random) -> bytes:
    return plistlib.dumps({"note": KEPT, "creditCard": spaced(n)}, fmt=plistlib.FMT_BINARY)


def network_log(n: str, rng: random.Random) -> bytes:
    """A HAR file: a form that was sent."""
    sent = urllib.parse.urlencode({"card[number]": spaced(n), "card[cvc]": "123"})
    entry = {
        "request": {
            "method": "POST",
            "url": "https://pay.example/",
            "postData": {"mimeType": "application/x-www-form-urlencoded", "text": sent},
        }
    }
    return json.dumps({"log": {"version": "1.2", "comment": KEPT, "entries": [entry]}}).encode()


def shortcut(n: str, rng: random.Random) -> bytes:
    return f"[InternetShortcut]\r\nURL=https://pay.example/?cardnumber={'%20'.join(spaced(n).split())}&ok=1\r\nComment={KEPT}\r\n".encode()


def subtitles(n: str, rng: random.Random) -> bytes:
    return f"1\n00:00:01,000 --> 00:00:03,000\nmy credit card number is\n\n2\n00:00:03,000 --> 00:00:06,000\n{spaced(n)}\n\n3\n00:00:07,000 --> 00:00:09,000\n{KEPT}\n".encode()


def markdown_table(n: str, rng: random.Random) -> bytes:
    return (
        f"# Order\n\n| Name | Card number | Exp |\n| --- | ---: | --- |\n| Anna | `{n}` | 09/28 |\n\n{KEPT}\n".encode()
    )


def markdown_bold(n: str, rng: random.Random) -> bytes:
    return f"Card: **{n[:4]}** *{n[4:8]}* __{n[8:12]}__ {n[12:]}\n\n{KEPT}\n".encode()


def latex(n: str, rng: random.Random) -> bytes:
    return (
        "\\documentclass{letter}\\begin{document}\nCard: "
        + "\\,".join(spaced(n).split())
        + f"\\\\ {KEPT}\n\\end{{document}}\n"
    ).encode()


def edifact(n: str, rng: random.Random) -> bytes:
    return f"UNA:+.? 'UNB+UNOC:3+SENDER+RECEIVER+261122:1014+1'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++CREDIT CARD:{n}'FTX+AAI+++{KEPT}'UNT+4+1'UNZ+1+1'".encode()


def bank_statement(n: str, rng: random.Random) -> bytes:
    """MT940 with a structured purpose; the number runs over two subfields."""
    return f":20:STARTUMS\r\n:25:10020030/1234567\r\n:61:2611221122D12,50NMSCNONREF\r\n:86:106?00KARTENZAHLUNG?20VISA KARTE {n[:10]}\r\n?21{n[10:]} {KEPT}\r\n:62F:C261122EUR100,00\r\n-".encode()


def statement_xml(n: str, rng: random.Random) -> bytes:
    return f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Ntry><CardTx><Card><PlainCardData><PAN>{n}</PAN><XpryDt>2028-09</XpryDt></PlainCardData></Card></CardTx><AddtlNtryInf>{KEPT}</AddtlNtryInf></Ntry></Stmt></BkToCstmrStmt></Document>'.encode()


def money_file(n: str, rng: random.Random) -> bytes:
    """OFX 1: SGML without end tags."""
    return f"OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><CREDITCARDMSGSRSV1><CCSTMTRS><CCACCTFROM><ACCTID>{n}\n</CCACCTFROM><BANKTRANLIST><STMTTRN><MEMO>{KEPT}\n</STMTTRN></BANKTRANLIST></CCSTMTRS></CREDITCARDMSGSRSV1></OFX>\n".encode()


def report(n: str, rng: random.Random) -> bytes:
    """A terminal's report: leaders, form feeds, code page 850."""
    return f"H\x84ndlerbeleg\r\nKARTEN-NR.....: {spaced(n)}\r\nG\x81LTIG BIS....: 09/28\r\n\x0c{KEPT}\r\n".encode(
        "latin-1"
    )


def unicode_text(n: str, rng: random.Random) -> bytes:
    """What Excel saves as "Unicode text"."""
    return b"\xff\xfe" + f"Name\tCard number\r\nAnna\t{n}\r\n{KEPT}\t\r\n".encode("utf-16-le")


def guarded_csv(n: str, rng: random.Random) -> bytes:
    return f'Name;Karte\r\nAnna;="{n}"\r\n{KEPT};\r\n'.encode("cp1252")


def quoted_tab_csv(n: str, rng: random.Random) -> bytes:
    return f'"Name","Card number"\r\n"Anna","\t{n}"\r\n"Bert","\'{n}"\r\n"{KEPT}",""\r\n'.encode()


def pipes(n: str, rng: random.Random) -> bytes:
    return f"1042|anna@customer.example|VI|{n}|0928|{KEPT}\n".encode()


def notebook(n: str, rng: random.Random) -> bytes:
    cell = {
        "cell_type": "code",
        "source": [f"card = '{n[:8]}' \\\n", f"       '{n[8:]}'\n", f"visa = {n}\n"],
        "outputs": [],
    }
    return json.dumps({"cells": [cell, {"cell_type": "markdown", "source": [KEPT]}], "nbformat": 4}).encode()


def rtf_of_outlook(n: str, rng: random.Random) -> bytes:
    """HTML inside RTF ([MS-OXRTFEX]); spaces that do not break are in tags of their own."""
    digits = r"{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 ".join(spaced(n).split())
    return (
        r"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Calibri;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 my card "
        + digits
        + r"{\*\htmltag72 </p>}\htmlrtf \par}\htmlrtf0 "
        + KEPT
        + "}"
    ).encode()


def svg_digits(n: str, rng: random.Random) -> bytes:
    spans = "".join(f'<tspan x="{10 + 12 * i}">{d}</tspan>' for i, d in enumerate(n))
    return f'<svg xmlns="http://www.w3.org/2000/svg"><text y="20">Visa</text><text y="40">{spans}</text><text y="60">{KEPT}</text></svg>'.encode()


def svg_packed(n: str, rng: random.Random) -> bytes:
    return gzip.compress(svg_digits(n, rng), mtime=0)


def drawing_packed(n: str, rng: random.Random) -> bytes:
    """draw.io: percent escapes, raw deflate, base64, inside XML."""
    model = f'<mxGraphModel><root><mxCell id="2" value="card {spaced(n)}"/><mxCell id="3" value="{KEPT}"/></root></mxGraphModel>'
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = machine.compress(urllib.parse.quote(model, safe="").encode()) + machine.flush()
    return f'<mxfile host="app.diagrams.net"><diagram name="Page-1">{base64.b64encode(raw).decode()}</diagram></mxfile>'.encode()


def map_of_google(n: str, rng: random.Random) -> bytes:
    kml = f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>{KEPT}</name><description><![CDATA[card<br>{spaced(n)}]]></description></Placemark></kml>'
    return zipped(("doc.kml", kml.encode()))


def mails_in_tar(n: str, rng: random.Random) -> bytes:
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:bz2") as archive:
        for name, data in (("cur/1:2,S", _letter(f"card {n}\n")), ("cur/2:2,", _letter(KEPT))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def signed_opaque(n: str, rng: random.Random) -> bytes:
    """An opaque signature in a file: the text is an octet string."""
    text = f"Content-Type: text/plain\r\n\r\nmy card {spaced(n)}\r\n".encode()

    def der(tag: int, body: bytes) -> bytes:
        size = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
        return bytes([tag]) + size + body

    content = der(0x30, bytes.fromhex("06092a864886f70d010701") + der(0xA0, der(0x04, text)))
    signed = der(0x30, b"\x02\x01\x01\x31\x00" + content + b"\x31\x00")
    mail = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return mail + base64.encodebytes(der(0x30, bytes.fromhex("06092a864886f70d010702") + der(0xA0, signed))).replace(
        b"\n", b"\r\n"
    )


def web_archive_of_safari(n: str, rng: random.Random) -> bytes:
    """A binary property list that holds a page."""
    page = f"<html><body><p>credit card {spaced(n)}</p><p>{KEPT}</p></body></html>".encode()
    return plistlib.dumps(
        {"WebMainResource": {"WebResourceData": page, "WebResourceMIMEType": "text/html"}}, fmt=plistlib.FMT_BINARY
    )


def diff_of_text(n: str, rng: random.Random) -> bytes:
    return f"--- a/order.txt\n+++ b/order.txt\n@@ -1,2 +1,2 @@\n-card: none\n+card: {spaced(n)}\n {KEPT}\n".encode()


def ledger_of_columns(n: str, rng: random.Random) -> bytes:
    """A report in columns of fixed width: the groups of the number stand under each other's headings."""
    return f"NAME        CARD NUMBER           EXP    AMOUNT\nAnna        {spaced(n)}   09/28  12.50\n{KEPT}\n".encode()


_MAKERS: tuple[Maker, ...] = (
    whatsapp_zip, whatsapp_text, telegram_html, telegram_json, slack_json, shopify_csv, prestashop_csv, woocommerce_xml,
    sql_dump, sql_dump_gz, sqlite_file, sqlite_number, dbase, zendesk_json, jira_xml, vcard_of_ios, invitation_folded,
    invitation_parameters, apple_mail, mailbox_export, draft, forwarded_as_attachment, eml_in_zip_in_docx, page_of_chrome,
    a_cell_for_each_digit, json_lines, yaml_order, java_properties, property_list, binary_property_list, network_log,
    shortcut, subtitles, markdown_table, markdown_bold, latex, edifact, bank_statement, statement_xml, money_file, report,
    unicode_text, guarded_csv, quoted_tab_csv, pipes, notebook, rtf_of_outlook, svg_digits, svg_packed, drawing_packed,
    map_of_google, mails_in_tar, signed_opaque, web_archive_of_safari, diff_of_text, ledger_of_columns,
)  # fmt: skip
TRICKS: dict[str, Maker] = {maker.__name__: maker for maker in _MAKERS}
