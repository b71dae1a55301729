"""Examine a document: open it and everything inside it, look for card data, write it without, and prove that.

In: bytes, a name (of which nothing but the ending is ever used), options. Out: :class:`Examined`. Never raises but for
MemoryError; what cannot be read is a value. Time and memory are bounded by ``options.limits`` and, from outside, by
the worker that this runs in.
"""

from __future__ import annotations

from pansentry.errors import LimitExceededError
from pansentry.examination.model import DEFAULT_EXAMINATION, Examination, Examined
from pansentry.examination.node import Opened
from pansentry.examination.opening import Opener, reason_of
from pansentry.examination.rewriting import Rewriter
from pansentry.examination.searching import Search, sightings, walk
from pansentry.outcome import Unreadable

CANNOT_REWRITE = "cannot-rewrite"


def examine(data: bytes, name: str = "", options: Examination = DEFAULT_EXAMINATION) -> Examined:
    """Return what ``data`` shows, and ``data`` without it."""
    opener = Opener(options)
    nodes = opener.open(data, name)
    kind = nodes[0].kind
    unreadable = tuple(dict.fromkeys(why for node in walk(nodes) for why in node.unreadable))
    search = Search(options, opener.message_limits)
    try:
        found = search.search(nodes)
    except LimitExceededError as error:
        return Examined(kind, unreadable=(*unreadable, Unreadable(reason_of(error), f"document:{kind}")))
    except MemoryError:
        raise
    except Exception:
        return Examined(kind, unreadable=(*unreadable, Unreadable("crash", f"document:{kind}")))
    if not found:
        return Examined(kind, (), data, unreadable)
    seen = sightings(nodes, options.key)
    try:
        new = Rewriter(options, search, found).rewrite(nodes)
    except MemoryError:
        raise
    except Exception:  # surgery that breaks has not been done
        new = None
    if new is None:
        unreadable = (*unreadable, Unreadable(CANNOT_REWRITE, f"document:{kind}"))
    signed = (
        new is not None and new is not data and any(isinstance(n, Opened) and n.extract.signed for n in walk(nodes))
    )
    return Examined(kind, seen, new, unreadable, signed)
