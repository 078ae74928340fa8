"""Connections closed between two polls cause neither failed requests nor errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from admin import Admin
from certificates import Certificates
from exporter import Exporter
from kafka_cluster import Cluster
from nat_gateway import NatGateway
from page import Page

IDLE = 2.0  # Seconds after which brokers close idle connections.
POLL = 4.0  # So every poll finds its connections closed.
Start = Callable[..., Exporter]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"), "broker")


@pytest.fixture(scope="module")
def impatient(
    libs: Path, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A broker with a short idle timeout."""
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


@pytest.mark.release
def test_dropped_while_idle(libs: Path, tmp_path: Path, start_exporter: Start) -> None:
    """Keepalives prevent a NAT gateway or load balancer from dropping idle connections."""
    with NatGateway(idle_seconds=100) as gateway, Cluster(tmp_path / "kafka", libs, 1, listeners={"NAT": "PLAINTEXT"}) as cluster:
        ports = {name: cluster.ports[name][1] for name in ("PLAINTEXT", "NAT", "CONTROLLER")}
        local = f"PLAINTEXT://localhost:{ports['PLAINTEXT']}"
        cluster.properties = {
            "listeners": f"{local},NAT://0.0.0.0:{ports['NAT']},CONTROLLER://localhost:{ports['CONTROLLER']}",
            "advertised.listeners": f"{local},NAT://{gateway.address}:{ports['NAT']}",
        }
        cluster.start().ready()
        exporter = start_exporter(f"--kafka.server={gateway.address}:{ports['NAT']}", poll_seconds=130)
        exporter.await_page(lambda page: page.value("kafka_up") == 1, "a first poll")
        page = exporter.await_page(lambda page: exporter.polls(page) == 2, "a second one", timeout=200)
        assert page.total("kafka_exporter_collector_errors_total") == 0, exporter.said()
        assert gateway.dropped == 0
