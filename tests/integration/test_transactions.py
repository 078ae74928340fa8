"""Transactions: by state, the oldest, and those that hang as kafka-transactions find-hanging says."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

import kafka_tools
import processes
from admin import Admin
from conftest import kafka_flags
from exporter import Exporter
from kafka_cluster import Cluster
from page import Page

Start = Callable[..., Exporter]
SOON = {"polling": {"transactions_interval": "1s", "topic_configs_interval": "1s", "earliest_every": 1}}
HANGING, HELD = "kafka_topic_hanging_transaction_partitions", "kafka_topic_last_stable_offset_held_seconds"
MAX_TIMEOUT = 20  # Seconds; transaction.max.timeout.ms of the brokers.

# A producer in a process of its own, to be killed in its transaction. Says "open" once its records are written.
PRODUCER = """
import sys, time
from confluent_kafka import Producer
servers, id, timeout, topic, *partitions = sys.argv[1:]
producer = Producer({"bootstrap.servers": servers, "transactional.id": id, "transaction.timeout.ms": int(timeout)})
producer.init_transactions(60)
producer.begin_transaction()
for partition in partitions:
    producer.produce(topic, b"x", partition=int(partition))
assert producer.flush(60) == 0
print("open", flush=True)
time.sleep(3600)
"""


@pytest.fixture(scope="module")
def broker(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One broker that aborts no transaction by itself, so that one stays open beyond its timeout."""
    properties = {
        "transaction.max.timeout.ms": MAX_TIMEOUT * 1000,
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 3_600_000,
    }
    with Cluster(tmp_path_factory.mktemp("transactions"), libs, 1, properties=properties) as cluster:
        yield cluster.start().ready()


