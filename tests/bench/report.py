"""Makes Markdown tables of the results of macro.py."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable

Entry = dict
MAIN = ("small", "medium", "large")
# Limits, in the order of MAIN.
BUDGETS = {
    "requests": (20, 20, 40),
    "cpu": (0.01, 0.05, 0.5),
    "poll": (0.03, 0.08, 0.6),
    "memory": (25, 40, 200),
    "scrape": (0.002, 0.005, 0.015),
    "start": (0.2, 0.4, 1.5),
}


def latest(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Returns the last entry of each name."""
    return {entry["name"]: entry for entry in entries}


def tables(entries: list[Entry]) -> str:
    by_name = latest(entries)
    found = {name: entry for name, entry in by_name.items() if "worst" in entry["result"]}
    if not found:
        return "Nothing was measured."
    parts = [conditions(found), "### Against the goals", figures(found), "### What a poll asks", requests(found)]
    if peers := {name: entry["result"] for name, entry in by_name.items() if name.endswith(", peer")}:
        parts += ["### Beside klag-exporter", side_by_side(peers)]
    if real := by_name.get("real"):
        parts += ["### Beside a real Kafka", of_real(real["result"])]
    if prometheus := by_name.get("prometheus"):
        parts += ["### What Prometheus pays", of_prometheus(prometheus["result"])]
    if micro := by_name.get("micro"):
        parts += ["### The parts of a poll", of_parts(micro["result"]["seconds"])]
    return "\n\n".join(parts) + "\n"


def side_by_side(results: dict[str, dict]) -> str:
    """One row per size and program."""
    head = ["size", "program", "series", "MB", "requests a cycle", "CPU-s a cycle", "peak MB", "one scrape, s"]
    head += ["10 at once, s", "peak MB then", "start, s"]
    rows = []
    for name, result in results.items():
        for program in ("kafkascope", "klag-exporter"):
            of = result[program]
            row = [name.removesuffix(", peer"), program, text(of["series"])]
            if of["start"] is None:
                row += ["", f"{of['requests']:,} in {of['waited']:.0f} s", f"{text(of['cpu_seconds'])} in all"]
                row += [text(of["peak_mb"], 3), "", "", "", f"none in {of['waited']:.0f} s"]
            else:
                row += [text(of["page_bytes"] / 1e6, 3), text(of["requests"]), text(of["cpu_seconds"])]
                row += [text(of["peak_mb"], 3), text(of["scrape_seconds"]), text(of["scrapes_seconds"])]
                row += [text(of["peak_mb_after_scrapes"], 3), text(of["start"])]
            rows.append(row)
    return markdown(head, rows)


def of_real(result: dict[str, dict]) -> str:
    head = ["brokers", "series", "requests a poll", "failures", "CPU-s a poll", "poll, s", "peak MB", "start, s"]
    rows = [
        [what, *(text(of[key]) for key in ("series", "requests", "failures", "cpu_seconds", "poll_seconds"))]
        + [text(of["peak_mb"], 3), text(of["start"])]
        for what, of in result.items()
    ]
    return markdown(head, rows)


def of_prometheus(result: dict[str, dict]) -> str:
    head = ["what Prometheus scrapes", "series", "a scrape, s", "its CPU-s a scrape", "its resident MB"]
    rows = [
        [what, text(of["series"]), text(of["scrape_seconds"]), text(of["cpu_seconds"]), text(of["resident_mb"], 3)]
        for what, of in result.items()
    ]
    return markdown(head, rows)


def of_parts(seconds: dict[str, float]) -> str:
    return markdown(["part", "ms"], [[what, text(1000 * mean)] for what, mean in seconds.items()])


def conditions(found: dict[str, Entry]) -> str:
    rows = [
        [
            name,
            entry["time"],
            entry["program"],
            f"{entry['machine']['cpus']} x {entry['machine']['processor']}",
            " to ".join(f"{value:.1f}" for value in load_range(entry)),
            f"{entry['result']['moving']['interval']:g}",
        ]
        for name, entry in found.items()
    ]
    return markdown(["size", "when", "program", "machine", "load average", "poll interval, s"], rows)


def load_range(entry: Entry) -> tuple[float, float]:
    seen = [value for phase in entry["result"].values() for value in listed(phase.get("load", []))]
    return min(seen), max(seen)


def listed(value: float | list[float]) -> list[float]:
    return value if isinstance(value, list) else [value]


def figures(found: dict[str, Entry]) -> str:
    """One row per figure, one column per size."""
    rows = [[what, *(figure(name, entry["result"]) for name, entry in found.items())] for what, figure in FIGURES]
    return markdown(["", *found], rows)


def requests(found: dict[str, Entry]) -> str:
    """Requests of the worst poll by api."""
    rows = []
    for name, entry in found.items():
        for phase, title in (("worst", "all due"), ("still", "ordinary"), ("moving", "moving"), ("churn", "churn")):
            by_api = worst(entry["result"][phase])
            rows.append(
                [name, title, str(sum(by_api.values())), ", ".join(f"{api} {count}" for api, count in by_api.items())]
            )
    return markdown(["size", "polls", "worst", "of which"], rows)


