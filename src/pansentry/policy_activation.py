"""Policies into use: read as one piece → checked → tested → swapped; or the old ones stay and everybody is told.

In: a folder (None: the shipped policies, which are neither watched nor kept). Out: :class:`State`, and notes in the
store: each version that was taken into use, and the last one that was refused and why, for ``healthcheck``, ``doctor``
and the console.

Tests that hold a card number other than the published test numbers are run but not kept with a version: the store holds
no card data.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry import pan, shipped
from pansentry.errors import ConfigurationError, Flaw
from pansentry.logs import where
from pansentry.policy.cases import must_pass, parse_cases, run_cases
from pansentry.policy.folder import Fingerprint, Snapshot, fingerprint, is_being_written, owner, replace_files, snapshot
from pansentry.policy.loading import parse_policies, warnings
from pansentry.rehearsal import rehearse
from pansentry.reply.letters import letter_names
from pansentry.sealing import can_seal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pansentry.policy import PolicySet
    from pansentry.store.versions import PolicyVersion, Versions

log = logging.getLogger("pansentry.policy")


@dataclass(frozen=True, slots=True)
class State:
    """Policies that may be used, with the files that they were read from, all at one moment.

    ``is_shipped`` says that they are nobody's own: neither watched nor kept.
    """

    policies: PolicySet
    source: Snapshot
    warnings: tuple[str, ...] = ()
    is_shipped: bool = False


def prove(source: Snapshot, letters: Collection[str] | None) -> State:
    """Check the policies of a snapshot and run the tests beside them. Raises :class:`ConfigurationError`.

    ``letters`` are the names of the letters that there are; None: it is not asked for those that are sent.
    """
    policies = parse_policies(source.policies, letters)
    wanted = next((policy for policy in policies.policies if policy.hold.seal_to), None)
    if wanted is not None and not can_seal():
        wrong = f"The policy `{wanted.name}` seals originals, and the library for that is not installed."
        raise ConfigurationError(Flaw(str(source.folder), 0, 0, wrong, "Run `pip install 'pansentry[seal]'`."))
    must_pass(run_cases(parse_cases(source.tests), policies, rehearse))
    return State(policies, source, warnings(policies))


@dataclass(slots=True)
class Activation:
    """Which policies are in use, and when to look again. ``state`` is replaced as a whole.

    ``replies`` is the folder of the letters that they may send, None where nobody asks.
    """

    folder: Path | None
    replies: Path | None = None
    state: State = field(init=False)
    seen: Fingerprint = ()
    """What was read last, good or not: the same mistake is not read twice."""
    pending: Fingerprint = ()

    def read(self) -> State:
        """Read, check and test. Raises :class:`ConfigurationError`; changes nothing but what counts as seen."""
        if self.folder is None:
            source = snapshot(shipped.policies())
            return State(parse_policies(source.policies), source, is_shipped=True)
        self.seen = fingerprint(self.folder)
        source = snapshot(self.folder)
        self.seen = source.fingerprint
        return prove(source, letter_names(self.replies) if self.replies is not None else None)

    def has_changed(self) -> bool:
        """Tell whether the files differ from what was read, and have not changed since the last time it was asked."""
        if self.folder is None or is_being_written(self.folder):
            return False
        now = fingerprint(self.folder)
        at_rest, self.pending = now == self.pending, now
        return at_rest and now != self.seen

    def changed_by(self) -> str:
        """Return for the audit log who changed the files, as far as the system knows."""
        name = owner(self.folder) if self.folder is not None else ""
        return f"files of {name}" if name else "files"

    async def newer(self, versions: Versions) -> PolicyVersion | None:
        """Return the version that the other gateways of a fleet use, None if there are none or ours is the newest.

        Ours is the newest as well if the store does not know it: somebody has just brought it here.
        """
        if self.state.is_shipped or not versions.are_shared:
            return None
        newest = next(iter(await versions.list(1)), None)
        ours = self.state.source.digest
        if newest is None or newest.digest == ours or await versions.get(ours) is None:
            return None
        return await versions.get(newest.digest)

    def take_over(self, version: PolicyVersion) -> str:
        """Make the files of a version those of our folder; return why not, ``""`` if it was done."""
        folder = self.state.source.folder
        if Snapshot(folder, version.files, ()).digest != version.digest:
            return (
                f"tests of version {version.digest} hold card numbers and were not kept; copy its folder to this node"
            )
        try:
            replace_files(folder, version.files)
        except OSError as error:
            return f"version {version.digest} cannot be written to {folder}: {error.strerror}"
        return ""

    async def note_accepted(self, versions: Versions, who: str) -> None:
        """Keep this version. A store that fails costs a version, not the policies."""
        source = self.state.source
        if self.state.is_shipped:
            return
        try:
            await versions.accept(source.digest, kept(source), who)
        except Exception as error:  # the policies are in use all the same
            log.error("policy version not kept: %s", where(error))  # noqa: TRY400  no values in logs

    async def note_refused(self, versions: Versions, reason: str, who: str) -> None:
        """Note that what lies in the folder is not in use."""
        try:
            await versions.refuse(hashlib.sha256(repr(self.seen).encode()).hexdigest()[:10], reason, who)
        except Exception as error:
            log.error("refused policy not noted: %s", where(error))  # noqa: TRY400  no values in logs


def kept(source: Snapshot) -> Mapping[str, bytes]:
    """Return the files of a version that may be kept: all but tests with card numbers that nobody published."""
    options = pan.DetectOptions(ignore_test_numbers=True)
    return {
        name: content
        for name, content in source.files.items()
        if not name.startswith("tests/")
        or not any(f.kind is pan.Kind.PAN for f in pan.find(content.decode("utf-8", "replace"), options))
    }
