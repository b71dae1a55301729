"""The configuration: every error has its line, column and fix; the environment wins over the file."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pansentry.configuration import load, parse
from pansentry.configuration.model import Configuration
from pansentry.delivery.next_hop import parse_next_hop
from pansentry.errors import ConfigurationError

if TYPE_CHECKING:
    from pansentry.configuration import Setting

HEAD = "hostname: mx.shop.example\ndomains: shop.example\n"


def read(
    text: str, environ: dict[str, str] | None = None, files: dict[str, str] | None = None
) -> tuple[Configuration, tuple[Setting, ...]]:
    def open_file(name: str) -> str:
        if name not in (files or {}):
            raise FileNotFoundError(2, "No such file or directory", name)
        return (files or {})[name]

    return parse(text.encode(), "f", environ or {}, Path("/etc/p"), open_file)


WRONG = (
    # text after the head · the exact message
    ("hostnam: x", "f:3:1: `hostnam` is not a setting here. Did you mean `hostname`?"),
    ("zzz: 1", "f:3:1: `zzz` is not a setting here. The settings here are: "
     f"{', '.join(sorted(Configuration.model_fields))}."),
    ("business: {name: A, phone: 0123456}", "f:3:28: `phone` must be text, but 0123456 without quotes is read as a "
     'number. Put the phone number in quotes: `phone: "0123456"`.'),
    ("business: {name: true}", "f:3:18: `name` must be text, but true without quotes is read as yes or no. Put it in "
     'quotes: `name: "true"`.'),
    ("business: {phone: '030 1234'}", "f:3:1: `name` is missing in `business`. Add a line `name: Meier Furniture`."),
    ("business: {name: A, phone: call}", "f:3:28: `phone` cannot be call; it is a phone number. Write it as on your "
     'invoices, such as `"+49 30 123456"`.'),
    ("business: {name: A, pay_page: 'http://a.example'}", "f:3:31: `pay_page` cannot be http://a.example; "
     "customers are only sent to secure pages. Write `https://…` with the full address."),
    ("business: {name: ''}", "f:3:18: `name` is empty. Write a value, or remove the line."),
    ("mode: enforced", "f:3:7: `mode` cannot be enforced. Did you mean enforce? The choices are: enforce, observe."),
    ("mode: 7", "f:3:7: `mode` cannot be 7. Write one of: enforce, observe."),
    ("bare_newline:", "f:3:1: `bare_newline` has no value. Write one after the colon, or remove the line."),
    ("workers: two", "f:3:10: `workers` must be a whole number, not two. Write digits without quotes."),
    ("workers: 0", "f:3:10: `workers` is 0, but must be at least 1. Write 1 or more."),
    ("workers: 1.5", "f:3:10: `workers` must be a whole number, not 1.5. Write digits without quotes."),
    ("console: {enabled: yes}", "f:3:20: `enabled` must be true or false, not yes. Write `enabled: true` or "
     "`enabled: false`."),
    ("limits: 5", "f:3:9: `limits` must be a block of settings. "
     "Write them on the lines below, indented by two spaces."),
    ("limits: {message_size: 25}", "f:3:24: `message_size` is 25, but of what? Write the unit too, such as `25 MiB`."),
    ("limits: {message_size: big}", "f:3:24: `message_size` cannot be big; it is a size. Write for example `25 MiB` or "
     "`400 KiB`."),
    ("limits: {idle: 30}", "f:3:16: `idle` is 30, but of what? "
     "Write the unit too, such as `7 days`, `12 h` or `30 s`."),
    ("limits: {idle: 3 lightyears}", "f:3:16: `idle` cannot be 3 lightyears; it is a length of time. Write for example "
     "`7 days`, `12 h` or `30 s`."),
    ("next_hop: http://x", "f:3:11: `next_hop` cannot be http://x. Write a URL that starts with one of: smtp:, smtps:, "
     "lmtp:, maildir:"),
    ("next_hop: smtp://mail.example:99999", "f:3:11: The port in `next_hop` is no number from 1 to 65535. Write for "
     "example `smtp://mail.example:25`."),
    ("next_hop: smtp://mail.example:0", "f:3:11: The port in `next_hop` is no number from 1 to 65535. Write for "
     "example `smtp://mail.example:25`."),
    ("next_hop: smtp:mail.example:25", "f:3:11: Two slashes are missing in `next_hop`. Write `smtp://mail.example:25`."),
    ("reply_via: smtps://me:pass@mail.example:465", "f:3:12: A user name or password does not belong in `reply_via`. "
     "Write `smtps://mail.example:465`, and `user` and `password` under `reply_via_options:`."),
    ("next_hop: smtp://mail.example:25/inbox", "f:3:11: `next_hop` is smtp://mail.example:25/inbox; nothing may follow "
     "the port. Write `smtp://mail.example:25`."),
    ("next_hop: lmtp:/run/dovecot/lmtp", "f:3:11: Two slashes are missing in `next_hop`. Write "
     "`lmtp:///run/dovecot/lmtp`."),
    ("next_hop: lmtp://run/dovecot/lmtp", "f:3:11: A slash is missing in `next_hop`: the path of a socket follows "
     "three. Write `lmtp:///run/dovecot/lmtp`."),
    ("next_hop: 'smtp:user:geheim@host'", "f:3:11: A user name or password does not belong in `next_hop`. Write "
     "`smtp://host`, and `user` and `password` under `next_hop_options:`."),
    ("next_hop: 'smtp://us:pa/ss@host'", "f:3:11: A user name or password does not belong in `next_hop`. Write "
     "`smtp://host`, and `user` and `password` under `next_hop_options:`."),
    ("next_hop: 'smtp://[::1:25'", "f:3:11: The IPv6 address in `next_hop` does not stand between brackets. Write "
     "`smtp://[::1]:25`."),
    ("next_hop: smpt:user:geheim@host", "f:3:11: `next_hop` cannot be smpt:…@host. Write a URL that starts with one "
     "of: smtp:, smtps:, lmtp:, maildir:"),
    ("next_hop: smtp://mail.example?tls=yes", "f:3:11: `next_hop` cannot end in `?tls=yes`. Write "
     "`?tls=opportunistic`, `?tls=required` or `?tls=none`."),
    ("next_hop: lmtp://mail.example:24?tls=none", "f:3:11: `next_hop` cannot end in `?tls=none`. Leave it out."),
    ("next_hop: ftp://me:pass@x", "f:3:11: `next_hop` cannot be ftp://…@x. Write a URL that starts with one of: smtp:, "
     "smtps:, lmtp:, maildir:"),
    ("trusted: {proxies: [10.0.0.1/8]}", "f:3:21: `proxies (entry 1)` is 10.0.0.1/8, which is one host with the mask "
     "of a network. Write `10.0.0.0/8`, or leave the mask out."),
    ("trusted: {proxies: [me]}", "f:3:21: `proxies (entry 1)` cannot be me; it is an IP address or network. Write for "
     "example `10.0.0.0/8`."),
    ("listen: {address: 1}", "f:3:9: `listen` must be a list. Write each entry on its own line, starting with `- `."),
    ("listen: []", "f:3:9: `listen` is an empty list. Write at least one entry."),
    ("listen: [{address: '25'}]", "f:3:20: `address` cannot be 25; it is an address and a port. Write for example "
     "`0.0.0.0:25` or `[::1]:2525`."),
    ("listen: [{address: '::1:25'}]", "f:3:20: `address` is ::1:25; an IPv6 address needs brackets. Write for example "
     "`[::1]:2525`."),
    ("listen: [{address: ':25', starttls: require}]", "f:3:37: `starttls` for :25 needs a certificate. Add a `tls:` "
     "block with `certificate` and `key`."),
    ("listen: [{address: ':25', proxy: true}]", "f:3:34: `proxy` for :25 needs to know whom to trust. Name them in "
     "`trusted.proxies`."),
    ("business: {name: A, letters_from: shop.example}", "f:3:35: `letters_from` cannot be shop.example; it is a mail "
     "address. Write for example `info@shop.example`."),
    ("business: {name: A, letters_from: a@b.example}\ndkim: {domain: c.example, selector: s, key: k}",
     "f:3:35: Letters "
     "from b.example are signed by c.example, so other servers will not believe them. Use an address and a key of one "
     "domain."),
    ('console: {enabled: true, address: "0.0.0.0:8025"}', "f:3:35: On 0.0.0.0:8025 passwords would cross the network "
     "in the clear. Add `tls:`, name `trusted_proxies:`, or listen on `127.0.0.1:8025`."),
    ("secret: abc", "f:3:9: `secret` is shorter than 32 characters. Write a longer value."),
    ("secret: 5", "f:3:9: `secret` must be text, but the given value without quotes is read as a number. Put it in "
     'quotes: `secret: "the given value"`.'),
    ("dkim: {domain: a.example, selector: a b, key: k}", "f:3:37: `selector` cannot be a b. Write for example "
     "`selector: pansentry`."),
    ("business: {name: A, language: german}", "f:3:31: `language` cannot be german. Write for example `language: de`."),
    ("business: {name: A, languages: [de, german]}", "f:3:37: `languages (entry 2)` cannot be german. Write for "
     "example `languages: [de, fr]`."),
    ("hostname: x.example", "f:3:1: `hostname` is given twice; the first time is on line 1. Keep one of the two."),
    ("a: &x 1", "f:3:4: Anchors (&) and aliases (*) are not used here. Write the value out in full."),
    ("a: !!python/name:os 1", "f:3:4: The tag tag:yaml.org,2002:python/name:os is not used here. Remove it, or put the "
     "value in quotes."),
    ("a: b: c", "f:3:5: There is a second colon on this line, the line above lacks its own, or the indentation is off. "
     "Put a value that contains a colon in quotes, or write this line and the one above as `name: value`, lined up."),
    ("log:\n\tlevel: info", "f:4:1: A tab stands where spaces are expected. Indent with spaces only."),
    ("a: [1", "f:4:1: A quote or bracket is opened and never closed. Close it."),
    ("a: @b", "f:3:4: This character cannot start a value. Put the value in quotes."),
)  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text.split("\n")[0] for text, _ in WRONG])
def test_a_wrong_file_is_refused_with_the_exact_message(text: str, message: str) -> None:
    """Each mistake names file, line, column, what is wrong and what to write."""
    with pytest.raises(ConfigurationError) as caught:
        read(HEAD + text + "\n")
    assert str(caught.value) == message


HOPS = (
    "smtp:mail.example", "smtp:/mail.example:25/", "smtps:mail.example:465/inbox", "smtp:///mail.example",
    "smtp:@", "smtp://:25", "smtp://u:geheim@", "smtp://u:ge/heim@[::1:25", "smtp://u:ge?heim@mail.example:25",
    "smtp:u:ge#heim@mail.example?tls=required", "smtp://u@ge@heim@mail.example/x", "smtps://::1:465", "smtp://::1]",
    "smtp://[fe80::1", "smtp://[::1]25", "smtp://[::1%25eth0]:25", "smtp://mail.example:0", "smtp://mail.example:smtp",
    "smtp://mail.example#x", "smtp://mail.example//", "smtp://bücher.example", "lmtp:mail.example", "lmtp:/socket",
    "lmtp:run/lmtp", "lmtp://run/lmtp", "lmtp://mail.example:24/x",
    "lmtp:u:geheim@/run/lmtp", "lmtp:/run/a@b", "smtp:user:geheim@smtp:geheim@", "smtp:///run/lmtp", "smtp://mail.example:25:25",
)  # fmt: skip


@pytest.mark.parametrize("written", HOPS)
def test_what_is_advised_is_accepted(written: str) -> None:
    """Each advice for a next hop passes the next check and the parser of the delivery, and holds no password."""
    with pytest.raises(ConfigurationError) as caught:
        read(f"{HEAD}next_hop: '{written}'\n")
    assert "heim" not in str(caught.value)
    advised = re.findall("`([^`]*)`", caught.value.flaws[0].fix)[0]
    assert read(f"{HEAD}next_hop: '{advised}'\n")[0].next_hop == advised
    assert parse_next_hop(advised)


@pytest.mark.parametrize(
    "written",
    [
        "smtp://[::1]:25",
        "smtp://mail.example:",
        "smtp://mail.example/",
        "lmtp:///run/a@b",
        "smtp://10.0.0.1:25?tls=none",
    ],
)
def test_a_good_next_hop_is_left_alone(written: str) -> None:
    """Brackets, a port left out, a last slash, a socket with an odd name."""
    assert read(f"{HEAD}next_hop: '{written}'\n")[0].next_hop == written


def test_all_flaws_are_reported_at_once_and_in_order() -> None:
    """An admin sees every mistake of a file, top to bottom, not one a run."""
    with pytest.raises(ConfigurationError) as caught:
        read(HEAD + "workers: 0\nmode: on\nlog: {level: loud}\n")
    assert [flaw.line for flaw in caught.value.flaws] == [3, 4, 5]


def test_a_minimal_file_is_enough() -> None:
    """Two lines make a gateway with an embedded mailbox and SQLite."""
    configuration, _ = read(HEAD)
    assert configuration.domains == ("shop.example",)
    assert configuration.next_hop == "maildir:/var/lib/pansentry/mailbox"
    assert configuration.store == "sqlite:////var/lib/pansentry/pansentry.db"


def test_the_environment_wins_and_says_so() -> None:
    """A variable overrides the file, keeps leading zeros, and is named as the origin."""
    environ = {
        "PANSENTRY_BUSINESS__NAME": "Meier",
        "PANSENTRY_BUSINESS__PHONE": "0123456",
        "PANSENTRY_LISTEN__0__PROXY": "yes",
        "PANSENTRY_TRUSTED__PROXIES": "10.0.0.0/8, 127.0.0.1",
        "PANSENTRY_LIMITS__IDLE": "2 minutes",
        "PANSENTRY_WORKERS": "3",
        "PANSENTRY_SECRET_FILE": "/run/secret",
        "PANSENTRY_PURE": "1",  # no setting, read elsewhere
    }
    configuration, settings = read(HEAD + "listen:\n  - address: ':25'\n", environ, {"/run/secret": "k" * 32 + "\n"})
    assert configuration.business is not None
    assert configuration.business.phone == "0123456"
    assert configuration.listen[0].proxy is True
    assert configuration.trusted.proxies == ("10.0.0.0/8", "127.0.0.1/32")
    assert (configuration.limits.idle, configuration.workers, configuration.secret) == (120.0, 3, "k" * 32)
    by_name = {setting.name: setting for setting in settings}
    assert by_name["listen.0.address"].origin == "f:4"
    assert by_name["listen.0.proxy"].origin == "PANSENTRY_LISTEN__0__PROXY"
    assert by_name["log.level"].origin == "default"
    assert (by_name["secret"].value, by_name["secret"].origin) == ("(set)", "PANSENTRY_SECRET_FILE")


def test_the_password_of_a_url_is_not_shown() -> None:
    """`config show` masks credentials inside URLs."""
    _, settings = read(HEAD, {"PANSENTRY_STORE": "postgresql://pan:hunter2@db/x", "PANSENTRY_SECRET": "s" * 32})
    assert next(s.value for s in settings if s.name == "store") == "postgresql://pan:…@db/x"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PANSENTRY_HOSTNAM", "x", "PANSENTRY_HOSTNAM: This variable names no setting. "
         "Did you mean `PANSENTRY_HOSTNAME`?"),
        ("PANSENTRY_BUSINESS__FONE", "1", "PANSENTRY_BUSINESS__FONE: This variable names no setting. Did you mean "
         "`PANSENTRY_BUSINESS__PHONE`?"),
        ("PANSENTRY_WORKERS", "many", "PANSENTRY_WORKERS: `workers` must be a whole number, not many. Write digits "
         "without quotes."),
        ("PANSENTRY_LISTEN__3__ADDRESS", ":1", "PANSENTRY_LISTEN__3__ADDRESS: The list has no such entry. Count the "
         "entries from 0, without gaps."),
        ("PANSENTRY_SECRET_FILE", "/no", "PANSENTRY_SECRET_FILE: "
         "The file /no cannot be read: No such file or directory. "
         "Check its path and its permissions."),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_refused_by_name(name: str, value: str, message: str) -> None:
    """A mistake in the environment names the variable instead of a line."""
    with pytest.raises(ConfigurationError) as caught:
        read(HEAD, {name: value})
    assert str(caught.value) == message


def test_a_setting_that_is_a_file_takes_its_path(tmp_path: Path) -> None:
    """`…__KEY_FILE` names the key's file and is not read as if the path were a secret."""
    environ = {
        "PANSENTRY_DKIM__DOMAIN": "shop.example",
        "PANSENTRY_DKIM__SELECTOR": "s",
        "PANSENTRY_DKIM__KEY_FILE": "/run/secrets/dkim.pem",
    }
    configuration, _ = read(HEAD, environ)
    assert configuration.dkim is not None
    assert configuration.dkim.key == Path("/run/secrets/dkim.pem")


