"""The doctor: checks of an installation, and the audit of a running one. A check is one row in ``checks.py``."""
