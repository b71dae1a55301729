"""The checks of ``pansentry doctor`` that speak with a running gateway of ours, as odd and hostile clients do.

In: a configuration. Out: answers, one function each. Where no gateway runs, they are skipped. No message is sent: what
is begun is broken off before its end, and an end that our server saw too early is exactly what is looked for.

Attacks and odd clients: SMTP smuggling (an end of data that only one of two servers sees), Exchange's ``AUTH=<>`` and
the parameters of RFC 3461 that Postfix passes on, Exim's half-closed connection.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from pansentry.doctor import instance
from pansentry.doctor.answer import Answer, failed, passed, skipped, warned
from pansentry.doctor.self_audit import GREETING_S, reach
from pansentry.sentence import sentence

if TYPE_CHECKING:
    from pansentry.configuration import Configuration

ENDS = (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n")
"""Seven ends of data that some server takes for one, and that are none (RFC 5321 §4.1.1.4; SEC Consult 2023)."""
_QUIET_S = 1.5
"""How long a server is waited for that must not answer."""
_PATIENCE_S = 15.0
"""For an answer that the next hop may have to be asked for."""
_NO_RECIPIENT = "The next hop has no postmaster, so no message could be begun."


def ports(name: str, configuration: Configuration) -> Answer:
    """Whatever we listen on is ours, and nobody else's."""
    strange = []
    silent = []
    for listener in configuration.listen:
        port = int(listener.address.rpartition(":")[2])
        there = instance.find(port)
        names = {_program(process) for process in there.processes}
        if not there.listening:
            silent.append(listener.address)
        elif names and not any("pansentry" in one for one in names):
            strange.append(f"{listener.address} ({', '.join(sorted(names))})")
    if strange:
        return failed(
            name,
            sentence("Another program listens on {where}.", where=strange[0]),
            "Stop it, or choose another port in `listen`.",
        )
    if len(silent) == len(configuration.listen):
        return skipped(name, "The gateway does not run here.", "Start it, and ask again.")
    if silent:
        return failed(
            name, sentence("Nobody listens on {where}.", where=silent[0]), "Restart the gateway, and look into its log."
        )
    return passed(
        name, sentence("The gateway listens on {where}.", where=", ".join(one.address for one in configuration.listen))
    )


