"""The jars of Kafka (broker, tools, Connect) and ZooKeeper, fetched once by Maven into build/kafka/."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from processes import run
from progress import step

VERSION = "4.3.1"
OLDER = "3.9.2"  # The last release before 4, with KRaft.
OLDEST = "2.8.2"  # With ZooKeeper.
KEYCLOAK = "26.0.7"
ZOOKEEPER = "3.9.4"
POM = Path(__file__).parent / "pom.xml"
ZOOKEEPER_POM = Path(__file__).parent / "zookeeper-pom.xml"
ROOT = Path(__file__).parents[2]


def ensure(version: str = VERSION) -> Path:
    """Returns the folder with the jars of a Kafka release, and fetches them if it does not exist."""
    profile = ["-Plog4j1"] if version < "4" else []

    def fetch(folder: Path) -> None:
        with step(f"fetching Kafka {version} (about 55 MB of jars)"):
            _maven(
                *profile,
                f"-Dkafka.version={version}",
                "-DincludeScope=runtime",
                f"-DoutputDirectory={folder}",
                "dependency:copy-dependencies",
            )

    return _ensured(ROOT / "build" / "kafka" / f"libs-{version}", fetch)


def ensure_streams() -> Path:
    """Returns the folder with the additional jar that a Kafka Streams application without stores needs."""

    def fetch(folder: Path) -> None:
        with step(f"fetching Kafka Streams {VERSION}"):
            _maven(
                f"-Dartifact=org.apache.kafka:kafka-streams:{VERSION}",
                f"-DoutputDirectory={folder}",
                "dependency:copy",
            )

    return _ensured(ROOT / "build" / "kafka" / f"streams-{VERSION}", fetch)


def ensure_zookeeper() -> Path:
    """Returns the folder with the jars of a ZooKeeper that exports its own metrics."""

    def fetch(folder: Path) -> None:
        with step(f"fetching ZooKeeper {ZOOKEEPER} (about 15 MB of jars)"):
            _maven(
                f"-Dzookeeper.version={ZOOKEEPER}",
                "-DincludeScope=runtime",
                f"-DoutputDirectory={folder}",
                "dependency:copy-dependencies",
                pom=ZOOKEEPER_POM,
            )

    return _ensured(ROOT / "build" / "kafka" / f"zookeeper-{ZOOKEEPER}", fetch)


def ensure_keycloak() -> Path:
    """Returns the folder of Keycloak's distribution."""

    def fetch(folder: Path) -> None:
        with step(f"fetching Keycloak {KEYCLOAK} (140 MB)"):
            artifact = f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{KEYCLOAK}:zip"
            _maven(artifact, f"-DoutputDirectory={folder}", "dependency:copy")
            with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
                archive.extractall(folder)

    return _ensured(ROOT / "build" / "kafka" / f"keycloak-{KEYCLOAK}", fetch) / f"keycloak-{KEYCLOAK}"


def _ensured(folder: Path, fetch: Callable[[Path], None]) -> Path:
    """Returns `folder` and has `fetch` fill it completely or not at all."""
    if folder.is_dir():
        return folder
    for program, package in (("java", "default-jre-headless"), ("mvn", "maven")):
        if not shutil.which(program):
            raise RuntimeError(f"`{program}` is missing: sudo apt-get install {package}")
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    fetch(part)
    try:
        part.rename(folder)
    except OSError:  # Another process was faster.
        shutil.rmtree(part)
    return folder


def _maven(*arguments: str, pom: Path = POM) -> None:
    run(["mvn", "-q", "-B", "-f", pom, *arguments], timeout=900)


if __name__ == "__main__":
    print(ensure(*sys.argv[1:]))
