"""A real Kafka (KRaft) on this machine: starts, kills, suspends and resumes its brokers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import kafka_metadata
import processes
from servers import Servers

CLUSTER_ID = "kafkascopeTestCluster0"  # Must be 22 characters of base64.
HERE = Path(__file__).parent
FIRST_CONTROLLER = 101


def java(libs: Path, heap_mb: int = 128, classes: Path | None = None) -> list[str]:
    """Returns the command that runs a class of Kafka with fast start and little memory. The class path comes last.
    `classes`: a folder of further classes.
    """
    libs = Path(libs).resolve()  # As in the archive: a JVM compares class paths as text.
    archive = class_archive(libs)
    return (
        f"java -Xmx{heap_mb}m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData"
        + f" -XX:SharedArchiveFile={archive} -Xlog:cds=off -Xlog:cds+dynamic=off" * archive.exists()
        + f" -Dlog4j2.configurationFile={HERE}/log4j2.yaml -Dlog4j.configuration=file:{HERE}/log4j.properties"
        f" -cp {libs}/*{f':{classes}' if classes else ''}"
    ).split()


def class_archive(libs: Path) -> Path:
    """Returns the class data sharing archive for these jars and the installed Java. class_archive.ensure() makes it."""
    program = shutil.which("java")
    build = int(os.stat(program).st_mtime) if program else 0
    return libs.with_name(f"{libs.name}-{build}.jsa")


class Cluster(Servers):
    """`brokers` combined brokers and controllers, ids 1 to n, racks r1 to rn, in the folder `root`; data found there is
    kept. Two of three are still a quorum. With `controllers`, that many others, ids from 101 on, are the quorum, and
    the brokers are brokers only. `libs` are the jars of a release from 3.9 on. `listeners` names further ones beside
    PLAINTEXT: {"SASL": "SASL_SSL"}; `properties` are added to every server.properties, `own_properties` to those of
    single brokers, by id; `scram` is {user: password}, `jmx` opens a port for it on each process, `jvm_options` are the
    brokers', `classes` is a folder of classes for them. A context manager: leaving it kills all.
    """

    def __init__(
        self,
        root: Path,
        libs: Path,
        brokers: int = 3,
        *,
        controllers: int = 0,
        log_dirs: int = 1,
        jmx: bool = False,
        listeners: dict[str, str] | None = None,
        properties: dict[str, object] | None = None,
        own_properties: dict[int, dict[str, object]] | None = None,
        scram: dict[str, str] | None = None,
        jvm_options: Iterable[str] = (),
        classes: Path | None = None,
        first_port: int = 0,
    ) -> None:
        super().__init__()
        self.root, self.ids = Path(root).resolve(), list(range(1, brokers + 1))
        self.use(libs)
        self.controllers = list(range(FIRST_CONTROLLER, FIRST_CONTROLLER + controllers))
        self.log_dirs = log_dirs
        self.protocols = {"PLAINTEXT": "PLAINTEXT", **(listeners or {}), "CONTROLLER": "PLAINTEXT"}
        self.properties, self.own_properties, self.scram = properties or {}, own_properties or {}, scram or {}
        self.jvm_options, self.classes = list(jvm_options), classes
        self.ports = {
            name: {id: processes.free_port(first_port + offset + id - 1 if first_port else 0) for id in self.ids}
            for offset, name in zip(range(0, 200, 10), self.protocols, strict=False)
        }
        if self.controllers:
            self.ports["CONTROLLER"] = {id: processes.free_port() for id in self.controllers}
        self.jmx = {id: processes.free_port() for id in self.ids + self.controllers} if jmx else {}

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def bootstrap(self, listener: str = "PLAINTEXT") -> str:
        return ",".join(f"localhost:{port}" for port in self.ports[listener].values())

    def log(self, id: int) -> Path:
        return self.root / f"broker-{id}.log"

    @property
    def alive(self) -> list[int]:
        """Returns the running brokers."""
        return [id for id in self.ids if id in self.running]

    # ---- start and stop

    def start(self, *ids: int) -> Cluster:
        """Starts these brokers (default: all, and the controllers) and formats new folders. Returns before they are
        ready.
        """
        chosen = list(ids) or self.controllers + self.ids
        for id in chosen:
            self._write_properties(id)
        self._format([id for id in chosen if not (self.data(id)[0] / "meta.properties").exists()])
        for id in chosen:
            jvm = java(self.libs, heap_mb=384, classes=self.classes)
            jvm[1:1] = self._jmx_options(id) + self.jvm_options
            self.running[id] = processes.spawn([*jvm, "kafka.Kafka", self._config(id)], self.log(id))
        return self

    def ready(self, timeout: float = 240) -> Cluster:
        """Waits until every running broker knows all of them, and partitions have leaders and in-sync replicas as far
        as possible.
        """
        processes.wait_until(self._is_ready, f"Kafka ready in {self.root}", timeout)
        return self

    # ---- faults

    def use(self, libs: Path) -> None:
        """Brokers that are started from now on are of this release."""
        self.libs = Path(libs).resolve()
        self.version = tuple(map(int, self.libs.name.removeprefix("libs-").split(".")))

    def terminate(self, id: int) -> None:
        """Sends SIGTERM: a controlled shutdown."""
        process = self.running.pop(id)
        processes.stop([process], grace=60)

    # ---- inside

    def metadata(self, id: int, timeout: float = 3) -> kafka_metadata.Metadata:
        """Returns the metadata of broker `id`."""
        return kafka_metadata.ask(self.ports["PLAINTEXT"][id], timeout)

    def _is_ready(self) -> bool:
        for id, process in self.running.items():
            if process.poll() is not None:
                raise RuntimeError(f"broker {id} ended with {process.returncode}:\n{processes.tail(self.log(id))}")
        try:
            return all(self._sees_all(self.metadata(id)) for id in self.alive)
        except OSError:
            return False

    def _sees_all(self, metadata: kafka_metadata.Metadata) -> bool:
        alive = set(self.alive)
        return set(metadata.brokers) == alive and all(
            partition.leader in alive and set(partition.isr) == alive & set(partition.replicas)
            for topic in metadata.topics.values()
            for partition in topic.values()
            if alive & set(partition.replicas)
        )

    def data(self, id: int) -> list[Path]:
        """Returns the broker's log directories."""
        return [self.root / f"broker-{id}" / (f"data-{n}" if n else "data") for n in range(self.log_dirs)]

    def _jmx_options(self, id: int) -> list[str]:
        if id not in self.jmx:
            return []
        prefix = "-Dcom.sun.management.jmxremote"
        options = {"port": self.jmx[id], "rmi.port": self.jmx[id], "host": "127.0.0.1"}
        options |= {"authenticate": "false", "ssl": "false"}
        settings = [f"{prefix}.{name}={value}" for name, value in options.items()]
        return [prefix, "-Djava.rmi.server.hostname=127.0.0.1", *settings]

    def _config(self, id: int) -> Path:
        return self.root / f"broker-{id}" / "server.properties"

    def _format(self, ids: list[int]) -> None:
        """Formats the folders of these brokers concurrently."""
        scram = [
            part
            for user, password in self.scram.items()
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
            for part in ("--add-scram", f"{mechanism}=[name={user},password={password}]")
        ]
        formats = {}
        for id in ids:
            for folder in self.data(id):
                shutil.rmtree(folder, ignore_errors=True)  # Left by an interrupted format.
            command = [*java(self.libs), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self._config(id)]
            features = ["--feature", "share.version=1"] if self.version >= (4, 1) else []
            formats[id] = processes.spawn([*command, *features, *scram], self.log(id))
        for id, process in formats.items():
            if process.wait():
                raise RuntimeError(f"formatting broker {id} failed:\n{processes.tail(self.log(id))}")

    def _write_properties(self, id: int) -> None:
        properties = self._properties(id) | self.properties | self.own_properties.get(id, {})
        self._config(id).parent.mkdir(parents=True, exist_ok=True)
        part = self._config(id).with_suffix(f".{os.getpid()}")
        part.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        part.rename(self._config(id))

    def _properties(self, id: int) -> dict[str, object]:
        controllers = self.ports["CONTROLLER"]
        names = [name for name in self.protocols if id in self.ports[name]]
        properties: dict[str, object] = {
            "process.roles": self._roles(id),
            "node.id": id,
            "listeners": ",".join(f"{name}://localhost:{self.ports[name][id]}" for name in names),
            "listener.security.protocol.map": ",".join(f"{name}:{kind}" for name, kind in self.protocols.items()),
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": ",".join(f"{other}@localhost:{port}" for other, port in controllers.items()),
            **self._common_properties(id),
        }
        if id in self.controllers:
            return properties
        return properties | {"broker.rack": f"r{id}", "inter.broker.listener.name": "PLAINTEXT"}

    def _roles(self, id: int) -> str:
        if not self.controllers:
            return "broker,controller"
        return "controller" if id in self.controllers else "broker"

    def _common_properties(self, id: int) -> dict[str, object]:
        copies = min(len(self.ids), 3)
        return {
            "log.dirs": ",".join(map(str, self.data(id))),
            "num.partitions": 1,
            "default.replication.factor": copies,
            "auto.create.topics.enable": False,
            "offsets.topic.num.partitions": 6,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 3,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 3,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            **({"group.coordinator.rebalance.protocols": "classic,consumer"} if self.version < (4,) else {}),
        }
