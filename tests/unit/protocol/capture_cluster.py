#!/usr/bin/env python3
"""Captures the responses in answers/ about a cluster and its share and Streams groups. Run by hand when such a
request kind or version is added.

    ./capture_cluster.py build/kafka/libs-4.3.1 answers/kafka-4.3.1 --streams build/kafka/streams-4.3.1
    ./capture_cluster.py build/kafka/libs-2.8.2 answers/kafka-2.8.2 --zookeeper

starts brokers from Kafka's jars (--streams: folder of the Streams jar), creates what the tests expect,
and writes responses like capture.py.
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "cluster"))
os.environ.setdefault("KAFKA_CLIENTS_JAR", str(ROOT / "build/kafka/libs-4.3.1/kafka-clients-4.3.1.jar"))

from confluent_kafka import Producer  # noqa: E402

import kafka_metadata  # noqa: E402
import kafka_tools  # noqa: E402
from capture import FIRST_TIMESTAMP, Broker, definitions, make_streams_group  # noqa: E402
from kafka_cluster import java  # noqa: E402
from processes import free_port, spawn, wait_until  # noqa: E402

CLUSTER_ID = "kafkascopeCaptures0000"
NO_SESSION = {"ReplicaId": -1, "MaxWaitMs": 0, "MinBytes": 0, "MaxBytes": 1, "SessionEpoch": -1}
BROKER, GROUP = 4, 32  # kinds of configuration


class Cluster:
    """Brokers 1 to 3, each with two log directories. With KRaft, 1 is the controller and the others are observers."""

    root = pathlib.Path("/tmp/kafka-capture")  # part of the responses

    def __init__(self, libs, zookeeper):
        self.libs, self.zookeeper = libs, zookeeper
        self.ids = [1, 2, 3]
        self.ports = {id: free_port() for id in [0, *self.ids]}  # 0: controller or ZooKeeper
        self.processes = {}
        self.root.mkdir()

    def start(self):
        if self.zookeeper:
            config = self.write(0, {"dataDir": self.root / "zk", "clientPort": self.ports[0], "tickTime": 2000})
            server = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
            self.processes[0] = spawn([*java(self.libs), server, config], self.root / "0.log")
        for id in self.ids:
            self.format(id)
            if id == 3:
                shutil.rmtree(self.log_dirs(id)[1], ignore_errors=True)
                self.log_dirs(id)[1].write_text("no folder")
            self.start_broker(id)
            wait_until(lambda id=id: id in self.brokers_seen(), f"broker {id} there", 60)

    def start_broker(self, id):
        command = [*java(self.libs, heap_mb=384), "kafka.Kafka", self.root / f"{id}.properties"]
        self.processes[id] = spawn(command, self.root / f"{id}.log")

    def kill(self, id):
        self.processes[id].kill()
        self.processes[id].wait()

    def stop(self):
        for process in self.processes.values():
            process.kill()
            process.wait()
        shutil.rmtree(self.root)

    def brokers_seen(self):
        try:
            return kafka_metadata.ask(self.ports[1]).brokers
        except OSError:
            return []

    def bootstrap(self):
        return f"localhost:{self.ports[1]}"

    def broker(self, id):
        return Broker("localhost", self.ports[id])

    def log_dirs(self, id):
        return [self.root / f"{id}-{name}" for name in "ab"]

    def format(self, id):
        common = {
            "log.dirs": ",".join(map(str, self.log_dirs(id))),
            "offsets.topic.num.partitions": 1,
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "group.streams.initial.rebalance.delay.ms": 0,
            "auto.create.topics.enable": False,
            "replica.fetch.max.bytes": 1,  # so that replicas are copied batch by batch
        }
        listener = f"PLAINTEXT://localhost:{self.ports[id]}"
        if self.zookeeper:
            zookeeper = {"zookeeper.connect": f"localhost:{self.ports[0]}", "zookeeper.session.timeout.ms": 60000}
            self.write(id, {"broker.id": id, "listeners": listener, **zookeeper, **common})
            return
        controller = f",CONTROLLER://localhost:{self.ports[0]}" if id == 1 else ""
        kraft = {
            "process.roles": "broker,controller" if id == 1 else "broker",
            "node.id": id,
            "controller.quorum.voters": f"1@localhost:{self.ports[0]}",
            "controller.listener.names": "CONTROLLER",
        }
        config = self.write(id, {**kraft, "listeners": listener + controller, **common})
        command = [*java(self.libs), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(config)]
        subprocess.run([*command, "--feature", "share.version=1"], check=True, stdout=subprocess.DEVNULL)

    def write(self, id, properties):
        path = self.root / f"{id}.properties"
        path.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        return path


class Capture:
    """Writes responses of one broker to a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, broker, name, api, request, what=""):
        """Captures every version that both the definition and the broker support."""
        message = definitions.message(api + "Request")
        first, _, last = message.valid_versions.partition("-")
        for version in range(int(first), int(last or first) + 1):
            if broker.knows(api, version) and (name != "fetch" or version in (11, 12)):
                answer = broker.ask_bytes(api, version, request)
                (self.folder / f"{name}-v{version}{what}.bin").write_bytes(answer)
                print(f"{name} v{version}{what}: {len(answer)} bytes")


