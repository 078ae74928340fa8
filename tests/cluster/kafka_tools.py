"""Runs Kafka's command-line tools from the jars, like bin/kafka-*.sh."""

from __future__ import annotations

import subprocess
import threading
from collections import defaultdict
from pathlib import Path

import kafka_jars
import processes
from kafka_cluster import Cluster, java

CLASSES = {
    "kafka-acls": "org.apache.kafka.tools.AclCommand",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-console-share-consumer": "org.apache.kafka.tools.consumer.ConsoleShareConsumer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "kafka-features": "org.apache.kafka.tools.FeatureCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-groups": "org.apache.kafka.tools.GroupsCommand",
    "kafka-leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
    "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "kafka-metadata-quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
    "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "kafka-reassign-partitions": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
    "kafka-share-groups": "org.apache.kafka.tools.consumer.group.ShareGroupCommand",
    "kafka-streams-groups": "org.apache.kafka.tools.streams.StreamsGroupCommand",
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-transactions": "org.apache.kafka.tools.TransactionsCommand",
    "kafka-verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
    "connect-distributed": "org.apache.kafka.connect.cli.ConnectDistributed",
}
SERVER = Path(__file__).parent / "ToolServer.java"


def command(libs: Path, tool: str, *arguments: object) -> list[str]:
    """Returns the command line of `tool`, a name without .sh."""
    return [*java(libs), CLASSES[tool], *map(str, arguments)]


def run(libs: Path, tool: str, *arguments: object) -> str:
    """Runs `tool` and returns its output."""
    return processes.run(command(libs, tool, *arguments))


class ToolError(Exception):
    """A tool failed; the text is its output."""


class _Server:
    """A process that runs tools one after the other, ten times as fast as separate processes."""

    def __init__(self, libs: Path) -> None:
        self.lock = threading.Lock()
        command = [*java(libs, heap_mb=256), SERVER]
        self.process = processes.spawn(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def run(self, name: str, arguments: tuple[object, ...], timeout: float) -> str:
        line = "\t".join([CLASSES.get(name, name), *map(str, arguments)])
        assert "\n" not in line
        with self.lock:
            guard = threading.Timer(timeout, self.process.kill)
            guard.start()
            try:
                self.process.stdin.write(f"{line}\n".encode())
                self.process.stdin.flush()
                head = self.process.stdout.readline().split()
                if not head:
                    raise RuntimeError(f"{name} did not end within {timeout:.0f} s: {line}")
                said = self.process.stdout.read(int(head[1])).decode()
            finally:
                guard.cancel()
        if head[0] != b"0":
            raise ToolError(f"{line}:\n{said}")
        return said


_servers: list[_Server] = []
_making = threading.Lock()


def ask(cluster: Cluster, tool: str, *arguments: object, timeout: float = 60) -> str:
    """Returns the output of `tool`; ToolError if it fails. Uses the newest release's tool for all clusters."""
    broker = cluster.alive or cluster.ids
    server = ",".join(f"localhost:{cluster.ports['PLAINTEXT'][id]}" for id in broker)
    return _run(tool, ("--bootstrap-server", server, *arguments), timeout)


def beans(cluster: Cluster, id: int, *patterns: str) -> dict[str, dict[str, str]]:
    """Returns the JMX beans of a broker or controller that match: {name: {attribute: value}}."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for line in _run("jmx", (cluster.jmx[id], *patterns), timeout=60).splitlines():
        name, attribute, value = line.split("\t", 2)
        found[name][attribute] = value
    return dict(found)


def _run(name: str, arguments: tuple[object, ...], timeout: float) -> str:
    with _making:
        if not _servers or _servers[-1].process.poll() is not None:
            _servers.append(_Server(kafka_jars.ensure()))
        server = _servers[-1]
    return server.run(name, arguments, timeout)
