"""Tests of group status, progress, lost messages, retention used, members and owners."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import Producer

import group_oracle
import kafka_jars
from admin import Admin
from clients import Client
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page, labels

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
OLDER_BY_HAND = True
Start = Callable[..., Exporter]
Unique = Callable[[str], str]
WINDOW = {"groups": {"status_window": "8s"}}
ODD = "a \"quoted\" /path\\and 'so' on"


def status(page: Page, group: str) -> list[str]:
    return [dict(key)["status"] for key in page.where("kafka_consumergroup_status", consumergroup=group)]


@pytest.fixture
def flow(admin: Admin, unique: Unique) -> Iterator[str]:
    """A topic with 20 records per second during the test."""
    topic = unique("flow")
    admin.create_topic(topic, replicas=3)
    producer, ended = Producer({**admin.bootstrap, "linger.ms": 0}), threading.Event()

    def produce() -> None:
        while not ended.wait(0.05):
            producer.produce(topic, b"x")
            producer.poll(0)
        producer.flush(30)

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    yield topic
    ended.set()
    thread.join()


def test_status(
    cluster: Cluster,
    admin: Admin,
    start_exporter: Start,
    start_client: Callable[..., Client],
    flow: str,
    unique: Unique,
) -> None:
    """Consumers that keep up, fall behind, are suspended, killed or reset have the expected status."""
    exporter = start_exporter(*kafka_flags(cluster), config=WINDOW)
    patient = ["session.timeout.ms=120000"]
    fast, slow, frozen, dead, back = (unique(word) for word in ("fast", "slow", "frozen", "dead", "back"))
    rates = {fast: 0, slow: 3, frozen: 0, dead: 0, back: 0}
    clients = {
        group: start_client(cluster, "steady", group, flow, rate) for group, rate in rates.items() if group != frozen
    }
    clients[frozen] = start_client(cluster, "steady", frozen, flow, 0, *patient)
    for client in clients.values():
        client.committed()
    clients[frozen].freeze()
    clients[dead].leave()
    clients[back].leave()

    def view(page: Page) -> dict[str, list[str]]:
        return {group: status(page, group) for group in rates}

    wanted = {fast: ["ok"], slow: ["lagging"], frozen: ["stalled"], dead: ["stopped"], back: ["stopped"]}
    exporter.await_equal(view, wanted)
    admin.alter_offsets(back, {(flow, 0): 0})
    exporter.await_equal(view, wanted | {back: ["rewound"]}, timeout=15)
    clients[frozen].thaw()
    clients[dead] = start_client(cluster, "steady", dead, flow, 0)
    exporter.await_equal(view, wanted | {frozen: ["ok"], dead: ["ok"]})
    clients[slow].leave()
    exporter.await_equal(view, wanted | {frozen: ["ok"], dead: ["ok"], slow: ["stopped"]})


def test_progress(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Time of the last observed change of a commit, in either direction; unknown at the start."""
    topic, group = unique("topic"), unique("group")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce(topic, [0, 1], each=10)
    admin.commit(group, {(topic, 0): 5, (topic, 1): 0})
    exporter = start_exporter(*kafka_flags(cluster))

    def moved(page: Page) -> float | None:
        return page.value("kafka_consumergroup_last_progress_timestamp_seconds", consumergroup=group, topic=topic)

    exporter.await_page(lambda page: page.where("kafka_consumergroup_lag", consumergroup=group), "lag")
    assert moved(exporter.await_polls()) is None
    last = 0.0
    for partition, offset in ((1, 3), (0, 2)):
        begin = time.time()
        admin.commit(group, {(topic, partition): offset})
        page = exporter.await_page(lambda page, last=last: (moved(page) or 0) > last, "a move")
        assert begin - 0.1 <= moved(page) <= time.time()
        last = moved(page)
        assert moved(exporter.await_polls()) == last


# ---- loss


