"""An archive of Kafka's classes for java() in kafka_cluster.py: JVMs that map it start with a third of the CPU time."""

from __future__ import annotations

import fcntl
import tempfile
from pathlib import Path

import kafka_cluster
from progress import step


def ensure(libs: Path) -> None:
    """Makes the archive for these jars unless it is there, which takes half a minute."""
    archive = kafka_cluster.class_archive(Path(libs).resolve())
    with open(archive.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Another run of tests may make it, too.
        if not archive.exists():
            with step(f"archiving the classes of {libs.name}"):
                _make(archive, libs)


def _make(archive: Path, libs: Path) -> None:
    """The JVM of a broker writes it when that ends in order: then all that a broker needs has been loaded."""
    part = archive.with_suffix(".part")
    options = [f"-XX:ArchiveClassesAtExit={part}"]
    with tempfile.TemporaryDirectory() as root:
        with kafka_cluster.Cluster(Path(root), libs, 1, jvm_options=options) as cluster:
            broker = cluster.start().ready().running[1]
            cluster.terminate(1)
    if broker.returncode >= 0:  # Else it had to be killed; JVMs start without an archive as well.
        part.rename(archive)
