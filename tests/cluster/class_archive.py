"""A class data sharing archive of Kafka's classes for java() in kafka_cluster.py: JVMs start with a third of the CPU
time.
"""

from __future__ import annotations

import fcntl
import tempfile
from pathlib import Path

import kafka_cluster
from progress import step


def ensure(libs: Path) -> None:
    """Makes the archive for these jars unless it exists. Takes half a minute."""
    archive = kafka_cluster.class_archive(Path(libs).resolve())
    with open(archive.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Other test runs may make it at the same time.
        if not archive.exists():
            with step(f"archiving the classes of {libs.name}"):
                _make(archive, libs)


def _make(archive: Path, libs: Path) -> None:
    """Runs a broker, whose JVM writes the archive when it exits: then all classes it needs are loaded."""
    part = archive.with_suffix(".part")
    options = [f"-XX:ArchiveClassesAtExit={part}"]
    with tempfile.TemporaryDirectory() as root:
        with kafka_cluster.Cluster(Path(root), libs, 1, jvm_options=options) as cluster:
            broker = cluster.start().ready().running[1]
            cluster.terminate(1)
    if broker.returncode >= 0:  # Otherwise it had to be killed; JVMs also start without an archive.
        part.rename(archive)
