"""Runs the fake brokers of the benchmarks, load/main.go."""

from __future__ import annotations

import os
import subprocess
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import processes

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Size:
    """Contents of the cluster."""

    topics: int
    partitions: int
    groups: int
    per_group: int = 10
    live: bool = False

    def all_partitions(self) -> int:
        return self.topics * self.partitions

    def commits(self) -> int:
        return self.groups * min(self.per_group, self.all_partitions())


@dataclass(frozen=True)
class Request:
    """`seconds` since the last reset."""

    seconds: float
    api: str
    broker: int
    client: str
    connection: int
    bytes: int


def build() -> None:
    """Builds the Go and C programs."""
    BUILD.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false"}
    for name in ("load", "scrape"):
        processes.run(["go", "build", "-o", BUILD / name, f"./{name}"], cwd=HERE, env=env, timeout=900)
    program, source = BUILD / "static_file", HERE / "static_file.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        civetweb = processes.run([ROOT / "cmake" / "civetweb.sh"], timeout=300).strip()
        command = ["cc", "-O2", "-w", "-isystem", f"{civetweb}/include", source, "-o", program, "-lpthread", "-ldl"]
        processes.run(command, timeout=300)


class LoadServer:
    """Runs from construction (seconds for a large size) to stop()."""

    def __init__(self, size: Size, log: Path):
        ports = [processes.free_port() for _ in range(3)]
        self.servers = [f"127.0.0.1:{port}" for port in ports]
        self._url = f"http://127.0.0.1:{processes.free_port()}"
        flags = {
            "topics": size.topics,
            "partitions": size.partitions,
            "groups": size.groups,
            "partitions-per-group": size.per_group,
            "live": str(size.live).lower(),
            "ports": ",".join(str(port) for port in ports),
            "http": self._url.removeprefix("http://"),
        }
        command = [BUILD / "load", *(f"-{name}={value}" for name, value in flags.items())]
        self.process: subprocess.Popen = processes.spawn(command, log)
        processes.wait_until(self._is_ready, f"the load server is ready\n{processes.tail(log)}", 300)

    def set(self, **what: object) -> None:
        """Arguments of /set: latency, broker, moving, churn."""
        self._get("set?" + urllib.parse.urlencode(what))

    def reset(self) -> None:
        self._get("reset")

    def requests(self) -> list[Request]:
        """Returns counts since the last reset."""
        found = []
        for line in self._get("requests").splitlines():
            seconds, api, broker, client, connection, size = line.split(" ")
            found.append(Request(float(seconds), api, int(broker), client, int(connection), int(size)))
        return found

    def stop(self) -> None:
        processes.stop([self.process])

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"the load server ended with {self.process.returncode}")
        try:
            self._get("ready")
        except OSError:
            return False
        return True

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self._url}/{path}", timeout=60) as answer:
            return answer.read().decode()


SIZES = {
    "small": Size(100, 10, 100),
    "medium": Size(1000, 10, 1000),
    "large": Size(1000, 100, 10_000),
}
