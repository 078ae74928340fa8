"""The metrics of kafka-lag-exporter: values, labels of members, the queries of its dashboard, and docs/migrating.md."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from admin import Admin
from conftest import kafka_flags
from exporter import ROOT, Exporter
from group_oracle import members
from kafka_cluster import Cluster
from page import Page
from prometheus_server import Prometheus, QueryError

Start = Callable[..., Exporter]
COMPATIBLE = {"compatibility": ["kafka-lag-exporter"], "topics": {"exclude": "^__"}}
COMPATIBILITY = (ROOT / "dashboards" / "compatibility.md").read_text()
MIGRATING = (ROOT / "docs" / "migrating.md").read_text()


def rows(text: str, header: str) -> list[list[list[str]]]:
    """Returns the rows of the table whose header begins so: the code spans of each cell."""
    found = re.search(rf"^\| {re.escape(header)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.M)
    assert found, f"no table | {header} |"
    return [[re.findall(r"`([^`]+)`", cell) for cell in line.strip("|").split(" | ")] for line in found[1].splitlines()]


TABLE = rows(COMPATIBILITY, "metric of kafka-lag-exporter")
LABELS = {row[0][0]: frozenset(row[1]) for row in TABLE}
QUERIES = [query for row in TABLE for query in row[2]]
# Each metric of others, and what replaces it.
REPLACED = [
    (name, instead)
    for other in ("kafka-lag-exporter 0.8", "kminion 2", "Burrow 1.9", "kafka_consumer")
    for theirs, instead in rows(MIGRATING, other)
    for name in theirs
]


@pytest.fixture
def names(cluster: Cluster, admin: Admin, unique: Callable[[str], str]) -> dict[str, str]:
    """A topic, a group without members that lags on two of its three partitions, and a name for another one."""
    topic, empty = unique("lag-exporter"), unique("nobody")
    admin.create_topic(topic, partitions=3)
    admin.produce(topic, range(3), each=10)
    admin.commit(empty, {(topic, 0): 4, (topic, 1): 7, (topic, 2): 10})
    return {"topic": topic, "empty": empty, "used": unique("consumed")}


def started(start_exporter: Start, cluster: Cluster, names: dict[str, str], **settings: object) -> Exporter:
    settings = COMPATIBLE | {"groups": {"filter": f"^({names['empty']}|{names['used']})$"}} | settings
    return start_exporter(*kafka_flags(cluster), config=settings)


def test_values_and_members(cluster: Cluster, admin: Admin, start_exporter: Start, names: dict[str, str]) -> None:
    """The labels of a member are those that Kafka's own tool shows; values are those of kafkascope's own names."""
    exporter = started(start_exporter, cluster, names, name="east")
    identity = {"group.id": names["used"], "client.id": "reader"}
    consumer = Consumer({**admin.bootstrap, **identity, "auto.offset.reset": "earliest", "auto.commit.interval.ms": 100})
    consumer.subscribe([names["topic"]])
    try:

        def owned(page: Page) -> bool:
            consumer.poll(0)
            offsets = page.where("kafka_consumergroup_group_offset", group=names["used"])
            return len(offsets) == 3 and all(dict(key)["client_id"] == "reader" for key in offsets)

        page = exporter.await_page(owned, "three partitions of the consumer")
        (member,) = members(cluster, names["used"], {"reader"})
    finally:
        consumer.close()
    lags = page.where("kafka_consumergroup_group_lag", cluster_name="east", group=names["used"])
    assert {(dict(key)["member_host"], dict(key)["consumer_id"]) for key in lags} == {(member.host, member.id)}

    def value(name: str, **labels: str) -> float:
        (found,) = page.where(name, cluster_name="east", **labels).values()
        return found

    for partition, lag in enumerate((6, 3, 0)):
        row = {"group": names["empty"], "topic": names["topic"], "partition": str(partition), "consumer_id": "unknown"}
        assert value("kafka_consumergroup_group_lag", **row) == lag
        assert value("kafka_consumergroup_group_offset", **row) == 10 - lag
        assert (value("kafka_consumergroup_group_lag_seconds", **row) > 0) == (lag > 0)
    assert value("kafka_consumergroup_group_max_lag", group=names["empty"]) == 6
    assert value("kafka_consumergroup_group_sum_lag", group=names["empty"]) == 9
    assert value("kafka_consumergroup_group_topic_sum_lag", group=names["empty"], topic=names["topic"]) == 9
    assert value("kafka_partition_latest_offset", topic=names["topic"], partition="1") == 10
    assert value("kafka_partition_earliest_offset", topic=names["topic"], partition="1") == 0
    assert 0 <= value("kafka_consumergroup_poll_time_ms") < 60_000
    found = {metric: {frozenset(dict(key)) - {"kafka_cluster"} for key in page.series.get(metric, {})} for metric in LABELS}
    assert found == {metric: {wanted} for metric, wanted in LABELS.items()}


def test_the_name_is_the_clusters_id_without_one(cluster: Cluster, start_exporter: Start, names: dict[str, str]) -> None:
    exporter = started(start_exporter, cluster, names)
    page = exporter.await_page(lambda page: page.where("kafka_consumergroup_group_lag"), "lag")
    assert page.names("kafka_consumergroup_group_lag", "cluster_name") == page.names("kafka_cluster_info", "cluster_id")


def test_nothing_of_it_by_default(exporter: Exporter) -> None:
    page = exporter.await_page(lambda page: page.where("kafka_consumergroup_lag"), "lag")
    assert not page.series.keys() & LABELS.keys()


def test_prometheus_answers_each_query(cluster: Cluster, start_exporter: Start, names: dict[str, str], tmp_path: Path) -> None:
    """Of the dashboard and the alert, and what docs/migrating.md offers instead."""
    exporter = started(start_exporter, cluster, names, name="east", groups={"members": True, "owners": True})
    asked = [*QUERIES]
    for variable, value in {"$namespace": "kafka", "$cluster_name": "east", "$consumer_group": names["empty"]}.items():
        asked = [query.replace(variable, value) for query in asked]
    with Prometheus(tmp_path / "prometheus", {"lag": [exporter.url.removeprefix("http://")]}, rules=()) as prometheus:
        prometheus.config["scrape_configs"][0]["static_configs"][0]["labels"] = {"namespace": "kafka"}
        prometheus.start()
        end = time.monotonic() + 30
        while (left := [query for query in asked if not prometheus.query(query)]) and time.monotonic() < end:
            time.sleep(0.2)
        assert not left
        wrong = []
        for query in {query for _, instead in REPLACED for query in instead if "kafka_" in query}:
            try:
                prometheus.query(query)
            except QueryError as error:
                wrong.append(f"{query}: {error}")
        assert not wrong


def test_the_tables_are_whole() -> None:
    """Every metric of kafka-lag-exporter has a row in both tables, and everything is replaced, or by nothing for a reason."""
    assert LABELS.keys() <= {name for name, _ in REPLACED}
    sections = MIGRATING.partition("## From kafka-lag-exporter")[2]
    for line in re.findall(r"^\| `.*$", sections, re.M):
        cell = line.strip("|").split(" | ")[1].strip()
        assert "`" in cell or cell.startswith("none:") or cell in {"none", "the same"}, line
