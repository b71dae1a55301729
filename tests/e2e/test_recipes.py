"""The pages in ``docs/deployment``: their very settings, on ports and in folders of the test, in real servers."""

from __future__ import annotations

import os
import re
import smtplib
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.peers import (
    Dovecot,
    Postfix,
    free_port,
    maildir_messages,
    need,
    need_root,
    open_to_daemons,
    stop,
    wait_for_port,
)
from tests.e2e.running import OPEN, SAMPLES, RunningGateway
from tests.e2e.sendmail import Sendmail
from tests.e2e.test_gateway import eventually, text_of
from tests.e2e.traces import card_data_in

pytestmark = pytest.mark.peers

PAGES = Path(__file__).parents[2] / "docs/deployment"
ROOT = Path(__file__).parents[2]
CARD_MAIL = (SAMPLES / "01-plain-card.eml").read_bytes()
CLEAN_MAIL = (SAMPLES / "04-signed-clean.eml").read_bytes()
SYSTEM_PYTHON = Path("/usr/bin/python3")


@pytest.fixture
def cleanup() -> Iterator[list[Callable[[], None]]]:
    """Things to stop, in the order in which they were started."""
    stops: list[Callable[[], None]] = []
    yield stops
    for end in reversed(stops):
        end()


def block(page: str, beginning: str, changes: dict[str, str]) -> str:
    """Return the block of a page that begins so, with the page's values replaced; each must be there."""
    blocks = re.findall(r"```\w*\n(.*?)```", (PAGES / page).read_text(), re.DOTALL)
    (text,) = (one for one in blocks if one.lstrip().startswith(beginning))
    for old, new in changes.items():
        assert old in text, f"{page} does not say {old!r}"
        text = text.replace(old, new)
    return str(text)


def folder(parent: Path, name: str) -> Path:
    """Make a folder that daemons can reach."""
    (parent / name).mkdir()
    return parent / name


def send(postfix: Postfix) -> int:
    """Send the card through Postfix and return its answer."""
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        client.mail("anna.weber@customer.example")
        client.rcpt("orders@shop.example")
        return client.data(CARD_MAIL)[0]


