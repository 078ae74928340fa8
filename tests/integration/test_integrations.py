"""docs/integrations.md with a real VictoriaMetrics. tests/unit/docs_test.py checks its other configurations."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

import debian_package
import processes
from admin import Admin
from conftest import kafka_flags
from exporter import ROOT, Exporter
from kafka_cluster import Cluster
from prometheus_server import RULES

PAGE = (ROOT / "docs" / "integrations.md").read_text()


@pytest.fixture(scope="module")
def programs() -> Path:
    """Returns the folder of Debian 13's package, unpacked and not installed."""
    return debian_package.unpack("victoria-metrics", "trixie") / "usr/bin"


@pytest.mark.long
def test_victoria_metrics(
    programs: Path,
    cluster: Cluster,
    admin: Admin,
    start_exporter: Callable[..., Exporter],
    unique: Callable[[str], str],
    tmp_path: Path,
) -> None:
    """It scrapes with the documented configuration, runs the documented query, and vmalert accepts the rules."""
    topic, group = unique("orders"), unique("billing")
    admin.create_topic(topic, partitions=2, replicas=3)
    admin.produce(topic, range(2), each=8)
    admin.commit(group, {(topic, 0): 3, (topic, 1): 8})
    exporter = start_exporter(*kafka_flags(cluster))
    exporter.await_equal(lambda page: page.value("kafka_consumergroup_lag_sum", consumergroup=group, topic=topic), 5)

    config = tmp_path / "scrape.yml"
    text = re.search(r"^## VictoriaMetrics$.*?^```yaml\n(.*?)^```", PAGE, re.M | re.S)[1]
    config.write_text(text.replace("exporter-host:9308", f"127.0.0.1:{exporter.port}").replace("15s", "1s"))
    query = re.search(r"^ +query: (.*)$", PAGE, re.M)[1].replace("billing", group).replace("orders", topic)
    port = processes.free_port()
    server = processes.spawn(
        [
            programs / "victoria-metrics",
            f"-promscrape.config={config}",
            f"-storageDataPath={tmp_path / 'data'}",
            f"-httpListenAddr=127.0.0.1:{port}",
            "-search.latencyOffset=0s",
        ],
        tmp_path / "victoria-metrics.log",
    )

    def lag() -> float | None:
        url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                result = json.load(response)["data"]["result"]
        except OSError:
            return None
        return float(result[0]["value"][1]) if result else None

    try:
        processes.wait_until(lambda: lag() == 5, "the lag in VictoriaMetrics", timeout=60)
    finally:
        processes.stop([server])
    processes.run([programs / "vmalert", "-dryRun", *(f"-rule={file}" for file in RULES)], timeout=60)
