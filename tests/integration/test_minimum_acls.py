"""The ACLs of docs/security.md: its commands are run, its table is compared with what is absent, logged and counted when
each permission is removed from a running exporter.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest
from confluent_kafka import Producer

import group_oracle
import kafka_tools
import secure_kafka
from admin import Admin
from clients import Client
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

pytestmark = pytest.mark.long
DOCUMENT = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
RESOURCES = {"topics": ("--topic", "*"), "groups": ("--group", "*"), "cluster": ("--cluster",)}
SOON = {"topic_configs_interval": "1s", "log_dirs_interval": "1s", "transactions_interval": "1s", "hold": "1s"}
Arguments = tuple[str, ...]
Series = tuple[str, frozenset[tuple[str, str]]]


@dataclass
class Row:
    """A row of the table. `absent`: patterns of families."""

    permission: str
    on: str
    collectors: list[str]
    absent: list[str]

    @property
    def acl(self) -> Arguments:
        return right(self.permission.replace("_", ""), self.on)

    @property
    def hint(self) -> str:
        return f"grant {self.permission} on the {self.on}"

    @property
    def id(self) -> str:
        return f"{self.permission}-{self.on}-{self.collectors[0]}"


def right(operation: str, on: str) -> Arguments:
    return ("--operation", operation, *RESOURCES[on])


def documented_commands() -> list[list[str]]:
    """Returns the arguments of the minimum's command, and those of all permissions."""
    section = DOCUMENT.split("## ACLs")[1].split("\n## ")[0]
    commands = re.findall(r"^(?:kafka-acls\.sh|acl) .*", section.replace("\\\n", ""), re.M)
    arguments = [shlex.split(command) for command in commands]
    return [words[words.index("--operation") :] for words in arguments]


def documented_rows() -> list[Row]:
    lines = re.findall(r"^\| ([A-Z_]+) \| (\w+) \| (.*) \| (.*) \|$", DOCUMENT, re.M)
    return [Row(p, on, re.findall(r"`(\w+)`", c), re.findall(r"`(kafka_[\w*]+)`", a)) for p, on, c, a in lines]


MINIMUM, *ALL = documented_commands()
ROWS = [row for row in documented_rows() if (row.permission, row.on) not in {("DESCRIBE", "topics"), ("DESCRIBE", "groups")}]
# Rows about the same permission are checked together.
PERMISSIONS = {row.acl: [other for other in ROWS if other.acl == row.acl] for row in ROWS}
SILENT = {("DESCRIBE_CONFIGS", "cluster"), ("READ", "topics")}


def series(page: Page) -> set[Series]:
    """Returns what is exported of the cluster, without labels and names that change with time, permissions or listener."""
    left_out = {"address", "cleanup_policy"}
    other = ("kafka_exporter_", "kafka_broker_tls_", "kafka_consumergroup_last_progress_", "kafka_consumergroup_status")
    names = [name for name in page.series if name.startswith("kafka_") and not name.startswith(other)]
    return {(n, frozenset(label for label in key if label[0] not in left_out)) for n in names for key in page.get(n)}


def failed(page: Page) -> set[str]:
    success = page.get("kafka_exporter_collector_success")
    return {dict(key)["collector"] for key, value in success.items() if value == 0}


def errors(page: Page) -> dict[str, float]:
    found = page.where("kafka_exporter_collector_errors_total", reason="authorization")
    return {dict(key)["collector"]: value for key, value in found.items() if value}


