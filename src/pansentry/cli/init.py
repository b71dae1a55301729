"""``pansentry init``: eight questions, then a configuration, policies and a key that are checked and ready to run.

Every question has an option, so that a script can answer it; what is not asked has a default in the model. A wrong
answer to a question is asked for again; a wrong option ends it. Nothing that is there is overwritten, and nothing is
left behind if an answer turns out to be wrong. Policies that are there already (the package for Debian brings them)
stay, and have to be right. What root writes where there is an account of the gateway is that account's to read, and
the policies its to change, so that the console can.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pansentry.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pansentry.authentication.signatures import NewKey
    from pansentry.errors import Flaw


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A kind of mailbox: what it is called, the lines it needs, the page that says the rest."""

    title: str
    page: str
    lines: str
    asks: str = ""
    """The question for the server's address, if there is one; it is ``{server}`` in the lines."""
    lines_of_server: str = ""
    """Lines for a server that need not be named."""


_MX = '  - address: "0.0.0.0:25"'
MAILBOXES: Mapping[str, Mailbox] = {
    "google": Mailbox(
        "Google Workspace",
        "google-workspace.md",
        f"listen:\n{_MX}\nnext_hop: smtp://aspmx.l.google.com:25?tls=required\n"
        "reply_via: smtp://smtp-relay.gmail.com:587?tls=required\nauthentication:\n  verdict_field: true",
    ),
    "microsoft": Mailbox(
        "Microsoft 365",
        "microsoft-365.md",
        f"listen:\n{_MX}\nnext_hop: smtp://{{dashed}}.mail.protection.outlook.com:25?tls=required",
        asks="The server that letters leave by, such as smtp.provider.example:587; empty if there is none yet",
        lines_of_server="reply_via: smtp://{server}?tls=required",
    ),
    "postfix": Mailbox(
        "Postfix on this machine",
        "postfix.md",
        'listen:\n  - address: "127.0.0.1:10125"\n    xforward: true\ntrusted:\n  xforward: [127.0.0.0/8]\n'
        "next_hop: smtp://127.0.0.1:10126?tls=none",
    ),
    "mailcow": Mailbox(
        "mailcow or docker-mailserver",
        "mailcow.md",
        'listen:\n  - address: "lmtp://0.0.0.0:10124"\n    xforward: true\ntrusted:\n  xforward: [172.16.0.0/12]\n'
        "next_hop: lmtp://dovecot:24\nreply_via: smtp://mail.{domain}:587?tls=required",
    ),
    "exim": Mailbox(
        "Exim or cPanel on this machine",
        "cpanel.md",
        'listen:\n  - address: "127.0.0.1:10125"\nnext_hop: smtp://127.0.0.1:10126?tls=none',
    ),
    "server": Mailbox(
        "another mail server",
        "vps.md",
        f"listen:\n{_MX}\nnext_hop: smtp://{{server}}",
        asks="Its address and port, such as mail.shop.example:25",
    ),
    "maildir": Mailbox(
        "no mail server yet: a Maildir on this machine",
        "vps.md",
        f"listen:\n{_MX}",
        asks="The server that letters leave by, such as smtp.provider.example:587; empty if there is none yet",
        lines_of_server="reply_via: smtp://{server}?tls=required",
    ),
}
ACCOUNT = "pansentry"
"""Whom the unit of systemd runs the gateway as."""
_HOME = Path("/etc/pansentry")
_UNITS = (Path("/etc/systemd/system"), Path("/lib/systemd/system"), Path("/usr/lib/systemd/system"))


