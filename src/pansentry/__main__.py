"""``python -m pansentry``."""

from pansentry.cli import main

main()
