"""A server that is not Kafka, for tests of what happens when one listens at a broker's address."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

Behavior = Callable[[socket.socket], None]


def _reads_forever(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def _sends(data: bytes, *, close: bool) -> Behavior:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(data)
        if not close:
            _reads_forever(connection)

    return serve


def _answers(frame: Callable[[bytes], bytes]) -> Behavior:
    """Responds to each request with what `frame` makes of its correlation id."""

    def serve(connection: socket.socket) -> None:
        while request := connection.recv(65536):
            connection.sendall(frame(request[8:12]))

    return serve


def _framed(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


_HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nno\r\n"

BEHAVIORS: dict[str, Behavior] = {
    "http_closes": _sends(_HTTP, close=True),
    "http_stays": _sends(_HTTP, close=False),
    "zeros": _sends(bytes(4096), close=False),
    "closes": lambda connection: None,
    "silent": _reads_forever,
    "ssh_banner": _sends(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", close=False),
    "huge_length": _sends(struct.pack(">i", 0x7FFFFFFF) + bytes(100), close=False),
    "negative_length": _sends(struct.pack(">i", -5) + bytes(100), close=False),
    "wrong_correlation": _answers(lambda _: _framed(struct.pack(">i", 0x7FFFFFF0) + bytes(20))),
    "garbage_body": _answers(lambda correlation: _framed(correlation + b"\x7f" * 40)),
    "empty_body": _answers(_framed),
}


class ForeignServer:
    """Listens on a port of 127.0.0.1. Without a behavior it forwards to the port `kafka` until take_over() gives it one.
    A context manager.
    """

    def __init__(self, port: int, behavior: str = "", kafka: int = 0) -> None:
        self._behavior = BEHAVIORS[behavior] if behavior else lambda connection: self._forward(connection, kafka)
        self._listener = socket.create_server(("127.0.0.1", port))
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> ForeignServer:
        return self

    def __exit__(self, *_) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # Ends accept(), which else keeps the port.
        self._thread.join()
        self._listener.close()
        self._close_connections()

    def take_over(self, behavior: str) -> None:
        """Closes all connections. New ones get this behavior."""
        self._behavior = BEHAVIORS[behavior]
        self._close_connections()

    def _close_connections(self) -> None:
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _forward(self, connection: socket.socket, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as broker:
            threading.Thread(target=self._copy, args=(broker, connection), daemon=True).start()
            self._copy(connection, broker)

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._behavior(connection)
