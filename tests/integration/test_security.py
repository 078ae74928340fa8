"""Tests with a secured broker: errors for wrong passwords and missing ACLs, and the documented minimum ACLs suffice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

import kafka_jars
import oracle
import secure_kafka
from admin import Admin
from certificates import Certificates
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

VERSIONS = [kafka_jars.VERSION, kafka_jars.OLDER]
OLDER_BY_HAND = True
Start = Callable[..., Exporter]
LEAST = [ResourceType.TOPIC, ResourceType.GROUP]
BASE = ("metadata", "offsets", "groups", "group_offsets")  # Collectors that need no further ACLs.
MORE = ("topic_configs", "log_dirs", "quorum", "reassignments")  # Collectors that do.


class Locked:
    """The secured broker and its ACLs."""

    def __init__(self, cluster: Cluster, certificates: Certificates) -> None:
        self.cluster, self.certificates = cluster, certificates
        self.admin = Admin(cluster)

    def flags(self, user: str = "exporter") -> list[str]:
        """Returns flags for SASL_SSL as this user; the password is in the environment."""
        return [
            f"--kafka.server={self.cluster.bootstrap('SASL')}",
            "--tls.enabled",
            f"--tls.ca-file={self.certificates.path('ca.pem')}",
            "--sasl.enabled",
            "--sasl.mechanism=scram-sha512",
            f"--sasl.username={user}",
        ]

    def allow(self, user: str, *resources: ResourceType, configs: bool = False) -> None:
        """Grants DESCRIBE on all resources of these kinds only; with `configs` also DESCRIBE_CONFIGS on topics."""
        rights = [(resource, AclOperation.DESCRIBE) for resource in resources]
        rights += [(ResourceType.TOPIC, AclOperation.DESCRIBE_CONFIGS)] * configs
        who = f"User:{user}"
        every = AclBindingFilter(
            ResourceType.ANY, None, ResourcePatternType.ANY, who, None, AclOperation.ANY, AclPermissionType.ANY
        )
        next(iter(self.admin.client.delete_acls([every]).values())).result(30)
        bindings = [
            AclBinding(
                resource,
                "kafka-cluster" if resource == ResourceType.BROKER else "*",
                ResourcePatternType.LITERAL,
                who,
                "*",
                operation,
                AclPermissionType.ALLOW,
            )
            for resource, operation in rights
        ]
        for done in self.admin.client.create_acls(bindings).values() if bindings else ():
            done.result(30)


@pytest.fixture(scope="module")
def locked(libs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    cluster, certificates = secure_kafka.make(tmp_path_factory.mktemp("secure"), libs)
    with cluster:
        cluster.start().ready()
        locked = Locked(cluster, certificates)
        locked.admin.create_topic("secret", partitions=2)
        locked.admin.produce("secret", range(2), each=4)
        locked.admin.commit("insiders", {("secret", 0): 1, ("secret", 1): 4})
        yield locked


def password(user: str) -> dict[str, str]:
    return {"SASL_USER_PASSWORD": secure_kafka.PASSWORDS[user]}


def errors(page: Page, reason: str, collectors: tuple[str, ...] = BASE) -> float:
    counts = page.where("kafka_exporter_collector_errors_total", reason=reason)
    return sum(count for key, count in counts.items() if dict(key)["collector"] in collectors)


def lines(exporter: Exporter, word: str) -> list[str]:
    return [line for line in exporter.said().splitlines() if word in line.lower()]


def assert_told_once(exporter: Exporter, word: str) -> None:
    """Checks that failures are logged within three polls and not again in the next three."""
    exporter.await_log(lambda _: lines(exporter, word), word)
    exporter.await_polls()
    before = lines(exporter, word)
    exporter.await_polls()
    assert lines(exporter, word) == before
    assert len(before) <= len(BASE + MORE), before  # One line per failing collector, not per poll.


@pytest.mark.sanitizer
def test_least_acls_suffice(locked: Locked, start_exporter: Start) -> None:
    """With Topic DESCRIBE and Group DESCRIBE all values of kafka_exporter are present. Other collectors log the missing
    permission once and have no values.
    """
    locked.allow("exporter", *LEAST)
    exporter = start_exporter(*locked.flags(), env=password("exporter"))
    wanted = oracle.expected(oracle.ask(locked.cluster))
    exporter.await_equal(lambda page: oracle.differences(page, wanted), [])
    page = exporter.page()
    for collector in BASE:
        assert page.value("kafka_exporter_collector_success", collector=collector) == 1, collector
    assert errors(page, "authorization") == 0
    assert_told_once(exporter, "authorization")
    assert [sum(name in line for line in lines(exporter, "authorization")) for name in MORE] == [1] * len(MORE)
    page = exporter.page()
    for collector in MORE:
        assert page.value("kafka_exporter_collector_success", collector=collector) == 0, collector
        assert errors(page, "authorization", (collector,)) > 0
    hidden = ("kafka_broker_log_dir", "kafka_quorum", "kafka_controller", "kafka_topic_size", "kafka_topic_retention")
    assert not [name for name in page.series if name.startswith(hidden)]
    assert secure_kafka.PASSWORDS["exporter"] not in exporter.said()


def test_all_rights(locked: Locked, start_exporter: Start) -> None:
    """With DESCRIBE on the cluster and DESCRIBE_CONFIGS on topics all collectors succeed."""
    locked.allow("exporter", *LEAST, ResourceType.BROKER, configs=True)
    soon = {"polling": {"topic_configs_interval": "1s", "log_dirs_interval": "1s"}}
    exporter = start_exporter(*locked.flags(), env=password("exporter"), config=soon)
    known = ("kafka_controller", "kafka_quorum_high_watermark", "kafka_topic_min_insync_replicas")
    exporter.await_page(lambda page: all(page.get(name) for name in known), "what needs more rights")
    page = exporter.await_polls()
    assert errors(page, "authorization", BASE + MORE) == 0
    succeeded = {dict(key)["collector"]: value for key, value in page.get("kafka_exporter_collector_success").items()}
    del succeeded["log_dirs"]  # Not readable by brokers in a chroot.
    assert set(succeeded.values()) == {1}, succeeded


def test_password_from_a_flag(locked: Locked, start_exporter: Start) -> None:
    """kafka_exporter's password flag works, and the log does not contain the password."""
    locked.allow("exporter", *LEAST)
    secret = secure_kafka.PASSWORDS["exporter"]
    exporter = start_exporter(*locked.flags(), f"--sasl.password={secret}", "--log.level=debug")
    exporter.await_page(lambda page: page.get("kafka_consumergroup_lag"), "lag")
    assert secret not in exporter.said()


