"""Parts of the page, and one target per cluster: with real clusters and a real Prometheus."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

import processes
from admin import Admin
from exporter import ROOT, Exporter
from kafka_cluster import Cluster
from page import Labels, Page
from prometheus_server import Prometheus

Start = Callable[..., Exporter]
Parameters = list[tuple[str, str]]

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
# By the exporter itself: their values change between two pages of one poll.
OWN = ("kafka_exporter_", "process_")


@pytest.fixture(scope="module")
def topic(admin: Admin) -> Iterator[str]:
    admin.create_topic("sliced", partitions=3, replicas=3)
    admin.produce("sliced", range(3), each=8)
    admin.commit("slicer", {("sliced", 0): 3})
    yield "sliced"


@pytest.fixture
def exporter(cluster: Cluster, topic: str, start_exporter: Start) -> Exporter:
    """Of two names for one cluster; polls rarely, so that several requests are about the same poll."""
    servers, polling = cluster.bootstrap().split(","), {"interval": "1h"}
    clusters = [{"name": name, "servers": servers, "polling": polling} for name in ("a", "b")]
    exporter = start_exporter(poll_seconds=None, top={"clusters": clusters})
    exporter.await_page(
        lambda page: (
            set(page.get("kafka_up").values()) == {1}
            and len(page.where("kafka_topic_info", topic=topic)) == 2
            and page.total("kafka_exporter_poll_duration_seconds_count") == 2
        ),
        "both clusters",
    )
    return exporter


def get(exporter: Exporter, *parameters: tuple[str, str]) -> Page:
    return Page(exporter.request(f"/metrics?{urllib.parse.urlencode(parameters)}"))


def of_kafka(page: Page) -> set[tuple[str, Labels, float]]:
    """Returns the series that are not the exporter's own."""
    return {(name, labels, value) for name, values in page.series.items() if not name.startswith(OWN) for labels, value in values.items()}


def own(page: Page) -> set[str]:
    return {name for name in page.series if name.startswith(OWN)}


@pytest.mark.parametrize(
    "jobs",
    [
        [[("cluster", "a")], [("cluster", "b")]],
        [[("name[]", "kafka_consumergroup*")], [("exclude[]", "kafka_consumergroup*")]],
        [[("granularity", "topic")], [("granularity", "partition")]],
        [[("name[]", "kafka_topic_*"), ("name[]", "kafka_b*")], [("exclude[]", "kafka_topic_*"), ("exclude[]", "kafka_b*")]],
    ],
    ids=["clusters", "groups", "granularities", "names"],
)
def test_slices_add_up(exporter: Exporter, jobs: list[Parameters]) -> None:
    """No series is in two of them, and none is missing. Each has the exporter's own."""
    pages, whole = [], None
    while whole != of_kafka(exporter.page()):  # Slow collectors run between polls, soon after the start.
        whole = of_kafka(exporter.page())
        pages = [get(exporter, *parameters) for parameters in jobs]
    first, second = (of_kafka(page) for page in pages)
    assert first
    assert second
    assert not first & second
    assert first | second == whole
    assert {frozenset(own(page)) for page in pages} == {frozenset(own(exporter.page()))}


def test_granularity(exporter: Exporter) -> None:
    """Series of topics have no partition, others have one."""
    topics, partitions = (of_kafka(get(exporter, ("granularity", value))) for value in ("topic", "partition"))
    assert not [series for series in topics if "partition" in dict(series[1])]
    assert not [series for series in partitions if "partition" not in dict(series[1])]


def test_own_series_can_be_excluded(exporter: Exporter) -> None:
    page = get(exporter, ("cluster", "a"), ("exclude[]", "kafka_exporter_*"), ("exclude[]", "process_*"))
    assert of_kafka(page)
    assert not own(page)


def test_what_is_wrong(exporter: Exporter) -> None:
    for parameter in ("cluster=c", "colour=red", "granularity=fine", "name[]=a&" * 65):
        with pytest.raises(urllib.error.HTTPError) as error:
            exporter.request(f"/metrics?{parameter}")
        assert error.value.code == 400
        assert error.value.read().decode().strip()


def test_targets(exporter: Exporter) -> None:
    targets = json.loads(exporter.request("/sd"))
    address = f"127.0.0.1:{exporter.port}"
    assert targets == [{"targets": [address], "labels": {"__param_cluster": name, "kafka_cluster": name}} for name in ("a", "b")]


def documented_jobs(heading: str, exporter: Exporter) -> list[dict]:
    """Returns the scrape jobs under a heading of docs/operations.md, with the exporter's address and short intervals."""
    text = re.search(rf"^### {heading}$.*?^```yaml\n(.*?)^```", OPERATIONS, re.M | re.S)[1]
    jobs = yaml.safe_load(text.replace("exporter-host:9308", f"127.0.0.1:{exporter.port}"))["scrape_configs"]
    for job in jobs:
        job.update(scrape_interval="1s", scrape_timeout="1s")
        for discovery in job.get("http_sd_configs", []):
            discovery["refresh_interval"] = "1s"
    return jobs


def scraped(server: Prometheus) -> dict[str, list[str]]:
    """Returns the jobs that have each of the page's series of Kafka, by its text."""
    found: dict[str, list[str]] = {}
    for series in server.query('{__name__=~"kafka_.+", __name__!~"kafka_exporter_.*"}'):
        labels = dict(series["metric"])
        job = labels.pop("job")
        labels.pop("instance")
        found.setdefault(str(sorted(labels.items())), []).append(job)
    return found


def on_page(page: Page) -> set[str]:
    """Returns the page's series of Kafka as Prometheus stores them: without empty labels."""
    return {
        str(sorted([("__name__", name), *(pair for pair in labels if pair[1])]))
        for name, labels, _ in of_kafka(page)
        if name.startswith("kafka_")
    }


@pytest.mark.parametrize("heading", ["Two scrape jobs", "A target per cluster"])
def test_documented_jobs(heading: str, exporter: Exporter, tmp_path: Path) -> None:
    """With the documented jobs a real Prometheus has each series once."""
    with Prometheus(tmp_path / "prometheus", {}, rules=()) as server:
        server.config["scrape_configs"] = documented_jobs(heading, exporter)
        server.start()
        wanted = on_page(exporter.page())
        processes.wait_until(lambda: wanted <= scraped(server).keys(), "every series of the page", timeout=60)
        found = scraped(server)
        assert found.keys() == wanted
        assert all(jobs == ["kafka"] for jobs in found.values())
        mine = server.query('{__name__=~"kafka_exporter_.+|process_.+"}')
        assert own(exporter.page()) <= {series["metric"]["__name__"] for series in mine}
        assert {series["metric"]["job"] for series in mine} == {"kafka"}
        assert all(target["health"] == "up" for target in server.targets())
        assert len(server.query("up")) == len(server.targets())
