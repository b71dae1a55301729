"""Mails that must never get a letter, and mails that must: what programs, lists, robots and people really send.

Each case is a mail as it comes over the wire, and the recorded reason for silence (``""``: a letter must go out). The
sources are the rules themselves: RFC 3834, RFC 5230, Dovecot Pigeonhole, Gmail, Exchange (MS-OXCMAIL), Fastmail, and
rules of our own (N). The domains are those of :class:`tests.e2e.dns_zone.Zone`.
"""

from __future__ import annotations

from dataclasses import dataclass

CARD = "please charge my Visa for the table:\r\n\r\n  4012 8888 8888 1881\r\n  valid thru 09/28, security code 737\r\n"
CUSTOMER = "192.0.2.10"
"""Sends for customer.example and for the domains without DMARC."""
STRANGER = "203.0.113.9"
SHOP = "orders@shop.example"


@dataclass(frozen=True)
class Case:
    """``sender`` is the reverse-path (None: a fresh one at ``domain``), ``author`` the From field (None: the same)."""

    name: str
    source: str
    reason: str
    fields: tuple[str, ...] = ()
    sender: str | None = None
    author: str | None = None
    domain: str = "customer.example"
    to: str = SHOP
    to_field: str = "To: Meier Furniture <orders@shop.example>"
    client: str = CUSTOMER
    text: str = CARD
    content: str = "Content-Type: text/plain; charset=utf-8"
    signed: str = ""
    """Domain that the mail is DKIM-signed for; ``broken`` for a signature that does not hold."""


def _auto(value: str, source: str = "RFC 3834 §2") -> Case:
    return Case(f"auto-submitted {value or 'empty'}", source, "auto-submitted", (f"Auto-Submitted: {value}",))


def _field(reason: str, field: str, source: str) -> Case:
    return Case(field[:40], source, reason, (field,))


def _local(reason: str, local: str, source: str) -> Case:
    return Case(f"from {local}", source, reason, sender=f"{local}@customer.example")


