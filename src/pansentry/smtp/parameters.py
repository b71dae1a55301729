"""ESMTP parameters of MAIL and RCPT, read strictly.

In: the bytes behind the path. Out: :class:`MailParameters`, or the tuple of RCPT parameters to be passed on.

Standards: RFC 5321 §4.1.2 (``esmtp-param``), RFC 1870 (SIZE), RFC 6152 (BODY), RFC 6531 (SMTPUTF8), RFC 4954 §5
(AUTH=), RFC 3461 §4 (RET, ENVID, NOTIFY, ORCPT, xtext), RFC 6533 §3 (``utf-8`` addresses in ORCPT).

DSN parameters are taken whether or not DSN was advertised: Postfix as a before-queue client passes them on because it
advertised DSN itself, and a 555 would bounce the mail for good. ``AUTH=`` is read and dropped (Exchange sends
``AUTH=<>``), so are ``MT-PRIORITY`` and anything private (``X…``). All else is 555: ignoring REQUIRETLS or BY would
break a promise.

Known gap: BODY=BINARYMIME is refused, as there is no CHUNKING.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_PARAMETERS = 20
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\x00-\x20=\x7f][^\x00-\x20\x7f]*))?")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_UTF8_XTEXT = re.compile(r"(?:[!-*,-<>-\[\]-~\u00a0-\U0010ffff]|\+[0-9A-F]{2}|\\x\{[0-9A-F]{2,6}\})*")
_NOTIFY_WORDS = frozenset({"SUCCESS", "FAILURE", "DELAY"})


class ParameterError(ValueError):
    """A parameter is malformed (501) or not known (555). The text is fixed."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class MailParameters:
    """``size`` in bytes as declared, or 0; ``pass_on`` is what the next hop may be told, as received."""

    size: int = 0
    smtputf8: bool = False
    pass_on: tuple[str, ...] = ()


NONE = MailParameters()


def _is_size(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 20


def _is_envid(value: str) -> bool:
    return len(value) <= 100 and _XTEXT.fullmatch(value) is not None


def _is_orcpt(value: str) -> bool:
    kind, semicolon, address = value.partition(";")
    if not semicolon or len(value) > 500 or not re.fullmatch(r"[A-Za-z0-9-]+", kind):
        return False
    return (_UTF8_XTEXT if kind.lower() == "utf-8" else _XTEXT).fullmatch(address) is not None


def _is_notify(value: str) -> bool:
    words = value.upper().split(",")
    return words == ["NEVER"] or (set(words) <= _NOTIFY_WORDS and len(words) == len(set(words)))


def _is_absent(value: str) -> bool:
    return not value


def _is_anything(value: str) -> bool:
    return True


_Check = Callable[[str], bool]

MAIL: dict[str, tuple[_Check, bool]] = {
    # keyword: (is the value well-formed, is it passed on)
    "SIZE": (_is_size, False),
    "BODY": (lambda value: value.upper() in ("7BIT", "8BITMIME"), True),
    "SMTPUTF8": (_is_absent, True),
    "RET": (lambda value: value.upper() in ("FULL", "HDRS"), True),
    "ENVID": (_is_envid, True),
    "AUTH": (_is_anything, False),
    "MT-PRIORITY": (_is_anything, False),
}
RCPT: dict[str, tuple[_Check, bool]] = {
    "NOTIFY": (_is_notify, True),
    "ORCPT": (_is_orcpt, True),
}


def parse_mail_parameters(rest: bytes) -> MailParameters:
    """Read the parameters of MAIL.

    Raises:
        ParameterError: 501 for a malformed or repeated one, 555 for one that is not known.
    """
    if not rest:
        return NONE
    values, pass_on = _parse(rest, MAIL)
    return MailParameters(int(values.get("SIZE") or 0), "SMTPUTF8" in values, pass_on)


def parse_rcpt_parameters(rest: bytes) -> tuple[str, ...]:
    """Read the parameters of RCPT and return those to be passed on.

    Raises:
        ParameterError: as :func:`parse_mail_parameters`.
    """
    return _parse(rest, RCPT)[1] if rest else ()


def _parse(rest: bytes, table: dict[str, tuple[_Check, bool]]) -> tuple[dict[str, str], tuple[str, ...]]:
    try:
        words = rest.decode("utf-8").split(" ")
    except UnicodeDecodeError:
        raise ParameterError(501, "Parameter is not UTF-8") from None
    values: dict[str, str] = {}
    pass_on: list[str] = []
    for word in words:
        if not word:
            continue
        match = _PARAMETER.fullmatch(word)
        if match is None or len(values) >= MAX_PARAMETERS:
            raise ParameterError(501, "Parameters are malformed")
        keyword, value = match[1].upper(), match[2] or ""
        if keyword in values:
            raise ParameterError(501, "Parameter is given twice")
        values[keyword] = value
        if keyword not in table:
            if keyword.startswith("X"):
                continue
            raise ParameterError(555, "Parameter is not supported")
        is_valid, passed = table[keyword]
        if not is_valid(value):
            raise ParameterError(501, "Parameter value is malformed")
        if passed:
            pass_on.append(word)
    return values, tuple(pass_on)


def decode_xtext(value: str) -> str:
    """Decode xtext (RFC 3461 §4) to text; bytes that are not UTF-8 become U+FFFD.

    Raises:
        ParameterError: 501, not xtext.
    """
    if not _XTEXT.fullmatch(value):
        raise ParameterError(501, "Value is not xtext")
    decoded = re.sub(rb"\+([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), value.encode())
    return decoded.decode("utf-8", "replace")
