"""Tests of alerts: each is complete and tested, and exactly the expected ones are sent by a real Alertmanager."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from confluent_kafka import Producer

import grafana
import processes
from admin import Admin
from alertmanager import Alertmanager, Webhook
from clients import Client
from conftest import kafka_flags
from endless_rebalance import endless_rebalance
from exporter import ROOT, Exporter
from kafka_cluster import Cluster
from prometheus_server import DASHBOARDS, RULES, Prometheus

ALERTS_FILE = DASHBOARDS / "alerts.yml"
RULE_TESTS = sorted((ROOT / "tests" / "rules").glob("*.yml"))
USED = "kafka_consumergroup_offset_retention_used_ratio"
SEVERITIES = {"critical", "warning", "info"}
ANNOTATIONS = {"summary", "description", "dashboard_url", "runbook_url"}


def alerts() -> list[dict]:
    groups = yaml.safe_load(ALERTS_FILE.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


NAMES = sorted({rule["alert"] for rule in alerts()})


# ---- the files


def test_promtool_finds_nothing_wrong() -> None:
    processes.run(["promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULES])


def test_the_rules_own_tests() -> None:
    """Runs the promtool tests."""
    assert RULE_TESTS
    done = subprocess.run(["promtool", "test", "rules", *RULE_TESTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_seen_to_fire_and_not_to_fire() -> None:
    """Checks that each severity fires in a test, and that each alert has a section `# ---- Name, Name` in which it also
    does not fire.
    """
    cases = [case for file in RULE_TESTS for case in yaml.safe_load(file.read_text())["tests"]]
    own = [(name, case) for file in RULE_TESTS for name, case in _cases_by_section(file)]
    wrong = [f"{name}: a section of tests, but no such alert" for name in {name for name, _ in own} - set(NAMES)]
    for rule in alerts():
        name, severity = rule["alert"], rule["labels"]["severity"]
        if not any(severity in fired for case in cases for fired in _fires(case, name)):
            wrong.append(f"{name}: {severity} is never seen to fire")
        if all(fired for section, case in own for fired in _fires(case, name) if section == name):
            wrong.append(f"{name}: in a section of its own it is never seen not to fire")
    assert not wrong, "\n".join(wrong)


def _cases_by_section(file: Path) -> Iterator[tuple[str, dict]]:
    cases = {case["name"]: case for case in yaml.safe_load(file.read_text())["tests"]}
    for names, section in re.findall(r"^ *# ---- ((?:Kafka|ZooKeeper)[\w, ]+)\n(.*?)(?=^ *# ----|\Z)", file.read_text(), re.M | re.S):
        for title in re.findall(r"^ *- name: (.*)$", section, re.M):
            yield from ((name, cases[yaml.safe_load(title)]) for name in names.split(", "))


def _fires(case: dict, name: str) -> Iterator[set[str]]:
    """Returns the severities expected at each time of the test case."""
    for test in case.get("promql_expr_test", []):
        samples = test.get("exp_samples") or []
        found = [dict(re.findall(r'(\w+)="([^"]*)"', sample["labels"])) for sample in samples]
        yield {labels.get("severity", "") for labels in found if labels.get("alertname") == name}


def test_every_alert_is_whole() -> None:
    """Each alert has a severity, a description, a first step, and links to an existing panel and runbook section."""
    boards = {board.uid: board for board in grafana.dashboards()}
    wrong = []
    for rule in alerts():
        name, annotations = rule["alert"], rule["annotations"]
        wrong += [f"{name}: labels {rule['labels']}"] * (rule["labels"].get("severity") not in SEVERITIES)
        wrong += [f"{name}: annotations {annotations.keys()}"] * (annotations.keys() != ANNOTATIONS)
        wrong += [f"{name}: {fault}" for fault in _wrong_link(annotations["dashboard_url"], boards)]
        paragraph = f"dashboards/runbook.md#{name.lower()}"
        wrong += [f"{name}: {annotations['runbook_url']}"] * (annotations["runbook_url"] != paragraph)
    assert not wrong, "\n".join(wrong)


def _wrong_link(url: str, boards: dict[str, grafana.Dashboard]) -> Iterator[str]:
    link = re.match(r"/d/([\w-]+)\?viewPanel=(\d+)(?:&|$)", url)
    if not link:
        yield f"not of the form /d/UID?viewPanel=ID&...: {url}"
        return
    if link[1] not in boards:
        yield f"no dashboard {link[1]}"
        return
    board = boards[link[1]]
    if int(link[2]) not in {panel["id"] for panel in board.panels()}:
        yield f"no panel {link[2]} in {link[1]}"
    known = {variable["name"] for variable in board.variables}
    yield from (f"no variable {name} in {link[1]}" for name in re.findall(r"var-(\w+)=", url) if name not in known)


def test_the_runbook_has_a_paragraph_for_each_and_for_nothing_else() -> None:
    headings = re.findall(r"^## (.+)$", (DASHBOARDS / "runbook.md").read_text(), re.M)
    assert sorted(headings) == NAMES


def test_owners_can_be_joined(tmp_path: Path) -> None:
    """Alerts have owner labels where there are any, and fire unchanged elsewhere."""
    rewritten = subprocess.run(
        [sys.executable, DASHBOARDS / "sources" / "owners.py", "team", "service"],
        input=ALERTS_FILE.read_text(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (tmp_path / "alerts.yml").write_text(rewritten)
    processes.run(["promtool", "check", "rules", "--lint=all", "--lint-fatal", tmp_path / "alerts.yml"])
    series = 'job="kafka",instance="a",consumergroup="billing"'
    labels = 'kafka_consumergroup_labels{job="kafka",instance="a",consumergroup="billing",team="payments",shift="night"}'
    other = series.replace("billing", "export")
    fires = {"alertname": "KafkaConsumerGroupOffsetsExpiring", "severity": "warning"}
    case = {
        "interval": "1m",
        "input_series": [
            {"series": f"{USED}{{{series}}}", "values": "0.9x20"},
            {"series": f"{USED}{{{other}}}", "values": "0.9x20"},
            {"series": labels, "values": "1x20"},
        ],
        "alert_rule_test": [],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname, severity, consumergroup, team, service) (ALERTS{alertstate="firing"})',
                "eval_time": "10m",
                "exp_samples": [
                    {"labels": _as_text({**fires, "consumergroup": "billing", "team": "payments"}), "value": 1},
                    {"labels": _as_text({**fires, "consumergroup": "export"}), "value": 1},
                ],
            }
        ],
    }
    tests = {"rule_files": ["alerts.yml"], "evaluation_interval": "1m", "tests": [case]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests))
    done = subprocess.run(
        ["promtool", "test", "rules", tmp_path / "tests.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _as_text(labels: dict[str, str]) -> str:
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


# ---- end to end

# Seconds per minute of `for`. Rate windows are not changed.
SECONDS_A_MINUTE = 3

# Leader rebalancing, shortened by the same factor. The session timeout is longer than the default:
# a broker that a busy machine holds up for some seconds must not be fenced, which would fire alerts.
QUICK = {
    "broker.session.timeout.ms": 18000,
    "broker.heartbeat.interval.ms": 1000,
    "leader.imbalance.check.interval.seconds": 5 * SECONDS_A_MINUTE,
}

# Queries of panels that have data only while a broker is down.
SHOWN = ["201 C", "201 D", "202 A", "404 A", "404 B"]

# The disk of the test machine may be full.
OURS = {"groups": {"status_window": "1s"}, "collectors": {"log_dirs": False}}


def shortened(file: Path, folder: Path) -> Path:
    """Copies a rule file with each `for` shortened to seconds."""
    tree = yaml.safe_load(file.read_text())
    for rule in (rule for group in tree["groups"] for rule in group["rules"]):
        if "for" in rule:
            rule["for"] = f"{round(_minutes(rule['for']) * SECONDS_A_MINUTE)}s"
    copy = folder / file.name
    copy.write_text(yaml.safe_dump(tree))
    return copy


def _minutes(duration: str) -> float:
    parts = re.findall(r"(\d+)([smhd])", duration)
    assert "".join(map("".join, parts)) == duration, duration
    return sum(int(count) * {"s": 1 / 60, "m": 1, "h": 60, "d": 1440}[unit] for count, unit in parts)


class Stage:
    """A cluster with topics, traffic and groups, monitored as in production."""

    def __init__(self, root: Path, libs: Path, stack: ExitStack) -> None:
        self.root, self.stack = root, stack
        self.cluster = stack.enter_context(Cluster(root, libs, properties=QUICK)).start().ready()
        self.admin = Admin(self.cluster)
        for topic in ("orders", "clicks"):
            self.admin.create_topic(topic, partitions=3, replicas=3, min_insync_replicas="2")
        self._flow()
        self.keeps_up = self.client("billing", "orders", 0)
        self.slow = self.client("reporting", "orders", 5)
        self.stops = self.client("export", "clicks", 0)
        exporter = Exporter(root / "exporter.log", *kafka_flags(self.cluster), config=OURS)
        self.exporter = exporter
        stack.callback(exporter.stop)
        self.webhook = stack.enter_context(Webhook()).start()
        manager = stack.enter_context(Alertmanager(root / "alertmanager", self.webhook)).start()
        rules = [shortened(file, root) for file in RULES]
        targets = {"kafkascope": [f"localhost:{exporter.port}"]}
        self.prometheus = Prometheus(root / "prometheus", targets, rules=rules, alertmanager=manager.address)
        stack.enter_context(self.prometheus).start()

    def client(self, group: str, topic: str, records_per_second: int) -> Client:
        """Starts a consumer and waits for its first commit."""
        log = self.root / f"{group}.log"
        client = Client(log, self.cluster, "steady", group, topic, records_per_second)
        self.stack.callback(client.kill)
        return client.committed()

    def _flow(self) -> None:
        """Produces 20 records per second to each topic."""
        producer, ended = Producer({**self.admin.bootstrap, "linger.ms": 0}), threading.Event()

        def produce() -> None:
            while not ended.wait(0.05):
                for topic in ("orders", "clicks"):
                    producer.produce(topic, b"x" * 100)
                producer.poll(0)

        thread = threading.Thread(target=produce, daemon=True)
        thread.start()
        self.stack.callback(lambda: (ended.set(), thread.join()))

    def await_alerts(self, *names: str, timeout: float = 150) -> None:
        """Waits until these fire, and for some more evaluations: no other alert may fire by then."""
        before, old = len(self.webhook.received), self._firing()

        def complete() -> bool:
            new = {alert["labels"]["alertname"] for alert in self.webhook.received[before:]}
            assert new <= old | set(names), self._told()
            return self._firing() == set(names)

        try:
            processes.wait_until(complete, "alerts", timeout)
        except TimeoutError:
            raise AssertionError(f"waited {timeout:.0f} s for {names or 'silence'}: {self._told()}") from None
        self.await_evaluations(5)
        assert complete(), self._told()

    def _firing(self) -> set[str]:
        return {alert["labels"]["alertname"] for alert in self.webhook.firing()}

    def await_evaluations(self, count: int) -> None:
        """Records a sample every second."""

        def samples() -> float:
            found = self.prometheus.value("count_over_time(cluster:kafka_topic_partition_current_offset:rate5m[1h])")
            return found or 0

        goal = samples() + count
        processes.wait_until(lambda: samples() >= goal, f"{count} evaluations", 30 + 2 * count)

    def _told(self) -> list[tuple[str, str, dict]]:
        return [(a["status"], a["startsAt"], a["labels"]) for a in self.webhook.received]


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(tmp_path_factory.mktemp("alerts"), libs, stack)


@pytest.mark.long
def test_a_healthy_cluster_is_silent(stage: Stage) -> None:
    """Healthy state: traffic, a group that keeps up, and a slow one with little lag."""
    stage.await_evaluations(20)
    assert stage.prometheus.targets()[0]["health"] == "up"
    assert not [rule for rule in stage.prometheus.rules() if rule["health"] == "err"]
    assert stage.webhook.received == []


@pytest.mark.long
def test_a_consumer_stops(stage: Stage) -> None:
    stage.stops.leave()
    stage.await_alerts("KafkaConsumerGroupStopped")
    assert {alert["labels"]["consumergroup"] for alert in stage.webhook.firing()} == {"export"}
    stage.stops = stage.client("export", "clicks", 0)
    stage.await_alerts()


@pytest.mark.long
def test_a_rebalance_does_not_end(stage: Stage) -> None:
    with endless_rebalance(stage.admin, "endless", "orders"):
        stage.await_alerts("KafkaConsumerGroupRebalancing")
        assert {alert["labels"]["consumergroup"] for alert in stage.webhook.firing()} == {"endless"}
    stage.await_alerts()


@pytest.mark.long
def test_a_broker_dies_and_comes_back(stage: Stage) -> None:
    controller = stage.exporter.page().names("kafka_controller", "id")
    victim = next(id for id in stage.cluster.ids if str(id) not in controller)
    stage.cluster.kill(victim)
    stage.await_alerts("KafkaBrokerDown", "KafkaUnderReplicatedPartitions")
    down = [alert["labels"] for alert in stage.webhook.firing() if alert["labels"]["alertname"] == "KafkaBrokerDown"]
    assert [labels["id"] for labels in down] == [str(victim)]
    board = grafana.Dashboard(DASHBOARDS / "cluster.json")
    view = grafana.View(board, stage.prometheus)
    shown = {target.key for target in board.targets() if view.ask(target)}
    assert {f"cluster/{key}" for key in SHOWN} <= shown
    stage.cluster.start(victim).ready()
    stage.await_alerts()


@pytest.mark.long
def test_records_are_deleted_before_they_are_read(stage: Stage) -> None:
    """Deletes records that the slow group has not read, but the other one has."""
    page = stage.exporter.page()
    for partition in range(3):
        read = page.value(
            "kafka_consumergroup_current_offset", consumergroup="billing", topic="orders", partition=partition
        )
        stage.admin.delete_records("orders", partition, before=int(read))
    stage.await_alerts("KafkaConsumerGroupLosesMessages")
    assert {alert["labels"]["consumergroup"] for alert in stage.webhook.firing()} == {"reporting"}