def make_topic(broker, name, replicas, **configs):
    assignments = [{"PartitionIndex": index, "BrokerIds": ids} for index, ids in enumerate(replicas)]
    given = [{"Name": key.replace("_", "."), "Value": value} for key, value in configs.items()]
    topic = {"Name": name, "NumPartitions": -1, "ReplicationFactor": -1, "Assignments": assignments, "Configs": given}
    answer = broker.ask("CreateTopics", 4, {"Topics": [topic], "timeoutMs": 10000})
    assert answer["Topics"][0]["ErrorCode"] == 0, answer


def configure(broker, kind, name, **configs):
    given = [
        {"Name": key.replace("_", "."), "ConfigOperation": 0, "Value": value} for key, value in configs.items()
    ]
    request = {"Resources": [{"ResourceType": kind, "ResourceName": name, "Configs": given}]}
    answer = broker.ask("IncrementalAlterConfigs", 1 if broker.knows("IncrementalAlterConfigs", 1) else 0, request)
    assert answer["Responses"][0]["ErrorCode"] == 0, answer


def produce(cluster, topic, count, first_time, **properties):
    """Produces one batch."""
    producer = Producer({"bootstrap.servers": cluster.bootstrap(), "linger.ms": 100, **properties})
    if "transactional.id" in properties:
        producer.init_transactions(20)
        producer.begin_transaction()
    for i in range(count):
        producer.produce(topic, b"x", partition=0, timestamp=first_time + 1000 * i)
    assert producer.flush(20) == 0
    if "transactional.id" in properties:
        producer.commit_transaction(20)


def fetch(topic, partition, offset):
    asked = {"Partition": partition, "CurrentLeaderEpoch": -1, "FetchOffset": offset, "PartitionMaxBytes": 1}
    return {**NO_SESSION, "Topics": [{"Topic": topic, "Partitions": [asked]}]}


def capture_fetch(cluster, capture):
    """Produces five records, a transaction of three, and its marker."""
    broker = cluster.broker(1)
    produce(cluster, "orders", 5, FIRST_TIMESTAMP)
    produce(cluster, "orders", 3, FIRST_TIMESTAMP + 60_000, **{"transactional.id": "payments"})
    produce(cluster, "stamped", 2, FIRST_TIMESTAMP)
    wait_until(lambda: end_offset(broker, "orders") == 9, "the transaction's marker", 20)
    asked = {"records": 2, "transaction": 5, "marker": 8, "end": 9, "out_of_range": 100}
    for what, offset in asked.items():
        capture(broker, "fetch", "Fetch", fetch("orders", 0, offset), f"-{what}")
    capture(broker, "fetch", "Fetch", fetch("stamped", 0, 1), "-append_time")
    capture(broker, "fetch", "Fetch", fetch("no-such-topic", 0, 0), "-no_topic")
    capture(cluster.broker(3), "fetch", "Fetch", fetch("orders", 0, 0), "-not_leader")
    if cluster.zookeeper:
        produce(cluster, "old", 2, FIRST_TIMESTAMP)
        capture(broker, "fetch", "Fetch", fetch("old", 0, 0), "-old_format")


def end_offset(broker, topic):
    asked = [{"Name": topic, "Partitions": [{"PartitionIndex": 0, "Timestamp": -1}]}]
    return broker.ask("ListOffsets", 5, {"ReplicaId": -1, "Topics": asked})["Topics"][0]["Partitions"][0]["Offset"]


