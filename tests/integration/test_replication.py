"""Tests of replication health and changes, compared with kafka-topics and the brokers' JMX, with faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import NewPartitions

import cluster_oracle
import kafka_jars
import kafka_metadata
import kafka_tools
import oracle
import processes
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page, labels

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
OLDER_BY_HAND = True
Start = Callable[..., Exporter]
CHANGES = ("leader_changes", "isr_shrinks", "isr_expands", "unclean_leader_elections")
SETTINGS_SOON = {"polling": {"topic_configs_interval": "1s"}}


def assert_healthy_as_kafka_says(exporter: Exporter, cluster: Cluster) -> oracle.Series:
    said: list[oracle.Series] = []

    def ask() -> oracle.Series:
        said.append(cluster_oracle.health(cluster))
        return said[-1]

    oracle.await_agreement(exporter, ask)
    return said[-1]


def changes(page: Page, topic: str) -> dict[str, float | None]:
    """Returns the counters of a topic."""
    return {name: page.value(f"kafka_topic_{name}_total", topic=topic) for name in CHANGES}


def unclean(page: Page) -> dict[str, float]:
    """Returns unclean elections of topics that had any."""
    counts = page.get("kafka_topic_unclean_leader_elections_total")
    return {dict(key)["topic"]: count for key, count in counts.items() if count}


def changed(**counts: int) -> dict[str, float]:
    return dict.fromkeys(CHANGES, 0) | counts


def assert_counters_grow(pages: list[tuple[float, Page]]) -> None:
    """Checks that counters of changes neither decrease nor disappear."""
    for (_, before), (_, after) in zip(pages, pages[1:], strict=False):
        for name in CHANGES:
            for key, value in before.get(f"kafka_topic_{name}_total").items():
                now = after.get(f"kafka_topic_{name}_total").get(key)
                assert now is not None and now >= value, f"{name}{dict(key)}: {now} after {value}"


# ---- without faults


def test_at_rest(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    admin.create_topic(unique("safe"), partitions=3, replicas=3, min_insync_replicas="2")
    # Brokers cap the minimum ISR at the number of replicas: with one replica it is neither at nor under it.
    admin.create_topic(unique("lonely"), replicas=1, min_insync_replicas="2")
    exporter = start_exporter(*kafka_flags(cluster), config=SETTINGS_SOON)
    wanted = assert_healthy_as_kafka_says(exporter, cluster)
    assert set(wanted["kafka_topic_at_min_isr_partitions"].values()) == {0}
    racks = {labels(id=id, rack=rack): 1 for id, (_, _, rack) in cluster.metadata(1).brokers.items()}
    assert exporter.page().get("kafka_broker_rack_info") == racks and len(racks) == 3


def test_neither_start_nor_creation_is_a_change(
    cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]
) -> None:
    """The initial state, new topics and added partitions do not count as changes."""
    old, new = unique("old"), unique("new")
    admin.create_topic(old, partitions=3, replicas=3)
    exporter = start_exporter(*kafka_flags(cluster))
    exporter.await_polls()
    admin.create_topic(new, partitions=3, replicas=3)
    admin.client.create_partitions([NewPartitions(old, 6)])[old].result(30)
    exporter.await_equal(lambda page: page.value("kafka_topic_partitions", topic=old), 6)
    page = exporter.await_polls()
    assert {name: set(page.get(f"kafka_topic_{name}_total").values()) for name in CHANGES} == dict.fromkeys(
        CHANGES, {0}
    )
    for topic in (old, new):
        assert changes(page, topic) == changed()


def test_preferred_leaders(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """Partitions not led by the preferred leader, until kafka-leader-election: one leader change each."""
    topic = unique("imbalanced")
    admin.create_topic(topic, assignment=[[1, 2, 3]] * 3)
    exporter = start_exporter(*kafka_flags(cluster), config=SETTINGS_SOON)
    assert_healthy_as_kafka_says(exporter, cluster)
    for partition in range(2):
        kafka_metadata.reassign(cluster.ports["PLAINTEXT"][1], topic, partition, [3, 2, 1])
    processes.wait_until(lambda: cluster.metadata(1).topics[topic][1].replicas == [3, 2, 1], "new replicas", 30)
    wanted = assert_healthy_as_kafka_says(exporter, cluster)
    assert wanted["kafka_topic_not_preferred_leader_partitions"][labels(topic=topic)] == 2
    assert changes(exporter.page(), topic) == changed()
    for partition in range(3):
        election = ("--election-type", "preferred", "--topic", topic, "--partition", partition)
        kafka_tools.ask(cluster, "kafka-leader-election", *election)
    exporter.await_equal(lambda page: changes(page, topic), changed(leader_changes=2))
    wanted = assert_healthy_as_kafka_says(exporter, cluster)
    assert wanted["kafka_topic_not_preferred_leader_partitions"][labels(topic=topic)] == 0
    assert changes(exporter.await_polls(), topic) == changed(leader_changes=2)


def test_reassignment(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """A partition is reassigning while it moves, and only then."""
    topic = unique("moving")
    admin.create_topic(topic, assignment=[[1, 2], [2, 1]])
    admin.produce_size(topic, [0, 1], megabytes=20)
    exporter = start_exporter(*kafka_flags(cluster), config=SETTINGS_SOON)
    with throttled(cluster, admin, topic):
        kafka_metadata.reassign(cluster.ports["PLAINTEXT"][1], topic, 0, [3, 2])
        processes.wait_until(lambda: cluster_oracle.reassigning(cluster) == {(topic, 0)}, "a move", 30)
        wanted = assert_healthy_as_kafka_says(exporter, cluster)
        assert wanted["kafka_topic_reassigning_partitions"][labels(topic=topic)] == 1
        assert labels(topic=topic, partition=0, problem="reassigning") in wanted["kafka_topic_partition_problem"]
        assert cluster_oracle.reassigning(cluster) == {(topic, 0)}, "it ended too early for the comparison"
    processes.wait_until(lambda: not cluster_oracle.reassigning(cluster), "the end of the move", 60)
    cluster.ready()
    wanted = assert_healthy_as_kafka_says(exporter, cluster)
    assert wanted["kafka_topic_reassigning_partitions"][labels(topic=topic)] == 0


def test_replication_lag(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """A new replica that is throttled is as many records behind as its fetcher says, and in the end none."""
    topic = unique("behind")
    admin.create_topic(topic, assignment=[[1], [1]])
    admin.produce_size(topic, [0, 1], megabytes=5)
    exporter = start_exporter(*kafka_flags(cluster))
    in_sync = {labels(id=id): 0 for id in cluster.ids}
    exporter.await_equal(lambda page: page.get("kafka_broker_replica_lag_records"), in_sync)
    requests = exporter.page().value("kafka_exporter_kafka_requests_total", api="ListOffsets")
    with throttled(cluster, admin, topic):
        kafka_metadata.reassign(cluster.ports["PLAINTEXT"][1], topic, 0, [1, 3])
        kafka_metadata.reassign(cluster.ports["PLAINTEXT"][1], topic, 1, [1, 3])
        exporter.await_page(lambda page: page.value("kafka_broker_replica_lag_records", id=3), "a broker that is behind")
        lags = oracle.await_agreement(exporter, lambda: cluster_oracle.replica_lags(cluster))
        assert 0 < lags.value("kafka_broker_replica_lag_records", id=3) <= 100
        assert lags.value("kafka_exporter_collector_success", collector="offsets") == 1
        admin.produce(topic, [0], each=1000)
        more = exporter.await_page(
            lambda page: page.value("kafka_broker_replica_lag_records", id=3) > 1000, "more records behind"
        )
        assert more.value("kafka_broker_replica_lag_records", id=3) <= 1100
        assert more.value("kafka_exporter_kafka_requests_total", api="ListOffsets") > requests
    cluster.ready()
    exporter.await_equal(lambda page: page.get("kafka_broker_replica_lag_records"), in_sync)
    assert exporter.page().total("kafka_exporter_collector_errors_total") == 0


@contextmanager
def throttled(cluster: Cluster, admin: Admin, topic: str) -> Iterator[None]:
    """Throttles replication of this topic."""
    keys = [f"{side}.replication.throttled" for side in ("leader", "follower")]
    admin.configure("topic", topic, **{f"{key}.replicas": "*" for key in keys})
    for id in cluster.ids:
        admin.configure("broker", str(id), **{f"{key}.rate": 1000 for key in keys})
    try:
        yield
    finally:
        for id in cluster.ids:
            admin.configure("broker", str(id), **{f"{key}.rate": None for key in keys})
        admin.configure("topic", topic, **{f"{key}.replicas": None for key in keys})


# ---- with faults


@dataclass
class Stage:
    """Four brokers and a separate controller. On 1 to 3 are the topics `critical` (min.insync.replicas 2) and `plain`
    (1).
    """

    cluster: Cluster
    admin: Admin

    def exporter(self, start_exporter: Start) -> Exporter:
        exporter = start_exporter(*kafka_flags(self.cluster), config=SETTINGS_SOON)
        assert_healthy_as_kafka_says(exporter, self.cluster)
        return exporter

    def kill(self, *ids: int) -> None:
        """Kills brokers and waits until the cluster has detected it."""
        self.cluster.kill(*ids)
        self.cluster.ready()


@pytest.fixture(scope="module")
def stage(libs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    properties = {
        "broker.session.timeout.ms": 6000,
        "broker.heartbeat.interval.ms": 1000,
        "auto.leader.rebalance.enable": False,
    }
    root = tmp_path_factory.mktemp("replication")
    with Cluster(root, libs, 4, controllers=1, jmx=True, properties=properties) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        everywhere = [[1, 2, 3], [2, 3, 1], [3, 1, 2]]
        admin.create_topic("critical", assignment=everywhere, min_insync_replicas="2")
        admin.create_topic("plain", assignment=everywhere)
        admin.create_topic("lonely", assignment=[[3]], min_insync_replicas="2")
        admin.create_topic("elsewhere", assignment=[[4]])
        for topic in ("critical", "plain"):
            admin.produce(topic, range(3), each=10)
        yield Stage(cluster, admin)


@pytest.fixture
def _mended(stage: Stage) -> Iterator[None]:
    """Restores the cluster and its preferred leaders for the next test."""
    yield
    gone = [id for id in stage.cluster.ids if id not in stage.cluster.running]
    stage.cluster.start(*gone) if gone else None
    stage.cluster.ready()
    seen = stage.cluster.metadata(1).topics
    led = [TopicPartition(topic, partition) for topic in seen for partition in seen[topic]]
    stage.admin.client.elect_leaders(ElectionType.PREFERRED, led).result(30)
    stage.cluster.ready()


@pytest.mark.long
@pytest.mark.usefixtures("_mended")
def test_at_under_and_offline(stage: Stage, start_exporter: Start) -> None:
    """Kills brokers until a topic is at minimum ISR, under it, then offline; then restarts them."""
    exporter = stage.exporter(start_exporter)
    before = cluster_oracle.elections(stage.cluster, "unclean")
    counts = Counter(changed())
    assert changes(exporter.page(), "critical") == counts
    whole = labels(topic="critical")
    with exporter.watched() as pages:
        for dead, problem in ((1, "at_min_isr"), (2, "under_min_isr"), (3, "offline")):
            topics = stage.cluster.metadata(4).topics["critical"]
            led = sum(partition.leader == dead for partition in topics.values())
            stage.kill(dead)
            wanted = assert_healthy_as_kafka_says(exporter, stage.cluster)
            assert wanted[f"kafka_topic_{problem}_partitions"][whole] == 3, wanted
            if problem != "offline":
                counts.update(leader_changes=led, isr_shrinks=3)
                exporter.await_equal(lambda page: changes(page, "critical"), dict(counts))
                exporter.await_equal(lambda page: changes(page, "plain"), dict(counts))
            assert_dead(exporter.page(), set(stage.cluster.ids) - set(stage.cluster.alive))
        shown = exporter.page()
        assert not shown.where("kafka_topic_partition_leader", topic="critical")
        assert shown.value("kafka_topic_at_min_isr_partitions", topic="lonely") == 0
        stage.cluster.start(1, 2, 3).ready()
        assert_healthy_as_kafka_says(exporter, stage.cluster)
        exporter.await_polls()
    assert_counters_grow(pages)
    final = exporter.page()
    # What comes back from a kill without having been in sync with anybody leads uncleanly for the controller; for us
    # only if we saw it without eligible replicas.
    assert sum(unclean(final).values()) <= cluster_oracle.elections(stage.cluster, "unclean") - before
    assert changes(final, "elsewhere") == changed()
    for topic in ("critical", "plain"):
        assert final.value("kafka_topic_isr_expands_total", topic=topic) >= 3  # Brokers may come back within one poll.


def assert_dead(page: Page, dead: set[int]) -> None:
    assert page.get("kafka_broker_up") == {labels(id=id): id not in dead for id in (1, 2, 3, 4)}
    assert page.get("kafka_controller") == {labels(id=101): 1}


@pytest.mark.long
@pytest.mark.usefixtures("_mended")
def test_unclean_elections(stage: Stage, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """Unclean elections are counted, whether allowed by the topic or forced; a group that had read the lost records has
    lag 0.
    """
    allowed, forced, group = unique("allowed"), unique("forced"), unique("group")
    admin, cluster = stage.admin, stage.cluster
    admin.create_topic(allowed, assignment=[[3, 4]], unclean_leader_election_enable="true")
    admin.create_topic(forced, assignment=[[3, 4]])
    exporter = stage.exporter(start_exporter)
    before = cluster_oracle.elections(cluster, "unclean")

    def counted(page: Page) -> dict[str, float | None]:
        return {t: page.value("kafka_topic_unclean_leader_elections_total", topic=t) for t in (allowed, forced)}

    with exporter.watched() as pages:
        stage.kill(4)
        for topic in (allowed, forced):
            admin.produce(topic, [0], each=7, acks=1)
        admin.commit(group, {(allowed, 0): 6, (forced, 0): 7})
        exporter.await_equal(
            lambda page: page.value("kafka_consumergroup_lag", consumergroup=group, topic=allowed, partition=0), 1
        )
        cluster.kill(3)
        await_leader(cluster, allowed, -1)
        await_leader(cluster, forced, -1)
        assert_healthy_as_kafka_says(exporter, cluster)
        assert set(counted(exporter.await_polls()).values()) == {0}
        cluster.start(4)
        await_leader(cluster, allowed, 4)
        exporter.await_equal(counted, {allowed: 1, forced: 0})
        assert cluster.metadata(1).topics[forced][0].leader == -1
        election = ("--election-type", "unclean", "--topic", forced, "--partition", 0)
        kafka_tools.ask(cluster, "kafka-leader-election", *election)
        exporter.await_equal(counted, {allowed: 1, forced: 1})
        cluster.start(3).ready()
        assert_healthy_as_kafka_says(exporter, cluster)
        exporter.await_equal(counted, {allowed: 1, forced: 1})

        def lags(page: Page) -> set[float]:
            return set(page.where("kafka_consumergroup_lag", consumergroup=group).values())

        exporter.await_equal(lags, {0})
        seconds = exporter.await_polls().where("kafka_consumergroup_lag_seconds", consumergroup=group)
        assert set(seconds.values()) == {0}
    assert_counters_grow(pages)
    assert cluster_oracle.elections(cluster, "unclean") - before >= 2
    assert unclean(exporter.page()).keys() - {"lonely", "elsewhere"} == {allowed, forced}


def await_leader(cluster: Cluster, topic: str, leader: int) -> None:
    processes.wait_until(lambda: cluster.metadata(1).topics[topic][0].leader == leader, f"{topic} led by {leader}", 60)


@pytest.mark.long
@pytest.mark.since("4.1")
@pytest.mark.usefixtures("_mended")
def test_eligible_leaders_are_clean(stage: Stage, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """Electing an eligible leader replica (KIP-966) is not an unclean election."""
    topic = unique("eligible")
    cluster = stage.cluster
    stage.admin.create_topic(topic, assignment=[[3, 4]], min_insync_replicas="2")
    exporter = stage.exporter(start_exporter)
    before = cluster_oracle.elections(cluster, "eligible")
    cluster.terminate(4)
    cluster.ready()
    assert_healthy_as_kafka_says(exporter, cluster)
    cluster.terminate(3)
    await_leader(cluster, topic, -1)
    assert_healthy_as_kafka_says(exporter, cluster)
    cluster.start(4)
    await_leader(cluster, topic, 4)
    exporter.await_equal(lambda page: page.value("kafka_topic_leader_changes_total", topic=topic), 1)
    assert cluster_oracle.elections(cluster, "eligible") > before, "no election of the kind that is tested"
    page = exporter.await_polls()
    assert page.value("kafka_topic_unclean_leader_elections_total", topic=topic) == 0
    cluster.start(3).ready()


@pytest.mark.long
@pytest.mark.usefixtures("_mended")
def test_no_gap_and_no_ghost(stage: Stage, start_exporter: Start) -> None:
    """While leaders move, series of available partitions are on every page with correct values; those of an unavailable
    partition are held, then absent.
    """
    hold = 20  # Moving leaders takes 6 s or more.
    names = ("kafka_topic_partition_current_offset", "kafka_consumergroup_current_offset", "kafka_consumergroup_lag")
    stage.admin.commit("reader", {("plain", partition): 4 for partition in range(3)} | {("lonely", 0): 0})
    exporter = start_exporter(*kafka_flags(stage.cluster), config={"polling": {"hold": f"{hold}s"}})

    def shown(page: Page) -> dict[str, list[float]]:
        return {name: sorted(page.where(name, topic="plain").values()) for name in names}

    wanted = dict(zip(names, ([10] * 3, [4] * 3, [6] * 3), strict=True))
    exporter.await_equal(shown, wanted)
    exporter.await_page(lambda page: page.where("kafka_consumergroup_lag", topic="lonely"), "the lonely one")
    with exporter.watched() as pages:
        stage.kill(3)
        for name in ("kafka_topic_partition_current_offset", "kafka_consumergroup_lag", "kafka_consumergroup_lag_sum"):
            gone = f"no {name} of the dead"
            exporter.await_page(lambda page, name=name: not page.where(name, topic="lonely"), gone, hold * 3)
    for _, page in pages:
        assert shown(page) == wanted
        assert set(page.where("kafka_consumergroup_lag", topic="lonely").values()) <= {0}
    assert any(page.value("kafka_exporter_held_series", collector="offsets") for _, page in pages)
