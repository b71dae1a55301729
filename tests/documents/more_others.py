"""A second set of tricks of text formats, mails and archives, written when the readers of the first were done.

``TRICKS`` maps a name to a maker ``(number, rng) -> bytes``.
"""

# ruff: noqa: E501 -- markup reads better in one piece

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import quopri
import random
import struct
import tarfile
import zipfile

from tests.documents import legacy, pdfs, texts, workbooks
from tests.documents.archives import zipped
from tests.documents.packages import KEPT, spaced

Maker = legacy.Maker


def _rtf(inside: str) -> bytes:
    return (r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}" + inside + r"\par " + KEPT + "}").encode("latin-1")


def rtf_unicode(n: str, rng: random.Random) -> bytes:
    """Every digit as a Unicode character with a fallback of two bytes."""
    return _rtf(r"\uc2 Visa " + "".join(rf"\u{ord(d)} ??" for d in n))


def rtf_negative(n: str, rng: random.Random) -> bytes:
    """Full-width digits as negative numbers, fallback of one."""
    return _rtf(r"\uc1 Visa " + "".join(rf"\u{0xFF10 + int(d) - 65536}?" for d in n))


def rtf_hexadecimal(n: str, rng: random.Random) -> bytes:
    return _rtf("Visa " + "".join(rf"\'{ord(d):02x}" for d in n))


def rtf_hidden(n: str, rng: random.Random) -> bytes:
    """Hidden text that holds the number, and groups in between."""
    return _rtf(r"hello {\v my card {\b " + n[:6] + r"}{\i\fs24 " + n[6:] + r"}}")


def rtf_field(n: str, rng: random.Random) -> bytes:
    return _rtf(r'{\field{\*\fldinst HYPERLINK "https://pay.example/?card=' + n + r'"}{\fldrslt pay}}')


def rtf_binary(n: str, rng: random.Random) -> bytes:
    r"""Bytes of \bin between two groups of the number are no text."""
    return _rtf(r"Visa " + n[:8] + r"{\*\blob\bin7 abcd\}{e}" + n[8:])


def rtf_table(n: str, rng: random.Random) -> bytes:
    cells = r"\cell ".join(spaced(n).split(" "))
    return _rtf(r"\trowd\cellx1\cellx2\cellx3\cellx4\intbl Card no.\cell " + cells + r"\cell\row ")


def rtf_header(n: str, rng: random.Random) -> bytes:
    return _rtf(r"{\header\pard card " + spaced(n) + r"\par}hello")


def rtf_info(n: str, rng: random.Random) -> bytes:
    return _rtf(r"{\info{\title Visa " + spaced(n) + r"}{\author A}}hello")


def rtf_object(n: str, rng: random.Random) -> bytes:
    """An object of the packager in hexadecimal."""
    from tests.documents.compound_files import packager

    inner = packager("a.csv", f"Card;CVV\r\n{n};321\r\n".encode())
    head = struct.pack("<LLL", 0x501, 2, 8) + b"Package\0" + bytes(8) + struct.pack("<L", len(inner))
    return _rtf(r"{\object\objemb{\*\objdata " + (head + inner).hex() + "}}hello")


def rtf_picture(n: str, rng: random.Random) -> bytes:
    """A picture whose comment says the number, in lines of hexadecimal digits."""
    from PIL import Image, PngImagePlugin

    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", f"Visa {spaced(n)}")
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "PNG", pnginfo=words)
    digits = out.getvalue().hex()
    lines = "\r\n".join(digits[at : at + 128] for at in range(0, len(digits), 128))
    return _rtf(r"{\pict\pngblip\picw256\pich256 " + lines + "}hello")


def rtf_dashes(n: str, rng: random.Random) -> bytes:
    return _rtf("Visa " + r"\_".join(spaced(n).split(" ")))


def rtf_spaces(n: str, rng: random.Random) -> bytes:
    return _rtf("Visa " + r"\~".join(spaced(n).split(" ")) + r" and \emspace ")


