"""Measures the cost of scraping for a real Prometheus, with the page of a large cluster whose offsets all change."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from load_server import BUILD, Size
from measure import LOG, loaded, move, polling
from program import Program, cpu_seconds
from prometheus_server import RULES, Prometheus

Result = dict[str, object]
INTERVAL, SCRAPES = 10, 6
VARIANTS: dict[str, tuple[dict[str, object], bool]] = {
    "as it is": ({}, False),
    "with our rules and alerts": ({}, True),
    "`granularity: topic`": ({"granularity": "topic"}, False),
    "`granularity: topic`, with our rules and alerts": ({"granularity": "topic"}, True),
}


def of(size: Size) -> Result:
    """Returns {what: figures}."""
    result: Result = {}
    with loaded(size) as load:
        for what, (options, with_rules) in VARIANTS.items():
            program = Program(load.servers, LOG / "scraped.log", polling(INTERVAL), options)
            try:
                program.await_series()
                move(load, INTERVAL / 5)
                result[what] = scrapes(program, with_rules)
            finally:
                program.stop()
    return result


def scrapes(program: Program, with_rules: bool) -> Result:
    root = BUILD / "prometheus" / time.strftime("%H%M%S")
    targets = {"kafka": [f"127.0.0.1:{program.port}"]}
    with Prometheus(root, targets, interval=INTERVAL, rules=RULES if with_rules else ()).start() as prometheus:
        time.sleep(3 * INTERVAL)  # the first scrape creates all series
        before = cpu_seconds(prometheus.process.pid)
        time.sleep(SCRAPES * INTERVAL)
        cpu = cpu_seconds(prometheus.process.pid) - before
        took = prometheus.query_range("scrape_duration_seconds", time.time() - 10 * INTERVAL, time.time(), INTERVAL)
        return {
            "series": prometheus.value("scrape_samples_scraped"),
            "scrape_seconds": statistics.median(float(value) for _, value in took[0]["values"]),
            "cpu_seconds": cpu / SCRAPES,
            "resident_mb": resident_mb(prometheus.process.pid),
        }


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6
