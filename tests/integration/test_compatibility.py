"""Dashboards and alerts made for kafka_exporter work: checks the tables of dashboards/compatibility.md."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from admin import Admin
from conftest import kafka_flags
from exporter import ROOT, Exporter
from kafka_cluster import Cluster
from prometheus_server import Prometheus

Start = Callable[..., Exporter]
Scene = tuple[Exporter, dict[str, str]]  # Exporter and values of variables in queries.
TEXT = (ROOT / "dashboards" / "compatibility.md").read_text()
ALWAYS = {"job", "instance"}  # Labels added by Prometheus.


def table(header: str) -> list[list[list[str]]]:
    """Returns the rows of the table with this header: the code spans of each cell."""
    found = re.search(rf"^\| {re.escape(header)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.M)
    assert found, f"no table | {header} |"
    rows = [line.strip("|").split("|") for line in found[1].splitlines()]
    return [[re.findall(r"`([^`]+)`", cell) for cell in row] for row in rows]


SOURCES = [row[1:] for row in table("source")]
ASKED = {row[0][0]: frozenset(row[1]) for row in table("metric | labels")}
QUERIES = [query for row in table("metric | labels") for query in row[2]]
FOREIGN = {metric for row in table("metric | comes from") for metric in row[0]}
INSTEAD = [query for row in table("metric | comes from") for query in row[2] if query.startswith("kafka_")]
SCRAPE = yaml.safe_load(re.search(r"^```yaml\n(.*?)^```", TEXT, re.M | re.S)[1])["scrape_configs"][0]
LABELS = SCRAPE["static_configs"][0]["labels"]


def test_the_tables_agree() -> None:
    """Checks that the tables list every metric and label of a source."""
    assert {metric for ours, _, _ in SOURCES for metric in ours} <= ASKED.keys()
    assert {metric for _, _, foreign in SOURCES for metric in foreign} == FOREIGN
    assert {label for _, labels, _ in SOURCES for label in labels} - ALWAYS == LABELS.keys()
    assert not [metric for metric in ASKED if not any(metric in query for query in QUERIES)]


@pytest.fixture
def scene(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> Scene:
    """A topic, and a group with lag that has no commit on one partition."""
    topic, group = unique("compatible"), unique("lagging")
    admin.create_topic(topic, partitions=3, replicas=3)
    admin.produce(topic, range(3), each=10)
    admin.commit(group, {(topic, 0): 4, (topic, 1): 7})
    exporter = start_exporter(*kafka_flags(cluster))  # Started now: sizes are read at the start and then rarely.
    names = ["kafka_consumergroup_lag_sum", "kafka_consumergroup_lag_seconds", "kafka_topic_partition_size_bytes"]
    exporter.await_page(lambda page: all(page.where(name, topic=topic) for name in names), "topic and group")
    return exporter, {"$topic": topic, "$consumergroup": group}


def test_the_page_has_each_metric_with_its_labels(scene: Scene) -> None:
    """Checks labels: exactly the expected ones, so that joins work, and none of the scrape configuration."""
    exporter, _ = scene
    series = exporter.page().series
    labels = {metric: {frozenset(dict(key)) for key in keys} for metric, keys in series.items()}
    assert {metric: labels.get(metric) for metric in ASKED} == {metric: {wanted} for metric, wanted in ASKED.items()}
    assert not {metric for metric in series for foreign in FOREIGN if fnmatchcase(metric, foreign)}
    assert not {label for sets in labels.values() for names in sets for label in names} & (ALWAYS | LABELS.keys())


def test_prometheus_answers_each_query(scene: Scene, tmp_path: Path) -> None:
    exporter, variables = scene
    asked = [*QUERIES, *INSTEAD, *(f'kafka_up{{{name}="{value}"}}' for name, value in LABELS.items())]
    for variable, value in variables.items():
        asked = [query.replace(variable, value) for query in asked]
    targets = {SCRAPE["job_name"]: [exporter.url.removeprefix("http://")]}
    with Prometheus(tmp_path / "prometheus", targets, rules=()) as prometheus:
        prometheus.config["scrape_configs"][0]["static_configs"][0]["labels"] = LABELS
        prometheus.start()
        end = time.monotonic() + 30
        while (asked := [query for query in asked if not prometheus.query(query)]) and time.monotonic() < end:
            time.sleep(0.2)
    assert not asked
