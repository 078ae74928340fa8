"""Holds the codecs of exporter/protocol/ against Kafka's own definitions of the protocol.

For each request kind and version: our requests must read as Kafka's definition has them, and our decoders must tell of
answers made from the definition (every field different, null now and then, and with tagged fields that nobody knows
yet) what was put in.

    KAFKA_CLIENTS_JAR=kafka-clients-4.3.1.jar PROTOCOL_DUMP=build/protocol_dump python3 layout_test.py  (or pytest)
"""

import itertools
import os
import random
import subprocess

from definitions import FIXED, Definitions, nullable

ROUNDS = 20
definitions = Definitions(os.environ["KAFKA_CLIENTS_JAR"])


class Dump:
    def __init__(self):
        program = [os.environ["PROTOCOL_DUMP"]]
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        told = ""
        for line in self.process.stdout:
            if line == "end\n":
                return told
            told += line
        raise RuntimeError(f"protocol_dump died of: {' '.join(map(str, words))}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()


class Maker:
    """Makes an answer in which no two fields are the same, so that none can be taken for another."""

    def __init__(self, message, version, seed):
        self.message, self.version, self.random = message, version, random.Random(seed)
        self.number = itertools.count(1)

    def struct(self, fields):
        return {f["name"]: self.field(f) for f in self.message.fields_of(self.version, fields)}

    def field(self, field):
        if nullable(field, self.version) and self.random.random() < 0.2:
            return None
        kind = field["type"]
        if kind.startswith("[]"):
            length = self.random.choice([0, 1, 2, 3, 3, 200 if kind == "[]int32" else 3])
            return [self.one(field, kind[2:]) for _ in range(length)]
        return self.one(field, kind)

    def one(self, field, kind):
        number = next(self.number)
        if kind == "bool":
            return self.random.random() < 0.5
        if kind in FIXED:
            bits = {"int8": 7, "int16": 15, "int32": 31, "int64": 63}[kind]
            value = self.random.getrandbits(bits) // 1000 * 1000 + number if bits > 15 else number % (1 << bits)
            return self.random.choice([value, -value])
        if kind == "uuid":
            return self.random.randbytes(16)
        if kind == "string":
            return f"s{number}" + "x" * self.random.choice([0, 0, 0, 200])
        if kind == "bytes":
            return self.random.randbytes(self.random.choice([0, 1, 30, 300]))
        return self.struct(self.message.fields_inside(field, kind))

    def tags(self):
        numbers = sorted(self.random.sample(range(300), self.random.choice([0, 0, 1, 2])))
        return [(number, self.random.randbytes(self.random.choice([0, 1, 200]))) for number in numbers]


def text(value):
    return f'"{value or ""}"'


def array(values):
    return "[" + ",".join(map(str, values)) + "]"


def assignment(topics, name):
    return "assignment" + "".join(f" {text(t[name])}{array(t['Partitions'])}" for t in topics)


def expected_metadata(answer):
    for b in answer["Brokers"]:
        yield f"broker {b['NodeId']} {text(b['Host'])} {b['Port']} rack {text(b['Rack'])}"
    yield f"cluster {text(answer['ClusterId'])} controller {answer['ControllerId']}"
    for t in answer["Topics"]:
        topic_id = t["TopicId"].hex() if "TopicId" in t else ""
        yield (
            f"topic {text(t['Name'])} id {text(topic_id)} error {t['ErrorCode']} internal {int(t['IsInternal'])}"
            f" partitions {len(t['Partitions'])}"
        )
        for p in t["Partitions"]:
            yield (
                f"  partition {p['PartitionIndex']} error {p['ErrorCode']} leader {p['LeaderId']}"
                f" epoch {p['LeaderEpoch']} replicas {array(p['ReplicaNodes'])} in sync {array(p['IsrNodes'])}"
            )
    yield f"operations {answer['ClusterAuthorizedOperations']}"


def expected_list_groups(answer):
    yield f"error {answer['ErrorCode']}"
    for g in answer["Groups"]:
        yield (
            f"group {text(g['GroupId'])} protocol type {text(g['ProtocolType'])}"
            f" state {text(g.get('GroupState'))} type {text(g.get('GroupType'))}"
        )


def expected_describe_groups(answer):
    for g in answer["Groups"]:
        yield (
            f"group {text(g['GroupId'])} error {g['ErrorCode']} state {text(g['GroupState'])}"
            f" protocol type {text(g['ProtocolType'])} protocol {text(g['ProtocolData'])}"
        )
        for m in g["Members"]:
            yield (
                f"  member {text(m['MemberId'])} instance {text(m['GroupInstanceId'])} client {text(m['ClientId'])}"
                f" host {text(m['ClientHost'])} assignment {text(m['MemberAssignment'].hex())}"
            )


def expected_assignment(answer):
    yield assignment(answer["AssignedPartitions"], "Topic")


def expected_consumer_group_describe(answer):
    for g in answer["Groups"]:
        yield (
            f"group {text(g['GroupId'])} error {g['ErrorCode']} state {text(g['GroupState'])}"
            f" assignor {text(g['AssignorName'])}"
        )
        for m in g["Members"]:
            yield (
                f"  member {text(m['MemberId'])} instance {text(m['InstanceId'])} client {text(m['ClientId'])}"
                f" host {text(m['ClientHost'])} {assignment(m['Assignment']['TopicPartitions'], 'TopicName')}"
            )


def expected_offset_fetch(answer):
    for g in answer.get("Groups", [answer]):
        yield f"group {text(g.get('GroupId'))}"
        for t in g["Topics"]:
            yield f"  topic {text(t['Name'])}"
            for p in t["Partitions"]:
                yield f"    partition {p['PartitionIndex']} offset {p['CommittedOffset']} error {p['ErrorCode']}"
        yield f"  error {g['ErrorCode']}"


def expected_list_offsets(answer):
    for t in answer["Topics"]:
        yield f"topic {text(t['Name'])}"
        for p in t["Partitions"]:
            yield (
                f"  partition {p['PartitionIndex']} error {p['ErrorCode']}"
                f" timestamp {p['Timestamp']} offset {p['Offset']}"
            )


EXPECTED_ANSWERS = {
    "Metadata": expected_metadata,
    "ListGroups": expected_list_groups,
    "DescribeGroups": expected_describe_groups,
    "ConsumerGroupDescribe": expected_consumer_group_describe,
    "OffsetFetch": expected_offset_fetch,
    "ListOffsets": expected_list_offsets,
}


def expected_request(api, version, groups):
    """What our request must say, field by field of the definition."""
    if api == "Metadata":
        cluster = {"IncludeClusterAuthorizedOperations": True, "IncludeTopicAuthorizedOperations": False}
        return {"Topics": None, "AllowAutoTopicCreation": False, **cluster}
    if api == "ListGroups":
        return {name: [] for name in ["StatesFilter", "TypesFilter"][: version - 3]}
    if api == "DescribeGroups":
        return {"Groups": groups, "IncludeAuthorizedOperations": False}
    if api == "ConsumerGroupDescribe":
        return {"GroupIds": groups, "IncludeAuthorizedOperations": False}
    if api == "OffsetFetch":
        stable = {"RequireStable": False} if version >= 7 else {}
        if version < 8:
            return {"GroupId": groups[0], "Topics": None, **stable}
        member = {"MemberId": None, "MemberEpoch": -1} if version >= 9 else {}
        return {"Groups": [{"GroupId": g, **member, "Topics": None} for g in groups], **stable}
    partitions = {"a": [(3, -1), (4, 1_700_000_000_000)], "b": [(0, -2)], "c": []}
    topics = [
        {"Name": name, "Partitions": [{"PartitionIndex": i, "CurrentLeaderEpoch": -1, "Timestamp": t} for i, t in asked]}
        for name, asked in partitions.items()
    ]
    return {"ReplicaId": -1, "IsolationLevel": 1, "Topics": topics}


def apis(dump):
    for line in dump("apis").splitlines():
        name, *numbers = line.split()
        yield name, *map(int, numbers)


def check_answers(dump, message, name, version, expected):
    flexible = message.flexible(version)
    for seed in range(ROUNDS):
        maker = Maker(message, version, seed)
        answer = maker.struct(message.fields)
        data = message.encode(version, answer, maker.tags if flexible else None)
        told = dump("answer", name, version, data.hex())
        assert told == "".join(line + "\n" for line in expected(answer)), f"{name} v{version}, seed {seed}"


def test_keys_and_versions():
    with Dump() as dump:
        found = list(apis(dump))
        assert {name for name, *_ in found} == set(EXPECTED_ANSWERS)
        for name, key, first, last, first_flexible in found:
            for message in (definitions.message(name + "Request"), definitions.message(name + "Response")):
                assert message.key == key
                known_first, known_last = map(int, message.valid_versions.split("-"))
                assert known_first <= first <= last <= known_last
                assert message.flexible_versions == f"{first_flexible}+"


def test_answers():
    with Dump() as dump:
        for name, _, first, last, _ in apis(dump):
            for version in range(first, last + 1):
                check_answers(dump, definitions.message(name + "Response"), name, version, EXPECTED_ANSWERS[name])


def test_assignments():
    message = definitions.message("ConsumerProtocolAssignment")
    first, last = map(int, message.valid_versions.split("-"))
    with Dump() as dump:
        for version in range(first, last + 1):
            for seed in range(ROUNDS):
                answer = Maker(message, version, seed).struct(message.fields)
                data = version.to_bytes(2, "big") + message.encode(version, answer)
                told = dump("answer", "ConsumerProtocolAssignment", 0, data.hex())
                assert told == "".join(line + "\n" for line in expected_assignment(answer))


def test_requests():
    with Dump() as dump:
        for name, _, first, last, _ in apis(dump):
            for version in range(first, last + 1):
                one_group = name == "OffsetFetch" and version < 8
                groups = ["one"] if one_group else ["one", "two", "x" * 200]
                asked = ["a=3:-1,4:1700000000000", "b=0:-2", "c="] if name == "ListOffsets" else groups
                message = definitions.message(name + "Request")
                ours = bytes.fromhex(dump("request", name, version, *asked))
                request, rest = message.decode(version, ours + (b"\0" if message.flexible(version) else b""))
                assert (request, rest) == (expected_request(name, version, groups), b""), f"{name} v{version}"


if __name__ == "__main__":
    for test in (test_keys_and_versions, test_answers, test_assignments, test_requests):
        test()
        print(test.__name__, "passed")
