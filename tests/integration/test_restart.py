"""Predictions of what a broker's stop would do, compared with kafka-topics after really stopping each broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kafka_tools
import oracle
import processes
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

Start = Callable[..., Exporter]
Partitions = set[oracle.TopicPartition]
STOPS = "kafka_broker_restart_would_stop_partitions"
UNDER = "kafka_broker_restart_would_under_min_isr_partitions"
SETTINGS_SOON = {"polling": {"topic_configs_interval": "1s"}}


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three brokers and a controller; topics with 1 to 3 replicas, with and without replicas to spare."""
    properties = {
        "broker.session.timeout.ms": 6000,
        "broker.heartbeat.interval.ms": 1000,
        "auto.leader.rebalance.enable": False,
        "replica.lag.time.max.ms": 3000,
    }
    root = tmp_path_factory.mktemp("restart")
    with Cluster(root, libs, 3, controllers=1, properties=properties) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        everywhere = [[1, 2, 3], [2, 3, 1], [3, 1, 2]]
        admin.create_topic("spare", assignment=everywhere, min_insync_replicas="2")
        admin.create_topic("strict", assignment=everywhere, min_insync_replicas="3")
        admin.create_topic("tight", assignment=[[1, 2], [2, 3]], min_insync_replicas="2")
        admin.create_topic("pair", assignment=[[3, 1]])
        admin.create_topic("single", assignment=[[1], [2], [2]])
        admin.create_topic("wants-more", assignment=[[3]], min_insync_replicas="2")
        admin.create_topic("forgiving", assignment=[[1, 2]], unclean_leader_election_enable="true")
        admin.create_topic("forgiving-single", assignment=[[3]], unclean_leader_election_enable="true")
        yield cluster


@pytest.mark.long
def test_each_broker_of_a_whole_cluster(stage: Cluster, start_exporter: Start) -> None:
    exporter = start_exporter(*kafka_flags(stage), config=SETTINGS_SOON)
    predicted = {id: predictions(exporter, stage)[id] for id in stage.ids}
    assert predicted == {1: (1, 4), 2: (2, 5), 3: (2, 4)}
    for id in stage.ids:
        assert really_stopped(stage, id) == predicted[id], f"broker {id}"
        assert predictions(exporter, stage) == predicted


@pytest.mark.long
def test_while_another_broker_is_down(stage: Cluster, start_exporter: Start) -> None:
    """Partitions that are offline or under min ISR already do not count, and a broker that is down has no prediction."""
    exporter = start_exporter(*kafka_flags(stage), config=SETTINGS_SOON)
    stage.terminate(3)
    stage.ready()
    predicted = predictions(exporter, stage)
    assert predicted.keys() == {1, 2}
    assert predicted[1][0] > 1, "pair is on 1 only now"
    assert really_stopped(stage, 1) == predicted[1]
    assert really_stopped(stage, 2) == predicted[2]
    stage.start(3).ready()


@pytest.mark.long
def test_a_replica_that_is_behind(stage: Cluster, start_exporter: Start) -> None:
    """A live replica that is not in sync becomes leader only if the topic allows unclean elections."""
    admin = Admin(stage)
    topics = {"behind": "false", "behind-forgiving": "true"}
    for topic, allowed in topics.items():
        admin.create_topic(topic, assignment=[[1, 2]], unclean_leader_election_enable=allowed)
    exporter = start_exporter(*kafka_flags(stage), config=SETTINGS_SOON)
    before = predictions(exporter, stage)
    # Kafka throttles replicas only while they are out of sync.
    for topic in topics:
        admin.configure("topic", topic, follower_replication_throttled_replicas="*")
    admin.configure("broker", "2", follower_replication_throttled_rate=1000)
    stage.terminate(2)
    stage.ready()
    for topic in topics:
        admin.produce_size(topic, [0], megabytes=10)
    stage.start(2)
    stops, under = before[1]
    exporter.await_equal(lambda page: shown(page).get(1), (stops + 1, under))
    assert {topic: stage.metadata(3).topics[topic][0].isr for topic in topics} == {topic: [1] for topic in topics}
    assert really_stopped(stage, 1, back=False) == (stops + 1, under)
    stage.start(1)
    admin.configure("broker", "2", follower_replication_throttled_rate=None)
    stage.ready()


def shown(page: Page) -> dict[int, tuple[float, float]]:
    """Returns the predictions of a page by broker: partitions that would stop, and that would fall under min ISR."""
    pairs = [{int(dict(key)["id"]): value for key, value in page.get(name).items()} for name in (STOPS, UNDER)]
    return {id: (pairs[0][id], pairs[1][id]) for id in pairs[0].keys() & pairs[1].keys()}


def predictions(exporter: Exporter, cluster: Cluster) -> dict[int, tuple[float, float]]:
    """Returns the predictions once the exporter sees the present state: all live brokers, and settings."""
    exporter.await_polls(2)
    return shown(exporter.await_page(lambda page: shown(page).keys() == set(cluster.alive), "all live brokers"))


def really_stopped(cluster: Cluster, id: int, back: bool = True) -> tuple[int, int]:
    """Stops a broker as for a restart. Returns the partitions that thereby have no leader, and those that fell under min ISR. With
    `back`, starts it again.
    """
    offline, under = listed(cluster, "--unavailable-partitions"), listed(cluster, "--under-min-isr-partitions")
    cluster.terminate(id)
    if back:
        cluster.ready()
    else:
        processes.wait_until(lambda: id not in cluster.metadata(cluster.alive[0]).brokers, "the broker is gone", 60)
    now_offline = listed(cluster, "--unavailable-partitions")
    now_under = listed(cluster, "--under-min-isr-partitions") - now_offline
    if back:
        cluster.start(id).ready()
    return len(now_offline - offline), len(now_under - under)


def listed(cluster: Cluster, which: str) -> Partitions:
    topics = oracle.parse_topics(kafka_tools.ask(cluster, "kafka-topics", "--describe", which))
    return {(topic, partition) for topic, partitions in topics.items() for partition in partitions}