@click.command()
@click.option(
    "-d", "--directory", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where to write."
)
@click.option("--name", help="The business, as its customers know it.")
@click.option("--domain", help="The domain of its mailboxes.")
@click.option("--mailbox", type=click.Choice(list(MAILBOXES)), help="What stands behind the gateway.")
@click.option(
    "--server", help="Address of the mail server (`--mailbox server`), or of the one for letters (`maildir`)."
)
@click.option("--phone", help="The number that is on invoices.")
@click.option("--pay-page", help="Where customers pay.")
@click.option("--website", help="The website that customers know.")
@click.option("--person", help="Who signs the letters.")
@click.option("--hostname", help="Name of this machine in mail; otherwise mx.DOMAIN.")
@click.option("--yes", is_flag=True, help="Ask nothing; what has no option stays empty.")
def command(directory: Path, yes: bool, hostname: str | None, **answers: str | None) -> None:
    """Write pansentry.yaml, policies and a signing key into a folder, and say what to do next.

    \b
    Examples:
      pansentry init -d /etc/pansentry
      pansentry init --yes -d . --name "Meier Furniture" --domain shop.example --mailbox postfix \\
        --phone "+41 44 668 18 00" --pay-page https://shop.example/pay
    """
    given = answers if yes else _ask(answers)
    for needed in ("name", "domain", "mailbox"):
        if not given.get(needed):
            raise click.UsageError(f"--{needed} is missing.")
    wanted = ["pansentry.yaml", "dkim.pem"]
    for there in (directory / one for one in wanted):
        if there.exists():
            raise click.ClickException(f"{there} is there already; move it away, or name another folder with -d.")
    if not (directory / "policies").exists():
        wanted.append("policies")
    kind = MAILBOXES[str(given["mailbox"])]
    if kind.asks and not kind.lines_of_server and not given.get("server"):
        raise click.UsageError("--server is missing: the address and port of the mail server.")
    account, ours = _account(), not directory.exists()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory, prefix=".pansentry-init-") as draft:
            key = _write(Path(draft), given, kind, hostname, directory.resolve(), account)
            for one in wanted:
                _give(Path(draft) / one, account)
                os.rename(Path(draft) / one, directory / one)
    except OSError as error:
        raise click.ClickException(f"{directory} cannot be written: {error.strerror}.") from None
    finally:
        if ours:
            with contextlib.suppress(OSError):  # only an empty folder goes
                directory.rmdir()
    _say(directory, wanted, kind, key)


def _account() -> pwd.struct_passwd | None:
    """Return the account that the gateway runs as, if there is one and we may give it files."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        return None


def _give(path: Path, account: pwd.struct_passwd | None) -> None:
    """Let the account read a file of root's; a folder becomes its own."""
    if account is None:
        return
    if path.is_dir():
        for one in (path, *path.iterdir()):
            os.chown(one, account.pw_uid, account.pw_gid)
    else:
        os.chown(path, 0, account.pw_gid)
        path.chmod(0o640)


def _ask(given: Mapping[str, str | None]) -> dict[str, str | None]:
    """Ask what was not given, and again where the answer is wrong; an empty answer is none."""
    answers = dict(given)

    def ask(name: str, question: str, default: str = "") -> None:
        if answers.get(name) is None:
            check = partial(_checked, name)
            answers[name] = click.prompt(
                question, default=default, show_default=bool(default), value_proc=check, err=True
            )

    ask("name", "The business, as its customers know it")
    ask("domain", "The domain of its mailboxes, such as shop.example")
    if answers.get("mailbox") is None:
        for key, kind in MAILBOXES.items():
            click.echo(f"  {key:<10} {kind.title}", err=True)
        answers["mailbox"] = click.prompt(
            "What stands behind the gateway", type=click.Choice(list(MAILBOXES)), err=True
        )
    if asks := MAILBOXES[str(answers["mailbox"])].asks:
        ask("server", asks)
    ask("phone", "The telephone number that is on invoices, such as +49 30 123456")
    ask("pay_page", "The page where customers pay, with https://; empty if there is none")
    ask("website", "The website that customers know", f"https://{answers['domain']}")
    ask("person", "Who signs the letters: a person or a team; empty for the business")
    return answers


def _checked(name: str, answer: str) -> str:
    """Return an answer as it is; raise UsageError, upon which click asks again, with what is wrong with it."""
    from pansentry.configuration.documents import read_yaml
    from pansentry.configuration.explain import build
    from pansentry.configuration.fields import is_domain
    from pansentry.configuration.model import Business

    answer = answer.strip()
    if not answer:
        if name in ("name", "domain"):
            raise click.UsageError("This one is needed.")
    elif name == "domain" and not is_domain(answer):
        raise click.UsageError(f"{answer} is no domain; write for example shop.example.")
    elif name in ("name", "phone", "pay_page", "website"):
        try:
            build(Business, read_yaml(f"{name}: {_quoted(answer)}\n", ""))
        except ConfigurationError as wrong:
            for flaw in wrong.flaws:
                if flaw.wrong.startswith(f"`{name}` cannot"):  # what else is missing is asked for later
                    raise click.UsageError(f"{flaw.wrong} {flaw.fix}") from None
    return answer