class Stage:
    def __init__(self, cluster: Cluster, admin: Admin, exporter: Exporter) -> None:
        self.cluster, self.admin, self.exporter = cluster, admin, exporter
        self.before: set[Series] = set()  # With all permissions.
        self.producer = Producer({**admin.bootstrap, "transactional.id": "marker"})
        self.producer.init_transactions(60)
        self.write_transaction()

    def write_transaction(self) -> None:
        """Writes a record and a marker to topic marked."""
        self.producer.begin_transaction()
        self.producer.produce("marked", b"x", partition=0)
        self.producer.commit_transaction(60)

    def change(self, action: str, *acl: str) -> None:
        force = ["--force"] * (action == "--remove")
        kafka_tools.ask(self.cluster, "kafka-acls", action, *force, "--allow-principal", "User:exporter", *acl)

    @contextmanager
    def without(self, *acls: Arguments) -> Iterator[int]:
        """Removes permissions, and checks that everything is as before when they are granted again. Returns how much has
        been logged before.
        """
        logged = len(self.exporter.said())
        for acl in acls:
            self.change("--remove", *acl)
        try:
            yield logged
        finally:
            for acl in acls:
                self.change("--add", *acl)
        self.exporter.await_equal(lambda page: self.before ^ series(page), set())
        self.exporter.await_equal(failed, set())

    def assert_reported(self, logged: int, hints: dict[str, str]) -> None:
        """Checks that exactly these collectors fail, are counted, and are logged once, with what to do."""
        counted = errors(self.exporter.await_equal(failed, set(hints)))

        def grown(page: Page) -> set[str]:
            return {name for name, count in errors(page).items() if count > counted.get(name, 0)}

        self.exporter.await_polls(3)
        self.exporter.await_page(lambda page: grown(page) >= set(hints), "each fails again")
        page = self.exporter.await_equal(failed, set(hints))
        assert grown(page) == set(hints)
        lines = [line for line in self.exporter.said()[logged:].splitlines() if "reason=authorization" in line]
        for collector, hint in hints.items():
            found = [line for line in lines if f'"collector failed" collector={collector} ' in line and hint in line]
            # Brokers apply a change one after the other, so it may still succeed once.
            recovered = self.exporter.said()[logged:].count(f'"collector recovered" collector={collector} ')
            assert len(found) == 1 + recovered, (collector, lines)
        assert all(any(hint in line for hint in hints.values()) for line in lines), lines
        assert all(hint in self.exporter.request("/") for hint in hints.values()), "the landing page shows it"

    def await_absent(self, patterns: list[str]) -> Page:
        """Waits until families that match are absent, and everything else is as before. Every pattern must match."""
        names = {name for name, _ in self.before}
        assert all(any(fnmatch(name, pattern) for name in names) for pattern in patterns), patterns
        expected = {one for one in self.before if not any(fnmatch(one[0], pattern) for pattern in patterns)}
        return self.exporter.await_equal(lambda page: expected ^ series(page), set())


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A broker with topics and groups of several types, and an exporter with all documented permissions."""
    root = tmp_path_factory.mktemp("acls")
    cluster, certificates = secure_kafka.make(root / "kafka", libs)
    with cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("orders", partitions=2)
        admin.produce("orders", range(2), each=4)
        admin.commit("empty", {("orders", 0): 1, ("orders", 1): 4})
        admin.configure("group", "sharing", share_auto_offset_reset="earliest")
        group_oracle.reset_share_group(cluster, "sharing", "orders")
        admin.create_topic("marked")
        admin.commit("reader", {("marked", 0): 0})
        member = Client(root / "member.log", cluster, "confluent", "members", "orders", 8).committed()
        flags = [f"--kafka.server={cluster.bootstrap('SASL')}", "--tls.enabled", f"--tls.ca-file={certificates.path('ca.pem')}"]
        flags += ["--sasl.enabled", "--sasl.mechanism=scram-sha512", "--sasl.username=exporter"]
        config = {"polling": SOON, "groups": {"members": True, "owners": True}, "read_committed": True}
        password = {"SASL_USER_PASSWORD": secure_kafka.PASSWORDS["exporter"]}
        superuser = Exporter(root / "superuser.log", f"--kafka.server={cluster.bootstrap()}", config=config)
        exporter = Exporter(root / "exporter.log", *flags, config=config, env=password)
        stage = Stage(cluster, admin, exporter)
        try:
            for acl in ALL:
                stage.change("--add", *acl)
            superuser.await_page(lambda page: page.get("kafka_topic_size_bytes"), "sizes")
            superuser.await_page(lambda page: page.get("kafka_consumergroup_retention_used_ratio"), "retention")
            exporter.await_equal(lambda page: series(page) ^ series(superuser.page()), set())
            stage.before = series(exporter.page())
            yield stage
            exporter.stop()
        finally:
            exporter.kill()
            superuser.kill()
            member.kill()


def test_all_permissions(stage: Stage) -> None:
    """Nothing is missing of what a superuser sees, and no collector fails."""
    page = stage.exporter.await_equal(failed, set())
    groups = page.names("kafka_consumergroup_info", "consumergroup"), page.names("kafka_sharegroup_info", "sharegroup")
    assert groups == ({"empty", "members", "reader"}, {"sharing"})


@pytest.mark.parametrize("rows", PERMISSIONS.values(), ids=lambda rows: rows[0].id)
def test_without_one(stage: Stage, rows: list[Row]) -> None:
    first = rows[0]
    absent = [pattern for row in rows for pattern in row.absent]
    with stage.without(first.acl) as logged:
        page = stage.await_absent(absent)
        policies = page.names("kafka_topic_info", "cleanup_policy")
        assert ("" in policies) == ((first.permission, first.on) == ("DESCRIBE_CONFIGS", "topics"))
        silent = (first.permission, first.on) in SILENT
        if first.permission == "DESCRIBE_CONFIGS" and silent:
            said = stage.exporter.await_log(lambda said: first.hint in said, "the permission to grant")
            assert said.count(first.hint) == 1
        stage.assert_reported(logged, {} if silent else {c: row.hint for row in rows for c in row.collectors})


def test_minimum(stage: Stage) -> None:
    """With the documented minimum everything is present that the table does not list. Then there is nothing to see."""
    assert sorted(MINIMUM) == sorted(["--operation", "Describe", "--topic", "*", "--group", "*"])
    more = list(PERMISSIONS)
    hints = {c: row.hint for row in ROWS for c in row.collectors if (row.permission, row.on) not in SILENT}
    with stage.without(*more) as logged:
        stage.await_absent([pattern for row in ROWS for pattern in row.absent])
        stage.assert_reported(logged, hints)
        topics, groups = right("Describe", "topics"), right("Describe", "groups")
        for hidden, collector, word in ((topics, "metadata", "topics"), (groups, "groups", "groups")):
            logged = len(stage.exporter.said())
            stage.change("--remove", *hidden)
            stage.exporter.await_page(lambda page, word=word: not names_of(word, page), f"no {word}")
            page = stage.exporter.await_equal(lambda page, hints=hints: failed(page) - set(hints), {collector})
            assert page.value("kafka_up") == 1
            assert f"grant DESCRIBE on the {word}" in stage.exporter.said()[logged:]
            stage.change("--add", *hidden)
            stage.exporter.await_equal(failed, set(hints))


def names_of(kind: str, page: Page) -> set[Series]:
    label = {"topics": "topic", "groups": "group"}[kind]
    return {one for one in series(page) if any(name.endswith(label) for name, _ in one[1])}


def test_topics_hidden_from_who_may_describe_the_cluster(stage: Stage) -> None:
    """They are not taken for deleted."""
    page = stage.exporter.page()
    changes = [page.value(f"kafka_topics_{what}_total") for what in ("created", "deleted")]
    with stage.without(right("Describe", "topics"), right("Read", "topics")) as logged:
        stage.exporter.await_page(lambda page: not names_of("topics", page), "no topics")
        stage.assert_reported(logged, {"metadata": "grant DESCRIBE on the topics"})
    page = stage.exporter.page()
    assert [page.value(f"kafka_topics_{what}_total") for what in ("created", "deleted")] == changes


def test_groups_listed_by_who_may_describe_the_cluster(stage: Stage) -> None:
    with stage.without(right("Describe", "groups")) as logged:
        stage.exporter.await_page(lambda page: not page.get("kafka_consumergroup_lag"), "no lag")
        hint = "grant DESCRIBE on the groups"
        stage.assert_reported(logged, {name: hint for name in ("groups", "group_offsets", "share_groups")})
        assert stage.exporter.page().names("kafka_consumergroup_state", "consumergroup") == {"empty", "members", "reader"}


def test_transactions_hidden(stage: Stage) -> None:
    def committed(page: Page) -> float | None:
        return page.value("kafka_transactions", state="CompleteCommit")

    stage.exporter.await_equal(committed, 1)
    with stage.without(("--operation", "Describe", "--transactional-id", "*")) as logged:
        stage.exporter.await_equal(committed, 0)
        stage.assert_reported(logged, {})
    stage.exporter.await_equal(committed, 1)


def test_read_recognizes_transaction_markers(stage: Stage) -> None:
    where = {"consumergroup": "reader", "topic": "marked", "partition": 0}

    def lag(page: Page) -> tuple[float | None, float | None]:
        return page.value("kafka_consumergroup_lag", **where), page.value("kafka_consumergroup_lag_seconds", **where)

    stage.write_transaction()
    stage.admin.commit("reader", {("marked", 0): 3})
    stage.exporter.await_equal(lag, (1, 0))
    with stage.without(right("Read", "topics")):
        stage.write_transaction()
        stage.admin.commit("reader", {("marked", 0): 5})
        stage.exporter.await_page(lambda page: lag(page)[0] == 1 and (lag(page)[1] or 0) > 6, "a lag in seconds")
        assert stage.exporter.said().count("grant READ on the topics") == 1