def test_wrong_password(locked: Locked, start_exporter: Start) -> None:
    """The page has kafka_up 0 and the reason, it is logged once, and SIGTERM stops the exporter in time."""
    exporter = start_exporter(*locked.flags(), env={"SASL_USER_PASSWORD": "a-wrong-one"})
    page = exporter.await_page(lambda page: errors(page, "authentication"), 'reason="authentication"')
    assert page.value("kafka_up") == 0
    assert not page.get("kafka_consumergroup_lag")
    assert_told_once(exporter, "authentication")
    assert "a-wrong-one" not in exporter.said()
    exporter.stop()


def test_no_rights_at_all(locked: Locked, start_exporter: Start) -> None:
    """Kafka returns empty lists to a user without permissions; the exporter reports the missing permission. Changes
    take effect without a restart.
    """
    locked.allow("stranger")
    exporter = start_exporter(*locked.flags("stranger"), env=password("stranger"))
    exporter.await_page(lambda page: errors(page, "authorization"), 'reason="authorization"')
    assert_told_once(exporter, "authorization")

    locked.allow("stranger", *LEAST)
    exporter.await_page(lambda page: page.get("kafka_consumergroup_lag"), "lag, with rights")
    before = errors(exporter.page(), "authorization")
    told = len(lines(exporter, "authorization"))

    locked.allow("stranger")
    exporter.await_page(lambda page: errors(page, "authorization") > before, "the rights are missed again")
    exporter.await_log(lambda _: len(lines(exporter, "authorization")) > told, "authorization, once more")
    exporter.stop()


def test_groups_that_may_not_be_described(locked: Locked, start_exporter: Start) -> None:
    """With Cluster DESCRIBE groups are listed but their offsets refused: topics are present, and the error is counted.
    """
    locked.allow("stranger", ResourceType.TOPIC, ResourceType.BROKER)
    exporter = start_exporter(*locked.flags("stranger"), env=password("stranger"))
    page = exporter.await_page(lambda page: errors(page, "authorization"), 'reason="authorization"')
    exporter.await_page(
        lambda page: page.value("kafka_topic_partition_current_offset", topic="secret", partition=0) == 4, "topics"
    )
    assert not page.get("kafka_consumergroup_lag")
    assert_told_once(exporter, "authorization")


def test_topics_that_may_not_be_described(locked: Locked, start_exporter: Start) -> None:
    """Without Topic DESCRIBE there are no topics and no lag, and the reason is reported."""
    locked.allow("stranger", ResourceType.GROUP)
    exporter = start_exporter(*locked.flags("stranger"), env=password("stranger"))
    page = exporter.await_page(lambda page: errors(page, "authorization"), 'reason="authorization"')
    assert not page.get("kafka_topic_partitions")
    assert not page.get("kafka_consumergroup_lag")


def test_certificate_of_an_unknown_authority(locked: Locked, start_exporter: Start, tmp_path) -> None:
    Certificates(tmp_path / "other")
    flags = [flag for flag in locked.flags() if not flag.startswith("--tls.ca-file")]
    exporter = start_exporter(*flags, f"--tls.ca-file={tmp_path / 'other' / 'ca.pem'}", env=password("exporter"))
    page = exporter.await_page(lambda page: errors(page, "tls"), 'reason="tls"')
    assert page.value("kafka_up") == 0
    exporter.stop()


@pytest.mark.sanitizer
def test_strimzis_command_line(locked: Locked, start_exporter: Start) -> None:
    """All flags of Strimzi's start script work with mutual TLS, and probes succeed."""
    locked.allow("exporter", *LEAST)
    exporter = start_exporter(
        "--group.filter=.*",
        "--topic.filter=.*",
        "--group.exclude=^(foo|bar)$",
        "--topic.exclude=^__.*",
        "--tls.enabled",
        f"--tls.ca-file={locked.certificates.path('ca.pem')}",
        f"--tls.cert-file={locked.certificates.path('exporter.pem')}",
        f"--tls.key-file={locked.certificates.path('exporter.key')}",
        f"--kafka.server={locked.cluster.bootstrap('MTLS')}",
        "--kafka.version=4.3.0",
        "--no-offset.show-all",
        "--verbosity=0",
        "--log.enable-sarama",
    )
    page = exporter.await_page(lambda page: page.get("kafka_topic_partition_current_offset"), "offsets")
    assert page.names("kafka_topic_partitions", "topic") == {"secret"}
    assert not page.get("kafka_consumergroup_lag"), "the only group has no members"
    exporter.request("/healthz")
