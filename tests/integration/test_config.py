"""Invalid configurations cause one message and exit code 2 without connecting. Valid ones take effect."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exporter import Exporter, run
from kafka_cluster import Cluster
from page import labels


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listens in place of the broker to detect connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def assert_untouched(listener: socket.socket) -> None:
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--no-such-flag"], "no-such-flag"),
        (["--topic.filter=("], "topic.filter"),
        (["--group.exclude=*"], "group.exclude"),
        (["--poll.interval=soon"], "poll.interval"),
        (["--poll.interval=-1s"], "poll.interval"),
        (["--kafka.server=host:notaport"], "kafka.server"),
        (["--web.listen-address=nowhere"], "web.listen-address"),
        (["--tls.enabled", "--tls.ca-file=/no/such/file.pem"], "/no/such/file.pem"),
        (["--sasl.enabled", "--sasl.mechanism=telepathy"], "sasl.mechanism"),
        (["--group.uncommitted=2"], "group.uncommitted"),
        (["--config.file=/no/such/file.yml"], "/no/such/file.yml"),
        (["--server.tls.enabled"], "server.tls.enabled"),
        (["--sasl.enabled", "--sasl.mechanism=awsiam"], "--sasl.aws-region"),
        (["a-stray-word"], "a-stray-word"),
    ],
)  # fmt: skip
def test_a_wrong_flag(listener: socket.socket, flags: list[str], words: str) -> None:
    server = f"--kafka.server=127.0.0.1:{listener.getsockname()[1]}"
    done = run(server, "--web.listen-address=127.0.0.1:0", *flags)
    assert done.returncode == 2, done
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2, "one message"
    assert_untouched(listener)


@pytest.mark.parametrize(
    ("yaml", "line", "words"),
    [
        ("clusters:\n  - servers: [SERVER]\n    colour: red\n", 3, "colour"),
        ("clusters:\n  - servers: [SERVER]\n    topics: {filter: '['}\n", 3, "filter"),
        ("clusters:\n  - servers: [SERVER]\n    polling:\n      interval: 3 parsecs\n", 4, "interval"),
        ("clusters:\n  - servers: [SERVER]\n    servers: [SERVER]\n", 3, "servers"),
        ("web: {telemetry_path: /metrics\n", None, ""),
        ("clusters:\n  - {name: a, servers: [SERVER]}\n  - {name: a, servers: [SERVER]}\n", 3, "name"),
    ],
)
def test_a_wrong_file(listener: socket.socket, tmp_path: Path, yaml: str, line: int | None, words: str) -> None:
    """The message contains file, line and key."""
    file = tmp_path / "wrong.yml"
    file.write_text(yaml.replace("SERVER", f"127.0.0.1:{listener.getsockname()[1]}"))
    done = run(f"--config.file={file}", "--web.listen-address=127.0.0.1:0")
    assert done.returncode == 2, done
    assert words in done.stderr
    assert f"{file}:{line}" in done.stderr if line else str(file) in done.stderr
    assert_untouched(listener)


def test_check_config_connects_to_nothing(listener: socket.socket, tmp_path: Path) -> None:
    file = tmp_path / "right.yml"
    file.write_text(f"clusters:\n  - servers: ['127.0.0.1:{listener.getsockname()[1]}']\n")
    assert run(f"--config.file={file}", "--check-config").returncode == 0
    file.write_text("nonsense: true\n")
    assert run(f"--config.file={file}", "--check-config").returncode == 2
    assert_untouched(listener)


def test_help_and_version() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    for flag in ("--kafka.server", "--group.uncommitted", "--config.file", "--web.listen-address"):
        assert flag in shown.stdout
    version = run("--version")
    assert version.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", version.stdout)


def test_a_port_that_is_taken(cluster: Cluster, listener: socket.socket) -> None:
    """It exits with a message that contains the address."""
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    done = run(f"--kafka.server={cluster.bootstrap().split(',')[0]}", f"--web.listen-address={address}")
    assert done.returncode not in (0, -6, -11)
    assert address in done.stderr + done.stdout


def test_two_clusters_in_one_process(cluster: Cluster, start_exporter: Callable[..., Exporter], tmp_path: Path) -> None:
    """Each cluster's series have its label; one that is down does not affect the other."""
    file = tmp_path / "two.yml"
    file.write_text(
        "clusters:\n"
        f"  - {{name: here, servers: ['{cluster.bootstrap().split(',')[1]}'], polling: {{interval: 1s}}}}\n"
        "  - {name: nowhere, servers: ['127.0.0.1:1'], polling: {interval: 1s}}\n"
    )
    exporter = start_exporter(f"--config.file={file}", poll_seconds=None)
    exporter.await_equal(
        lambda page: page.get("kafka_up"), {labels(kafka_cluster="here"): 1, labels(kafka_cluster="nowhere"): 0}
    )
    page = exporter.await_page(lambda page: page.get("kafka_brokers"), "brokers")
    assert page.get("kafka_brokers") == {labels(kafka_cluster="here"): 3}
    assert page.names("kafka_broker_info", "kafka_cluster") == {"here"}


def test_flags_that_do_nothing_are_told_once(cluster: Cluster, start_exporter: Callable[..., Exporter]) -> None:
    """Flags of kafka_exporter without effect are accepted with a log line each."""
    useless = ["--kafka.version=3.9.0", "--topic.workers=10", "--refresh.metadata=10s", "--concurrent.enable"]
    server = f"--kafka.server={cluster.bootstrap().split(',')[0]}"
    exporter = start_exporter(server, *useless)
    exporter.await_page(lambda page: page.value("kafka_up") == 1, "kafka_up 1")
    for flag in useless:
        name = flag.partition("=")[0]
        assert len([line for line in exporter.said().splitlines() if name in line]) == 1, name
