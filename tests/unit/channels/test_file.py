"""channels.yaml: what can be written, and that every mistake names its line and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansentry.channels import ChannelKind, Reference
from pansentry.channels.file import load_channels, parse_channels
from pansentry.errors import ConfigurationError
from pansentry.policy.loading import parse_policies

SHIPPED = Path(__file__).parents[3] / "policies"

GOOD = b"""
hours:
  zone: Europe/Berlin
  open: {mon-fri: ["9:00-12:00", "13:00-17:00"], sat: "10:00-13:00"}
  closed: ["12-25", "2026-05-01"]
country: DE
currency: EUR
valid: 7 days
provider: {kind: mollie, key_file: /etc/pansentry/mollie.key}
channels:
  - name: order-page
    kind: pay_page
    url: https://shop.example/pay/{order}
    reference: signed
    when: {order: true, amount_at_most: "500.00"}
    otherwise: page
  - {name: page, kind: pay_page, reference: provider}
  - {name: call, kind: phone, when: {open: true}, otherwise: call-back}
  - {name: call-back, kind: callback, duty: Call within a day, webhook: "https://crm.example/hook"}
  - {name: text, kind: sms, number: "+49 170 1234567", when: {phone: mobile}, otherwise: call-back}
  - {name: bank, kind: bank_transfer, iban: DE89 3704 0044 0532 0130 00, when: {sender: known}, otherwise: page}
  - {name: store, kind: in_person, text: "Marktplatz 1, Berlin"}
