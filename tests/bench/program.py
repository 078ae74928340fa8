"""The measured program: its page and its use of resources."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import time
import zlib
from pathlib import Path

import yaml

import processes
from load_server import ROOT, Size

BINARY = Path(os.environ.get("KAFKASCOPE_BIN", ROOT / "build" / "kafkascope")).resolve()
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Returns user and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Page:
    """A large page, of which only single families and values are read: parsing all of it would disturb the measurement.
    """

    def __init__(self, body: bytes) -> None:
        self.compressed_bytes = len(body)
        self._text = b"\n" + zlib.decompress(body, wbits=31)

    def count(self, family: str) -> int:
        return self._text.count(f"\n{family}{{".encode())

    def value(self, series: str) -> float:
        """Returns the value of a series including its labels; 0 if absent."""
        begin = self._text.rfind(f"\n{series} ".encode())  # from the end, where the exporter's own metrics are
        return float(self._text[begin + len(series) + 2 : self._text.index(b"\n", begin + 1)]) if begin >= 0 else 0

    def sum(self, family: str) -> float:
        begin = max(self._text.rfind(f"\n# TYPE {family} ".encode()), 0)
        found = re.compile(rb"\n" + family.encode() + rb"\{[^}]*\} (\S+)").findall(self._text, begin)
        return sum(float(value) for value in found)

    def labels(self, family: str) -> str:
        """Returns the value of the family's first series."""
        found = re.search(rb"\n" + family.encode() + rb"\{([^}]*)\}", self._text)
        return found[1].decode() if found else ""

    @property
    def text_bytes(self) -> int:
        return len(self._text) - 1

    @property
    def polls(self) -> int:
        return int(self.value("kafka_exporter_poll_duration_seconds_count"))

    def is_whole(self, size: Size) -> bool:
        """Returns whether offsets of all partitions and groups are on the page."""
        return all(
            self.count(family) >= number
            for family, number in {
                "kafka_topic_partition_current_offset": size.all_partitions(),
                "kafka_topic_partition_oldest_offset": size.all_partitions(),
                "kafka_consumergroup_current_offset": size.commits(),
                "kafka_consumergroup_lag": size.commits(),
            }.items()
        )

    def is_settled(self, size: Size) -> bool:
        """Returns whether append times of old records are found, too."""
        return self.is_whole(size) and self.count("kafka_consumergroup_lag_seconds") >= size.commits()


class Program:
    """Runs from construction to stop(). `polling`: that section of the configuration file, `options`: others of the
    cluster.
    """

    def __init__(
        self,
        servers: list[str],
        log: Path,
        polling: dict[str, object] | None = None,
        options: dict[str, object] | None = None,
    ):
        if not BINARY.exists():
            raise RuntimeError(f"{BINARY} is missing: `make build` makes it")
        self.log = log
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}/metrics"
        file = log.with_suffix(".yml")
        file.write_text(yaml.safe_dump({"clusters": [{"servers": servers, "polling": polling or {}, **(options or {})}]}))
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.started = time.monotonic()
        command = [BINARY, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{self.port}"]
        self.process: subprocess.Popen = processes.spawn(command, log)

    def stop(self) -> None:
        self._connection.close()
        processes.stop([self.process])

    def body(self) -> bytes:
        """Returns the compressed page. OSError if the program does not listen."""
        try:
            return self._ask()
        except (http.client.HTTPException, ConnectionResetError):  # The idle connection was closed.
            self._connection.close()
            return self._ask()

    def _ask(self) -> bytes:
        try:
            self._connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
            return self._connection.getresponse().read()
        except OSError:
            self._connection.close()
            if self.process.poll() is not None:
                raise RuntimeError(f"the program ended:\n{processes.tail(self.log)}") from None
            raise

    def page(self) -> Page:
        return Page(self.body())

    def seconds_to_whole_page(self, size: Size) -> float:
        """Returns seconds from the start of the process to the first complete page."""
        seen = 0
        while True:
            try:
                body = self.body()
            except OSError:  # It does not listen yet.
                time.sleep(0.001)
                continue
            now = time.monotonic()
            if len(body) != seen and Page(body).is_whole(size):
                return now - self.started
            seen = len(body)
            if now - self.started > 300:
                raise TimeoutError(f"no whole page in 300 s\n{processes.tail(self.log)}")
            time.sleep(0.005)

    def await_series(self) -> None:
        """Waits for a page with kafka_up 1."""
        processes.wait_until(self._is_up, f"a page\n{processes.tail(self.log)}", 60)

    def _is_up(self) -> bool:
        try:
            return self.page().value("kafka_up") > 0
        except OSError:
            return False

    # ---- Resources

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.process.pid)

    def memory(self) -> tuple[float, float]:
        """Returns resident memory now and its peak since forget_peak(), in MB of 10^6 bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        now, peak = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
        return now, peak

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
