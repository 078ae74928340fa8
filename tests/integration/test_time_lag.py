"""Tests of lag in seconds with records of known times."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

import kafka_jars
import processes
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
OLDER_BY_HAND = True
Start = Callable[..., Exporter]
Unique = Callable[[str], str]
POLL = 1.0
SEEN = 2 * POLL + 1  # Maximum delay of a page: two polls and reading it.
SECONDS = "kafka_consumergroup_lag_seconds"


def waiting(page: Page, group: str, topic: str, partition: int = 0) -> float | None:
    return page.value(SECONDS, consumergroup=group, topic=topic, partition=partition)


def is_near(value: float | None, wanted: float, share: float = 0.05) -> bool:
    return value is not None and abs(value - wanted) <= max(SEEN, share * wanted)


def await_age(
    exporter: Exporter, group: str, topic: str, since: float, partition: int = 0, timeout: float = 30
) -> Page:
    """Waits until lag in seconds equals the time since then."""
    seen: list[tuple[float | None, float]] = []

    def right(page: Page) -> bool:
        seen[:] = [(waiting(page, group, topic, partition), time.time() - since)]
        return is_near(*seen[0])

    try:
        return exporter.await_page(right, "the age", timeout)
    except AssertionError:
        assert seen
        shown, true = seen[0]
        assert shown == true, f"group {group} on {topic}/{partition}"
        raise


# ---- records from before the start


def test_at_the_start(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """The age of the oldest uncommitted record comes from the time index, also after a restart."""
    topic, begin, spacing, count = unique("old"), time.time() - 1000, 2, 500
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce_at(topic, 0, [begin + spacing * n for n in range(count)])
    groups = {unique("reader"): offset for offset in (0, 1, 100, 250, 499, 500)}
    for group, offset in groups.items():
        admin.commit(group, {(topic, 0): offset, (topic, 1): 0})
    for _ in range(2):
        exporter = start_exporter(*kafka_flags(cluster))
        # The second partition has no record; it may have elected its leader only after the first one.
        empty = exporter.await_page(
            lambda page: all(waiting(page, group, topic, partition=1) == 0 for group in groups), "age 0 of no record"
        )
        for group, offset in groups.items():
            page = await_age(exporter, group, topic, begin + spacing * offset) if offset < count else empty
            age = waiting(page, group, topic)
            assert page.value("kafka_consumergroup_max_lag_seconds", consumergroup=group) == age
            assert offset < count or age == 0
        exporter.stop()


def test_uneven_times(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """With bursts and long gaps ages are not interpolated across a gap."""
    topic, now = unique("uneven"), time.time()
    bursts = [now - 86400, now - 7200, now - 600, now - 60]
    admin.create_topic(topic, replicas=3)
    for begin in bursts:
        admin.produce_at(topic, 0, [begin + n / 100 for n in range(100)])
    groups = {unique("reader"): (offset, bursts[offset // 100]) for offset in (0, 50, 99, 100, 199, 200, 300, 399)}
    for group, (offset, _) in groups.items():
        admin.commit(group, {(topic, 0): offset})
    exporter = start_exporter(*kafka_flags(cluster))
    for group, (_, begin) in groups.items():
        await_age(exporter, group, topic, begin)


@pytest.mark.parametrize("config", [{}, {"message_timestamp_type": "LogAppendTime"}])
def test_wrong_clocks(
    cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique, config: dict[str, str]
) -> None:
    """Records from before the start with producer timestamps (CreateTime) never have an implausible age."""
    ahead, behind, back, groups, appended = unique("ahead"), unique("behind"), unique("back"), {}, {}
    now = time.time()
    times = {ahead: [now + 3000] * 20, behind: [1.0] * 20, back: [now - 500 + 20 * (-n % 7) for n in range(20)]}
    for topic, stamps in times.items():
        admin.create_topic(topic, replicas=3, retention_ms="-1", **config)
        appended[topic] = time.time()
        admin.produce_at(topic, 0, stamps)
        groups[topic] = unique("reader")
        admin.commit(groups[topic], {(topic, 0): 3})
    exporter = start_exporter(*kafka_flags(cluster))
    if config:
        for topic, group in groups.items():
            await_age(exporter, group, topic, appended[topic])
    page = exporter.await_page(lambda page: all(page.where(SECONDS, topic=topic) for topic in (ahead, back)), "ages")
    assert 0 <= waiting(page, groups[ahead], ahead) <= time.time() - now + SEEN
    assert 0 <= waiting(page, groups[back], back) <= 500 + time.time() - now + SEEN
    for values in (page.get(SECONDS), page.get("kafka_consumergroup_max_lag_seconds")):
        assert all(0 <= value < time.time() for value in values.values())


def test_switched_off(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Without the collector there are no lookups: unknown ages and their maxima are absent."""
    topic, group = unique("old"), unique("reader")
    admin.create_topic(topic, replicas=3)
    admin.produce_at(topic, 0, [time.time() - 500] * 10)
    admin.commit(group, {(topic, 0): 5})
    exporter = start_exporter(*kafka_flags(cluster), config={"collectors": {"time_lag": False}})
    page = exporter.await_page(lambda page: page.where("kafka_consumergroup_lag", consumergroup=group), "lag")
    page = exporter.await_polls()
    assert waiting(page, group, topic) is None
    assert page.value("kafka_consumergroup_max_lag_seconds", consumergroup=group) is None
    admin.commit(group, {(topic, 0): 10})
    exporter.await_equal(lambda page: waiting(page, group, topic), 0)
    begin = time.time()
    admin.produce(topic, [0], each=1)
    await_age(exporter, group, topic, begin)


