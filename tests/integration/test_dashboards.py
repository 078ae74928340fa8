"""Tests dashboards with a real cluster, exporter and Prometheus: each query returns data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from confluent_kafka import Producer

import dashboard_preview
import grafana
import processes
from admin import Admin
from clients import Client
from exporter import ROOT, Exporter
from grafana import Dashboard, Target, Variable, View
from kafka_cluster import Cluster
from prometheus_server import DASHBOARDS, RULES, Prometheus, QueryError, Series

BOARDS = {dashboard.uid: dashboard for dashboard in grafana.dashboards()}
ZOOKEEPER = "kafkascope-zookeeper"

# ---- the tables

# By panel ids, with the letters of queries if not all of them.

# Without data in the scene below. One with data is an error: remove its line.
EMPTY = {
    "cluster/102 B": "a zero where there are no brokers",
    "cluster/103 C": "a zero where there is no cluster",
    "cluster/201": "troubled topics: there are none",
    "cluster/202": "troubled partitions: there are none",
    "cluster/307": "certificates: there is no TLS",
    "cluster/403": "unclean elections: there are none",
    "cluster/404": "leaders and replicas do not move",
    "cluster/405": "nothing is being moved",
    "cluster/601 F": "when a disk will be full takes hours to tell",
    "cluster/603 B": "no replica moves between log directories",
    "exporter/101 B": "a zero where there is no exporter",
    "exporter/102 B": "a zero where there is no cluster",
    "groups/303 E": "commits beyond the end: there are none",
    "groups/407 A": "each partition has a reader",
    "topics/402": "troubled topics: there are none",
}

# With data only in these of the CHOICES below.
_PARTITIONS = {"all", "one", "east"}
ONLY_IN = {
    "cluster/103 A": {"one", "east", "coarse"},  # The controller of one cluster. ...
    "cluster/103 B": {"all"},  # ... or the number of clusters with a known controller.
    "exporter/503": {"all"},  # Families left out of the other cluster.
    # With granularity: topic there are no offsets of partitions, ...
    **dict.fromkeys(["cluster/109 K", "cluster/501", "cluster/502", "topics/107", "topics/109 B"], _PARTITIONS),
    **dict.fromkeys(["topics/201", "topics/301", "topics/302", "topics/303", "topics/304"], _PARTITIONS),
    **dict.fromkeys(["topics/306", "topics/404", "topics/502", "topics/505"], _PARTITIONS),
    **dict.fromkeys(["topics/701 B", "topics/701 C", "topics/702"], _PARTITIONS),
    # ... no rates of groups and values derived from them, ...
    **dict.fromkeys(["groups/204", "groups/207 D", "groups/207 E", "groups/207 F", "groups/210 B"], _PARTITIONS),
    **dict.fromkeys(["groups/211", "topics/501 D"], _PARTITIONS),
    # ... and no lag, lost messages and share group lag by partition.
    **dict.fromkeys(["groups/103", "groups/108 F", "groups/206", "groups/207 H"], _PARTITIONS),
    **dict.fromkeys(["groups/214", "groups/301", "groups/302", "groups/303"], _PARTITIONS),
    **dict.fromkeys(["groups/501 C", "groups/502", "groups/503"], _PARTITIONS),
}

# With or without data.
EITHER = {
    "exporter/202": "errors, if a broker was slow to start",
    "exporter/303": "values that were held for a moment",
    "exporter/604": "lines of the log in the last minute",
    "groups/208 B": "with granularity: topic, groups that have caught up at that moment",
}

# Families for ad-hoc queries, used by no dashboard, rule or alert.
AD_HOC = {
    "kafka_exporter_config_last_reload_success_timestamp_seconds": "only of interest beside the log",
    "process_network_receive_bytes_total": "of the whole host; kafka_exporter had it",
    "process_network_transmit_bytes_total": "of the whole host; kafka_exporter had it",
    "process_virtual_memory_bytes": "says little; kafka_exporter had it",
    "process_virtual_memory_max_bytes": "says little; kafka_exporter had it",
}

# ZooKeeper's values for other dashboards, and to look at when something is wrong.
_ZOOKEEPER = [
    "min_latency", "bytes_received_count", "response_bytes", "local_sessions", "connection_request_count",
    "throttled_ops", "request_throttle_wait_count", "large_requests_rejected", "outstanding_tls_handshake",
    "fsync_threshold_exceed_count", "unrecoverable_error_count", "digest_mismatches_count", "looking_count",
    "snap_count", "diff_count", "commit_count", "proposal_count", "last_proposal_size", "min_proposal_size",
    "max_proposal_size", "leader_uptime", "quorum_size", "followers", "synced_non_voting_followers",
    "synced_observers", "snapshottime", "quorum_ack_latency", "election_time", "peer_state",
]  # fmt: skip
AD_HOC |= {f"zk_{name}": "of ZooKeeper" for name in _ZOOKEEPER}

# kafka-lag-exporter's names, for its dashboard.
COMPATIBLE = re.compile(r"kafka_(partition|consumergroup_group|consumergroup_poll)_")

# Series recorded by rules.yml for users' queries.
OF_THE_USER = {"kafka_consumergroup_allowed_lag_seconds"}


# ---- the files


@pytest.fixture(params=sorted(BOARDS))
def board(request: pytest.FixtureRequest) -> Dashboard:
    return BOARDS[request.param]


@pytest.fixture(params=sorted(BOARDS.keys() - {ZOOKEEPER}))
def kafka_board(request: pytest.FixtureRequest) -> Dashboard:
    """A dashboard with data in the scene below. test_zookeeper.py tests that of ZooKeeper."""
    return BOARDS[request.param]


def test_the_files_are_what_the_sources_say() -> None:
    command = [sys.executable, DASHBOARDS / "sources" / "generate.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"`make dashboards` writes them:\n{done.stdout}{done.stderr}"


def test_five_dashboards() -> None:
    assert set(BOARDS) == {f"kafkascope-{name}" for name in ("cluster", "topics", "groups", "exporter", "zookeeper")}
    assert all(board.uid == f"kafkascope-{board.file.stem}" for board in BOARDS.values())


def test_importable(board: Dashboard) -> None:
    """Checks that it can be imported into any Grafana: no ids, data source and cluster as variables, links that keep
    variables.
    """
    tree = board.tree
    assert tree["id"] is None
    assert {"kafkascope", "kafka"} <= set(tree["tags"])
    target = "zk_ensemble" if board.uid == ZOOKEEPER else "kafka_cluster"
    assert [v["name"] for v in board.variables][:3] == ["datasource", "job", target]
    assert [(link["type"], link["tags"]) for link in tree["links"]] == [("dashboards", ["kafkascope"])]
    assert all(link["includeVars"] and link["keepTime"] for link in tree["links"])
    ids = [panel["id"] for panel in board.panels(rows=True)]
    assert len(ids) == len(set(ids))


def test_every_panel_says_what_it_is(board: Dashboard) -> None:
    wrong = []
    for panel in board.panels():
        name = f"{board.uid}: {panel.get('title')}"
        wrong += [f"{name} has no {field}" for field in ("title", "description") if not panel.get(field)]
        wrong += [f"{name} repeats, which no test understands"] * bool(panel.get("repeat"))
        if panel["type"] in grafana.WITHOUT_QUERIES:
            continue
        wrong += [f"{name}: {field} has no unit" for field in _without_unit(panel)]
        sources = [panel.get("datasource"), *(target.get("datasource") for target in panel["targets"])]
        wrong += [f"{name}: data source {s}" for s in sources if s != {"type": "prometheus", "uid": "${datasource}"}]
        empty = panel["fieldConfig"]["defaults"].get("noValue")
        wrong += [f"{name} does not say what it means to be empty"] * (not empty)
    assert not wrong, "\n".join(wrong)


def _without_unit(panel: dict) -> list[str]:
    if panel["type"] != "table":
        return [] if panel["fieldConfig"]["defaults"].get("unit") else ["it"]
    renamed = {}
    for transformation in panel["transformations"]:
        renamed |= transformation["options"].get("renameByName", {})
    values = [title for field, title in renamed.items() if field.startswith("Value")]
    speaking = {
        override["matcher"]["options"]
        for override in panel["fieldConfig"]["overrides"]
        if {"unit", "mappings"} & {property["id"] for property in override["properties"]}
    }
    return [title for title in values if title not in speaking]


def test_links_lead_somewhere(board: Dashboard) -> None:
    """Checks links in panels: to an existing dashboard, with the variables."""
    links = re.findall(r'"url": "(/d/[^"]*)"', board.file.read_text())
    wrong = [link for link in links if re.match(r"/d/([\w-]+)", link)[1] not in BOARDS]
    kept = ("${datasource:queryparam}", "${job:queryparam}", "${__url_time_range}")
    wrong += [link for link in links if not all(variable in link for variable in kept)]
    wrong += [link for link in links if "kafka_cluster" not in link]
    for link in links:
        target = BOARDS.get(re.match(r"/d/([\w-]+)", link)[1])
        names = {variable["name"] for variable in target.variables} if target else set()
        wrong += [f"{link}: no variable {name}" for name in re.findall(r"[?&]var-(\w+)=", link) if name not in names]
    assert not wrong


# ---- names


def _families() -> dict[str, str]:
    """Returns {name: type} of all families of the golden page."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", (ROOT / "tests" / "golden.txt").read_text(), re.M))


