"""Times of the newest and of the oldest records equal those of the records themselves."""

from __future__ import annotations

import time
from collections.abc import Callable

from confluent_kafka import Consumer, TopicPartition

from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

Start = Callable[..., Exporter]
SOON = {"polling": {"record_times_interval": "1s", "earliest_every": 1}}
NEWEST, OLDEST = "kafka_topic_newest_record_timestamp_seconds", "kafka_topic_oldest_record_timestamp_seconds"
DAY = 86400


def times_read(admin: Admin, topic: str, partitions: int) -> list[float]:
    """Returns the timestamps of all records, as a consumer reads them."""
    settings = {"group.id": "not-used", "enable.partition.eof": True, "auto.offset.reset": "earliest"}
    consumer = Consumer({**admin.bootstrap, **settings})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    times: list[float] = []
    ends = 0
    while ends < partitions:
        message = consumer.poll(10)
        assert message is not None
        if message.error():
            ends += 1
        else:
            times.append(message.timestamp()[1] / 1000)
    consumer.close()
    return times


def shown(page: Page, topic: str) -> tuple[float | None, float | None]:
    return page.value(NEWEST, topic=topic), page.value(OLDEST, topic=topic)


def test_times_follow(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    topic, empty = unique("times"), unique("empty")
    admin.create_topic(topic, partitions=3, replicas=2, retention_ms="-1")
    admin.create_topic(empty)
    now = round(time.time(), 3)
    admin.produce_at(topic, 0, [now - 3 * DAY, now - 2 * DAY - 0.25, now - DAY])
    admin.produce_at(topic, 1, [now - 2 * DAY, now - 60.125, now - 2 * DAY])  # The newest is not the last one.
    exporter = start_exporter(*kafka_flags(cluster), config=SOON)

    def await_as_read() -> tuple[float, float]:
        times = times_read(admin, topic, 3)
        exporter.await_equal(lambda page: shown(page, topic), (max(times), min(times)))
        return max(times), min(times)

    assert await_as_read() == (now - 60.125, now - 3 * DAY)
    admin.produce_at(topic, 2, [now - 5])
    assert await_as_read() == (now - 5, now - 3 * DAY)
    admin.delete_records(topic, 0, 1)
    assert await_as_read() == (now - 5, now - 2 * DAY - 0.25)
    for partition, end in enumerate((3, 3, 1)):
        admin.delete_records(topic, partition, end)
    exporter.await_equal(lambda page: shown(page, topic), (None, None))
    page = exporter.page()
    assert shown(page, empty) == (None, None)
    assert page.value("kafka_exporter_collector_success", collector="record_times") == 1


def test_wrong_clocks(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """A time in the future counts as the time at which it was seen, one in 1970 not at all."""
    future, seconds = unique("future"), unique("seconds")
    config = {"retention_ms": "-1", "message_timestamp_after_max_ms": str(100 * DAY * 1000)}
    admin.create_topic(future, **config)
    admin.create_topic(seconds, **config)
    exporter = start_exporter(*kafka_flags(cluster), config=SOON)
    exporter.await_polls(2)
    start = time.time()
    admin.produce_at(future, 0, [start + 10 * DAY])
    admin.produce_at(seconds, 0, [start / 1000, start - DAY, start / 1000])
    page = exporter.await_page(lambda page: None not in shown(page, future), "times of the future")
    first = shown(page, future)
    assert start - 1 < min(first) and max(first) < time.time() + 1
    exporter.await_equal(lambda page: shown(page, seconds), (round(start - DAY, 3), round(start - DAY, 3)))
    # It stands still, as the producer does, until there are more records.
    exporter.await_polls(6)
    assert shown(exporter.page(), future) == first
    second = time.time()
    admin.produce_at(future, 0, [start])
    exporter.await_page(lambda page: page.value(NEWEST, topic=future) > second - 1, "a newer time")
    assert exporter.page().value(OLDEST, topic=future) == first[1]


def test_nothing_new_costs_nothing(
    cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]
) -> None:
    """Without new records no timestamp is requested; a new one costs a request."""
    topic = unique("still")
    admin.create_topic(topic)
    admin.produce(topic, [0], each=1)
    config = {"topics": {"filter": f"^{topic}$"}, **SOON}
    exporter = start_exporter(*kafka_flags(cluster), config=config)
    exporter.await_page(lambda page: None not in shown(page, topic), "times")

    def requests_in_polls(count: int) -> float:
        """Beyond the two for end and start offsets in each poll."""
        before = exporter.await_polls(1)
        after = exporter.await_page(lambda page: exporter.polls(page) >= exporter.polls(before) + count, "more polls")
        sent = [page.value("kafka_exporter_kafka_requests_total", api="ListOffsets") for page in (before, after)]
        return sent[1] - sent[0] - 2 * (exporter.polls(after) - exporter.polls(before))

    assert requests_in_polls(8) == 0
    admin.produce(topic, [0], each=1)
    assert requests_in_polls(8) == 1
