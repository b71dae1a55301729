"""The tables of the first version: made whole by :mod:`pansentry.store.schema`, so there is nothing to do here."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: this is where counting begins."""
