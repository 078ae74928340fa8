"""Expiry of certificates, from the exporter's own TLS handshakes with real brokers, compared with openssl."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from admin import Admin
from certificates import Certificates
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page, labels

Start = Callable[..., Exporter]
FAMILY = "kafka_broker_tls_certificate_expiry_timestamp_seconds"
OWN = "kafka_exporter_tls_client_certificate_expiry_timestamp_seconds"


class Stage:
    """Broker 1 has a leaf that expires before those of its kind, broker 2 an intermediate that expires before the leaf,
    broker 3 a leaf that expires before the intermediate.
    """

    def __init__(self, root: Path, libs: Path) -> None:
        self.certificates = Certificates(root / "certificates", "exporter")
        keystores = {
            1: self.certificates.leaf("broker-1", days=3),
            2: self.certificates.chain("broker-2", days=20, intermediate_days=10),
            3: self.certificates.chain("broker-3", days=10, intermediate_days=20),
        }
        properties = {
            "ssl.keystore.type": "PEM",
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.certificates.path("ca.pem"),
            "ssl.client.auth": "required",
            "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
        }
        own = {id: {"ssl.keystore.location": keystore} for id, keystore in keystores.items()}
        self.cluster = Cluster(root / "kafka", libs, 3, listeners={"TLS": "SSL"}, properties=properties, own_properties=own)

    def flags(self) -> list[str]:
        servers = [f"--kafka.server={server}" for server in self.cluster.bootstrap("TLS").split(",")]
        files = {"ca-file": "ca.pem", "cert-file": "exporter.pem", "key-file": "exporter.key"}
        return [*servers, "--tls.enabled", *(f"--tls.{flag}={self.certificates.path(file)}" for flag, file in files.items())]

    def first_to_expire(self) -> dict[object, float]:
        expiry = self.certificates.expiry
        wanted = {1: expiry("broker-1.pem"), 2: expiry("broker-2-ca.pem"), 3: expiry("broker-3.pem")}
        assert wanted[2] < expiry("broker-2.pem") and wanted[3] < expiry("broker-3-ca.pem")
        return {labels(id=id): seconds for id, seconds in wanted.items()}


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("tls"), libs)
    with stage.cluster:
        stage.cluster.start().ready()
        yield stage


def brokers(page: Page) -> dict[object, float]:
    return page.get(FAMILY)


def connects(page: Page) -> float:
    return page.total("kafka_exporter_client_connects_total")


def test_expiry(stage: Stage, start_exporter: Start) -> None:
    """Of leaf or intermediate certificates, whichever is first, and of the client certificate; without connections for
    this alone.
    """
    exporter = start_exporter(*stage.flags())
    page = exporter.await_equal(brokers, stage.first_to_expire())
    assert page.value(OWN) == stage.certificates.expiry("exporter.pem")
    assert "first certificate expires</dt><dd>in 2 days (broker 1)" in exporter.request("/")
    before = connects(exporter.await_polls(2))
    assert connects(exporter.await_polls(5)) == before


def test_not_verified(stage: Stage, start_exporter: Start) -> None:
    """Certificates that are not verified expire, too."""
    exporter = start_exporter(*stage.flags(), "--tls.insecure-skip-tls-verify")
    exporter.await_equal(brokers, stage.first_to_expire())


def test_without_tls(stage: Stage, start_exporter: Start) -> None:
    exporter = start_exporter(f"--kafka.server={stage.cluster.bootstrap()}")
    page = exporter.await_page(lambda page: page.get("kafka_broker_info"), "brokers")
    assert not page.get(FAMILY) and not page.get(OWN)
    assert "certificate" not in exporter.request("/")


def test_rotation(stage: Stage, start_exporter: Start) -> None:
    """A broker that loads a new certificate keeps the exporter's connection, which shows the old one until it ends; a
    certificate that has expired is shown although it is refused.
    """
    cluster, certificates = stage.cluster, stage.certificates
    exporter = start_exporter(*stage.flags())
    old = stage.first_to_expire()
    exporter.await_equal(brokers, old)

    renewed = certificates.path("renewed.pem")  # Of the same name, as the broker wants it.
    shutil.copy(certificates.leaf("broker-1", days=25), renewed)
    Admin(cluster).configure("broker", "1", listener_name_tls_ssl_keystore_location=renewed, listener_name_tls_ssl_keystore_type="PEM")
    assert brokers(exporter.await_polls(3)) == old
    cluster.own_properties[1]["ssl.keystore.location"] = renewed
    new = old | {labels(id=1): certificates.expiry("broker-1.pem")}
    later = start_exporter(*stage.flags())  # The broker did load it.
    later.await_equal(brokers, new)
    later.stop()

    cluster.terminate(1)
    cluster.start(1).ready()
    exporter.await_equal(brokers, new)

    cluster.terminate(2)
    cluster.own_properties[2]["ssl.keystore.location"] = certificates.leaf("expired", days=-1)
    cluster.start(2).ready()
    exporter.await_equal(brokers, new | {labels(id=2): certificates.expiry("expired.pem")})
    page = exporter.await_equal(lambda page: page.value("kafka_broker_up", id=2), 0)
    assert page.value("kafka_up") == 1
    assert "expired" in exporter.request("/")
