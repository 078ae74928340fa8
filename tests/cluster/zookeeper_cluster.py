"""A Kafka without KRaft on this machine: ZooKeeper and brokers from the same jars."""

from __future__ import annotations

import subprocess

import processes
from kafka_cluster import Cluster, java


class ZooKeeperCluster(Cluster):
    """A Cluster with ZooKeeper, which the first start() starts."""

    zookeeper: subprocess.Popen | None = None

    def start(self, *ids: int) -> Cluster:
        if not self.zookeeper:
            self.port = processes.free_port()
            self.root.mkdir(parents=True, exist_ok=True)
            config, log = self.root / "zookeeper.properties", self.root / "zookeeper.log"
            settings = {"dataDir": self.root / "zookeeper", "clientPort": self.port, "clientPortAddress": "127.0.0.1"}
            settings |= {"tickTime": 1000, "admin.enableServer": "false"}
            config.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
            server = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
            self.zookeeper = processes.spawn([*java(self.libs), server, config], log)
        return super().start(*ids)

    def stop(self) -> None:
        super().stop()
        if self.zookeeper:
            processes.stop([self.zookeeper], grace=0)
            self.zookeeper = None

    def _format(self, ids: list[int]) -> None:
        """Nothing to do: these brokers create their folders."""

    def _properties(self, id: int) -> dict[str, object]:
        return {
            "broker.id": id,
            "broker.rack": f"r{id}",
            "listeners": f"PLAINTEXT://localhost:{self.ports['PLAINTEXT'][id]}",
            "zookeeper.connect": f"127.0.0.1:{self.port}",
            "zookeeper.session.timeout.ms": 12000,
            "zookeeper.connection.timeout.ms": 60000,
            **self._common_properties(id),
        }
