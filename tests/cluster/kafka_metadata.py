"""Reads metadata from a broker with one raw request, without a Kafka library."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field


@dataclass
class Partition:
    leader: int
    replicas: list[int]
    isr: list[int]

    @property
    def whole(self) -> bool:
        return self.leader >= 0 and len(self.isr) == len(self.replicas)


@dataclass
class Metadata:
    cluster_id: str | None = None
    controller: int = -1  # With ZooKeeper. With KRaft an arbitrary broker.
    brokers: dict[int, tuple[str, int, str | None]] = field(default_factory=dict)  # id: (host, port, rack)
    topics: dict[str, dict[int, Partition]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Returns whether every partition has a leader and all replicas in sync."""
        return all(partition.whole for topic in self.topics.values() for partition in topic.values())


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, code: str) -> int:
        value = struct.unpack_from(">" + code, self.data, self.at)[0]
        self.at += struct.calcsize(code)
        return value

    def text(self) -> str | None:
        size = self.number("h")
        if size < 0:
            return None
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def ids(self) -> list[int]:
        return [self.number("i") for _ in range(self.number("i"))]


def ask(port: int, timeout: float = 3) -> Metadata:
    """Returns metadata (version 4) of all topics from the broker on 127.0.0.1:`port` (plaintext); OSError on timeout.
    """
    return _decode(_exchange(port, 3, 4, struct.pack(">ib", -1, 0), timeout))


def reassign(port: int, topic: str, partition: int, replicas: list[int], timeout: float = 10) -> None:
    """Reassigns a partition with a raw AlterPartitionReassignments request (version 0). Kafka's own tool also reads log
    directories, which fails in a chroot.
    """
    nodes = struct.pack(f">B{len(replicas)}i", len(replicas) + 1, *replicas)
    moved = b"\2" + struct.pack(">i", partition) + nodes + b"\0"
    topics = b"\2" + bytes([len(topic) + 1]) + topic.encode() + moved + b"\0"
    answer = _exchange(port, 45, 0, b"\0" + struct.pack(">i", int(timeout * 1000)) + topics + b"\0", timeout)
    error = struct.unpack_from(">h", answer, 9)[0]  # After correlation id, tags and throttle time.
    if error:
        raise RuntimeError(f"reassigning {topic}/{partition}: Kafka's error {error}")


def _exchange(port: int, key: int, version: int, body: bytes, timeout: float) -> bytes:
    client = b"testbed"
    request = struct.pack(">hhih", key, version, 1, len(client)) + client + body
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.settimeout(timeout)
        connection.sendall(struct.pack(">i", len(request)) + request)
        return _receive(connection, struct.unpack(">i", _receive(connection, 4))[0])


def _receive(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the broker closed the connection")
        data += piece
    return data


def _decode(answer: bytes) -> Metadata:
    reader, metadata = _Reader(answer), Metadata()
    reader.number("i")  # Correlation id.
    reader.number("i")  # Throttle time.
    for _ in range(reader.number("i")):
        broker = reader.number("i")
        metadata.brokers[broker] = (reader.text() or "", reader.number("i"), reader.text())
    metadata.cluster_id = reader.text()
    metadata.controller = reader.number("i")
    for _ in range(reader.number("i")):
        reader.number("h")  # Error: visible as a missing leader.
        name = reader.text() or ""
        reader.number("b")  # Internal.
        partitions = metadata.topics[name] = {}
        for _ in range(reader.number("i")):
            reader.number("h")
            index, leader = reader.number("i"), reader.number("i")
            partitions[index] = Partition(leader, reader.ids(), reader.ids())
    return metadata
