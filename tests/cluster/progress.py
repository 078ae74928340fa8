"""Shows progress: one line per step with its duration."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(what: str) -> Iterator[None]:
    """Prints `what ...` and, at the end, the duration. On a terminal the seconds are updated meanwhile."""
    begin = time.monotonic()
    if not sys.stdout.isatty():
        print(f"  {what} ...", flush=True)
        yield
        print(f"  {what} ... {time.monotonic() - begin:.1f} s", flush=True)
        return

    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(0.5):
            print(f"\r  {what} ... {time.monotonic() - begin:.0f} s", end="", flush=True)

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    except BaseException:
        ended.set()
        ticker.join()
        print(flush=True)
        raise
    ended.set()
    ticker.join()
    print(f"\r  {what} ... {time.monotonic() - begin:.1f} s", flush=True)
