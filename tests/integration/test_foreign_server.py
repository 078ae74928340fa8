"""Something that is not Kafka answers at one broker's advertised address: only what that broker has is missing, from the
first poll on, and a poll takes no longer than one request may.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import processes
from admin import Admin
from exporter import Exporter
from foreign_server import BEHAVIORS, ForeignServer
from kafka_cluster import Cluster
from page import Page

Start = Callable[..., Exporter]
BAD, GOOD = 2, (1, 3)
REQUEST_TIMEOUT, DEADLINE = 3.0, 20.0  # Seconds.


@pytest.fixture(scope="module")
def port() -> int:
    """Returns the port that broker BAD advertises and does not listen on."""
    return processes.free_port()


@pytest.fixture(scope="module")
def cluster(libs: Path, tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Cluster]:
    """Partition n-1 of `spread` has broker n as its only replica; some groups have committed on all of them."""
    cluster = Cluster(tmp_path_factory.mktemp("foreign"), libs, 3, listeners={"FOREIGN": "PLAINTEXT"})
    ports = cluster.ports["PLAINTEXT"]
    cluster.own_properties[BAD] = {
        "advertised.listeners": f"PLAINTEXT://localhost:{ports[BAD]},FOREIGN://localhost:{port}"
    }
    with cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("spread", assignment=[[id] for id in cluster.ids])
        admin.produce("spread", range(3), each=10)
        for number in range(12):
            admin.commit(f"group-{number}", {("spread", partition): 5 for partition in range(3)})
        yield cluster


def flags(cluster: Cluster) -> list[str]:
    return [f"--kafka.server=localhost:{cluster.ports['FOREIGN'][id]}" for id in GOOD]


def broker_up(page: Page) -> dict[int, bool]:
    return {int(dict(key)["id"]): bool(value) for key, value in page.get("kafka_broker_up").items()}


def check(cluster: Cluster, page: Page) -> None:
    """The page has all that the good brokers have."""
    assert broker_up(page) == {id: id != BAD for id in cluster.ids}
    for id in GOOD:
        assert page.value("kafka_topic_partition_current_offset", topic="spread", partition=id - 1) == 10
    for id in GOOD:
        groups = [dict(row)["consumergroup"] for row in page.where("kafka_consumergroup_info", coordinator=id)]
        for group in groups:
            for good in GOOD:
                key = {"consumergroup": group, "topic": "spread", "partition": good - 1}
                assert page.value("kafka_consumergroup_lag", **key) == 5, key


FEW = ("http_stays", "silent", "zeros")  # The others only in the long tests.


@pytest.mark.parametrize("behavior", [*FEW, *(pytest.param(b, marks=pytest.mark.long) for b in BEHAVIORS if b not in FEW)])
def test_from_the_start(cluster: Cluster, start_exporter: Start, port: int, behavior: str) -> None:
    with ForeignServer(port, behavior):
        exporter = start_exporter(
            *flags(cluster),
            poll_seconds=1,
            config={"polling": {"deadline": f"{DEADLINE:g}s", "request_timeout": f"{REQUEST_TIMEOUT:g}s"}},
        )
        page = exporter.await_page(lambda page: page.value("kafka_up") == 1, "the first poll")
        check(cluster, page)
        page = exporter.await_polls(2)
        check(cluster, page)
        assert page.value("kafka_topic_partition_current_offset", topic="spread", partition=BAD - 1) is None
        polls = exporter.polls(page)
        spent = page.total("kafka_exporter_poll_duration_seconds_sum")
        assert spent / polls <= 2 * REQUEST_TIMEOUT, f"{spent:.1f} s in {polls:.0f} polls"
    assert blamed(exporter) == {BAD}, exporter.said()


@pytest.mark.parametrize("behavior", ["http_closes", "silent", "garbage_body"])
def test_taken_over(cluster: Cluster, start_exporter: Start, port: int, behavior: str) -> None:
    """The next poll finds that the broker is gone."""
    with ForeignServer(port, kafka=cluster.ports["FOREIGN"][BAD]) as server:
        exporter = start_exporter(
            *flags(cluster),
            poll_seconds=1,
            config={"polling": {"deadline": f"{DEADLINE:g}s", "request_timeout": f"{REQUEST_TIMEOUT:g}s"}},
        )
        exporter.await_page(lambda page: broker_up(page) == dict.fromkeys(cluster.ids, True), "all brokers are up")
        exporter.await_polls(2)
        server.take_over(behavior)
        page = exporter.await_polls(2)  # The first may have begun before.
        check(cluster, page)
    assert blamed(exporter) <= {BAD}, exporter.said()


def blamed(exporter: Exporter) -> set[int]:
    """Returns the brokers that the log names."""
    return {int(id) for id in re.findall(r"broker (\d+)", exporter.said())}
