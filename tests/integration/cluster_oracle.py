"""Expected series about health, settings and disks, from Kafka's own tools and the brokers' JMX."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict

import kafka_tools
import oracle
from kafka_cluster import Cluster
from oracle import Replicas, Series, TopicPartition
from page import labels

PROBLEMS = ("offline", "under_replicated", "under_min_isr", "at_min_isr", "not_preferred_leader", "reassigning")


def health(cluster: Cluster) -> Series:
    """Returns series of topics, partitions and brokers. Partitions under or at minimum ISR come from the leaders' JMX.
    """
    topics = oracle.parse_topics(kafka_tools.ask(cluster, "kafka-topics", "--describe"))
    under, at = (_leaders_say(cluster, topics, name) for name in ("UnderMinIsr", "AtMinIsr"))
    moving = reassigning(cluster)
    series: Series = defaultdict(dict)
    brokers: dict[int, Counter[str]] = {id: Counter() for id in cluster.ids}
    for topic, partitions in topics.items():
        counts = Counter(dict.fromkeys(PROBLEMS, 0))
        for partition, now in partitions.items():
            key = (topic, partition)
            found = _problems(now, key in under, key in at, key in moving)
            counts.update(found)
            if "offline" in found:
                found = ["offline"]
            for problem in found:
                where = labels(topic=topic, partition=partition, problem=problem)
                series["kafka_topic_partition_problem"][where] = 1
            _count_brokers(brokers, now)
        for problem, count in counts.items():
            series[f"kafka_topic_{problem}_partitions"][labels(topic=topic)] = count
    for id, counts in brokers.items():
        for what in ("leader_partitions", "preferred_leader_partitions", "replica_partitions", "out_of_sync_replicas"):
            series[f"kafka_broker_{what}"][labels(id=id)] = counts[what]
    return dict(series)


def _problems(now: Replicas, under: bool, at: bool, moving: bool) -> list[str]:
    """Returns the problems of a partition. An offline partition has no other ones except a reassignment."""
    if now.leader is None:
        return ["offline"] + ["reassigning"] * moving
    behind = len(now.isr) < len(now.replicas)
    told = {
        "under_min_isr": under,
        "at_min_isr": at and behind,
        "under_replicated": behind,
        "not_preferred_leader": now.leader != now.replicas[0],
        "reassigning": moving,
    }
    return [problem for problem, is_so in told.items() if is_so]


def _count_brokers(brokers: dict[int, Counter[str]], now: Replicas) -> None:
    if now.leader is not None:
        brokers[now.leader]["leader_partitions"] += 1
    brokers[now.replicas[0]]["preferred_leader_partitions"] += 1
    for id in now.replicas:
        brokers[id]["replica_partitions"] += 1
        brokers[id]["out_of_sync_replicas"] += id not in now.isr


def _leaders_say(cluster: Cluster, topics: dict[str, dict[int, Replicas]], name: str) -> set[TopicPartition]:
    """Returns the partitions whose gauge of this name is 1 on the leader."""
    found = set()
    for id in cluster.alive:
        beans = kafka_tools.beans(cluster, id, f"kafka.cluster:type=Partition,name={name},*")
        for bean, attributes in beans.items():
            topic, partition = re.findall(r"(?:topic|partition)=([^,]+)", bean)
            if attributes["Value"] == "1" and topics[topic][int(partition)].leader == id:
                found.add((topic, int(partition)))
    return found


def reassigning(cluster: Cluster) -> set[TopicPartition]:
    said = kafka_tools.ask(cluster, "kafka-reassign-partitions", "--list")
    return {(topic, int(partition)) for topic, partition in re.findall(r"^(\S+)-(\d+): replicas", said, re.MULTILINE)}


def replica_lags(cluster: Cluster) -> Series:
    """Returns how far each broker's out-of-sync replicas are behind, as their fetchers say in JMX."""
    topics = oracle.parse_topics(kafka_tools.ask(cluster, "kafka-topics", "--describe"))
    lags = {labels(id=id): 0.0 for id in cluster.alive}
    for id in cluster.alive:
        beans = kafka_tools.beans(cluster, id, "kafka.server:type=FetcherLagMetrics,name=ConsumerLag,*")
        for bean, attributes in beans.items():
            topic, partition = re.findall(r"(?:topic|partition)=([^,]+)", bean)
            if id not in topics[topic][int(partition)].isr:
                lags[labels(id=id)] += int(attributes["Value"])
    return {"kafka_broker_replica_lag_records": lags}


def elections(cluster: Cluster, kind: str) -> int:
    """Returns the number of elections (unclean, or from eligible replicas) counted by the running controllers."""
    wanted = {"unclean": "UncleanLeaderElectionsPerSec", "eligible": "ElectionFromEligibleLeaderReplicasPerSec"}[kind]
    return sum(
        int(attributes["Count"])
        for id in cluster.controllers or cluster.ids
        if id in cluster.running
        for attributes in kafka_tools.beans(
            cluster, id, f"kafka.controller:type=ControllerStats,name={wanted}"
        ).values()
    )


