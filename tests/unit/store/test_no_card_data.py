"""Nothing that is put into the store by its doors brings a card number onto the disk, in any form auditors look for."""

from __future__ import annotations

import base64
import gc
import hashlib
import time
from pathlib import Path

import pytest
from tests.growth import grows_by

from pansentry.outcome import EnqueueLetter
from pansentry.store import open_store
from pansentry.store.grants import Grant
from pansentry.store.scrubbing import has_digit_run, safe_path, scrubbed

PAN = "4111111111111111"
FORMS = (PAN, "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111", "4111_1111_1111_1111")


def traces(pan):
    """Every byte string that would betray a number: plain, spaced, UTF-16, hex, base64 at each offset, bare hashes."""
    plain = pan.encode()
    found = {form.encode() for form in FORMS} | {form.encode("utf-16-le") for form in FORMS}
    found |= {plain.hex().encode(), plain[4:].hex().encode()}
    found |= {base64.b64encode(b"x" * n + plain)[4 + 4 * (n > 0) : -4] for n in range(3)}
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, plain)
        found |= {digest.hexdigest().encode(), digest.digest()}
    return found


def bytes_on_disk(folder):
    """All bytes of all files in a folder."""
    return b"\0".join(path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file())


@pytest.mark.parametrize("form", FORMS)
async def test_no_door_lets_a_card_number_in(tmp_path, form):
    """Addresses, names, keys and reasons with a card number in them leave no trace in database, WAL or key file."""
    store = await open_store(f"sqlite:///{tmp_path}/s.db", time.time)
    body = f"Subject: x\r\n\r\nmy card {form}\r\n".encode()
    key = store.ledger.key(f"<{form}@x>", [f"{form}@shop.example"], body)
    await store.ledger.delivered(key)
    await store.ledger.untold(key)
    await store.memory.remember((store.database.keyed("conversation", form.encode()),), 100)
    grant = await store.outbox.file_letter(EnqueueLetter(f"{form}@customer.example", b"letter", "w"))
    assert grant is Grant.UNSAFE_ADDRESS
    await store.outbox.file_deferred(f"{form}@customer.example", ["b@shop.example"], b"redacted")
    await store.held.put(b"redacted", form, f"{form}@customer.example", [f"{form}@shop.example"])
    await store.audit.append(form, "held.release", form)
    store.events.record(dict.fromkeys(("kind", "action", "rule", "client_name", "helo", "sender_domain"), form))
    store.events.record({"places": (form,), "unreadable": [form], "size_bytes": int(PAN)})
    await store.events.flush()
    for data in (bytes_on_disk(tmp_path), None):
        if data is None:
            await store.close()
            data = bytes_on_disk(tmp_path)
        for trace in traces(PAN):
            assert trace not in data
    del store
    gc.collect()


async def test_the_search_would_find_a_leak(tmp_path):
    """A planted number is found, so the test above can fail."""
    store = await open_store(f"sqlite:///{tmp_path}/s.db", time.time)
    await store.held.put(f"not redacted: {PAN}".encode(), "planted", "", [])
    data = bytes_on_disk(tmp_path)
    assert any(trace in data for trace in traces(PAN))
    await store.close()


@pytest.mark.parametrize(
    "text", [*FORMS, "٤١١١ ١١١١ ١١١١ ١١١١", "a4111111111111111b", "3782 822463 10005", "4 1 1 1 1 1 1 1 1 1 1 1"]
)
def test_digit_runs_are_seen(text):
    """Twelve digits or more are a run, whatever stands between them."""
    assert has_digit_run(text)
    assert not has_digit_run(scrubbed(text))
    assert safe_path(f"{text}@x.example") == ""


@pytest.mark.parametrize("text", ["anna@example.com", "192.0.2.255", "2026-11-22", "+41 44 668 18 00", "12345678901"])
def test_ordinary_text_passes(text):
    """Addresses, dates, IPv4 addresses and phone numbers are left alone."""
    assert scrubbed(text) == text
    assert safe_path(text) == text


def test_scrubbing_takes_linear_time():
    """Long text that almost matches everywhere costs ten times as much when it is ten times as long."""
    text = "1 2 3 4 5 6 7 8 9 0 1 x"
    assert scrubbed(text * 2_000) == text * 2_000
    assert grows_by(40, scrubbed, text * 2_000, text * 20_000)