def test_messages_lost(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Records deleted before they were read, manually and by retention, are counted as lost."""
    topic, expiring, slow, fast = unique("topic"), unique("expiring"), unique("slow"), unique("fast")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.create_topic(expiring, replicas=3, retention_ms="-1")
    admin.produce(topic, [0, 1], each=100)
    admin.produce_at(expiring, 0, [time.time() - 3600] * 40)
    admin.commit(slow, {(topic, 0): 10, (topic, 1): 10, (expiring, 0): 15})
    admin.commit(fast, {(topic, 0): 100, (expiring, 0): 40})
    exporter = start_exporter(*kafka_flags(cluster))

    def lost(page: Page) -> dict:
        return {
            k: v
            for k, v in page.get("kafka_consumergroup_messages_lost").items()
            if dict(k)["topic"] in (topic, expiring)
        }

    exporter.await_page(lambda page: page.where("kafka_consumergroup_lag", consumergroup=slow), "lag")
    assert lost(exporter.await_polls(5)) == {}
    admin.delete_records(topic, 0, before=60)
    admin.delete_records(topic, 1, before=10)
    by_hand = {labels(consumergroup=slow, topic=topic, partition=0): 50}
    exporter.await_equal(lost, by_hand)
    admin.configure("topic", expiring, retention_ms=60_000)
    exporter.await_equal(lost, by_hand | {labels(consumergroup=slow, topic=expiring, partition=0): 25})
    admin.commit(slow, {(topic, 0): 60, (expiring, 0): 40})
    exporter.await_equal(lost, {})


def test_what_one_poll_shows(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Status right after the start: ahead, losing, and stopped."""
    topic, ahead, losing, stopped, ok = (unique(word) for word in ("topic", "ahead", "losing", "stopped", "ok"))
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce_at(topic, 0, [time.time() - 3600] * 3)
    admin.produce_at(topic, 1, [time.time() - 3600] * 50)
    admin.commit(ahead, {(topic, 0): 1000, (topic, 1): 50})
    admin.commit(losing, {(topic, 0): 1000, (topic, 1): 20})
    admin.commit(stopped, {(topic, 0): 0})
    admin.commit(ok, {(topic, 0): 3})
    admin.delete_records(topic, 1, before=50)
    exporter = start_exporter(*kafka_flags(cluster))  # default window of five minutes

    def view(page: Page) -> dict[str, object]:
        statuses = {group: status(page, group) for group in (ahead, losing, stopped, ok)}
        beyond = page.where("kafka_consumergroup_offset_ahead", topic=topic)
        return statuses | {"beyond": {dict(key)["consumergroup"]: value for key, value in beyond.items()}}

    wanted: dict[str, object] = {ahead: ["ahead"], losing: ["losing"], stopped: ["stopped"], ok: ["ok"]}
    exporter.await_equal(view, wanted | {"beyond": {ahead: 997, losing: 997}}, timeout=30)
    admin.commit(ahead, {(topic, 0): 3})
    admin.commit(losing, {(topic, 0): 3, (topic, 1): 50})
    exporter.await_equal(view, wanted | {ahead: ["ok"], losing: ["ok"], "beyond": {}}, timeout=30)


def test_retention_used(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """Retention used by age or by size; absent without retention."""
    by_age, by_size, compact, both, group = (unique(w) for w in ("age", "size", "compact", "both", "group"))
    begin = time.time() - 1000
    admin.create_topic(by_age, partitions=2, replicas=3, retention_ms="4000000")
    admin.create_topic(by_size, replicas=3, retention_ms="-1", retention_bytes="100000000")
    admin.create_topic(compact, replicas=3, cleanup_policy="compact")
    admin.create_topic(both, replicas=3, cleanup_policy="compact,delete")
    admin.produce_at(by_age, 0, [begin + n for n in range(1000)])
    admin.produce(by_size, [0], each=100)
    admin.commit(group, {(by_age, 0): 200, (by_age, 1): 0, (by_size, 0): 60})
    exporter = start_exporter(*kafka_flags(cluster))

    def used(page: Page, topic: str) -> float | None:
        return page.value("kafka_consumergroup_retention_used_ratio", consumergroup=group, topic=topic)

    page = exporter.await_page(lambda page: abs((used(page, by_age) or 0) - 0.2) < 0.02, "a fifth of the retention")
    assert used(page, by_size) == 0, "nothing has been deleted yet"
    admin.delete_records(by_size, 0, before=20)
    exporter.await_equal(lambda page: used(page, by_size), 0.5)
    admin.alter_offsets(group, {(by_age, 0): 900})
    exporter.await_page(lambda page: (used(page, by_age) or 1) < 0.05, "less")
    admin.alter_offsets(group, {(by_age, 0): 1000})
    exporter.await_equal(lambda page: used(page, by_age), 0)
    assert used(exporter.page(), compact) is None and used(exporter.page(), both) is None


# ---- members


def test_members_and_owners(
    cluster: Cluster, admin: Admin, start_exporter: Start, start_client: Callable[..., Client], unique: Unique
) -> None:
    """Members and owners (opt-in) equal the output of kafka-consumer-groups, also with unusual client ids."""
    topic = unique("topic")
    admin.create_topic(topic, partitions=3, replicas=3)
    admin.produce(topic, range(3), each=10)
    groups = {
        unique("java"): ("java", []),
        unique("kip848"): ("java", ["group.protocol=consumer"]),
        unique("confluent"): ("confluent", []),
    }
    for group, (kind, properties) in groups.items():
        start_client(cluster, kind, group, topic, 1, f"client.id={ODD}", *properties).committed()
    opted = start_exporter(*kafka_flags(cluster), config={"groups": {"members": True, "owners": True}})
    plain = start_exporter(*kafka_flags(cluster))
    names = ("kafka_consumergroup_member_partitions", "kafka_consumergroup_partition_owner")
    wanted: dict[str, dict] = {name: {} for name in names}
    for group in groups:
        (member,) = group_oracle.members(cluster, group, {ODD})
        assert len(member.owned) == 3
        who = {"consumergroup": group, "client_id": ODD, "host": member.host, "consumer_id": member.id}
        wanted[names[0]][labels(**who)] = 3
        wanted[names[1]] |= {labels(**who, topic=t, partition=p): 1 for t, p in member.owned}

    def view(page: Page) -> dict[str, dict]:
        return {n: {k: v for k, v in page.get(n).items() if dict(k)["consumergroup"] in groups} for n in names}

    opted.await_equal(view, wanted)
    page = plain.await_page(
        lambda page: groups.keys() <= page.names("kafka_consumergroup_members", "consumergroup"), "all"
    )
    assert not page.get(names[0]) and not page.get(names[1])
    assert ODD not in plain.request().replace("\\\\", "\\").replace('\\"', '"')


def test_idle_and_unassigned(
    cluster: Cluster, admin: Admin, start_exporter: Start, start_client: Callable[..., Client], unique: Unique
) -> None:
    """Idle members, leaving members, and partitions without an owner or a commit."""
    topic, group, simple = unique("topic"), unique("group"), unique("simple")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce(topic, range(2), each=5)
    admin.commit(simple, {(topic, 0): 1})
    exporter = start_exporter(*kafka_flags(cluster))

    def view(page: Page) -> dict[str, float | None]:
        return {
            "members": page.value("kafka_consumergroup_members", consumergroup=group),
            "idle": page.value("kafka_consumergroup_idle_members", consumergroup=group),
            "unassigned": page.value("kafka_consumergroup_unassigned_partitions", consumergroup=group, topic=topic),
            "uncommitted": page.value("kafka_consumergroup_uncommitted_partitions", consumergroup=group, topic=topic),
        }

    clients = [start_client(cluster, "confluent", group, topic, 10, "session.timeout.ms=6000").committed()]
    exporter.await_equal(view, {"members": 1, "idle": 0, "unassigned": 0, "uncommitted": 0})
    changes = exporter.page().value("kafka_consumergroup_membership_changes_total", consumergroup=group)
    assert changes is not None
    clients += [start_client(cluster, "steady", group, topic, 0, "session.timeout.ms=6000") for _ in range(2)]
    exporter.await_equal(view, {"members": 3, "idle": 1, "unassigned": 0, "uncommitted": 0})
    seen = exporter.page().value("kafka_consumergroup_membership_changes_total", consumergroup=group)
    assert seen > changes
    page = exporter.await_polls()
    assert page.value("kafka_consumergroup_membership_changes_total", consumergroup=group) == seen, (
        "nobody came or went"
    )
    for client in clients:
        client.leave()
    exporter.await_equal(view, {"members": 0, "idle": 0, "unassigned": 2, "uncommitted": 0})
    assert exporter.page().value("kafka_consumergroup_membership_changes_total", consumergroup=group) > seen
    page = exporter.page()
    assert page.value("kafka_consumergroup_idle_members", consumergroup=simple) is None
    assert page.value("kafka_consumergroup_unassigned_partitions", consumergroup=simple, topic=topic) is None
    assert page.value("kafka_consumergroup_uncommitted_partitions", consumergroup=simple, topic=topic) == 1


# ---- series left out by configuration


def test_empty_groups_are_dropped(
    cluster: Cluster, admin: Admin, start_exporter: Start, start_client: Callable[..., Client], unique: Unique
) -> None:
    topic, alive, empty = unique("topic"), unique("alive"), unique("empty")
    admin.create_topic(topic, replicas=3)
    admin.produce(topic, [0], each=5)
    start_client(cluster, "confluent", alive, topic, 2).committed()
    admin.commit(empty, {(topic, 0): 1})
    exporter = start_exporter(*kafka_flags(cluster), config={"groups": {"drop_empty_after": "5s"}})
    exporter.await_page(lambda page: page.where("kafka_consumergroup_lag", consumergroup=empty), "the empty group")
    exporter.await_page(lambda page: f'"{empty}"' not in page.text, "no trace of it")
    page = exporter.await_polls()
    assert page.where("kafka_consumergroup_lag", consumergroup=alive) and f'"{empty}"' not in page.text


def test_two_clusters(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """With two named clusters each series has its cluster label, and each family is written once."""
    topic, group = unique("topic"), unique("group")
    admin.create_topic(topic, replicas=3)
    admin.produce(topic, [0], each=5)
    admin.commit(group, {(topic, 0): 1})
    servers = cluster.bootstrap().split(",")
    soon = {"topic_configs_interval": "1s", "log_dirs_interval": "1s", "interval": "1s"}
    clusters = [{"name": name, "servers": servers, "polling": soon} for name in ("east", "west")]
    exporter = start_exporter(poll_seconds=None, top={"clusters": clusters})

    def lag(page: Page) -> dict[str, float]:
        return {
            dict(k)["kafka_cluster"]: v for k, v in page.where("kafka_consumergroup_lag", consumergroup=group).items()
        }

    exporter.await_equal(lag, {"east": 4, "west": 4})
    page = exporter.await_polls(6)
    alone = ("kafka_exporter_page_", "kafka_exporter_render_", "kafka_exporter_http_", "kafka_exporter_config_")
    alone += ("kafka_exporter_log_", "kafka_exporter_build_info", "process_")
    for name, values in page.series.items():
        named = {"kafka_cluster" in dict(key) for key in values}
        assert named == {not name.startswith(alone)}, name
    heads = [line for line in page.text.splitlines() if line.startswith("# TYPE ")]
    assert len(heads) == len(set(heads))
    for name in ("kafka_controller", "kafka_topic_min_insync_replicas", "kafka_consumergroup_info"):
        assert page.names(name, "kafka_cluster") == {"east", "west"}, name


def test_max_series(cluster: Cluster, start_exporter: Start) -> None:
    """max_series limits a cluster's series; the most detailed families are left out, the others are correct."""
    whole = start_exporter(*kafka_flags(cluster)).await_polls(3)
    exporter = start_exporter(*kafka_flags(cluster), config={"max_series": 500})
    page = exporter.await_polls(6)
    own = ("kafka_exporter_", "process_")
    assert 0 < sum(len(values) for name, values in page.series.items() if not name.startswith(own)) <= 500
    assert page.value("kafka_up") == 1
    out = page.names("kafka_exporter_dropped_series", "family")
    assert out and not out & page.series.keys()
    for family in out & {"kafka_topic_partition_leader", "kafka_topic_partition_replicas"}:
        assert page.value("kafka_exporter_dropped_series", family=family) == len(whole.get(family))
    assert page.get("kafka_topic_partitions") == whole.get("kafka_topic_partitions")
    assert 'msg="series limit exceeded" max_series=500 families=' in exporter.said()


def test_coarse(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """granularity: topic removes the label `partition` and keeps sums and maxima; families are disabled by name."""
    topic, group = unique("topic"), unique("group")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce(topic, range(2), each=5)
    admin.commit(group, {(topic, 0): 1, (topic, 1): 5})
    off = ["kafka_topic_partitions", "kafka_consumergroup_state"]
    exporter = start_exporter(
        *kafka_flags(cluster),
        config={"granularity": "topic", "groups": {"owners": True}},
        top={"disabled_families": off},
    )
    page = exporter.await_page(lambda page: page.where("kafka_consumergroup_lag_sum", consumergroup=group), "a sum")
    assert not [name for name, values in page.series.items() for key in values if "partition" in dict(key)]
    assert page.value("kafka_consumergroup_lag_sum", consumergroup=group, topic=topic) == 4
    assert page.value("kafka_consumergroup_max_lag", consumergroup=group) == 4
    assert page.value("kafka_topic_under_replicated_partitions", topic=topic) == 0
    assert not [name for name in off if f"{name}{{" in page.text or f"# TYPE {name} " in page.text]
