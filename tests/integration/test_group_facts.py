"""How long a group has been in its state, when its offsets expire, and whose it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer

import kafka_tools
from admin import Admin
from conftest import kafka_flags
from endless_rebalance import endless_rebalance
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

Start = Callable[..., Exporter]
SINCE = "kafka_consumergroup_state_since_timestamp_seconds"
USED = "kafka_consumergroup_offset_retention_used_ratio"


@pytest.mark.parametrize(
    ("protocol", "state"), [("classic", "PreparingRebalance"), ("consumer", "Reconciling")], ids=["classic", "consumer"]
)
def test_a_rebalance_that_does_not_end(
    cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str], protocol: str, state: str
) -> None:
    topic, group = unique("stuck"), unique("endless")
    admin.create_topic(topic, partitions=2)
    exporter = start_exporter(*kafka_flags(cluster), f"--group.filter=^{group}$")

    def found(page: Page) -> set[str]:
        return page.names("kafka_consumergroup_state", "state")

    def since(page: Page) -> float | None:
        return page.value(SINCE, consumergroup=group)

    def not_reconciled(page: Page) -> tuple[float | None, float | None]:
        """Returns the members behind and the partitions that are to move: one of two, from the first member."""
        names = ("members_behind", "unreconciled_partitions")
        behind, partitions = (page.value(f"kafka_consumergroup_{name}", consumergroup=group) for name in names)
        return behind, partitions

    with endless_rebalance(admin, group, topic, protocol=protocol) as rebalance:
        begun = since(exporter.await_equal(found, {state}))
        assert time.time() - 60 < begun <= time.time()
        for _ in range(3):
            page = exporter.await_polls(2)
            assert (found(page), since(page)) == ({state}, begun)
            assert not_reconciled(page) == ((None, None) if protocol == "classic" else (1, 1))
        if protocol == "classic":
            said = kafka_tools.ask(cluster, "kafka-consumer-groups", "--describe", "--group", group, "--state")
            assert state in said
        rebalance.finish()
        page = exporter.await_equal(found, {"Stable"})
        ended = since(page)
        assert not_reconciled(page) == ((None, None) if protocol == "classic" else (0, 0))
        assert begun < ended <= time.time()


@pytest.mark.long
def test_offsets_expire_when_the_ratio_says_so(
    libs: Path, tmp_path_factory: pytest.TempPathFactory, start_exporter: Start
) -> None:
    """Kafka deletes the offsets of an empty group when the ratio is 1, of a group with members never."""
    properties = {"offsets.retention.minutes": 1, "offsets.retention.check.interval.ms": 1000}
    with Cluster(tmp_path_factory.mktemp("expiring"), libs, 1, properties=properties) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("orders")
        admin.produce("orders", [0], each=10)
        exporter = start_exporter(*kafka_flags(cluster), config={"polling": {"topic_configs_interval": "1s"}})
        with_members = _consumer(admin, "kept")
        leaving = _consumer(admin, "leaves")
        exporter.await_page(lambda page: page.value(USED, consumergroup="leaves") == 0, "a group with members")
        leaving.close()
        last: list[float] = []

        def gone(page: Page) -> bool:
            with_members.poll(0)
            ratio = page.value(USED, consumergroup="leaves")
            if ratio is not None:
                last.append(ratio)
            return ratio is None and page.value(USED, consumergroup="kept") == 0

        exporter.await_page(gone, "offsets of the group that left are deleted", timeout=180)
        assert 0.9 < last[-1] < 1.5 and last == sorted(last), last[-5:]
        with_members.close()


def _consumer(admin: Admin, group: str) -> Consumer:
    """Returns a member that has committed."""
    consumer = Consumer({**admin.bootstrap, "group.id": group, "auto.offset.reset": "earliest"})
    consumer.subscribe(["orders"])
    while (message := consumer.poll(1)) is None or message.error():
        pass
    consumer.commit(message, asynchronous=False)
    return consumer


def test_owner_labels(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """The first expression that matches and has a label sets it; names that none matches have no series."""
    prefix = unique("owned")
    orders, clicks, group = f"{prefix}-orders", f"{prefix}-clicks", f"{prefix}-billing"
    for topic in (orders, clicks):
        admin.create_topic(topic)
    admin.commit(group, {(orders, 0): 0})
    config = {
        "topics": {"labels": {"-orders$": "team=checkout", "^owned-": "team=nobody,service=shop"}},
        "groups": {"labels": {"-billing$": "team=payments"}},
    }
    exporter = start_exporter(*kafka_flags(cluster), config=config)
    page = exporter.await_page(lambda page: page.where("kafka_consumergroup_labels", consumergroup=group), "labels")
    assert page.value("kafka_topic_labels", topic=orders, team="checkout", service="shop") == 1
    assert page.value("kafka_topic_labels", topic=clicks, team="nobody", service="shop") == 1
    assert page.value("kafka_consumergroup_labels", consumergroup=group, team="payments") == 1
    assert not page.where("kafka_topic_labels", topic="__consumer_offsets")
