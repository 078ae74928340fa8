"""Compares the encoders and decoders of exporter/protocol/ with Kafka's own definitions of the protocol.

For each request kind and version: our requests must decode by Kafka's definition, and our decoders must return
the values of responses encoded by the definition (all fields different, some null, with unknown tagged fields).

    KAFKA_CLIENTS_JAR=kafka-clients-4.3.1.jar PROTOCOL_DUMP=build/kafkascope_protocol_dump python3 layout_test.py  (or pytest)
"""

import itertools
import os
import random
import subprocess

import expected
from definitions import FIXED, Definitions, nullable

ROUNDS = 20
API_VERSIONS = 18  # Its tagged fields are decoded.
FIRST_UNKNOWN_TAG = 4
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
    """Makes a response in which all fields differ, so that swapped fields are detected."""

    def __init__(self, message, version, seed):
        self.message, self.version, self.random = message, version, random.Random(seed)
        self.number = itertools.count(1)

    def struct(self, fields):
        decoded = self.message.fields_of(self.version, fields)
        if self.message.key == API_VERSIONS:
            tagged = self.message.tagged_fields(self.version, fields)
            decoded = decoded + [f for f in tagged if self.random.random() < 0.7]
        return {f["name"]: self.field(f) for f in decoded}

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
            bits = {"int8": 7, "int16": 15, "uint16": 16, "int32": 31, "int64": 63}[kind]
            value = self.random.getrandbits(bits) // 1000 * 1000 + number if bits > 16 else number % (1 << bits)
            return value if kind == "uint16" else self.random.choice([value, -value])
        if kind == "uuid":
            return self.random.randbytes(16)
        if kind == "string":
            return f"s{number}" + "x" * self.random.choice([0, 0, 0, 200])
        if kind == "bytes":
            return self.random.randbytes(self.random.choice([0, 1, 30, 300]))
        if kind == "records":
            return self.records()
        return self.struct(self.message.fields_inside(field, kind))

    def records(self):
        """Returns batches, some in an older format, the last one truncated; some end before offset 1000."""
        records, offset = b"", 0
        for _ in range(self.random.choice([0, 1, 2, 3, 5])):
            numbers = [self.random.getrandbits(bits) for bits in (15, 8, 31, 62, 62, 62, 15, 31, 31)]
            attributes, span, checksum, first_time, newest_time, *rest = numbers
            magic = self.random.choice([2, 2, 2, 2, 1])
            payload = self.random.randbytes(self.random.choice([0, 10, 300]))
            length = expected.BATCH_HEADER.size - 12 + len(payload)
            header = (offset, length, 7, magic, checksum, attributes, span, first_time, newest_time, *rest)
            records += expected.BATCH_HEADER.pack(*header) + payload
            offset += span + self.random.choice([1, 300])
        return records[: len(records) - self.random.choice([0, 1, 20, 60])]

    def tags(self):
        numbers = sorted(self.random.sample(range(FIRST_UNKNOWN_TAG, 300), self.random.choice([0, 0, 1, 2])))
        return [(number, self.random.randbytes(self.random.choice([0, 1, 200]))) for number in numbers]


def arrays(message, version, fields, path=()):
    """Returns the path of field names to each array of structs."""
    for field in message.fields_of(version, fields):
        kind = field["type"].removeprefix("[]")
        if kind in FIXED or kind in ("string", "uuid", "bytes", "records"):
            continue
        inside = (*path, field["name"])
        if field["type"].startswith("[]"):
            yield inside
        yield from arrays(message, version, message.fields_inside(field, kind), inside)


def least(message, version, fields, path):
    """Returns the shortest response with 200 elements in the array at `path`: all else is empty, null or 0."""
    value = {}
    for field in message.fields_of(version, fields):
        name, kind = field["name"], field["type"].removeprefix("[]")
        inner = path[1:] if path[:1] == (name,) else None
        if kind in FIXED or kind in ("string", "uuid", "bytes", "records"):
            continue
        if inner is None and (nullable(field, version) or field["type"].startswith("[]")):
            value[name] = None if nullable(field, version) else []
            continue
        one = least(message, version, message.fields_inside(field, kind), inner or ())
        value[name] = [one] * (1 if inner else 200) if field["type"].startswith("[]") else one
    return value


