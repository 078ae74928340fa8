"""A real ZooKeeper ensemble on this machine: starts, kills, suspends and resumes its servers."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from pathlib import Path

import processes
from kafka_cluster import java
from servers import Servers

LOG = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true"
SERVER = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
NETTY = "org.apache.zookeeper.server.NettyServerCnxnFactory"
PROMETHEUS = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"


class Ensemble(Servers):
    """`servers` servers, ids 1 to n, in the folder `root`, of the jars `libs`. One server is standalone. `whitelist`
    are the four-letter words that they answer; None: ZooKeeper's default. `prometheus`: servers with their own
    Prometheus provider, by id. `keystore` and `ca`: PEM files that open a TLS port. `properties` are added to every
    zoo.cfg. A context manager: leaving it kills all.
    """

    def __init__(
        self,
        root: Path,
        libs: Path,
        servers: int = 3,
        *,
        whitelist: str | None = "mntr,srvr,ruok,isro",
        prometheus: Iterable[int] = (),
        keystore: Path | None = None,
        ca: Path | None = None,
        properties: dict[str, object] | None = None,
    ) -> None:
        super().__init__()
        self.root, self.libs, self.ids = Path(root).resolve(), Path(libs).resolve(), list(range(1, servers + 1))
        self.whitelist, self.properties = whitelist, properties or {}
        self.keystore, self.ca = keystore, ca
        self.ports = {id: processes.free_port() for id in self.ids}
        self.secure_ports = {id: processes.free_port() for id in self.ids} if keystore else {}
        self.peer_ports = {id: (processes.free_port(), processes.free_port()) for id in self.ids}
        self.prometheus = {id: processes.free_port() for id in prometheus}

    def __enter__(self) -> Ensemble:
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def host(self, id: int, secure: bool = False) -> str:
        return f"127.0.0.1:{(self.secure_ports if secure else self.ports)[id]}"

    def hosts(self, secure: bool = False) -> list[str]:
        return [self.host(id, secure) for id in self.ids]

    def start(self, *ids: int) -> Ensemble:
        """Starts these servers (default: all). Returns before they serve."""
        for id in ids or self.ids:
            home = self.root / f"server-{id}"
            (home / "data").mkdir(parents=True, exist_ok=True)
            (home / "data" / "myid").write_text(f"{id}\n")
            (home / "zoo.cfg").write_text("".join(f"{k}={v}\n" for k, v in self._settings(id).items()))
            # Read-only mode is a property of the JVM, not of the file.
            jvm = java(self.libs, heap_mb=96)
            jvm[1:1] = [*LOG.split(), "-Dreadonlymode.enabled=true"]
            self.running[id] = processes.spawn([*jvm, SERVER, home / "zoo.cfg"], home / "log")
        return self

    def ready(self, timeout: float = 120) -> Ensemble:
        """Waits until every running server serves."""
        processes.wait_until(lambda: all(map(self.state, self.running)), f"ensemble in {self.root}", timeout)
        return self

    # ---- questions

    def ask(self, id: int, word: str, timeout: float = 5) -> str:
        """Returns a server's answer to a four-letter word; empty if there is none."""
        try:
            with socket.create_connection(("127.0.0.1", self.ports[id]), timeout) as connection:
                connection.sendall(word.encode())
                answer = b""
                while part := connection.recv(65536):
                    answer += part
                return answer.decode()
        except OSError:
            return ""

    def mntr(self, id: int) -> dict[str, str]:
        """Returns what a server answers to mntr; empty if it does not serve."""
        lines = [line.split("\t", 1) for line in self.ask(id, "mntr").splitlines()]
        return {line[0]: line[1] for line in lines if len(line) == 2}

    def state(self, id: int) -> str:
        """Returns leader, follower, standalone or read-only; empty if the server does not serve."""
        words = [line.split() for line in self.ask(id, "srvr").splitlines()]
        return next((line[1] for line in words if line[:1] == ["Mode:"]), "")

    def leader(self) -> int:
        """Returns the id of the leader, once there is one."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [id for id in self.running if self.state(id) == "leader"]
            return len(found) == 1

        processes.wait_until(look, f"a leader in {self.root}", 60)
        return found[0]

    def _settings(self, id: int) -> dict[str, object]:
        settings: dict[str, object] = {
            "tickTime": 500,
            "initLimit": 20,
            "syncLimit": 6,
            "dataDir": self.root / f"server-{id}" / "data",
            "clientPort": self.ports[id],
            "clientPortAddress": "127.0.0.1",
            "admin.enableServer": "false",
            "maxClientCnxns": 0,
        }
        if self.whitelist is not None:
            settings["4lw.commands.whitelist"] = self.whitelist
        if len(self.ids) > 1:
            for peer, (port, election) in self.peer_ports.items():
                settings[f"server.{peer}"] = f"127.0.0.1:{port}:{election}"
        if id in self.prometheus:
            settings["metricsProvider.className"] = PROMETHEUS
            settings["metricsProvider.httpHost"] = "127.0.0.1"
            settings["metricsProvider.httpPort"] = self.prometheus[id]
        if self.keystore:
            settings |= {"secureClientPort": self.secure_ports[id], "secureClientPortAddress": "127.0.0.1"}
            settings |= {"serverCnxnFactory": NETTY, "ssl.clientAuth": "none" if not self.ca else "need"}
            settings |= {"ssl.keyStore.location": self.keystore, "ssl.keyStore.type": "PEM"}
            settings |= {"ssl.trustStore.location": self.ca or self.keystore, "ssl.trustStore.type": "PEM"}
        return settings | self.properties
