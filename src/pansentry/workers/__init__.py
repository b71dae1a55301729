"""Worker processes for everything that opens documents: a deadline, a memory limit, no network, nothing written.

A worker is started when the first document comes, is used again, and is replaced after some jobs, when it has grown,
and when it was killed. What it answers is data (JSON and bytes), checked and bounded like anything from outside.
"""

from pansentry.workers.pool import DEFAULT_TERMS, Terms, Workers

__all__ = ["DEFAULT_TERMS", "Terms", "Workers"]
