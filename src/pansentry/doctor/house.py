"""The checks of ``pansentry doctor`` that need nobody else: sealing, writing in pictures, what becomes of a card.

In: a configuration. Out: answers, one function each. A sample mail goes through the whole core under the policies that
are configured, in this process (and its confined workers, which have no network); nothing is sent. Through the running
gateway it goes with ``--self-audit``.
"""

from __future__ import annotations

import sys
from email.message import EmailMessage
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.doctor.answer import Answer, failed, passed, skipped, warned
from pansentry.doctor.traces import files_below
from pansentry.sentence import sentence

if TYPE_CHECKING:
    from pansentry.configuration import Configuration
    from pansentry.outcome import Outcome
    from pansentry.policy import PolicySet

NUMBER = "4111 1111 1111 1111"
SAFE_PYTHON = (3, 11, 5)
"""From here on possessive quantifiers of regular expressions match what they should (gh-106052)."""
_PRIVATE = b"AGE-SECRET-KEY-1"
_MAX_FILES = 5000
_MAX_KEY_BYTES = 64 * 1024


def interpreter(name: str, _configuration: Configuration) -> Answer:
    """Python is one that we are tested with."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < SAFE_PYTHON:
        return passed(name, sentence("It is {version}, with a fault that we go around.", version=version))
    return passed(name, sentence("It is {version}.", version=version))


def sealing(name: str, configuration: Configuration) -> Answer:
    """Sealed originals can be made here, and not be opened."""
    from pansentry.sealing import can_seal

    policies = _policies(configuration)
    if not any(one.hold.seal_to for one in (*policies.policies, policies.fallback)):
        return skipped(name, "No policy keeps originals.")
    if not can_seal():
        return failed(name, "A policy seals originals, and the library is missing.", "pip install 'pansentry[seal]'")
    if found := _private_key(configuration):
        fix = "Take it to another machine, and delete it here."
        return failed(name, sentence("The private key lies on this machine: {path}.", path=found), fix)
    return passed(name, "Originals are sealed, and the private key is not where we could find it.")


def _private_key(configuration: Configuration) -> Path | None:
    """Look for a private key of age beside what the gateway reads and writes, and where ``age`` users keep one."""
    places = [configuration.state_dir, Path("/etc/pansentry"), Path.home() / ".config", Path.home() / ".age"]
    places += [configuration.policies] if configuration.policies else []
    for path in islice(files_below(*places), _MAX_FILES):
        try:
            if path.stat().st_size <= _MAX_KEY_BYTES and _PRIVATE in path.read_bytes():
                return path
        except OSError:
            continue
    return None


def pictures(name: str, configuration: Configuration) -> Answer:
    """Writing in pictures is read, by models that lie on this machine."""
    from pansentry.formats import ocr

    if not ocr.is_installed():
        return skipped(name, "Writing in pictures is not read.", "pip install 'pansentry[ocr]'")
    outcome = _rehearsed(configuration, _picture())
    if not any(item.kind == "pan" for item in outcome.found):
        said = "A card number in a picture was not found: the models do not load, or took too long."
        return failed(name, said, "Install the extra ocr again; look at `documents` in the configuration.")
    return passed(name, "A card number in a picture is found, without a network.")


def _picture() -> bytes:
    """Draw a card number."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (900, 160), "white")
    ImageDraw.Draw(picture).text((40, 50), NUMBER, "black", ImageFont.load_default(size=56))
    octets = BytesIO()
    picture.save(octets, "PNG")
    return octets.getvalue()


def round_trip(name: str, configuration: Configuration) -> Answer:
    """A card in a mail is taken out, held or refused by the policies as they are."""
    outcome = _rehearsed(configuration)
    verdict = outcome.verdict
    if verdict.observe_only:
        return warned(
            name, "The policy only observes: cards are delivered.", "Take `mode: observe` out when you are sure."
        )
    match str(verdict.action):
        case "deliver" if NUMBER.encode() in (outcome.message or b""):
            fix = "Run `pansentry policy test`, and see the rules for card data."
            return warned(name, sentence("The rule {rule} lets a card number through.", rule=verdict.rule), fix)
        case "tempfail":
            fix = "Run `pansentry explain` on a mail of yours with a card."
            return failed(name, sentence("A mail with a card is deferred for ever ({rule}).", rule=verdict.rule), fix)
    return passed(name, sentence("A sample card does not get through ({rule}).", rule=verdict.rule))


def _rehearsed(configuration: Configuration, picture: bytes = b"") -> Outcome:
    """Carry a sample mail through the core: a card in its text, or in a picture."""
    from pansentry.envelope import Envelope
    from pansentry.rehearsal import rehearse_mail

    recipient = f"postmaster@{configuration.domains[0].rpartition('@')[2]}"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "eva@customer.example", recipient, "My order"
    mail["Message-ID"] = "<sample@customer.example>"
    mail.set_content("Please see the picture." if picture else f"Please charge my Visa card {NUMBER}, exp 09/29.\n")
    if picture:
        mail.add_attachment(picture, "image", "png", filename="card.png")
    raw = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return rehearse_mail(raw, Envelope(forward_paths=(recipient,)), _policies(configuration))


def _policies(configuration: Configuration) -> PolicySet:
    from pansentry import shipped
    from pansentry.policy.loading import load_policies

    return load_policies(configuration.policies or shipped.policies())
