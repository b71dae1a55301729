"""Judging processes: messages that are large, or have work in them, are judged where nobody else waits for it.

A judge is forked from the nursery (``workers/nursery.py``), locks itself in, and judges one message after the other: it
is given bytes, envelope and policy, and answers with an ``Outcome`` as data. What only the gateway knows it asks for.
Who hears a message, and where, is decided in :mod:`.hearing`.
"""

from pansentry.judging.glance import glance
from pansentry.judging.judges import DEFAULT_TERMS, Judges, JudgeTerms
from pansentry.judging.matter import Matter, NoJudgeError, NotJudgedError

__all__ = ["DEFAULT_TERMS", "JudgeTerms", "Judges", "Matter", "NoJudgeError", "NotJudgedError", "glance"]