NEVER: tuple[Case, ...] = (
    Case("null reverse-path", "RFC 3834 §2, RFC 5230 §4.6", "null-sender", sender="", author="a@customer.example"),
    _auto("auto-replied"),
    _auto("auto-generated"),
    _auto("auto-notified; owner-email=x@customer.example"),
    _auto("auto-replied (vacation)"),
    _auto("Auto-Replied"),
    _auto("yes", "RFC 5230 §4.6: anything but no"),
    Case(
        "auto-submitted twice", "RFC 3834", "auto-submitted", ("Auto-Submitted: no", "Auto-Submitted: auto-generated")
    ),
    _field("list", "List-Id: Cooks <cooks.customer.example>", "RFC 5230 §4.6, Gmail"),
    _field("list", "List-Owner: <mailto:o@customer.example>", "RFC 5230 §4.6"),
    _field("list", "List-Subscribe: <mailto:s@customer.example>", "RFC 5230 §4.6"),
    _field("list", "List-Post: <mailto:p@customer.example>", "RFC 5230 §4.6"),
    _field("list", "List-Unsubscribe: <https://customer.example/u>", "RFC 5230 §4.6, Gmail"),
    _field("list", "List-Help: <mailto:h@customer.example>", "RFC 5230 §4.6"),
    _field("list", "List-Archive: <https://customer.example/a>", "RFC 5230 §4.6"),
    _field("list", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "RFC 8058"),
    _field("precedence", "Precedence: bulk", "Pigeonhole"),
    _field("precedence", "Precedence: junk", "Pigeonhole"),
    _field("precedence", "Precedence: list", "Pigeonhole"),
    _field("precedence", "PRECEDENCE: Bulk", "Pigeonhole"),
    _field("precedence", "Precedence: auto_reply", "N"),
    _field("suppressed", "X-Auto-Response-Suppress: All", "Exchange"),
    _field("suppressed", "X-Auto-Response-Suppress: OOF", "Exchange"),
    _field("suppressed", "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply", "Exchange"),
    _field("suppressed", "X-Auto-Response-Suppress: AutoReply", "N"),
    _field("robot-header", "X-Autoreply: yes", "N"),
    _field("robot-header", "X-Autorespond: Re: your mail", "N"),
    _field("robot-header", "X-Autoresponder: cPanel", "N"),
    _field("robot-header", "X-Loop: orders@shop.example", "N"),
    _field("robot-header", "X-Failed-Recipients: x@customer.example", "N, Exim"),
    _field("robot-header", "Feedback-ID: 1:2:3:customer", "N, Gmail bulk"),
    _field("robot-header", "Delivered-To: Autoresponder", "N, qmail"),
    _field("own-letter", "X-PanSentry-Reply: guidance/0abc", "N"),
    Case("delivery report", "RFC 6522", "report", content="Content-Type: multipart/report; boundary=x"),
    Case("delivery status", "RFC 3464", "report", content="Content-Type: message/delivery-status"),
    Case("read receipt", "RFC 8098", "report", content="Content-Type: message/disposition-notification"),
    Case("abuse report", "RFC 5965", "report", content="Content-Type: message/feedback-report"),
    Case("meeting request", "Exchange", "report", content="Content-Type: text/calendar; method=REQUEST"),
    _local("list-robot", "MAILER-DAEMON", "RFC 5230 §4.6"),
    _local("list-robot", "listserv", "RFC 5230 §4.6"),
    _local("list-robot", "majordomo", "RFC 5230 §4.6"),
    _local("list-robot", "cooks-request", "RFC 5230 §4.6"),
    _local("list-robot", "owner-cooks", "RFC 5230 §4.6"),
    _local("list-robot", "cooks-bounces", "Mailman"),
    _local("nobody-reads", "no-reply", "N"),
    _local("nobody-reads", "noreply+4711", "N"),
    _local("nobody-reads", "do-not-reply", "N"),
    _local("nobody-reads", "bounces", "N"),
    _local("nobody-reads", "root", "N"),
    _local("nobody-reads", "cron", "N"),
    _local("nobody-reads", "notifications", "N"),
    _local("nobody-reads", "ne-pas-repondre", "N"),
    _local("nobody-reads", "postmaster", "N"),
    Case("ourselves", "RFC 3834 §2", "own-sender", sender=SHOP),
    Case("a colleague", "Pigeonhole", "own-sender", sender="boss@shop.example"),
    Case("a colleague's name over another sender", "N", "own-sender", author="boss@shop.example"),
    Case("blind copy", "RFC 5230 §4.5", "not-addressed", to_field="To: friends@customer.example"),
    Case("undisclosed", "RFC 5230 §4.5", "not-addressed", to_field="To: undisclosed-recipients:;"),
    Case("no To at all", "RFC 5230 §4.5", "not-addressed", to_field="X-To: orders@shop.example"),
    _field("spam", "X-Spam-Flag: YES", "Gmail, Fastmail; SpamAssassin"),
    _field("spam", "X-Spam-Status: Yes, score=12.1 required=5.0", "SpamAssassin"),
    _field("spam", "X-Gm-Spam: 1", "Gmail gateway"),
    _field("spam", "X-MS-Exchange-Organization-SCL: 6", "Exchange"),
    _field("spam", "X-Forefront-Antispam-Report: CIP:203.0.113.1;SCL:5;SRV:;", "Exchange Online"),
    _field("spam", "X-Rspamd-Action: add header", "Rspamd"),
    Case("travelling in circles", "N", "loop", ("Received: from a by b; Tue, 17 Nov 2026 09:12:44 +0100",) * 30),
    Case("two From fields", "N", "no-author", ("From: other@customer.example",)),
    Case("two authors", "N", "no-author", author="a@customer.example, b@customer.example"),
    Case("VERP of a bulk mailer", "N", "unaligned", sender="b.4711.anna=customer.example@esp.example",
         author="verp@customer.example"),
    Case("somebody else's sender", "N", "unaligned", sender="x@elsewhere.example", author="else@customer.example"),
    Case("a look-alike domain", "N", "unaligned", sender="x@evilcustomer.example", author="like@customer.example"),
    Case("SRS of a forwarder that did not send it", "N", "unaligned",
         sender="SRS0=ab=cd=customer.example=srs@victim.example", author="srs@customer.example"),
    Case("a forged sender", "N: DMARC fails", "unproven", client=STRANGER),
    Case("from this machine, unnamed", "N: nothing to measure", "unproven", client=""),
    Case("no SPF, no DKIM, no DMARC", "N", "unproven", domain="nothing.example"),
    Case("SPF softfail only", "N", "unproven", domain="softly.example", client=STRANGER),
    Case("a broken signature", "N", "unproven", domain="dkim.example", client=STRANGER, signed="broken"),
    Case("signed by somebody else", "N: not aligned", "unproven", domain="nothing.example", signed="dkim.example"),
    Case("policy quarantine, forged", "N", "unproven", domain="quarantine.example", client=STRANGER),
    Case("a subdomain nobody vouches for", "N", "unproven", domain="mail.customer.example", client=STRANGER),
    Case("nothing about cards", "N", "", text="Is the table still available?\r\n"),
    Case("paying by card is no enquiry", "N", "", text="Can I pay by credit card in your shop?\r\n"),
    Case("an enquiry from a robot", "N", "auto-submitted", ("Auto-Submitted: auto-replied",),
         text="May I send you my card number by mail?\r\n"),
    Case("an enquiry from a forged sender", "N", "unproven", client=STRANGER,
         text="May I send you my card number by mail?\r\n"),
)  # fmt: skip
"""No letter. Cases with an empty reason are clean mail that no letter is about."""

