"""Commands: once, dashboards, rules, scrape-config. Each must work from any directory with nothing but the program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import processes
from admin import Admin
from conftest import kafka_flags
from exporter import BINARY, ROOT, Exporter
from kafka_cluster import Cluster
from page import Page

# Families that describe the exporter itself, or depend on the history of polls.
NOT_COMPARED = ("kafka_exporter_", "process_", "kafka_consumergroup_lag_seconds", "kafka_consumergroup_status")


def command(*arguments: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs the program in a directory without files of the project."""
    done = subprocess.run([BINARY, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done
    return done


def test_once(
    cluster: Cluster,
    admin: Admin,
    start_exporter: Callable[..., Exporter],
    unique: Callable[[str], str],
    tmp_path: Path,
) -> None:
    """The page has the families and values of a program that has polled for some time."""
    topic, group = unique("once"), unique("once")
    admin.create_topic(topic, 3, 3)
    admin.produce(topic, range(3), 5)
    admin.commit(group, {(topic, 0): 2, (topic, 1): 5, (topic, 2): 0})
    flags = [*kafka_flags(cluster), f"--topic.filter=^{topic}$", f"--group.filter=^{group}$"]
    exporter = start_exporter(*flags)

    def compared(page: Page) -> dict[str, set[object]]:
        return {name: set(series) for name, series in page.series.items() if not name.startswith(NOT_COMPARED)}

    done = command("once", *flags, cwd=tmp_path)
    page = Page(done.stdout)
    slow = ("kafka_topic_retention_seconds", "kafka_broker_log_dir_volume_bytes", "kafka_topic_newest_record_timestamp_seconds")
    slow += ("kafka_topic_oldest_record_timestamp_seconds", "kafka_transactions", "kafka_cluster_feature_level")
    assert all(page.get(name) for name in slow)
    wanted = exporter.await_page(lambda other: compared(other) == compared(page), "the same series")
    for name in ("kafka_up", "kafka_consumergroup_lag", "kafka_topic_partition_current_offset"):
        assert page.get(name) == wanted.get(name)
    assert page.total("kafka_exporter_collector_errors_total") == 0, done.stderr
    checked = subprocess.run(["promtool", "check", "metrics"], input=done.stdout, capture_output=True, text=True, check=False)
    assert len(checked.stderr.splitlines() + checked.stdout.splitlines()) == 2, checked


def test_once_without_kafka(tmp_path: Path) -> None:
    port = processes.free_port()
    done = command("once", f"--kafka.server=localhost:{port}", "--poll.interval=1s", cwd=tmp_path, code=1)
    assert Page(done.stdout).value("kafka_up") == 0
    assert "Connection refused" in done.stderr
    done = command("once", "--no-such-flag", cwd=tmp_path, code=2)
    assert done.stdout == ""


def test_dashboards(tmp_path: Path) -> None:
    done = command("dashboards", "--dir=new/folder", cwd=tmp_path)
    sources = sorted((ROOT / "dashboards").glob("*.json"))
    assert done.stdout.splitlines() == [f"new/folder/{source.name}" for source in sources]
    for source in sources:
        assert (tmp_path / "new/folder" / source.name).read_bytes() == source.read_bytes()
    (tmp_path / "file").write_text("")
    assert "file" in command("dashboards", "--dir=file/folder", cwd=tmp_path, code=1).stderr


def test_rules(tmp_path: Path) -> None:
    """Unchanged without arguments; with them, links and labels are complete and nothing else differs."""
    command("rules", cwd=tmp_path)
    for name in ("rules.yml", "alerts.yml"):
        assert (tmp_path / name).read_bytes() == (ROOT / "dashboards" / name).read_bytes()
    grafana, runbook, team = "https://grafana.example.com/sub", "https://wiki.example.com/kafka", 'a "quoted" \\ name: #1'
    command("rules", f"--grafana-url={grafana}/", f"--runbook-url={runbook}", f"--label=team={team}", "--label=tier=1", cwd=tmp_path)
    processes.run(["promtool", "check", "rules", "--lint=all", "--lint-fatal", tmp_path / "rules.yml", tmp_path / "alerts.yml"])
    before = yaml.safe_load((ROOT / "dashboards/alerts.yml").read_text())
    for group in before["groups"]:
        for alert in group["rules"]:
            notes = alert["annotations"]
            assert notes["dashboard_url"].startswith("/d/")
            notes["dashboard_url"] = grafana + notes["dashboard_url"]
            notes["runbook_url"] = notes["runbook_url"].replace("dashboards/runbook.md", runbook)
            alert["labels"] |= {"team": team, "tier": "1"}
    assert yaml.safe_load((tmp_path / "alerts.yml").read_text()) == before


@pytest.mark.parametrize(
    ("flags", "web", "expected"),
    [
        ([], None, {"scrape_interval": "15s", "static_configs": [{"targets": ["localhost:9308"]}]}),
        (
            ["--web.listen-address=[::1]:1234", "--poll.interval=5s", "--web.telemetry-path=/m"],
            None,
            {
                "scrape_interval": "5s",
                "scrape_timeout": "5s",
                "metrics_path": "/m",
                "static_configs": [{"targets": ["[::1]:1234"]}],
            },
        ),
        (
            ["--web.listen-address=0.0.0.0:1"],
            {"basic_auth_users": {"prometheus": "$2a$04$" + "a" * 53}},
            {
                "scrape_interval": "15s",
                "basic_auth": {"username": "prometheus", "password_file": "password"},
                "static_configs": [{"targets": ["localhost:1"]}],
            },
        ),
    ],
    ids=["defaults", "flags", "users"],
)
def test_scrape_config(flags: list[str], web: dict[str, object] | None, expected: dict[str, object], tmp_path: Path) -> None:
    if web:
        (tmp_path / "web.yml").write_text(yaml.safe_dump(web))
        flags = [*flags, f"--web.config.file={tmp_path / 'web.yml'}"]
    done = command("scrape-config", *flags, cwd=tmp_path)
    (tmp_path / "prometheus.yml").write_text(done.stdout)
    (tmp_path / "password").write_text("secret")
    command("rules", cwd=tmp_path)
    processes.run(["promtool", "check", "config", tmp_path / "prometheus.yml"])
    assert yaml.safe_load(done.stdout) == {
        "scrape_configs": [{"job_name": "kafka"} | expected],
        "rule_files": ["rules.yml", "alerts.yml"],
    }


def test_once_on_a_full_disk(tmp_path: Path) -> None:
    """The exit code shows that the page is incomplete."""
    full = Path("/dev/full")
    with full.open("w") as out:
        done = subprocess.run(
            [BINARY, "once", f"--kafka.server=localhost:{processes.free_port()}", "--poll.interval=1s"],
            stdout=out, stderr=subprocess.PIPE, cwd=tmp_path, check=False, timeout=60, env=os.environ,
        )  # fmt: skip
    assert done.returncode == 1
