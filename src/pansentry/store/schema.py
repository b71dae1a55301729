"""The tables, one schema for SQLite and PostgreSQL; and the fixed names of an event.

Only types both engines have: integers, doubles, text, bytes. Times are seconds since the epoch (doubles). No card data
in any of them: brands, counts, places, keyed tokens. ``outbox`` and ``held`` hold finished letters and redacted mail.

PostgreSQL keeps ``events`` in one table for each month (:mod:`pansentry.store.partitions`) and numbers rows in 64 bits.

``SCHEMA_VERSION`` is written to ``meta`` when the tables are made. A database of a later version is not opened; one of
an earlier version is brought up by ``pansentry db upgrade`` (``migrations/``, one file for each step).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 2

EVENT_FIELDS = frozenset(
    {
        # what happened
        "kind", "action", "rule", "reasons", "tags", "incident", "observe_only", "policy", "letter", "silence",
        "notice", "template", "language", "letter_kind", "channel", "duty", "marked", "marked_by", "reply_code",
        "reply_enhanced", "next_hop", "attempts", "duplicate",
        # the message, without its content
        "message_ref", "size_bytes", "elapsed_ms", "recipients", "recipient_domain", "sender_domain", "client",
        "client_name", "helo", "tls", "spf", "dkim", "dmarc",
        # what was found, without what it was
        "pan", "cvv", "expiry", "track", "brands", "places", "kept", "confidence", "unreadable", "ambiguities",
        "signed_part_edited", "changed",
        # what a decision depended on, for trying it again (see features.py): keyed tokens, words, no address
        "sightings", "signed", "is_reply", "aligned", "sender_keys", "recipient_keys", "from_keys", "from_domain",
    }
)  # fmt: skip
"""The names an event may have. A name that is not here is left out and reported, so that nothing new gets into the
database by accident."""

metadata = MetaData()
_Number = Integer().with_variant(BigInteger(), "postgresql")

meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("action", String(16), nullable=False),
    Column("rule", String(128), nullable=False),
    Column("fields", Text, nullable=False),
)
"""``fields`` is one JSON object with the names of :data:`EVENT_FIELDS`."""

tallies = Table(
    "tallies",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("name", String(160), primary_key=True),
    Column("number", _Number, nullable=False),
)
"""Sums of events by day (days since the epoch, UTC); see :mod:`pansentry.store.tallies`."""

reply_windows = Table(
    "reply_windows",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("granted_at", Double, nullable=False, index=True),
    Column("until", Double, nullable=False, index=True),
    Column("bucket", String(64), nullable=False),
)
"""One row for each sender, mailbox and template that got a letter; ``bucket`` is the keyed domain, for the budget."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("origin", String(64), nullable=False),
    Column("reverse_path", Text, nullable=False),
    Column("forward_paths", Text, nullable=False),
    Column("mail_parameters", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("template", String(128), nullable=False),
    Column("language", String(32), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", String(128), nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("content_sent", Integer, nullable=False),
    UniqueConstraint("kind", "origin", name="uq_outbox_origin"),
    Index("ix_outbox_due", "due_at"),
)
"""``origin`` is the keyed message a letter answers, so that one message never gets two; ``content_sent`` is set before
content goes to the next hop, so that a crash there is known for what it is: nobody knows whether it arrived."""

answered = Table(
    "answered",
    metadata,
    Column("origin", String(64), primary_key=True),
    Column("until", Double, nullable=False, index=True),
)
"""Origins whose letter has left the outbox; one message never gets two letters, whatever the window says."""

transactions = Table(
    "transactions",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("owner", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("at", Double, nullable=False, index=True),
)
"""Transactions whose client may not have got our answer; see :mod:`pansentry.store.ledger`."""

customers = Table(
    "customers",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("letters", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("silent", Integer, nullable=False),
    Column("seen_at", Double, nullable=False, index=True),
)
"""Who had letters, by keyed token of the address; see :mod:`pansentry.store.customers`."""

letter_times = Table(
    "letter_times",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("customer", String(64), nullable=False, index=True),
    Column("at", Double, nullable=False, index=True),
)
"""When each customer had letters during the last day, for the budget of one sender."""

codes = Table(
    "codes",
    metadata,
    Column("whole", String(64), primary_key=True),
    Column("half", String(64), nullable=False, index=True),
    Column("message_ref", String(64), nullable=False),
    Column("customer", String(64), nullable=False, index=True),
    Column("created_at", Double, nullable=False, index=True),
    Column("until", Double, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("mark", String(16), nullable=False),
    Column("marked_by", String(16), nullable=False),
    Column("marked_at", Double, nullable=False),
)
"""Reference codes as keyed hashes; see :mod:`pansentry.store.codes`."""

memory = Table(
    "memory",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("until", Double, nullable=False, index=True),
    Column("changed_at", Double, nullable=False, index=True),
)
"""Keyed conversation tokens."""

held = Table(
    "held",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("at", Double, nullable=False, index=True),
    Column("until", Double, nullable=False, index=True),
    Column("reason", String(128), nullable=False),
    Column("reverse_path", Text, nullable=False),
    Column("forward_paths", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
)
"""Redacted copies that wait for somebody's decision, or that could not be delivered."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("policy", String(64), nullable=False),
    Column("message_ref", String(64), nullable=False),
    Column("sealed_to", String(80), nullable=False),
    Column("original", LargeBinary, nullable=False),
)
"""What belongs to a row of ``held`` that a policy asked for: the original is an age file that nobody here can open."""

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("who", String(128), nullable=False),
    Column("files", LargeBinary, nullable=False),
)
"""``files`` is a compressed JSON object, name → base64 of the content."""

people = Table(
    "people",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("role", String(16), nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("password", Text, nullable=False),
    Column("totp", String(64), nullable=False),
    Column("totp_used", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
)
"""Who may sign in to the console; ``password`` is an argon2id hash. Roles are in ``people``."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("name", String(128), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("label", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("until", Double, nullable=False, index=True),
)
"""Sessions of browsers and tokens of programs, by keyed hash; see :mod:`pansentry.store.accounts`."""

guests = Table(
    "guests",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("seen_at", Double, nullable=False),
)
"""Who signs in to the console through an OpenID provider, with the role that the provider's groups gave last."""

nodes = Table(
    "nodes",
    metadata,
    Column("owner", String(128), primary_key=True),
    Column("machine", String(255), nullable=False),
    Column("hostname", String(255), nullable=False),
    Column("version", String(32), nullable=False),
    Column("policies", String(64), nullable=False),
    Column("started_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
)
"""One row for each process that serves mail; see :mod:`pansentry.store.nodes`."""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("who", String(128), nullable=False),
    Column("did", String(64), nullable=False),
    Column("what", Text, nullable=False),
    Column("chain", String(64), nullable=False),
)
"""Append only; ``chain`` is a keyed hash over the entry and the chain before it."""
