"""All values of groups, topics and partitions equal the output of Kafka's own tools."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from confluent_kafka import Producer

import kafka_jars
import kafka_tools
import oracle
import processes
from admin import Admin
from clients import Client
from conftest import kafka_flags
from connect import Connect
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page, labels

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
CONSUMED = 7
CLIENTS = {  # group: (client, properties)
    "java-classic": ("java", []),
    "java-kip848": ("java", ["group.protocol=consumer"]),
    "confluent-classic": ("confluent", []),
    "confluent-kip848": ("confluent", ["group.protocol=consumer"]),
    "kafka-python": ("kafka_python", []),
    "kafkajs": ("node", []),
    "franz-go": ("go", []),
}
NEWEST_ONLY = {"confluent-kip848"}  # librdkafka does not support the preview of KIP-848 in Kafka 3.9.
WORKERS = "connect-workers"
SINK = "connect-archive"
MEMBERLESS = {"left", "simple", "offsets-only", "ahead-of-nothing"}
TOPICS = {"orders", "narrow", "wide.and_dotted-name", "empty", "compacted"}


@dataclass
class Scene:
    """The state of the cluster, with no more changes."""

    cluster: Cluster
    truth: oracle.Truth  # Includes leftovers of other tests.
    live: set[str]  # Groups with members; the others are MEMBERLESS.


def _clients(cluster: Cluster) -> dict[str, tuple[str, list[str]]]:
    """Returns the CLIENTS that the cluster supports."""
    newest = cluster.libs == kafka_jars.ensure()
    return {group: client for group, client in CLIENTS.items() if newest or group not in NEWEST_ONLY}


@pytest.fixture(scope="module")
def scene(cluster: Cluster, admin: Admin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Several topics and a group of every type, each with its own client, all idle."""
    root = tmp_path_factory.mktemp("clients")
    admin.create_topic("orders", partitions=3, replicas=3)
    admin.create_topic("narrow", partitions=1, replicas=1)
    admin.create_topic("wide.and_dotted-name", partitions=12, replicas=2)
    admin.create_topic("empty", partitions=2, replicas=3)
    admin.create_topic("compacted", partitions=1, replicas=3, cleanup_policy="compact")
    admin.produce("orders", range(3), each=10)
    admin.produce("narrow", [0], each=25)
    admin.produce("wide.and_dotted-name", range(12), each=2)
    admin.delete_records("narrow", 0, before=5)

    running: list[subprocess.Popen] = []
    connect = Connect(root, cluster, WORKERS)
    clients = {
        group: Client(root / f"{group}.log", cluster, kind, group, "orders", CONSUMED, *properties)
        for group, (kind, properties) in _clients(cluster).items()
    }
    clients["left"] = Client(root / "left.log", cluster, "confluent", "left", "orders", CONSUMED)
    try:
        if cluster.version >= (4, 1):
            share = ["kafka-console-share-consumer", "--bootstrap-server", cluster.bootstrap()]
            share += ["--group", "shared", "--topic", "orders"]
            running.append(processes.spawn(kafka_tools.command(cluster.libs, *share), root / "share.log"))
        admin.commit("simple", {("orders", 0): 4, ("narrow", 0): 2, ("wide.and_dotted-name", 11): 2})
        admin.alter_offsets("offsets-only", {("orders", 1): 10})
        admin.commit("ahead-of-nothing", {("empty", 1): 0})
        connect.ready().start_sink("archive", "orders")
        for client in clients.values():
            client.committed()
        clients.pop("left").leave()
        yield Scene(cluster, _truth_at_rest(cluster), set(clients) | {SINK})
    finally:
        for client in clients.values():
            client.kill()
        connect.stop()
        processes.stop(running)


