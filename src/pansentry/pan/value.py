"""A code or expiry date as it is read, and what its readers share.

:class:`Value` carries its evidence; :data:`UNITS` are the words that make a number an amount or a count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pansentry.pan.evidence import score

if TYPE_CHECKING:
    from pansentry.pan.finding import Kind

UNITS = re.compile(
    r"[ \t]?(?:%|€|\$|£|¥|°|eur\b|usd\b|gbp\b|chf\b|pln\b|sek\b|dkk\b|nok\b|czk\b|huf\b|ron\b|euros?\b"
    r"|dollars?\b|pounds?\b|kg\b|g\b|km\b|cm\b|mm\b|m\b|ml\b|l\b|kb\b|mb\b|gb\b|pcs\b|x\b|stk\b|st\.|stuck\b|pieces?\b|people\b|persons?\b"
    r"|personen\b|personas\b|persone\b|personnes\b|nights?\b|days?\b|tage\b|jours\b|dias\b|giorni\b|hours?\b"
    r"|minutes?\b|min\b|users?\b|years?\b|kc\b|zł|円|元|원|руб|грн|lei\b|ft\b|tl\b|digits?\b|characters?\b)"
)
"""What behind a number makes it an amount, a size or a count."""

DATE_BEFORE = re.compile(r"(?<![0-9./,\-:])[0-9]{1,4} ?[/.\-] ?[0-9]{2,4}[ \t]?[(\[=\-]?[ \t]{0,2}$")
"""A date right before a place."""


@dataclass(slots=True)
class Value:
    """A code or expiry date at ``start:end`` of the folded text."""

    kind: Kind
    start: int
    end: int
    value: str
    evidence: list[str] = field(default_factory=list)

    @property
    def confidence(self) -> float:
        """What the evidence adds up to."""
        return score(self.evidence)
