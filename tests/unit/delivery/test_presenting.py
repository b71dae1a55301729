"""Settings of a next hop: what contradicts itself is refused with the fix, what is right reaches the wire."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from pansentry.configuration.load import parse
from pansentry.delivery.hop import Credentials, Deadlines
from pansentry.delivery.presenting import hop_options
from pansentry.errors import ConfigurationError

HEAD = "hostname: gw.shop.example\ndomains: [shop.example]\n"


def configured(text: str, folder: Path = Path(), **environ: str):
    raw = (HEAD + text).encode()
    return parse(raw, "f", environ, folder, lambda name: Path(name).read_text())[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("next_hop: 'smtps://m.example'\nnext_hop_options: {user: a}", "`next_hop_options`|belong together"),
        ("next_hop: 'smtp://m.example'\nnext_hop_options: {user: a, password: b}", "a stranger could be given this"),
        ("next_hop: 'smtp://m.example?tls=none'\nnext_hop_options: {user: a, password: b}", "under TLS only"),
        ("next_hop: 'lmtp://m.example'\nnext_hop_options: {authorities: ca.pem}", "under TLS only"),
        ("next_hop_options: {user: a, password: b}", "under TLS only"),
        ("next_hop: 'smtp://m.example'\nnext_hop_options: {authorities: ca.pem}", "Add `\\?tls=required`"),
        ("reply_via_options: {connect: 5 s}", "There is no `reply_via`"),
        ("next_hop_options: {content: 10 minutes}", "Stay below `limits.processing`"),
    ],
)
def test_contradictions_are_refused(text: str, said: str) -> None:
    """A password for a stranger, a certificate without TLS, patience beyond the client's: refused at the start."""
    with pytest.raises(ConfigurationError, match=said):
        configured(text)


def test_everything_reaches_the_hop(tmp_path: Path) -> None:
    """Name, credentials from a file, deadlines, authorities and the certificate that we show."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours = authority.issue_cert("gw.shop.example")
    ours.private_key_pem.write_to_path(tmp_path / "key.pem")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    (tmp_path / "password").write_text("open sesame\n")
    configuration = configured(
        "next_hop: 'smtp://m.example:587?tls=required'\n"
        "next_hop_options: {user: gw, connect: 5 s, command: 7 s, content: 2 min, authorities: ca.pem,"
        " certificate: {certificate: cert.pem, key: key.pem}}\n",
        tmp_path,
        PANSENTRY_NEXT_HOP_OPTIONS__PASSWORD_FILE=str(tmp_path / "password"),
    )
    options = hop_options("gw.shop.example", configuration.next_hop_options)
    assert options.our_name == "gw.shop.example"
    assert options.credentials == Credentials("gw", "open sesame")
    assert options.deadlines == Deadlines(5, 7, 120)
    assert options.certificate == (str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    assert options.tls_context is not None
    (trusted,) = options.tls_context.get_ca_certs()
    assert trusted["issuer"] == trusted["subject"]


@pytest.mark.parametrize("options", ["authorities: no.pem", "certificate: {certificate: no.pem, key: no.pem}"])
@pytest.mark.parametrize("content", [None, "no PEM"])
def test_files_that_cannot_be_used_stop_the_start(tmp_path: Path, options: str, content: str | None) -> None:
    """A missing or a wrong file is named before the first mail would be deferred because of it."""
    if content is not None:
        (tmp_path / "no.pem").write_text(content)
    configuration = configured(f"next_hop: smtps://m.example\nnext_hop_options: {{{options}}}\n", tmp_path)
    with pytest.raises(ConfigurationError, match=r"no\.pem: The .* for the next hop cannot be used"):
        hop_options("gw.shop.example", configuration.next_hop_options)


def test_letters_have_options_of_their_own(tmp_path: Path) -> None:
    """The password of the mailbox server is not shown to another server that sends the letters."""
    from pansentry.wiring import hops_of

    configuration = configured(
        "next_hop: smtps://m.example\nnext_hop_options: {user: a, password: b}\nreply_via: smtp://relay.example\n"
    )
    hops = hops_of(configuration)
    assert hops["deferred"]._options.credentials == Credentials("a", "b")
    assert hops["letter"]._options.credentials is None
