#!/usr/bin/env python3
"""Captures the responses in answers/ from a real broker. Run by hand when a request kind or version is added.

    KAFKA_CLIENTS_JAR=kafka-clients-4.3.1.jar ./capture.py localhost:9092 answers/kafka-4.3.1

wants a fresh cluster of brokers 1 and, if you like, 2, with offsets.topic.num.partitions=1, broker.rack=rack-<id> and
auto.create.topics.enable=false. It makes what the tests expect there: the topics "orders" and "audit", and groups of
every type that the broker knows (confluent-kafka for those that a client makes; connect, share and streams groups by
requests of our own). Then it asks by each request kind in each version that both sides know, and writes the answers'
bodies, without header, to <api>-v<version>[-<what>].bin. With broker 2 killed since, and out of the cluster,

    ./capture.py localhost:9092 answers/kafka-4.3.1 --broker-down

adds the metadata that a cluster tells then.
"""

import argparse
import os
import pathlib
import socket
import struct
import time
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from definitions import Definitions

ANSWERS = {  # by name in exporter/protocol/: definition and versions
    "metadata": ("Metadata", 9, 10),
    "list_groups": ("ListGroups", 3, 5),
    "describe_groups": ("DescribeGroups", 5, 6),
    "consumer_group_describe": ("ConsumerGroupDescribe", 0, 1),
    "offset_fetch": ("OffsetFetch", 6, 9),
    "list_offsets": ("ListOffsets", 5, 7),
}
FIRST_TIMESTAMP = 1_700_000_000_000
LATEST, EARLIEST = -1, -2
COMMITTING_GROUPS = ["classic-group", "consumer-group", "simple-group", "empty-group", "share-group", "no-such-group"]

definitions = Definitions(os.environ["KAFKA_CLIENTS_JAR"])


class Broker:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        keys = self.ask("ApiVersions", 0, {})["ApiKeys"]
        self.versions = {k["ApiKey"]: (k["MinVersion"], k["MaxVersion"]) for k in keys}

    def knows(self, api, version):
        first, last = self.versions.get(definitions.message(api + "Request").key, (0, -1))
        return first <= version <= last

    def ask_bytes(self, api, version, request):
        message = definitions.message(api + "Request")
        header = struct.pack(">hhi", message.key, version, 1) + b"\0\7capture"
        frame = header + (b"\0" if message.flexible(version) else b"") + message.encode(version, request)
        self.socket.sendall(struct.pack(">i", len(frame)) + frame)
        answer = self.receive(struct.unpack(">i", self.receive(4))[0])
        tagged_header = message.flexible(version) and api != "ApiVersions"
        return answer[5 if tagged_header else 4 :]

    def ask(self, api, version, request):
        answer, rest = definitions.message(api + "Response").decode(version, self.ask_bytes(api, version, request))
        assert not rest
        return answer

    def receive(self, size):
        data = b""
        while len(data) < size:
            data += self.socket.recv(size - len(data)) or exit("the broker closed the connection")
        return data


def make_topic(broker, name, replicas):
    assignments = [{"PartitionIndex": index, "BrokerIds": ids} for index, ids in enumerate(replicas)]
    topic = {"Name": name, "NumPartitions": -1, "ReplicationFactor": -1, "Assignments": assignments}
    answer = broker.ask("CreateTopics", 4, {"Topics": [topic], "timeoutMs": 10000})
    assert answer["Topics"][0]["ErrorCode"] == 0, answer


def fill_topic(bootstrap):
    """Produces five records, one per second, to partitions 0, 2 and 3 of "orders"; deletes the first two of 2."""
    producer = Producer({"bootstrap.servers": bootstrap})
    for partition in (0, 2, 3):
        for i in range(5):
            producer.produce("orders", b"x", partition=partition, timestamp=FIRST_TIMESTAMP + 1000 * i)
    assert producer.flush(20) == 0
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for result in admin.delete_records([TopicPartition("orders", 2, 2)]).values():
        result.result()


def consumer(bootstrap, group, **more):
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "client.id": group + "-client",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            **{key.replace("_", "."): value for key, value in more.items()},
        }
    )


def join(member):
    member.subscribe(["orders"])
    while len(member.assignment()) < 4:
        member.poll(0.1)


def commit(member, *offsets):
    for partition, offset, metadata in offsets:
        position = TopicPartition("orders", partition, offset, metadata=metadata)
        member.commit(offsets=[position], asynchronous=False)


def make_client_groups(bootstrap, with_consumer_protocol):
    """Returns the members that must keep running."""
    simple = consumer(bootstrap, "simple-group")
    simple.assign([TopicPartition("orders", 3)])
    commit(simple, (3, 1, ""))
    simple.close()
    leaver = consumer(bootstrap, "empty-group")
    join(leaver)
    commit(leaver, (0, 0, ""))
    leaver.close()
    classic = consumer(bootstrap, "classic-group", group_instance_id="instance-1")
    join(classic)
    commit(classic, (0, 4, "checkpoint"), (2, 2, ""))
    if not with_consumer_protocol:
        return [classic]
    member = consumer(bootstrap, "consumer-group", group_protocol="consumer", group_instance_id="instance-2")
    join(member)
    commit(member, (0, 5, ""))
    return [classic, member]