def capture_reassignments(cluster, capture):
    """Reassigns to broker 3 while it is suspended."""
    controller = cluster.broker(1)
    api, name = "ListPartitionReassignments", "list_partition_reassignments"
    asked = {"TimeoutMs": 10000, "Topics": None}
    capture(controller, name, api, asked, "-none")
    if cluster.zookeeper:
        capture(cluster.broker(2), name, api, asked, "-not_controller")
    cluster.processes[3].send_signal(signal.SIGSTOP)
    moves = [{"PartitionIndex": 0, "Replicas": [1, 3]}, {"PartitionIndex": 1, "Replicas": [1, 2, 3]}]
    request = {"TimeoutMs": 10000, "Topics": [{"Name": "moving", "Partitions": moves}]}
    answer = controller.ask("AlterPartitionReassignments", 0, request)
    assert all(p["ErrorCode"] == 0 for p in answer["Responses"][0]["Partitions"]), answer
    capture(controller, name, api, asked)
    cancel = [{"PartitionIndex": index, "Replicas": None} for index in (0, 1)]
    controller.ask(
        "AlterPartitionReassignments", 0, {"TimeoutMs": 10000, "Topics": [{"Name": "moving", "Partitions": cancel}]}
    )
    cluster.processes[3].send_signal(signal.SIGCONT)


def capture_log_dirs(cluster, capture):
    """Moves the only replica of "big" slowly to another directory; broker 3 lost a directory."""
    api, broker = "DescribeLogDirs", cluster.broker(2)
    configure(broker, BROKER, "2", replica_alter_log_dirs_io_max_bytes_per_second="1")
    produce(cluster, "big", 1, FIRST_TIMESTAMP)
    produce(cluster, "big", 3, FIRST_TIMESTAMP + 10_000)

    def replicas():
        dirs = broker.ask(api, 1, {"Topics": None})["Results"]
        return {
            p["IsFutureKey"]: (d["LogDir"], p["OffsetLag"])
            for d in dirs
            for t in d["Topics"]
            for p in t["Partitions"]
            if t["Name"] == "big"
        }

    away = next(str(d) for d in cluster.log_dirs(2) if str(d) != replicas()[False][0])
    request = {"Dirs": [{"Path": away, "Topics": [{"Name": "big", "Partitions": [0]}]}]}
    answer = broker.ask("AlterReplicaLogDirs", 1, request)
    assert answer["Results"][0]["Partitions"][0]["ErrorCode"] == 0, answer
    wait_until(lambda: replicas().get(True, (away, 0)) == (away, 3), "the copy behind", 20)
    capture(broker, "describe_log_dirs", api, {"Topics": None})
    capture(cluster.broker(3), "describe_log_dirs", api, {"Topics": None}, "-dir_offline")


def capture_share_group(cluster, capture):
    """Reads five records, then suspends the member while three more are produced."""
    broker = cluster.broker(1)
    produce(cluster, "jobs", 5, FIRST_TIMESTAMP)
    configure(broker, GROUP, "share-group", share_auto_offset_reset="earliest")
    arguments = ["--bootstrap-server", cluster.bootstrap(), "--topic", "jobs", "--group", "share-group"]
    command = kafka_tools.command(cluster.libs, "kafka-console-share-consumer", *arguments)
    member = spawn(command, cluster.root / "share.log")
    api = "DescribeShareGroupOffsets"
    offsets = {"Groups": [{"GroupId": group, "Topics": None} for group in ("share-group", "no-such-group")]}

    def coordinator():
        found = broker.ask("FindCoordinator", 2, {"Key": "share-group"})
        return found["ErrorCode"] == 0 and Broker(found["Host"], found["Port"])

    wait_until(coordinator, "a coordinator", 60)
    coordinator = coordinator()

    def partitions():
        topics = coordinator.ask(api, 1, offsets)["Groups"][0]["Topics"]
        return {p["PartitionIndex"]: p for t in topics for p in t["Partitions"]}

    wait_until(lambda: partitions().get(0, {}).get("Lag") == 0, "all is acknowledged", 60)
    member.send_signal(signal.SIGSTOP)
    produce(cluster, "jobs", 3, FIRST_TIMESTAMP + 60_000)
    wait_until(lambda: partitions()[0]["Lag"] == 3, "the lag", 20)
    capture(coordinator, "share_group_describe", "ShareGroupDescribe", {"GroupIds": ["share-group", "no-such-group"]})
    capture(coordinator, "describe_share_group_offsets", api, offsets)
    other = next(cluster.broker(id) for id in cluster.ids if cluster.ports[id] != coordinator.socket.getpeername()[1])
    capture(other, "describe_share_group_offsets", api, offsets, "-wrong_coordinator")
    capture(other, "share_group_describe", "ShareGroupDescribe", {"GroupIds": ["share-group"]}, "-wrong_coordinator")
    member.kill()


