"""The ways of putting the gateway in front of a mailbox: for each provider the steps, and what is copied into what.

In: ``providers.yaml``, and what is configured. Out: steps, each a sentence of the catalogue and the text to copy, with
our own names in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pansentry.configuration import Configuration

_FILE = Path(__file__).parent / "providers.yaml"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; ``copy`` is what is put in there, ``""`` if nothing is."""

    words: str
    copy: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of mailbox."""

    key: str
    title: str
    steps: tuple[Step, ...]


@cache
def providers() -> tuple[Provider, ...]:
    """Return every kind of mailbox, in the order in which they are offered."""
    from ruamel.yaml import YAML

    rows = YAML(typ="safe").load(_FILE.read_text("utf-8"))
    return tuple(Provider(row["key"], row["title"], tuple(Step(**step) for step in row["steps"])) for row in rows)


def filled_in(step: Step, configuration: Configuration) -> str:
    """Return what is to be copied, with the names of this installation."""
    domain = configuration.domains[0].rpartition("@")[2]
    facts = {
        "hostname": configuration.hostname,
        "domain": domain,
        "dashed": domain.replace(".", "-"),
        "port": configuration.listen[0].address.rpartition(":")[2],
    }
    text = step.copy
    for name, value in facts.items():
        text = text.replace(f"<<{name}>>", value)
    return text