def make_connect_group(broker):
    request = {
        "GroupId": "connect-cluster",
        "SessionTimeoutMs": 30000,
        "RebalanceTimeoutMs": 30000,
        "ProtocolType": "connect",
        "Protocols": [{"Name": "sessioned", "Metadata": b"where I am"}],
    }
    request["MemberId"] = broker.ask("JoinGroup", 5, request)["MemberId"]
    joined = broker.ask("JoinGroup", 5, request)
    assert joined["ErrorCode"] == 0, joined
    given = [{"MemberId": joined["MemberId"], "Assignment": b"what to run"}]
    request = {"GroupId": "connect-cluster", "GenerationId": joined["GenerationId"], "MemberId": joined["MemberId"]}
    assert broker.ask("SyncGroup", 3, {**request, "Assignments": given})["ErrorCode"] == 0


def make_share_group(broker):
    member = {"GroupId": "share-group", "MemberId": str(uuid.uuid4()), "SubscribedTopicNames": ["orders"]}
    answer = broker.ask("ShareGroupHeartbeat", 1, member)
    assert answer["ErrorCode"] == 0, answer


def make_streams_group(broker, group="streams-group", topic="orders"):
    member = {
        "GroupId": group,
        "MemberId": str(uuid.uuid4()),
        "RebalanceTimeoutMs": 30000,
        "Topology": {"Epoch": 1, "Subtopologies": [{"SubtopologyId": "0", "SourceTopics": [topic]}]},
        "ActiveTasks": [],
        "StandbyTasks": [],
        "WarmupTasks": [],
        "ProcessId": "process-1",
        "ClientTags": [],
    }
    answer = broker.ask("StreamsGroupHeartbeat", 0, member)
    assert answer["ErrorCode"] == 0, answer


def metadata_request():
    return {"Topics": None, "AllowAutoTopicCreation": False, "IncludeClusterAuthorizedOperations": True}


def offset_fetch_request(version, groups):
    if version >= 8:
        return {"Groups": [{"GroupId": g, "MemberId": None, "Topics": None} for g in groups]}
    return {"GroupId": groups[0], "Topics": None}


def list_offsets_request():
    asked = [(0, LATEST), (1, LATEST), (2, EARLIEST), (3, FIRST_TIMESTAMP + 2500)]
    orders = [{"PartitionIndex": index, "Timestamp": timestamp} for index, timestamp in asked]
    nowhere = [{"PartitionIndex": 0, "Timestamp": LATEST}]
    return {
        "ReplicaId": -1,
        "Topics": [{"Name": "orders", "Partitions": orders}, {"Name": "no-such-topic", "Partitions": nowhere}],
    }


def request(api, version):
    return {
        "metadata": metadata_request,
        "list_groups": dict,
        "describe_groups": lambda: {"Groups": ["classic-group", "empty-group", "connect-cluster", "no-such-group"]},
        "consumer_group_describe": lambda: {"GroupIds": ["consumer-group", "no-such-group"]},
        "offset_fetch": lambda: offset_fetch_request(version, COMMITTING_GROUPS),
        "list_offsets": list_offsets_request,
    }[api]()


def capture(broker, folder, apis, what=""):
    for name in apis:
        api, first, last = ANSWERS[name]
        for version in range(first, last + 1):
            if broker.knows(api, version):
                answer = broker.ask_bytes(api, version, request(name, version))
                (folder / f"{name}-v{version}{what}.bin").write_bytes(answer)
                print(f"{name} v{version}{what}: {len(answer)} bytes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("broker", metavar="HOST:PORT")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--broker-down", action="store_true")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    host, port = arguments.broker.split(":")
    broker = Broker(host, int(port))
    if arguments.broker_down:
        capture(broker, arguments.folder, ["metadata"], "-broker_down")
        return

    brokers = broker.ask("Metadata", 9, metadata_request())["Brokers"]
    two = len(brokers) == 2
    make_topic(broker, "orders", [[1, 2], [2, 1], [1, 2], [1, 2]] if two else [[1]] * 4)
    make_topic(broker, "audit", [[2]] if two else [[1]])
    fill_topic(arguments.broker)
    members = make_client_groups(arguments.broker, broker.knows("ConsumerGroupHeartbeat", 0))
    found = broker.ask("FindCoordinator", 2, {"Key": "classic-group"})
    coordinator = Broker(found["Host"], found["Port"])
    make_connect_group(coordinator)
    if broker.knows("ShareGroupHeartbeat", 1):
        make_share_group(coordinator)
    if broker.knows("StreamsGroupHeartbeat", 0):
        make_streams_group(coordinator)
    time.sleep(3)  # for the members' last heartbeats
    capture(broker, arguments.folder, ["metadata", "list_offsets"])
    about_groups = ["list_groups", "describe_groups", "consumer_group_describe", "offset_fetch"]
    capture(coordinator, arguments.folder, about_groups)
    for other in brokers:
        if other["NodeId"] != found["NodeId"]:
            capture(Broker(other["Host"], other["Port"]), arguments.folder, ["offset_fetch"], "-wrong_coordinator")
    for member in members:
        member.close()


if __name__ == "__main__":
    main()
