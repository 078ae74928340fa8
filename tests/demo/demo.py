"""Run by `make run`: a real three-broker Kafka with traffic, the exporter, and a Prometheus with this project's rules
and alerts if it is installed. Ctrl-C stops everything.

With --kafka no Kafka is started: the exporter is for that cluster. Arguments that are unknown here go to the exporter.
"""

from __future__ import annotations

import argparse
import fcntl
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "cluster"), str(Path(__file__).parent)]
import kafka_jars  # noqa: E402
import processes  # noqa: E402
from kafka_cluster import Cluster  # noqa: E402
from progress import step  # noqa: E402
from prometheus_server import Prometheus  # noqa: E402
from traffic import GROUPS, Traffic  # noqa: E402

FREE_GB = 1
FIRST_PORT = 19092
PROMETHEUS_PORT = 9090


def main() -> int:
    arguments, exporter_flags = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # All signals raise KeyboardInterrupt.
    try:
        with ExitStack() as stack:
            check(arguments)
            servers = arguments.kafka.split(",") if arguments.kafka else start_kafka(arguments, stack)
            return run_exporter(arguments, servers, exporter_flags, stack)
    except KeyboardInterrupt:
        print("\nEnded: nothing is left running.")
        return 0
    except (RuntimeError, TimeoutError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1


def parse_arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exporter", type=Path, default=ROOT / "build" / "kafkascope", help="the program")
    parser.add_argument("--kafka", metavar="HOST:PORT[,...]", help="your own cluster; no Kafka is started then")
    parser.add_argument("--listen", default=":9308", metavar="[HOST]:PORT", help="where the exporter listens")
    parser.add_argument("--data", type=Path, default=ROOT / "build" / "demo", help="the folder for data")
    return parser.parse_known_args()


def check(arguments: argparse.Namespace) -> None:
    """Checks requirements before anything is started."""
    if not arguments.exporter.exists():
        raise RuntimeError(f"{arguments.exporter} is missing: `make build` makes it")
    port = port_of(arguments.listen)
    if not processes.is_free(port):
        raise RuntimeError(f"port {port} is taken by another program: choose one with --listen :PORT")
    if arguments.kafka:
        return
    version = java_version()
    if version < 17:
        found = f"found is Java {version}" if version else "none was found"
        raise RuntimeError(f"Kafka 4 needs Java 17 or newer, {found}: sudo apt-get install default-jre-headless")
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < FREE_GB:
        raise RuntimeError(f"only {free:.1f} GB of disk are free below {ROOT}, the demo wants {FREE_GB}")


def port_of(listen: str) -> int:
    port = listen.rpartition(":")[2]
    if not port.isdigit():
        raise RuntimeError(f"--listen {listen}: not of the form [HOST]:PORT")
    return int(port)


def java_version() -> int:
    """Returns Java's major version; 0 if there is none."""
    if not shutil.which("java"):
        return 0
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def start_kafka(arguments: argparse.Namespace, stack: ExitStack) -> list[str]:
    """Starts a three-broker Kafka with traffic and returns its addresses. Data is kept for the next run."""
    arguments.data.mkdir(parents=True, exist_ok=True)
    lock = stack.enter_context(open(arguments.data / "lock", "w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RuntimeError(f"another demo runs in {arguments.data}") from None
    libs = kafka_jars.ensure()
    cluster = stack.enter_context(
        Cluster(
            arguments.data,
            libs,
            first_port=FIRST_PORT,
            # With the default session timeout a killed broker would have to wait 9 s before it can restart.
            properties={"broker.session.timeout.ms": 4000, "broker.heartbeat.interval.ms": 1000},
        )
    )
    with step(f"starting three brokers of Kafka {kafka_jars.VERSION}"):
        cluster.start().ready(timeout=180)
    traffic = stack.enter_context(Traffic(cluster))
    with step("creating topics and starting traffic"):
        traffic.create_topics()
        traffic.start()
    return cluster.bootstrap().split(",")


def run_exporter(arguments: argparse.Namespace, servers: list[str], flags: list[str], stack: ExitStack) -> int:
    """Runs the exporter until it exits or a signal arrives. Returns its exit code."""
    if not arguments.kafka:
        flags = ["--poll.interval=5s", *flags]
    command = [arguments.exporter.resolve(), f"--web.listen-address={arguments.listen}", *flags]
    command += [f"--kafka.server={server}" for server in servers]
    exporter = processes.spawn(command, stdout=None, stderr=None)
    stack.callback(processes.stop, [exporter])
    url = f"http://localhost:{port_of(arguments.listen)}"
    processes.wait_until(
        lambda: exporter.poll() is not None or answers(f"{url}/-/ready"), f"the exporter ready at {url}", timeout=60
    )
    if exporter.poll() is None:
        prometheus = start_prometheus(arguments, stack)
        print(guide(url, prometheus, servers, demo=not arguments.kafka), flush=True)
    while exporter.poll() is None:
        time.sleep(0.2)
    if exporter.returncode:
        raise RuntimeError(f"the exporter ended with {exporter.returncode}")
    return 0


def start_prometheus(arguments: argparse.Namespace, stack: ExitStack) -> Prometheus | None:
    """Starts a Prometheus that scrapes the exporter at its poll interval. Data of the demo cluster is kept between
    runs, that of your own cluster is not. Prints a hint and returns None if it does not start.
    """
    arguments.data.mkdir(parents=True, exist_ok=True)
    root = arguments.data / "prometheus"
    if arguments.kafka:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="prometheus-", dir=arguments.data)))
    targets = {"kafkascope": [f"localhost:{port_of(arguments.listen)}"]}
    port = next(filter(processes.is_free, range(PROMETHEUS_PORT, PROMETHEUS_PORT + 100)), 0)
    try:
        prometheus = Prometheus(root, targets, interval=15 if arguments.kafka else 5, port=port)
        return stack.enter_context(prometheus).start()
    except (RuntimeError, TimeoutError) as error:
        print(f"\nWithout Prometheus, so without rules and alerts: {error}", flush=True)
        return None


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def guide(url: str, prometheus: Prometheus | None, servers: list[str], demo: bool) -> str:
    """Prints URLs."""
    lines = [
        "",
        f"  {url}/          how the exporter fares",
        f"  {url}/metrics   what Prometheus scrapes",
    ]
    if prometheus:
        # Debian 12's Prometheus only has the old UI.
        alerts = next(filter(prometheus.has_page, ("/alerts", "/classic/alerts")), "/alerts")
        lines += [
            f"  {prometheus.url}/          Prometheus, with the recording rules",
            f"  {prometheus.url}{alerts}   the alerts, and which of them fire",
        ]
    lines += [
        "",
        f"  curl -s {url}/metrics | grep -E '^kafka_consumergroup_(state|members|lag_sum)'",
        "",
        f"  Kafka: {','.join(servers)}",
    ]
    if demo:
        lines += [f"    {group.name:15} {group.what}" for group in GROUPS]
    return "\n".join([*lines, "", "  Ctrl-C ends everything.", ""])


if __name__ == "__main__":
    sys.exit(main())
