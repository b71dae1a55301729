"""What contradicts itself in a configuration although each value is fine: where, what is wrong, what to write.

In: a validated :class:`Configuration`. Out: path of the key, one sentence, the fix. Nothing is looked up or opened.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from pansentry.senders import same_organisation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pansentry.configuration.model import Configuration, Console


def conflicts(configuration: Configuration) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield what contradicts itself although each value is fine: path, what is wrong, what to write."""
    trusted, business, dkim = configuration.trusted, configuration.business, configuration.dkim
    if business and business.letters_from and dkim:
        domain = business.letters_from.rpartition("@")[2].lower()
        if not same_organisation(domain, dkim.domain):
            wrong = f"Letters from {domain} are signed by {dkim.domain}, so other servers will not believe them."
            yield ("business", "letters_from"), wrong, "Use an address and a key of one domain."
    console = configuration.console
    if console.enabled and not (_is_loopback(console.address) or console.tls or console.trusted_proxies):
        wrong = f"On {console.address} passwords would cross the network in the clear."
        yield ("console", "address"), wrong, "Add `tls:`, name `trusted_proxies:`, or listen on `127.0.0.1:8025`."
    yield from _provider_conflicts(console)
    yield from _hop_conflicts(configuration)
    if configuration.store.startswith("postgresql") and configuration.secret is None:
        wrong = "Gateways that share a store need one `secret`, or they do not know each other's tokens."
        yield ("store",), wrong, "Name a file of 32 characters or more, the same on all, in PANSENTRY_SECRET_FILE."
    if configuration.group and not configuration.user:
        yield ("group",), "A group without a user would leave the rights of this one.", "Name a `user:` too."
    for i, listener in enumerate(configuration.listen):
        uncertified = not (listener.tls or configuration.tls)
        certificate = "Add a `tls:` block with `certificate` and `key`."
        for key, contradiction, lack, fix in (
            ("implicit_tls", listener.implicit_tls and uncertified, "a certificate", certificate),
            ("starttls", listener.starttls == "require" and uncertified, "a certificate", certificate),
            (
                "proxy",
                listener.proxy and not trusted.proxies,
                "to know whom to trust",
                "Name them in `trusted.proxies`.",
            ),
            (
                "xforward",
                listener.xforward and not trusted.xforward,
                "to know whom to trust",
                "Name them in `trusted.xforward`.",
            ),
        ):
            if contradiction:
                yield ("listen", i, key), f"`{key}` for {listener.address} needs {lack}.", fix


def _provider_conflicts(console: Console) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    if console.summary.decide == "link" and not (console.summary.url or console.url):
        wrong = "Links that decide about held mail need an address to lead to."
        yield ("console", "summary", "decide"), wrong, "Write `console.url`, such as `https://pansentry.shop.example`."
    if console.oidc is None:
        return
    if console.url is None:
        wrong = "The provider must know where to send people back to."
        yield ("console", "oidc"), wrong, "Write `console.url`, such as `https://pansentry.shop.example`."
    roles = console.oidc.roles
    named = (*roles.viewer, *roles.operator, *roles.admin)
    if not named:
        wrong = "Nobody could sign in through the provider: no group has a role."
        yield ("console", "oidc"), wrong, "Name the provider's groups, such as `roles: {admin: [mail-admins]}`."
    for group in sorted({one for one in named if named.count(one) > 1}):
        wrong = f"The group {group} has two roles."
        yield ("console", "oidc", "roles"), wrong, "Name it once; a role may all that the lesser ones may."


def _is_loopback(address: str) -> bool:
    """Tell whether an address cannot be reached from another machine."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hop_conflicts(configuration: Configuration) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    for key, url, options in (
        ("next_hop_options", configuration.next_hop, configuration.next_hop_options),
        ("reply_via_options", configuration.reply_via, configuration.reply_via_options),
    ):
        if options is None:
            continue
        if not url and key == "reply_via_options":
            yield (key,), "There is no `reply_via` that these options are for.", "Name it, or take them out."
        if (options.user is None) != (options.password is None):
            yield (key, "user"), "A user and a password belong together.", "Give both, or take both out."
        plain = not url or url.startswith(("lmtp:", "maildir:")) or "tls=none" in url
        if plain and (options.user or options.certificate or options.authorities):
            wrong = "Credentials and certificates go out under TLS only, and this next hop has none."
            yield (key,), wrong, "Write `smtps://…` or `smtp://…?tls=required`, or take them out."
        elif (options.authorities or options.user) and not _is_verified(url or ""):
            wrong = "The certificate of the next hop is not verified, so a stranger could be given this."
            yield (key,), wrong, "Add `?tls=required` to its address."
        if options.content > configuration.limits.processing:
            wrong = (
                "The client would be told 451 while its message may still arrive behind us, and would send it again."
            )
            yield (key, "content"), wrong, "Stay below `limits.processing`."


def _is_verified(url: str) -> bool:
    return url.startswith("smtps:") or "tls=required" in url