def test_milter_page(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """The settings of the milter's page: a card goes in, no card is delivered, the second entry asks no milter."""
    milter, second = str(free_port()), str(free_port())
    wanted = block("milter.md", "hostname:", {"8891": milter, "10126": second})
    here = folder(tmp_path, "gateway")
    (here / "pansentry.yaml").write_text(wanted + _shop(here))
    gateway = RunningGateway(here, int(milter), RunningGateway._spawn(here, dict(os.environ)))
    cleanup.append(gateway.stop)
    postfix = Postfix.start(
        folder(tmp_path, "postfix"),
        extra=block("milter.md", "smtpd_milters", {"8891": milter}),
        services=block("milter.md", "127.0.0.1:10126", {"10126": second}),
    )
    cleanup.append(postfix.stop)
    gateway.wait()
    assert send(postfix) == 250, gateway.log
    (mail,) = eventually(lambda: maildir_messages(postfix.mailbox))
    assert "XXXX XXXX XXXX 1881" in text_of(mail)
    with smtplib.SMTP("127.0.0.1", int(second), timeout=60) as client:
        client.sendmail("", ["orders@shop.example"], b"Subject: a letter\r\n\r\nhello\r\n")
    assert len(eventually(lambda: maildir_messages(postfix.mailbox), 2)) == 2
    assert gateway.log.count('"event": "message"') == 1


def test_milter_page_with_sendmail(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """The page's line for Sendmail: clean mail passes as it is, a card does not, the second port asks no milter."""
    milter, second = str(free_port()), str(free_port())
    here = folder(tmp_path, "gateway")
    (here / "pansentry.yaml").write_text(
        block("milter.md", "hostname:", {"8891": milter, "10126": second}) + _shop(here)
    )
    gateway = RunningGateway(here, int(milter), RunningGateway._spawn(here, dict(os.environ)))
    cleanup.append(gateway.stop)
    hub = Postfix.start(folder(tmp_path, "postfix"))
    cleanup.append(hub.stop)
    lines = block("milter.md", "INPUT_MAIL_FILTER", {"8891": milter, "10126": second})
    sendmail = Sendmail.start(folder(tmp_path, "sendmail"), hub.port, lines)
    cleanup.append(sendmail.stop)
    gateway.wait()
    samples = [path.read_bytes() for path in sorted(SAMPLES.glob("*.eml"))]
    with smtplib.SMTP("127.0.0.1", sendmail.port, timeout=60, local_hostname="laptop.customer.example") as client:
        for raw in samples:
            client.sendmail("anna.weber@customer.example", ["orders@shop.example"], raw)
    arrived = eventually(lambda: maildir_messages(hub.mailbox), len(samples))
    assert any("XXXX XXXX XXXX 1881" in text_of(mail) for mail in arrived)
    assert card_data_in(hub.mailbox) == []
    assert any(mail.endswith(CLEAN_MAIL.replace(b"\r\n", b"\n")) for mail in arrived)
    with smtplib.SMTP("127.0.0.1", int(second), timeout=60) as client:
        client.sendmail("", ["orders@shop.example"], b"Subject: a letter\r\n\r\nhello\r\n")
        client.mail("")
        assert client.rcpt("anna.weber@customer.example")[0] == 250
    assert len(eventually(lambda: maildir_messages(hub.mailbox), len(samples) + 1)) == len(samples) + 1
    assert gateway.log.count('"event": "message"') == len(samples)
    gateway.stop()
    with smtplib.SMTP("127.0.0.1", sendmail.port, timeout=60) as client:
        with pytest.raises(smtplib.SMTPException) as refused:
            client.sendmail("anna.weber@customer.example", ["orders@shop.example"], CARD_MAIL)
        assert "451" in str(refused.value)


def test_postfix_after_queue_page(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """Postfix's content filter by SMTP: mail waits in the queue while the gateway is away, then arrives redacted."""
    port, second, public = (str(free_port()) for _ in range(3))
    changes = {
        "smtp      inet n - y - - smtpd": f"127.0.0.1:{public} inet n - n - - smtpd",
        "10125": port,
        "10126": second,
    }
    postfix = Postfix.start(
        folder(tmp_path, "postfix"),
        services=block("postfix.md", "smtp      inet n - y - - smtpd", changes),
        extra="minimal_backoff_time = 1s\nmaximal_backoff_time = 2s\nqueue_run_delay = 1s\n",
    )
    cleanup.append(postfix.stop)
    with smtplib.SMTP("127.0.0.1", int(public), timeout=60) as client:
        client.sendmail("anna.weber@customer.example", ["orders@shop.example"], CARD_MAIL)
    here = folder(tmp_path, "gateway")
    configured = block("postfix.md", "hostname:", {"10125": port, "10126": second})
    (here / "pansentry.yaml").write_text(configured + _shop(here))
    gateway = RunningGateway(here, int(port), RunningGateway._spawn(here, dict(os.environ)))
    cleanup.append(gateway.stop)
    gateway.wait()
    (mail,) = eventually(lambda: maildir_messages(postfix.mailbox), timeout_s=60)
    assert "XXXX XXXX XXXX 1881" in text_of(mail)
    assert mail.count(b"X-PanSentry-Trace") == 1


def test_postfix_pipe_page(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """Postfix's content filter by pipe(8); a small SMTP client stands in for ``sendmail``, which knows one Postfix."""
    user = "nobody"
    command = _command_for_others(tmp_path, user)
    (tmp_path / "back").write_text(
        f"#!{SYSTEM_PYTHON}\nimport smtplib, sys\n"
        f"port = int(open('{tmp_path}/back.port').read())\n"
        "smtplib.SMTP('127.0.0.1', port).sendmail(sys.argv[4], sys.argv[6:], sys.stdin.buffer.read())\n"
    )
    (tmp_path / "back").chmod(0o755)
    filtered = block(
        "pipe.md",
        "smtp      inet",
        {
            "smtp      inet n - y - - smtpd\n": f"127.0.0.1:{(port := free_port())} inet n - n - - smtpd\n",
            "user=pansentry": f"user={user}",
            "/opt/pansentry/bin/pansentry": str(command),
            "/etc/pansentry/pansentry.yaml": f"{tmp_path}/pansentry.yaml",
            "/usr/sbin/sendmail": f"{tmp_path}/back",
        },
    )
    postfix = Postfix.start(
        folder(tmp_path, "postfix"), services=filtered, extra="pansentry_destination_recipient_limit = 1"
    )
    cleanup.append(postfix.stop)
    (tmp_path / "back.port").write_text(str(postfix.reinjection_port))
    open_to_daemons(tmp_path)
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail("anna.weber@customer.example", ["orders@shop.example", "second@shop.example"], CARD_MAIL)
    for mail in eventually(lambda: maildir_messages(postfix.mailbox), 2, timeout_s=60):
        assert "XXXX XXXX XXXX 1881" in text_of(mail)
    assert len(eventually(lambda: maildir_messages(tmp_path / "letters"), timeout_s=60)) == 1


def test_exim_page(tmp_path: Path) -> None:
    """Exim's transport filter: the mailbox gets no card, and Exim keeps the message if the filter fails."""
    need_root("Exim")
    program = need("exim4-daemon-light", "exim4", "exim")
    user = "mail"
    command = _command_for_others(tmp_path, user)
    filtered = block(
        "pipe.md",
        "return_path_add",
        {
            "/opt/pansentry/bin/pansentry": str(command),
            "/etc/pansentry/pansentry.yaml": f"{tmp_path}/pansentry.yaml",
        },
    )
    (tmp_path / "exim.conf").write_text(
        f"""primary_hostname = mx.shop.example
spool_directory = {tmp_path}/spool
log_file_path = {tmp_path}/spool/exim-%slog
exim_user = mail
exim_group = mail
exim_path = {program}
keep_environment =
domainlist local_domains = shop.example
begin routers
here:
  driver = accept
  domains = +local_domains
  transport = mailboxes
begin transports
mailboxes:
  driver = appendfile
  user = mail
  maildir_format
  directory = {tmp_path}/inbox
  create_directory
{filtered}
begin retry
* * F,1h,1m
"""
    )
    (tmp_path / "exim.conf").chmod(0o644)
    for name in ("spool", "inbox"):
        _belongs_to(folder(tmp_path, name), user)
    open_to_daemons(tmp_path)
    call = [
        program,
        "-C",
        str(tmp_path / "exim.conf"),
        "-odf",
        "-oi",
        "-f",
        "anna@customer.example",
        "orders@shop.example",
    ]
    done = subprocess.run(call, input=CARD_MAIL.replace(b"\r\n", b"\n"), capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (mail,) = maildir_messages(tmp_path / "inbox")
    assert "XXXX XXXX XXXX 1881" in text_of(mail)
    assert card_data_in(tmp_path / "inbox") == []
    (tmp_path / "pansentry.yaml").write_text("hostname: broken\n")
    subprocess.run(call, input=CARD_MAIL.replace(b"\r\n", b"\n"), capture_output=True, check=False, timeout=120)
    assert len(maildir_messages(tmp_path / "inbox")) == 1
    (kept,) = (tmp_path / "spool/input").glob("*-H")
    assert "<anna@customer.example>" in kept.read_text()


def _shop(folder: Path) -> str:
    """The part of a configuration that a page leaves to the reader."""
    return f"""
reply_via: "maildir:{folder}/letters"
state_dir: {folder}/state
policies: {OPEN}
log: {{level: debug, format: json}}
business:
  name: Meier Furniture
  phone: "+41 44 668 18 00"
  pay_page: https://shop.example/pay
  website: https://shop.example
  signature: {{person: Marta}}
"""


def _command_for_others(here: Path, user: str) -> Path:
    """Write a configuration and a ``pansentry`` that ``user`` can run: with the system's Python, on our packages."""
    if not SYSTEM_PYTHON.exists() or not all(parent.stat().st_mode & 0o001 for parent in ROOT.parents):
        pytest.skip("other users can run no Python that has our packages")
    packages = sysconfig.get_path("purelib")
    command = here / "pansentry"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT}/src:{packages} exec {SYSTEM_PYTHON} -B -m pansentry "$@"\n')
    command.chmod(0o755)
    probe = subprocess.run([command, "--version"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"{SYSTEM_PYTHON} is not Python {sys.version_info[0]}.{sys.version_info[1]}")
    (here / "pansentry.yaml").write_text(
        f"hostname: mx.shop.example\ndomains: [shop.example]\nnext_hop: 'maildir:{here}/released'\n{_shop(here)}"
    )
    for name in ("state", "letters", "released"):
        _belongs_to(folder(here, name), user)
    return command


def _belongs_to(path: Path, user: str) -> None:
    import pwd

    owner = pwd.getpwnam(user)
    os.chown(path, owner.pw_uid, owner.pw_gid)


def test_lmtp_sandwich_page(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """Postfix, PanSentry and Dovecot by LMTP: redacted for both recipients, and the client is known."""
    dovecot = Dovecot.start(folder(tmp_path, "dovecot"))
    cleanup.append(dovecot.stop)
    port, here = free_port(), folder(tmp_path, "gateway")
    changes = {
        "0.0.0.0:10124": f"127.0.0.1:{port}",
        "172.16.0.0/12": "127.0.0.0/8",
        "lmtp://dovecot:24": f"lmtp://127.0.0.1:{dovecot.lmtp_port}",
        "reply_via: smtp://mail.shop.example:587?tls=required": "",
    }
    (here / "pansentry.yaml").write_text(block("mailcow.md", "hostname:", changes) + _shop(here))
    gateway = RunningGateway(here, port, RunningGateway._spawn(here, dict(os.environ)))
    cleanup.append(gateway.stop)
    gateway.wait()
    delivered = block("mailcow.md", "virtual_transport", {"pansentry:10124": f"127.0.0.1:{port}"})
    postfix = Postfix.start(folder(tmp_path, "postfix"), extra=delivered)
    cleanup.append(postfix.stop)
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60, local_hostname="laptop.customer.example") as client:
        client.sendmail("anna.weber@customer.example", ["orders@shop.example", "second@shop.example"], CARD_MAIL)
    for name in ("orders", "second"):
        (mail,) = eventually(lambda name=name: dovecot.messages(name))  # type: ignore[misc]
        assert "XXXX XXXX XXXX 1881" in text_of(mail)
        assert b"from laptop.customer.example" in mail.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    assert b"with LMTP" in mail


def test_cpanel_page(tmp_path: Path, cleanup: list[Callable[[], None]]) -> None:
    """Exim's router through the gateway and back on the second port: delivered once, without the card."""
    need_root("Exim")
    program = need("exim4-daemon-light", "exim4", "exim")
    front, back, port = str(free_port()), str(free_port()), str(free_port())
    here = folder(tmp_path, "gateway")
    changes = {"10125": port, "10126": back}
    (here / "pansentry.yaml").write_text(block("cpanel.md", "hostname:", changes) + _shop(here))
    (tmp_path / "exim.conf").write_text(
        f"""primary_hostname = mx.shop.example
spool_directory = {tmp_path}/spool
log_file_path = {tmp_path}/spool/exim-%slog
exim_user = mail
exim_group = mail
exim_path = {program}
keep_environment =
local_interfaces = 127.0.0.1
tls_advertise_hosts =
acl_smtp_rcpt = accept
acl_smtp_connect = connect
{block("cpanel.md", "daemon_smtp_ports", {"25 : 465 : 587 : 10126": f"{front} : {back}"})}
domainlist local_domains = shop.example
begin acl
accept:
  accept
connect:
{block("cpanel.md", "deny condition", {"10126": back})}
  accept
begin routers
{block("cpanel.md", "pansentry_in", {"10126": back})}
here:
  driver = accept
  domains = +local_domains
  transport = mailboxes
begin transports
{block("cpanel.md", "pansentry_smtp", {"10125": port})}
mailboxes:
  driver = appendfile
  user = mail
  maildir_format
  directory = {tmp_path}/inbox
  create_directory
begin retry
* * F,1h,1m
"""
    )
    (tmp_path / "exim.conf").chmod(0o644)
    for name in ("spool", "inbox"):
        _belongs_to(folder(tmp_path, name), "mail")
    open_to_daemons(tmp_path)
    exim = subprocess.Popen([program, "-C", str(tmp_path / "exim.conf"), "-bdf"], stderr=subprocess.DEVNULL)
    cleanup.append(lambda: stop(exim))
    wait_for_port(int(back), "Exim", exim)
    gateway = RunningGateway(here, int(port), RunningGateway._spawn(here, dict(os.environ)))
    cleanup.append(gateway.stop)
    gateway.wait()
    with smtplib.SMTP("127.0.0.1", int(front), timeout=60) as client:
        client.sendmail("anna.weber@customer.example", ["orders@shop.example"], CARD_MAIL)
    (mail,) = eventually(lambda: maildir_messages(tmp_path / "inbox"), timeout_s=60)
    assert "XXXX XXXX XXXX 1881" in text_of(mail)
    assert mail.count(b"X-PanSentry-Trace") == 1
    with pytest.raises(smtplib.SMTPConnectError), smtplib.SMTP("127.0.0.1", int(back), source_address=("127.0.0.2", 0)):
        pass


@pytest.mark.parametrize("page", sorted(path.name for path in PAGES.glob("*.md")))
def test_every_configuration_of_a_page_is_valid(page: str, tmp_path: Path) -> None:
    """Each YAML block of a page that is a whole configuration loads, with file names of the test."""
    from pansentry.configuration import load

    for name in ("fullchain.pem", "privkey.pem", "dkim.pem"):
        (tmp_path / name).write_text("x")
    for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", (PAGES / page).read_text(), re.DOTALL)):
        if not text.startswith("hostname:"):
            continue
        text = re.sub(r"/etc/pansentry/(?:tls/)?", f"{tmp_path}/", text)
        (tmp_path / f"{number}.yaml").write_text(text)
        assert load(tmp_path / f"{number}.yaml", {}).domains == ("shop.example",)