ENQUIRY = "Hello,\r\n\r\nmay I send you my credit card number by e-mail?\r\n\r\nAnna\r\n"

MUST: tuple[Case, ...] = (
    Case("a card in plain text", "", ""),
    Case("Auto-Submitted: no", "RFC 3834 §5", "", ("Auto-Submitted: no",)),
    Case("Precedence: normal", "", "", ("Precedence: normal",)),
    Case("Importance and priority", "", "", ("Importance: high", "X-Priority: 1 (Highest)", "X-MSMail-Priority: High")),
    Case("read receipt wanted", "", "", ("Disposition-Notification-To: anna@customer.example",)),
    Case("Exchange suppresses reports only", "MS-OXCMAIL", "", ("X-Auto-Response-Suppress: DR, RN, NRN",)),
    Case("judged no spam", "", "", ("X-Spam-Flag: NO", "X-Spam-Status: No, score=-1.9", "X-Rspamd-Action: no action")),
    Case("SCL 1", "", "", ("X-MS-Exchange-Organization-SCL: 1", "X-Forefront-Antispam-Report: SCL:1;")),
    Case("in Cc", "RFC 5230 §4.5", "", ("Cc: Orders <orders@shop.example>",), to_field="To: friend@customer.example"),
    Case("resent to us", "RFC 5230 §4.5", "", ("Resent-To: orders@shop.example",), to_field="To: x@customer.example"),
    Case("address in upper case", "", "", to_field="To: ORDERS@Shop.Example"),
    Case("a group of recipients", "RFC 5322", "", to_field="To: Shop: orders@shop.example, b@customer.example;"),
    Case("a name in another script", "", "", author="=?utf-8?b?5bGx55SwIOWkqumDjg==?= <taro@customer.example>",
         sender="taro@customer.example"),
    Case("a comment in From", "RFC 5322", "", author="anna2@customer.example (Anna)", sender="anna2@customer.example"),
    Case("BATV", "draft-levine-smtp-batv", "", sender="prvs=1234567890=batv@customer.example",
         author="batv@customer.example"),
    Case("a subaddress", "RFC 5233", "", sender="anna+shop@customer.example"),
    Case("a quoted local part", "RFC 5321", "", sender='"anna b"@customer.example'),
    Case("a surname like a robot's", "", "", sender="tim.bouncer@customer.example"),
    Case("a local part with request in front", "", "", sender="request@customer.example"),
    Case("no DMARC record, SPF aligned", "N", "", domain="spfonly.example"),
    Case("no DMARC record, DKIM aligned", "N", "", domain="dkim.example", client=STRANGER, signed="dkim.example"),
    Case("DMARC by DKIM though SPF fails", "RFC 9989", "", domain="dkimdmarc.example", client=STRANGER,
         signed="dkimdmarc.example"),
    Case("a subdomain under DMARC", "RFC 9989", "", domain="news.spfwide.example"),
    Case("HTML only", "", "", content="Content-Type: text/html; charset=utf-8",
         text="<p>please charge my Visa 4012 8888 8888 1881, valid thru 09/28, security code 737</p>\r\n"),
    Case("Latin-1", "", "", content="Content-Type: text/plain; charset=iso-8859-1",
         text="bitte belasten Sie meine Visa 4012 8888 8888 1881, Prüfziffer 737\r\n"),
    Case("only the code", "", "", text="the security code of my credit card is 737\r\n"),
    Case("a few hops", "", "", ("Received: from a by b; Tue, 17 Nov 2026 09:12:44 +0100",) * 6),
    Case("a thread", "RFC 5322", "", ("In-Reply-To: <q@shop.example>", "References: <p@shop.example> <q@x.example>")),
    Case("a machine's X headers", "", "", ("X-Mailer: Apple Mail (2.3)", "User-Agent: Thunderbird", "X-Face: abc")),
    Case("language headers", "Exchange", "", ("Content-Language: de-DE", "Accept-Language: de-DE, en-US")),
    Case("a new card below a quotation", "N", "", text=CARD + "\r\n> when can you pay?\r\n"),
    Case("an enquiry in English", "N", "", text=ENQUIRY),
    Case("an enquiry in German", "N", "",
         text="Guten Tag,\r\n\r\ndarf ich Ihnen meine Kreditkartendaten per E-Mail schicken?\r\n"),
    Case("an enquiry in French", "N", "",
         text="Bonjour,\r\n\r\npuis-je vous envoyer mon numéro de carte par mail ?\r\n"),
    Case("an enquiry in Japanese", "N", "", text="メールでカード番号を送ってもいいですか。\r\n"),
)  # fmt: skip
"""A letter must go out, exactly one."""