def _named(promql: str) -> set[str]:
    """Returns the metrics in an expression: ours and recorded ones. kafka_cluster and those of ZooKeeper are labels."""
    words = re.findall(r"(?<![\w:$.])[A-Za-z_][\w:]*", re.sub(r"\$\{\w+(:\w+)?\}", "", promql))
    ours = {word for word in words if ":" in word or word.startswith(("kafka_", "process_", "zk_"))}
    return ours - {"kafka_cluster", "zk_ensemble", "zk_host"}


def _rules() -> list[dict]:
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def _questions() -> dict[str, str]:
    """Returns all PromQL expressions by location."""
    found = {f"rule {rule.get('record') or rule['alert']} #{n}": rule["expr"] for n, rule in enumerate(_rules())}
    for board in BOARDS.values():
        found |= {target.key: target.expression for target in board.targets()}
        found |= {f"{board.uid}: ${name}": query for name, query in board.variable_queries().items()}
        found |= {f"{board.uid}: {name}": query for name, query in board.annotation_queries().items()}
    return found


def _family(name: str, families: dict[str, str]) -> str:
    """Returns the family of a series: kafka_x for kafka_x_bucket."""
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return base if families.get(base) in ("histogram", "summary") else name


def test_nothing_asks_for_what_is_not_there() -> None:
    families = _families()
    recorded = {rule["record"] for rule in _rules() if "record" in rule}
    known = families.keys() | recorded | OF_THE_USER
    unknown = {
        f"{place}: {name}"
        for place, promql in _questions().items()
        for name in _named(promql)
        if _family(name, families) not in known
    }
    assert not unknown, "\n".join(sorted(unknown))


