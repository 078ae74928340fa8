"""A consumer without end, with confluent-kafka. COUNT: records per second, 0 for no limit.

It commits what it has read several times a second, and prints `committed` after the first commit of an offset.
"""

import sys
import threading
import time

from confluent_kafka import Consumer


def main(bootstrap: str, group: str, topic: str, rate: str, *properties: str) -> None:
    told = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
    settings = {"bootstrap.servers": bootstrap, "group.id": group, "client.id": "steady"}
    settings |= {"auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = Consumer(settings | dict(pair.split("=", 1) for pair in properties))
    consumer.subscribe([topic])
    pause = 1 / float(rate) if float(rate) else 0
    fresh, said, next_commit = False, False, 0.0
    while not told.is_set():
        message = consumer.poll(0.1)
        if message and not message.error():
            fresh = True
            time.sleep(pause)
        if fresh and time.monotonic() >= next_commit:
            consumer.commit(asynchronous=False)
            fresh, next_commit = False, time.monotonic() + 0.2
            if not said:
                print("committed", flush=True)
                said = True
    consumer.close()


main(*sys.argv[1:])
