"""Runs `kafkascope lag`, and what Kafka's own tool shows of the same groups."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from typing import NamedTuple

import kafka_tools
import oracle
from exporter import BINARY
from kafka_cluster import Cluster


class Row(NamedTuple):
    """The columns that both have; None where the tool prints "-"."""

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int | None
    lag: int | None
    consumer_id: str | None
    host: str | None
    client_id: str | None


def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([BINARY, "lag", *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done
    return done


def documents(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def rows_of_json(text: str) -> list[Row]:
    (document,) = documents(text)
    assert document["errors"] == [], document
    names = ("group", "topic", "partition", "current_offset", "log_end_offset", "lag", "consumer_id", "host", "client_id")
    return [Row(*(each[name] for name in names)) for each in document["partitions"]]


def rows_of_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def rows_of_tool(cluster: Cluster, *groups: str) -> list[Row]:
    """Returns the rows of `kafka-consumer-groups --describe`. Columns must not contain spaces."""
    said = kafka_tools.ask(cluster, "kafka-consumer-groups", "--describe", "--all-groups")
    rows = []
    for line in oracle.rows(said, "GROUP"):
        group, topic, partition, *rest = line.split()
        fields = [None if field == "-" else field for field in rest]
        numbers = [None if field is None else int(field) for field in fields[:3]]
        if group in groups:
            rows.append(Row(group, topic, int(partition), *numbers, *fields[3:]))
    return rows