def test_everything_is_used() -> None:
    """Checks that every family and every recorded series is used or listed above."""
    families = _families()
    used = {_family(name, families) for promql in _questions().values() for name in _named(promql)}
    assert {name for name in families if name not in used and not COMPATIBLE.match(name)} == AD_HOC.keys()
    assert {rule["record"] for rule in _rules() if "record" in rule} <= used


# ---- the real stack


@dataclass
class Scene:
    prometheus: Prometheus
    two: Exporter


EVERYTHING = {
    "read_committed": True,
    "topics": {"filter": "^(panels-|__)", "labels": {"^panels-": "team=panels"}},
    "groups": {
        "filter": "^panels-",
        "labels": {"^panels-": "team=panels,service=tests"},
        "members": True,
        "owners": True,
        "status_window": "1s",
    },
    "polling": {
        "interval": "1s",
        "topic_configs_interval": "1s",
        "log_dirs_interval": "1s",
        "record_times_interval": "1s",
        "transactions_interval": "1s",
        "features_interval": "1s",
    },
}

# Variable values: everything, a cluster without a name, one of two clusters, one without series of partitions.
CHOICES = {
    "all": {},
    "one": {"job": "one"},
    "east": {"job": "two", "kafka_cluster": "east"},
    "coarse": {"job": "coarse"},
}

# No group has all series: panels for one group must have data for one of these.
GROUPS = ["panels-accounting", "panels-backfill", "panels-recovering", "panels-search-index"]


