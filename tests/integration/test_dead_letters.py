"""Which topics are dead letter queues, whose, and what is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page
from prometheus_server import Prometheus

Start = Callable[..., Exporter]
INFO = "kafka_topic_dead_letter_info"


def queues(page: Page) -> set[tuple[str, str, str]]:
    return {(labels["topic"], labels["kind"], labels["of"]) for key in page.series.get(INFO, {}) for labels in [dict(key)]}


def test_names_tell(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str], tmp_path: Path) -> None:
    orders, billing = unique("orders"), unique("billing")
    stray = unique("stray")
    for name in (orders, f"{orders}.DLT", f"dlq.{billing}", f"{stray}-dead-letter-queue", f"{stray}-deadline"):
        admin.create_topic(name, partitions=2)
    admin.produce(orders, range(2), each=1)
    admin.produce(f"{orders}.DLT", range(2), each=3)
    admin.delete_records(f"{orders}.DLT", 0, before=2)
    admin.commit(billing, {(orders, 0): 1})
    mine = {"topics": {"filter": f"{orders}|{billing}|{stray}"}, "polling": {"earliest_every": 1}}
    exporter = start_exporter(*kafka_flags(cluster), config=mine)
    found = {
        (f"{orders}.DLT", "pattern", orders),
        (f"dlq.{billing}", "pattern", billing),
        (f"{stray}-dead-letter-queue", "pattern", ""),
    }
    exporter.await_equal(queues, found)
    with Prometheus(tmp_path / "prometheus", {"kafka": [exporter.url.removeprefix("http://")]}, rules=()) as prometheus:
        prometheus.start()
        records = (
            "sum by (topic) (kafka_topic_partition_current_offset - kafka_topic_partition_oldest_offset)"
            " and on (topic) kafka_topic_dead_letter_info"
        )

        def counted(_: Page) -> dict[str, float]:
            return {row["metric"]["topic"]: float(row["value"][1]) for row in prometheus.query(records)}

        exporter.await_equal(counted, {f"{orders}.DLT": 4, f"dlq.{billing}": 0, f"{stray}-dead-letter-queue": 0})
    admin.delete_topic(f"dlq.{billing}")
    exporter.await_equal(queues, {row for row in found if row[0] != f"dlq.{billing}"})


def test_another_expression_and_none(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    name = unique("letters")
    for topic in (name, f"failed-{name}", f"{name}-dlq"):
        admin.create_topic(topic)
    for expression, wanted in {"^failed-": {(f"failed-{name}", "pattern", name)}, "": set()}.items():
        mine = {"topics": {"filter": name, "dead_letters": expression}}
        exporter = start_exporter(*kafka_flags(cluster), config=mine)
        page = exporter.await_page(lambda page: page.where("kafka_topic_partitions", topic=f"{name}-dlq"), "topics")
        assert queues(page) == wanted
