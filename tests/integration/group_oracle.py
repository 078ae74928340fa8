"""Expected series of groups besides offsets, from Kafka's own tools: types, members, owners, share and Streams groups.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

import kafka_tools
import oracle
from kafka_cluster import Cluster
from oracle import Series, TopicPartition
from page import labels


def kinds(cluster: Cluster) -> dict[str, tuple[str, str]]:
    """Returns {group: (type, protocol)} by Kafka's names in lower case."""
    said = kafka_tools.ask(cluster, "kafka-groups", "--list")
    rows = [line.split() for line in oracle.rows(said, "GROUP")]
    return {row[0]: (row[1].lower(), row[2] if len(row) > 2 else "") for row in rows}


@dataclass
class Member:
    id: str
    host: str
    client_id: str
    owned: set[TopicPartition] = field(default_factory=set)


def members(cluster: Cluster, group: str, client_ids: set[str]) -> list[Member]:
    """Returns the members of a consumer group. `client_ids`: to parse ids that contain spaces."""
    said = kafka_tools.ask(cluster, "kafka-consumer-groups", "--describe", "--group", group, "--members", "--verbose")
    found = []
    clients = "|".join(re.escape(client_id) for client_id in sorted(client_ids, key=len, reverse=True))
    for line in oracle.rows(said, "GROUP"):
        row = re.fullmatch(
            rf"{re.escape(group)}\s+(.*\S)\s+(/\S+)\s+({clients})\s+(\d+)\s+(?:\S+)\s+(\S*)\s*(.*)", line
        )
        assert row, line
        owned = {
            (topic, int(partition))
            for topic, partitions in re.findall(r"([^\s:,()]+):([\d,]+)", row[5])
            for partition in partitions.strip(",").split(",")
        }
        assert len(owned) == int(row[4]), line
        found.append(Member(row[1], row[2], row[3], owned))
    return found


def share_groups(cluster: Cluster) -> Series:
    """Returns all kafka_sharegroup_* series."""
    series: Series = defaultdict(dict)
    for line in oracle.rows(_describe(cluster, "kafka-share-groups", "--state"), "GROUP"):
        group, _, coordinator, state, members = line.split()
        series["kafka_sharegroup_info"][labels(sharegroup=group, coordinator=coordinator.strip("()"))] = 1
        series["kafka_sharegroup_state"][labels(sharegroup=group, state=state)] = 1
        series["kafka_sharegroup_members"][labels(sharegroup=group)] = int(members)
    for line in oracle.rows(_describe(cluster, "kafka-share-groups"), "GROUP"):
        group, topic, partition, start, lag = line.split()
        key = labels(sharegroup=group, topic=topic, partition=partition)
        for name, value in (("start_offset", start), ("lag", lag)):
            if value != "-":
                series[f"kafka_sharegroup_{name}"][key] = int(value)
    return dict(series)


def streams_groups(cluster: Cluster) -> Series:
    """Returns state, members and lag of groups of type streams (KIP-1071)."""
    series: Series = defaultdict(dict)
    for line in oracle.rows(_describe(cluster, "kafka-streams-groups", "--state"), "GROUP"):
        group, _, _, state, members = line.split()
        series["kafka_consumergroup_state"][labels(consumergroup=group, state=state)] = 1
        series["kafka_consumergroup_members"][labels(consumergroup=group)] = int(members)
    for line in oracle.rows(_describe(cluster, "kafka-streams-groups"), "GROUP"):
        group, topic, partition, lag = line.split()
        series["kafka_consumergroup_lag"][labels(consumergroup=group, topic=topic, partition=partition)] = int(lag)
    return dict(series)


def _describe(cluster: Cluster, tool: str, *what: str) -> str:
    return kafka_tools.ask(cluster, tool, "--describe", "--all-groups", *what)


def delete_streams_group(cluster: Cluster, group: str) -> None:
    """Returns series of a group without members, which Kafka's tool for consumer groups does not list."""
    kafka_tools.ask(cluster, "kafka-streams-groups", "--delete", "--group", group)


def reset_share_group(cluster: Cluster, group: str, topic: str) -> None:
    """Resets a group without members to the start of each partition with kafka-share-groups."""
    reset = ("--reset-offsets", "--to-earliest", "--topic", topic, "--execute")
    kafka_tools.ask(cluster, "kafka-share-groups", "--group", group, *reset)
