"""The facts of a received message that letters depend on: header fields and who it is from. No body, no findings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incoming:
    """Header facts of a message as its sender wrote them: untrusted text of any length and content.

    ``fields`` are all fields of the outermost header in order, names in lower case, values unfolded and decoded.
    ``from_address`` is ``""`` unless there is exactly one author.
    """

    fields: tuple[tuple[str, str], ...] = ()
    message_id: str = ""
    references: str = ""
    in_reply_to: str = ""
    from_name: str = ""
    from_address: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of every field called ``name`` (lower case)."""
        return tuple(value for known, value in self.fields if known == name)
