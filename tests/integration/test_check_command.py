"""`kafkascope check` on real brokers: each fault has a line that says what is wrong, where and what to do."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import kafka_tools
import secure_kafka
from admin import Admin
from certificates import Certificates
from conftest import kafka_flags
from exporter import BINARY
from kafka_cluster import Cluster

Line = dict[str, str]
COLLECTORS = 13
ALL = [
    "--operation Describe --topic * --group *",
    "--operation Describe --cluster",
    "--operation Describe --transactional-id *",
    "--operation DescribeConfigs --topic *",
    "--operation DescribeConfigs --cluster",
    "--operation Read --topic *",
]


def run(*flags: str, code: int, password: str = "", output: str = "json") -> str:
    env = {**os.environ, "SASL_USER_PASSWORD": password}
    command = [BINARY, "check", *flags, f"--output={output}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=env)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def check(*flags: str, code: int, password: str = "") -> list[Line]:
    """Returns the lines about a cluster."""
    report = json.loads(run(*flags, code=code, password=password))
    assert report["good"] == (code == 0)
    (cluster,) = report["clusters"]
    return cluster["checks"]


def outcomes_of(lines: list[Line]) -> dict[str, str]:
    """Returns the outcomes that are not ok, without those of TLS: the certificates of tests expire soon."""
    return {line["subject"]: line["outcome"] for line in lines if line["outcome"] != "ok" and line["area"] != "tls"}


def failed(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["outcome"] == "failed"]


def find(lines: list[Line], area: str, subject: str) -> Line:
    (line,) = (line for line in lines if line["area"] == area and subject in line["subject"])
    return line


@dataclass
class Secure:
    cluster: Cluster
    certificates: Certificates

    @property
    def server(self) -> str:
        return self.cluster.bootstrap("SASL")

    def flags(self, ca: Path | None = None) -> list[str]:
        flags = [f"--kafka.server={self.server}", "--tls.enabled", f"--tls.ca-file={ca or self.certificates.path('ca.pem')}"]
        return [*flags, "--sasl.enabled", "--sasl.mechanism=scram-sha512", "--sasl.username=exporter"]

    def check(self, code: int, *more: str) -> list[Line]:
        return check(*self.flags(), *more, code=code, password=secure_kafka.PASSWORDS["exporter"])

    def change(self, action: str, acl: list[str]) -> None:
        force = ["--force"] * (action == "--remove")
        kafka_tools.ask(self.cluster, "kafka-acls", action, *force, "--allow-principal", "User:exporter", *acl)


@pytest.fixture(scope="module")
def secure(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """A broker with TLS, SCRAM and ACLs; the user has all permissions."""
    cluster, certificates = secure_kafka.make(tmp_path_factory.mktemp("check") / "kafka", libs)
    with cluster:
        cluster.start().ready()
        admin = Admin(cluster)
        admin.create_topic("orders", partitions=2)
        admin.produce("orders", range(2), each=4)
        admin.commit("billing", {("orders", 0): 1})
        secure = Secure(cluster, certificates)
        for acl in ALL:
            secure.change("--add", acl.split())
        yield secure


def test_everything_works(secure: Secure) -> None:
    lines = secure.check(0)
    assert outcomes_of(lines) == {}
    assert re.fullmatch(r"TLSv1\.3, .*CN=broker < .*, expires in \d+ days, host name matches", find(lines, "tls", secure.server)["text"])
    assert find(lines, "login", "SCRAM-SHA-512 as exporter")["text"] == "accepted"
    assert find(lines, "broker", "broker 1 at")["text"].startswith("responds, Kafka 4.3, ")
    assert find(lines, "visible", "topics")["text"].startswith("2 with ")
    assert find(lines, "visible", "groups")["text"] == "1"
    assert len([line for line in lines if line["area"] == "collector"]) == COLLECTORS
    text = run(*secure.flags(), code=0, password=secure_kafka.PASSWORDS["exporter"], output="table")
    assert text.splitlines()[-1] == "good: 0 failed, 1 warnings"
    assert find(lines, "tls", "bootstrap")["fix"] == "renew the certificate"
    assert len(text.splitlines()) == len(lines) + 3


def test_wrong_password(secure: Secure) -> None:
    lines = check(*secure.flags(), code=1, password="wrong")
    login = find(lines, "login", "SCRAM-SHA-512 as exporter")
    assert login["outcome"] == "failed" and "invalid credentials" in login["text"] and "password" in login["fix"]
    assert {line["outcome"] for line in lines if line["area"] in ("name", "connection")} == {"ok"}
    assert "host name matches" in find(lines, "tls", secure.server)["text"]
    assert find(lines, "collector", "all others")["outcome"] == "unknown"


@pytest.mark.parametrize(
    ("acl", "outcomes"),
    [
        ("--operation Describe --cluster", {"log_dirs": "failed", "quorum": "failed", "reassignments": "failed"}),
        ("--operation DescribeConfigs --topic *", {"topic_configs": "failed"}),
        ("--operation Read --topic *", {"transactions": "warning", "time_lag": "warning"}),
    ],
)
def test_missing_permission(secure: Secure, acl: str, outcomes: dict[str, str]) -> None:
    """The printed command, run with Kafka's own tool, is the cure."""
    secure.change("--remove", acl.split())
    try:
        lines = secure.check(1 if "failed" in outcomes.values() else 0)
        assert outcomes_of(lines) == outcomes
        (command,) = {line["fix"] for line in lines if line["subject"] in outcomes}
    finally:
        secure.change("--add", acl.split())
    secure.change("--remove", acl.split())
    words = shlex.split(command)
    assert words[:4] == ["kafka-acls.sh", "--bootstrap-server", secure.server, "--add"]
    kafka_tools.ask(secure.cluster, "kafka-acls", *words[3:])  # through the listener of the superuser
    assert outcomes_of(secure.check(0)) == {}


