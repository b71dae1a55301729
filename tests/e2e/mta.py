"""The sending half of the milter protocol, for tests: tells a milter one message and carries out what it asks for.

The header is read as an MTA does (RFC 5322 §2.2): fields up to the first line that is none.
"""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass

from pansentry.milter.codec import Action, Command, Offer, Step, offer, packet

Field = tuple[bytes, bytes]

_FIELD = re.compile(rb"([!-9;-~]+):((?:[^\r\n]|\r\n[ \t])*)\r\n")
_FINAL = {b"a": "accept", b"d": "discard", b"r": "reject", b"t": "tempfail", b"y": "reply"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message: the final word, the reply if there is one, the message as the MTA would queue it."""

    word: str
    reply: str
    message: bytes


def split(raw: bytes) -> tuple[list[Field], bytes] | None:
    """Return fields and body; None if the header is not a list of fields that an MTA would take as they are."""
    at, fields = 0, []
    while match := _FIELD.match(raw, at):
        fields.append((match[1], match[2]))
        at = match.end()
    return (fields, raw[at + 2 :]) if fields and raw[at : at + 2] == b"\r\n" and b"\0" not in raw[:at] else None


class Mta:
    """One connection to a milter."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._stream = self._socket.makefile("rb")
        self._socket.sendall(offer(Offer(6, Action(0x1FF), Step(0x1FFFFF))))
        assert self.hear()[0] == b"O"
        self.say(Command.CONNECT, b"laptop.customer.example\x004\x00\x19192.0.2.7\0")
        assert self.say(Command.HELO, b"laptop.customer.example\0") == b"c"

    def hear(self) -> tuple[bytes, bytes]:
        """Return command and data of one packet; empty ones if the milter hung up."""
        head = self._stream.read(4)
        if len(head) < 4:
            return b"", b""
        data = self._stream.read(*struct.unpack("!I", head))
        return data[:1], data[1:]

    def tell(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def say(self, command: Command, data: bytes = b"") -> bytes:
        """Send a command and return what it is answered with."""
        self.tell(packet(command.value, data))
        return self.hear()[0]

    def send(self, raw: bytes, *recipients: str, sender: str = "anna@customer.example") -> Answer:
        """Tell a whole message and return what becomes of it."""
        parts = split(raw)
        assert parts is not None
        fields, body = parts
        self.tell(packet(b"M", b"<" + sender.encode() + b">\0"))
        answered = [self.hear()]
        for recipient in recipients or ("orders@shop.example",):
            self.tell(packet(b"R", b"<" + recipient.encode() + b">\0"))
            answered.append(self.hear())
        content = [(Command.DATA, b"")]
        content += [(Command.HEADER, name + b"\0" + value.replace(b"\r\n", b"\n") + b"\0") for name, value in fields]
        content.append((Command.END_OF_HEADER, b""))
        content += [(Command.BODY, body[at : at + 65535]) for at in range(0, len(body), 65535)]
        for command, data in content:
            self.tell(packet(command.value, data))
            answered.append(self.hear())
            if answered[-1][0] in (*_FINAL, b""):
                break
        else:
            self.tell(packet(Command.END_OF_MESSAGE.value))
            while answered[-1][0] not in _FINAL or len(answered) == 1:
                answered.append(self.hear())
                if not answered[-1][0]:
                    break
        word, said = answered[-1]
        asked = [one for one in answered if one[0] in (b"i", b"m", b"b")]
        reply = said.rstrip(b"\0").decode("ascii", "replace")
        return Answer(_FINAL.get(word, "gone"), reply, _carried_out(fields, body, asked))

    def close(self) -> None:
        """Leave as an MTA does."""
        self.tell(packet(Command.QUIT.value))
        self._stream.close()
        self._socket.close()


def _carried_out(fields: list[Field], body: bytes, asked: list[tuple[bytes, bytes]]) -> bytes:
    fields, chunks = list(fields), []
    for code, data in asked:
        if code == b"b":
            chunks.append(data)
            continue
        (number,) = struct.unpack_from("!I", data)
        name, value, _ = data[4:].split(b"\0")
        value = value.replace(b"\n", b"\r\n")
        if code == b"i":
            fields.insert(number, (name, value))
        else:
            at = [i for i, (other, _) in enumerate(fields) if other.lower() == name.lower()][number - 1]
            fields[at : at + 1] = [(fields[at][0], value)] if value else []
    header = b"".join(name + b":" + value + b"\r\n" for name, value in fields)
    return header + b"\r\n" + (b"".join(chunks) if chunks else body)
