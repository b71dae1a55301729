"""``pansentry healthcheck``: ask a running gateway whether it is well; for containers, which have no curl."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import click

from pansentry.errors import UnavailableError


@click.command()
@click.option("-c", "--config", "path", type=click.Path(dir_okay=False, path_type=Path), help="Configuration file.")
@click.option("--timeout", "timeout_s", type=float, default=5.0, show_default=True, help="Seconds to wait.")
def command(path: Path | None, timeout_s: float) -> None:
    """Greet the first listener, say goodbye. Exit code 0: it answers. 69: it does not."""
    from pansentry.configuration import load

    configuration = load(path, os.environ)
    listener = configuration.listen[0]
    host, _, port = listener.address.rpartition(":")
    host = {"0.0.0.0": "127.0.0.1", "[::]": "::1", "": "127.0.0.1"}.get(host, host.strip("[]"))  # noqa: S104
    try:
        with socket.create_connection((host, int(port)), timeout_s) as connection:
            if listener.proxy:
                connection.sendall(b"PROXY UNKNOWN\r\n")
            if listener.protocol == "milter":
                _offer(connection)
            elif not listener.implicit_tls:
                _greet(connection)
    except OSError as error:
        raise UnavailableError(
            f"{listener.address} does not answer: {error.strerror or type(error).__name__}"
        ) from None
    click.echo("well")
    _warn(configuration.store)


def _warn(store: str) -> None:
    """Say if the policies in the folder are not those in use; mail is well all the same."""
    from pansentry.store.versions import refused_now

    try:
        refused = refused_now(store)
    except Exception:  # a look at the side must not make a well gateway look ill
        return
    if refused is not None:
        click.echo(
            f"warning: the policies in the folder are NOT in use, the ones before are: {refused.reason}", err=True
        )


def _offer(connection: socket.socket) -> None:
    """Begin as an MTA would, and leave."""
    from pansentry.milter.codec import NEEDED_ACTIONS, VERSION, WISHED_STEPS, Offer, offer, packet

    connection.sendall(offer(Offer(VERSION, NEEDED_ACTIONS, WISHED_STEPS)) + packet(b"Q"))
    with connection.makefile("rb") as dialogue:
        if dialogue.read(5)[4:] != b"O":
            raise UnavailableError("the gateway is there, but takes no mail now")


def _greet(connection: socket.socket) -> None:
    with connection.makefile("rwb") as dialogue:
        if not dialogue.readline(600).startswith(b"220"):
            raise UnavailableError("the gateway is there, but takes no mail now")
        dialogue.write(b"QUIT\r\n")
        dialogue.flush()
        dialogue.readline(600)