def test_no_permission(secure: Secure) -> None:
    flags = [flag.replace("exporter", "stranger") for flag in secure.flags() if "username" in flag]
    lines = check(*secure.flags()[:-1], *flags, code=1, password=secure_kafka.PASSWORDS["stranger"])
    assert find(lines, "login", "as stranger")["text"] == "accepted"
    metadata = find(lines, "collector", "metadata")
    assert metadata["text"] == "authorization: no topic is visible: grant DESCRIBE on the topics"
    assert metadata["fix"].endswith("--add --allow-principal User:stranger --operation Describe --topic '*'")


def test_switched_off(secure: Secure, tmp_path: Path) -> None:
    """A collector that is switched off needs no permission."""
    acl = ["--operation", "Describe", "--cluster"]
    config = tmp_path / "kafkascope.yml"
    config.write_text("clusters: [{collectors: {log_dirs: false, quorum: false, reassignments: false}}]")
    secure.change("--remove", acl)
    try:
        lines = secure.check(0, f"--config.file={config}")
    finally:
        secure.change("--add", acl)
    assert find(lines, "collector", "log_dirs")["outcome"] == "off"


def test_other_ca(secure: Secure, tmp_path: Path) -> None:
    others = Certificates(tmp_path / "others", "exporter")
    lines = check(*secure.flags(others.path("ca.pem")), code=1, password=secure_kafka.PASSWORDS["exporter"])
    tls = find(lines, "tls", secure.server)
    assert tls["outcome"] == "failed" and "certificate" in tls["text"] and "--tls.ca-file" in tls["fix"]
    metadata = find(lines, "collector", "metadata")
    assert metadata["text"].startswith("tls: ") and "not signed by a trusted CA" in metadata["text"]


def test_no_tls_listener(secure: Secure) -> None:
    lines = check(f"--kafka.server={secure.cluster.bootstrap()}", "--tls.enabled", code=1)
    assert "handshake failed" in find(lines, "tls", "bootstrap")["text"]


def test_unresolvable_name(secure: Secure) -> None:
    lines = check(f"--kafka.server=kafka.invalid:9092,{secure.cluster.bootstrap()}", code=1)
    (line,) = failed(lines)
    assert (line["area"], line["subject"]) == ("name", "kafka.invalid:9092 (bootstrap)")
    assert "cannot be resolved" in line["text"] and "--kafka.server" in line["fix"]


def test_nothing_listens() -> None:
    lines = check("--kafka.server=localhost:1", "--poll.interval=1s", code=1)
    connection = find(lines, "connection", "localhost:1 (bootstrap)")
    assert connection["text"] == "Connection refused" and "--kafka.server" in connection["fix"]


def test_invalid_arguments() -> None:
    assert run("--no-such-flag", code=2) == ""


def test_one_broker_down(libs: Path, tmp_path: Path, unique: Callable[[str], str]) -> None:
    with Cluster(tmp_path / "kafka", libs, 3) as cluster:
        cluster.start().ready()
        flags = kafka_flags(cluster)
        check(*flags, code=0)
        cluster.kill(3)
        address = cluster.bootstrap().split(",")[2]
        lines = check(*flags, code=1)
        connection = find(lines, "connection", address)
        assert connection["text"] == "Connection refused" and connection["fix"].startswith("check that the broker runs")
        assert {find(lines, "connection", other)["outcome"] for other in cluster.bootstrap().split(",")[:2]} == {"ok"}
