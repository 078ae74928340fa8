"""HTTP tests: Prometheus, fifty scrapers, and broken clients."""

from __future__ import annotations

import gzip
import http.client
import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import processes
from exporter import Exporter
from page import Page

SCRAPERS = 50
PROMTOOL_SAYS = [  # kafka_exporter's names, the only ones that promtool criticizes.
    'kafka_consumergroup_current_offset_sum non-histogram and non-summary metrics should not have "_sum" suffix',
    'kafka_consumergroup_lag_sum non-histogram and non-summary metrics should not have "_sum" suffix',
]


@pytest.fixture
def whole(exporter: Exporter, admin, unique: Callable[[str], str]) -> Exporter:
    """An exporter whose page has topics and a group."""
    topic, group = unique("http"), unique("group")
    admin.create_topic(topic, partitions=3, replicas=3)
    admin.produce(topic, range(3), each=2)
    admin.commit(group, {(topic, 0): 1})
    exporter.await_page(lambda page: page.where("kafka_consumergroup_lag", consumergroup=group), "lag")
    return exporter


def ask(exporter: Exporter, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """Returns the response with any status code; body in `.body`."""
    connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=20)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def test_a_real_prometheus_scrapes_it(whole: Exporter, tmp_path: Path) -> None:
    """Prometheus scrapes all series, and a query about lag works."""
    program = shutil.which("prometheus")
    assert program, "`prometheus` is missing: sudo apt-get install prometheus"
    port = processes.free_port()
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
        "scrape_configs:\n"
        "  - job_name: kafkascope\n"
        f"    static_configs: [{{targets: ['127.0.0.1:{whole.port}']}}]\n"
    )
    command = [program, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    prometheus = processes.spawn([*command, f"--web.listen-address=127.0.0.1:{port}"], tmp_path / "prometheus.log")

    def value(query: str) -> float | None:
        url = f"http://127.0.0.1:{port}/api/v1/query?query={query}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                result = json.load(answer)["data"]["result"]
        except (urllib.error.URLError, OSError):
            return None
        return float(result[0]["value"][1]) if result else None

    try:
        processes.wait_until(lambda: value("up") == 1, "up == 1", timeout=60)
        assert value("kafka_up") == 1
        page = whole.page()
        assert value("scrape_samples_scraped") == pytest.approx(sum(map(len, page.series.values())), rel=0.1)
        processes.wait_until(
            lambda: value("sum(kafka_consumergroup_lag)") == whole.page().total("kafka_consumergroup_lag"),
            "the same lag in Prometheus",
            timeout=30,
        )
    finally:
        processes.stop([prometheus])


@pytest.mark.sanitizer
def test_promtool_knows_two_complaints(whole: Exporter) -> None:
    assert shutil.which("promtool"), "`promtool` is missing: sudo apt-get install prometheus"
    done = subprocess.run(["promtool", "check", "metrics"], input=whole.request(), capture_output=True, text=True, check=False)
    assert (done.stdout + done.stderr).splitlines() == PROMTOOL_SAYS


def test_fifty_scrapers_at_once(whole: Exporter) -> None:
    """All receive a complete compressed page."""

    def scrape(_: int) -> Page:
        answer = ask(whole, "GET", "/metrics", Accept_Encoding="gzip")
        assert answer.status == 200
        assert answer.getheader("Content-Encoding") == "gzip"
        return Page(gzip.decompress(answer.body).decode())

    with ThreadPoolExecutor(SCRAPERS) as pool:
        pages = list(pool.map(scrape, range(4 * SCRAPERS)))
    assert all(page.value("kafka_up") == 1 and page.get("kafka_consumergroup_lag") for page in pages)


def test_types_and_encodings(whole: Exporter) -> None:
    """The page is the same with and without gzip and has the right content type."""
    for encoding, expected in (("gzip", "gzip"), ("identity", None), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None)):
        answer = ask(whole, "GET", "/metrics", Accept_Encoding=encoding)
        assert answer.status == 200, encoding
        assert answer.getheader("Content-Encoding") == expected, encoding
        assert answer.getheader("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
        text = gzip.decompress(answer.body) if expected else answer.body
        assert Page(text.decode()).value("kafka_up") == 1


def test_other_paths(whole: Exporter) -> None:
    for path in ("/healthz", "/-/healthy", "/-/ready"):
        assert ask(whole, "GET", path).status == 200, path
    landing = ask(whole, "GET", "/")
    assert landing.status == 200 and landing.getheader("Content-Type").startswith("text/html")
    assert b"/metrics" in landing.body
    assert ask(whole, "GET", "/nowhere").status == 404
    assert ask(whole, "GET", "/metrics/").status == 404
    assert ask(whole, "POST", "/metrics").status == 405
    assert ask(whole, "DELETE", "/").status == 405
    head = ask(whole, "HEAD", "/metrics")
    assert head.status == 200 and not head.body


@pytest.mark.sanitizer
def test_broken_clients_harm_nobody(whole: Exporter) -> None:
    """Clients that send nothing, half a request or garbage, disconnect, or never read do not affect the next one."""
    stalled = []
    for said in (b"", b"GET /metrics HTTP/1.1\r\nHost:", b"\x16\x03\x01\x02\x00\x01", b"GET " + b"/" * 100_000) * 10:
        client = socket.create_connection(("127.0.0.1", whole.port), timeout=5)
        client.sendall(said)
        stalled.append(client)
    for _ in range(50):
        client = socket.create_connection(("127.0.0.1", whole.port), timeout=5)
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        client.close()
    for _ in range(5):  # They never read.
        client = socket.create_connection(("127.0.0.1", whole.port), timeout=5)
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        stalled.append(client)
    try:
        for _ in range(10):
            assert whole.page().value("kafka_up") == 1
    finally:
        for client in stalled:
            client.close()


def test_another_path(cluster, start_exporter: Callable[..., Exporter]) -> None:
    """--web.telemetry-path moves the page."""
    exporter = start_exporter(f"--kafka.server={cluster.bootstrap().split(',')[0]}", "--web.telemetry-path=/kafka")
    processes.wait_until(lambda: _status(exporter, "/kafka") == 200, "a page at /kafka", timeout=30)
    assert _status(exporter, "/metrics") == 404
    assert b"/kafka" in ask(exporter, "GET", "/").body


def _status(exporter: Exporter, path: str) -> int | None:
    try:
        return ask(exporter, "GET", path).status
    except OSError:
        return None