def link_tasks(answer, choice):
    """Most tasks of Streams members belong to subtopologies of the group."""
    for group in answer["Groups"]:
        known = [s["SubtopologyId"] for s in (group["Topology"] or {}).get("Subtopologies") or []]
        for member in group["Members"]:
            for tasks in [*member["Assignment"].values(), *member["TargetAssignment"].values()]:
                for task in tasks:
                    task["SubtopologyId"] = choice([*known, task["SubtopologyId"]])


def group_requests(field, groups=("one", "two", "x" * 200)):
    return [(groups, {field: list(groups), "IncludeAuthorizedOperations": False})]


def offset_fetch_requests(version):
    stable = {"RequireStable": False} if version >= 7 else {}
    if version < 8:
        return [(["one"], {"GroupId": "one", "Topics": None, **stable})]
    member = {"MemberId": None, "MemberEpoch": -1} if version >= 9 else {}
    groups = ["one", "two", "x" * 200]
    return [(groups, {"Groups": [{"GroupId": g, **member, "Topics": None} for g in groups], **stable})]


def list_offsets_requests():
    partitions = {"a": [(3, -1), (4, 1_700_000_000_000)], "b": [(0, -2)], "c": []}
    partition = {"CurrentLeaderEpoch": -1}
    topics = [
        {"Name": name, "Partitions": [{"PartitionIndex": i, **partition, "Timestamp": t} for i, t in asked]}
        for name, asked in partitions.items()
    ]
    arguments = [f"{name}=" + ",".join(f"{i}:{t}" for i, t in asked) for name, asked in partitions.items()]
    return [(arguments, {"ReplicaId": -1, "IsolationLevel": 1, "Topics": topics})]


def describe_topic_partitions_requests():
    cursors = {"- 0": None, "two 7": {"TopicName": "two", "PartitionIndex": 7}}
    topics = [{"Name": "one"}, {"Name": "two"}]
    return [
        (["300", *words.split(), "one", "two"], {"Topics": topics, "ResponsePartitionLimit": 300, "Cursor": cursor})
        for words, cursor in cursors.items()
    ]


def fetch_requests(version):
    last_fetched = {"LastFetchedEpoch": -1} if version >= 12 else {}
    partition = {"Partition": 3, "CurrentLeaderEpoch": -1, "FetchOffset": 5_000_000_000, **last_fetched}
    partition |= {"LogStartOffset": -1, "PartitionMaxBytes": 1024}
    limits = {"MaxWaitMs": 0, "MinBytes": 0, "MaxBytes": 50_000_000}
    session = {"SessionId": 0, "SessionEpoch": -1, "ForgottenTopicsData": []}
    topics = [{"Topic": "orders", "Partitions": [partition]}]
    request = {"ReplicaId": -1, **limits, "IsolationLevel": 0, **session, "Topics": topics, "RackId": ""}
    return [(["orders", "3", "5000000000"], request)]


def list_transactions_requests(version):
    filters = {"StateFilters": [], "ProducerIdFilters": [], "DurationFilter": -1, "TransactionalIdPattern": None}
    return [([], dict(list(filters.items())[: 2 + version]))]


def describe_producers_requests():
    asked = {"a": [3, 4], "b": [0]}
    topics = [{"Name": name, "PartitionIndexes": indexes} for name, indexes in asked.items()]
    return [([f"{name}=" + ",".join(map(str, indexes)) for name, indexes in asked.items()], {"Topics": topics})]


def metadata_requests(version):
    flags = ("AllowAutoTopicCreation", "IncludeClusterAuthorizedOperations", "IncludeTopicAuthorizedOperations")
    one = ({"TopicId": bytes(16)} if version >= 10 else {}) | {"Name": "orders"}
    return [(words, {"Topics": topics, **dict.fromkeys(flags, False)}) for words, topics in (([], None), (["orders"], [one]))]


