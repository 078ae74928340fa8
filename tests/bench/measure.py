"""Measurements of one size of cluster, as plain data for report.py."""

from __future__ import annotations

import bisect
import collections
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import processes
from load_server import BUILD, LoadServer, Request, Size
from program import Page, Program

Result = dict[str, object]
LOG = BUILD / "logs"
SLOW_EVERY = 20  # Polls; as with the defaults, 15 s and 5 min.
SCRAPERS = 20
CHURN, CHURN_LIFE = 2, 30  # Topics and groups per second, and their lifetime in seconds (load/churn.go).


def load_average() -> float:
    return os.getloadavg()[0]


# ---- Start


def starts(load: LoadServer, size: Size, times: int) -> Result:
    """Measures seconds from start to the first complete page with the defaults."""
    seconds = []
    for _ in range(times):
        program = Program(load.servers, LOG / "start.log")
        try:
            seconds.append(program.seconds_to_whole_page(size))
        finally:
            program.stop()
    return {"seconds": seconds}


# ---- Polls


@contextmanager
def settled(load: LoadServer, size: Size, polling: dict[str, object], name: str) -> Iterator[Program]:
    """Starts a program and waits until its page is complete."""
    program = Program(load.servers, LOG / f"{name}.log", polling)
    try:
        end = time.monotonic() + 600
        program.seconds_to_whole_page(size)
        while not program.page().is_settled(size):
            if time.monotonic() > end:
                raise TimeoutError(f"it has not settled in 600 s\n{processes.tail(program.log)}")
            await_poll(program)
        yield program
    finally:
        program.stop()


def polling(interval: float, **more: object) -> dict[str, object]:
    """Returns shorter intervals than the defaults, but the default deadlines."""
    return {
        "interval": f"{interval * 1000:.0f}ms",
        "deadline": "20s",
        "request_timeout": "10s",
        "topic_configs_interval": f"{interval * 1000 * SLOW_EVERY:.0f}ms",
        "log_dirs_interval": f"{interval * 1000 * SLOW_EVERY:.0f}ms",
        **more,
    }


def all_due(interval: float) -> dict[str, object]:
    """Makes slow collectors due in every poll, in turns, and earliest offsets in every fourth."""
    same = f"{interval * 1000:.0f}ms"
    return polling(interval, topic_configs_interval=same, log_dirs_interval=same)


def polls(load: LoadServer, program: Program, interval: float, count: int) -> Result:
    """Measures requests and cost of `count` polls, with one scrape after each."""
    await_poll(program)
    time.sleep(interval * 0.5)  # Slow collectors have run, and the next poll is far away.
    first = last = program.page()
    load.reset()
    begin = time.monotonic()
    program.forget_peak()
    load_before, cpu_before = load_average(), program.cpu_seconds()
    seconds: list[float] = []
    render_seconds: list[float] = []
    resident: list[float] = []
    for number in range(1, count + 1):
        time.sleep(max(0, begin + number * interval - time.monotonic()))
        page = program.page()
        seconds += poll_seconds(last, page)
        render_seconds.append(page.value("kafka_exporter_render_duration_seconds"))
        resident.append(program.memory()[0])
        last = page
    cpu = program.cpu_seconds() - cpu_before
    by_poll = split(load.requests(), interval, count)
    ended = last.polls - first.polls

    def grown(what: Callable[[Page], float]) -> float:
        return what(last) - what(first)

    return {
        "polls": ended,
        "interval": interval,
        "load": [load_before, load_average()],
        "skipped": grown(lambda page: page.value("kafka_exporter_polls_skipped_total")),
        "failures": grown(lambda page: page.sum("kafka_exporter_collector_errors_total")),
        "requests": [dict(sorted(asked.items())) for asked in by_poll],
        "cpu_seconds": cpu / max(ended, 1),
        "poll_seconds": seconds,
        "render_seconds": render_seconds,
        "series": last.value("kafka_exporter_page_series"),
        "page_bytes": last.text_bytes,
        "compressed_bytes": last.compressed_bytes,
        "resident_mb": resident,
        "peak_mb": program.memory()[1],
    }


def poll_seconds(before: Page, now: Page) -> list[float]:
    """Returns values per poll between two pages: the mean if there were several."""
    polls = now.polls - before.polls
    name = "kafka_exporter_poll_duration_seconds_sum"
    return [(now.value(name) - before.value(name)) / polls] * polls if polls else []


def await_poll(program: Program) -> None:
    """Returns just after a poll."""
    polls = program.page().polls
    while program.page().polls == polls:
        time.sleep(0.05)


