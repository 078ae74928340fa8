"""Creates topics, records and commits with confluent-kafka."""

from __future__ import annotations

import os
from collections.abc import Iterable

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

import processes
from kafka_cluster import Cluster


class Admin:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.bootstrap = {"bootstrap.servers": cluster.bootstrap(), "log_level": 0}
        self.client = AdminClient(self.bootstrap)

    def create_topic(
        self,
        name: str,
        partitions: int = 1,
        replicas: int = 1,
        assignment: list[list[int]] | None = None,
        **config: str,
    ) -> None:
        """Creates a topic and waits until every broker knows it. `assignment`: replicas of each partition."""
        config = {key.replace("_", "."): value for key, value in config.items()}
        if assignment:
            topic = NewTopic(name, len(assignment), replica_assignment=assignment, config=config)
        else:
            topic = NewTopic(name, partitions, replicas, config=config)
        self.client.create_topics([topic])[name].result(30)
        processes.wait_until(
            lambda: all(name in self.cluster.metadata(id).topics for id in self.cluster.alive), f"topic {name}", 60
        )
        self.cluster.ready()

    def configure(self, kind: str, name: str, **config: object) -> None:
        """Sets (None: removes) settings of a "topic", "broker" or "group"; keys have underscores instead of dots."""
        set_, unset = AlterConfigOpType.SET, AlterConfigOpType.DELETE
        entries = [
            ConfigEntry(key.replace("_", "."), value and str(value), incremental_operation=set_ if value else unset)
            for key, value in config.items()
        ]
        resource = ConfigResource(ResourceType[kind.upper()], name, incremental_configs=entries)
        self.client.incremental_alter_configs([resource])[resource].result(30)

    def delete_topic(self, name: str) -> None:
        self.client.delete_topics([name])[name].result(30)

    def delete_group(self, name: str) -> None:
        self.client.delete_consumer_groups([name])[name].result(30)

    def produce(self, topic: str, partitions: Iterable[int], each: int, **settings: object) -> dict[int, int]:
        """Produces `each` records to each partition. Returns the end offsets once all are acknowledged."""
        producer = Producer({**self.bootstrap, "linger.ms": 5, **settings})
        ends: dict[int, int] = {}
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error:
                failures.append(error)
            else:
                ends[message.partition()] = max(message.offset() + 1, ends.get(message.partition(), 0))

        for partition in partitions:
            for number in range(each):
                producer.produce(topic, f"{number}", partition=partition, on_delivery=delivered)
        left = producer.flush(60)
        assert not left and not failures, f"{left} records not delivered, {failures[:3]}"
        return ends

    def produce_at(self, topic: str, partition: int, times: Iterable[float]) -> None:
        """Produces a record for each of these timestamps (Unix time), in order."""
        producer = Producer({**self.bootstrap, "linger.ms": 5})
        for seconds in times:
            producer.produce(topic, b"x" * 100, partition=partition, timestamp=round(seconds * 1000))
        assert producer.flush(60) == 0

    def produce_size(self, topic: str, partitions: Iterable[int], megabytes: int) -> None:
        """Produces this much incompressible data to each partition."""
        producer = Producer({**self.bootstrap, "linger.ms": 5})
        for partition in partitions:
            for _ in range(megabytes * 10):
                producer.produce(topic, os.urandom(100_000), partition=partition)
        assert producer.flush(60) == 0

    def commit(self, group: str, offsets: dict[tuple[str, int], int]) -> None:
        """Commits without being a member."""
        consumer = Consumer({**self.bootstrap, "group.id": group})
        wanted = [TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()]
        try:
            _retried(lambda: consumer.commit(offsets=wanted, asynchronous=False))
        finally:
            consumer.close()

    def alter_offsets(self, group: str, offsets: dict[tuple[str, int], int]) -> None:
        """Sets offsets of a group without members with the admin API."""
        wanted = [TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()]
        request = [ConsumerGroupTopicPartitions(group, wanted)]
        _retried(lambda: self.client.alter_consumer_group_offsets(request)[group].result(30))

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        partitions = self.client.delete_records([TopicPartition(topic, partition, before)])
        next(iter(partitions.values())).result(30)


def _retried(attempt) -> None:
    """Retries while coordinators of a new cluster are not available."""
    for _ in range(30):
        try:
            attempt()
            return
        except KafkaException as error:
            last = error
            if not error.args[0].retriable() and error.args[0].code() not in (
                KafkaError.COORDINATOR_NOT_AVAILABLE,
                KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
                KafkaError.NOT_COORDINATOR,
                KafkaError._WAIT_COORD,
            ):
                raise
    raise last