def rtf_lines(n: str, rng: random.Random) -> bytes:
    """Line ends of the file mean nothing in the format."""
    return _rtf("Visa " + "\r\n".join(n[i : i + 5] for i in range(0, len(n), 5)))


def rtf_deleted(n: str, rng: random.Random) -> bytes:
    return _rtf(r"Visa " + n[:5] + r"{\deleted 99}" + n[5:])


def vcard_quoted(n: str, rng: random.Random) -> bytes:
    text = quopri.encodestring(f"Visa {spaced(n)}".encode(), quotetabs=True).decode()
    return f"BEGIN:VCARD\r\nVERSION:2.1\r\nNOTE;ENCODING=QUOTED-PRINTABLE:{text}\r\nFN:{KEPT}\r\nEND:VCARD\r\n".encode()


def vcard_base64(n: str, rng: random.Random) -> bytes:
    text = base64.b64encode(f"Visa {spaced(n)}".encode()).decode()
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE;ENCODING=b:{text}\r\nFN:{KEPT}\r\nEND:VCARD\r\n".encode()


def vcard_extended(n: str, rng: random.Random) -> bytes:
    return f"BEGIN:VCARD\r\nVERSION:4.0\r\nX-CREDIT-CARD:{n}\r\nX-CVV:321\r\nFN:{KEPT}\r\nEND:VCARD\r\n".encode()


def calendar_alarm(n: str, rng: random.Random) -> bytes:
    event = f"BEGIN:VEVENT\r\nSUMMARY:pay\r\nBEGIN:VALARM\r\nDESCRIPTION:Visa {n[:9]}\r\n\t{n[9:]}\r\nEND:VALARM\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}COMMENT:{KEPT}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()


def calendar_attached(n: str, rng: random.Random) -> bytes:
    inner = base64.b64encode(f"Visa {spaced(n)} cvv 321".encode()).decode()
    folded = "\r\n ".join(inner[i : i + 40] for i in range(0, len(inner), 40))
    attached = f"ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:{folded}\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{attached}COMMENT:{KEPT}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()


def calendar_html(n: str, rng: random.Random) -> bytes:
    page = f"<html><body>Visa <b>{n[:4]}</b>{n[4:]}</body></html>"
    event = f"BEGIN:VEVENT\r\nX-ALT-DESC;FMTTYPE=text/html:{page}\r\nCOMMENT:{KEPT}\r\nEND:VEVENT\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n".encode()


def table_wide(n: str, rng: random.Random) -> bytes:
    """A table of commas in UTF-16 with a mark."""
    return f"name\tcard\tcvv\r\nAnn\t{n}\t321\r\n{KEPT}\t\t\r\n".encode("utf-16")


def table_wide_unmarked(n: str, rng: random.Random) -> bytes:
    return f"name;card;cvv\r\nAnn;{spaced(n)};321\r\n{KEPT};;\r\n".encode("utf-16-be")


def table_quoted(n: str, rng: random.Random) -> bytes:
    """A spreadsheet's formula in a table of commas."""
    return f'name,card,cvv\r\n"Ann","=""{spaced(n)}""",321\r\n{KEPT},,\r\n'.encode()


def table_scientific(n: str, rng: random.Random) -> bytes:
    return f"name;card number;cvv\r\nAnn;{n[0]}.{n[1:15]}E+15;321\r\n{KEPT};;\r\n".encode()


def markup_sections(n: str, rng: random.Random) -> bytes:
    return f"<?xml version='1.0'?><o><card><![CDATA[{n[:7]}]]><![CDATA[{n[7:]}]]></card><k>{KEPT}</k></o>".encode()


def markup_entities(n: str, rng: random.Random) -> bytes:
    """Half of the number is an entity of the document's own."""
    head = f"<!DOCTYPE o [<!ENTITY half '{n[:8]}'><!ENTITY rest '{n[8:]}'>]>"
    return f"<?xml version='1.0'?>{head}<o><card>Visa &half;&rest;</card><k>{KEPT}</k></o>".encode()


