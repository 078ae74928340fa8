"""Tests of requests per poll."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition

from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster

Start = Callable[..., Exporter]
GROUPS = 3000
MOST = 60
START = 40 * 3  # Lookups of append times in the first minute: 40 rounds, one request per broker.
EVERYTHING = {
    "read_committed": True,
    "groups": {"members": True, "owners": True},
    "polling": {
        "topic_configs_interval": "2s",
        "log_dirs_interval": "2s",
        "record_times_interval": "2s",
        "transactions_interval": "2s",
        "features_interval": "2s",
        "earliest_every": 1,
    },
}


@pytest.fixture(scope="module")
def many_groups(admin: Admin) -> Iterator[str]:
    """GROUPS groups whose names begin with what this yields, all behind on a topic of ten partitions."""
    topic, prefix = "popular", "crowd-"
    admin.create_topic(topic, partitions=10, replicas=3)
    admin.produce(topic, range(10), each=100)
    names = [f"{prefix}{number:04}" for number in range(GROUPS)]
    admin.alter_offsets(names[0], {(topic, 0): 1})  # Coordinators are available now.
    left = names
    while left:  # A busy coordinator refuses some.
        left = [name for begin in range(0, GROUPS, 500) for name in _commit(admin, topic, left[begin : begin + 500])]
    yield prefix
    for answer in admin.client.delete_consumer_groups(names).values():
        answer.result(60)


def _commit(admin: Admin, topic: str, names: list[str]) -> list[str]:
    """Commits for these groups on the ten partitions. Returns those that failed."""
    commits = [TopicPartition(topic, partition, 7) for partition in range(10)]
    waiting = {
        name: admin.client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(name, commits)])[name]
        for name in names
    }
    return [name for name, answer in waiting.items() if any(p.error for p in answer.result(60).topic_partitions)]


@pytest.mark.parametrize(
    "config", [pytest.param({}, marks=pytest.mark.long), EVERYTHING], ids=["defaults", "everything"]
)
def test_few_requests(many_groups: str, cluster: Cluster, start_exporter: Start, config: dict[str, object]) -> None:
    """Three brokers and 3,000 groups: no poll sends more than 60 requests, beyond the lookups of the first minute."""
    exporter = start_exporter(*kafka_flags(cluster), poll_seconds=2, config=config)
    exporter.await_page(lambda page: True, "any")
    totals: dict[int, dict[str, float]] = {0: {}}  # By poll number.
    while max(totals) < 8:
        totals |= _requests_so_far(exporter.request())
        time.sleep(0.1)
        exporter.assert_running()
    spent = {
        poll: {api: value - totals[poll - 1].get(api, 0) for api, value in now.items()}
        for poll, now in totals.items()
        if poll - 1 in totals
    }
    print({poll: f"{sum(by_api.values()):.0f}" for poll, by_api in spent.items()})
    assert sum(max(0.0, sum(by_api.values()) - MOST) for by_api in spent.values()) <= START, spent
    assert sum(poll > 1 for poll in spent) >= 3 and min(sum(by_api.values()) for by_api in spent.values()) >= 3
    page = exporter.page()
    groups = page.names("kafka_consumergroup_members", "consumergroup")
    assert sum(group.startswith(many_groups) for group in groups) == GROUPS
    assert len(page.where("kafka_consumergroup_lag", topic="popular")) == GROUPS * 10
    assert page.total("kafka_exporter_collector_errors_total") == 0, page.get("kafka_exporter_collector_errors_total")


def _requests_so_far(text: str) -> dict[int, dict[str, float]]:
    """Returns {completed polls: {api: requests}}. Does not parse the whole page, which would take seconds."""
    polls = re.search(r"^kafka_exporter_poll_duration_seconds_count (\d+)", text, re.MULTILINE)
    requests = re.findall(r'^kafka_exporter_kafka_requests_total{api="(\w+)"} (\d+)', text, re.MULTILINE)
    return {int(polls[1]): {api: float(value) for api, value in requests}} if polls else {}


@pytest.mark.long
def test_filters_ask_less(many_groups: str, cluster: Cluster, start_exporter: Start) -> None:
    """Excluded topics are not requested: brokers send fewer bytes."""

    def received(*flags: str) -> float:
        exporter = start_exporter(*kafka_flags(cluster), *flags)
        page = exporter.await_page(lambda page: exporter.polls(page) >= 10, "ten polls")
        exporter.stop()
        return page.total("kafka_exporter_client_received_bytes_total")

    assert 0 < received(f"--group.exclude=^{many_groups}") < received() / 2