def _truth_at_rest(cluster: Cluster) -> oracle.Truth:
    """Returns the tools' output once groups are stable and two results are equal."""
    answers: list[oracle.Truth] = []

    def at_rest() -> bool:
        answers.append(oracle.ask(cluster))
        groups = [*_clients(cluster), SINK]
        members = {name: answers[-1].groups.get(name, oracle.Group()).members for name in groups}
        archived = answers[-1].groups.get(SINK, oracle.Group()).offsets.values()
        return (
            answers[-2:-1] == answers[-1:]
            and set(members.values()) == {1}
            and sum(row.committed or 0 for row in archived) == 30
        )

    processes.wait_until(at_rest, "a cluster at rest", timeout=120)
    return answers[-1]


def test_scene_has_what_it_promises(scene: Scene) -> None:
    """Checks that the oracle is not empty."""
    groups = scene.truth.groups
    assert scene.live | MEMBERLESS <= set(groups) and WORKERS not in groups
    clients = _clients(scene.cluster)
    for name in clients:
        rows = groups[name].offsets.values()
        assert groups[name].state == "Stable"
        assert sum(row.committed or 0 for row in rows) == CONSUMED, name
    assert any(row.committed is None for name in clients for row in groups[name].offsets.values())
    assert groups["left"].state == "Empty" and groups["left"].members == 0
    assert scene.truth.earliest["narrow", 0] == 5
    assert len(scene.truth.topics["wide.and_dotted-name"]) == 12


@pytest.mark.sanitizer
def test_everything_equals_kafkas_own_tools(scene: Scene, exporter: Exporter) -> None:
    def wanted() -> oracle.Series:
        series = oracle.expected(oracle.ask(scene.cluster))
        # The tools do not list Connect workers; there is one, and its group has neither offsets nor lag.
        series["kafka_consumergroup_members"][labels(consumergroup=WORKERS)] = 1
        series["kafka_consumergroup_state"][labels(consumergroup=WORKERS, state="Stable")] = 1
        return series

    oracle.await_agreement(exporter, wanted)


def test_brokers_and_cluster(scene: Scene, exporter: Exporter) -> None:
    seen = scene.cluster.metadata(1)
    page = exporter.await_page(lambda page: page.value("kafka_up") == 1, "kafka_up 1")
    assert page.value("kafka_brokers") == 3
    assert page.get("kafka_cluster_info") == {labels(cluster_id=seen.cluster_id): 1}
    assert page.get("kafka_broker_info") == {
        labels(id=id, address=f"{host}:{port}"): 1 for id, (host, port, _) in seen.brokers.items()
    }
    exporter.await_equal(lambda page: page.get("kafka_broker_up"), {labels(id=id): 1 for id in (1, 2, 3)})


def test_kinds_of_groups(scene: Scene, exporter: Exporter) -> None:
    types = {group: "consumer" for group in CLIENTS if group.endswith("kip848")}
    types |= {"simple": "simple", "offsets-only": "simple", "ahead-of-nothing": "simple"}
    groups = scene.live | MEMBERLESS
    wanted = {group: (types.get(group, "classic"), scene.truth.groups[group].coordinator) for group in groups}

    def view(page: Page) -> dict[str, tuple[str, int]]:
        infos = map(dict, page.get("kafka_consumergroup_info"))
        return {i["consumergroup"]: (i["type"], int(i["coordinator"])) for i in infos if i["consumergroup"] in groups}

    page = exporter.await_equal(view, wanted)
    assert page.where("kafka_consumergroup_info", consumergroup=WORKERS, type="connect")


@pytest.mark.since("4.1")
def test_a_share_group_is_no_consumer_group(scene: Scene, exporter: Exporter) -> None:
    """It exists but has no kafka_consumergroup_* series."""
    listed = kafka_tools.ask(scene.cluster, "kafka-share-groups", "--list")
    assert "shared" in listed.split()
    page = exporter.await_page(lambda page: page.get("kafka_consumergroup_members"), "groups")
    assert not [line for line in page.text.splitlines() if 'consumergroup="shared"' in line]