def markup_entity_whole(n: str, rng: random.Random) -> bytes:
    head = f"<!DOCTYPE o [<!ENTITY pan 'Visa {spaced(n)}'>]>"
    return f"<?xml version='1.0'?>{head}<o><card>&pan;</card><k>{KEPT}</k></o>".encode()


def markup_wide(n: str, rng: random.Random) -> bytes:
    text = f'<?xml version="1.0" encoding="UTF-16"?><o><cardNumber>{n}</cardNumber><cvv>321</cvv><k>{KEPT}</k></o>'
    return text.encode("utf-16")


def object_escapes(n: str, rng: random.Random) -> bytes:
    digits = "".join(f"\\u{ord(d):04x}" for d in n)
    return f'{{"pan": "{digits}", "cvv": "321", "note": "{KEPT}"}}'.encode()


def object_number(n: str, rng: random.Random) -> bytes:
    return (
        f'{{"cardNumber": {n}, "securityCode": 321, "expiry": {{"month": 10, "year": 2028}}, "n": "{KEPT}"}}'.encode()
    )


def object_list(n: str, rng: random.Random) -> bytes:
    return f'{{"card": {list(map(str, spaced(n).split(" ")))!r}, "n": "{KEPT}"}}'.replace("'", '"').encode()


def page_script(n: str, rng: random.Random) -> bytes:
    return f'<html><body><p>{KEPT}</p><script>var card="{spaced(n)}";</script></body></html>'.encode()


def page_inputs(n: str, rng: random.Random) -> bytes:
    boxes = "".join(f'<input maxlength=4 value="{group}">' for group in spaced(n).split(" "))
    return f"<html><body><p>{KEPT}</p><label>Card number</label>{boxes}</body></html>".encode()


def page_style(n: str, rng: random.Random) -> bytes:
    spans = "".join(f"<span style='float:left'>{d}</span>" for d in n)
    return f"<html><body><p>{KEPT}</p>Visa <div>{spans}</div></body></html>".encode()


def page_data(n: str, rng: random.Random) -> bytes:
    inner = base64.b64encode(f"<p>Visa {spaced(n)}</p>".encode()).decode()
    return f'<html><body><p>{KEPT}</p><iframe src="data:text/html;base64,{inner}"></iframe></body></html>'.encode()


def page_drawn(n: str, rng: random.Random) -> bytes:
    """A drawing (SVG) as a file of its own."""
    spans = "".join(f'<tspan x="{9 * at}">{d}</tspan>' for at, d in enumerate(n))
    return f'<svg xmlns="http://www.w3.org/2000/svg"><desc>{KEPT}</desc><text>Visa {spans}</text></svg>'.encode()


def _mail(body: bytes, kind: str = "text/plain", encoding: str = "7bit", name: str = "") -> bytes:
    head = f"From: a@customer.example\r\nTo: b@shop.example\r\nSubject: {KEPT}\r\nMIME-Version: 1.0\r\n"
    head += f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    head += f'Content-Disposition: attachment; filename="{name}"\r\n' if name else ""
    return head.encode() + b"\r\n" + body + b"\r\n"


def mail_in_archive_in_mail(n: str, rng: random.Random) -> bytes:
    inner = _mail(f"my Visa {spaced(n)}".encode())
    packed = base64.encodebytes(zipped(("mail.eml", inner))).replace(b"\n", b"\r\n")
    return _mail(packed, "application/zip", "base64", "mail.zip")


def mail_of_workbook(n: str, rng: random.Random) -> bytes:
    packed = base64.encodebytes(workbooks.table_of_texts(n, rng)).replace(b"\n", b"\r\n")
    return _mail(packed, "application/octet-stream", "base64", "a.bin")


