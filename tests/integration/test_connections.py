"""Connections that end between two polls cost nothing: no failed request, no error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from admin import Admin
from certificates import Certificates
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

IDLE = 2.0  # Seconds after which the brokers close a connection.
POLL = 4.0  # So every poll finds its connections closed.
Start = Callable[..., Exporter]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"), "broker")


@pytest.fixture(scope="module")
def impatient(
    libs: Path, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A broker that closes idle connections soon."""
    properties = {
        "connections.max.idle.ms": int(IDLE * 1000),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": certificates.path("broker.keystore.pem"),
    }
    root = tmp_path_factory.mktemp("impatient")
    with Cluster(root, libs, 1, listeners={"TLS": "SSL"}, properties=properties) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("topic")
        admin.commit("group", {("topic", 0): 0})
        yield cluster


@pytest.mark.parametrize("listener", ["PLAINTEXT", "TLS"])
def test_closed_while_idle(
    impatient: Cluster, certificates: Certificates, start_exporter: Start, listener: str
) -> None:
    tls = ["--tls.enabled", f"--tls.ca-file={certificates.path('ca.pem')}"] if listener == "TLS" else []
    exporter = start_exporter(f"--kafka.server={impatient.bootstrap(listener)}", *tls, poll_seconds=POLL)

    def closed(page: Page) -> float:
        return page.value("kafka_exporter_client_disconnects_total", id=1) or 0

    page = exporter.await_page(lambda page: closed(page) >= 3, "connections that were closed")
    assert page.value("kafka_exporter_client_errors_total", id=1) == 0
    assert page.total("kafka_exporter_collector_errors_total") == 0
    assert "fails" not in exporter.said()
