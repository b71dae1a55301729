"""What the gateway keeps: events, letters, memory, ledger, held mail, audit. See :mod:`pansentry.store.store`."""

from pansentry.store.store import Store, open_configured, open_store

__all__ = ["Store", "open_configured", "open_store"]
