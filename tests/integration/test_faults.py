"""Faults of real clusters. A fault does not affect other series or the duration of polls, and recovery takes two polls.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from confluent_kafka import ElectionType, TopicPartition

import kafka_jars
import kafka_metadata
import kafka_tools
import oracle
import processes
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Labels, Page, labels

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
OLDER_BY_HAND = True
POLL = 2.0  # Seconds; also the deadline of a poll.
SOON = 120.0  # Seconds; two polls, if brokers get enough CPU time.
Start = Callable[..., Exporter]


@dataclass
class Stage:
    """A cluster for faults. Topics `spread` and `ticks`: partition n-1 is led by broker n, with replicas on all. Topic
    `only-n`: only on broker n. Only tick() produces, and groups do not commit, so that all lags are known.
    """

    cluster: Cluster
    admin: Admin
    lag: dict[Labels, float]

    def start(self, start_exporter: Start) -> Exporter:
        soon = {"polling": {"topic_configs_interval": f"{POLL}s", "log_dirs_interval": f"{POLL}s"}}
        return start_exporter(*kafka_flags(self.cluster), poll_seconds=POLL, config=soon)

    def start_whole(self, start_exporter: Start) -> Exporter:
        exporter = self.start(start_exporter)
        exporter.await_page(self.is_whole, "the whole cluster")
        return exporter

    def is_whole(self, page: Page) -> bool:
        """Waits until everything is up, fresh and known, except log directories, which brokers cannot read in a chroot.
        """
        succeeded = page.get("kafka_exporter_collector_success")
        return (
            page.value("kafka_up") == 1
            and page.get("kafka_broker_up") == {labels(id=id): 1 for id in self.cluster.ids}
            and {value for key, value in succeeded.items() if ("collector", "log_dirs") not in key} == {1}
            and not page.total("kafka_exporter_held_series")
            and self.lag.items() <= page.get("kafka_consumergroup_lag").items()
        )

    def tick(self, exporter: Exporter, broker: int) -> None:
        """Produces a record to partition `broker`-1 of `ticks` and waits for it on the page."""
        partition = broker - 1
        key = labels(topic="ticks", partition=partition)
        wanted = self.admin.produce("ticks", [partition], each=1, acks=1)[partition]
        exporter.await_page(
            lambda page: page.get("kafka_topic_partition_current_offset").get(key, 0) >= wanted,  # a retry may produce twice
            f"ticks/{partition} at {wanted}",
            timeout=SOON,
        )

    def await_recovery(self, exporter: Exporter) -> None:
        """Checks that the page recovers after Kafka and equals the output of Kafka's tools."""
        self.cluster.ready()
        exporter.await_page(self.is_whole, "the whole cluster again", timeout=SOON)
        wanted = oracle.expected(oracle.ask(self.cluster))
        exporter.await_equal(lambda page: oracle.differences(page, wanted), [], timeout=SOON)


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    quick = {"broker.session.timeout.ms": 6000, "broker.heartbeat.interval.ms": 1000}
    with Cluster(tmp_path_factory.mktemp("faults"), libs, 3, properties=quick) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        everywhere = [[1, 2, 3], [2, 3, 1], [3, 1, 2]]
        topics = {"spread": everywhere, "ticks": everywhere, **{f"only-{id}": [[id]] for id in cluster.ids}}
        for topic, assignment in topics.items():
            admin.create_topic(topic, assignment=assignment)
            admin.produce(topic, range(len(assignment)), each=10)
        lag: dict[Labels, float] = {}
        for number in range(8):  # Enough for every broker to coordinate some.
            group = f"group-{number}"
            behind = {(topic, p): number for topic in topics if topic != "ticks" for p in range(len(topics[topic]))}
            admin.commit(group, behind)
            for (topic, partition), committed in behind.items():
                lag[labels(consumergroup=group, topic=topic, partition=partition)] = 10 - committed
        yield Stage(cluster, admin, lag)


@pytest.fixture(autouse=True)
def _mended(stage: Stage) -> Iterator[None]:
    """Restores the cluster for the next test."""
    yield
    for id in stage.cluster.ids:
        if id in stage.cluster.running:
            stage.cluster.resume(id)
        else:
            stage.cluster.start(id)
    stage.cluster.ready()
    spread = [TopicPartition(topic, partition) for topic in ("spread", "ticks") for partition in range(3)]
    stage.admin.client.elect_leaders(ElectionType.PREFERRED, spread).result(30)
    stage.cluster.ready()


def assert_never_wrong(stage: Stage, pages: list[tuple[float, Page]], complete: bool = True) -> None:
    """Checks that each lag on the pages is correct and, if `complete`, present."""
    for _, page in pages:
        shown = {key: value for key, value in page.get("kafka_consumergroup_lag").items() if key in stage.lag}
        wrong = {key: value for key, value in shown.items() if value != stage.lag[key]}
        assert not wrong
        if complete:
            assert shown.keys() == stage.lag.keys(), f"missing: {list(stage.lag.keys() - shown.keys())[:3]}"