def _program(process: int) -> str:
    """Return what a process runs: of a script its name, too."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[:3]
    except OSError:
        return ""
    said = " ".join(word.decode("utf-8", "replace").rpartition("/")[2] for word in words if word)
    return " ".join(said.split())[:60]


def shown_certificate(name: str, configuration: Configuration) -> Answer:
    """The running gateway shows the certificate that lies there now, and one that strict servers trust."""
    listener = next((one for one in configuration.listen if one.protocol != "milter"), None)
    wanted = (listener.tls if listener else None) or configuration.tls
    if listener is None or wanted is None:
        return skipped(name, "We offer no TLS here.")
    try:
        with reach(configuration, _PATIENCE_S) as client:
            sock = client.sock
            shown = sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None
    except (OSError, smtplib.SMTPException):
        return skipped(name, "The gateway does not run here.", "Start it, and ask again.")
    if shown is None:
        return failed(name, "TLS is configured, and the gateway does not offer it.", "Restart it.")
    if shown != ssl.PEM_cert_to_DER_cert(_first(wanted.certificate.read_text("ascii"))):
        return warned(name, "The gateway shows another certificate than the file holds.", "Send SIGHUP to it.")
    strict = ssl.create_default_context()
    try:
        _handshake(configuration, strict)
    except ssl.SSLCertVerificationError as error:
        fix = "Get one for this name from an authority that others know, and put the whole chain into the file."
        said = sentence("Senders that check certificates would not trust it: {why}.", why=error.verify_message)
        return warned(name, said, fix)
    except (OSError, smtplib.SMTPException) as error:
        said = sentence("A strict TLS handshake failed ({why}).", why=type(error).__name__)
        return warned(name, said, "Look into its log.")
    return passed(name, "It is shown, and strict senders trust it.")


def _first(pem: str) -> str:
    """Return the first certificate of a file."""
    return pem[pem.index("-----BEGIN CERTIFICATE") : pem.index("END CERTIFICATE-----") + len("END CERTIFICATE-----")]


def _handshake(configuration: Configuration, context: ssl.SSLContext) -> None:
    """Shake hands as a sender that checks does. Raises SSLCertVerificationError, OSError, SMTPException."""
    listener = next(one for one in configuration.listen if one.protocol != "milter")
    kind = smtplib.LMTP if listener.protocol == "lmtp" else smtplib.SMTP
    with socket.create_connection(_address(configuration), timeout=GREETING_S) as raw:
        if not listener.implicit_tls:
            client = kind()
            client.sock, client.file = raw, None
            client.getreply()
            client.ehlo("audit.example")
            client.docmd("STARTTLS")
        context.wrap_socket(raw, server_hostname=configuration.hostname).close()


def _address(configuration: Configuration) -> tuple[str, int]:
    """Return where the first listener that takes mail is reached from this machine."""
    listener = next(one for one in configuration.listen if one.protocol != "milter")
    host, _, port = listener.address.rpartition(":")
    return {"0.0.0.0": "127.0.0.1", "[::]": "::1", "": "127.0.0.1"}.get(host, host.strip("[]")), int(port)  # noqa: S104


def ends_of_data(name: str, configuration: Configuration) -> Answer:
    """Only one end of data is one: nothing can be smuggled behind it."""
    with ThreadPoolExecutor(len(ENDS)) as crowd:
        heard = list(crowd.map(lambda end: _heard_after(configuration, end), ENDS))
    if None in heard:
        return skipped(name, "The gateway does not run here.", "Start it, and ask again.")
    if "" in heard:
        return skipped(name, _NO_RECIPIENT)
    wrong = [end for end, said in zip(ENDS, heard, strict=True) if said == "answer"]
    if wrong:
        said = sentence("The gateway takes {octets} for an end of data.", octets=repr(wrong[0]))
        return failed(name, said, "Stop it, and report this.")
    return passed(name, sentence("None of {n} false ends is taken for one.", n=len(ENDS)))


def _heard_after(configuration: Configuration, end: bytes) -> str | None:
    """Return ``answer`` if a false end is answered, ``silence`` if not; empty: no recipient; None: nobody there."""
    try:
        client = reach(configuration, _PATIENCE_S)
        try:
            client.mail("")
            if client.rcpt(f"postmaster@{_domain(configuration)}")[0] // 100 != 2:
                return ""
            if client.docmd("DATA")[0] != 354 or client.sock is None:
                return ""
            client.sock.sendall(b"Subject: a test by pansentry doctor\r\n\r\nx" + end + b"NOOP\r\n")
            client.sock.settimeout(_QUIET_S)
            try:
                return "answer" if client.sock.recv(1) else "silence"
            except TimeoutError:
                return "silence"
        finally:
            client.close()
    except (OSError, smtplib.SMTPException):
        return None


def _domain(configuration: Configuration) -> str:
    return configuration.domains[0].rpartition("@")[2]


def options_of_delivery(name: str, configuration: Configuration) -> Answer:
    """Parameters that other servers add are no reason to refuse their mail."""
    try:
        client = reach(configuration, _PATIENCE_S)
    except (OSError, smtplib.SMTPException):
        return skipped(name, "The gateway does not run here.", "Start it, and ask again.")
    recipient = f"postmaster@{_domain(configuration)}"
    with client:
        for parameters in ("RET=HDRS ENVID=doctor", "AUTH=<>", "SIZE=1000 BODY=8BITMIME"):
            code = client.docmd("MAIL", f"FROM:<> {parameters}")[0]
            client.rset()
            if code // 100 == 5:
                said = sentence("{parameters} is answered {code}.", parameters=f"MAIL {parameters}", code=code)
                return failed(name, said, "Report this: mail would be lost.")
        client.mail("")
        plain = client.rcpt(recipient)[0]
        asked = client.docmd("RCPT", f"TO:<{recipient}> NOTIFY=NEVER ORCPT=rfc822;{recipient}")[0]
    if plain // 100 == 2 and asked // 100 == 5:
        said = sentence("{parameters} is answered {code}.", parameters="RCPT NOTIFY ORCPT", code=asked)
        return failed(name, said, "Report this: mail would be lost.")
    return passed(name, "RET, ENVID, NOTIFY, ORCPT and AUTH=<> are no reason to refuse.")


def half_closed(name: str, configuration: Configuration) -> Answer:
    """Who has said everything and closed his side is answered to the end, as Exim expects."""
    listener = next((one for one in configuration.listen if one.protocol != "milter"), None)
    if listener is None or listener.implicit_tls:
        return skipped(name, "A TLS connection cannot be half closed.")
    hello = "LHLO" if listener.protocol == "lmtp" else "EHLO"
    said = f"{hello} audit.example\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster@{_domain(configuration)}>\r\nRSET\r\nQUIT\r\n"
    try:
        with socket.create_connection(_address(configuration), timeout=GREETING_S) as client:
            client.recv(1000)
            client.settimeout(_PATIENCE_S)
            client.sendall(said.encode())
            client.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while more := client.recv(4096):
                    answer += more
    except OSError:
        return skipped(name, "The gateway does not run here.", "Start it, and ask again.")
    if not any(line.startswith(b"221") for line in answer.splitlines()):
        return failed(name, "A half-closed connection is dropped: Exim's mail would not arrive.", "Report this.")
    return passed(name, "A half-closed connection is answered to the end.")
