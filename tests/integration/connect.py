"""A real Kafka Connect worker with a connector that writes a topic to a file."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import kafka_tools
import processes
from kafka_cluster import Cluster


class Connect:
    """The worker's own group is `group`; a sink X consumes as group connect-X."""

    def __init__(self, root: Path, cluster: Cluster, group: str) -> None:
        self.log, self.port = root / "connect.log", processes.free_port()
        plugins = root / "no-plugins"
        plugins.mkdir()
        properties = {
            "bootstrap.servers": cluster.bootstrap(),
            "group.id": group,
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
            "offset.flush.interval.ms": 1000,
            "listeners": f"http://127.0.0.1:{self.port}",
            "plugin.discovery": "SERVICE_LOAD",
            "plugin.path": plugins,
        }
        for use in ("config", "offset", "status"):
            properties[f"{use}.storage.topic"] = f"{group}-{use}"
            properties[f"{use}.storage.replication.factor"] = 1
        properties["offset.storage.partitions"] = properties["status.storage.partitions"] = 1
        config = root / "connect.properties"
        config.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        self.root = root
        self.process = processes.spawn(kafka_tools.command(cluster.libs, "connect-distributed", config), self.log)

    def ready(self) -> Connect:
        """Waits until the worker has joined its group and accepts connectors."""
        processes.wait_until(lambda: self._ask("/connectors") == [], f"Connect serves; {self.log}", timeout=120)
        return self

    def start_sink(self, name: str, topic: str) -> None:
        config = {
            "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
            "topics": topic,
            "file": str(self.root / f"{name}.txt"),
            "consumer.override.auto.offset.reset": "earliest",
        }
        self._ask(f"/connectors/{name}/config", config)

    def stop(self) -> None:
        processes.stop([self.process], grace=10)

    def _ask(self, path: str, put: dict[str, str] | None = None) -> object:
        """Returns the parsed response, or None."""
        assert self.process.poll() is None, processes.tail(self.log)
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if put:
            request.method, request.data = "PUT", json.dumps(put).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError):
            if put:
                raise
            return None
