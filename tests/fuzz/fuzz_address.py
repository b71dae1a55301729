"""Fuzz target: paths and parameters. What is accepted is one spelling that reads the same again; no other exception."""

from __future__ import annotations

from pansentry.smtp.address import AddressError, parse_forward_path, parse_reverse_path
from pansentry.smtp.parameters import ParameterError, parse_mail_parameters, parse_rcpt_parameters

MAX_LEN = 600


def check(data: bytes) -> None:
    """Read ``data`` as what may stand behind ``MAIL FROM:`` and behind ``RCPT TO:``."""
    for parse, parameters in (
        (parse_reverse_path, parse_mail_parameters),
        (parse_forward_path, parse_rcpt_parameters),
    ):
        try:
            path, rest = parse(data)
        except AddressError:
            continue
        assert path.isprintable() or not path.isascii()
        assert not set(path) & set("\r\n\0")
        local, _, domain = path.rpartition("@")
        assert domain.isascii()
        assert " " not in domain
        if parse is parse_forward_path:
            assert path == "postmaster" or not set(local) & set("@%!/|")
        if "@" in path:
            assert parse(f"<{path}>".encode()) == (path, b"")
        try:
            read = parameters(rest)
        except ParameterError:
            continue
        passed = read if isinstance(read, tuple) else read.pass_on
        assert not any(character <= " " for word in passed for character in word)
