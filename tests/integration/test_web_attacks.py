"""Attacks on the web listener while a legitimate scraper is served: request smuggling, oversized heads, floods, renegotiation."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import processes
from certificates import Certificates
from exporter import Exporter

pytestmark = pytest.mark.long
Start = Callable[..., Exporter]
NO_KAFKA = "--kafka.server=127.0.0.1:1"
GET = "GET /healthz HTTP/1.1\r\nHost: x\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
SIZE = len(SMUGGLED)
CHUNKED = "Transfer-Encoding: chunked\r\n"
# Heads about whose end a proxy may think otherwise.
HEADS = {
    "length and chunks": f"{GET}Content-Length: {SIZE + 5}\r\n{CHUNKED}\r\n0\r\n\r\n",
    "chunks": f"{GET}{CHUNKED}\r\n0\r\n\r\n",
    "chunks of junk": f"{GET}{CHUNKED}\r\nzz;\x01\r\n",
    "a chunk of 2^72 bytes": f"{GET}{CHUNKED}\r\nffffffffffffffffff\r\n",
    "unknown encoding": f"{GET}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two encodings": f"{GET}Transfer-Encoding: identity\r\n{CHUNKED}\r\n0\r\n\r\n",
    "space before the colon": f"{GET}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "tab after the colon": f"{GET}Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
    "two lengths": f"{GET}Content-Length: 0\r\nContent-Length: {SIZE}\r\n\r\n",
    "two lengths, the other way round": f"{GET}Content-Length: {SIZE}\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": f"{GET}Content-Length: 0, {SIZE}\r\n\r\n",
    "a length with a sign": f"{GET}Content-Length: +0\r\n\r\n",
    "a negative length": f"{GET}Content-Length: -1\r\n\r\n",
    "a hexadecimal length": f"{GET}Content-Length: 0x{SIZE:x}\r\n\r\n",
    "no length": f"{GET}Content-Length:\r\n\r\n",
    "a length of 66 bits": f"{GET}Content-Length: 99999999999999999999\r\n\r\n",
    "a body": f"{GET}Content-Length: {SIZE}\r\n\r\n",
    "a body that waits": f"{GET}Expect: 100-continue\r\nContent-Length: {SIZE}\r\n\r\n",
    "folded header": f"{GET}X: a\r\n b\r\nContent-Length: {SIZE}\r\n\r\n",
    "folded length": f"{GET}Content-Length:\r\n {SIZE}\r\n\r\n",
    "folded encoding": f"{GET}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "folded first header": f"GET /healthz HTTP/1.1\r\n Host: x\r\nContent-Length: {SIZE}\r\n\r\n",
    "length after a bare LF": f"{GET}X: a\nContent-Length: {SIZE}\r\n\r\n",
    "bare LFs": f"GET /healthz HTTP/1.1\nHost: x\nContent-Length: {SIZE}\n\n",
    "length after a bare CR": f"{GET}X: a\rContent-Length: {SIZE}\r\n\r\n",
    "NUL": f"{GET}X: a\0\r\n\r\n",
    "no name": f"{GET}: a\r\nContent-Length: {SIZE}\r\n\r\n",
    "no colon": f"{GET}abc\r\n\r\n",
    "two hosts": f"{GET}Host: y\r\n\r\n",
    "length after 64 headers": GET + "A: b\r\n" * 63 + f"Content-Length: {SIZE}\r\n\r\n",
    "HTTP/0.9": "GET /healthz\r\n\r\n",
    "HTTP/1.2": f"{GET.replace('1.1', '1.2')}\r\n",
    "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "upgrade": f"{GET}Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
    "a tunnel": "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
}


def responses_to(exporter: Exporter, request: str) -> list[str]:
    """Returns the status codes up to the end of the connection, which must not stay open."""
    with socket.create_connection(("127.0.0.1", exporter.port), timeout=20) as client:
        client.sendall(request.encode())
        received = b""
        try:
            while part := client.recv(65536):
                received += part
        except ConnectionResetError:  # What it has not read is lost.
            pass
    return [head.split(maxsplit=1)[0].decode() for head in received.split(b"HTTP/1.1 ")[1:]]


@contextmanager
def scraped(url: str, context: ssl.SSLContext | None = None) -> Iterator[list[float]]:
    """Scrapes all the time, and yields the seconds that each scrape took. Each must succeed."""
    seconds: list[float] = []
    failures: list[BaseException] = []
    stopping = threading.Event()

    def scrape() -> None:
        while not stopping.is_set():
            begin = time.monotonic()
            try:
                with urllib.request.urlopen(f"{url}/metrics", timeout=10, context=context) as answer:
                    assert b"kafka_up 0" in answer.read()
            except BaseException as failure:
                failures.append(failure)
                return
            seconds.append(time.monotonic() - begin)

    thread = threading.Thread(target=scrape, daemon=True)
    thread.start()
    try:
        yield seconds
        count = len(seconds)
        processes.wait_until(lambda: bool(failures) or len(seconds) >= count + 3, "three more scrapes", 60)
    finally:
        stopping.set()
        thread.join()
    assert not failures, failures


@pytest.fixture
def exporter(start_exporter: Start) -> Exporter:
    exporter = start_exporter(NO_KAFKA)
    exporter.await_page(lambda page: page.value("kafka_up") == 0, "a page")
    return exporter


@pytest.mark.sanitizer
def test_request_smuggling(exporter: Exporter) -> None:
    """What follows a request whose end is not certain is not taken for another one."""
    assert responses_to(exporter, GET + "\r\n" + SMUGGLED) == ["200", "404"], "certain ends allow pipelining"
    with scraped(exporter.url):
        for name, head in HEADS.items():
            responses = responses_to(exporter, head + SMUGGLED)
            assert len(responses) <= 1, (name, responses)
            assert "404" not in responses, name
        with ThreadPoolExecutor(50) as pool:
            many = list(pool.map(lambda head: responses_to(exporter, head + SMUGGLED), list(HEADS.values()) * 20))
        assert max(map(len, many)) == 1


@pytest.mark.sanitizer
def test_oversized_heads(exporter: Exporter) -> None:
    large = "x" * (1 << 20)
    lines = "".join(f"X-{number}: {'y' * 100}\r\n" for number in range(10_000))
    heads = [f"GET /{large}", f"{GET}X: {large}\r\n\r\n", f"{GET}{large}: x\r\n\r\n", f"{GET}{lines}\r\n", large]
    with scraped(exporter.url), ThreadPoolExecutor(40) as pool:

        def send(head: str) -> list[str]:
            try:
                return responses_to(exporter, head)
            except (BrokenPipeError, ConnectionResetError):  # Closed before everything was sent.
                return []

        assert {tuple(responses) for responses in pool.map(send, heads * 40)} <= {("400",), ("413",), ("431",), ()}


@pytest.mark.sanitizer
@pytest.mark.parametrize("said", ["", "GET /metrics HTTP/1.1\r\nHost:", "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_connection_flood(exporter: Exporter, said: str) -> None:
    """Eight hundred connections at a time send nothing, half a request, or read no response; new ones replace closed ones."""
    clients: list[socket.socket] = []
    try:
        with scraped(exporter.url) as seconds:
            end = time.monotonic() + 10
            while time.monotonic() < end or len(seconds) < 10:
                client = socket.create_connection(("127.0.0.1", exporter.port), timeout=20)
                clients.append(client)
                with suppress(BrokenPipeError, ConnectionResetError):
                    client.sendall(said.encode())
                if len(clients) > 800:
                    clients.pop(0).close()
    finally:
        for client in clients:
            client.close()
    assert sorted(seconds)[len(seconds) // 2] < 2


def test_renegotiation(start_exporter: Start, tmp_path: Path) -> None:
    """Clients ask for a new handshake, and a hundred leave theirs unfinished. TLS 1.2, because TLS 1.3 has none."""
    certificates = Certificates(tmp_path / "tls", "server")
    files = [f"--server.tls.{kind}-file={certificates.path(f'server.{end}')}" for kind, end in (("cert", "pem"), ("key", "key"))]
    exporter = start_exporter(NO_KAFKA, "--server.tls.enabled", *files)
    context = ssl.create_default_context(cafile=str(certificates.path("ca.pem")))
    url = f"https://localhost:{exporter.port}"

    def serves() -> bool:
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=5, context=context) as answer:
                return answer.status == 200
        except OSError:
            return False

    def renegotiate(_: int) -> str:
        command = ["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{exporter.port}"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdin
        process.stdin.write("R\n")  # s_client's command for a renegotiation.
        process.stdin.flush()
        try:
            return process.communicate(timeout=60)[0]
        finally:
            process.kill()

    processes.wait_until(serves, "it serves", 60)
    unfinished = [socket.create_connection(("127.0.0.1", exporter.port)) for _ in range(100)]
    try:
        for client in unfinished:
            client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        with scraped(url, context), ThreadPoolExecutor(10) as pool:
            said = list(pool.map(renegotiate, range(50)))
    finally:
        for client in unfinished:
            client.close()
    assert all("RENEGOTIATING" in each and "no renegotiation" in each for each in said), said[0]
