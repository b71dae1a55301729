"""A connection that breaks: passes a client's packets on to a server on loopback, and hangs up at one of them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Cut:
    """Listens on ``port``; hangs up at the ``at``-th packet of the client, which the server gets if ``after``.

    ``hidden`` are words that the server does not get to say: what it can and what the client shall not know.
    """

    def __init__(self, server_port: int, at: int, *, after: bool, hidden: tuple[bytes, ...] = ()) -> None:
        self.was_cut = False
        self._at, self._after, self._hidden = at, after, hidden
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._server = socket.create_connection(("127.0.0.1", server_port))
        self._server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._threads = [threading.Thread(target=self._from_client, daemon=True)]
        self._threads[0].start()

    def _from_client(self) -> None:
        client, _ = self._listening.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._threads.append(threading.Thread(target=self._from_server, args=(client,), daemon=True))
        self._threads[1].start()
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 20):
                self._at -= 1
                if self._at == 0:
                    self.was_cut = True
                    if self._after:
                        self._server.sendall(data)
                        client.shutdown(socket.SHUT_RDWR)  # the answer finds nobody
                        self._server.shutdown(socket.SHUT_WR)
                        self._threads[1].join(10)  # until the server has done what it was told
                    break
                self._server.sendall(data)
        for one in (client, self._server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _from_server(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(1 << 20):
                for word in self._hidden:
                    data = data.replace(b" " + word, b" X" + word[1:])
                with contextlib.suppress(OSError):
                    client.sendall(data)

    def close(self) -> None:
        """End the connection, and wait until both ends have."""
        self._listening.close()
        for one in self._threads:
            one.join(10)
        self._server.close()


@contextlib.contextmanager
def cut(server_port: int, at: int, *, after: bool, hidden: tuple[bytes, ...] = ()) -> Iterator[Cut]:
    """Stand between a client and a server as long as the block lasts."""
    between = Cut(server_port, at, after=after, hidden=hidden)
    try:
        yield between
    finally:
        between.close()