def assert_polls_in_time(exporter: Exporter, pages: list[tuple[float, Page]]) -> None:
    """Checks that polls kept deadline and interval (asserted at double)."""
    (begin, first), (end, last) = pages[0], pages[-1]
    polls = exporter.polls(last) - exporter.polls(first)
    assert polls >= (end - begin) / (2 * POLL) - 1, f"{polls} polls in {end - begin:.0f} s"
    spent = [page.total("kafka_exporter_poll_duration_seconds_sum") for page in (first, last)]
    assert polls == 0 or (spent[1] - spent[0]) / polls <= 2 * POLL


def assert_ends_in_time(exporter: Exporter) -> None:
    exporter.stop()


@pytest.mark.sanitizer
def test_no_kafka_at_start(stage: Stage, start_exporter: Start) -> None:
    """The page has kafka_up 0 at once, and is complete within two polls after Kafka starts."""
    stage.cluster.kill()
    exporter, other = stage.start(start_exporter), stage.start(start_exporter)
    page = exporter.await_page(lambda page: page.value("kafka_up") == 0, "kafka_up 0", timeout=SOON)
    assert not page.get("kafka_topic_partitions")
    exporter.request("/-/healthy")
    processes.wait_until(lambda: _ready(exporter), "ready after a poll that failed", timeout=SOON)
    assert_ends_in_time(other)
    stage.cluster.start()
    stage.await_recovery(exporter)


def _ready(exporter: Exporter) -> bool:
    try:
        exporter.request("/-/ready")
        return True
    except OSError:
        return False


LONG = [pytest.mark.long, pytest.mark.since(kafka_jars.VERSION)]


@pytest.mark.parametrize("broker", [1, *(pytest.param(id, marks=LONG) for id in (2, 3))])
def test_one_killed(stage: Stage, start_exporter: Start, broker: int) -> None:
    """Its broker_up is 0, leaders move, everything else is fresh, and polls are on time."""
    exporter, other = stage.start_whole(start_exporter), stage.start_whole(start_exporter)
    others = [id for id in stage.cluster.ids if id != broker]
    with exporter.watched() as pages:
        stage.cluster.kill(broker)
        exporter.await_page(
            lambda page: page.value("kafka_broker_up", id=broker) == 0, "broker_up 0", timeout=SOON
        )
        for id in others:
            stage.tick(exporter, id)
        stage.cluster.ready()  # Waits for new leaders.
        leader = stage.cluster.metadata(others[0]).topics["spread"][broker - 1].leader
        exporter.await_equal(
            lambda page: page.value("kafka_topic_partition_leader", topic="spread", partition=broker - 1),
            leader,
            timeout=SOON,
        )
        stage.tick(exporter, broker)  # The partition with a new leader.
        page = exporter.await_page(lambda page: page.value("kafka_brokers") == 2, "kafka_brokers 2")
        assert page.get("kafka_broker_up") == {labels(id=id): id != broker for id in stage.cluster.ids}
        assert page.value("kafka_topic_partition_leader", topic=f"only-{broker}", partition=0) is None
        assert_ends_in_time(other)
        stage.cluster.start(broker)
        stage.await_recovery(exporter)
    assert_never_wrong(stage, pages)
    assert_polls_in_time(exporter, pages)


@pytest.mark.parametrize(
    ("broker", "seconds"),
    [(1, 30), *(pytest.param(id, 90, marks=LONG) for id in (1, 2, 3))],
)
def test_one_frozen(stage: Stage, start_exporter: Start, broker: int, seconds: int) -> None:
    """A suspended broker only affects its own partitions, and everything recovers when it resumes, also in an exporter
    started meanwhile.
    """
    exporter, other = stage.start_whole(start_exporter), stage.start_whole(start_exporter)
    others = [id for id in stage.cluster.ids if id != broker]
    with exporter.watched() as pages:
        begin = time.monotonic()
        stage.cluster.pause(broker)
        exporter.await_page(
            lambda page: page.value("kafka_broker_up", id=broker) == 0, "broker_up 0", timeout=SOON
        )
        for id in others:
            stage.tick(exporter, id)
        late = stage.start(start_exporter)
        assert_ends_in_time(other)
        late.await_page(
            lambda page: (
                page.value("kafka_up") == 1
                and all(_lag_of(stage, page, f"only-{id}") for id in others)
                and page.value("kafka_broker_up", id=broker) == 0
            ),
            "a page of the other two brokers",
            timeout=SOON,
        )
        _await_leader_elsewhere(stage, broker, others[0])
        stage.tick(exporter, broker)
        processes.wait_until(lambda: time.monotonic() - begin >= seconds, "the end of the frost", timeout=seconds + 1)
        for id in others:
            stage.tick(exporter, id)
        stage.cluster.resume(broker)
        stage.await_recovery(exporter)
        stage.await_recovery(late)
    # Data of the suspended broker only is held for a minute.
    assert_never_wrong(stage, pages, complete=seconds < 60)
    assert_polls_in_time(exporter, pages)


