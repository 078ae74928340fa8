"""A real Prometheus on this machine that scrapes exporters and evaluates this project's rules."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import yaml

import processes

DASHBOARDS = Path(__file__).parents[2] / "dashboards"
RULES = (DASHBOARDS / "rules.yml", DASHBOARDS / "alerts.yml")

Series = list[dict]


class QueryError(Exception):
    """Prometheus rejected a query; the text is its error message."""


class Prometheus:
    """Listens on 127.0.0.1 from start() to the end of the context. `targets`: {job: [host:port]}; scraped every
    `interval` seconds, as are the files of `rules` evaluated. Firing alerts are sent to `alertmanager` (host:port).
    Data is kept in the folder `root`. `port` is used if it is free.
    """

    def __init__(
        self,
        root: Path,
        targets: dict[str, list[str]],
        *,
        interval: int = 1,
        rules: Iterable[Path] = RULES,
        alertmanager: str = "",
        port: int = 0,
    ) -> None:
        self.root, self.log = root, root / "prometheus.log"
        self.port = processes.free_port(port)
        self.url = f"http://localhost:{self.port}"
        self.config: dict[str, object] = {
            "global": {"scrape_interval": f"{interval}s", "evaluation_interval": f"{interval}s"},
            "rule_files": [str(file.resolve()) for file in rules],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": addresses}]} for job, addresses in targets.items()
            ],
        }
        if interval < 10:  # The default timeout must not exceed the interval.
            self.config["global"]["scrape_timeout"] = f"{interval}s"
        if alertmanager:
            self.config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}

    def __enter__(self) -> Prometheus:
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    # ---- start and stop

    def start(self) -> Prometheus:
        """Returns when it is ready. RuntimeError if it is not installed or does not start."""
        program = shutil.which("prometheus")
        if not program:
            raise RuntimeError("`prometheus` is missing: sudo apt-get install prometheus")
        self.root.mkdir(parents=True, exist_ok=True)
        file = self.root / "prometheus.yml"
        file.write_text(yaml.safe_dump(self.config))
        command = [program, f"--config.file={file}", f"--storage.tsdb.path={self.root / 'data'}"]
        command += [f"--web.listen-address=127.0.0.1:{self.port}", f"--web.external-url={self.url}"]
        self.process = processes.spawn(command, self.log)
        processes.wait_until(self._is_ready, f"{self.url} ready", timeout=60)
        return self

    def stop(self) -> None:
        if hasattr(self, "process"):
            processes.stop([self.process])

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"Prometheus ended with {self.process.returncode}:\n{processes.tail(self.log)}")
        return self.has_page("/-/ready")

    def has_page(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    # ---- its HTTP API

    def query(self, expression: str, at: float | None = None) -> Series:
        """Runs an instant query: [{"metric": labels, "value": [time, value]}]; also for a scalar."""
        return self._series("query", query=expression, time=at)

    def query_range(self, expression: str, start: float, end: float, step: float) -> Series:
        """[{"metric": labels, "values": [[time, value], ...]}]"""
        return self._series("query_range", query=expression, start=start, end=end, step=step)

    def value(self, expression: str) -> float | None:
        """Returns the first value, or None."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else None

    def label_values(self, label: str, match: str = "", **range_: float) -> list[str]:
        return self._ask(f"label/{label}/values", **{"match[]": match or None}, **range_)

    def rules(self) -> list[dict]:
        """Returns every rule with its state and the error of its last evaluation."""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def targets(self) -> list[dict]:
        return self._ask("targets")["activeTargets"]

    def _series(self, path: str, **parameters: object) -> Series:
        data = self._ask(path, **parameters)
        if data["resultType"] == "scalar":
            return [{"metric": {}, "value": data["result"]}]
        return data["result"]

    def _ask(self, path: str, **parameters: object):
        body = urllib.parse.urlencode({key: value for key, value in parameters.items() if value is not None})
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{body}", timeout=60) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise QueryError(json.load(error)["error"]) from None