def capture_streams_group(cluster, capture, streams):
    """Runs an application with two threads, and a group whose topics are missing."""
    broker = cluster.broker(1)
    found = broker.ask("FindCoordinator", 2, {"Key": "streams-group"})
    coordinator = Broker(found["Host"], found["Port"])
    jars = [f"{cluster.libs}/*", f"{streams}/*"]
    command = [*java(cluster.libs, heap_mb=256)[:-1], ":".join(jars), pathlib.Path(__file__).with_name("Streams.java")]
    application = spawn(
        [*command, cluster.bootstrap(), "streams-group", cluster.root / "state"], cluster.root / "streams.log"
    )
    make_streams_group(coordinator, "streams-waiting", "no-such-topic")
    asked = {"GroupIds": ["streams-group", "streams-waiting", "no-such-group"]}

    def assigned():
        group = coordinator.ask("StreamsGroupDescribe", 0, asked)["Groups"][0]
        return len(group["Members"]) == 2 and group["GroupState"] == "Stable"

    wait_until(assigned, "two members that have their tasks", 60)
    capture(coordinator, "streams_group_describe", "StreamsGroupDescribe", asked)
    application.kill()


def capture_quorum(cluster, capture):
    asked = [{"TopicName": "__cluster_metadata", "Partitions": [{"PartitionIndex": 0}]}]
    capture(cluster.broker(2), "describe_quorum", "DescribeQuorum", {"Topics": asked})


def capture_topic_partitions(cluster, capture):
    """"fragile" has min.insync.replicas 2, on 2 and 3. Kills both; 3 comes back after an unclean shutdown."""
    broker = cluster.broker(1)
    topics = [{"Name": name} for name in ("fragile", "no-such-topic", "orders")]
    request = {"Topics": topics, "ResponsePartitionLimit": 2000, "Cursor": None}
    name, api = "describe_topic_partitions", "DescribeTopicPartitions"

    def partition():
        return broker.ask(api, 0, request)["Topics"][0]["Partitions"][0]

    capture(broker, name, api, request)
    capture(broker, name, api, {**request, "ResponsePartitionLimit": 2}, "-limited")
    cluster.kill(3)
    wait_until(lambda: partition()["IsrNodes"] == [2], "3 out of sync", 60)
    capture(broker, name, api, request, "-broker_down")
    cluster.kill(2)
    wait_until(lambda: partition()["LeaderId"] == -1, "no leader", 60)
    cluster.start_broker(3)
    wait_until(lambda: 3 in cluster.brokers_seen() and partition()["LastKnownElr"], "3 is back", 60)
    capture(broker, name, api, request, "-last_known")


def capture_all(cluster, capture, streams):
    broker = cluster.broker(1)
    make_topic(broker, "orders", [[1], [1]])
    make_topic(broker, "jobs", [[1], [1]])
    make_topic(broker, "stamped", [[1]], message_timestamp_type="LogAppendTime")
    make_topic(broker, "moving", [[1, 2], [1, 2]])
    make_topic(broker, "fragile", [[2, 3]], min_insync_replicas="2")
    make_topic(broker, "big", [[2]])
    if cluster.zookeeper:
        make_topic(broker, "old", [[1]], message_format_version="0.10.2")
    capture_fetch(cluster, capture)
    capture_log_dirs(cluster, capture)
    if not cluster.zookeeper:
        capture_share_group(cluster, capture)
        capture_streams_group(cluster, capture, streams.resolve())
        capture_quorum(cluster, capture)
    capture_reassignments(cluster, capture)
    if not cluster.zookeeper:
        capture_topic_partitions(cluster, capture)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("libs", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--zookeeper", action="store_true")
    parser.add_argument("--streams", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(arguments.libs.resolve(), arguments.zookeeper)
    try:
        cluster.start()
        capture_all(cluster, Capture(arguments.folder), arguments.streams)
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
