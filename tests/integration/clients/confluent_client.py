"""A consumer as described in README.md, with confluent-kafka (librdkafka)."""

import sys
import threading

from confluent_kafka import Consumer, TopicPartition


def main(bootstrap: str, group: str, topic: str, count: str, *properties: str) -> None:
    told = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
    settings = {"bootstrap.servers": bootstrap, "group.id": group, "client.id": "confluent"}
    settings |= {"auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = Consumer(settings | dict(pair.split("=", 1) for pair in properties))
    consumer.subscribe([topic])
    done: dict[int, int] = {}
    left = int(count)
    while left:
        message = consumer.poll(0.2)
        if message and not message.error():
            done[message.partition()] = message.offset() + 1
            left -= 1
    if done:
        consumer.commit(
            offsets=[TopicPartition(topic, partition, offset) for partition, offset in done.items()], asynchronous=False
        )
    print("committed", flush=True)
    while not told.is_set():
        consumer.pause(consumer.assignment())
        consumer.poll(0.1)
    consumer.close()


main(*sys.argv[1:])
