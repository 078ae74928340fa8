"""Settings of topics equal the output of kafka-topics and kafka-configs, including broker defaults."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import cluster_oracle
import kafka_jars
import kafka_tools
import oracle
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import labels

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
Start = Callable[..., Exporter]
SOON = {"polling": {"topic_configs_interval": "1s"}}
FAMILIES = ("info", "replication_factor", "min_insync_replicas", "retention_seconds", "retention_bytes")


@pytest.fixture(scope="module")
def topics(admin: Admin) -> list[str]:
    """Topics with different settings."""
    configs = {
        "settings-default": {},
        "settings-short": {"retention_ms": "3600000", "retention_bytes": "1000000", "min_insync_replicas": "2"},
        "settings-forever": {"retention_ms": "-1", "retention_bytes": "-1"},
        "settings-compact": {"cleanup_policy": "compact", "retention_ms": "60000"},
        "settings-both": {"cleanup_policy": "compact,delete", "retention_ms": "86400000"},
    }
    for number, (topic, config) in enumerate(configs.items()):
        admin.create_topic(topic, partitions=2, replicas=1 + number % 3, **config)
    return list(configs)


def test_as_kafka_says(topics: list[str], cluster: Cluster, start_exporter: Start) -> None:
    wanted = cluster_oracle.settings(cluster)
    assert len(wanted["kafka_topic_info"]) >= len(topics)
    assert labels(topic="settings-compact") not in wanted["kafka_topic_retention_seconds"]
    assert wanted["kafka_topic_retention_seconds"][labels(topic="settings-forever")] == float("inf")
    exporter = start_exporter(*kafka_flags(cluster), config=SOON)
    exporter.await_equal(lambda page: oracle.differences(page, wanted), [])


def test_changes_are_seen(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """Changes of topic settings and broker defaults; settings of a deleted topic are removed."""
    topic = unique("settings")
    admin.create_topic(topic, replicas=3)
    exporter = start_exporter(*kafka_flags(cluster), config=SOON)

    def view(page) -> list[float | None]:
        return [page.value(f"kafka_topic_{name}", topic=topic) for name in FAMILIES[1:]]

    exporter.await_equal(view, [3, 1, 7 * 86400, float("inf")])
    admin.configure("topic", topic, retention_ms=5000, retention_bytes=4096, min_insync_replicas=2)
    exporter.await_equal(view, [3, 2, 5, 4096])
    defaults = ("--alter", "--entity-type", "brokers", "--entity-default")
    try:
        kafka_tools.ask(cluster, "kafka-configs", *defaults, "--add-config", "log.retention.ms=7200000")
        admin.configure("topic", topic, retention_ms=None)
        exporter.await_equal(view, [3, 2, 7200, 4096])
    finally:
        kafka_tools.ask(cluster, "kafka-configs", *defaults, "--delete-config", "log.retention.ms")
    admin.delete_topic(topic)
    exporter.await_page(
        lambda page: not any(page.where(f"kafka_topic_{name}", topic=topic) for name in FAMILIES), "nothing of it"
    )


def test_switched_off(topics: list[str], cluster: Cluster, start_exporter: Start) -> None:
    """Values that depend on settings are absent, others are present."""
    exporter = start_exporter(*kafka_flags(cluster), config={"collectors": {"topic_configs": False}})
    page = exporter.await_page(lambda page: exporter.polls(page) >= 3, "three polls")
    for name in ("min_insync_replicas", "retention_seconds", "under_min_isr_partitions", "at_min_isr_partitions"):
        assert not page.get(f"kafka_topic_{name}")
    assert set(topics) <= page.names("kafka_topic_replication_factor", "topic")
    assert not page.where("kafka_exporter_collector_success", collector="topic_configs")
    assert page.value("kafka_topic_under_replicated_partitions", topic=topics[0]) == 0


def test_filtered(topics: list[str], cluster: Cluster, start_exporter: Start) -> None:
    exporter = start_exporter(*kafka_flags(cluster), "--topic.filter=^settings-[sf]", config=SOON)
    page = exporter.await_page(lambda page: page.get("kafka_topic_retention_seconds"), "settings")
    assert page.names("kafka_topic_min_insync_replicas", "topic") == {"settings-short", "settings-forever"}
