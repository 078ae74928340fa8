"""Kafka's own jars (broker, tools, Connect), fetched once by Maven into build/kafka/."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from processes import run
from progress import step

VERSION = "4.3.1"
POM = Path(__file__).parent / "pom.xml"
ROOT = Path(__file__).parents[2]


def ensure(version: str = VERSION) -> Path:
    """The folder of the jars of that Kafka release. Fetches them unless they are there; what is there is complete."""
    libs = ROOT / "build" / "kafka" / f"libs-{version}"
    if libs.is_dir():
        return libs
    for program, package in (("java", "default-jre-headless"), ("mvn", "maven")):
        if not shutil.which(program):
            raise RuntimeError(f"`{program}` is missing: sudo apt-get install {package}")
    part = libs.with_name(f"{libs.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    with step(f"fetching Kafka {version} (about 55 MB of jars)"):
        run(
            ["mvn", "-q", "-B", "-f", POM, f"-Dkafka.version={version}", "-DincludeScope=runtime"]
            + [f"-DoutputDirectory={part}", "dependency:copy-dependencies"],
            timeout=900,
        )
    try:
        part.rename(libs)
    except OSError:  # Another process was faster.
        shutil.rmtree(part)
    return libs


if __name__ == "__main__":
    print(ensure(*sys.argv[1:]))
