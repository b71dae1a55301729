"""The letters that the policies in use may send, read and ready: no key and no password is among them.

In: a configuration and the policies that were read. Out: :class:`Words`. Known to whatever is laid ready before a store
or a key is read (:mod:`pansentry.readiness`), so nothing is imported here that opens one.

Raises ConfigurationError, with the file and the fix, for a letter or a channel that cannot be used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pansentry import shipped
from pansentry.channels.file import FILE as CHANNELS_FILE
from pansentry.channels.file import parse_channels
from pansentry.reply import load_letters

if TYPE_CHECKING:
    from pansentry.channels import Channels
    from pansentry.configuration import Configuration
    from pansentry.policy import PolicySet
    from pansentry.policy_activation import State
    from pansentry.reply import Letters


@dataclass(frozen=True, slots=True)
class Words:
    """Letters and channels to pay, as they were read."""

    letters: Letters
    channels: Channels | None


def words_of(configuration: Configuration, state: State) -> Words | None:
    """Read the letters that the policies ask for, None if they ask for none. Raises ConfigurationError."""
    wanted, source = policies_of(configuration, state).letters(), state.source
    if not wanted:
        return None
    raw = source.files.get(CHANNELS_FILE)
    channels = parse_channels(raw, str(source.folder / CHANNELS_FILE)) if raw is not None else None
    folder = configuration.replies or shipped.replies()
    return Words(load_letters(folder, configuration.business, wanted, channels), channels)


def policies_of(configuration: Configuration, state: State) -> PolicySet:
    """Return the policies in the mode that the configuration asks for."""
    return state.policies.with_mode(configuration.mode) if configuration.mode else state.policies