def archive_of_all(n: str, rng: random.Random) -> bytes:
    """A PDF in a tar in xz in a zip in gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("order.pdf")
        data = pdfs.plain(n, rng)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(zipped(("a.tar.xz", lzma.compress(out.getvalue()))), mtime=0)


def archive_two_members(n: str, rng: random.Random) -> bytes:
    """The code is in one member, the card in the other."""
    return zipped(("card.txt", f"Visa {spaced(n)}".encode()), ("code.txt", b"CVV: 321"), ("k.txt", KEPT.encode()))


def archive_bz2_of_csv(n: str, rng: random.Random) -> bytes:
    return bz2.compress(f"name,card,cvv\nAnn,{n},321\n{KEPT},,\n".encode())


def archive_extra(n: str, rng: random.Random) -> bytes:
    """The number stands in an extra field."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("a.txt", (2026, 1, 2, 3, 4, 6))
        text = f"Visa {spaced(n)}".encode()
        entry.extra = struct.pack("<HH", 0x4B46, len(text)) + text
        archive.writestr(entry, KEPT)
    return out.getvalue()


def web_archive(n: str, rng: random.Random) -> bytes:
    """A saved page (MHTML)."""
    page = f"<html><body><p>{KEPT}</p>Visa {n[:8]}<wbr>{n[8:]}</body></html>"
    return (
        'From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
        f"Content-Type: text/html\r\n\r\n{page}\r\n--b--\r\n"
    ).encode()


def old_charset(n: str, rng: random.Random) -> bytes:
    """A letter in EBCDIC-free but odd bytes: UTF-7 as mailers of old sent it."""
    return f"Kreditkarte {spaced(n)} - gültig bis 10/28\r\n{KEPT}\r\n".encode("utf-7")


def wide_32(n: str, rng: random.Random) -> bytes:
    return f"Visa {spaced(n)}\r\n{KEPT}\r\n".encode("utf-32")


def japanese(n: str, rng: random.Random) -> bytes:
    full = "".join(chr(0xFF10 + int(d)) for d in n)
    return f"カード番号 {full}\r\n{KEPT}\r\n".encode("shift_jis")


def msg_packed(n: str, rng: random.Random) -> bytes:
    """RTF that is packed with references into what came before, and says that it was HTML."""
    text = r"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Visa " + spaced(n) + r"}}"
    return legacy._mail((("__substg1.0_10090102",), legacy.packed_rtf(text.encode())))


def msg_recipient(n: str, rng: random.Random) -> bytes:
    return legacy._mail(
        (("__recip_version1.0_#00000000", "__substg1.0_3001001F"), f"Visa {spaced(n)}".encode("utf-16-le"))
    )


def msg_named(n: str, rng: random.Random) -> bytes:
    """A named property, as add-ins write them."""
    return legacy._mail((("__substg1.0_8001001F",), f"card={n};cvv=321".encode("utf-16-le")))


def msg_attached_word(n: str, rng: random.Random) -> bytes:
    storage = "__attach_version1.0_#00000000"
    return legacy._mail(((storage, "__substg1.0_37010102"), texts.split_runs(n, rng)))


def one_note(n: str, rng: random.Random) -> bytes:
    """Bytes that nobody knows, with text in them."""
    return bytes(rng.randbytes(300)) + f"Visa {spaced(n)}".encode("utf-16-le") + bytes(rng.randbytes(300))


_MAKERS: tuple[Maker, ...] = (
    rtf_unicode, rtf_negative, rtf_hexadecimal, rtf_hidden, rtf_field, rtf_binary, rtf_table, rtf_header, rtf_info,
    rtf_object, rtf_picture, rtf_dashes, rtf_spaces, rtf_lines, rtf_deleted, vcard_quoted, vcard_base64, vcard_extended,
    calendar_alarm, calendar_attached, calendar_html, table_wide, table_wide_unmarked, table_quoted, table_scientific,
    markup_sections, markup_entities, markup_entity_whole, markup_wide, object_escapes, object_number, object_list,
    page_script, page_inputs, page_style, page_data, page_drawn, mail_in_archive_in_mail, mail_of_workbook,
    archive_of_all, archive_two_members, archive_bz2_of_csv, archive_extra, web_archive, old_charset, wide_32, japanese,
    msg_packed, msg_recipient, msg_named, msg_attached_word, one_note,
)  # fmt: skip
TRICKS: dict[str, Maker] = {maker.__name__: maker for maker in _MAKERS}