def test_names_that_a_container_platform_injects_are_ignored() -> None:
    """Kubernetes service links of a service called pansentry do not stop the start."""
    read(
        HEAD, {"PANSENTRY_PORT_25_TCP_ADDR": "10.1.1.1", "PANSENTRY_SERVICE_HOST": "10.1.1.1", "PANSENTRY_PORT": "tcp"}
    )


def test_relative_paths_are_below_the_folder_of_the_file() -> None:
    """`policies: policies` means the folder beside the file, wherever the process was started."""
    assert read(HEAD + "policies: mine\nreplies: /abs\n")[0].policies == Path("/etc/p/mine")


def test_no_file_at_all_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file in the usual places and without variables the missing file is named, not what it would say."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        sys.modules["pansentry.configuration.load"], "DEFAULT_FILES", (Path("pansentry.yaml"), tmp_path / "etc.yaml")
    )
    with pytest.raises(ConfigurationError, match=r"^pansentry\.yaml: There is no such file here, .*`pansentry init`"):
        load(None, {"HOME": "/root"})
    with pytest.raises(ConfigurationError, match="`domains` is missing"):
        load(None, {"PANSENTRY_HOSTNAME": "mx.shop.example"})


def test_a_missing_file_is_one_clear_message(tmp_path: Path) -> None:
    """A path that does not exist names the path and the way out."""
    with pytest.raises(ConfigurationError, match=r"none\.yaml: The file cannot be read: No such file.*pansentry init"):
        load(tmp_path / "none.yaml", {})


def test_text_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    """A file saved in an old encoding is refused with the line at which that shows."""
    (tmp_path / "p.yaml").write_bytes(b"hostname: a.example\nname: M\xfcller\n")
    with pytest.raises(ConfigurationError, match=r"p\.yaml:2: This line is not valid UTF-8"):
        load(tmp_path / "p.yaml", {})