def _lag_of(stage: Stage, page: Page, topic: str) -> bool:
    """Returns whether all lag series of the topic are present and correct."""
    wanted = {key: value for key, value in stage.lag.items() if ("topic", topic) in key}
    return wanted == page.where("kafka_consumergroup_lag", topic=topic)


def _await_leader_elsewhere(stage: Stage, broker: int, witness: int) -> None:
    """Waits until Kafka has fenced the broker and elected another leader for its partitions."""
    processes.wait_until(
        lambda: stage.cluster.metadata(witness).topics["ticks"][broker - 1].leader not in (broker, -1),
        "another leader",
        timeout=60,
    )


@pytest.mark.long
def test_statistics_across_reconnects(stage: Stage, start_exporter: Start) -> None:
    """librdkafka's counters for a broker never decrease, and are removed with the broker."""
    exporter = stage.start_whole(start_exporter)
    connected = "kafka_exporter_client_connected"
    exporter.await_equal(lambda page: page.get(connected), {labels(id=id): 1 for id in stage.cluster.ids})
    with exporter.watched() as pages:
        stage.cluster.kill(3)
        stage.cluster.ready()
        exporter.await_equal(lambda page: page.get(connected), {labels(id=id): 1 for id in (1, 2)})
    for (_, before), (_, after) in zip(pages, pages[1:], strict=False):
        for name in ("requests", "responses", "sent_bytes", "received_bytes", "connects", "disconnects"):
            counts, now = (page.get(f"kafka_exporter_client_{name}_total") for page in (before, after))
            assert all(now.get(key, value) >= value for key, value in counts.items()), name
    page = exporter.page()
    assert not [name for name in page.series if name.startswith("kafka_exporter_client_") and page.where(name, id=3)]
    stage.cluster.start(3)
    stage.await_recovery(exporter)
    exporter.await_equal(lambda page: page.get(connected), {labels(id=id): 1 for id in stage.cluster.ids})


def test_suspended(stage: Stage, start_exporter: Start) -> None:
    """Suspension of the exporter is not taken for a hanging poll or for skipped polls."""
    exporter = start_exporter(*kafka_flags(stage.cluster))
    exporter.await_page(stage.is_whole, "the whole cluster")
    skipped = [exporter.page().value("kafka_exporter_polls_skipped_total")]
    for _ in range(2):
        exporter.process.send_signal(signal.SIGSTOP)
        time.sleep(6)  # Twice the limit for a hanging poll.
        with exporter.watched(every=0.02) as pages:
            exporter.process.send_signal(signal.SIGCONT)
            exporter.await_polls(3)
        assert all(page.value("kafka_up") == 1 for _, page in pages)
        assert_never_wrong(stage, pages)
        skipped.append(exporter.page().value("kafka_exporter_polls_skipped_total"))
    assert "the page" not in exporter.said()
    # A poll may be suspended halfway; rarely twice.
    assert min(after - before for before, after in pairwise(skipped)) <= 1


def test_all_down_and_back(stage: Stage, start_exporter: Start) -> None:
    """kafka_up is 0 and no values are invented; complete again after the restart."""
    exporter, other = stage.start_whole(start_exporter), stage.start_whole(start_exporter)
    with exporter.watched() as pages:
        stage.cluster.kill()
        page = exporter.await_page(
            lambda page: page.value("kafka_up") == 0 and not any(page.get("kafka_broker_up").values()),
            "kafka_up 0 and no broker up",
            timeout=SOON,
        )
        assert page.value("kafka_exporter_collector_success", collector="metadata") == 0
        assert_ends_in_time(other)
        stage.cluster.start()
        stage.await_recovery(exporter)
    assert_never_wrong(stage, pages)


def test_a_leader_moves(stage: Stage, start_exporter: Start) -> None:
    """A reassignment and an election change leader and preferred leader on the page; no series is interrupted."""
    stage.admin.create_topic("moving", assignment=[[1, 2, 3]])
    stage.admin.produce("moving", [0], each=4)
    exporter = stage.start_whole(start_exporter)
    key = {"topic": "moving", "partition": 0}

    def view(page: Page) -> tuple[float | None, ...]:
        names = ("leader", "leader_is_preferred", "current_offset")
        return tuple(page.value(f"kafka_topic_partition_{name}", **key) for name in names)

    exporter.await_equal(view, (1, 1, 4))
    with exporter.watched() as pages:
        kafka_metadata.reassign(stage.cluster.ports["PLAINTEXT"][1], "moving", 0, [3, 2, 1])
        election = ["--election-type", "preferred", "--topic", "moving", "--partition", 0]
        kafka_tools.ask(stage.cluster, "kafka-leader-election", *election)
        stage.admin.produce("moving", [0], each=1)
        exporter.await_equal(view, (3, 1, 5), timeout=SOON)
    ends = [page.value("kafka_topic_partition_current_offset", **key) for _, page in pages]
    assert set(ends) <= {4, 5} and ends == sorted(ends)