def requests(api, version):
    """Returns arguments for protocol_dump, and the expected fields of our request by the definition."""
    share_groups = [{"GroupId": g, "Topics": None} for g in ("one", "two")]
    metadata_log = [{"TopicName": "__cluster_metadata", "Partitions": [{"PartitionIndex": 0}]}]
    return {
        "Metadata": lambda: metadata_requests(version),
        "ListGroups": lambda: [([], {name: [] for name in ["StatesFilter", "TypesFilter"][: version - 3]})],
        "DescribeGroups": lambda: group_requests("Groups"),
        "ConsumerGroupDescribe": lambda: group_requests("GroupIds"),
        "OffsetFetch": lambda: offset_fetch_requests(version),
        "ListOffsets": list_offsets_requests,
        "ShareGroupDescribe": lambda: group_requests("GroupIds"),
        "StreamsGroupDescribe": lambda: group_requests("GroupIds"),
        "DescribeShareGroupOffsets": lambda: [(["one", "two"], {"Groups": share_groups})],
        "DescribeLogDirs": lambda: [([], {"Topics": None})],
        "DescribeQuorum": lambda: [([], {"Topics": metadata_log})],
        "ListPartitionReassignments": lambda: [(["7000"], {"TimeoutMs": 7000, "Topics": None})],
        "DescribeTopicPartitions": describe_topic_partitions_requests,
        "Fetch": lambda: fetch_requests(version),
        "ListTransactions": lambda: list_transactions_requests(version),
        "DescribeTransactions": lambda: [(["one", "two"], {"TransactionalIds": ["one", "two"]})],
        "DescribeProducers": describe_producers_requests,
        "ApiVersions": lambda: [([], {"ClientSoftwareName": "kafkascope", "ClientSoftwareVersion": "unknown"})],
    }[api]()


def apis(dump):
    for line in dump("apis").splitlines():
        name, *numbers = line.split()
        yield name, *map(int, numbers)


def valid_versions(message):
    first, _, last = message.valid_versions.partition("-")
    return int(first), int(last or first)


def check_answers(dump, message, name, version):
    flexible = message.flexible(version)
    for seed in range(ROUNDS):
        maker = Maker(message, version, seed)
        answer = maker.struct(message.fields)
        if name == "StreamsGroupDescribe":
            link_tasks(answer, maker.random.choice)
        data = message.encode(version, answer, maker.tags if flexible else None)
        told = dump("answer", name, version, data.hex())
        lines = expected.ANSWERS[name](answer)
        assert told == "".join(line + "\n" for line in lines), f"{name} v{version}, seed {seed}"


def test_keys_and_versions():
    with Dump() as dump:
        found = list(apis(dump))
        assert {name for name, *_ in found} == set(expected.ANSWERS)
        for name, key, first, last, first_flexible in found:
            for message in (definitions.message(name + "Request"), definitions.message(name + "Response")):
                assert message.key == key
                known_first, known_last = valid_versions(message)
                assert known_first <= first <= last <= known_last
                assert message.flexible_versions == f"{first_flexible}+"


def test_answers():
    with Dump() as dump:
        for name, _, first, last, _ in apis(dump):
            for version in range(first, last + 1):
                check_answers(dump, definitions.message(name + "Response"), name, version)


def test_least_answers():
    """Checks that no valid response is refused as too short."""
    with Dump() as dump:
        for name, _, first, last, _ in apis(dump):
            message = definitions.message(name + "Response")
            for version in range(first, last + 1):
                for path in arrays(message, version, message.fields):
                    data = message.encode(version, least(message, version, message.fields, path))
                    answer, _ = message.decode(version, data)
                    told = dump("answer", name, version, data.hex())
                    lines = expected.ANSWERS[name](answer)
                    assert told == "".join(line + "\n" for line in lines), f"{name} v{version}, {path}"


def test_assignments():
    message = definitions.message("ConsumerProtocolAssignment")
    first, last = valid_versions(message)
    with Dump() as dump:
        for version in range(first, last + 1):
            for seed in range(ROUNDS):
                answer = Maker(message, version, seed).struct(message.fields)
                data = version.to_bytes(2, "big") + message.encode(version, answer)
                told = dump("answer", "ConsumerProtocolAssignment", 0, data.hex())
                assert told == "".join(line + "\n" for line in expected.assignment(answer))


def test_requests():
    with Dump() as dump:
        for name, _, first, last, _ in apis(dump):
            for version in range(first, last + 1):
                message = definitions.message(name + "Request")
                for arguments, meant in requests(name, version):
                    ours = bytes.fromhex(dump("request", name, version, *arguments))
                    request, rest = message.decode(version, ours + (b"\0" if message.flexible(version) else b""))
                    assert (request, rest) == (meant, b""), f"{name} v{version}"


if __name__ == "__main__":
    for test in (test_keys_and_versions, test_answers, test_least_answers, test_assignments, test_requests):
        test()
        print(test.__name__, "passed")
