"""Kafka Streams applications with the classic and the Streams protocol (KIP-1071)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import group_oracle
import oracle
from admin import Admin
from clients import Client
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

Start = Callable[..., Exporter]
Unique = Callable[[str], str]


@pytest.mark.parametrize(
    ("protocol", "kind"), [pytest.param("classic", "classic", marks=pytest.mark.long), ("streams", "streams")]
)
def test_application(
    cluster: Cluster,
    admin: Admin,
    start_exporter: Start,
    start_client: Callable[..., Client],
    unique: Unique,
    protocol: str,
    kind: str,
) -> None:
    """Type, state, members, lag and owners of an application; then state and members after it has left."""
    topic, group = unique("topic"), unique(f"application-{protocol}")
    admin.create_topic(topic, partitions=3, replicas=3)
    admin.produce(topic, range(3), each=10)
    properties = [f"group.protocol={protocol}"]
    if kind == "classic":  # Such an application does not send LeaveGroup.
        properties += ["session.timeout.ms=10000", "heartbeat.interval.ms=3000"]
    application = start_client(cluster, "streams", group, topic, 30, *properties).committed()
    exporter = start_exporter(*kafka_flags(cluster), config={"groups": {"owners": True}})

    def view(page: Page) -> dict[str, object]:
        return {
            "types": [dict(key)["type"] for key in page.where("kafka_consumergroup_info", consumergroup=group)],
            "states": [dict(key)["state"] for key in page.where("kafka_consumergroup_state", consumergroup=group)],
            "members": page.value("kafka_consumergroup_members", consumergroup=group),
            "lag": sorted(page.where("kafka_consumergroup_lag", consumergroup=group).values()),
            "unassigned": page.value("kafka_consumergroup_unassigned_partitions", consumergroup=group, topic=topic),
            "owned": len(page.where("kafka_consumergroup_partition_owner", consumergroup=group)),
            "idle": page.value("kafka_consumergroup_idle_members", consumergroup=group),
        }

    live = {"types": [kind], "states": ["Stable"], "members": 1, "lag": [0, 0, 0]}
    live |= {"unassigned": 0, "owned": 3, "idle": 0}
    exporter.await_equal(view, live)
    application.freeze()
    admin.produce(topic, [1], each=4)
    exporter.await_equal(lambda page: view(page)["lag"], [0, 0, 4])
    application.thaw()
    exporter.await_equal(view, live)
    if kind == "streams":
        oracle.await_agreement(exporter, lambda: group_oracle.streams_groups(cluster), consumergroup=group)
    else:
        assert group_oracle.kinds(cluster)[group] == ("classic", "consumer")
        assert exporter.page().where("kafka_consumergroup_info", consumergroup=group, protocol="stream")
    application.leave()
    gone = {"types": [kind], "states": ["Empty"], "members": 0, "lag": [0, 0, 0]}
    exporter.await_equal(lambda page: {what: view(page)[what] for what in gone}, gone, timeout=90)
    assert not exporter.page().where("kafka_consumergroup_partition_owner", consumergroup=group)
