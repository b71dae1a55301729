"""What kind of document some bytes are, told by the content: never by a name, never by a label.

In: bytes. Out: a kind of :data:`pansentry.formats.registry.MODULES` or another short word (``"7z"``), None for what
nobody knows. A file can be two things at once (a PDF in front of a ZIP directory); :func:`kinds` gives all of them,
the one that most readers take first, and every one is read. Looks at the ends of the file, at a ZIP's directory of at
most :data:`MAX_NAMES` names, and searches an OLE file for its streams' names; linear.

Sources: PDF 32000-1 §7.5.2 with Adobe's implementation note 13 (header within 1,024 bytes); APPNOTE 6.3.10 §4.3;
ECMA-376-2 (OPC); ODF 1.3 part 2 §3.3; [MS-CFB] §2.2, §2.6; [MS-TNEF] §2.1.2; POSIX.1-2001 ustar.
"""

from __future__ import annotations

import re

from pansentry.formats import cms, database, drawing, iwa, xz

MAX_NAMES = 4000
_HEAD = 1024
_ISO_AT = 16 * 2048 + 1  # ECMA-119 §8.1.2: the standard identifier of the first volume descriptor
_EOCD = b"PK\x05\x06"
_EOCD_REACH = 65535 + 22

_MAGIC = (  # first bytes, kind
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP\1", "lzip"),
    (b"\x1f\x9d", "compress"),
    (b"MSCF", "cab"),
    (b"!BDN", "pst"),
    (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"%!PS", "ps"),
    (b"bplist00", "plist"),
)
_BRANDS = {  # ISO 14496-12 §4.3: major brand after `ftyp`
    b"heic": "heic",
    b"heix": "heic",
    b"hevc": "heic",
    b"heim": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
    b"avif": "avif",
    b"avis": "avif",
}
_PROGRAMS = (b"MZ", b"\x7fELF")
_UNPACKS_ITSELF = ((b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "rar"), (b"MSCF\0\0\0\0", "cab"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = tuple(  # stream in an OLE file, kind; the first that is there
    (name.encode("utf-16-le"), kind)
    for name, kind in (
        ("EncryptedPackage", "ole-encrypted"),
        ("__substg1.0_", "msg"),
        ("WordDocument", "doc"),
        ("Workbook", "xls"),
        ("PowerPoint Document", "ppt"),
        ("Book", "xls"),
    )
)
_OFFICE = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"))
_OPEN_TYPES = (  # beginning of the member `mimetype`, kind
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
    (b"application/vnd.oasis.opendocument.graphics", "odp"),
    (b"application/epub+zip", "epub"),
)
_TEXTS = (  # how a text starts, after white space; kind
    (re.compile(rb"\{\\rtf", re.IGNORECASE), "rtf"),
    (re.compile(rb"BEGIN:VCALENDAR", re.IGNORECASE), "ics"),
    (re.compile(rb"BEGIN:VCARD", re.IGNORECASE), "vcf"),
    (re.compile(rb"From [^\r\n]{1,200}\r?\n[!-9;-~]{1,76}:"), "mbox"),
    (
        re.compile(rb"<!doctype html|<(?:html|head|body|table|div|span|font|p|meta|style)[ >\r\n\t]", re.IGNORECASE),
        "html",
    ),
    (re.compile(rb"<\?xml|<\?xpacket|<[A-Za-z_][\w:.-]{0,100}[ >/\r\n\t]"), "xml"),
    (re.compile(rb'\{[ \r\n\t]{0,100}["}]|\[[ \r\n\t]{0,100}["{\[\]\d-]'), "json"),
    (re.compile(rb"(?:[!-9;-~]{1,76}:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n){0,20}){2,3}"), "eml"),
    # a MIME entity with one field, as it stands in what is signed (RFC 8551 §3.1)
    (re.compile(rb"Content-Type:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n){0,20}\r?\n", re.IGNORECASE), "eml"),
)
_MAIL_FIELD = re.compile(rb"^(?:received|from|to|subject|date|mime-version|message-id|content-type|return-path):", re.I)
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def recognise(data: bytes) -> str | None:
    """Return what ``data`` is, None for nothing that is known."""
    found = kinds(data)
    return found[0] if found else None


def kinds(data: bytes) -> tuple[str, ...]:
    """Return everything that ``data`` is, the kind that most readers take first."""
    if data[:1] == b"\x30" and cms.is_cms(data):  # a file that is signed stands in it whole, with its own marks
        return ("cms",)
    found: list[str] = []
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            found.append(kind)
    if data.startswith(_OLE):
        found.append(next((kind for name, kind in _STREAMS if name in data), "ole"))
    if data.startswith(_PROGRAMS):
        found += [kind for magic, kind in _UNPACKS_ITSELF if magic in data]
    if not found and data[:1] and (data.startswith(database.SQLITE) or database.is_dbase(data)):
        found.append("database")
    if data[:1] == b"\0" and iwa.is_iwa(data):
        found.append("iwa")
    if data[2:5] == b"-lh" and data[6:7] == b"-":
        found.append("lha")
    if data[:1] == b"\x5d" and xz.is_lzma(data):
        found.append("xz")
    if data[_ISO_AT : _ISO_AT + 5] == b"CD001":
        found.append("iso")
    if data[:4] == b"\0\0\1\0" and data[4:5] != b"\0" == data[5:6] and data[9:10] == b"\0":
        found.append("ico")
    if data[4:8] == b"ftyp" and (brand := _BRANDS.get(data[8:12])):
        found.append(brand)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found.append("webp")
    if data[:2] == b"BM" and b"\0" in data[:16]:
        found.append("bmp")
    if data[40:44] == b" EMF" and data[:4] == b"\x01\0\0\0":
        found.append("emf")
    if b"%PDF-" in data[:_HEAD]:
        found.append("pdf")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")) or _has_archive(data):
        kind = zip_kind(names(data), data)
        found.insert(0 if data.startswith(b"PK") else len(found), kind)
    if not found and _is_tar(data):
        found.append("tar")
    if not found and (text := text_kind(data)):
        found.append("drawing" if text == "xml" and drawing.is_packed(data) else text)
    return tuple(dict.fromkeys(found))


def behind_program(data: bytes, kind: str) -> int:
    """Return where an archive of ``kind`` begins: 0, or in a program that unpacks itself where its first one does."""
    if not data.startswith(_PROGRAMS):
        return 0
    return max(0, *(data.find(magic) for magic, one in _UNPACKS_ITSELF if one == kind), 0)


def text_kind(data: bytes) -> str | None:
    """Return what kind of text ``data`` is (``"text"`` if it is just that), None if it is none."""
    sample = data[:65536]
    if not sample.startswith(_BOMS) and b"\0" in sample:
        return "text" if _is_wide(sample) else None
    if sample.startswith(_BOMS[:2]):
        sample = sample[2:].replace(b"\0", b"")
    if sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in sample[:4096]) * 20 > len(sample[:4096]):
        return None
    start = sample.removeprefix(_BOMS[2]).lstrip(b" \t\r\n")
    for expression, kind in _TEXTS:
        if expression.match(start) and (kind != "eml" or _MAIL_FIELD.match(start)):
            return kind
    return "text"


def zip_kind(members: tuple[bytes, ...], data: bytes = b"") -> str:
    """Return which kind of ZIP has these members."""
    first = data[:512]
    if first[30:38] == b"mimetype":
        extra = int.from_bytes(first[28:30], "little")
        content = first[38 + extra :]
        for start, kind in _OPEN_TYPES:
            if content.startswith(start):
                return kind
    lower = [name.lower() for name in members]
    if any(name == b"[content_types].xml" for name in lower):
        for folder, kind in _OFFICE:
            if any(name.startswith(folder) for name in lower):
                return kind
    if b"mimetype" in lower and b"content.xml" in lower:
        return "odt"
    return "zip"


def names(data: bytes) -> tuple[bytes, ...]:
    """Return the members' names of a ZIP: of its directory, or of the local headers if it has none."""
    at = _directory(data)
    found: list[bytes] = []
    if at is not None:
        while data[at : at + 4] == b"PK\x01\x02" and len(found) < MAX_NAMES:
            name, extra, comment = (int.from_bytes(data[at + o : at + o + 2], "little") for o in (28, 30, 32))
            found.append(data[at + 46 : at + 46 + name])
            at += 46 + name + extra + comment
    position = data.find(b"PK\x03\x04")
    while position >= 0 and len(found) < 2 * MAX_NAMES:
        length = int.from_bytes(data[position + 26 : position + 28], "little")
        found.append(data[position + 30 : position + 30 + length])
        position = data.find(b"PK\x03\x04", position + 30)
    return tuple(dict.fromkeys(found))


def _directory(data: bytes) -> int | None:
    """Return where the central directory of a ZIP starts, whatever stands in front of the ZIP; None without one."""
    end = data.rfind(_EOCD, max(0, len(data) - _EOCD_REACH))
    if end < 0 or end + 22 > len(data):
        return None
    size, offset = (int.from_bytes(data[end + o : end + o + 4], "little") for o in (12, 16))
    for start in (end - size, offset):
        if 0 <= start < end and data[start : start + 4] == b"PK\x01\x02":
            return start
    start = data.find(b"PK\x01\x02")
    return start if 0 <= start < end else None


def _has_archive(data: bytes) -> bool:
    """Tell whether a ZIP stands behind something else. In an OLE file it does only if it ends with the file: one that
    is a stream lies there in sectors, in no order that a reader of ZIPs could follow, and is read as a stream."""
    if _directory(data) is None:
        return False
    end = data.rfind(_EOCD, max(0, len(data) - _EOCD_REACH))
    comment = int.from_bytes(data[end + 20 : end + 22], "little")
    return not data.startswith(_OLE) or end + 22 + comment == len(data)


def _is_tar(data: bytes) -> bool:
    """Tell a tar by the check sum of its first header (POSIX.1-2001 pax, ustar); older ones have no magic."""
    head = data[:512]
    if len(head) < 512:
        return False
    if head[257:262] == b"ustar":
        return True
    stated = head[148:156].strip(b" \0")
    if not stated or not stated.isdigit() or len(stated) > 7 or not head[0]:
        return False
    return sum(head[:148]) + sum(head[156:]) + 8 * 32 == int(stated, 8) if not stated.strip(b"01234567") else False


def _is_wide(sample: bytes) -> bool:
    """Tell UTF-16 text without a mark: one of each two bytes is NUL in most of it."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    return max(even, odd) * 10 > half * 7 and min(even, odd) * 20 < half
