"""One of three brokers has a misconfigured client listener: only its partitions and groups are missing, polls are not
slower, and it is not flooded with logins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin import Admin
from certificates import Certificates
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page, labels

Start = Callable[..., Exporter]
BAD, GOOD = 2, (1, 3)
POLL, DEADLINE = 1.0, 20.0  # Seconds.
SHORT = 2 * 1.5  # A broker that cannot be reached delays a poll by the backoff of one reconnect, at most 1.5 s.
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


@dataclass
class Case:
    """A listener that is misconfigured on broker BAD."""

    listener: str
    protocol: str
    reason: str


CASES = [
    Case("EXPIRED", "SSL", "tls"),  # BAD's certificate has expired.
    Case("PASSWORD", "SASL_PLAINTEXT", "authentication"),  # BAD has another password.
    Case("NOSASL", "SASL_PLAINTEXT", "authentication"),  # BAD's listener is PLAINTEXT.
    Case("NOTLS", "SASL_SSL", "tls"),  # BAD's listener is PLAINTEXT.
]


@dataclass
class Stage:
    """Partition n-1 of `spread` has broker n as its only replica; group-n has committed on it."""

    cluster: Cluster
    certificates: Certificates
    admin: Admin

    def flags(self, case: Case) -> list[str]:
        flags = [f"--kafka.server={server}" for server in self.cluster.bootstrap(case.listener).split(",")]
        if "SSL" in case.protocol:
            flags += ["--tls.enabled", f"--tls.ca-file={self.certificates.path('ca.pem')}"]
        if "SASL" in case.protocol:
            flags += ["--sasl.enabled", "--sasl.mechanism=plain", "--sasl.username=exporter"]
        return flags

    def failed_logins(self) -> int:
        return self.cluster.log(BAD).read_text(errors="replace").count("Failed authentication")

    def tick(self, exporter: Exporter, broker: int) -> None:
        """Checks that a new record in the broker's partition and a new commit of its group are on the page."""
        wanted = self.admin.produce("spread", [broker - 1], each=1)[broker - 1]
        key = {"topic": "spread", "partition": broker - 1}
        exporter.await_page(
            lambda page: page.value("kafka_topic_partition_current_offset", **key) == wanted, f"{key} at {wanted}"
        )
        group = a_group_of(exporter.page(), broker)
        self.admin.commit(group, {("spread", broker - 1): wanted})
        exporter.await_page(
            lambda page: page.value("kafka_consumergroup_current_offset", consumergroup=group, **key) == wanted,
            f"{group} at {wanted}",
        )


def a_group_of(page: Page, coordinator: int) -> str:
    rows = page.where("kafka_consumergroup_info", coordinator=coordinator)
    assert rows, f"broker {coordinator} coordinates no group"
    return min(dict(row)["consumergroup"] for row in rows)


def errors(page: Page) -> dict[str, float]:
    """Returns the errors of the collectors of every poll by reason. (Slow ones have too little time at this interval.)
    """
    counts: dict[str, float] = {}
    for key, count in page.get("kafka_exporter_collector_errors_total").items():
        if count and dict(key)["collector"] in ("metadata", "groups", "group_offsets", "offsets"):
            counts[dict(key)["reason"]] = counts.get(dict(key)["reason"], 0) + count
    return counts


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("broken")
    certificates = Certificates(root / "certificates", "broker", expired=("expired",))
    listeners = {case.listener: case.protocol for case in CASES}
    properties = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": certificates.path("broker.keystore.pem"),
        "sasl.enabled.mechanisms": "PLAIN",
    }
    for case in CASES:
        if "SASL" in case.protocol:
            key = f"listener.name.{case.listener.lower()}.plain.sasl.jaas.config"
            properties[key] = f'{LOGIN} user_exporter="right";'
    plain = {"NOSASL": "PLAINTEXT", "NOTLS": "PLAINTEXT"}
    protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **listeners, **plain}
    bad = {
        "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in protocols.items()),
        "listener.name.expired.ssl.keystore.location": certificates.path("expired.keystore.pem"),
        "listener.name.password.plain.sasl.jaas.config": f'{LOGIN} user_exporter="another";',
    }
    with Cluster(root, libs, 3, listeners=listeners, properties=properties, own_properties={BAD: bad}) as cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("spread", assignment=[[id] for id in cluster.ids])
        admin.produce("spread", range(3), each=10)
        for number in range(12):  # Enough for every broker to coordinate some.
            admin.commit(f"group-{number}", {("spread", partition): 5 for partition in range(3)})
        yield Stage(cluster, certificates, admin)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.listener)
def test_one_broken(stage: Stage, start_exporter: Start, case: Case) -> None:
    logins = stage.failed_logins()
    exporter = start_exporter(
        *stage.flags(case),
        poll_seconds=POLL,
        env={"SASL_USER_PASSWORD": "right"},
        config={"polling": {"deadline": f"{DEADLINE:g}s"}},
    )
    exporter.await_page(
        lambda page: (
            page.value("kafka_up") == 1
            and page.get("kafka_broker_up") == {labels(id=id): id != BAD for id in stage.cluster.ids}
            and case.reason in errors(page)
        ),
        f"broker {BAD} is down, reason {case.reason}",
    )
    for id in GOOD:
        stage.tick(exporter, id)
    page = exporter.await_polls(5)
    assert page.get("kafka_broker_up") == {labels(id=id): id != BAD for id in stage.cluster.ids}
    assert page.value("kafka_topic_partition_current_offset", topic="spread", partition=BAD - 1) is None
    # On a busy machine a healthy broker may respond late once.
    counts = errors(page)
    assert counts.keys() <= {case.reason, "timeout"}, exporter.said()
    assert counts.get("timeout", 0) < counts[case.reason], exporter.said()

    polls = exporter.polls(page)
    spent = page.total("kafka_exporter_poll_duration_seconds_sum")
    assert spent / polls <= SHORT < DEADLINE / 4, f"{spent:.1f} s in {polls:.0f} polls"
    if "SASL" in case.protocol:
        assert stage.failed_logins() - logins <= polls
    if case.listener == "PASSWORD":
        assert stage.failed_logins() > logins
