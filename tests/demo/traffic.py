"""Demo traffic: producers and consumers, all of them Kafka's own tools."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import kafka_tools
import processes
from kafka_cluster import Cluster

SMALL = {"retention.bytes": 10_000_000, "segment.bytes": 5_000_000}
TOPICS = {  # name: (partitions, replicas, settings)
    "orders": (6, 3, SMALL),
    "clicks": (2, 1, SMALL),
    "customers": (3, 3, {"cleanup.policy": "compact", "segment.ms": 60_000, "min.cleanable.dirty.ratio": 0.1}),
}


@dataclass(frozen=True)
class Group:
    name: str
    what: str
    topics: str  # Regular expression; a name for a share group.
    tool: str = "kafka-console-consumer"
    options: tuple[str, ...] = ()
    records_per_second: int = 0  # Limit; 0: none.


GROUPS = [
    Group("billing", "keeps up with orders and clicks", "orders|clicks"),
    Group("reporting", "falls behind: reads 5 orders a second, 25 are made", "orders", records_per_second=5),
    Group(
        "nightly-export", "read 200 orders and is gone; its offsets stay", "orders", options=("--max-messages", "200")
    ),
    Group(
        "search-index", "new protocol (KIP-848)", "customers", options=("--command-property", "group.protocol=consumer")
    ),
    Group("notifications", "share group (KIP-932)", "orders", tool="kafka-console-share-consumer"),
]


class Traffic:
    """Producers and consumers on a demo cluster. Leaving the context stops them; consumers leave their groups."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.tools: list[subprocess.Popen] = []

    def __enter__(self) -> Traffic:
        return self

    def __exit__(self, *_) -> None:
        processes.stop(self.tools, grace=3)

    def create_topics(self) -> None:
        """Creates missing topics concurrently."""
        present = self.cluster.metadata(self.cluster.ids[0]).topics
        creations = []
        for name, (partitions, replicas, settings) in TOPICS.items():
            if name not in present:
                options = ["--create", "--if-not-exists", "--topic", name]
                options += ["--partitions", partitions, "--replication-factor", replicas]
                options += [part for key, value in settings.items() for part in ("--config", f"{key}={value}")]
                creations.append(self._spawn("kafka-topics", *options))
        for creation in creations:
            if creation.wait():
                raise RuntimeError(f"kafka-topics failed:\n{processes.tail(self._log('kafka-topics'))}")

    def start(self) -> None:
        """Starts everything and returns at once."""
        endless = 2_000_000_000
        for topic, records, rate in (("orders", endless, 25), ("clicks", 3000, 500)):
            self._spawn(
                "kafka-producer-perf-test", "--topic", topic, "--num-records", records, "--throughput", rate,
                "--record-size", 200, "--command-property", "linger.ms=5",
            )  # fmt: skip
        self._spawn("kafka-verifiable-producer", "--topic", "customers", "--throughput", 5, "--repeating-keys", 100)
        for group in GROUPS:
            self._consume(group)

    def _consume(self, group: Group) -> None:
        if group.tool == "kafka-console-share-consumer":
            self._spawn(group.tool, "--group", group.name, "--topic", group.topics)
            return
        options = ["--group", group.name, "--include", group.topics, "--from-beginning", *group.options]
        options += ["--command-property", "auto.commit.interval.ms=1000"]
        if not group.records_per_second:
            self._spawn(group.tool, *options)
            return
        # Small fetches, so that it works on all partitions.
        options += ["--command-property", "max.poll.records=5", "--command-property", "max.partition.fetch.bytes=4000"]
        consumer = self._spawn(group.tool, *options, stdout=subprocess.PIPE, pipesize=4096, bufsize=0)
        threading.Thread(target=_read_slowly, args=(consumer, group.records_per_second), daemon=True).start()

    def _spawn(self, tool: str, *options: object, **how) -> subprocess.Popen:
        how.setdefault("stdout", subprocess.DEVNULL)
        command = kafka_tools.command(self.cluster.libs, tool, "--bootstrap-server", self.cluster.bootstrap(), *options)
        process = processes.spawn(command, self._log(tool), **how)
        self.tools.append(process)
        return process

    def _log(self, tool: str) -> Path:
        return self.cluster.root / f"{tool}.log"


def _read_slowly(consumer: subprocess.Popen, records_per_second: int) -> None:
    """Reads a consumer's output at this rate, to slow it down."""
    assert consumer.stdout
    while consumer.stdout.read(200 + 1):  # A record and its newline.
        time.sleep(1 / records_per_second)
