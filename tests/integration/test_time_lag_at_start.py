"""Lag in seconds of old records right after a start, at the default poll interval."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

import pytest
from confluent_kafka import Producer

import kafka_jars
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

VERSIONS = [kafka_jars.VERSION]
Start = Callable[..., Exporter]
Unique = Callable[[str], str]
SECONDS = "kafka_consumergroup_lag_seconds"
PARTITIONS = 20  # of each topic
RECORDS = 300
HOUR = 3600.0

# Age in seconds of a record by its number.
SHAPES: dict[str, tuple[Callable[[int], float], dict[str, str]]] = {
    "even": (lambda n: HOUR - 12 * n, {}),
    "ended": (lambda n: 3 * HOUR - 12 * n, {}),
    "bursts": (lambda n: HOUR - 600 * (n // 50), {}),
    "gaps": (lambda n: 20 * HOUR - 6 * HOUR * (n // 100) - n, {}),
    "equal": (lambda n: HOUR, {}),
    "single": (lambda n: HOUR, {}),
    "backwards": (lambda n: 2 * HOUR - 12 * n + 40 * (n % 7), {}),
    "compacted": (lambda n: HOUR - 10 * n, {"cleanup_policy": "compact"}),
    "log-append-time": (lambda n: 9 * HOUR, {"message_timestamp_type": "LogAppendTime"}),
    "deleted": (lambda n: 2 * HOUR - 20 * n, {}),
}


def _count(shape: str) -> int:
    return 1 if shape == "single" else RECORDS


def _create(admin: Admin, topics: dict[str, str]) -> dict[str, list[float]]:
    """Creates a topic for each shape. Returns the append time of each record: the maximum timestamp so far."""
    now = time.time()
    appended = {}
    for shape, (age, config) in SHAPES.items():
        topic, count = topics[shape], _count(shape)
        admin.create_topic(topic, partitions=PARTITIONS, retention_ms="-1", **config)
        producer = Producer(admin.bootstrap)
        begin = time.time()
        for partition, n in itertools.product(range(PARTITIONS), range(count)):
            stamp = round((now - age(n)) * 1000)
            producer.produce(topic, b"x", key=str(n), partition=partition, timestamp=stamp)
            producer.poll(0)
        assert producer.flush(60) == 0
        times = [begin] * count if shape == "log-append-time" else [now - age(n) for n in range(count)]
        appended[shape] = list(itertools.accumulate(times, max))
        if shape == "deleted":
            for partition in range(PARTITIONS):
                admin.delete_records(topic, partition, before=RECORDS // 2)
    return appended


def _wrong(page: Page, expected: dict[tuple[str, str, str], float]) -> list[str]:
    now, shown = time.time(), {}
    for labels, value in page.get(SECONDS).items():
        names = dict(labels)
        shown[names["consumergroup"], names["topic"], names["partition"]] = value
    wrong = []
    for key, appended in expected.items():
        age = now - appended
        # The page may be one poll interval old.
        if key not in shown or not age - max(5, 0.05 * age) - 15 <= shown[key] <= age + max(5, 0.05 * age):
            wrong.append(f"{key}: {shown.get(key)} instead of {age}")
    return wrong


@pytest.mark.parametrize(("groups", "seconds"), [(5, 10), pytest.param(100, 30, marks=pytest.mark.long)])
def test_all_shapes(
    cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique, groups: int, seconds: float
) -> None:
    """Five groups, or a hundred, at different offsets of each of 200 partitions."""
    topics = {shape: unique(shape) for shape in SHAPES}
    appended, expected, prefix = _create(admin, topics), {}, unique("reader")
    pick = random.Random(1)
    for number in range(groups):
        group, commits = f"{prefix}-{number}", {}
        for (shape, topic), partition in itertools.product(topics.items(), range(PARTITIONS)):
            offset = pick.randrange(_count(shape))
            commits[topic, partition] = offset
            first = RECORDS // 2 if shape == "deleted" else 0
            expected[group, topic, str(partition)] = appended[shape][max(first, offset)]
        admin.commit(group, commits)
    try:
        exporter = start_exporter(*kafka_flags(cluster), poll_seconds=None)
        begin = time.time()
        exporter.await_equal(lambda page: _wrong(page, expected)[:5], [], timeout=12 * seconds)
        print(f"{len(expected)} pairs after {time.time() - begin:.1f} s")
    finally:
        for topic in topics.values():
            admin.delete_topic(topic)


def test_groups_on_few_partitions(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """39 groups at different offsets of eight partitions: bursts of equal timestamps one hour ago, and long gaps."""
    topic, now, prefix = unique("bursts"), time.time(), unique("reader")
    admin.create_topic(topic, partitions=8, replicas=3)
    stamps = [now - HOUR - 700 * (5 - n // 600) for n in range(3600)]
    for partition in range(8):
        admin.produce_at(topic, partition, stamps)
    expected = {}
    for number in range(39):
        offset, partition = 90 * number + 7, number % 8
        admin.commit(f"{prefix}-{number}", {(topic, partition): offset})
        expected[f"{prefix}-{number}", topic, str(partition)] = stamps[offset]
    exporter = start_exporter(*kafka_flags(cluster), poll_seconds=None)
    begin = time.time()
    exporter.await_equal(lambda page: _wrong(page, expected)[:5], [], timeout=120)
    print(f"39 groups after {time.time() - begin:.1f} s")
