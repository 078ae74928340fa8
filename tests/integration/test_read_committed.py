"""Tests of read_committed lag, compared with kafka-transactions and Kafka's own consumer."""

from __future__ import annotations

from collections.abc import Callable

from confluent_kafka import IsolationLevel, Producer, TopicPartition
from confluent_kafka.admin import OffsetSpec

import kafka_jars
import kafka_tools
import processes
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
Start = Callable[..., Exporter]
Unique = Callable[[str], str]
ON = {"read_committed": True}


def stable_end(admin: Admin, topic: str) -> int:
    wanted = {TopicPartition(topic, 0): OffsetSpec.latest()}
    asked = admin.client.list_offsets(wanted, isolation_level=IsolationLevel.READ_COMMITTED)
    return next(iter(asked.values())).result(30).offset


def await_stable_end(admin: Admin, topic: str, end: int) -> None:
    """Waits for the marker, which is written after the producer's commit returns."""
    processes.wait_until(lambda: stable_end(admin, topic) == end, f"{topic} stable up to {end}", 30)


def transaction(admin: Admin, topic: str, records: int) -> Producer:
    """Starts a transaction and produces this many records."""
    producer = Producer({**admin.bootstrap, "transactional.id": topic, "transaction.timeout.ms": 60_000})
    producer.init_transactions(60)
    producer.begin_transaction()
    for _ in range(records):
        producer.produce(topic, b"x", partition=0)
    assert producer.flush(30) == 0
    return producer


def test_an_open_transaction(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """An open transaction does not count as read_committed lag until it is committed."""
    topic, group = unique("transactional"), unique("reader")
    admin.create_topic(topic, replicas=3)
    admin.produce(topic, [0], each=5)
    admin.commit(group, {(topic, 0): 2})
    exporter = start_exporter(*kafka_flags(cluster), config=ON)

    def view(page: Page) -> tuple[float | None, ...]:
        where = {"topic": topic, "partition": 0}
        return (
            page.value("kafka_topic_partition_current_offset", **where),
            page.value("kafka_topic_partition_last_stable_offset", **where),
            page.value("kafka_consumergroup_lag_sum", consumergroup=group, topic=topic),
            page.value("kafka_consumergroup_read_committed_lag", consumergroup=group, topic=topic),
        )

    exporter.await_equal(view, (5, 5, 3, 3))
    producer = transaction(admin, topic, records=4)
    admin.produce(topic, [0], each=2)
    described = ("describe-producers", "--topic", topic, "--partition", 0)
    said = kafka_tools.ask(cluster, "kafka-transactions", *described)
    assert said.splitlines()[1].split()[-1] == "5", said  # Start of the open transaction.
    assert stable_end(admin, topic) == 5
    exporter.await_equal(view, (11, 5, 9, 3))
    admin.commit(group, {(topic, 0): 5})
    exporter.await_equal(view, (11, 5, 6, 0))
    producer.commit_transaction(60)
    await_stable_end(admin, topic, 12)
    exporter.await_equal(view, (12, 12, 7, 7))


def test_an_aborted_one(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Sums over partitions; an abort advances the last stable offset; a group beyond it has lag 0."""
    topic, group = unique("transactional"), unique("reader")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce(topic, range(2), each=5)
    producer = transaction(admin, topic, records=3)
    admin.commit(group, {(topic, 0): 7, (topic, 1): 1})  # A read_uncommitted consumer.
    exporter = start_exporter(*kafka_flags(cluster), config=ON)

    def lag(page: Page) -> float | None:
        return page.value("kafka_consumergroup_read_committed_lag", consumergroup=group, topic=topic)

    exporter.await_equal(lag, 0 + 4)
    producer.abort_transaction(60)
    await_stable_end(admin, topic, 9)
    exporter.await_equal(lag, 9 - 7 + 4)


def test_only_on_demand(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    topic, group = unique("transactional"), unique("reader")
    admin.create_topic(topic, replicas=3)
    admin.commit(group, {(topic, 0): 0})
    exporter = start_exporter(*kafka_flags(cluster))
    page = exporter.await_page(lambda page: page.where("kafka_consumergroup_lag", consumergroup=group), "lag")
    assert not page.get("kafka_topic_partition_last_stable_offset")
    assert not page.get("kafka_consumergroup_read_committed_lag")
