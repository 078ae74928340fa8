"""Tests of `make run`."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import exporter
import processes
from page import Page

DEMO = Path(__file__).parents[1] / "demo" / "demo.py"
GROUPS = {"billing": "classic", "reporting": "classic", "nightly-export": "classic", "search-index": "consumer"}


class Demo:
    """Runs demo.py like a user: as the leader of a foreground process group."""

    def __init__(self, tmp_path: Path, *arguments: str, **how) -> None:
        self.port = processes.free_port()
        self.log, self.data = tmp_path / "demo.log", tmp_path / "data"
        self.log.unlink(missing_ok=True)  # Left by the last run.
        own = ["--exporter", exporter.BINARY, "--listen", f"127.0.0.1:{self.port}", "--data", self.data]
        self.process = processes.spawn([sys.executable, DEMO, *own, *arguments], self.log, **how)

    def page(self) -> Page | None:
        """Returns the page, or None."""
        assert self.process.poll() is None, processes.tail(self.log)
        done = subprocess.run(["curl", "-sf", f"127.0.0.1:{self.port}/metrics"], capture_output=True, text=True, check=False)
        return Page(done.stdout) if done.returncode == 0 else None

    def await_page(self, condition, what: str) -> None:
        def holds() -> bool:
            page = self.page()
            return bool(page and condition(page))

        processes.wait_until(holds, f"{what}\n{processes.tail(self.log)}", timeout=180)

    def await_prometheus(self) -> None:
        """Checks that the printed Prometheus scrapes the exporter and evaluated each rule without errors."""
        processes.wait_until(self.has_guided, f"where to look\n{processes.tail(self.log)}", timeout=60)
        said = self.log.read_text()
        addresses = re.search(r"(http://\S+)/  .*Prometheus.*\n *(\1/\S*alerts) ", said)
        assert addresses, said
        url, alerts = addresses.groups()
        assert b"alerts" in urllib.request.urlopen(alerts, timeout=10).read().lower()

        def ask(path: str) -> dict:
            with urllib.request.urlopen(f"{url}/api/v1/{path}", timeout=10) as answer:
                return json.load(answer)["data"]

        def targets() -> list[tuple[str, str]]:
            return [(target["scrapeUrl"], target["health"]) for target in ask("targets")["activeTargets"]]

        def rules(longest_interval: float) -> list[dict]:
            groups = [group for group in ask("rules")["groups"] if group["interval"] <= longest_interval]
            return [rule for group in groups for rule in group["rules"]]

        wanted = [(f"http://localhost:{self.port}/metrics", "up")]
        processes.wait_until(lambda: targets() == wanted, "the target is up", timeout=60)
        # Rules with a range of a day are evaluated every few minutes.
        processes.wait_until(
            lambda: all(rule["health"] != "unknown" for rule in rules(15)), "rules are evaluated", timeout=60
        )
        assert rules(15)
        assert not [(rule["name"], rule["lastError"]) for rule in rules(float("inf")) if rule["health"] == "err"]

    def has_guided(self) -> bool:
        assert self.process.poll() is None, processes.tail(self.log)
        return "Ctrl-C" in self.log.read_text()

    def left(self) -> list[str]:
        """Returns the command lines of its processes."""
        own = str(self.data).encode(), f":{self.port}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) not in (os.getpid(), self.process.pid):
                try:
                    line = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if any(word in line for word in own):
                    found.append(line.replace(b"\0", b" ").decode())
        return found

    def await_nothing_left(self) -> None:
        processes.wait_until(lambda: not self.left(), "no process left", timeout=10)


def lag(page: Page, group: str) -> float:
    return sum(page.where("kafka_consumergroup_lag_sum", consumergroup=group).values())


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_promised_groups_and_a_clean_end(tmp_path: Path, end: signal.Signals) -> None:
    """Every documented group has the documented behavior; the demo never leaves processes behind; a second start
    continues with the same data.
    """
    for _ in range(2):
        demo = Demo(tmp_path)
        demo.await_page(lambda page: set(GROUPS) <= page.names("kafka_consumergroup_info", "consumergroup"), "groups")
        demo.await_page(
            lambda page: all(
                page.where("kafka_consumergroup_info", consumergroup=group, type=type) for group, type in GROUPS.items()
            ),
            "types of groups",
        )
        demo.await_page(
            lambda page: (
                page.value("kafka_consumergroup_members", consumergroup="billing") == 1
                and page.value("kafka_consumergroup_members", consumergroup="search-index") == 1
                and page.value("kafka_consumergroup_members", consumergroup="nightly-export") == 0
            ),
            "members",
        )
        demo.await_page(lambda page: lag(page, "reporting") > 200 > 100 > lag(page, "billing"), "one falls behind")
        demo.await_page(lambda page: lag(page, "nightly-export") > 0, "one is gone")
        demo.await_prometheus()
        page = demo.page()
        assert page and "notifications" not in page.names("kafka_consumergroup_members", "consumergroup")
        assert demo.left()
        demo.process.send_signal(end)
        demo.process.wait(30)
        if end != signal.SIGKILL:
            assert demo.process.returncode == 0, processes.tail(demo.log)
        demo.await_nothing_left()


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    """Errors are reported before anything is started."""
    port = processes.free_port()
    with socket.create_server(("127.0.0.1", port)):
        done = subprocess.run(
            [sys.executable, DEMO, "--exporter", exporter.BINARY, "--listen", f":{port}", "--data", tmp_path / "data"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert not (tmp_path / "data").exists()


def test_own_cluster_starts_no_kafka(cluster, tmp_path: Path) -> None:
    """--kafka runs the exporter for that cluster and a Prometheus without stored data."""
    demo = Demo(tmp_path, "--kafka", cluster.bootstrap())
    demo.await_page(lambda page: page.value("kafka_brokers") == 3, "three brokers")
    demo.await_prometheus()
    assert any("prometheus" in line for line in demo.left())
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(30) == 0
    assert not list(demo.data.iterdir())
    demo.await_nothing_left()


def test_without_prometheus(cluster, tmp_path: Path) -> None:
    """Without Prometheus the demo runs and prints a hint."""
    demo = Demo(tmp_path, "--kafka", cluster.bootstrap(), env={**os.environ, "PATH": str(tmp_path)})
    demo.await_page(lambda page: page.value("kafka_brokers") == 3, "three brokers")
    processes.wait_until(demo.has_guided, "where to look", timeout=60)
    assert "apt-get install prometheus" in demo.log.read_text()
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(30) == 0
    demo.await_nothing_left()
