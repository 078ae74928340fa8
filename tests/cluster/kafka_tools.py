"""Kafka's own command-line tools, run from the jars: what bin/kafka-*.sh would call."""

from __future__ import annotations

from pathlib import Path

import processes
from kafka_cluster import java

CLASSES = {
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-console-share-consumer": "org.apache.kafka.tools.consumer.ConsoleShareConsumer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
    "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "kafka-share-groups": "org.apache.kafka.tools.consumer.group.ShareGroupCommand",
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
    "connect-distributed": "org.apache.kafka.connect.cli.ConnectDistributed",
}


def command(libs: Path, tool: str, *arguments: object) -> list[str]:
    """The command line of `tool`, a name without the .sh."""
    return [*java(libs), CLASSES[tool], *map(str, arguments)]


def run(libs: Path, tool: str, *arguments: object) -> str:
    """Runs `tool` to its end and returns what it printed."""
    return processes.run(command(libs, tool, *arguments))
