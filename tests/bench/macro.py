"""What `make bench` runs: the exporter against a load server of several sizes, and what it asks, takes and how long.

Results go to build/bench/results.json, one entry a size and run; the tables of RESULTS.md are written, and scaling.svg
is drawn, from the last entry of each size. $KAFKASCOPE_BIN is the program, build/kafkascope if not given.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[0] / "cluster")]
import load_server  # noqa: E402
import measure  # noqa: E402
import micro  # noqa: E402
import peer  # noqa: E402
import plot  # noqa: E402
import processes  # noqa: E402
import real  # noqa: E402
import report  # noqa: E402
import scrape_cost  # noqa: E402
from load_server import BUILD, SIZES, Size  # noqa: E402
from program import BINARY  # noqa: E402
from progress import step  # noqa: E402

RESULTS = BUILD / "results.json"
REPORT = HERE / "RESULTS.md"
INTERVALS = {"small": 0.25, "medium": 0.5, "large": 2.0}
# Additional sizes for the plot: name, size, interval.
BETWEEN = [("300 x 10", Size(300, 10, 300), 0.5), ("1,000 x 30", Size(1000, 30, 3000), 1.0)]
OTHERS = ["between", "real", "prometheus", "micro", "peer"]  # peer: only if klag-exporter is in $PATH.


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help=f"{', '.join([*SIZES, *OTHERS])}; default all")
    parser.add_argument("--polls", type=int, default=200, help="how many are measured where memory must stay flat")
    parser.add_argument("--starts", type=int, default=5, help="how often the start is measured")
    parser.add_argument("--slower", type=float, default=1, help="factor for the intervals, on a busy machine")
    parser.add_argument("--live", action="store_true", help="each group has a member, which has to be asked for")
    parser.add_argument("--only-report", action="store_true", help="tables and plot of what was measured before")
    arguments = parser.parse_args()
    if unknown := set(arguments.sizes) - {*SIZES, *OTHERS}:
        parser.error(f"no such size: {', '.join(sorted(unknown))}")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    if not arguments.only_report:
        with step("building what is asked"):
            load_server.build()
        run(arguments)
    entries = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    tables = report.tables(entries)
    print(tables)
    head, end = "<!-- macro.py writes from here ... -->\n", "<!-- ... to here -->\n"
    before, _, rest = REPORT.read_text().partition(head)
    REPORT.write_text(f"{before}{head}\n{tables}\n{end}{rest.partition(end)[2]}")
    plot.write(entries, HERE / "scaling.svg")
    return 0


def run(arguments: argparse.Namespace) -> None:
    wanted = arguments.sizes or [name for name in [*SIZES, *OTHERS] if name != "peer" or peer.is_there()]
    if "micro" in wanted:
        with step("the parts, each alone"):
            micro.build()
            result = micro.run()
        keep("micro", SIZES["medium"], result)
    if "real" in wanted:
        with step("a real Kafka"):
            result = real.beside()
        keep("real", real.SIZE, result)
    if "prometheus" in wanted:
        with step("what Prometheus pays"):
            result = scrape_cost.of(SIZES["large"])
        keep("prometheus", SIZES["large"], result)
    if "peer" in wanted:
        for name, size in SIZES.items():
            with step(f"{name}: beside klag-exporter"):
                result = peer.beside(name, size)
            keep(f"{name}, peer", size, result)
    for name, size in SIZES.items():
        if name not in wanted:
            continue
        interval = INTERVALS[name] * arguments.slower
        if arguments.live:
            name, size = f"{name}, live", Size(**{**asdict(size), "live": True})
        with step(f"{name}: {size.topics} topics of {size.partitions} partitions, {size.groups} groups"):
            result = measure.everything(size, interval, arguments.polls, arguments.starts)
        keep(name, size, result)
    if "between" in wanted:
        for name, size, interval in BETWEEN:
            with step(name):
                result = measure.only_moving(size, interval * arguments.slower)
            keep(name, size, result)


def keep(name: str, size: Size, result: measure.Result) -> None:
    entries = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    entries.append(
        {
            "name": name,
            "size": asdict(size),
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "program": version(),
            "machine": {"cpus": os.cpu_count(), "processor": processor(), "kernel": platform.release()},
            "result": result,
        }
    )
    RESULTS.write_text(json.dumps(entries))


def version() -> str:
    return processes.run([BINARY, "--version"]).splitlines()[0]


def processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
