"""Kafka cluster: is it healthy, and if not, where."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard
from parts import ZERO_IS_GOOD, instant, page, row, stat


def dashboard() -> Dashboard:
    return page("kafkascope-cluster", "Kafka cluster", "Is the cluster healthy, and if not, where.", [_health()])


def _health():
    return row(
        100,
        "Health",
        stat(
            101,
            "Offline partitions",
            "Partitions without a leader: nobody can write or read them.",
            [instant("sum(kafka_topic_offline_partitions)")],
            width=24,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value="unknown",
        ),
    )
