"""A quota that throttles the exporter is reported as such."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import kafka_tools
from exporter import Exporter
from kafka_cluster import Cluster


def test_request_quota(libs: Path, tmp_path: Path, start_exporter: Callable[..., Exporter]) -> None:
    """request_percentage=0.01 for all clients: brokers respond, then let the next request wait."""
    with Cluster(tmp_path / "kafka", libs, 1) as cluster:
        cluster.start().ready()
        quota = ("--alter", "--add-config", "request_percentage=0.01", "--entity-type", "clients", "--entity-default")
        kafka_tools.run(libs, "kafka-configs", "--bootstrap-server", cluster.bootstrap(), *quota)
        exporter = start_exporter(f"--kafka.server={cluster.bootstrap()}", poll_seconds=4)
        said = exporter.await_log(lambda said: "throttles this client" in said, "the quota", timeout=120)
        (line,) = [line for line in said.splitlines() if "throttles this client" in line][:1]
        assert "request_percentage" in line and "reason=timeout" in line
