"""Feature levels of brokers and cluster equal those of kafka-features, at rest and in a rolling upgrade."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import kafka_jars
import kafka_tools
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page, labels

Start = Callable[..., Exporter]
SOON = {"polling": {"features_interval": "1s"}}
METADATA = {"feature": "metadata.version"}


def levels_of_release(cluster: Cluster, release: str) -> dict[str, int]:
    """Returns the level of each feature that belongs to a release."""
    said = kafka_tools.ask(cluster, "kafka-features", "version-mapping", "--release-version", release)
    return {name: int(level) for name, level in re.findall(r"^(\S+)=(\d+)", said, re.MULTILINE)}


def described(cluster: Cluster) -> dict[str, tuple[str, str]]:
    """Returns {feature: (highest level that is supported, level that is used)}, as kafka-features prints them."""
    said = kafka_tools.ask(cluster, "kafka-features", "describe")
    row = r"^Feature: (\S+)\s+SupportedMinVersion: \S+\s+SupportedMaxVersion: (\S+)\s+FinalizedVersionLevel: (\S+)"
    return {name: (most, used) for name, most, used in re.findall(row, said, re.MULTILINE)}


def used(page: Page) -> dict[str, float]:
    return {dict(key)["feature"]: level for key, level in page.get("kafka_cluster_feature_level").items()}


def supported(page: Page) -> dict[int, float]:
    """Returns the highest metadata.version of each broker."""
    return {int(dict(key)["id"]): level for key, level in page.where("kafka_broker_feature_max_level", **METADATA).items()}


def test_as_kafka_says(cluster: Cluster, start_exporter: Start) -> None:
    exporter = start_exporter(*kafka_flags(cluster), config=SOON)
    page = exporter.await_page(used, "feature levels")
    wanted = described(cluster)
    numbers = {name: pair for name, pair in wanted.items() if pair[0].isdigit()}
    assert len(numbers) >= 3, wanted
    for name, (most, level) in numbers.items():
        assert {page.value("kafka_broker_feature_max_level", id=id, feature=name) for id in cluster.ids} == {int(most)}
        assert used(page).get(name, 0) == int(level), name
    release = kafka_jars.VERSION.rpartition(".")[0]
    assert used(page)["metadata.version"] == levels_of_release(cluster, release)["metadata.version"]
    assert set(page.get("kafka_broker_feature_max_level")) >= {labels(id=id, **METADATA) for id in cluster.ids}


def test_switched_off(cluster: Cluster, start_exporter: Start) -> None:
    exporter = start_exporter(*kafka_flags(cluster), config={**SOON, "collectors": {"features": False}})
    page = exporter.await_polls(4)
    assert not [name for name in page.series if "feature" in name and page.get(name)]


@pytest.mark.long
def test_rolling_upgrade(tmp_path: Path, start_exporter: Start) -> None:
    """From Kafka 3.9: the brokers one by one, then the cluster."""
    with Cluster(tmp_path, kafka_jars.ensure(kafka_jars.OLDER), 3) as cluster:
        cluster.start().ready()
        releases = [version.rpartition(".")[0] for version in (kafka_jars.OLDER, kafka_jars.VERSION)]
        old, new = (levels_of_release(cluster, release) for release in releases)
        before, after = old["metadata.version"], new["metadata.version"]
        assert before < after
        exporter = start_exporter(*kafka_flags(cluster), config=SOON)
        exporter.await_equal(supported, dict.fromkeys(cluster.ids, before))
        exporter.await_equal(lambda page: used(page)["metadata.version"], before)
        cluster.use(kafka_jars.ensure(kafka_jars.VERSION))
        upgraded = dict.fromkeys(cluster.ids, before)
        for id in cluster.ids:
            cluster.terminate(id)
            cluster.start(id).ready()
            upgraded[id] = after
            exporter.await_equal(supported, upgraded)
            assert used(exporter.page())["metadata.version"] == before
        kafka_tools.ask(cluster, "kafka-features", "upgrade", "--release-version", releases[1])
        page = exporter.await_equal(lambda page: used(page)["metadata.version"], after)
        wanted = {name: level for name, level in new.items() if level}
        assert used(page).items() >= wanted.items() - {("kraft.version", 1)}, (used(page), wanted)
