"""`kafkascope lag` shows what Kafka's own tool shows, and stays a table, JSON and CSV whatever groups are called."""

from __future__ import annotations

import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl

import pytest

import lag_command
import processes
from admin import Admin
from clients import Client
from conftest import kafka_flags
from exporter import BINARY, Exporter
from kafka_cluster import Cluster

HEADING = ["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "LAG-SECONDS", "STATUS"]
HOSTILE = ['"a",b', "tab\tnew\nline\rend", "\x1b[2J\x1b[31mred", "admin\u202enimda", "שלום", "🦀 <b>&amp;</b>", "=1+1", "a\\nb", "a\u200bb"]


@contextmanager
def running(command: list[object], **options) -> Iterator[subprocess.Popen]:
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def hostile_groups(admin: Admin, unique: Callable[[str], str]) -> tuple[str, list[str]]:
    """Returns a prefix and groups that begin with it."""
    topic, prefix = unique("hostile"), unique("hostile")
    admin.create_topic(topic)
    admin.produce(topic, [0], 3)
    groups = [f"{prefix} {name}" for name in HOSTILE]
    for group in groups:
        admin.commit(group, {(topic, 0): 1})
    return prefix, groups


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_same_as_kafkas_tool(
    cluster: Cluster, admin: Admin, start_client: Callable[..., Client], unique: Callable[[str], str], protocol: str
) -> None:
    """Partitions with and without a commit, groups with and without members."""
    topic, other, group, empty = unique("lag"), unique("lag"), unique("lag"), unique("lag")
    admin.create_topic(topic, 2, 3)
    admin.create_topic(other, 2, 3)
    admin.produce(topic, [0], 10)
    admin.produce(other, [0, 1], 7)
    admin.commit(empty, {(other, 0): 7, (other, 1): 0})
    for number, count in enumerate((10, 0)):
        start_client(cluster, "confluent", group, topic, count, f"group.protocol={protocol}", f"client.id=c{number}").committed()

    def of_tool() -> list[lag_command.Row]:
        return lag_command.rows_of_tool(cluster, group, empty)

    def rebalanced() -> bool:
        return {row.client_id for row in of_tool() if row.group == group} == {"c0", "c1"}

    processes.wait_until(rebalanced, "two members with a partition each", 120)
    flags = [*kafka_flags(cluster), f"--group=^({group}|{empty})$"]
    found = lag_command.rows_of_json(lag_command.run(*flags, "--output=json").stdout)
    assert set(found) == set(of_tool())
    assert found == sorted(found, key=lambda row: (row.group, row.topic, row.partition))
    assert len(found) == 4


def test_equals_the_page(cluster: Cluster, admin: Admin, start_exporter: Callable[..., Exporter], unique: Callable[[str], str]) -> None:
    """Lag in seconds and status, sorted and filtered; the group is old, so that its age comes from the time index."""
    topic, prefix = unique("lagging"), unique("behind")
    admin.create_topic(topic, 3, 3, message_timestamp_type="CreateTime")
    for partition in range(3):
        admin.produce_at(topic, partition, [time.time() - age for age in (7200, 3600, 1200)])
    admin.commit(f"{prefix}-1", {(topic, 0): 1, (topic, 1): 3})
    admin.commit(f"{prefix}-2", {(topic, 2): 2, (topic, 1): 0})
    flags = [*kafka_flags(cluster), f"--group.filter=^{prefix}"]
    document = lag_command.documents(lag_command.run(*flags, "--sort=seconds", "--output=json").stdout)[0]
    rows = {(row["group"], row["partition"]): row for row in document["partitions"]}
    order = [row["lag_seconds"] for row in document["partitions"]]
    assert order == sorted(order, reverse=True)
    page = start_exporter(*flags).await_page(
        lambda page: len(page.get("kafka_consumergroup_lag_seconds")) == 4 and page.get("kafka_consumergroup_status"), "ages"
    )
    for (group, partition), row in rows.items():
        labels = {"consumergroup": group, "topic": topic, "partition": partition}
        assert row["lag"] == page.value("kafka_consumergroup_lag", **labels)
        assert row["lag_seconds"] == pytest.approx(page.value("kafka_consumergroup_lag_seconds", **labels), abs=30)
        assert row["status"] == ("ok" if row["lag"] == 0 else "stopped")
    by_lag = lag_command.rows_of_json(lag_command.run(*flags, "--sort", "lag", "--output", "json").stdout)
    assert [row.lag for row in by_lag] == [3, 2, 1, 0]
    table = lag_command.run(*flags, f"--group={prefix}-1").stdout.splitlines()
    assert table[0].split()[:8] == HEADING
    assert [line.split()[:6] + line.split()[7:8] for line in table[1:]] == [
        [f"{prefix}-1", topic, "0", "1", "3", "2", "stopped"],
        [f"{prefix}-1", topic, "1", "3", "3", "0", "ok"],
    ]


def test_a_commit_beyond_the_end(cluster: Cluster, admin: Admin, unique: Callable[[str], str]) -> None:
    """Needs two polls."""
    topic, group = unique("ahead"), unique("ahead")
    admin.create_topic(topic)
    admin.produce(topic, [0], 2)
    admin.alter_offsets(group, {(topic, 0): 5})
    (row,) = lag_command.documents(lag_command.run(*kafka_flags(cluster), f"--group=^{group}$", "--output=json").stdout)[0]["partitions"]
    assert (row["current_offset"], row["log_end_offset"], row["lag"], row["status"]) == (5, 2, 0, "ahead")


def test_hostile_names(cluster: Cluster, hostile_groups: tuple[str, list[str]]) -> None:
    prefix, groups = hostile_groups
    flags = [*kafka_flags(cluster), f"--group=^{prefix} "]
    found = lag_command.rows_of_json(lag_command.run(*flags, "--output=json").stdout)
    assert sorted(row.group for row in found) == sorted(groups)

    done = subprocess.run([BINARY, "lag", *flags, "--output=csv"], capture_output=True, timeout=60, check=True)
    text = done.stdout.decode()
    assert len(text.split("\r\n")) == len(groups) + 2 and not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\u200b]", text)
    rows = lag_command.rows_of_csv(text)
    assert all(len(row) == 13 and row["lag"] == "2" for row in rows)
    assert {f'{prefix} "a",b', f"{prefix} tab\\tnew\\nline\\rend", f"{prefix} a\\\\nb"} <= {row["group"] for row in rows}

    table = lag_command.run(*flags).stdout
    assert len(table.splitlines()) == len(groups) + 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b]", table)
    assert table.count("\u2068") == table.count("\u2069") == 1


