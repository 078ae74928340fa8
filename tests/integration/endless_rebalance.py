"""A group whose rebalance does not end: a member does not poll, so it neither revokes partitions nor joins again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer

import processes
from admin import Admin


class Rebalance:
    def __init__(self, hanging: Consumer) -> None:
        self._hanging, self._thread, self._ended = hanging, None, threading.Event()

    def finish(self) -> None:
        """Lets the member poll again."""

        def poll() -> None:
            while not self._ended.wait(0.01):
                self._hanging.poll(0.1)

        self._thread = threading.Thread(target=poll, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()


@contextmanager
def endless_rebalance(admin: Admin, group: str, topic: str, *, protocol: str = "classic") -> Iterator[Rebalance]:
    """A member owns all partitions and does not poll any more when another one joins. `protocol`: classic, consumer."""
    settings = {**admin.bootstrap, "group.id": group, "group.protocol": protocol, "enable.auto.commit": False}
    if protocol == "classic":
        settings["session.timeout.ms"] = 45000
    settings["max.poll.interval.ms"] = 600000
    hanging, other = Consumer(settings), Consumer(settings)
    ended = threading.Event()
    # With callbacks, librdkafka waits for the application in a rebalance.
    hanging.subscribe([topic], on_assign=lambda *_: None, on_revoke=lambda *_: None)

    def owns_partitions() -> bool:
        hanging.poll(0.1)
        return bool(hanging.assignment())

    def join() -> None:
        while not ended.is_set():
            other.poll(0.1)

    thread = threading.Thread(target=join, daemon=True)
    rebalance = Rebalance(hanging)
    try:
        processes.wait_until(owns_partitions, f"a member of {group}", 60)
        other.subscribe([topic])
        thread.start()
        yield rebalance
    finally:
        ended.set()
        rebalance.stop()
        if thread.is_alive():
            thread.join()
        for consumer in (hanging, other):
            consumer.close()
