"""Kafka with ZooKeeper: supported values are correct, others are absent, and no collector fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

import cluster_oracle
import kafka_jars
import kafka_tools
import oracle
from admin import Admin
from clients import Client
from conftest import kafka_flags
from exporter import Exporter
from page import Page, labels
from zookeeper_cluster import ZooKeeperCluster

pytestmark = pytest.mark.long
Start = Callable[..., Exporter]
# A busy machine may take longer than a poll interval of a second.
SOON = {"polling": {"topic_configs_interval": "1s", "log_dirs_interval": "1s", "deadline": "20s"}}


@dataclass
class Old:
    cluster: ZooKeeperCluster
    admin: Admin


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Old]:
    libs = kafka_jars.ensure(kafka_jars.OLDEST)
    with ZooKeeperCluster(tmp_path_factory.mktemp("zookeeper"), libs, 3, jmx=True) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("orders", partitions=3, replicas=3, min_insync_replicas="2")
        admin.create_topic("compacted", replicas=2, cleanup_policy="compact")
        admin.produce("orders", range(3), each=10)
        admin.commit("simple", {("orders", 0): 4})
        yield Old(cluster, admin)


def all_well(page: Page) -> bool:
    succeeded = page.get("kafka_exporter_collector_success")
    failures = page.total("kafka_exporter_collector_errors_total")
    return bool(succeeded) and set(succeeded.values()) == {1} and failures == 0


def test_values(old: Old, start_exporter: Start, start_client: Callable[..., Client]) -> None:
    for group, kind in {"java": "java", "confluent": "confluent", "kafka-python": "kafka_python"}.items():
        start_client(old.cluster, kind, group, "orders", 7).committed()
    exporter = start_exporter(*kafka_flags(old.cluster), config=SOON | {"read_committed": True})
    page = oracle.await_agreement(exporter, lambda: oracle.expected(oracle.ask(old.cluster)))
    assert page.get("kafka_controller") == {labels(id=old.cluster.metadata(1).controller): 1}
    oracle.await_agreement(exporter, lambda: cluster_oracle.health(old.cluster))
    settings = cluster_oracle.settings(old.cluster)
    settings.pop("kafka_topic_info")  # topic_id depends on the version.
    exporter.await_equal(lambda page: oracle.differences(page, settings), [])
    page = exporter.await_polls()
    topics = oracle.parse_topics(kafka_tools.ask(old.cluster, "kafka-topics", "--describe"))
    assert page.names("kafka_topic_info", "topic") == set(topics)
    try:
        wanted = cluster_oracle.log_dirs(old.cluster, topics)
    except kafka_tools.ToolError:
        return
    exporter.await_equal(lambda page: oracle.differences(page, wanted), [])
    assert all_well(exporter.page()), exporter.page().get("kafka_exporter_collector_success")


def test_absent(old: Old, start_exporter: Start) -> None:
    """With everything enabled there are no failures and no invented values."""
    switched_off = {"log_dirs": False}  # Not readable by brokers in a chroot; see test_values.
    everything = {"groups": {"members": True, "owners": True}, "collectors": switched_off}
    exporter = start_exporter(*kafka_flags(old.cluster), config=SOON | everything)
    exporter.await_page(lambda page: exporter.polls(page) >= 5 and all_well(page), "five polls without a failure")
    page = exporter.page()
    young = ("kafka_quorum", "kafka_sharegroup", "kafka_broker_log_dir")
    assert not [name for name in page.series if name.startswith(young)]
    assert page.value("kafka_up") == 1 and len(page.get("kafka_controller")) == 1
    warnings = page.value("kafka_exporter_log_messages_total", level="error")
    assert not warnings, exporter.said()


def test_lag_in_seconds(old: Old, start_exporter: Start) -> None:
    begin = time.time() - 600
    old.admin.create_topic("aged", replicas=3)
    old.admin.produce_at("aged", 0, [begin + n for n in range(600)])
    old.admin.commit("late", {("aged", 0): 100})
    exporter = start_exporter(*kafka_flags(old.cluster))

    def off(page: Page) -> float:
        seconds = page.value("kafka_consumergroup_lag_seconds", consumergroup="late", topic="aged", partition=0)
        return abs((seconds or 0) - (time.time() - begin - 100))

    exporter.await_page(lambda page: off(page) < 25, "500 s and more")


def test_a_broker_dies(old: Old, start_exporter: Start) -> None:
    """The broker that is the controller: another one takes over, and everything recovers."""
    exporter = start_exporter(*kafka_flags(old.cluster), config=SOON)
    controller = old.cluster.metadata(1).controller
    exporter.await_equal(lambda page: page.get("kafka_controller"), {labels(id=controller): 1})
    old.cluster.kill(controller)
    old.cluster.ready()
    witness = old.cluster.alive[0]
    exporter.await_page(
        lambda page: page.get("kafka_controller") == {labels(id=old.cluster.metadata(witness).controller): 1},
        "another controller",
    )
    oracle.await_agreement(exporter, lambda: cluster_oracle.health(old.cluster))
    old.cluster.start(controller).ready()
    oracle.await_agreement(exporter, lambda: cluster_oracle.health(old.cluster))
    oracle.await_agreement(exporter, lambda: oracle.expected(oracle.ask(old.cluster)))
