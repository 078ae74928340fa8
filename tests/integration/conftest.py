"""Fixtures: real clusters, started once per session and worker if needed; exporters and clients that are stopped after
the test.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("clients", "exporter", "oracle", "page")

import class_archive  # noqa: E402
import exporter as program_under_test  # noqa: E402
import group_oracle  # noqa: E402
import kafka_jars  # noqa: E402
import processes  # noqa: E402
from admin import Admin  # noqa: E402
from clients import Client  # noqa: E402
from exporter import Exporter  # noqa: E402
from kafka_cluster import Cluster  # noqa: E402

SANITIZED = os.environ.get("KAFKASCOPE_SANITIZED_BIN", "")
_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Makes SIGTERM end a run like Ctrl-C, with fixture teardown."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests use the newest Kafka, or each release in the module's VERSIONS. All but the newest are marked long, or
    older if the module says so. If KAFKASCOPE_SANITIZED_BIN is set, tests marked `sanitizer` also run with that
    program, marked `sanitized`.
    """
    if SANITIZED and any(metafunc.definition.iter_markers("sanitizer")):
        programs = [
            pytest.param(program_under_test.BINARY, id="plain"),
            pytest.param(Path(SANITIZED).resolve(), id="sanitized", marks=pytest.mark.sanitized),
        ]
        metafunc.parametrize("program", programs, indirect=True)
    if "kafka_version" in metafunc.fixturenames:
        versions = getattr(metafunc.module, "VERSIONS", [kafka_jars.VERSION])
        mark = pytest.mark.older if getattr(metafunc.module, "OLDER_BY_HAND", False) else pytest.mark.long
        marked = [pytest.param(v, marks=[] if v == kafka_jars.VERSION else mark) for v in versions]
        metafunc.parametrize("kafka_version", marked, indirect=True, scope="session")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Skips tests for Kafka releases older than their mark `since`."""
    items[:] = [item for item in items if not _is_too_old(item)]
    result = yield
    if "PYTEST_XDIST_WORKER" in os.environ:
        import side_by_side

        side_by_side.sort(items)
    return result


def _is_too_old(item: pytest.Item) -> bool:
    version = item.callspec.params.get("kafka_version") if hasattr(item, "callspec") else None
    return bool(version) and any(version < mark.args[0] for mark in item.iter_markers("since"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Schedules tests with `-n` (pytest-xdist)."""
    import side_by_side

    config.option.loadscopereorder = False
    return side_by_side.Scheduler(config, log)


@pytest.fixture(scope="session")
def kafka_version(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def libs(kafka_version: str) -> Path:
    libs = kafka_jars.ensure(kafka_version)
    class_archive.ensure(libs)
    return libs


@pytest.fixture(scope="session")
def cluster(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three brokers without faults. Retention and compaction are applied at once."""
    soon = {"log.retention.check.interval.ms": 1000, "log.initial.task.delay.ms": 1000, "log.cleaner.backoff.ms": 1000}
    with Cluster(tmp_path_factory.mktemp("cluster"), libs, 3, jmx=True, properties=soon) as cluster:
        yield cluster.start().ready()


@pytest.fixture(scope="session")
def admin(cluster: Cluster) -> Admin:
    return Admin(cluster)


@pytest.fixture
def unique() -> Callable[[str], str]:
    """unique("orders") -> "orders-7": a unique name on the cluster."""
    return lambda word: f"{word}-{next(_numbers)}"


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Path:
    """The exporter's binary."""
    return getattr(request, "param", program_under_test.BINARY)


@pytest.fixture
def start_exporter(program: Path, tmp_path: Path) -> Iterator[Callable[..., Exporter]]:
    """Starts exporters. After the test each must exit on SIGTERM in time with code 0."""
    started: list[Exporter] = []

    def start(*flags: str, **options) -> Exporter:
        started.append(Exporter(tmp_path / f"exporter-{len(started)}.log", *flags, program=program, **options))
        return started[-1]

    yield start
    try:
        for exporter in started:
            exporter.stop()
    finally:
        for exporter in started:
            exporter.kill()


@pytest.fixture
def exporter(cluster: Cluster, start_exporter: Callable[..., Exporter]) -> Exporter:
    """An exporter of the whole cluster, polling every second."""
    return start_exporter(*kafka_flags(cluster))


@pytest.fixture
def start_client(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Starts consumers (clients/README.md). After the test they leave their groups, and groups of type streams are
    deleted.
    """
    started: list[Client] = []

    def start(*arguments, **options) -> Client:
        started.append(Client(tmp_path / f"client-{len(started)}.log", *arguments, **options))
        return started[-1]

    yield start
    try:
        for client in started:
            client.ask_to_leave()
        for client in started:
            if client.is_streams_group:
                client.leave()
                group_oracle.delete_streams_group(client.cluster, client.group)
        processes.stop([client.process for client in started], grace=3)
    finally:
        for client in started:
            client.kill()


def kafka_flags(cluster: Cluster) -> list[str]:
    return [f"--kafka.server={server}" for server in cluster.bootstrap().split(",")]
