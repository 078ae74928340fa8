"""Logins with a keytab and tickets of a real MIT KDC: renewed while brokers ask for new logins all the time; denied ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import processes
from exporter import Exporter
from kafka_cluster import Cluster
from kerberos import Kdc

pytestmark = pytest.mark.long
Start = Callable[..., Exporter]
LIFETIME = 60
ERRORS = "kafka_exporter_collector_errors_total"


class Stage:
    def __init__(self, kdc: Kdc, cluster: Cluster) -> None:
        self.kdc, self.cluster = kdc, cluster

    def flags(self, keytab: Path, user: str = "exporter", *more: str) -> list[str]:
        return [
            f"--kafka.server={self.cluster.bootstrap('KERBEROS')}",
            "--sasl.enabled",
            "--sasl.mechanism=gssapi",
            f"--sasl.username={user}",
            f"--sasl.keytab-path={keytab}",
            f"--sasl.kerberos-config-path={self.kdc.config}",
            "--log.format=json",
            *more,
        ]


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The broker wants a new login after 10 s, and closes connections without one."""
    root = tmp_path_factory.mktemp("kerberos")
    with Kdc(root / "kdc", f"{LIFETIME}s") as kdc:
        properties = kdc.broker_properties("KERBEROS") | {"connections.max.reauth.ms": 10_000}
        listeners = {"KERBEROS": "SASL_PLAINTEXT"}
        options = kdc.jvm_options()
        with Cluster(root / "kafka", libs, 1, listeners=listeners, properties=properties, jvm_options=options) as cluster:
            cluster.start().ready()
            yield Stage(kdc, cluster)


def is_up(page) -> bool:
    return page.value("kafka_up") == 1


def test_tickets_are_renewed(stage: Stage, start_exporter: Start) -> None:
    """Over three lifetimes of a ticket, with a login every few seconds, no poll fails."""
    exporter = start_exporter(*stage.flags(stage.kdc.keytab("exporter")))
    started = exporter.await_page(is_up, "kafka_up").total(ERRORS)  # It may have polled before the first login.
    first, begin = stage.kdc.tickets(), time.monotonic()
    with exporter.watched(1) as pages:
        processes.wait_until(lambda: time.monotonic() - begin > 3 * LIFETIME, "three lifetimes", 4 * LIFETIME)
        exporter.await_polls(3)
    assert stage.kdc.tickets() >= first + 2, "no new tickets"
    assert all(is_up(page) for _, page in pages)
    assert pages[-1][1].total(ERRORS) == started, exporter.said()
    assert exporter.failures() == []


def test_denied(stage: Stage, start_exporter: Start) -> None:
    """Last, because the KDC is stopped."""
    keytab, stale = stage.kdc.keytab("other"), stage.kdc.keytab("stale")
    stage.kdc.change_key("stale")

    def assert_denied(flags: list[str], error: str, hint: str) -> None:
        exporter = start_exporter(*flags, poll_seconds=4)
        exporter.await_failure("authentication", (error,), (hint,))

    assert_denied(stage.flags(stale, "stale"), "integrity check failed", "--sasl.keytab-path")
    service = "--sasl.service-name=nobody"
    assert_denied(stage.flags(keytab, "other", service), "nobody/localhost", "--sasl.service-name")
    stage.kdc.stop()
    assert_denied(stage.flags(keytab, "other"), "Cannot contact any KDC", "krb5.conf")