# ---- topics' settings


def settings(cluster: Cluster) -> Series:
    said = kafka_tools.ask(cluster, "kafka-topics", "--describe")
    heads = re.findall(r"^Topic: (\S+)\tTopicId: (\S+)\t.*ReplicationFactor: (\d+)", said, re.MULTILINE)
    configs = topic_configs(cluster)
    series: Series = defaultdict(dict)
    for topic, topic_id, replicas in heads:
        config, key = configs[topic], labels(topic=topic)
        policy, internal = config["cleanup.policy"], "true" if topic in INTERNAL else "false"
        info = labels(topic=topic, topic_id=topic_id, cleanup_policy=policy, internal=internal)
        series["kafka_topic_info"][info] = 1
        series["kafka_topic_replication_factor"][key] = int(replicas)
        series["kafka_topic_min_insync_replicas"][key] = int(config["min.insync.replicas"])
        if "delete" in policy:
            series["kafka_topic_retention_seconds"][key] = _limit(config["retention.ms"]) / 1000
            series["kafka_topic_retention_bytes"][key] = _limit(config["retention.bytes"])
    return dict(series)


INTERNAL = ("__consumer_offsets", "__transaction_state", "__share_group_state")


def topic_configs(cluster: Cluster) -> dict[str, dict[str, str]]:
    said = kafka_tools.ask(cluster, "kafka-configs", "--describe", "--entity-type", "topics", "--all")
    configs: dict[str, dict[str, str]] = {}
    for line in said.splitlines():
        if head := re.match(r"All configs for topic (\S+) are:", line):
            config = configs[head[1]] = {}
        elif pair := re.match(r"  ([\w.]+)=(\S*) sensitive=", line):
            config[pair[1]] = pair[2]
    return configs


def _limit(value: str) -> float:
    return float("inf") if value == "-1" else float(value)


# ---- disks


def log_dirs(cluster: Cluster, topics: dict[str, dict[int, Replicas]]) -> Series:
    """Raises kafka_tools.ToolError if a broker cannot read its disks, as in a chroot."""
    said = kafka_tools.ask(cluster, "kafka-log-dirs", "--describe")
    series: Series = defaultdict(dict)
    of_topic: Counter[str] = Counter()
    for broker in json.loads(said[said.index("{") :])["brokers"]:
        for folder in broker["logDirs"]:
            where = labels(id=broker["broker"], log_dir=folder["logDir"])
            series["kafka_broker_log_dir_online"][where] = folder["error"] is None
            if folder["error"] is not None:
                continue
            series["kafka_broker_log_dir_size_bytes"][where] = sum(p["size"] for p in folder["partitions"])
            for replica in folder["partitions"]:
                topic, _, partition = replica["partition"].rpartition("-")
                of_topic[topic] += replica["size"]
                if topics[topic][int(partition)].leader == broker["broker"]:
                    key = labels(topic=topic, partition=partition)
                    series["kafka_topic_partition_size_bytes"][key] = replica["size"]
    series["kafka_topic_size_bytes"] = {labels(topic=topic): size for topic, size in of_topic.items()}
    return dict(series)


def moves_between_log_dirs(cluster: Cluster) -> Series:
    said = kafka_tools.ask(cluster, "kafka-log-dirs", "--describe")
    counts, lags = Counter(dict.fromkeys(cluster.ids, 0)), Counter(dict.fromkeys(cluster.ids, 0))
    for broker in json.loads(said[said.index("{") :])["brokers"]:
        for folder in broker["logDirs"]:
            for replica in folder["partitions"]:
                counts[broker["broker"]] += replica["isFuture"]
                lags[broker["broker"]] += replica["offsetLag"] if replica["isFuture"] else 0
    return {
        "kafka_broker_future_replicas": {labels(id=id): count for id, count in counts.items()},
        "kafka_broker_future_replica_lag_records": {labels(id=id): lag for id, lag in lags.items()},
    }


# ---- the quorum


def quorum_status(cluster: Cluster) -> dict[str, str]:
    """Returns leader, epoch and so on by the names that kafka-metadata-quorum prints."""
    said = kafka_tools.ask(cluster, "kafka-metadata-quorum", "describe", "--status")
    return dict(re.findall(r"^(\w+):\s+(.*?)\s*$", said, re.MULTILINE))


def quorum_replicas(cluster: Cluster) -> dict[int, dict[str, int | str]]:
    """{id: {"role": voter or observer, "end": ..., "lag": ..., "caught_up": Unix time in ms}}"""
    said = kafka_tools.ask(cluster, "kafka-metadata-quorum", "describe", "--replication")
    rows = {}
    for line in said.splitlines()[1:]:
        if line.strip():
            id, _, end, lag, _, caught_up, status = line.split()
            role = "observer" if status == "Observer" else "voter"
            rows[int(id)] = {"role": role, "end": int(end), "lag": int(lag), "caught_up": int(caught_up)}
    return rows
