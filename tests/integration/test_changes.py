"""What changed: counters and log lines of topics, settings, brokers and controllers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import NewPartitions

from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

Start = Callable[..., Exporter]
SETTINGS_SOON = {"polling": {"topic_configs_interval": "1s"}}
COUNTERS = {
    "created": "kafka_topics_created_total",
    "deleted": "kafka_topics_deleted_total",
    "settings": "kafka_topic_config_changes_total",
    "added": "kafka_brokers_added_total",
    "removed": "kafka_brokers_removed_total",
    "controllers": "kafka_controller_changes_total",
}
LINES = "topic created|topic deleted|partitions added|topic configuration changed|broker added|broker removed|controller changed"


def counts(page: Page) -> dict[str, float | None]:
    return {word: page.value(name) for word, name in COUNTERS.items()}


def changed(**found: int) -> dict[str, float]:
    return dict.fromkeys(COUNTERS, 0) | found


def logged(exporter: Exporter) -> list[str]:
    """Returns the log lines about changes, without time and level."""
    return re.findall(rf'msg="(?:{LINES})".*', exporter.said())


def test_topics_and_their_settings(
    cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]
) -> None:
    prefix = unique("changing")
    old, new = f"{prefix}-old", f"{prefix}-new"
    admin.create_topic(old, retention_ms="1000000")
    exporter = start_exporter(*kafka_flags(cluster), f"--topic.filter=^{prefix}-", config=SETTINGS_SOON)
    exporter.await_equal(counts, changed())
    assert counts(exporter.await_polls(3)) == changed()

    admin.create_topic(new, partitions=3, retention_ms="1000")
    exporter.await_equal(counts, changed(created=1))
    admin.client.create_partitions([NewPartitions(old, 2)])[old].result(30)
    exporter.await_equal(lambda page: page.value("kafka_topic_partitions", topic=old), 2)
    admin.configure("topic", old, retention_ms=2000000, max_message_bytes=50000)
    exporter.await_equal(counts, changed(created=1, settings=2))
    admin.configure("topic", old, max_message_bytes=None)
    exporter.await_equal(counts, changed(created=1, settings=3))
    admin.delete_topic(new)
    exporter.await_equal(counts, changed(created=1, deleted=1, settings=3))
    assert counts(exporter.await_polls(3)) == changed(created=1, deleted=1, settings=3)
    assert sorted(logged(exporter)) == sorted(
        [
            f'msg="topic created" topic={new} partitions=3',
            f'msg="partitions added" topic={old} partitions=2 before=1',
            f'msg="topic configuration changed" topic={old} key=retention.ms value=2000000',
            f'msg="topic configuration changed" topic={old} key=max.message.bytes value=50000',
            f'msg="topic configuration changed" topic={old} key=max.message.bytes',
            f'msg="topic deleted" topic={new}',
        ]
    )


@pytest.fixture(scope="module")
def fragile(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three combined brokers and controllers that may be killed."""
    properties = {"broker.session.timeout.ms": 6000, "broker.heartbeat.interval.ms": 1000}
    with Cluster(tmp_path_factory.mktemp("changes"), libs, 3, properties=properties) as cluster:
        yield cluster.start().ready()


@pytest.mark.long
def test_brokers_and_controllers(fragile: Cluster, start_exporter: Start) -> None:
    """The active controller is killed and comes back; then all are down for a while, which is no deletion."""
    Admin(fragile).create_topic("orders", partitions=3, replicas=3)
    exporter = start_exporter(*kafka_flags(fragile), config={"polling": {"hold": "5s"}})
    page = exporter.await_page(lambda page: counts(page)["controllers"] == 0, "a controller")
    victim = int(*page.names("kafka_controller", "id"))
    fragile.kill(victim)
    fragile.ready()
    exporter.await_page(
        lambda page: (counts(page)["removed"], counts(page)["controllers"]) == (1, 1), "one broker and controller gone"
    )
    fragile.start(victim).ready()
    exporter.await_page(lambda page: counts(page)["added"] == 1, "the broker is back")

    before = exporter.page()
    fragile.kill()
    exporter.await_equal(lambda page: page.value("kafka_up"), 0)
    exporter.await_page(lambda page: page.value("kafka_brokers") is None, "metadata no longer held")
    assert counts(exporter.page()) == counts(before)
    fragile.start().ready()
    exporter.await_equal(lambda page: page.value("kafka_brokers"), 3)
    page = exporter.await_polls(3)
    assert (counts(page)["created"], counts(page)["deleted"]) == (0, 0)
    kinds = Counter(re.match(r'msg="([^"]*)"', line)[1] for line in logged(exporter))
    assert kinds["broker removed"] == counts(page)["removed"]
    assert kinds["broker added"] == counts(page)["added"]
    assert kinds["controller changed"] == counts(page)["controllers"]
    assert kinds["topic deleted"] == 0
