"""A consumer as described in README.md, with kafka-python."""

import sys
import threading

from kafka import KafkaConsumer
from kafka.structs import OffsetAndMetadata, TopicPartition


def main(bootstrap: str, group: str, topic: str, count: str) -> None:
    told = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap.split(","),
        group_id=group,
        client_id="kafka-python",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=1,
        session_timeout_ms=10_000,
        heartbeat_interval_ms=2_000,
    )
    done: dict[TopicPartition, OffsetAndMetadata] = {}
    left = int(count)
    while left > 0:
        for partition, records in consumer.poll(timeout_ms=200).items():
            left -= len(records)
            done[partition] = OffsetAndMetadata(records[-1].offset + 1, "", -1)
    consumer.commit(done)
    print("committed", flush=True)
    while not told.is_set():
        consumer.pause(*consumer.assignment())
        consumer.poll(timeout_ms=100)
    consumer.close()


main(*sys.argv[1:])
