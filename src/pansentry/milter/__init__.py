"""The milter: the same judgement inside a Postfix or sendmail that keeps queue, TLS and its own limits.

``codec`` (bytes ↔ packets, pure) → ``conversation`` (packets → one transaction of :mod:`pansentry.reception`) →
``changes`` (what we made of a message → the edits the MTA is asked for, pure); ``server`` listens.
"""