@pytest.mark.long
def test_a_thousand_partitions(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    topic, group, begin = unique("wide"), unique("reader"), time.time() - 3600
    admin.create_topic(topic, partitions=1000)
    producer = Producer(admin.bootstrap)
    for partition in range(1000):
        for n in range(60):
            stamp = round((begin + 60 * n + partition / 100) * 1000)
            producer.produce(topic, b"x", partition=partition, timestamp=stamp)
    assert producer.flush(60) == 0
    try:
        admin.commit(group, {(topic, partition): partition % 60 for partition in range(1000)})
        exporter = start_exporter(*kafka_flags(cluster))

        def wrong(page: Page) -> list[str]:
            now = time.time()
            true = {p: now - begin - 60 * (p % 60) - p / 100 for p in range(1000)}
            shown = {p: waiting(page, group, topic, p) for p in true}
            return [f"{p}: {shown[p]} instead of {true[p]}" for p in true if not is_near(shown[p], true[p])][:5]

        exporter.await_equal(wrong, [], timeout=30)
    finally:
        admin.delete_topic(topic)


# ---- observed records


def test_seen_times_win(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Observed end offsets are used even if a producer's clock is an hour off."""
    topic, group = unique("skewed"), unique("reader")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.commit(group, {(topic, 0): 0, (topic, 1): 0})
    exporter = start_exporter(*kafka_flags(cluster))
    exporter.await_equal(lambda page: [waiting(page, group, topic, partition) for partition in (0, 1)], [0, 0])
    exporter.await_polls()
    begin = time.time()
    with exporter.watched() as pages:
        for partition, stamp in ((0, begin - 3600), (1, begin + 3000)):
            admin.produce_at(topic, partition, [stamp] * 5)
        for partition in (0, 1):
            await_age(exporter, group, topic, begin, partition)
        exporter.await_polls()
    for _, page in pages:
        assert all(0 <= value <= time.time() - begin for value in page.where(SECONDS, topic=topic).values())


def test_frozen(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Without traffic the age grows with the clock, before and after a restart."""
    topic, group = unique("frozen"), unique("reader")
    admin.create_topic(topic, replicas=3)
    admin.commit(group, {(topic, 0): 0})
    old = start_exporter(*kafka_flags(cluster))
    old.await_equal(lambda page: waiting(page, group, topic), 0)
    begin = time.time()
    admin.produce(topic, [0], each=10)
    await_age(old, group, topic, begin)
    old.await_page(lambda page: (waiting(page, group, topic) or 0) > 5, "more than 5 s")
    new = start_exporter(*kafka_flags(cluster))
    for exporter in (old, new):
        await_age(exporter, group, topic, begin)
        first, then = waiting(exporter.page(), group, topic), time.time()
        assert first is not None
        page = exporter.await_polls(5)
        assert abs(waiting(page, group, topic) - first - (time.time() - then)) <= SEEN


def test_an_idle_topic_is_not_late(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Idle hours do not count as lag, neither while caught up nor after the next record."""
    topic, group = unique("idle"), unique("reader")
    admin.create_topic(topic, replicas=3)
    admin.produce_at(topic, 0, [time.time() - 7200] * 5)
    admin.commit(group, {(topic, 0): 5})
    exporter = start_exporter(*kafka_flags(cluster))
    exporter.await_equal(lambda page: waiting(page, group, topic), 0)
    with exporter.watched() as pages:
        exporter.await_polls(4)
        begin = time.time()
        admin.produce(topic, [0], each=1)
        await_age(exporter, group, topic, begin)
        admin.commit(group, {(topic, 0): 6})
        exporter.await_equal(lambda page: waiting(page, group, topic), 0)
    assert all(waiting(page, group, topic) <= time.time() - begin for _, page in pages)


class Flow:
    """Context: ten records per second, and a group that commits each record at this age."""

    def __init__(self, admin: Admin, topic: str, group: str, behind: float) -> None:
        self.topic, self.behind = topic, behind
        self.producer = Producer({**admin.bootstrap, "linger.ms": 0})
        self.consumer = Consumer({**admin.bootstrap, "group.id": group})
        self.times: list[float] = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Flow:
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.ended.set()
        self.thread.join()
        self.consumer.close()

    def _run(self) -> None:
        while not self.ended.wait(0.1):
            self.producer.produce(self.topic, b"x", partition=0)
            self.producer.flush(30)
            self.times.append(time.time())
            old = sum(stamp < time.time() - self.behind for stamp in self.times)
            if old and len(self.times) % 2 == 0:
                self.consumer.commit(offsets=[TopicPartition(self.topic, 0, old)], asynchronous=False)


@pytest.mark.parametrize("behind", [pytest.param(0.0, marks=pytest.mark.long), 6.0])
def test_steady(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique, behind: float) -> None:
    """A group with constant delay has constant lag in seconds."""
    topic, group = unique("flow"), unique("reader")
    admin.create_topic(topic, replicas=3)
    exporter = start_exporter(*kafka_flags(cluster))
    with Flow(admin, topic, group, behind):
        exporter.await_page(lambda page: is_near(waiting(page, group, topic), behind), "the first age")
        with exporter.watched() as pages:
            exporter.await_polls(6)
    shown = [waiting(page, group, topic) for _, page in pages]
    assert all(is_near(value, behind) for value in shown), shown


def test_moved_by_hand(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Offsets reset to the beginning, the middle and the end."""
    topic, group, begin = unique("reset"), unique("reader"), time.time() - 400
    admin.create_topic(topic, replicas=3)
    admin.produce_at(topic, 0, [begin + n for n in range(400)])
    admin.commit(group, {(topic, 0): 400})
    exporter = start_exporter(*kafka_flags(cluster))
    exporter.await_equal(lambda page: waiting(page, group, topic), 0)
    for offset in (0, 300, 100):
        admin.alter_offsets(group, {(topic, 0): offset})
        await_age(exporter, group, topic, begin + offset)
    admin.alter_offsets(group, {(topic, 0): 400})
    exporter.await_equal(lambda page: waiting(page, group, topic), 0)


def test_made_again(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """A re-created topic does not use the old one's history."""
    topic, group = unique("again"), unique("reader")
    admin.create_topic(topic, replicas=3)
    admin.produce_at(topic, 0, [time.time() - 3000 + n for n in range(50)])
    admin.commit(group, {(topic, 0): 10})
    exporter = start_exporter(*kafka_flags(cluster))
    await_age(exporter, group, topic, time.time() - 2990)
    admin.delete_topic(topic)
    exporter.await_page(lambda page: not page.where(SECONDS, topic=topic), "no such topic")
    admin.create_topic(topic, replicas=3)
    begin = time.time()
    admin.produce(topic, [0], each=20)
    admin.commit(group, {(topic, 0): 10})
    await_age(exporter, group, topic, begin)


def test_records_are_deleted(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Records are deleted: lag in seconds is the age of the oldest remaining record."""
    topic, group, begin = unique("deleted"), unique("reader"), time.time() - 400
    admin.create_topic(topic, replicas=3)
    admin.produce_at(topic, 0, [begin + n for n in range(400)])
    admin.commit(group, {(topic, 0): 50})
    exporter = start_exporter(*kafka_flags(cluster))
    await_age(exporter, group, topic, begin + 50)
    admin.delete_records(topic, 0, before=300)
    await_age(exporter, group, topic, begin + 300)
    admin.delete_records(topic, 0, before=400)
    exporter.await_equal(lambda page: waiting(page, group, topic), 0)


@pytest.mark.long
def test_compacted(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """If the next record was compacted away, the following one is used."""
    topic, group, begin = unique("compacted"), unique("reader"), time.time() - 1000
    often = {"segment_ms": "100", "min_cleanable_dirty_ratio": "0.01", "max_compaction_lag_ms": "1000"}
    admin.create_topic(topic, replicas=3, cleanup_policy="compact", **often)
    producer = Producer(admin.bootstrap)
    for n in range(500):
        key = f"only-{n}" if n in (0, 250) else f"key-{n % 5}"
        producer.produce(topic, b"x", key=key, partition=0, timestamp=round((begin + n) * 1000))
        producer.flush(30)
    admin.commit(group, {(topic, 0): 10})
    processes.wait_until(lambda: _next_record(admin, topic, 10) == 250, "compaction", 120)
    exporter = start_exporter(*kafka_flags(cluster))
    await_age(exporter, group, topic, begin + 250)
    exporter.await_polls()
    await_age(exporter, group, topic, begin + 250)


def _next_record(admin: Admin, topic: str, offset: int) -> int:
    consumer = Consumer({**admin.bootstrap, "group.id": f"{topic}-look", "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(topic, 0, offset)])
        message = consumer.poll(30)
        assert message and not message.error(), message
        return message.offset()
    finally:
        consumer.close()


def test_behind_a_marker_only(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """A group whose only unread offset is a transaction marker is caught up, at the start and after two polls. If it is
    a record, the group has lag.
    """
    topic, group = unique("marked"), unique("reader")
    admin.create_topic(topic, partitions=2, replicas=3)
    producer = Producer({**admin.bootstrap, "transactional.id": topic})
    producer.init_transactions(60)
    producer.begin_transaction()
    producer.produce(topic, b"x", partition=0)
    producer.commit_transaction(60)
    begin = time.time()
    admin.produce(topic, [1], each=2)
    admin.commit(group, {(topic, 0): 1, (topic, 1): 1})
    exporter = start_exporter(*kafka_flags(cluster), config={"groups": {"status_window": "10s"}})
    exporter.await_equal(lambda page: waiting(page, group, topic, 0), 0, timeout=20)
    await_age(exporter, group, topic, begin, partition=1)
    status = {"consumergroup": group, "topic": topic}
    exporter.await_page(
        lambda page: page.value("kafka_consumergroup_status", **status, status="stopped") == 1, "a stopped group"
    )
    admin.commit(group, {(topic, 1): 2})
    exporter.await_page(lambda page: page.value("kafka_consumergroup_status", **status, status="ok") == 1, "ok")
    producer.begin_transaction()
    producer.produce(topic, b"x", partition=0)
    producer.commit_transaction(60)
    exporter.await_page(lambda page: waiting(page, group, topic, 0), "a record after the marker")
    admin.commit(group, {(topic, 0): 3})
    exporter.await_equal(lambda page: waiting(page, group, topic, 0), 0, timeout=20)
    admin.commit(group, {(topic, 0): 4})
    admin.produce(topic, [0], each=1)
    begin = time.time()
    await_age(exporter, group, topic, begin)
