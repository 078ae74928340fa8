"""Sizes of logs and disks equal the output of kafka-log-dirs."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import cluster_oracle
import kafka_jars
import kafka_tools
import oracle
import processes
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page, labels

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
Start = Callable[..., Exporter]
SOON = {"polling": {"log_dirs_interval": "1s"}}
DIRS = ("size_bytes", "volume_bytes", "usable_bytes", "online")


def await_sizes_as_kafka_says(exporter: Exporter, cluster: Cluster) -> oracle.Series | None:
    """Returns the brokers' log directories, or None, with no values on the page, if they cannot read them: in a chroot
    they do not find their file system.
    """
    said: list[oracle.Series] = []

    def ask() -> oracle.Series:
        topics = oracle.parse_topics(kafka_tools.ask(cluster, "kafka-topics", "--describe"))
        said.append(cluster_oracle.log_dirs(cluster, topics))
        return said[-1]

    try:
        oracle.await_agreement(exporter, ask)
    except kafka_tools.ToolError:
        exporter.await_equal(lambda page: page.value("kafka_exporter_collector_success", collector="log_dirs"), 0)
        assert not [name for name in exporter.page().series if "log_dir" in name or "size_bytes" in name]
        return None
    return said[-1]


def test_sizes(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    big, small = unique("big"), unique("small")
    admin.create_topic(big, partitions=3, replicas=2)
    admin.create_topic(small, partitions=1, replicas=3)
    admin.produce_size(big, range(3), megabytes=1)
    admin.produce(small, [0], each=1)
    exporter = start_exporter(*kafka_flags(cluster), config=SOON)
    wanted = await_sizes_as_kafka_says(exporter, cluster)
    if not wanted:
        return
    assert wanted["kafka_topic_size_bytes"][labels(topic=big)] > 3 * 2 * 1_000_000
    page = exporter.page()
    assert set(page.get("kafka_broker_log_dir_online").values()) == {1}
    disk = os.statvfs(cluster.root)
    volumes = page.get("kafka_broker_log_dir_volume_bytes")
    assert volumes == {labels(id=id, log_dir=cluster.data(id)[0]): disk.f_blocks * disk.f_frsize for id in cluster.ids}
    for usable in page.get("kafka_broker_log_dir_usable_bytes").values():
        assert abs(usable - disk.f_bavail * disk.f_frsize) < 2e9


def test_size_follows(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """A growing log and a deleted one."""
    topic = unique("growing")
    admin.create_topic(topic, replicas=3)
    exporter = start_exporter(*kafka_flags(cluster), config=SOON)
    await_sizes_as_kafka_says(exporter, cluster)
    admin.produce_size(topic, [0], megabytes=1)
    if not await_sizes_as_kafka_says(exporter, cluster):
        return
    assert exporter.page().value("kafka_topic_size_bytes", topic=topic) > 3_000_000
    admin.delete_topic(topic)
    exporter.await_page(lambda page: not page.where("kafka_topic_size_bytes", topic=topic), "no such topic")


@pytest.mark.long
def test_moves_between_log_dirs(libs: Path, tmp_path: Path, start_exporter: Start) -> None:
    """A replica that is moved to another directory is counted as long as it moves, with the records left to copy."""
    with Cluster(tmp_path, libs, 1, log_dirs=2) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("moving")
        admin.produce_size("moving", [0], megabytes=10)
        admin.configure("broker", "1", replica_alter_log_dirs_io_max_bytes_per_second=1000)
        exporter = start_exporter(*kafka_flags(cluster), config=SOON)
        if not await_sizes_as_kafka_says(exporter, cluster):
            return
        none = {f"kafka_broker_future_{name}": {labels(id=1): 0} for name in ("replicas", "replica_lag_records")}
        assert not oracle.differences(exporter.page(), none)
        other = next(folder for folder in cluster.data(1) if not (folder / "moving-0").exists())
        plan = {"topic": "moving", "partition": 0, "replicas": [1], "log_dirs": [str(other)]}
        file = tmp_path / "moves.json"
        file.write_text(json.dumps({"version": 1, "partitions": [plan]}))
        kafka_tools.ask(cluster, "kafka-reassign-partitions", "--reassignment-json-file", file, "--execute")
        exporter.await_page(lambda page: page.value("kafka_broker_future_replicas", id=1), "a move")
        page = oracle.await_agreement(exporter, lambda: cluster_oracle.moves_between_log_dirs(cluster))
        assert page.value("kafka_broker_future_replicas", id=1) == 1
        assert 0 < page.value("kafka_broker_future_replica_lag_records", id=1) <= 100
        assert page.value("kafka_broker_replica_lag_records", id=1) == 0
        admin.configure("broker", "1", replica_alter_log_dirs_io_max_bytes_per_second=None)
        exporter.await_page(lambda page: not oracle.differences(page, none), "the end of the move")


def test_switched_off(cluster: Cluster, start_exporter: Start) -> None:
    exporter = start_exporter(*kafka_flags(cluster), config={"collectors": {"log_dirs": False}})
    page = exporter.await_page(lambda page: exporter.polls(page) >= 3, "three polls")
    assert not [name for name in page.series if "log_dir" in name or "size_bytes" in name]
    assert page.value("kafka_exporter_kafka_requests_total", api="DescribeLogDirs") in (None, 0)


@pytest.mark.long
def test_a_disk_dies(libs: Path, tmp_path: Path, start_exporter: Start) -> None:
    """A removed log directory is offline, the other is not affected; replicas on it do not have size 0."""
    often = {"log.flush.offset.checkpoint.interval.ms": 1000, "replica.high.watermark.checkpoint.interval.ms": 1000}
    with Cluster(tmp_path, libs, 1, log_dirs=2, jmx=True, properties=often) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("spread", partitions=6)
        admin.produce("spread", range(6), each=10)
        exporter = start_exporter(*kafka_flags(cluster), config={"polling": {"log_dirs_interval": "1s", "hold": "3s"}})
        wanted = await_sizes_as_kafka_says(exporter, cluster)
        if not wanted:
            return
        assert len(wanted["kafka_broker_log_dir_online"]) == 2
        kept, lost = cluster.data(1)
        shutil.move(lost, f"{lost}.gone")
        lost.write_text("no folder any more")

        def online(page: Page) -> dict:
            return page.get("kafka_broker_log_dir_online")

        exporter.await_equal(online, {labels(id=1, log_dir=kept): 1, labels(id=1, log_dir=lost): 0})
        processes.wait_until(lambda: _offline(cluster), "offline partitions", 60)
        wanted = cluster_oracle.log_dirs(
            cluster, oracle.parse_topics(kafka_tools.ask(cluster, "kafka-topics", "--describe"))
        )
        wanted.pop("kafka_topic_size_bytes")  # Unknown as a sum.
        exporter.await_equal(lambda page: oracle.differences(page, wanted), [])
        assert exporter.page().value("kafka_topic_size_bytes", topic="spread") is None


def _offline(cluster: Cluster) -> bool:
    return any(partition.leader < 0 for partition in cluster.metadata(1).topics["spread"].values())
