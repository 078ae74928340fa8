"""A Kafka without KRaft on this machine: ZooKeeper and brokers from the same jars."""

from __future__ import annotations

from kafka_cluster import Cluster
from zookeeper_ensemble import Ensemble


class ZooKeeperCluster(Cluster):
    """A Cluster with ZooKeeper, which the first start() starts."""

    zookeeper: Ensemble | None = None

    def start(self, *ids: int) -> Cluster:
        if not self.zookeeper:
            properties = {"tickTime": 1000}
            self.zookeeper = Ensemble(self.root / "zookeeper", self.libs, 1, whitelist=None, properties=properties)
            self.zookeeper.start()
        return super().start(*ids)

    def stop(self) -> None:
        super().stop()
        if self.zookeeper:
            self.zookeeper.stop()
            self.zookeeper = None

    def _format(self, ids: list[int]) -> None:
        """Nothing to do: these brokers create their folders."""

    def _properties(self, id: int) -> dict[str, object]:
        return {
            "broker.id": id,
            "broker.rack": f"r{id}",
            "listeners": f"PLAINTEXT://localhost:{self.ports['PLAINTEXT'][id]}",
            "zookeeper.connect": self.zookeeper.host(1),
            "zookeeper.session.timeout.ms": 12000,
            "zookeeper.connection.timeout.ms": 60000,
            **self._common_properties(id),
        }
