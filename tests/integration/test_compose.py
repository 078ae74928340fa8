"""docker/compose*.yml: accepted by the real docker-compose, every mounted file exists, and the tools that read the mounted files
accept them. No container engine is needed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import debian_package
import processes
from exporter import BINARY, ROOT

DOCKER = ROOT / "docker"
FILES = ("compose.yml", "compose.own-kafka.yml")


@pytest.fixture(scope="module")
def compose() -> Path:
    """Returns Debian 13's docker-compose; that of Debian 12 is too old."""
    return debian_package.unpack("docker-compose", "trixie") / "usr/libexec/docker/cli-plugins/docker-compose"


def resolved(compose: Path, file: str) -> dict:
    env = {**os.environ, "KAFKA": "kafka:9092"}
    return json.loads(processes.run([compose, "-f", DOCKER / file, "config", "--format=json"], env=env))


@pytest.mark.parametrize("file", FILES)
def test_files_exist(compose: Path, file: str) -> None:
    config = resolved(compose, file)
    mounts = [mount for service in config["services"].values() for mount in service.get("volumes", [])]
    sources = [Path(mount["source"]) for mount in mounts if mount["type"] == "bind"]
    assert len(sources) >= 6
    assert [path for path in sources if not path.exists()] == []
    assert {mount["source"] for mount in mounts if mount["type"] == "volume"} == config["volumes"].keys()
    build = config["services"]["kafkascope"]["build"]
    assert (Path(build["context"]) / build["dockerfile"]).is_file()


@pytest.mark.parametrize("file", FILES)
def test_open_to_this_machine_only(compose: Path, file: str) -> None:
    """Only what a person opens is published, and there are no secrets."""
    config = resolved(compose, file)
    ports = {(name, port["host_ip"], port["published"])
             for name, service in config["services"].items() for port in service.get("ports", [])}  # fmt: skip
    assert ports == {(name, "127.0.0.1", port) for name, port in
                     (("kafkascope", "9308"), ("prometheus", "9090"), ("alertmanager", "9093"), ("grafana", "3000"))}  # fmt: skip
    assert not re.search(r"(?i)(password|secret)\s*[:=]\s*\S", (DOCKER / file).read_text())


@pytest.mark.parametrize("file", FILES)
def test_flags_of_kafkascope(compose: Path, file: str) -> None:
    processes.run([BINARY, *resolved(compose, file)["services"]["kafkascope"]["command"], "--check-config"])


def test_every_dependency_has_a_health_check(compose: Path) -> None:
    services = resolved(compose, "compose.yml")["services"]
    for name, service in services.items():
        for needed, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy" and needed != "kafkascope":  # That one's is in its image.
                assert "test" in services[needed]["healthcheck"], f"{name} waits for {needed}"
    assert "HEALTHCHECK" in (DOCKER / "Dockerfile").read_text()


def test_own_kafka_has_to_be_named(compose: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "KAFKA"}
    command = [compose, "-f", DOCKER / "compose.own-kafka.yml", "config", "--quiet"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "set KAFKA=host:port" in done.stderr


def test_prometheus_and_alertmanager(tmp_path: Path) -> None:
    for file in (DOCKER / "prometheus.yml", ROOT / "dashboards/rules.yml", ROOT / "dashboards/alerts.yml"):
        shutil.copy(file, tmp_path)
    processes.run(["promtool", "check", "config", tmp_path / "prometheus.yml"])
    amtool = shutil.which("amtool") or "/usr/share/prometheus/alertmanager/amtool"
    processes.run([amtool, "check-config", DOCKER / "alertmanager.yml"])
