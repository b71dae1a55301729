"""Kinds of values that settings have: lists, durations, sizes, addresses, URLs. Each says in words what it expects.

What an admin would write is accepted (``7 days``, ``25 MiB``, one entry where a list may stand); what could be meant in
two ways is refused with the fix. All are pure; nothing is looked up.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from pansentry.configuration.explain import flaw

_SECONDS = {"s": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86400, "week": 604800}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) *([a-z]{1,7})")
_BYTES = {"b": 1, "kb": 1000, "kib": 1024, "mb": 1000**2, "mib": 1024**2, "gb": 1000**3, "gib": 1024**3}
_SIZE = re.compile(r"([0-9]{1,12}) *([kmg]?i?b)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_\-\u0080-\U0010ffff]{1,63}(?<!-)")
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_TLS = re.compile(r"tls=(?:opportunistic|required|none)")
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\u0080-\U0010ffff]{1,64}")


class Settings(BaseModel):
    """The manners of every block: strict, no unknown keys, frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def one_or_many(value: Any) -> Any:
    """Let one entry stand where a list may stand."""
    return (value,) if isinstance(value, str) else value


def seconds(value: Any) -> Any:
    """Read ``7 days``, ``30 s``, ``5 minutes`` as seconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise flaw("`{key}` is {raw}, but of what?", "Write the unit too, such as `7 days`, `12 h` or `30 s`.")
    match = _DURATION.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    unit = match[2] if match else ""
    factor = _SECONDS.get(unit) or _SECONDS.get(unit.removesuffix("s"))
    if match is None or factor is None:
        raise flaw("`{key}` cannot be {raw}; it is a length of time.", "Write for example `7 days`, `12 h` or `30 s`.")
    return float(match[1]) * factor


def size(value: Any) -> Any:
    """Read ``25 MiB``, ``400 KiB`` as bytes; a bare number is refused as ambiguous unless it is large."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 1024:
            raise flaw("`{key}` is {raw}, but of what?", "Write the unit too, such as `25 MiB`.")
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise flaw("`{key}` cannot be {raw}; it is a size.", "Write for example `25 MiB` or `400 KiB`.")
    return int(match[1]) * _BYTES[match[2].lower()]


def is_domain(text: str) -> bool:
    """Tell whether ``text`` is a domain of at least two labels."""
    labels = text.split(".")
    return len(text) <= 253 and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)


def is_address(text: str) -> bool:
    """Tell whether ``text`` is a plain ``local@domain`` (no quoted local parts: an admin never needs one)."""
    local, at, domain = text.rpartition("@")
    return bool(at and _ATEXT.fullmatch(local) and is_domain(domain))


def a_labels(domain: str) -> str:
    """Return ``domain`` in the spelling the wire has: lower case A-labels (RFC 5890 §2.3.2.1).

    Raises ValueError for what is no internationalised name.
    """
    if domain.isascii():
        return domain.lower()
    import idna  # only for names beyond ASCII

    labels = unicodedata.normalize("NFC", domain.lower()).split(".")
    return ".".join(label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels)


def _domain(value: str) -> str:
    try:
        if is_domain(value):
            return a_labels(value)
    except ValueError:  # of which the idna package's errors are some
        pass
    raise flaw("`{key}` cannot be {raw}; it is a host or domain name.", "Write for example `shop.example`.")


def _domain_or_address(value: str) -> str:
    text = value.removeprefix("@")
    try:
        if is_domain(text) or is_address(text):
            local, at, domain = text.rpartition("@")
            return f"{local.lower()}{at}{a_labels(domain)}"
    except ValueError:
        pass
    raise flaw(
        "`{key}` cannot be {raw}; it is a domain or an address.",
        "Write `shop.example` for all of a domain, or `info@shop.example` for one mailbox.",
    )


def _address(value: str) -> str:
    if not is_address(value):
        raise flaw("`{key}` cannot be {raw}; it is a mail address.", "Write for example `info@shop.example`.")
    return value