def _write(
    draft: Path,
    given: Mapping[str, str | None],
    kind: Mailbox,
    hostname: str | None,
    home: Path,
    account: pwd.struct_passwd | None,
) -> NewKey:
    """Write everything into ``draft`` as it will stand in ``home``, and check it. Raises ConfigurationError."""
    from pansentry import shipped
    from pansentry.authentication import keygen
    from pansentry.configuration.fields import a_labels, is_domain

    domain = str(given["domain"])
    if not is_domain(domain):
        raise click.UsageError(f"{domain} is no domain; write for example shop.example.")
    key = keygen(a_labels(domain), "pansentry", 2048)
    descriptor = os.open(draft / "dkim.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.pem)
    if (home / "policies").exists():
        shutil.copytree(home / "policies", draft / "policies")
    else:
        (draft / "policies").mkdir()
        for name in ("default.yaml", "channels.yaml", "policy.schema.json"):
            shutil.copyfile(shipped.policies() / name, draft / "policies" / name)
    text = _configuration(given, kind, hostname or f"mx.{domain}", domain)
    text += f"user: {account.pw_name}\n" if account is not None else ""
    (draft / "pansentry.yaml").write_text(text, "utf-8")
    try:
        _check(draft)
    except ConfigurationError as wrong:
        lines = (draft / "pansentry.yaml").read_text("utf-8").splitlines()
        said = [_said(flaw, draft, home, lines) for flaw in wrong.flaws]
        raise click.UsageError("\n".join(dict.fromkeys(said))) from None
    return key


def _said(flaw: Flaw, draft: Path, home: Path, lines: Sequence[str]) -> str:
    """Say what is wrong with an answer, or with a file that was there before."""
    if Path(flaw.file).name != "pansentry.yaml":
        return str(flaw).replace(str(draft), str(home))
    quoted = f" (from your answer: {lines[flaw.line - 1].strip()})" if 0 < flaw.line <= len(lines) else ""
    return f"{flaw.wrong} {flaw.fix}{quoted}"


def _configuration(given: Mapping[str, str | None], kind: Mailbox, hostname: str, domain: str) -> str:
    """Return the text of pansentry.yaml."""
    facts = {"server": given.get("server") or "", "dashed": domain.replace(".", "-"), "domain": domain}
    rows = [("phone", "phone"), ("pay_page", "pay_page"), ("website", "website")]
    business = [f"  name: {_quoted(given['name'])}"]
    business += [f"  {key}: {_quoted(given[name])}" for key, name in rows if given.get(name)]
    business += [f"  signature: {{person: {_quoted(given['person'])}}}"] if given.get("person") else []
    lines = [kind.lines] + ([kind.lines_of_server] if kind.lines_of_server and facts["server"] else [])
    return "\n".join(
        (
            f"# Written by `pansentry init`. Every key: `pansentry config show`. Next: docs/deployment/{kind.page}",
            f"hostname: {hostname}",
            f"domains: [{domain}]",
            "\n".join(lines).format(**facts),
            "policies: policies",
            "business:",
            *business,
            "dkim:",
            f"  domain: {domain}",
            "  selector: pansentry",
            "  key: dkim.pem",
            "",
        )
    )


def _quoted(text: str | None) -> str:
    """Return a YAML double-quoted scalar (which JSON's string is)."""
    import json

    return json.dumps(text, ensure_ascii=False)


def _check(folder: Path) -> None:
    """Read configuration, policies and letters as the gateway will. Raises ConfigurationError."""
    from pansentry import shipped
    from pansentry.channels.file import load_channels
    from pansentry.configuration import load
    from pansentry.policy.loading import load_policies
    from pansentry.reply import load_letters

    configuration = load(folder / "pansentry.yaml", {})
    policies = load_policies(folder / "policies")
    channels = load_channels(folder / "policies")
    load_letters(shipped.replies(), configuration.business, policies.letters(), channels)


def _say(directory: Path, written: Sequence[str], kind: Mailbox, key: NewKey) -> None:
    """Say what was written and what is to be done."""
    from pansentry import shipped

    names = {"policies": "policies/", "dkim.pem": "dkim.pem (the key that signs letters)"}
    click.echo(f"Written to {directory}: {', '.join(names.get(one, one) for one in written)}.")
    if "policies" not in written:
        click.echo(f"Kept as they are: {directory / 'policies'}/.")
    file = directory / "pansentry.yaml"
    unit = directory.resolve() == _HOME and any((folder / f"{ACCOUNT}.service").exists() for folder in _UNITS)
    click.echo("\n1. Publish this TXT record, so that letters are believed:")
    click.echo(f"     name   {key.record_name}\n     value  {key.record_value}")
    title = kind.title.partition(":")[0]
    click.echo(f"2. {title[0].upper()}{title[1:]}: do the steps of {shipped.deployment(kind.page)}")
    click.echo(f"3. {f'systemctl enable --now {ACCOUNT}' if unit else f'pansentry serve -c {file}'}")
    click.echo(f"4. pansentry doctor -c {file}")
