"""Runs micro.cc: the parts of a poll."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as xml

import processes
from load_server import BUILD, ROOT

Result = dict[str, object]


def build() -> None:
    processes.run(["cmake", "--build", "--preset", "release", "--target", "kafkascope_micro_bench"], cwd=ROOT, timeout=900)


def run() -> Result:
    """Returns mean seconds by benchmark."""
    report = BUILD / "micro.xml"
    subprocess.run([ROOT / "build" / "kafkascope_micro_bench", "-r", "xml", "-o", report], check=True, timeout=600)
    found = {}
    for case in xml.parse(report).getroot().iter("TestCase"):
        for benchmark in case.iter("BenchmarkResults"):
            mean = benchmark.find("mean")
            assert mean is not None, benchmark.attrib
            found[f"{case.attrib['name']}: {benchmark.attrib['name']}"] = float(mean.attrib["value"]) / 1e9
    return {"seconds": found}
