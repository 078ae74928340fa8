"""Share groups (KIP-932) equal the output of kafka-share-groups."""

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
from page import Page, labels

Start = Callable[..., Exporter]
Unique = Callable[[str], str]


def test_as_kafka_says(
    cluster: Cluster, admin: Admin, start_exporter: Start, start_client: Callable[..., Client], unique: Unique
) -> None:
    """Members, state, start offset and lag while consuming, after more records, and after members have left."""
    topic, group = unique("topic"), unique("sharing")
    admin.create_topic(topic, partitions=3, replicas=3)
    admin.produce(topic, range(3), each=10)
    admin.configure("group", group, share_auto_offset_reset="earliest")
    clients = [start_client(cluster, "share", group, topic, 4).committed() for _ in range(2)]
    exporter = start_exporter(*kafka_flags(cluster))

    def agreed() -> Page:
        return oracle.await_agreement(exporter, lambda: group_oracle.share_groups(cluster))

    page = agreed()
    assert page.value("kafka_sharegroup_members", sharegroup=group) == 2
    assert page.where("kafka_sharegroup_state", sharegroup=group, state="Stable")
    admin.produce(topic, range(3), each=20)
    page = agreed()
    assert page.where("kafka_sharegroup_lag", sharegroup=group, topic=topic)
    for client in clients:
        client.leave()
    page = agreed()
    assert page.value("kafka_sharegroup_members", sharegroup=group) == 0
    assert page.where("kafka_sharegroup_state", sharegroup=group) == {labels(sharegroup=group, state="Empty"): 1}
    assert not [name for name, values in page.series.items() for key in values if ("consumergroup", group) in key]


def test_start_offset(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    """A group without members, whose offsets are reset."""
    topic, group = unique("topic"), unique("sharing")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce(topic, range(2), each=10)
    group_oracle.reset_share_group(cluster, group, topic)
    exporter = start_exporter(*kafka_flags(cluster))
    page = oracle.await_agreement(exporter, lambda: group_oracle.share_groups(cluster))
    for partition in range(2):
        assert page.value("kafka_sharegroup_start_offset", sharegroup=group, topic=topic, partition=partition) == 0
        assert page.value("kafka_sharegroup_lag", sharegroup=group, topic=topic, partition=partition) == 10


def test_switched_off_and_filtered(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Unique) -> None:
    topic, group, other = unique("topic"), unique("sharing"), unique("hidden")
    admin.create_topic(topic, replicas=3)
    for name in (group, other):
        group_oracle.reset_share_group(cluster, name, topic)
    off = start_exporter(*kafka_flags(cluster), config={"collectors": {"share_groups": False}})
    filtered = start_exporter(*kafka_flags(cluster), f"--group.filter=^{group}$")
    page = off.await_polls()
    assert not [name for name in page.series if name.startswith("kafka_sharegroup")]
    filtered.await_equal(lambda page: page.names("kafka_sharegroup_info", "sharegroup"), {group})


@pytest.mark.long
def test_kinds(
    cluster: Cluster, admin: Admin, start_exporter: Start, start_client: Callable[..., Client], unique: Unique
) -> None:
    """Each group has the type listed by kafka-groups, and only families of that type."""
    topic = unique("topic")
    admin.create_topic(topic, partitions=3, replicas=3)
    admin.produce(topic, range(3), each=10)
    clients = {"java": [], "streams": ["group.protocol=streams"], "share": []}
    groups = {unique(kind): (kind, properties) for kind, properties in clients.items()}
    for group, (kind, properties) in groups.items():
        if kind == "share":
            admin.configure("group", group, share_auto_offset_reset="earliest")
        start_client(cluster, kind, group, topic, 1, *properties).committed()
    exporter = start_exporter(*kafka_flags(cluster))
    listed = group_oracle.kinds(cluster)
    assert {listed[group][0] for group in groups} == {"classic", "streams", "share"}

    def view(page: Page) -> dict[str, str]:
        infos = [dict(key) for key in page.get("kafka_consumergroup_info")]
        kinds = {info["consumergroup"]: info["type"] for info in infos}
        return {**kinds, **dict.fromkeys(page.names("kafka_sharegroup_info", "sharegroup"), "share")}

    # Kafka's type of all groups before KIP-848.
    classic = {"connect", "simple", "classic"}
    exporter.await_equal(
        lambda page: {group: "classic" if kind in classic else kind for group, kind in view(page).items()},
        {group: kind for group, (kind, _) in listed.items()},
    )
