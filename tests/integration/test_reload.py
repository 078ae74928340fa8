"""Reload: SIGHUP, POST /-/reload, and changed secret and certificate files, against real brokers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

import processes
import secure_kafka
from admin import Admin
from certificates import Certificates
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

Start = Callable[..., Exporter]
SUCCESS = "kafka_exporter_config_last_reload_successful"
PASSWORD = secure_kafka.PASSWORDS["exporter"]


@pytest.fixture(scope="module")
def secured(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Certificates]]:
    cluster, certificates = secure_kafka.make(tmp_path_factory.mktemp("reload"), libs)
    with cluster:
        cluster.start().ready()
        Admin(cluster).create_topic("orders", partitions=2)
        yield cluster, certificates


class Service:
    """An exporter with a configuration file that tests rewrite."""

    def __init__(self, start: Start, file: Path, config: dict[str, object], *flags: str) -> None:
        self.file = file
        self.write(config)
        self.exporter = start(f"--config.file={file}", *flags, poll_seconds=None)

    def write(self, config: dict[str, object]) -> None:
        self.file.write_text(yaml.safe_dump(config))

    def hang_up(self) -> None:
        self.exporter.process.send_signal(signal.SIGHUP)

    def post(self) -> tuple[int, str]:
        request = urllib.request.Request(self.exporter.url + "/-/reload", method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def cluster_section(cluster: Cluster, name: str, **more: object) -> dict[str, object]:
    return {"name": name, "servers": [cluster.bootstrap()], "polling": {"interval": "1s"}, **more}


def polls(page: Page, name: str) -> float:
    return sum(page.where("kafka_exporter_poll_duration_seconds_count", kafka_cluster=name).values())


def up(page: Page) -> dict[str, float]:
    return {dict(key)["kafka_cluster"]: value for key, value in page.get("kafka_up").items()}


def test_clusters_come_and_go(secured: tuple[Cluster, Certificates], start_exporter: Start, tmp_path: Path) -> None:
    cluster, _ = secured
    east, west = cluster_section(cluster, "east"), cluster_section(cluster, "west")
    service = Service(start_exporter, tmp_path / "k.yml", {"clusters": [east], "web": {"enable_lifecycle": True}})
    exporter = service.exporter
    exporter.await_page(lambda page: polls(page, "east") >= 3, "3 polls")
    with exporter.watched(0.1) as pages:
        service.write({"clusters": [east, west], "web": {"enable_lifecycle": True}, "log": {"format": "json"}})
        service.hang_up()
        exporter.await_page(lambda page: up(page) == {"east": 1, "west": 1}, "both clusters")
        service.write({"clusters": [east], "labels": {"env": "test"}, "web": {"enable_lifecycle": True}})
        assert service.post() == (200, "reloaded\n")
        exporter.await_page(lambda page: page.value("kafka_up", kafka_cluster="east", env="test") == 1, "the new label")
        service.write({"clusters": [east], "labels": {"env": "test"}, "groups": {}, "web": {"enable_lifecycle": True}})
        code, text = service.post()
        assert code == 500
        assert "k.yml:" in text and "groups" in text
        exporter.await_page(lambda page: page.total(SUCCESS) == 0, "the failure")
    assert 'msg="reload failed"' in exporter.said()
    assert '"msg":"configuration loaded"' in exporter.said(), "the format of the log changed"
    counts = [polls(page, "east") for _, page in pages]
    assert counts == sorted(counts), "the counter went back"
    assert all(up(page)["east"] == 1 for _, page in pages), "a gap"
    service.write({"clusters": [east], "web": {"enable_lifecycle": True}})
    assert service.post() == (200, "reloaded\n")
    assert exporter.await_page(lambda page: page.total(SUCCESS) == 1, "success")


def test_not_enabled(secured: tuple[Cluster, Certificates], start_exporter: Start, tmp_path: Path) -> None:
    service = Service(start_exporter, tmp_path / "k.yml", {"clusters": [cluster_section(secured[0], "east")]})
    service.exporter.await_page(lambda page: True, "anything")
    code, text = service.post()
    assert code == 403
    assert "--web.enable-lifecycle" in text


def set_password(cluster: Cluster, password: str) -> None:
    change = UserScramCredentialUpsertion("exporter", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), password.encode())
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap()})
    for result in admin.alter_user_scram_credentials([change]).values():
        result.result(30)


def test_a_password_file_changes(secured: tuple[Cluster, Certificates], start_exporter: Start, tmp_path: Path) -> None:
    """The old login serves until the new one works; a wrong one is explained."""
    cluster, certificates = secured
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    exporter = start_exporter(
        f"--kafka.server={cluster.bootstrap('SASL')}",
        "--tls.enabled",
        f"--tls.ca-file={certificates.path('ca.pem')}",
        "--sasl.enabled",
        "--sasl.mechanism=scram-sha512",
        "--sasl.username=exporter",
        f"--sasl.password-file={file}",
        config={"polling": {"deadline": "4s"}},
        poll_seconds=1,
    )
    exporter.await_page(lambda page: page.value("kafka_up") == 1, "kafka_up")
    used = 'msg="new settings in use"'
    try:
        with exporter.watched(0.2) as pages:
            set_password(cluster, "second-secret")
            file.write_text("second-secret")
            exporter.await_log(lambda log: used in log, "the second password", 60)
            exporter.await_polls(2)
            file.write_text("wrong-secret")
            said = exporter.await_log(lambda log: "new settings do not connect" in log, "the wrong password", 60)
            line = next(line for line in said.splitlines() if "new settings do not connect" in line)
            assert "invalid credentials" in line and "sasl.username" in line
            assert said.count(used) == 1
            file.write_text("second-secret")
            exporter.await_log(lambda log: log.count('msg="configuration loaded"') == 3, "the right password", 60)
            exporter.await_polls(2)
        assert all(page.value("kafka_up") == 1 for _, page in pages)
        assert "-secret" not in exporter.said()
        assert "every user of this host can read" not in exporter.said()
    finally:
        set_password(cluster, PASSWORD)


def test_a_certificate_is_renewed(secured: tuple[Cluster, Certificates], start_exporter: Start, tmp_path: Path) -> None:
    """As Kubernetes does it: the files are links into a folder that is a link, which is replaced."""
    cluster, certificates = secured
    for version, user in (("1", "exporter"), ("2", "stranger")):
        (tmp_path / version).mkdir()
        for suffix in ("pem", "key"):
            shutil.copy(certificates.path(f"{user}.{suffix}"), tmp_path / version / f"tls.{suffix}")
    (tmp_path / "..data").symlink_to("1")
    for name in ("tls.pem", "tls.key"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    exporter = start_exporter(
        f"--kafka.server={cluster.bootstrap('MTLS')}",
        "--tls.enabled",
        f"--tls.ca-file={certificates.path('ca.pem')}",
        f"--tls.cert-file={tmp_path / 'tls.pem'}",
        f"--tls.key-file={tmp_path / 'tls.key'}",
    )
    exporter.await_page(lambda page: page.value("kafka_up") == 1, "kafka_up")
    with exporter.watched(0.2) as pages:
        (tmp_path / "..new").symlink_to("2")
        os.replace(tmp_path / "..new", tmp_path / "..data")
        exporter.await_log(lambda log: 'msg="new settings in use"' in log, "the new certificate", 60)
        exporter.await_polls(2)
    assert all(page.value("kafka_up") == 1 for _, page in pages)


def test_secrets_are_not_on_the_command_line(start_exporter: Start) -> None:
    exporter = start_exporter("--kafka.server=localhost:1", "--sasl.enabled", "--sasl.username=u", "--sasl.password=hunter2")
    exporter.await_page(lambda page: True, "anything")
    command = Path(f"/proc/{exporter.process.pid}/cmdline").read_text()
    assert "--sasl.password=*******" in command
    assert "hunter2" not in command


@pytest.mark.long
def test_reload_in_a_loop(secured: tuple[Cluster, Certificates], start_exporter: Start, tmp_path: Path) -> None:
    """Each reload changes a cluster, under scrapes: no gap, and no more memory, threads or sockets at the end, but for a
    few that serve scrapes.
    """
    cluster, _ = secured
    polling = {"interval": "1s", "deadline": "20s"}  # On a busy machine no poll fails.
    east, west = (cluster_section(cluster, name, polling=polling) for name in ("east", "west"))
    config = lambda count: {  # noqa: E731
        "clusters": [east, {**west, "max_series": 1000 + count}],
        "web": {"enable_lifecycle": True},
    }
    service = Service(start_exporter, tmp_path / "k.yml", config(0))
    exporter = service.exporter
    exporter.await_page(lambda page: up(page) == {"east": 1, "west": 1}, "both clusters")

    def used() -> tuple[int, int, int]:
        status = Path(f"/proc/{exporter.process.pid}/status").read_text()
        number = lambda name: int(re.search(rf"{name}:\s+(\d+)", status)[1])  # noqa: E731
        return number("VmRSS"), number("Threads"), len(os.listdir(f"/proc/{exporter.process.pid}/fd"))

    def reload(count: int) -> None:
        service.write(config(count))
        assert service.post() == (200, "reloaded\n")
        exporter.await_log(lambda log: log.count('msg="new settings in use"') == count, f"take-over {count}", 60)

    exporter.await_polls(4)
    _, threads, files = used()
    with exporter.watched(0.1) as pages:
        for count in range(1, 11):
            reload(count)
        memory = used()[0]
        for count in range(11, 61):
            reload(count)
        processes.wait_until(lambda: used()[1] <= threads + 4 and used()[2] <= files + 5, "threads and sockets", 30)
    assert used()[0] <= memory * 1.3, f"{memory} kB, then {used()[0]} kB"
    assert [up(page) for _, page in pages if up(page) != {"east": 1, "west": 1}] == [], exporter.said()[-20000:]
    counts = [polls(page, "west") for _, page in pages]
    assert counts == sorted(counts)
