"""Expected output of protocol_dump for a response, given its value in the form of definitions.py (see render.h)."""

import struct

# Fields of a record batch, which Kafka's definitions do not contain: base offset, length of what follows, leader epoch,
# magic, checksum, attributes, last offset - base offset, first and newest timestamp, producer and its epoch, base
# sequence, number of records.
BATCH_HEADER = struct.Struct(">qiibIhiqqqhii")


def text(value):
    return f'"{value or ""}"'


def array(values):
    return "[" + ",".join(map(str, values)) + "]"


def assigned(topics, name):
    return "assignment" + "".join(f" {text(t[name])}{array(t['Partitions'])}" for t in topics)


def metadata(answer):
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


def list_groups(answer):
    yield f"error {answer['ErrorCode']}"
    for g in answer["Groups"]:
        yield (
            f"group {text(g['GroupId'])} protocol type {text(g['ProtocolType'])}"
            f" state {text(g.get('GroupState'))} type {text(g.get('GroupType'))}"
        )


def describe_groups(answer):
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


def assignment(answer):
    yield assigned(answer["AssignedPartitions"], "Topic")


def consumer_group_describe(answer):
    for g in answer["Groups"]:
        yield (
            f"group {text(g['GroupId'])} error {g['ErrorCode']} state {text(g['GroupState'])}"
            f" epoch {g['GroupEpoch']} assignor {text(g['AssignorName'])}"
        )
        for m in g["Members"]:
            yield (
                f"  member {text(m['MemberId'])} instance {text(m['InstanceId'])} client {text(m['ClientId'])}"
                f" host {text(m['ClientHost'])} epoch {m['MemberEpoch']}"
                f" {assigned(m['Assignment']['TopicPartitions'], 'TopicName')}"
                f" {assigned(m['TargetAssignment']['TopicPartitions'], 'TopicName').replace('assignment', 'target', 1)}"
            )


def offset_fetch(answer):
    for g in answer.get("Groups", [answer]):
        yield f"group {text(g.get('GroupId'))}"
        for t in g["Topics"]:
            yield f"  topic {text(t['Name'])}"
            for p in t["Partitions"]:
                yield f"    partition {p['PartitionIndex']} offset {p['CommittedOffset']} error {p['ErrorCode']}"
        yield f"  error {g['ErrorCode']}"


def list_offsets(answer):
    for t in answer["Topics"]:
        yield f"topic {text(t['Name'])}"
        for p in t["Partitions"]:
            yield (
                f"  partition {p['PartitionIndex']} error {p['ErrorCode']}"
                f" timestamp {p['Timestamp']} offset {p['Offset']}"
            )


def share_group_describe(answer):
    for g in answer["Groups"]:
        yield (
            f"group {text(g['GroupId'])} error {g['ErrorCode']} state {text(g['GroupState'])}"
            f" assignor {text(g['AssignorName'])}"
        )
        for m in g["Members"]:
            yield (
                f"  member {text(m['MemberId'])} client {text(m['ClientId'])} host {text(m['ClientHost'])}"
                f" {assigned(m['Assignment']['TopicPartitions'], 'TopicName')}"
            )


def streams_group_describe(answer):
    for g in answer["Groups"]:
        yield f"group {text(g['GroupId'])} error {g['ErrorCode']} state {text(g['GroupState'])}"
        sources = {
            s["SubtopologyId"]: s["SourceTopics"] + [t["Name"] for t in s["RepartitionSourceTopics"]]
            for s in (g["Topology"] or {}).get("Subtopologies") or []
        }
        for m in g["Members"]:
            read = [
                {"Topic": topic, "Partitions": task["Partitions"]}
                for task in m["Assignment"]["ActiveTasks"]
                for topic in sources.get(task["SubtopologyId"], [])
            ]
            yield (
                f"  member {text(m['MemberId'])} client {text(m['ClientId'])} host {text(m['ClientHost'])}"
                f" {assigned(read, 'Topic')}"
            )


def describe_share_group_offsets(answer):
    for g in answer["Groups"]:
        yield f"group {text(g['GroupId'])}"
        for t in g["Topics"]:
            yield f"  topic {text(t['TopicName'])}"
            for p in t["Partitions"]:
                yield (
                    f"    partition {p['PartitionIndex']} error {p['ErrorCode']}"
                    f" start offset {p['StartOffset']} lag {p.get('Lag', -1)}"
                )
        yield f"  error {g['ErrorCode']}"


def describe_log_dirs(answer):
    if "ErrorCode" in answer:
        yield f"error {answer['ErrorCode']}"
    for d in answer["Results"]:
        yield f"dir {text(d['LogDir'])} error {d['ErrorCode']}"
        for t in d["Topics"]:
            yield f"  topic {text(t['Name'])}"
            for p in t["Partitions"]:
                yield (
                    f"    partition {p['PartitionIndex']} size {p['PartitionSize']}"
                    f" lag {p['OffsetLag']} future {int(p['IsFutureKey'])}"
                )
        yield f"  total {d.get('TotalBytes', -1)} usable {d.get('UsableBytes', -1)}"


