"""One connection from an MTA: packets in their order → transactions of :mod:`pansentry.reception` → packets back.

In: decoded packets. Out: the packets to send for each. Mail for recipients that are none of ours (what the MTA's own
users send) is let through unread, as soon as its last recipient is known. What was decided about a mail becomes:

    deliver, redact   the edits of ``changes``, then ACCEPT
    hold              DISCARD: the redacted copy is in our store already
    refuse, defer     our reply (5xx, 4xx), at the end of the message

The MTA queues the mail after our answer, and may fail in doing so; so a mail that comes again is answered again, and
only what follows from it (a letter, a held copy) happens once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.delivery.handback import Handback
from pansentry.delivery.parameters import NEEDED_KEYWORD
from pansentry.envelope import Client
from pansentry.milter import codec
from pansentry.milter.changes import assemble, changes
from pansentry.milter.codec import ACCEPT, CONTINUE, DISCARD, Command, Offer, Packet, Step
from pansentry.reception import is_ours
from pansentry.smtp_reply import Reply

if TYPE_CHECKING:
    from pansentry.reception import Reception, Transaction

TOO_BIG = Reply(552, "5.3.4", "Message size exceeds fixed limit")
NO_ROOM = Reply(452, "4.3.1", "Insufficient system storage")


@dataclass(slots=True)
class _Mail:
    """One message as far as the MTA has told it."""

    reverse_path: str
    parameters: tuple[str, ...]
    handback: Handback = field(default_factory=Handback)
    transaction: Transaction | None = None
    fields: list[tuple[bytes, bytes]] = field(default_factory=list, repr=False)
    body: bytearray = field(default_factory=bytearray, repr=False)
    octets: int = 0


class Conversation:
    """The state of one connection. ``octets`` says how much of a message is held now."""

    def __init__(self, reception: Reception, max_message_bytes: int) -> None:
        self._reception = reception
        self._max_message_bytes = max_message_bytes
        self._agreed: Offer | None = None
        self._client = Client()
        self._mail: _Mail | None = None

    @property
    def octets(self) -> int:
        """Octets of the message that is under way."""
        return self._mail.octets if self._mail is not None else 0

    async def answer(self, packet: Packet) -> tuple[bytes, ...]:
        """Return what to send for a packet. Raises :class:`~pansentry.milter.codec.MalformedError`."""
        match packet.command:
            case Command.NEGOTIATE:
                reply, self._agreed = codec.answer_offer(codec.parse_offer(packet.data))
                return (reply,)
            case _ if self._agreed is None:
                raise codec.MalformedError("a command before the offer")
            case Command.MACROS:
                self._hear(*codec.parse_macros(packet.data))
                return ()
            case Command.ABORT:
                await self.abort()
                return ()
            case Command.QUIT_NEW_CONNECTION:
                await self.abort()
                self._client = Client()
                return ()
            case Command.CONNECT:
                peer = codec.parse_connect(packet.data)
                self._client = Client(peer.address, peer.port, name=peer.name)
            case Command.HELO:
                helo = packet.data.rstrip(b"\0").decode("utf-8", "replace")
                self._client = _changed(self._client, helo=helo)
            case Command.MAIL:
                await self.abort()
                self._begin(codec.strings(packet.data))
            case Command.RCPT:
                return await self._recipient(codec.strings(packet.data))
            case Command.DATA | Command.END_OF_HEADER if self._is_none_of_ours():
                return (ACCEPT,)
            case Command.HEADER | Command.BODY:
                return await self._content(packet)
            case Command.END_OF_MESSAGE:
                return await self._end(packet.data)
            case _:
                pass
        return (CONTINUE,)

    async def abort(self) -> None:
        """Forget the message that is under way."""
        mail, self._mail = self._mail, None
        if mail is not None and mail.transaction is not None:
            await mail.transaction.abort()

    def _hear(self, command: bytes, macros: dict[str, str]) -> None:
        """Take what macros tell beyond packets: TLS, and the name that the MTA gives the client."""
        if command in (Command.HELO.value, Command.MAIL.value) and macros.get("tls_version"):
            self._client = _changed(self._client, tls=True)

    def _begin(self, words: list[bytes]) -> None:
        if not words:
            raise codec.MalformedError("a sender without an address")
        path, *parameters = (word.decode("utf-8", "replace") for word in words)
        kept = tuple(one for one in parameters if one.partition("=")[0].upper() in NEEDED_KEYWORD.keys() - {"SIZE"})
        self._mail = _Mail(_plain(path), kept)

    async def _recipient(self, words: list[bytes]) -> tuple[bytes, ...]:
        mail = self._mail
        if mail is None or not words:
            raise codec.MalformedError("a recipient without a message, or without an address")
        path, *parameters = (word.decode("utf-8", "replace") for word in words)
        path = _plain(path)
        if not is_ours(path, self._reception.counter.domains):
            return (CONTINUE,)
        if mail.transaction is None:
            smtputf8 = "SMTPUTF8" in (one.upper() for one in mail.parameters)
            mail.transaction = self._reception.begin(
                mail.reverse_path, mail.parameters, self._client, smtputf8, mail.handback
            )
        reply = await mail.transaction.rcpt(path, tuple(parameters))
        return (CONTINUE if reply.is_success else codec.refusal(reply),)

    def _is_none_of_ours(self) -> bool:
        return self._told().transaction is None

    def _told(self) -> _Mail:
        """Return the message that is under way. Raises MalformedError: one that was refused must not pass unread."""
        if self._mail is None:
            raise codec.MalformedError("content of no message")
        return self._mail

    async def _content(self, packet: Packet) -> tuple[bytes, ...]:
        mail = self._told()
        if mail.transaction is None:
            return (ACCEPT,)
        mail.octets += len(packet.data)
        if mail.octets > self._max_message_bytes:
            self._mail = None  # whatever more is told of it is refused, too
            await mail.transaction.abort()
            return (codec.refusal(TOO_BIG),)
        if packet.command is Command.HEADER:
            mail.fields.append(codec.parse_header(packet.data))
        else:
            mail.body += packet.data
        return (CONTINUE,)

    async def _end(self, rest: bytes) -> tuple[bytes, ...]:
        """Judge the message and say what to do with it."""
        mail, self._mail = self._told(), None
        if mail.transaction is None:
            return (ACCEPT,)
        assert self._agreed is not None
        leading_space = Step.LEADING_SPACE in self._agreed.steps
        body = bytes(mail.body) + rest
        mail.body.clear()
        reply = await mail.transaction.data(assemble(mail.fields, body, leading_space=leading_space))
        if (told := mail.transaction.told(heard=True)) is not None:  # an MTA that is gone asks again, and is answered
            await told
        if not reply.is_success:
            return (codec.refusal(reply),)
        finished = mail.handback.message
        if finished is None:
            return (DISCARD,)
        return (*changes(mail.fields, body, finished, leading_space=leading_space), ACCEPT)


def _plain(path: str) -> str:
    """Return an address without its angle brackets; ``""`` is the null reverse-path."""
    return path.strip().removeprefix("<").removesuffix(">")


def _changed(client: Client, *, helo: str | None = None, tls: bool | None = None) -> Client:
    return Client(
        client.address,
        client.port,
        client.helo if helo is None else helo,
        client.name,
        client.tls if tls is None else tls,
        client.protocol,
    )