def split(requests: list[Request], interval: float, count: int) -> list[collections.Counter[str]]:
    """Returns the requests of each poll by api. Polls are separated by the longest pause per interval, as they may
    start late on a busy machine. Requests before the first pause are left out.
    """
    first = quiet_phase([request.seconds % interval for request in requests], interval)
    ends = [silence(requests, first + number * interval, interval / 4) for number in range(count)]
    found: list[collections.Counter[str]] = [collections.Counter() for _ in ends[1:]]
    for request in requests:
        number = bisect.bisect(ends, request.seconds) - 1
        if 0 <= number < len(found):
            found[number][request.api] += 1
    return found


def quiet_phase(phases: list[float], interval: float) -> float:
    """Returns the middle of the longest part of the interval without requests (cyclic)."""
    phases = sorted(phases)
    begin, end = max(zip(phases, [*phases[1:], phases[0] + interval]), key=lambda gap: gap[1] - gap[0])
    return (begin + end) / 2 % interval


def silence(requests: list[Request], around: float, reach: float) -> float:
    """Returns the middle of the longest pause within `reach`."""
    times = [request.seconds for request in requests if abs(request.seconds - around) < reach]
    times = [around - reach, *times, around + reach]
    begin, end = max(zip(times, times[1:]), key=lambda gap: gap[1] - gap[0])
    return (begin + end) / 2


# ---- Scrapes


def scrapes(load: LoadServer, program: Program, interval: float) -> Result:
    """Measures scrape times with one and many clients, compared with a file of the same size served by CivetWeb, and
    the effect of continuous scrapes on polls.
    """
    body = program.body()
    result: Result = {"bytes": len(body), "load": load_average()}
    with tempfile.TemporaryDirectory(dir=BUILD) as folder, static_file(Path(folder), body) as file_url:
        for name, clients in (("one", 1), ("many", SCRAPERS)):
            rounds = {"page": scrape(program.url, clients), "file": scrape(file_url, clients)}
            result[name] = {
                what: {
                    "request": statistics.median(found["requests"]),
                    "round": statistics.median(found["rounds"]),
                    "rounds": len(found["rounds"]),
                }
                for what, found in rounds.items()
            }
    quiet = polls(load, program, interval, 5)
    command = [BUILD / "scrape", f"-url={program.url}", f"-clients={SCRAPERS}", f"-for={interval * 9:.1f}s"]
    storm = processes.spawn(command)
    try:
        busy = polls(load, program, interval, 5)
    finally:
        processes.stop([storm])
    result["quiet"], result["busy"] = quiet, busy
    return result


def scrape(url: str, clients: int) -> dict[str, list[float]]:
    command = [BUILD / "scrape", f"-url={url}", f"-clients={clients}", "-for=3s"]
    return json.loads(processes.run(command))


@contextmanager
def static_file(folder: Path, body: bytes) -> Iterator[str]:
    (folder / "page").write_bytes(body)
    port = processes.free_port()
    server: subprocess.Popen = processes.spawn([BUILD / "static_file", folder, str(port)])
    try:
        processes.wait_until(lambda: not processes.is_free(port), "the static file is served", 10)
        yield f"http://127.0.0.1:{port}/page"
    finally:
        processes.stop([server])


# ---- All of it


def everything(size: Size, interval: float, count: int, times: int) -> Result:
    """Runs all measurements of one size."""
    with loaded(size) as load:
        result: Result = {"start": starts(load, size, times)}
        load.set(latency="2ms")
        result["start_latency"] = starts(load, size, times)
        load.set(latency="0ms")
        with settled(load, size, all_due(interval), "worst") as program:
            result["worst"] = polls(load, program, interval, 20)
            load.set(latency="2ms")
            result["worst_latency"] = polls(load, program, interval, 20)
            load.set(latency="0ms")
        with settled(load, size, polling(interval), "ordinary") as program:
            result["still"] = polls(load, program, interval, 2 * SLOW_EVERY)
            move(load, interval)
            result["moving"] = polls(load, program, interval, count)
            load.set(latency="2ms")
            result["latency"] = polls(load, program, interval, SLOW_EVERY)
            load.set(latency="0ms")
            result["scrapes"] = scrapes(load, program, interval)
            load.set(churn=CHURN)
            time.sleep(CHURN_LIFE + interval)
            result["churn"] = polls(load, program, interval, count)
    return result


def only_moving(size: Size, interval: float) -> Result:
    """Measures the values of the plot for one size."""
    with loaded(size) as load, settled(load, size, polling(interval), "ordinary") as program:
        move(load, interval)
        return {"moving": polls(load, program, interval, SLOW_EVERY)}


@contextmanager
def loaded(size: Size) -> Iterator[LoadServer]:
    LOG.mkdir(parents=True, exist_ok=True)
    load = LoadServer(size, LOG / "load.log")
    try:
        yield load
    finally:
        load.stop()


def move(load: LoadServer, interval: float) -> None:
    """Makes all offsets change in each poll. Returns once costs are stable."""
    load.set(moving=f"{interval / 2 * 1000:.0f}ms")
    time.sleep(10 * interval)
