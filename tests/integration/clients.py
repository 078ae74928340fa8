"""Starts the consumers in clients/, and builds them below build/clients if needed."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import kafka_jars
import processes
from kafka_cluster import Cluster, java

HERE = Path(__file__).parent / "clients"
JAVA = {"java": "Client.java", "share": "Share.java"}
BUILD = Path(__file__).parents[2] / "build" / "clients"


def _java(libs: Path, file: str = "Client.java") -> list[str]:
    return [*java(libs), str(HERE / file)]


def _streams(libs: Path) -> list[str]:
    command = _java(libs, "Stream.java")
    command[command.index("-cp") + 1] += f":{kafka_jars.ensure_streams()}/*"
    return command


def _python(file: str) -> list[str]:
    return [sys.executable, str(HERE / file)]


def _node() -> list[str]:
    """Installs kafkajs as in package-lock.json."""
    home = BUILD / "node"
    if not (home / "node_modules").exists():
        shutil.copytree(HERE / "node", home, dirs_exist_ok=True)
        processes.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=home, timeout=300)
    shutil.copy(HERE / "node" / "client.js", home)
    return ["node", str(home / "client.js")]


def _go() -> list[str]:
    """Builds the franz-go client."""
    program = BUILD / "franz-go"
    env = {**os.environ, "GOFLAGS": "-mod=readonly"}
    processes.run(["go", "build", "-o", program, "."], cwd=HERE / "go", env=env, timeout=600)
    return [str(program)]


def command(kind: str, libs: Path) -> list[str]:
    """Returns the command of a client after installing or building it."""
    if kind in JAVA:
        return _java(libs, JAVA[kind])
    if kind == "streams":
        return _streams(libs)
    if kind in ("confluent", "kafka_python", "steady"):
        return _python(f"{kind}_client.py")
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Other workers may do the same.
        return {"node": _node, "go": _go}[kind]()


class Client:
    """A consumer, running until leave() or kill()."""

    def __init__(self, log: Path, cluster: Cluster, kind: str, group: str, topic: str, count: int, *properties: str):
        self.log, self.name = log, f"{kind} client of group {group}"
        self.cluster, self.group = cluster, group
        self.is_streams_group = "group.protocol=streams" in properties
        if kind == "streams":
            properties += (f"state.dir={log.with_suffix('.state')}",)
        arguments = [cluster.bootstrap(), group, topic, str(count), *properties]
        self.command = [*command(kind, cluster.libs), *arguments]
        self.process = processes.spawn(self.command, log, stdin=subprocess.PIPE)

    def committed(self, timeout: float = 120) -> Client:
        """Waits until it has consumed and committed all its records. kafka-python sometimes consumes nothing after its
        start and is then restarted.
        """
        if self.name.startswith("kafka_python"):
            try:
                processes.wait_until(self._has_committed, self.name, 30)
            except TimeoutError:
                self.kill()
                self.process = processes.spawn(self.command, self.log, stdin=subprocess.PIPE)
        processes.wait_until(self._has_committed, f"{self.name} commits; {self.log}", timeout)
        return self

    def freeze(self) -> None:
        """Sends SIGSTOP: it stays a member until its session times out."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def leave(self) -> None:
        """Stops it cleanly: it leaves its group."""
        self.ask_to_leave()
        code = self.process.wait(30)
        assert code == 0, f"{self.name} ended with {code}:\n{processes.tail(self.log)}"

    def ask_to_leave(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def kill(self) -> None:
        """Kills it: it stays a member until its session times out."""
        self.process.kill()
        self.process.wait()

    def _has_committed(self) -> bool:
        said = processes.tail(self.log)
        assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}:\n{said}"
        return "committed" in said
