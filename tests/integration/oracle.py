"""Expected series of a cluster, from Kafka's own command-line tools."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import kafka_tools
from exporter import Exporter
from kafka_cluster import Cluster
from page import Labels, Page, labels

TopicPartition = tuple[str, int]


@dataclass
class Offsets:
    """A row of `kafka-consumer-groups --describe`. None where the tool prints "-"."""

    committed: int | None
    end: int | None
    lag: int | None


@dataclass
class Group:
    state: str = ""
    members: int = 0
    coordinator: int = -1
    offsets: dict[TopicPartition, Offsets] = field(default_factory=dict)


@dataclass
class Replicas:
    """A row of `kafka-topics --describe`."""

    leader: int | None
    replicas: list[int]
    isr: list[int]


@dataclass
class Truth:
    groups: dict[str, Group]
    topics: dict[str, dict[int, Replicas]]
    latest: dict[TopicPartition, int]
    earliest: dict[TopicPartition, int]


def ask(cluster: Cluster) -> Truth:
    offsets = kafka_tools.ask(cluster, "kafka-consumer-groups", "--describe", "--all-groups")
    state = kafka_tools.ask(cluster, "kafka-consumer-groups", "--describe", "--all-groups", "--state")
    return Truth(
        groups=parse_groups(offsets, state),
        topics=parse_topics(kafka_tools.ask(cluster, "kafka-topics", "--describe")),
        latest=parse_offsets(kafka_tools.ask(cluster, "kafka-get-offsets", "--time", "latest")),
        earliest=parse_offsets(kafka_tools.ask(cluster, "kafka-get-offsets", "--time", "earliest")),
    )


# ---- output of the tools


def parse_groups(offsets: str, state: str) -> dict[str, Group]:
    groups: dict[str, Group] = defaultdict(Group)
    for line in rows(state, "GROUP"):
        found = re.fullmatch(r"(\S+)\s+\S+\s+\((\d+)\)\s+(?:\S+\s+)??(\w+)\s+(\d+)", line)
        assert found, line
        group = groups[found[1]]
        group.coordinator, group.state, group.members = int(found[2]), found[3], int(found[4])
    for line in rows(offsets, "GROUP"):
        name, topic, partition, committed, end, lag = line.split()[:6]
        if topic != "-":  # Row of a member without partitions.
            groups[name].offsets[topic, int(partition)] = Offsets(_number(committed), _number(end), _number(lag))
    return dict(groups)


def parse_topics(said: str) -> dict[str, dict[int, Replicas]]:
    topics: dict[str, dict[int, Replicas]] = defaultdict(dict)
    for line in said.splitlines():
        fields = dict(re.findall(r"(\w[\w ]*): ?([^\t]*)", line))
        if "Leader" in fields:
            leader = fields["Leader"].strip()
            topics[fields["Topic"]][int(fields["Partition"])] = Replicas(
                None if leader == "none" else int(leader), _ids(fields["Replicas"]), _ids(fields["Isr"])
            )
    return dict(topics)


def parse_offsets(said: str) -> dict[TopicPartition, int]:
    found = re.findall(r"^(\S+):(\d+):(\d+)$", said, re.MULTILINE)
    return {(topic, int(partition)): int(offset) for topic, partition, offset in found}


def rows(said: str, first_column: str) -> list[str]:
    """Returns the rows of all tables."""
    rows, inside = [], False
    for line in map(str.strip, said.splitlines()):
        if line.startswith(f"{first_column} "):
            inside = True
        elif not line:
            inside = False
        elif inside:
            rows.append(line)
    return rows


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


def _ids(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]


# ---- expected series

Series = dict[str, dict[Labels, float]]


def expected(truth: Truth) -> Series:
    """Returns the series of kafka_exporter that the tools can verify, and state and maximum lag of groups."""
    series: Series = defaultdict(dict)
    for topic, partitions in truth.topics.items():
        series["kafka_topic_partitions"][labels(topic=topic)] = len(partitions)
        for partition, replicas in partitions.items():
            _expect_partition(series, truth, topic, partition, replicas)
    for name, group in truth.groups.items():
        series["kafka_consumergroup_members"][labels(consumergroup=name)] = group.members
        series["kafka_consumergroup_state"][labels(consumergroup=name, state=group.state)] = 1
        _expect_offsets(series, name, group)
    return dict(series)


def _expect_partition(series: Series, truth: Truth, topic: str, partition: int, replicas: Replicas) -> None:
    key = labels(topic=topic, partition=partition)
    isr, leader = len(replicas.isr), replicas.leader
    series["kafka_topic_partition_replicas"][key] = len(replicas.replicas)
    series["kafka_topic_partition_in_sync_replica"][key] = isr
    series["kafka_topic_partition_under_replicated_partition"][key] = isr < len(replicas.replicas)
    series["kafka_topic_partition_leader_is_preferred"][key] = leader == replicas.replicas[0]
    if leader is not None:
        series["kafka_topic_partition_leader"][key] = leader
    for name, offsets in (("current", truth.latest), ("oldest", truth.earliest)):
        if (topic, partition) in offsets:
            series[f"kafka_topic_partition_{name}_offset"][key] = offsets[topic, partition]


def _expect_offsets(series: Series, name: str, group: Group) -> None:
    sums: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (topic, partition), row in group.offsets.items():
        if row.committed is None or row.lag is None:
            continue
        key = labels(consumergroup=name, topic=topic, partition=partition)
        series["kafka_consumergroup_current_offset"][key] = row.committed
        series["kafka_consumergroup_lag"][key] = row.lag
        sums[topic].append((row.committed, row.lag))
    for topic, rows in sums.items():
        key = labels(consumergroup=name, topic=topic)
        series["kafka_consumergroup_current_offset_sum"][key] = sum(committed for committed, _ in rows)
        series["kafka_consumergroup_lag_sum"][key] = sum(lag for _, lag in rows)
    if sums:
        series["kafka_consumergroup_max_lag"][labels(consumergroup=name)] = max(
            lag for rows in sums.values() for _, lag in rows
        )


def await_agreement(exporter: Exporter, ask: Callable[[], Series], timeout: float = 120, **where: object) -> Page:
    """Returns the first page that equals the result of `ask` after it, restricted to series with the labels `where`.
    Shows all differences on timeout.
    """
    end = time.monotonic() + timeout
    exporter.await_page(lambda page: page.get("kafka_topic_partitions"), "topics")
    while True:
        page = exporter.page()
        found = differences(page, ask(), **where)
        if not found:
            return page
        exporter.assert_running()
        assert time.monotonic() < end, "\n".join(found)
        time.sleep(0.5)


def differences(page: Page, wanted: Series, **where: object) -> list[str]:
    """Returns the differences between page and series with the labels `where`, one per line; empty: equal."""
    return [
        f"{name}{dict(sorted(key))}: {page.get(name).get(key)} instead of {values.get(key)}"
        for name, values in wanted.items()
        for key in page.get(name).keys() | values.keys()
        if labels(**where) <= key and page.get(name).get(key) != values.get(key)
    ]