def killed_in_transaction(cluster: Cluster, id: str, timeout: float, topic: str, *partitions: int) -> None:
    command = [sys.executable, "-c", PRODUCER, cluster.bootstrap(), id, str(round(timeout * 1000)), topic]
    producer = processes.spawn([*command, *map(str, partitions)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert producer.stdout.readline() == b"open\n"
    producer.send_signal(signal.SIGKILL)
    producer.wait()


def find_hanging(cluster: Cluster) -> dict[str, set[int]]:
    """Returns {topic: partitions} with a hanging transaction, as Kafka's tool finds them."""
    said = kafka_tools.ask(
        cluster, "kafka-transactions", "find-hanging", "--broker-id", 1, "--max-transaction-timeout", 0
    )
    found: dict[str, set[int]] = {}
    for line in said.splitlines():
        words = line.split()
        if len(words) > 2 and words[1].isdigit():
            found.setdefault(words[0], set()).add(int(words[1]))
    return found


def hanging(page: Page) -> dict[str, float]:
    return {dict(key)["topic"]: value for key, value in page.get(HANGING).items() if value}


def state(page: Page, name: str) -> float | None:
    return page.value("kafka_transactions", state=name)


def test_states_and_age(cluster: Cluster, admin: Admin, start_exporter: Start, unique: Callable[[str], str]) -> None:
    """A transaction that is open, committed, and of a producer that was killed until its timeout."""
    topic, id = unique("paid"), unique("payments")
    admin.create_topic(topic, partitions=2)
    exporter = start_exporter(*kafka_flags(cluster), config=SOON)
    before = exporter.await_page(lambda page: state(page, "Ongoing") is not None, "states")
    assert page_is_quiet(before)
    producer = Producer({**admin.bootstrap, "transactional.id": id})
    producer.init_transactions(60)
    producer.begin_transaction()
    start = time.time()
    producer.produce(topic, b"x", partition=1)
    assert producer.flush(60) == 0
    page = exporter.await_page(
        lambda page: state(page, "Ongoing") == 1 and page.value(HELD, topic=topic) > 3, "an open transaction"
    )
    age = page.value("kafka_transaction_oldest_open_seconds")
    assert page.value(HELD, topic=topic) - 1 < age < time.time() - start + 1
    listed = kafka_tools.ask(cluster, "kafka-transactions", "list")
    assert re.search(rf"^{id}\s.*Ongoing", listed, re.MULTILINE), listed
    assert hanging(page) == {}
    producer.commit_transaction(60)
    exporter.await_page(lambda page: page_is_quiet(page) and page.value(HELD, topic=topic) == 0, "no open one")
    assert state(exporter.page(), "CompleteCommit") == (state(before, "CompleteCommit") or 0) + 1

    killed_in_transaction(cluster, id, 8, topic, 0)
    exporter.await_page(lambda page: state(page, "Ongoing") == 1, "one of a producer that was killed")
    exporter.await_page(page_is_quiet, "aborted by its coordinator")
    assert "transaction hangs" not in exporter.said()


def page_is_quiet(page: Page) -> bool:
    return state(page, "Ongoing") == 0 and page.value("kafka_transaction_oldest_open_seconds") == 0


def test_older_than_its_timeout(broker: Cluster, start_exporter: Start) -> None:
    """Its coordinator does not abort it, so it hangs; find-hanging does not report these."""
    admin = Admin(broker)
    admin.create_topic("late", partitions=3)
    exporter = start_exporter(*kafka_flags(broker), config=SOON)
    killed_in_transaction(broker, "late-id", 2, "late", 0, 2)
    exporter.await_equal(hanging, {"late": 2})
    assert exporter.page().value(HELD, topic="late") > 2
    said = exporter.await_log(lambda said: said.count("transaction hangs") == 2, "both partitions")
    assert re.search(r'msg="transaction hangs" topic=late partition=2 transactional_id=late-id .*reason=timed_out', said)
    admin.commit("waits", {("late", 0): 0})
    line = "late-0: a hanging transaction of transactional id late-id .* at offset 0; waiting groups: waits<"
    processes.wait_until(lambda: re.search(line, exporter.request("/")), "the waiting group on the landing page", 60)
    # The producer's successor ends it.
    producer = Producer({**admin.bootstrap, "transactional.id": "late-id", "transaction.timeout.ms": 5000})
    producer.init_transactions(60)
    exporter.await_equal(hanging, {})
    exporter.await_log(lambda said: said.count("transaction no longer hangs") == 2, "both partitions")
    processes.wait_until(lambda: "hanging" not in exporter.request("/"), "nothing on the landing page", 60)


@pytest.mark.parametrize("read_committed", [False, True], ids=["asked", "polled"])
def test_unknown_to_its_coordinator(broker: Cluster, start_exporter: Start, read_committed: bool) -> None:
    """The coordinator has lost its log. Kafka's tool finds the same partitions, and ends the transaction."""
    admin = Admin(broker)
    topic = f"lost-{read_committed}"
    admin.create_topic(topic, partitions=3)
    killed_in_transaction(broker, "lost-id", 10, topic, 0, 1)
    broker.stop()
    for folder in broker.data(1)[0].glob("__transaction_state-*"):
        shutil.rmtree(folder)
    broker.start().ready()
    exporter = start_exporter(*kafka_flags(broker), config={**SOON, "read_committed": read_committed})
    exporter.await_page(lambda page: (page.value(HELD, topic=topic) or 0) > 3, "it is held")
    assert hanging(exporter.page()) == {}  # Not yet longer than any transaction may last.
    page = exporter.await_page(lambda page: hanging(page).get(topic) == 2, "two partitions that hang")
    assert page.value(HELD, topic=topic) > MAX_TIMEOUT
    assert find_hanging(broker) == {topic: {0, 1}}
    said = exporter.await_log(lambda said: said.count("transaction hangs") == 2, "both partitions")
    assert re.search(rf"topic={topic} partition=1 producer_id=\d+ .*reason=unknown_to_coordinator", said)
    for partition in (0, 1):
        start = re.search(rf'"transaction hangs" topic={topic} partition={partition} .*start_offset=(\d+)', said)[1]
        abort = ["--topic", topic, "--partition", partition, "--start-offset", start]
        kafka_tools.ask(broker, "kafka-transactions", "abort", *abort)
    exporter.await_equal(hanging, {})
    exporter.await_equal(lambda page: page.value(HELD, topic=topic), 0)
    assert find_hanging(broker) == {}
