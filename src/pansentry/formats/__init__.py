"""Documents: one module a format, with ``extract`` (texts and what is embedded) and ``rewrite`` (cuts at those places).

``formats`` knows documents, nothing of cards and nothing of mail. Everything in here runs in worker processes and may
raise :class:`pansentry.errors.DamagedError` or :class:`pansentry.errors.LimitExceededError`, nothing else on purpose.
"""
