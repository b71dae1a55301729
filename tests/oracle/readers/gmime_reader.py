"""Read mail with GMime, by Debian's own Python. Paths come in on stdin; one JSON line a path goes out."""

import base64
import json
import sys

import gi

gi.require_version("GMime", "3.0")
from gi.repository import GMime  # noqa: E402

GMime.init()


def walk(entity, text, data, depth=0):
    headers = entity.get_header_list()
    for number in range(headers.get_count()):
        header = headers.get_header_at(number)
        text.append(f"{header.get_name()}: {header.get_value()}")
    if depth > 60:
        return
    if isinstance(entity, GMime.Message):
        text.append(entity.get_subject() or "")
        if entity.get_mime_part():
            walk(entity.get_mime_part(), text, data, depth + 1)
    elif isinstance(entity, GMime.MessagePart):
        if entity.get_message():
            walk(entity.get_message(), text, data, depth + 1)
    elif isinstance(entity, GMime.Multipart):
        text.extend((entity.get_prologue() or "", entity.get_epilogue() or ""))
        for number in range(entity.get_count()):
            walk(entity.get_part(number), text, data, depth + 1)
    elif isinstance(entity, GMime.Part):
        text.append(entity.get_filename() or "")
        stream = GMime.StreamMem.new()
        if entity.get_content():
            entity.get_content().write_to_stream(stream)
        data.append(base64.b64encode(bytes(stream.get_byte_array() or b"")).decode())
        if isinstance(entity, GMime.TextPart):
            text.append(entity.get_text() or "")


for line in sys.stdin:
    text, data, error = [], [], None
    try:
        with open(line.rstrip("\n"), "rb") as file:
            stream = GMime.StreamMem.new_with_buffer(file.read())
        message = GMime.Parser.new_with_stream(stream).construct_message(None)
        if message:
            walk(message, text, data)
    except Exception as problem:  # a reader that cannot read shows nothing
        error = type(problem).__name__
    safe = [t.encode("utf-8", "replace").decode() for t in text]
    print(json.dumps({"gmime": {"text": safe, "data": data, "error": error}}), flush=True)