def _host_port(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise flaw(
            "`{key}` cannot be {raw}; it is an address and a port.", "Write for example `0.0.0.0:25` or `[::1]:2525`."
        )
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise flaw("`{key}` is {raw}; an IPv6 address needs brackets.", "Write for example `[::1]:2525`.")
    return value


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise flaw(
            "`{key}` cannot be {raw}; it is an IP address or network.", "Write for example `10.0.0.0/8`."
        ) from None
    raise flaw(
        "`{key}` is {raw}, which is one host with the mask of a network.", f"Write `{meant}`, or leave the mask out."
    )


def _url(*schemes: str) -> AfterValidator:
    """Accept URLs of these schemes only."""
    listed = ", ".join(f"{s}:" for s in schemes)

    def check(value: str) -> str:
        scheme, colon, rest = value.partition(":")
        if not colon or scheme not in schemes or not rest.strip("/") or any(c <= " " for c in value):
            raise flaw("`{key}` cannot be {raw}.", f"Write a URL that starts with one of: {listed}")
        return value

    return AfterValidator(check)


_HOP_FLAWS = {
    "credentials": "A user name or password does not belong in `{key}`.",
    "slashes": "Two slashes are missing in `{key}`.",
    "socket": "A slash is missing in `{key}`: the path of a socket follows three.",
    "brackets": "The IPv6 address in `{key}` does not stand between brackets.",
    "port": "The port in `{key}` is no number from 1 to 65535.",
    "host": "The name of the server is missing in `{key}`.",
    "name": "What stands in `{key}` is no name of a server.",
    "path": "`{key}` is {raw}; nothing may follow the port.",
}
_HOP_EXAMPLES = {"smtp": "mail.example:25", "smtps": "mail.example:465", "lmtp": "mail.example:24"}
_LIKE_V6 = re.compile(r"(?=[^:\[\]]*[:\[\]])[0-9A-Fa-f:.\[\]]+")
_HOP_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")


def _hop(value: str) -> str:
    """Refuse at its line what :func:`pansentry.delivery.next_hop.parse_next_hop` would refuse later.

    What is advised is accepted, and never holds what stood before an ``@``.
    """
    scheme, _, rest = value.partition(":")
    found = "" if scheme == "maildir" else _hop_flaw(scheme, rest)
    if found.startswith(("?", "#")):
        wrong, fix = "`{key}` cannot end in ", "Write `?tls=opportunistic`, `?tls=required` or `?tls=none`."
        raise flaw(f"{wrong}`{found[:41]}`.", fix if scheme == "smtp" else "Leave it out.")
    if found:
        meant = next((one for one in _hops_meant(scheme, rest) if not _hop_flaw(scheme, one)), "")
        fix = f"Write `{scheme}:{meant}`" if meant else f"Write for example `{scheme}://{_HOP_EXAMPLES[scheme]}`"
        more = ", and `user` and `password` under `{key}_options:`." if found == "credentials" else "."
        raise flaw(_HOP_FLAWS[found], f"{fix}{more}")
    return value


def _hop_flaw(scheme: str, rest: str) -> str:
    """Return what is wrong behind the scheme: a key of the table, or the end that none may have; ``""`` for good."""
    if scheme == "lmtp" and rest.startswith("///") and rest.strip("/"):
        end = re.search(r"[?#]", rest)
        return rest[end.start() :] if end else ""
    if "@" in rest:
        return "credentials"
    if not rest.startswith("//"):
        return "slashes"
    where, _, query = rest[2:].partition("?")
    name, _, path = where.partition("/")
    host, colon, port = name.rpartition(":") if ":" in name and not name.endswith("]") else (name, "", "")
    is_v6 = host.startswith("[") and host.endswith("]")
    rows = (
        ("brackets", not is_v6 and _LIKE_V6.fullmatch(host) is not None),
        ("port", port != "" and not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536)),
        ("host", not host),
        ("path", "#" in name),
        ("name", not (_is_v6(host[1:-1]) if is_v6 else _HOP_HOST.fullmatch(host))),
        ("socket", path != "" and scheme == "lmtp" and not colon),
        ("path", path != ""),
        (f"?{query}", query != "" and not (scheme == "smtp" and _TLS.fullmatch(query))),
    )
    return next((wrong for wrong, is_so in rows if is_so), "")