@pytest.fixture(scope="module")
def scene(cluster: Cluster, admin: Admin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with stage(cluster, admin, tmp_path_factory.mktemp("dashboards")) as scene:
        yield scene


@contextmanager
def stage(cluster: Cluster, admin: Admin, root: Path) -> Iterator[Scene]:
    """Groups that keep up, fall behind, catch up, stopped, and lost records; exporters with one cluster, with two and
    without partitions; Prometheus.
    """
    one = {**EVERYTHING, "servers": cluster.bootstrap().split(",")}
    jobs = {
        "one": [one],
        "two": [{**one, "name": "east"}, {**one, "name": "west", "max_series": 150}],
        "coarse": [{**one, "granularity": "topic"}],
    }
    with ExitStack() as stack:
        stack.enter_context(_groups(cluster, admin, root))
        exporters = {}
        for job, clusters in jobs.items():
            exporters[job] = Exporter(root / f"{job}.log", poll_seconds=None, top={"clusters": clusters})
            stack.callback(exporters[job].stop)
        for exporter in exporters.values():
            exporter.await_polls(2)
        targets = {job: [f"localhost:{exporter.port}"] for job, exporter in exporters.items()}
        prometheus = stack.enter_context(Prometheus(root / "prometheus", targets)).start()
        yield Scene(prometheus, exporters["two"])


@contextmanager
def _groups(cluster: Cluster, admin: Admin, root: Path) -> Iterator[None]:
    for topic in ("panels-orders", "panels-customers"):
        admin.create_topic(topic, partitions=3, replicas=3, retention_bytes="1000000000")
        for partition in range(3):
            admin.produce_at(topic, partition, [time.time() - 900] * 3000)  # Age of unread records.
    clients: list[Client] = []

    def start(kind: str, group: str, topic: str, count: int, *properties: str) -> Client:
        log = root / f"{group}.log"
        clients.append(Client(log, cluster, kind, f"panels-{group}", f"panels-{topic}", count, *properties))
        return clients[-1]

    # Makes a slow client work on all partitions.
    small_bites = ["fetch.message.max.bytes=1000", "queued.min.messages=1"]
    admin.configure("group", "panels-notifications", share_auto_offset_reset="earliest")
    try:
        start("steady", "accounting", "orders", 5, *small_bites)
        start("steady", "billing", "orders", 0)
        start("steady", "recovering", "customers", 60, *small_bites)  # 40 more per second than produced: takes minutes.
        start("steady", "search-index", "customers", 0, "group.protocol=consumer")
        start("share", "notifications", "orders", 10)
        start("steady", "nightly-export", "orders", 0).committed().leave()
        admin.commit("panels-backfill", {("panels-orders", 0): 1})
        admin.delete_records("panels-orders", 0, before=10)
        admin.create_topic("panels-orders-dlq")
        with _flow(admin, ["panels-orders", "panels-customers", "panels-orders-dlq"]):
            yield
        for client in clients:
            client.ask_to_leave()
        processes.stop([client.process for client in clients], grace=3)
    finally:
        for client in clients:
            client.kill()


@contextmanager
def _flow(admin: Admin, topics: list[str]) -> Iterator[None]:
    """Produces 20 records per second to each topic within the context."""
    producer, ended = Producer({**admin.bootstrap, "linger.ms": 0}), threading.Event()

    def produce() -> None:
        while not ended.wait(0.05):
            for topic in topics:
                producer.produce(topic, b"x" * 100)
            producer.poll(0)
        producer.flush(30)

    thread = threading.Thread(target=produce, daemon=True)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.parametrize("choice", CHOICES)
def test_every_query_gives_data(scene: Scene, kafka_board: Dashboard, choice: str) -> None:
    """Queries and variables return data. Legends use only existing labels."""
    wrong: list[str] = []

    def all_is_well() -> bool:
        views = list(_views(scene, kafka_board, choice))
        wrong[:] = _wrong_variables(views[0], choice)
        wrong.extend(w for target in kafka_board.targets() for w in _wrong(views, target, choice))
        return not wrong

    try:
        processes.wait_until(all_is_well, "every query gives data", timeout=120, every=1)
    except TimeoutError:
        raise AssertionError("\n".join(wrong)) from None


def _views(scene: Scene, board: Dashboard, choice: str) -> Iterator[View]:
    """With default variables, and with groups selected."""
    yield View(board, scene.prometheus, **CHOICES[choice])
    if "consumergroup" in board.variable_queries():
        for group in GROUPS:
            yield View(board, scene.prometheus, consumergroup=group, **CHOICES[choice])


def _wrong_variables(view: View, choice: str) -> Iterator[str]:
    unnamed = choice in ("one", "coarse")
    for name, options in view.options.items():
        if bool(options) == (unnamed and name == "kafka_cluster"):
            yield f"${name} has the values {options}"


def _wrong(views: list[View], target: Target, choice: str) -> Iterator[str]:
    try:
        series = [one for view in views for one in view.ask(target)]
    except QueryError as error:
        yield f"{target} {error}"
        return
    except KeyError as error:
        yield f"{target} there is no variable {error}"
        return
    if target.key in EITHER or target.panel in EITHER:
        return
    empty = _must_be_empty(target.key, choice) or _must_be_empty(target.panel, choice)
    if series and empty:
        yield f"{target} is said to be empty, and is not"
    if not series and not empty:
        yield f"{target} has no data"
    for label in set(re.findall(r"\{\{\s*(\w+)\s*\}\}", target.legend)) - {"kafka_cluster", "zk_ensemble"}:
        if series and not any(label in one["metric"] for one in series):
            yield f"{target} the legend {target.legend} names a label that is not there"


def _must_be_empty(key: str, choice: str) -> bool:
    return key in EMPTY or (key in ONLY_IN and choice not in ONLY_IN[key])


def test_the_tables_of_exceptions_are_not_stale() -> None:
    targets = [target for board in BOARDS.values() for target in board.targets()]
    keys = {key for target in targets for key in (target.key, target.panel)}
    assert EMPTY.keys() | ONLY_IN.keys() | EITHER.keys() <= keys


@pytest.mark.parametrize("name, other", [("kafka_cluster", "nowhere"), ("job", "nobody")])
def test_every_query_is_of_what_was_chosen(scene: Scene, kafka_board: Dashboard, name: str, other: str) -> None:
    """East shows no data of west, and an unknown cluster or job shows none."""
    board = kafka_board
    unnamed = _families_of_the_process(scene)
    view = View(board, scene.prometheus, **CHOICES["east"])
    wrong = [t.key for t in board.targets() if any(s["metric"].get("kafka_cluster") == "west" for s in view.ask(t))]
    assert not wrong
    view.variables[name] = Variable([other], many=True)
    targets = [t for t in board.targets() if name == "job" or not _named(t.expression) <= unnamed]
    wrong = [str(target) for target in targets if _tells(view.ask(target))]
    assert not wrong, "\n".join(wrong)


def _families_of_the_process(scene: Scene) -> set[str]:
    """Returns the series without a cluster label."""
    page = scene.two.page()
    return {name for name, values in page.series.items() if not any("kafka_cluster" in dict(key) for key in values)}


def _tells(series: Series) -> bool:
    """Returns whether a result is more than a placeholder 0."""
    return any(one["metric"] or {value for _, value in one.get("values", [one.get("value")])} - {"0"} for one in series)


@pytest.mark.timeout(900)  # The first run builds the tool.
def test_pictures(scene: Scene, tmp_path: Path) -> None:
    """Grafana's own components render each dashboard. Only this test may be skipped, and not in CI."""
    missing = dashboard_preview.missing()
    if missing:
        assert os.environ.get("CI") != "true", missing
        warnings.warn(f"NOT TESTED: {missing}", stacklevel=1)
        pytest.skip(f"NOT TESTED: {missing}")
    boards = {uid: board for uid, board in BOARDS.items() if uid != ZOOKEEPER}
    files = [board.file for board in boards.values()]
    said = dashboard_preview.draw(scene.prometheus.url, tmp_path, files, minutes=5)
    drawn = {picture.stem: picture.stat().st_size for picture in tmp_path.glob("*.png")}
    assert drawn.keys() == boards.keys(), said
    assert min(drawn.values()) > 50_000, drawn
