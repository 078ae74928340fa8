"""Run by `make screenshots`: runs the demo on its own ports for some minutes, renders all dashboards, kills a broker,
and renders the dashboards that show it again.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "cluster"), str(Path(__file__).parent)]
import dashboard_preview  # noqa: E402
import kafka_jars  # noqa: E402
import processes  # noqa: E402
from crop import crop_top  # noqa: E402
from kafka_cluster import Cluster  # noqa: E402
from progress import step  # noqa: E402
from prometheus_server import DASHBOARDS, Prometheus  # noqa: E402
from traffic import Traffic  # noqa: E402

PICTURES = DASHBOARDS / "screenshots"
CHOSEN = {"groups": ["--var=consumergroup=reporting"]}  # The group that falls behind.
FIRST_PORT, EXPORTER_PORT = 9092, 9308  # Visible in the images; used if free.
SCRAPE_SECONDS = 5
RATE_MINUTES = 5  # Range of rates: the images must start later.
VICTIM = 3
WITH_A_BROKER_DOWN = ["cluster"]
FIRST_SCREEN = {"groups": 980, "topics": 1010, "cluster-broker-down": 1060}  # Rows of pixels in README.
HAVE_SEEN_IT = """
    count(ALERTS{alertname="KafkaBrokerDown",alertstate="firing"})
      and count(ALERTS{alertname="KafkaUnderReplicatedPartitions"})
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exporter", type=Path, default=ROOT / "build" / "kafkascope", help="the program")
    parser.add_argument("--minutes", type=int, default=15, help="how much is seen")
    parser.add_argument("--out", type=Path, default=PICTURES, help="where the pictures go")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        take_pictures(arguments)
    except KeyboardInterrupt:
        return 130
    except (RuntimeError, TimeoutError) as error:
        print(f"\nscreenshots: {error}", file=sys.stderr)
        return 1
    return 0


def take_pictures(arguments: argparse.Namespace) -> None:
    missing = dashboard_preview.missing()
    if missing:
        raise RuntimeError(missing)
    with ExitStack() as stack:
        # Not below build/: the path is visible as that of the log directories.
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kafka-")))
        cluster = start_kafka(root, stack)
        prometheus = watch(arguments.exporter, cluster, root, stack)
        enough = f"kafka_consumergroup_max_lag_seconds offset {arguments.minutes + RATE_MINUTES}m"
        with step(f"waiting until there are {arguments.minutes} minutes to see, with {RATE_MINUTES} before them"):
            wait_for(prometheus, enough, minutes=arguments.minutes + RATE_MINUTES + 2)
        draw(prometheus, arguments, [path.stem for path in sorted(DASHBOARDS.glob("*.json"))])
        cluster.kill(VICTIM)
        with step(f"broker {VICTIM} is killed: waiting for the alerts"):
            wait_for(prometheus, HAVE_SEEN_IT, minutes=10)
        draw(prometheus, arguments, WITH_A_BROKER_DOWN, "-broker-down")


def start_kafka(root: Path, stack: ExitStack) -> Cluster:
    """Starts three brokers with the demo's traffic."""
    cluster = stack.enter_context(Cluster(root, kafka_jars.ensure(), first_port=FIRST_PORT))
    with step(f"starting three brokers of Kafka {kafka_jars.VERSION}, and traffic"):
        cluster.start().ready(timeout=180)
        traffic = stack.enter_context(Traffic(cluster))
        traffic.create_topics()
        traffic.start()
    return cluster


def watch(program: Path, cluster: Cluster, root: Path, stack: ExitStack) -> Prometheus:
    """Starts the exporter with all collectors, and Prometheus."""
    slow = {"topic_configs_interval": "30s", "log_dirs_interval": "30s"}
    groups = {"members": True, "owners": True}
    settings = {"servers": cluster.bootstrap().split(","), "read_committed": True, "polling": slow, "groups": groups}
    file = root / "kafkascope.yml"
    file.write_text(yaml.safe_dump({"clusters": [settings]}))
    port = processes.free_port(EXPORTER_PORT)
    command = [program.resolve(), f"--config.file={file}", f"--web.listen-address=127.0.0.1:{port}"]
    exporter = processes.spawn([*command, f"--poll.interval={SCRAPE_SECONDS}s"], root / "exporter.log")
    stack.callback(processes.stop, [exporter])
    targets = {"kafkascope": [f"localhost:{port}"]}
    return stack.enter_context(Prometheus(root / "prometheus", targets, interval=SCRAPE_SECONDS)).start()


def wait_for(prometheus: Prometheus, query: str, minutes: float) -> None:
    processes.wait_until(lambda: bool(prometheus.query(query)), query, minutes * 60, every=1)


def draw(prometheus: Prometheus, arguments: argparse.Namespace, names: list[str], suffix: str = "") -> None:
    """Renders NAME.json to NAME{suffix}.png, and its first screen to NAME{suffix}-top.png if a page uses it."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    scraped = f"--scrape-interval={SCRAPE_SECONDS}s"
    for name in names:
        with step(f"drawing {name}{suffix}.png"), tempfile.TemporaryDirectory() as drawn:
            file, chosen = DASHBOARDS / f"{name}.json", CHOSEN.get(name, [])
            dashboard_preview.draw(prometheus.url, Path(drawn), [file], arguments.minutes, scraped, *chosen)
            picture = arguments.out / f"{name}{suffix}.png"
            shutil.move(next(Path(drawn).iterdir()), picture)
            if height := FIRST_SCREEN.get(picture.stem):
                crop_top(picture, picture.with_name(f"{picture.stem}-top.png"), height)


if __name__ == "__main__":
    sys.exit(main())