def _hops_meant(scheme: str, rest: str) -> tuple[str, ...]:
    """Return what was perhaps meant behind the scheme, the likeliest first; some of it may be wrong too."""
    bare = rest.rpartition("@")[2].strip("/")
    name = re.split(r"[/?#]", bare, maxsplit=1)[0]
    plain = name if "[" in name and "]" in name else name.strip("[]")
    address, _, port = plain.rpartition(":")
    is_path = scheme == "lmtp" and "@" not in rest and ":" not in name
    is_socket = is_path and ("/" in bare or (rest.startswith("/") and not rest.startswith("//")))
    sockets = (f"///{bare}",) if is_socket else ()
    return (*sockets, f"//{bare}", f"//{name}", f"//[{address}]:{port}", f"//[{plain}]")


def _is_v6(text: str) -> bool:
    try:
        return "%" not in text and ipaddress.IPv6Address(text).version == 6
    except ValueError:
        return False


def _web(value: str) -> str:
    rest = value.removeprefix("https://")
    host = rest.split("/", 1)[0].split("?", 1)[0]
    if rest == value or not is_domain(host.rsplit(":", 1)[0] if ":" in host else host) or any(c <= " " for c in value):
        raise flaw(
            "`{key}` cannot be {raw}; customers are only sent to secure pages.",
            "Write `https://…` with the full address.",
        )
    return value


def _origin(value: str) -> str:
    """``https://host[:port]`` without a path; plain ``http`` only where nothing crosses a network."""
    parts = urlsplit(value)
    named = is_domain(parts.hostname or "") and parts.scheme == "https"
    here = parts.hostname in _HERE and parts.scheme in ("http", "https")
    if not (named or here) or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise flaw(
            "`{key}` cannot be {raw}; it is the address of a server, without a path.",
            "Write for example `https://pansentry.shop.example`.",
        )
    return value.rstrip("/")


def _issuer(value: str) -> str:
    """OpenID Connect Discovery 1.0 §4: https, no query, no fragment; the last slash is part of the name."""
    parts = urlsplit(value)
    named = is_domain(parts.hostname or "") and parts.scheme == "https"
    here = parts.hostname in _HERE and parts.scheme in ("http", "https")
    if not (named or here) or parts.query or parts.fragment or parts.username or any(c <= " " for c in value):
        raise flaw(
            "`{key}` cannot be {raw}; it is the https address by which a provider calls itself.",
            "Write it as the provider does, such as `https://login.shop.example/realms/shop`.",
        )
    return value


def _telephone(value: str) -> str:
    digits = sum(c.isascii() and c.isdigit() for c in value)
    if not 3 <= digits <= 17 or not re.fullmatch(r"\+?[0-9 ()/.\-]{3,40}", value):
        raise flaw(
            "`{key}` cannot be {raw}; it is a phone number.", 'Write it as on your invoices, such as `"+49 30 123456"`.'
        )
    return value


def _one_line(value: str) -> str:
    if any(ord(c) < 32 or ord(c) in {0x7F, 0x85, 0x2028, 0x2029} for c in value):
        raise flaw("`{key}` must be one line.", "Remove the line break.")
    return value.strip()


def _path(value: Any, info: ValidationInfo) -> Any:
    """Read a path; a relative one is below the folder of the configuration file (``base`` in the context)."""
    if not isinstance(value, str):
        return value
    return Path((info.context or {}).get("base", ""), value)


Seconds = Annotated[float, BeforeValidator(seconds)]
Bytes = Annotated[int, BeforeValidator(size)]
Domain = Annotated[str, AfterValidator(_domain)]
DomainOrAddress = Annotated[str, AfterValidator(_domain_or_address)]
Address = Annotated[str, AfterValidator(_address)]
HostPort = Annotated[str, AfterValidator(_host_port)]
Network = Annotated[str, AfterValidator(_network)]
NextHop = Annotated[str, _url("smtp", "smtps", "lmtp", "maildir"), AfterValidator(_hop)]
StoreUrl = Annotated[str, _url("sqlite", "postgresql")]
WebAddress = Annotated[str, AfterValidator(_web)]
Telephone = Annotated[str, AfterValidator(_telephone)]
Origin = Annotated[str, AfterValidator(_origin)]
Issuer = Annotated[str, AfterValidator(_issuer)]
Line = Annotated[str, AfterValidator(_one_line)]
File = Annotated[Path, BeforeValidator(_path)]
Many = BeforeValidator(one_or_many)