def test_a_partition_without_a_commit_has_no_series(scene: Scene, exporter: Exporter) -> None:
    uncommitted = {
        labels(consumergroup=name, topic=topic, partition=partition)
        for name, group in scene.truth.groups.items()
        for (topic, partition), row in group.offsets.items()
        if row.committed is None
    }
    assert uncommitted
    page = exporter.await_page(lambda page: page.get("kafka_consumergroup_lag"), "lag")
    for name in ("kafka_consumergroup_lag", "kafka_consumergroup_current_offset"):
        assert not uncommitted & page.get(name).keys()


def test_uncommitted_as_minus_one(scene: Scene, start_exporter: Callable[..., Exporter]) -> None:
    """Partitions without a commit on a (group, topic) with one show -1, which sums do not include."""
    exporter = start_exporter(
        *kafka_flags(scene.cluster), "--group.uncommitted=-1", "--group.exclude=^connect-workers$"
    )
    committed = {
        (name, topic)
        for name, group in scene.truth.groups.items()
        for (topic, _), row in group.offsets.items()
        if row.committed is not None
    }
    added: list[str] = []

    def wanted() -> oracle.Series:
        series = oracle.expected(oracle.ask(scene.cluster))
        for group, topic in committed:
            for partition in scene.truth.topics[topic]:
                key = labels(consumergroup=group, topic=topic, partition=partition)
                for name in ("kafka_consumergroup_lag", "kafka_consumergroup_current_offset"):
                    if key not in series[name]:
                        series[name][key] = -1
                        added.append(name)
        return series

    oracle.await_agreement(exporter, wanted)
    assert added


def test_only_assigned_partitions(scene: Scene, start_exporter: Callable[..., Exporter]) -> None:
    """--no-offset.show-all: a group without members has no offsets, others have those of assigned partitions."""
    exporter = start_exporter(*kafka_flags(scene.cluster), "--no-offset.show-all")
    wanted = oracle.expected(scene.truth)["kafka_consumergroup_current_offset"]
    wanted = {key: value for key, value in wanted.items() if dict(key)["consumergroup"] in scene.live}
    exporter.await_equal(lambda page: page.get("kafka_consumergroup_current_offset"), wanted)


@pytest.mark.parametrize(
    ("flags", "topics", "groups"),
    [
        (["--topic.filter=^o"], {"orders"}, None),
        (["--topic.exclude=^__|narrow|-"], {"orders", "empty", "compacted"}, None),
        (["--topic.filter=e", "--topic.exclude=^(orders|__|connect)", "--group.filter=^simple$"],
         {"empty", "compacted", "wide.and_dotted-name"}, {"simple"}),
        (["--group.filter=kip848", "--group.exclude=confluent"], None, {"java-kip848"}),
    ],
)  # fmt: skip
def test_filters(
    scene: Scene,
    start_exporter: Callable[..., Exporter],
    flags: list[str],
    topics: set[str] | None,
    groups: set[str] | None,
) -> None:
    """Unanchored expressions select topics and groups; others do not appear at all."""
    exporter = start_exporter(*kafka_flags(scene.cluster), *flags)
    all_groups = scene.live | MEMBERLESS | {WORKERS}
    topics = TOPICS if topics is None else topics
    groups = all_groups if groups is None else groups

    def view(page: Page) -> tuple[set[str], set[str]]:
        return (
            page.names("kafka_topic_partitions", "topic") & TOPICS,
            page.names("kafka_consumergroup_members", "consumergroup") & all_groups,
        )

    page = exporter.await_equal(view, (topics, groups))
    assert page.names("kafka_consumergroup_lag", "topic") & TOPICS <= topics
    assert page.names("kafka_consumergroup_lag", "consumergroup") & all_groups <= groups


