"""Real ZooKeeper servers: values compared with their own answers and their own Prometheus provider; servers killed,
frozen, not serving, read-only, without whitelist; leader changes; TLS.
"""

from __future__ import annotations

import re
import signal
import socket
import struct
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

import grafana
import kafka_jars
import processes
from certificates import Certificates
from exporter import Exporter, run
from page import Page
from prometheus_server import Prometheus
from zookeeper_ensemble import Ensemble

INTERVAL, TIMEOUT, HOLD = 0.5, 2, 4  # seconds


@pytest.fixture(scope="session")
def zookeeper_libs() -> Path:
    return kafka_jars.ensure_zookeeper()


@pytest.fixture
def start_ensemble(zookeeper_libs: Path, tmp_path: Path) -> Iterator[Callable[..., Ensemble]]:
    started: list[Ensemble] = []

    def start(servers: int, **options) -> Ensemble:
        started.append(Ensemble(tmp_path / f"ensemble-{len(started)}", zookeeper_libs, servers, **options))
        return started[-1].start().ready()

    yield start
    for ensemble in started:
        ensemble.stop()


@pytest.fixture
def watch(start_exporter: Callable[..., Exporter], tmp_path: Path) -> Callable[..., Exporter]:
    """Starts an exporter of one ensemble, and of no Kafka cluster."""

    def start(hosts: list[str], **settings) -> Exporter:
        file = tmp_path / "zookeeper.yml"
        write_config(file, hosts, **settings)
        return start_exporter(f"--config.file={file}", "--log.format=json", poll_seconds=None)

    return start


def write_config(file: Path, hosts: list[str], name: str = "main", **settings) -> None:
    polling = {"interval": f"{INTERVAL}s", "deadline": "10s", "request_timeout": f"{TIMEOUT}s", "hold": f"{HOLD}s"}
    entry = {"name": name, "servers": hosts, "polling": polling, **settings}
    file.write_text(yaml.safe_dump({"zookeeper": [entry]}))


@contextmanager
def session(ensemble: Ensemble, id: int) -> Iterator[Callable[[str], None]]:
    """A client's session; yields a function that creates and reads a znode. ZooKeeper's wire format: length, then fields.
    """
    with socket.create_connection(("127.0.0.1", ensemble.ports[id]), 10) as connection:

        def request(body: bytes) -> bytes:
            connection.sendall(struct.pack(">i", len(body)) + body)
            size = struct.unpack(">i", connection.recv(4, socket.MSG_WAITALL))[0]
            return connection.recv(size, socket.MSG_WAITALL)

        def create(path: str) -> None:
            name = path.encode()
            everybody = struct.pack(">iii5si6s", 1, 31, 5, b"world", 6, b"anyone")
            body = struct.pack(">iii", 1, 1, len(name)) + name + struct.pack(">i", 0) + everybody
            answer = request(body + struct.pack(">i", 0))
            assert struct.unpack(">iqi", answer[:16])[2] == 0, answer
            request(struct.pack(">iii", 2, 4, len(name)) + name + struct.pack(">?", False))

        request(struct.pack(">iqiqi16s", 0, 0, 30000, 0, 16, bytes(16)))
        yield create


def by_host(page: Page, name: str) -> dict[str, float]:
    return {dict(key)["zk_host"]: value for key, value in page.get(name).items()}


def states(page: Page) -> dict[str, str]:
    return {dict(key)["zk_host"]: dict(key)["state"] for key in page.get("zk_server_state")}


def of_ensemble(page: Page, name: str) -> float | None:
    return page.value(f"zk_ensemble_{name}", zk_ensemble="main")


def test_values_are_those_of_the_servers(
    start_ensemble: Callable[..., Ensemble], watch: Callable[..., Exporter]
) -> None:
    """Server 2 has ZooKeeper's Prometheus provider, which gives mntr another form; the others have the default one."""
    ensemble = start_ensemble(3, prometheus=[2])
    exporter = watch(ensemble.hosts(), all_values=True)
    with session(ensemble, 1) as create, session(ensemble, 2) as create_on_2:
        for n in range(20):
            (create if n % 2 else create_on_2)(f"/orders-{n}")
        exporter.await_equal(lambda page: set(by_host(page, "zk_znode_count").values()), {25.0})
        page = exporter.await_polls(2)
        assert states(page) == {ensemble.host(id): ensemble.state(id) for id in ensemble.ids}
        leader = ensemble.leader()
        assert by_host(page, "zk_server_leader") == {ensemble.host(id): id == leader for id in ensemble.ids}
        assert by_host(page, "zk_up") == by_host(page, "zk_ruok") == dict.fromkeys(ensemble.hosts(), 1)
        assert page.names("zk_version", "version") == {"3.9.4"}
        assert of_ensemble(page, "leaders") == 1
        assert of_ensemble(page, "expected_servers") == 3
        assert of_ensemble(page, "serving_servers") == 3
        assert of_ensemble(page, "in_sync_servers") == 3
        assert page.names("zk_synced_followers", "zk_host") == {ensemble.host(leader)}
        assert by_host(page, "zk_followers") == {ensemble.host(leader): 2}
        compare_with_mntr(ensemble, exporter)
        compare_with_provider(ensemble, exporter.await_polls(2))
    assert page.value("kafka_exporter_collector_success", zk_ensemble="main", collector="zookeeper") == 1
    assert not page.get("kafka_up")
    assert "kafka_exporter_held_series" in page.series
    assert not exporter.events("collector failed")


