"""Controller and quorum equal the output of kafka-metadata-quorum."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import cluster_oracle
import kafka_jars
import processes
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page, labels

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
Start = Callable[..., Exporter]
REPLICA = "kafka_quorum_replica"


def await_quorum_as_kafka_says(exporter: Exporter, cluster: Cluster) -> Page:
    """The log grows, so values must be between the tool's output before and after."""
    before, first = cluster_oracle.quorum_status(cluster), cluster_oracle.quorum_replicas(cluster)
    polls = exporter.polls()
    page = exporter.await_page(lambda page: exporter.polls(page) >= polls + 2, "two more polls")
    after, last = cluster_oracle.quorum_status(cluster), cluster_oracle.quorum_replicas(cluster)
    leader = before["LeaderId"]
    assert leader == after["LeaderId"], "the leader changed in the middle of the test"
    assert page.get("kafka_controller") == {labels(id=leader): 1}
    assert page.value("kafka_quorum_leader_epoch") == int(before["LeaderEpoch"])
    assert int(before["HighWatermark"]) <= page.value("kafka_quorum_high_watermark") <= int(after["HighWatermark"])
    assert page.get(f"{REPLICA}_log_end_offset").keys() == {labels(id=i, role=row["role"]) for i, row in first.items()}
    for id, row in first.items():
        key = {"id": id, "role": row["role"]}
        assert row["end"] <= page.value(f"{REPLICA}_log_end_offset", **key) <= last[id]["end"]
        assert 0 <= page.value(f"{REPLICA}_lag", **key) <= max(row["lag"], last[id]["lag"]) + 20
        seconds = page.value(f"{REPLICA}_last_caught_up_timestamp_seconds", **key)
        assert row["caught_up"] <= seconds * 1000 <= last[id]["caught_up"], key
    return page


def test_as_kafka_says(cluster: Cluster, start_exporter: Start) -> None:
    exporter = start_exporter(*kafka_flags(cluster))
    exporter.await_page(lambda page: page.get("kafka_controller"), "a controller")
    await_quorum_as_kafka_says(exporter, cluster)


def test_switched_off(cluster: Cluster, start_exporter: Start) -> None:
    exporter = start_exporter(*kafka_flags(cluster), config={"collectors": {"quorum": False}})
    page = exporter.await_page(lambda page: exporter.polls(page) >= 3, "three polls")
    assert not [name for name in page.series if name.startswith(("kafka_quorum", "kafka_controller"))]


@pytest.mark.long
def test_observers_and_a_new_leader(libs: Path, tmp_path: Path, start_exporter: Start) -> None:
    """Brokers are observers. After the active controller dies another one is shown, never two."""
    quick = {"controller.quorum.fetch.timeout.ms": 2000, "controller.quorum.election.timeout.ms": 1000}
    with Cluster(tmp_path, libs, 1, controllers=3, jmx=True, properties=quick) as cluster:
        cluster.start().ready()
        exporter = start_exporter(*kafka_flags(cluster))
        exporter.await_page(lambda page: page.get("kafka_controller"), "a controller")
        page = await_quorum_as_kafka_says(exporter, cluster)
        assert page.value(f"{REPLICA}_lag", id=1, role="observer") is not None
        first = int(cluster_oracle.quorum_status(cluster)["LeaderId"])
        with exporter.watched() as pages:
            cluster.kill(first)
            exporter.await_page(lambda page: _other_controller(page, first), "another controller")
            cluster.start(first)
            processes.wait_until(lambda: _caught_up(cluster, first), "the old one follows", 60)
            await_quorum_as_kafka_says(exporter, cluster)
        assert all(len(page.get("kafka_controller")) <= 1 for _, page in pages)
        epochs = [page.value("kafka_quorum_leader_epoch") for _, page in pages]
        told = [epoch for epoch in epochs if epoch is not None]
        assert told == sorted(told) and told[-1] > told[0]


def _other_controller(page: Page, than: int) -> bool:
    return bool(page.get("kafka_controller")) and labels(id=than) not in page.get("kafka_controller")


def _caught_up(cluster: Cluster, id: int) -> bool:
    return cluster_oracle.quorum_replicas(cluster)[id]["lag"] < 5