"""


def test_a_whole_file_is_read() -> None:
    """Hours, provider, conditions and fall-backs become values."""
    channels = parse_channels(GOOD, "channels.yaml")
    assert [c.name for c in channels.channels] == [
        "order-page", "page", "call", "call-back", "text", "bank", "store"
    ]  # fmt: skip
    first = channels.channels[0]
    assert (first.kind, first.reference, first.otherwise) == (ChannelKind.PAY_PAGE, Reference.SIGNED, "page")
    assert (first.when.order, first.when.amount_at_most) == (True, 50000)
    assert channels.opening is not None
    assert (0, 540, 720) in channels.opening.spans
    assert channels.opening.closed == {"12-25", "2026-05-01"}
    assert channels.valid_s == 7 * 86400
    assert channels.channels[5].value == "DE89 3704 0044 0532 0130 00"
    assert channels.provider is not None
    assert channels.provider.kind == "mollie"


def test_the_shipped_file_is_read_beside_the_policies() -> None:
    """The shipped channels are good, name reference codes, and are no policy."""
    channels = load_channels(SHIPPED)
    assert channels is not None
    assert channels.codes
    assert [c.kind for c in channels.channels] == ["pay_page", "phone", "website"]


WRONG = (
    # a line of the file · line · what is said
    ("  - {name: a, kind: phone}\n  - {name: a, kind: website}", 3, "Two channels are called `a`. Rename one."),
    ("  - {name: a, kind: phone, when: {open: true}}", 2,
     "`a` cannot be used for every customer, and nothing takes its place. Add `otherwise:` with the name of another "
     "channel."),
    ("  - {name: a, kind: pay_page, url: \"https://shop.example/{order}\"}\n  - {name: b, kind: phone}", 2,
     "`a` cannot be used for every customer, and nothing takes its place. Add `otherwise:` with the name of another "
     "channel."),
    ("  - {name: a, kind: sms, number: \"+49 170 1\", when: {phone: mobile}, otherwise: fone}\n"
     "  - {name: phone, kind: phone}", 2, "There is no channel `fone`. Did you mean `phone`?"),
    ("  - {name: a, kind: phone, when: {order: true}, otherwise: b}\n"
     "  - {name: b, kind: website, when: {order: false}, otherwise: a}\n  - {name: c, kind: phone}", 2,
     "The fall-backs go round in a circle: a → b → a. End in one without `when:`."),
    ("  - {name: a, kind: sms}", 2, "`a` needs the number to write to. Add `number:` to it."),
    ("  - {name: a, kind: bank_transfer}", 2, "`a` needs the account. Add `iban:` to it."),
    ("  - {name: a, kind: bank_transfer, iban: DE89 3704 0044 0532 0130 01}", 2,
     "`iban` is DE89 3704 0044 0532 0130 01, which is no valid IBAN. Copy it from your bank's papers."),
    ("  - {name: a, kind: phone, iban: DE89 3704 0044 0532 0130 00}", 2,
     "`iban` says nothing about a channel of kind phone. Take it out."),
    ("  - {name: a, kind: phone, reference: signed}", 2, "Only a pay page can be given a reference. Take the line "
     "out."),
    ("  - {name: a, kind: pay_page, reference: provider}", 2,
     "No payment provider is named. Add `provider:` with `kind` and `key_file`."),
    ("  - {name: a, kind: phone, when: {open: true}, otherwise: b}\n  - {name: b, kind: callback}", 2,
     "`a` asks whether the shop is open, but nobody says when. Add `hours:`."),
    ("  - {name: a, kind: pay_page, url: \"https://shop.example/{name}\", otherwise: b}\n  - {name: b, kind: phone}", 2,
     "`url` uses {name}, which nobody fills in. The names are: {amount}, {currency}, {order}, {part}."),
    ("  - {name: a, kind: pay_page, url: \"http://shop.example\"}", 2,
     "`url` cannot be http://shop.example; customers are only sent to secure pages."),
    ("  - {name: a, kind: fax}", 2, "`kind` cannot be fax."),
    ("  - {name: a, kind: phone, when: {amount_at_least: much}, otherwise: a}", 2,
     "`amount_at_least` cannot be much; it is an amount."),
    ("  - {name: a, kind: phone, when: {order: true}, otherwise: b}\n  - {name: b, kind: callback, when: {order: true}"
     ", otherwise: a}", 2, "The fall-backs go round in a circle"),
)  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "said"), WRONG, ids=range(len(WRONG)))
def test_a_mistake_names_its_line_and_the_way_out(lines: str, line: int, said: str) -> None:
    """Each mistake is refused at load, with file, line and fix."""
    with pytest.raises(ConfigurationError) as caught:
        parse_channels(f"channels:\n{lines}\n".encode(), "policies/channels.yaml")
    found = [(f.file, f.line, f"{f.wrong} {f.fix}") for f in caught.value.flaws]
    assert any(file == "policies/channels.yaml" and at == line and text.startswith(said) for file, at, text in found), (
        found
    )


def test_a_channel_file_without_a_fall_back_refuses_the_policy() -> None:
    """`policy check` and the start refuse the whole folder, not only the letters."""
    files = {"policies/channels.yaml": b"channels: [{name: a, kind: phone, when: {order: true}}]"}
    with pytest.raises(ConfigurationError, match="nothing takes its place"):
        parse_policies({**files, "policies/default.yaml": (SHIPPED / "default.yaml").read_bytes()})


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ('{zone: Mars, open: {mon: "9:00-17:00"}}', "There is no time zone Mars"),
        ('{zone: UTC, open: {monday: "9:00-17:00"}}', "`monday` is no day or span of days"),
        ('{zone: UTC, open: {mon: "17:00-9:00"}}', "ends before it begins"),
        ("{zone: UTC, open: {mon: nine}}", "it is a span of a day"),
        ('{zone: UTC, open: {mon: "9:00-17:00"}, closed: "13-01"}', "which is no day"),
    ],
)
def test_wrong_hours_are_refused(hours: str, said: str) -> None:
    """Days, spans, holidays and zones are checked."""
    with pytest.raises(ConfigurationError, match=said):
        parse_channels(f"hours: {hours}\nchannels: [{{name: a, kind: phone}}]".encode(), "channels.yaml")
