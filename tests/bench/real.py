"""Compares fake brokers with a real Kafka of the same size."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from load_server import BUILD, ROOT, Size
from measure import LOG, await_poll, loaded, poll_seconds, polling
from program import Page, Program

sys.path.insert(0, str(ROOT / "tests" / "cluster"))
import kafka_jars
from kafka_cluster import Cluster

Result = dict[str, object]
SIZE = Size(500, 6, 300)
INTERVAL, POLLS, RECORDS = 5, 20, 10


def beside() -> Result:
    """Returns {brokers: figures}."""
    result: Result = {}
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        libs = kafka_jars.ensure(kafka_jars.VERSION)
        with Cluster(Path(folder), libs).start().ready() as cluster:
            fill(cluster.bootstrap())
            result[f"Kafka {kafka_jars.VERSION}"] = figures(cluster.bootstrap().split(","))
    with loaded(SIZE) as load:
        result["load server"] = figures(load.servers)
    return result


def fill(bootstrap: str) -> None:
    """Creates topics with one to three replicas, records, and groups with lags of 0 to RECORDS."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topics = [f"load-topic-{number:05}" for number in range(SIZE.topics)]
    for begin in range(0, len(topics), 50):
        wanted = [
            NewTopic(name, SIZE.partitions, number % 3 + 1)
            for number, name in enumerate(topics[begin : begin + 50], begin)
        ]
        for made in admin.create_topics(wanted).values():
            made.result(120)
    producer = Producer({"bootstrap.servers": bootstrap, "queue.buffering.max.messages": 1_000_000})
    for name in topics:
        for partition in range(SIZE.partitions):
            for _ in range(RECORDS):
                producer.produce(name, b"0123456789abcdef", partition=partition)
        producer.poll(0)
    assert producer.flush(120) == 0
    for group in range(SIZE.groups):
        numbers = [(group * SIZE.per_group + i) % SIZE.all_partitions() for i in range(SIZE.per_group)]
        commits = [
            TopicPartition(topics[n // SIZE.partitions], n % SIZE.partitions, n % (RECORDS + 1)) for n in numbers
        ]
        commit(admin, f"load-group-{group:05}", commits)


def commit(admin: AdminClient, group: str, commits: list[TopicPartition]) -> None:
    """Retries while the coordinator is busy."""
    for _ in range(100):
        asked = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, commits)])
        if not any(partition.error for partition in asked[group].result(60).topic_partitions):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{group}: no commit")


def figures(servers: list[str]) -> Result:
    program = Program(servers, LOG / "real.log", polling(INTERVAL))
    try:
        started = program.seconds_to_whole_page(SIZE)
        for _ in range(4):
            await_poll(program)
        seconds: list[float] = []
        first = last = program.page()
        cpu = program.cpu_seconds()
        while last.polls < first.polls + POLLS:
            await_poll(program)
            page = program.page()
            seconds += poll_seconds(last, page)
            last = page
        cpu, polls = program.cpu_seconds() - cpu, last.polls - first.polls

        def grown(what: Callable[[Page], float]) -> float:
            return what(last) - what(first)

        return {
            "series": last.value("kafka_exporter_page_series"),
            "requests": grown(lambda page: page.sum("kafka_exporter_kafka_requests_total")) / polls,
            "failures": grown(lambda page: page.sum("kafka_exporter_collector_errors_total")),
            "cpu_seconds": cpu / polls,
            "poll_seconds": statistics.mean(seconds),
            "peak_mb": program.memory()[1],
            "start": started,
        }
    finally:
        program.stop()