def worst(phase: dict) -> dict[str, int]:
    return max(phase["requests"], key=lambda by_api: sum(by_api.values()))


# ---- Figures


def text(value: float, digits: int = 2) -> str:
    """Formats with this many significant digits, without exponent."""
    rounded = float(f"{value:.{digits}g}")
    return f"{value:,.0f}" if value >= 10**digits or value == int(value) else f"{rounded:,}".removesuffix(".0")


def judged(budget: str, name: str, value: float, more: str = "", digits: int = 2) -> str:
    """Formats the value with its limit; bold if exceeded."""
    size = name.split(",", maxsplit=1)[0]
    said = text(value, digits) + (f" ({more})" if more else "")
    if size not in MAIN:
        return said
    most = BUDGETS[budget][MAIN.index(size)]
    return f"**{said}** of {most:g}" if value > most else f"{said} of {most:g}"


def mean_and_most(budget: str, phase: str) -> Callable[[str, dict], str]:
    def show(name: str, result: dict) -> str:
        seconds = result[phase]["poll_seconds"]
        others = f"median {text(statistics.median(seconds))}, most {text(max(seconds))}"
        return judged(budget, name, statistics.mean(seconds), others)

    return show


def resident(name: str, result: dict) -> str:
    return judged("memory", name, result["moving"]["peak_mb"], over_time(result["moving"]), digits=3)


def churn_resident(name: str, result: dict) -> str:
    return f"{text(result['churn']['peak_mb'], 3)} ({over_time(result['churn'])})"


def over_time(phase: dict) -> str:
    seen = phase["resident_mb"]
    return f"after the first poll {text(seen[0], 3)}, after {len(seen)} {text(seen[-1], 3)}"


def scrape(name: str, result: dict) -> str:
    one = result["scrapes"]["one"]
    return judged("scrape", name, one["page"]["request"], f"a file {text(one['file']['request'])}")


def scrapes(name: str, result: dict) -> str:
    many = result["scrapes"]["many"]
    page, file = many["page"]["round"], many["file"]["round"]
    return f"{text(page)} (a file {text(file)}, times {text(page / file)})"


def storm(name: str, result: dict) -> str:
    quiet, busy = result["scrapes"]["quiet"], result["scrapes"]["busy"]
    return (
        f"poll {text(statistics.median(quiet['poll_seconds']))} to {text(statistics.median(busy['poll_seconds']))} s, "
        f"memory {text(quiet['peak_mb'], 3)} to {text(busy['peak_mb'], 3)} MB, requests {total(quiet)} to {total(busy)}"
    )


def total(phase: dict) -> int:
    return sum(sum(by_api.values()) for by_api in phase["requests"])


def size_of_page(name: str, result: dict) -> str:
    moving = result["moving"]
    text_mb, compressed_mb = moving["page_bytes"] / 1e6, moving["compressed_bytes"] / 1e6
    return f"{moving['series']:,.0f} series, {text_mb:.2f} MB, {compressed_mb:.3f} MB compressed"


def start(phase: str) -> Callable[[str, dict], str]:
    def show(name: str, result: dict) -> str:
        seconds = result[phase]["seconds"]
        return judged("start", name, statistics.median(seconds), f"most {text(max(seconds))}")

    return show


def cpu(phase: str) -> Callable[[str, dict], str]:
    return lambda name, result: judged("cpu", name, result[phase]["cpu_seconds"])


def failures(name: str, result: dict) -> str:
    phases = [phase for phase in result.values() if "skipped" in phase]
    return f"{sum(phase['skipped'] for phase in phases):.0f} and {sum(phase['failures'] for phase in phases):.0f}"


FIGURES: list[tuple[str, Callable[[str, dict], str]]] = [
    ("page", size_of_page),
    ("requests in the worst poll", lambda name, result: judged("requests", name, sum(worst(result["worst"]).values()))),
    ("CPU-s a poll, nothing moves", cpu("still")),
    ("CPU-s a poll, all moves", cpu("moving")),
    ("CPU-s a poll, all questions due", cpu("worst")),
    ("poll, s, nothing moves", mean_and_most("poll", "still")),
    ("poll, s, all moves", mean_and_most("poll", "moving")),
    ("poll, s, all moves, 2 ms of latency", mean_and_most("poll", "latency")),
    ("poll, s, all questions due", mean_and_most("poll", "worst")),
    ("write, compress, publish, s", lambda name, result: text(statistics.median(result["moving"]["render_seconds"]))),
    ("resident MB at the peak, all moves", resident),
    ("resident MB at the peak, topics and groups come and go", churn_resident),
    ("one scrape, s", scrape),
    ("20 scrapes at once, s until the last", scrapes),
    ("while 20 scrape without a pause", storm),
    ("start to the first whole page, s", start("start")),
    ("the same, 2 ms of latency", start("start_latency")),
    ("polls skipped, failures", failures),
]


def markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