def test_fits_the_terminal(cluster: Cluster, hostile_groups: tuple[str, list[str]]) -> None:
    """With --watch each list replaces the one before, fits the terminal, and Ctrl-C ends it."""
    prefix, groups = hostile_groups
    reader, writer = pty.openpty()
    ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 8, 100, 0, 0))
    command = [BINARY, "lag", *kafka_flags(cluster), f"--group=^{prefix} ", "--watch", "--poll.interval=1s"]
    # In a background job of a shell, Ctrl-C is ignored.
    with running(command, stdout=writer, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as process:
        os.close(writer)
        text = ""

        def screens() -> list[str]:
            nonlocal text
            text += os.read(reader, 65536).decode()
            return text.split("\x1b[H\x1b[2J")

        processes.wait_until(lambda: len(screens()) > 3, "three lists", 60)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT
    os.close(reader)
    for screen in text.split("\x1b[H\x1b[2J")[1:3]:
        lines = screen.rstrip().splitlines()
        assert len(lines) == 7 and lines[-1] == f"and {len(groups) - 4} more", lines
        assert all(len(line) <= 100 for line in lines)


def test_watch_as_json(cluster: Cluster, hostile_groups: tuple[str, list[str]]) -> None:
    """A document per poll; ends when nobody reads."""
    command = [BINARY, "lag", *kafka_flags(cluster), f"--group=^{hostile_groups[0]} ", "--watch", "--poll.interval=1s", "--output=json"]
    with running(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        first, second = (lag_command.documents(process.stdout.readline())[0] for _ in range(2))
        process.stdout.close()
        assert process.wait(30) == 1
    assert first["time"] < second["time"] and len(first["partitions"]) == len(second["partitions"]) == len(HOSTILE)


def test_exit_codes() -> None:
    flags = (f"--kafka.server=localhost:{processes.free_port()}", "--poll.interval=1s")
    done = lag_command.run(*flags, "--output=json", code=1)
    (document,) = lag_command.documents(done.stdout)
    assert document["partitions"] == [] and document["errors"][0]["reason"] == "unreachable"
    assert "metadata failed: unreachable: " in done.stderr and "Connection refused" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert lag_command.run("--sort=size", code=2).stdout == ""