def test_one_group_reads_what_it_is_told(admin: Admin, exporter: Exporter, unique: Callable[[str], str]) -> None:
    """A commit and a new record are on the page after the next polls, with the new lag."""
    topic, group = unique("topic"), unique("group")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce(topic, range(2), each=8)
    admin.commit(group, {(topic, 0): 3, (topic, 1): 8})

    def lags(page: Page) -> dict[str, float]:
        return {
            dict(key)["partition"]: value for key, value in page.where("kafka_consumergroup_lag", topic=topic).items()
        }

    exporter.await_equal(lags, {"0": 5, "1": 0})
    admin.produce(topic, [1], each=2)
    exporter.await_equal(lags, {"0": 5, "1": 2})
    admin.commit(group, {(topic, 0): 8, (topic, 1): 10})
    exporter.await_equal(lags, {"0": 0, "1": 0})


def test_an_open_transaction_counts(admin: Admin, exporter: Exporter, unique: Callable[[str], str]) -> None:
    """kafka_topic_partition_current_offset is the high watermark, which includes records of open transactions."""
    topic = unique("transactional")
    admin.create_topic(topic, replicas=3)
    producer = Producer({**admin.bootstrap, "transactional.id": topic})
    producer.init_transactions(60)
    producer.begin_transaction()
    for _ in range(3):
        producer.produce(topic, b"x", partition=0)
    producer.flush(30)

    def end(page: Page) -> float | None:
        return page.value("kafka_topic_partition_current_offset", topic=topic, partition=0)

    exporter.await_equal(end, 3)
    producer.commit_transaction(60)
    exporter.await_equal(end, 4)  # Transaction marker.


def test_dead_member(
    admin: Admin,
    exporter: Exporter,
    start_client: Callable[..., Client],
    unique: Callable[[str], str],
    cluster: Cluster,
) -> None:
    """A killed consumer stays a member until its session times out; offsets and lag remain."""
    topic, group = unique("topic"), unique("dead")
    admin.create_topic(topic, replicas=3)
    admin.produce(topic, [0], each=9)
    client = start_client(cluster, "confluent", group, topic, 4, "session.timeout.ms=6000").committed()

    def view(page: Page) -> tuple[float | None, list[str], float | None]:
        states = [dict(key)["state"] for key in page.where("kafka_consumergroup_state", consumergroup=group)]
        lag = page.value("kafka_consumergroup_lag", consumergroup=group, topic=topic, partition=0)
        return page.value("kafka_consumergroup_members", consumergroup=group), states, lag

    exporter.await_equal(view, (1, ["Stable"], 5))
    client.kill()
    exporter.await_equal(view, (0, ["Empty"], 5))


def test_deleted_and_made_again(admin: Admin, exporter: Exporter, unique: Callable[[str], str]) -> None:
    """Deleted topics and groups are removed, and are new when they are re-created."""
    topic, group = unique("topic"), unique("group")

    def view(page: Page) -> tuple[float | None, float | None]:
        end = page.value("kafka_topic_partition_current_offset", topic=topic, partition=0)
        return end, page.value("kafka_consumergroup_lag", consumergroup=group, topic=topic, partition=0)

    admin.create_topic(topic, replicas=3)
    admin.produce(topic, [0], each=6)
    admin.commit(group, {(topic, 0): 2})
    exporter.await_equal(view, (6, 4))

    admin.delete_group(group)
    admin.delete_topic(topic)
    # The current poll may have missed it; the next page must not contain either.
    polls = exporter.polls()
    page = exporter.await_page(lambda page: exporter.polls(page) >= polls + 2, "two more polls")
    assert not [line for line in page.text.splitlines() if f'"{topic}"' in line or f'"{group}"' in line]

    admin.create_topic(topic, replicas=3)
    admin.produce(topic, [0], each=3)
    admin.commit(group, {(topic, 0): 1})
    exporter.await_equal(view, (3, 2))


def test_named_cluster_and_labels(scene: Scene, start_exporter: Callable[..., Exporter]) -> None:
    """--kafka.labels puts constant labels on every series."""
    exporter = start_exporter(*kafka_flags(scene.cluster), "--kafka.labels=env=test,site=here")
    page = exporter.await_page(lambda page: page.get("kafka_topic_partitions"), "topics")
    wanted = labels(env="test", site="here")
    assert not [name for name, values in page.series.items() for key in values if not wanted <= key]
