"""klag-exporter, which is built on librdkafka as well, beside us: the same brokers, poll interval and requests.

`cargo install klag-exporter` installs it; it is looked for in $PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import time
import urllib.request
from pathlib import Path

import processes
from load_server import LoadServer, Size
from measure import LOG, loaded, scrape
from program import BINARY, cpu_seconds

Result = dict[str, object]
# Poll interval and timeout of the first page with all groups, in seconds.
PACE = {"small": (5, 60), "medium": (10, 60), "large": (30, 150)}
AT_ONCE = 10

CONFIG = """\
[exporter]
poll_interval = "{interval}s"
http_port = {port}
http_host = "127.0.0.1"
granularity = "partition"
[[clusters]]
name = "load"
bootstrap_servers = "{servers}"
topic_blacklist = ["^__.*"]
"""


class Peer:
    """klag-exporter or kafkascope, from construction to stop()."""

    def __init__(self, load: LoadServer, name: str, interval: int):
        port = processes.free_port()
        self.url = f"http://127.0.0.1:{port}/metrics"
        file = LOG / f"{name}.config"
        if name == "kafkascope":
            servers = ", ".join(load.servers)
            file.write_text(f"clusters: [{{servers: [{servers}], polling: {{interval: {interval}s}}}}]\n")
            command = [BINARY, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{port}"]
            self._lag = "kafka_consumergroup_lag"
        else:
            file.write_text(CONFIG.format(interval=interval, port=port, servers=",".join(load.servers)))
            command = [shutil.which("klag-exporter") or "klag-exporter", "-c", file]
            self._lag = "kafka_consumergroup_group_lag"
        self.started = time.monotonic()
        self.process: subprocess.Popen = processes.spawn(command, LOG / f"{name}.log")

    def stop(self) -> None:
        processes.stop([self.process])

    def text(self) -> bytes:
        try:
            with urllib.request.urlopen(self.url, timeout=60) as answer:
                return b"\n" + answer.read()
        except OSError:
            return b""  # Not listening yet.

    def is_whole(self, size: Size) -> bool:
        return self.text().count(f"\n{self._lag}{{".encode()) >= size.commits()

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.process.pid)

    def peak_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024 / 1e6


def is_there() -> bool:
    return shutil.which("klag-exporter") is not None


def beside(name: str, size: Size) -> Result:
    """Returns {program: figures}."""
    interval, patience = PACE[name]
    result: Result = {"interval": interval, "load": os.getloadavg()[0]}
    with loaded(size) as load:
        for program in ("kafkascope", "klag-exporter"):
            result[program] = figures(load, program, size, interval, patience)
    return result


def figures(load: LoadServer, name: str, size: Size, interval: int, patience: int) -> Result:
    load.reset()
    peer = Peer(load, name, interval)
    try:
        while not peer.is_whole(size) and time.monotonic() - peer.started < patience:
            time.sleep(0.02)
        waited = time.monotonic() - peer.started
        if not peer.is_whole(size):
            return {
                "start": None,
                "waited": waited,
                "series": series(peer.text()),
                "requests": len(load.requests()),
                "cpu_seconds": peer.cpu_seconds(),
                "peak_mb": peer.peak_mb(),
            }
        time.sleep(3.5 * interval)  # past the first cycles
        load.reset()
        cpu, cycles = peer.cpu_seconds(), 4
        time.sleep(cycles * interval)
        requests, cpu = len(load.requests()) / cycles, (peer.cpu_seconds() - cpu) / cycles
        alone = peer.peak_mb()
        one = statistics.median(scrape(peer.url, 1)["requests"])
        many = statistics.median(scrape(peer.url, AT_ONCE)["rounds"])
        text = peer.text()
        return {
            "start": waited,
            "series": series(text),
            "page_bytes": len(text),
            "requests": requests,
            "cpu_seconds": cpu,
            "peak_mb": alone,
            "scrape_seconds": one,
            "scrapes_seconds": many,
            "peak_mb_after_scrapes": peer.peak_mb(),
        }
    finally:
        peer.stop()


def series(text: bytes) -> int:
    return sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))