def describe_quorum(answer):
    nothing = {"ErrorCode": 0, "LeaderId": -1, "LeaderEpoch": -1, "HighWatermark": -1}
    nothing |= {"CurrentVoters": [], "Observers": []}
    p = next((p for t in answer["Topics"] for p in t["Partitions"]), nothing)
    yield (
        f"error {answer['ErrorCode'] or p['ErrorCode']} leader {p['LeaderId']} epoch {p['LeaderEpoch']}"
        f" high watermark {p['HighWatermark']}"
    )
    for role, replicas in (("voter", p["CurrentVoters"]), ("observer", p["Observers"])):
        for r in replicas:
            yield (
                f"  {role} {r['ReplicaId']} end {r['LogEndOffset']} fetched {r.get('LastFetchTimestamp', -1)}"
                f" caught up {r.get('LastCaughtUpTimestamp', -1)}"
            )


def list_partition_reassignments(answer):
    yield f"error {answer['ErrorCode']} {text(answer['ErrorMessage'])}"
    for t in answer["Topics"]:
        for p in t["Partitions"]:
            yield (
                f"partition {text(t['Name'])} {p['PartitionIndex']} replicas {array(p['Replicas'])}"
                f" adding {array(p['AddingReplicas'])} removing {array(p['RemovingReplicas'])}"
            )


def describe_topic_partitions(answer):
    for t in answer["Topics"]:
        yield f"topic {text(t['Name'])} error {t['ErrorCode']}"
        for p in t["Partitions"]:
            yield (
                f"  partition {p['PartitionIndex']} error {p['ErrorCode']} leader {p['LeaderId']}"
                f" epoch {p['LeaderEpoch']} in sync {array(p['IsrNodes'])}"
                f" eligible {array(p['EligibleLeaderReplicas'] or [])} last known {array(p['LastKnownElr'] or [])}"
            )
    if answer["NextCursor"]:
        yield f"next {text(answer['NextCursor']['TopicName'])} {answer['NextCursor']['PartitionIndex']}"


def batch(records, offset):
    while len(records) >= BATCH_HEADER.size:
        base, length, _, magic, _, attributes, last, first_time, newest_time, *_ = BATCH_HEADER.unpack_from(records)
        if magic != 2:
            break
        if base + last >= offset:
            append_time, transactional, control, horizon = (attributes & bit for bit in (0x08, 0x10, 0x20, 0x40))
            first_time = newest_time if append_time else -1 if horizon else first_time
            return (
                f"batch {base} to {base + last} control {int(control > 0)} transactional {int(transactional > 0)}"
                f" time {first_time} to {newest_time}"
            )
        records = records[12 + length :]
    return "no batch"


def fetch(answer):
    for offset in (0, 1000):
        for p in (p for t in answer["Responses"] for p in t["Partitions"]):
            yield f"error {p['ErrorCode']} high watermark {p['HighWatermark']} start {p['LogStartOffset']}"
            yield batch(p["Records"] or b"", offset)
        if answer["ErrorCode"]:
            yield f"error {answer['ErrorCode']}"


def api_versions(answer):
    yield f"error {answer['ErrorCode']} epoch {answer.get('FinalizedFeaturesEpoch', -1)}"
    for f in answer.get("SupportedFeatures", []):
        yield f"supported {text(f['Name'])} {f['MinVersion']} to {f['MaxVersion']}"
    for f in answer.get("FinalizedFeatures", []):
        yield f"finalized {text(f['Name'])} {f['MaxVersionLevel']}"


def list_transactions(answer):
    yield f"error {answer['ErrorCode']}"
    for t in answer["TransactionStates"]:
        yield (
            f"transaction {text(t['TransactionalId'])} producer {t['ProducerId']} state {text(t['TransactionState'])}"
        )


def describe_transactions(answer):
    for t in answer["TransactionStates"]:
        yield (
            f"transaction {text(t['TransactionalId'])} error {t['ErrorCode']} state {text(t['TransactionState'])}"
            f" timeout {t['TransactionTimeoutMs']} start {t['TransactionStartTimeMs']}"
            f" producer {t['ProducerId']} epoch {t['ProducerEpoch']}"
        )
        for topic in t["Topics"]:
            yield f"  topic {text(topic['Topic'])} {array(topic['Partitions'])}"


def describe_producers(answer):
    for t in answer["Topics"]:
        yield f"topic {text(t['Name'])}"
        for p in t["Partitions"]:
            yield f"  partition {p['PartitionIndex']} error {p['ErrorCode']}"
            for producer in p["ActiveProducers"]:
                yield (
                    f"    producer {producer['ProducerId']} epoch {producer['ProducerEpoch']}"
                    f" last {producer['LastTimestamp']} start {producer['CurrentTxnStartOffset']}"
                )


ANSWERS = {
    "Metadata": metadata,
    "ListGroups": list_groups,
    "DescribeGroups": describe_groups,
    "ConsumerGroupDescribe": consumer_group_describe,
    "OffsetFetch": offset_fetch,
    "ListOffsets": list_offsets,
    "ShareGroupDescribe": share_group_describe,
    "StreamsGroupDescribe": streams_group_describe,
    "DescribeShareGroupOffsets": describe_share_group_offsets,
    "DescribeLogDirs": describe_log_dirs,
    "DescribeQuorum": describe_quorum,
    "ListPartitionReassignments": list_partition_reassignments,
    "DescribeTopicPartitions": describe_topic_partitions,
    "Fetch": fetch,
    "ListTransactions": list_transactions,
    "DescribeTransactions": describe_transactions,
    "DescribeProducers": describe_producers,
    "ApiVersions": api_versions,
}