def compare_with_mntr(ensemble: Ensemble, exporter: Exporter) -> None:
    """Compares what the servers report before and after two polls alike."""
    before = {id: ensemble.mntr(id) for id in ensemble.ids}
    page = exporter.await_polls(2)
    compared = 0
    for id in ensemble.ids:
        after = ensemble.mntr(id)
        for key, text in before[id].items():
            if text != after.get(key) or not re.fullmatch(r"\d+(\.\d+)?", text) or not re.fullmatch(r"zk_\w+", key):
                continue
            if re.match(r"zk_(p\d+|cnt|sum|num_alive|outstanding_req)", key):  # Part of a summary, or changes to and fro.
                continue
            assert page.value(key, zk_ensemble="main", zk_host=ensemble.host(id)) == float(text), key
            compared += 1
    assert compared > 300


def compare_with_provider(ensemble: Ensemble, page: Page) -> None:
    """Compares server 2 with its own metrics, whose names lack zk_. Counters cannot be less than at an earlier time."""
    with urllib.request.urlopen(f"http://127.0.0.1:{ensemble.prometheus[2]}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    theirs = dict(re.findall(r"^(\w+) (\S+)$", text, re.MULTILINE))
    of_server = {"zk_ensemble": "main", "zk_host": ensemble.host(2)}
    for name in ("znode_count", "ephemerals_count", "approximate_data_size", "quorum_size", "global_sessions"):
        assert page.value(f"zk_{name}", **of_server) == float(theirs[name]), name
    for name in ("updatelatency_count", "fsynctime_count", "packets_received", "propagation_latency_sum"):
        ours = page.value(f"zk_{name}", **of_server)
        assert ours is not None, name
        assert 0 < ours <= float(theirs[name]), name
    assert page.where("zk_updatelatency", quantile="0.99", **of_server)
    assert page.where("zk_updatelatency", quantile="0.999", zk_host=ensemble.host(1))


def test_a_killed_and_a_frozen_server_cost_their_own_values_only(
    start_ensemble: Callable[..., Ensemble], watch: Callable[..., Exporter]
) -> None:
    ensemble = start_ensemble(3)
    exporter = watch(ensemble.hosts())
    exporter.await_page(lambda page: of_ensemble(page, "in_sync_servers") == 3, "three servers in sync")
    leader = ensemble.leader()
    follower, other = [id for id in ensemble.ids if id != leader]
    host = ensemble.host(follower)

    ensemble.kill(follower)
    page = exporter.await_page(lambda page: by_host(page, "zk_up").get(host) == 0, "the killed server down")
    assert host in by_host(page, "zk_znode_count"), "held"
    assert page.value("kafka_exporter_held_series", zk_ensemble="main", collector="zookeeper") > 20
    assert host not in states(page)
    exporter.await_page(lambda page: of_ensemble(page, "in_sync_servers") == 2, "two servers in sync")
    page = exporter.await_page(lambda page: host not in by_host(page, "zk_znode_count"), "no longer held")
    assert by_host(page, "zk_up") == {ensemble.host(id): id != follower for id in ensemble.ids}
    assert of_ensemble(page, "serving_servers") == 2
    assert of_ensemble(page, "leaders") == 1
    events = exporter.events("collector failed", ensemble="main", collector="zookeeper")
    assert [event["reason"] for event in events] == ["unreachable"]
    assert "2 of 3 voting servers are in sync" in exporter.request("/")

    ensemble.start(follower)
    exporter.await_page(lambda page: of_ensemble(page, "in_sync_servers") == 3, "three servers in sync again")
    exporter.await_log(lambda _: exporter.events("collector recovered"), "recovery")

    ensemble.pause(other)
    page = exporter.await_page(lambda page: by_host(page, "zk_up").get(ensemble.host(other)) == 0, "frozen")
    assert by_host(page, "zk_up")[ensemble.host(leader)] == 1
    errors = {"zk_ensemble": "main", "collector": "zookeeper", "reason": "timeout"}
    assert page.value("kafka_exporter_collector_errors_total", **errors) > 0
    page = exporter.await_polls(2)
    duration = page.value("kafka_exporter_collector_duration_seconds", zk_ensemble="main", collector="zookeeper")
    assert TIMEOUT * 0.9 < duration < TIMEOUT * 2
    ensemble.resume(other)
    exporter.await_page(lambda page: set(by_host(page, "zk_up").values()) == {1}, "all up")


def test_a_new_leader_then_no_quorum(
    start_ensemble: Callable[..., Ensemble], watch: Callable[..., Exporter]
) -> None:
    ensemble = start_ensemble(3)
    exporter = watch(ensemble.hosts())
    exporter.await_page(lambda page: of_ensemble(page, "leaders") == 1, "a leader")
    first = ensemble.leader()
    ensemble.kill(first)
    second = ensemble.leader()
    page = exporter.await_page(lambda page: states(page).get(ensemble.host(second)) == "leader", "the next leader")
    assert ensemble.host(first) not in states(page)
    assert exporter.events("server state changed", server=ensemble.host(second), to="leader")

    last = second
    ensemble.kill(*[id for id in ensemble.running if id != last])
    host = ensemble.host(last)
    page = exporter.await_page(lambda page: states(page).get(host) == "not_serving", "not serving")
    assert by_host(page, "zk_ruok")[host] == 1
    assert by_host(page, "zk_up")[host] == 0
    assert of_ensemble(page, "leaders") == 0
    assert of_ensemble(page, "serving_servers") == 0
    assert of_ensemble(page, "in_sync_servers") is None
    assert host not in by_host(page, "zk_znode_count")
    page = exporter.await_page(lambda page: states(page).get(host) == "read-only", "read-only")
    assert by_host(page, "zk_up")[host] == 1
    assert host in by_host(page, "zk_znode_count")
    assert of_ensemble(page, "leaders") == 0
    assert exporter.events("server state changed", server=host, to="read-only")[0]["hint"]
    assert "serves only read-only clients" in exporter.request("/")


def test_mntr_is_not_whitelisted(zookeeper_libs: Path, tmp_path: Path, watch: Callable[..., Exporter]) -> None:
    """By default ZooKeeper answers only srvr."""
    with Ensemble(tmp_path / "limited", zookeeper_libs, 1, whitelist=None) as ensemble:
        ensemble.start().ready()
        exporter = watch(ensemble.hosts())
        host = ensemble.host(1)
        exporter.await_page(lambda page: by_host(page, "zk_up") == {host: 1}, "an answer")
        page = exporter.await_polls(3)
        assert by_host(page, "zk_ruok") == {host: 1}
        assert states(page) == {host: "standalone"}
        assert by_host(page, "zk_znode_count") == {host: 5}
        assert not by_host(page, "zk_watch_count")
        assert of_ensemble(page, "in_sync_servers") == 1
        assert page.value("kafka_exporter_collector_success", zk_ensemble="main", collector="zookeeper") == 0
        (event,) = exporter.events("collector failed", reason="authorization")
        assert "4lw.commands.whitelist" in event["hint"]
        landing = exporter.request("/")
        assert "whitelist" in landing
        assert "ZooKeeper main" in landing
        once = run("once", f"--config.file={tmp_path / 'zookeeper.yml'}")
        assert once.returncode == 0, once.stderr
        assert by_host(Page(once.stdout), "zk_up") == {host: 1}
    once = run("once", f"--config.file={tmp_path / 'zookeeper.yml'}")
    assert once.returncode == 1, once.stdout
    assert "Connection refused" in once.stderr


def test_tls(
    start_ensemble: Callable[..., Ensemble], watch: Callable[..., Exporter], tmp_path: Path
) -> None:
    """A server that requires client certificates. It is asked by an address that its certificate has or not."""
    certificates = Certificates(tmp_path / "certificates", "server", "client", elsewhere=("other",))
    stranger = Certificates(tmp_path / "stranger", "client")
    ca = certificates.path("ca.pem")
    good = start_ensemble(1, keystore=certificates.path("server.keystore.pem"), ca=ca)
    misnamed = start_ensemble(1, keystore=certificates.path("other.keystore.pem"), ca=ca)

    def tls(client: Certificates | None = certificates, **more) -> dict[str, object]:
        files = {"cert_file": str(client.path("client.pem")), "key_file": str(client.path("client.key"))} if client else {}
        return {"tls": {"enabled": True, "ca_file": str(ca), **files, **more}}

    def is_up(page: Page) -> bool:
        return set(by_host(page, "zk_up").values()) == {1}

    exporter = watch(good.hosts(secure=True), **tls())
    page = exporter.await_page(is_up, "up with TLS")
    assert by_host(page, "zk_znode_count")
    assert not exporter.events("collector failed")
    exporter = watch(misnamed.hosts(secure=True), **tls(verify_server_name=False))
    exporter.await_page(is_up, "up with TLS without verification of the name")

    wrong = [
        (misnamed.hosts(secure=True), tls(), "tls", "mismatch", "verify_server_name"),
        (good.hosts(secure=True), tls(ca_file=str(stranger.path("ca.pem"))), "tls", "verify failed", "ca_file"),
        (good.hosts(secure=True), tls(client=None), "tls", "TLS: ", "client certificate"),
        (good.hosts(), tls(), "tls", "TLS: ", "secureClientPort"),
        (good.hosts(secure=True), {}, "timeout", "no answer", "TLS"),
    ]
    for hosts, settings, reason, error, hint in wrong:
        exporter = watch(hosts, **settings)
        exporter.await_log(lambda _, e=exporter: e.events("collector failed"), f"a failure with {error}")
        event = exporter.events("collector failed")[0]
        assert event["reason"] == reason, event
        assert error in event["error"], event
        assert hint in event["hint"], event


def test_reload(
    start_ensemble: Callable[..., Ensemble], watch: Callable[..., Exporter], tmp_path: Path
) -> None:
    """An ensemble that did not change keeps its poller; a changed one is polled with the new settings."""
    ensemble = start_ensemble(1)
    exporter = watch(ensemble.hosts())
    exporter.await_page(lambda page: of_ensemble(page, "leaders") == 1, "values")
    polls = exporter.polls(exporter.await_polls(2))

    def reload() -> None:
        loaded = len(exporter.events("configuration loaded"))
        exporter.process.send_signal(signal.SIGHUP)
        exporter.await_log(lambda _: len(exporter.events("configuration loaded")) > loaded, "a reload")

    reload()
    assert not exporter.events("new settings in use")
    assert exporter.polls() >= polls
    file = tmp_path / "zookeeper.yml"
    write_config(file, ensemble.hosts(), expected_size=3)
    reload()
    exporter.await_page(lambda page: of_ensemble(page, "expected_servers") == 3, "the new size")
    assert exporter.events("new settings in use", ensemble="main")
    assert exporter.polls() >= polls
    write_config(file, ensemble.hosts(), name="next")
    reload()
    page = exporter.await_page(lambda page: page.get("zk_ensemble_leaders"), "the renamed ensemble")
    assert page.names("zk_up", "zk_ensemble") == {"next"}
    assert page.names("kafka_exporter_poll_interval_seconds", "zk_ensemble") == {"next"}


# Panels about the ensemble, which only kafkascope knows; without data in the scene: there is no trouble.
OF_THE_ENSEMBLE = {101, 102, 103, 104, 107, 108, 109}
UNKNOWN = re.compile(r"zookeeper/(101|103) B")


@pytest.mark.parametrize("job", ["ours", "theirs"])
def test_the_dashboard_has_data(
    start_ensemble: Callable[..., Ensemble], watch: Callable[..., Exporter], tmp_path: Path, job: str
) -> None:
    """Every query returns data with kafkascope's names, and most with those of ZooKeeper's Prometheus provider. Here
    servers are scraped twice, which no rule should mind.
    """
    ensemble = start_ensemble(3, prometheus=[1, 2, 3])
    exporter = watch(ensemble.hosts())
    theirs = [f"localhost:{port}" for port in ensemble.prometheus.values()]
    (board,) = [board for board in grafana.dashboards() if board.uid == "kafkascope-zookeeper"]
    targets = {"ours": [f"localhost:{exporter.port}"], "theirs": theirs}
    missing: list[str] = []
    with Prometheus(tmp_path / "prometheus", targets).start() as prometheus, session(ensemble, 1) as create:
        numbers = iter(range(10_000))

        def every_query_has_data() -> bool:
            for _ in range(5):
                create(f"/panel-{next(numbers)}")
            view = grafana.View(board, prometheus, job=job)
            wanted = [t for t in board.targets() if job == "ours" or int(t.panel.split("/")[1]) not in OF_THE_ENSEMBLE]
            wanted = [target for target in wanted if not UNKNOWN.fullmatch(target.key)]
            missing[:] = [str(target) for target in wanted if not view.ask(target)]
            return not missing

        try:
            processes.wait_until(every_query_has_data, "every query has data", timeout=90, every=1)
        except TimeoutError:
            raise AssertionError("\n".join(missing)) from None
        assert not prometheus.query('ALERTS{alertname=~"ZooKeeper.*",alertstate="firing"}')
