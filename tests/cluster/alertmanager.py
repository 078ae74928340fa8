"""A real Alertmanager on this machine, and a webhook that receives its notifications."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

import processes


class Webhook:
    """Collects notifications from start() to the end of the context."""

    def __init__(self) -> None:
        self.received: list[dict] = []  # In order of arrival: {"status": ..., "labels": ..., ...}
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.extend(json.loads(body)["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", processes.free_port()), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def start(self) -> Webhook:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __enter__(self) -> Webhook:
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()

    def firing(self) -> list[dict]:
        """Returns the alerts whose last notification was "firing"."""
        last = {alert["fingerprint"]: alert for alert in list(self.received)}
        return [alert for alert in last.values() if alert["status"] == "firing"]


class Alertmanager:
    """Runs from start() to the end of the context. Sends every alert separately to `webhook` within a second."""

    def __init__(self, root: Path, webhook: Webhook) -> None:
        self.root, self.webhook, self.log = root, webhook, root / "alertmanager.log"
        self.address = f"127.0.0.1:{processes.free_port()}"

    def __enter__(self) -> Alertmanager:
        return self

    def __exit__(self, *_) -> None:
        if hasattr(self, "process"):
            processes.stop([self.process])

    def start(self) -> Alertmanager:
        program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
        assert program, "Alertmanager is missing: sudo apt-get install prometheus-alertmanager"
        self.root.mkdir(parents=True, exist_ok=True)
        file = self.root / "alertmanager.yml"
        route = {"receiver": "webhook", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"}
        receiver = {"name": "webhook", "webhook_configs": [{"url": self.webhook.url, "send_resolved": True}]}
        file.write_text(yaml.safe_dump({"route": route, "receivers": [receiver]}))
        command = [program, f"--config.file={file}", f"--storage.path={self.root / 'data'}"]
        command += ["--cluster.listen-address=", f"--web.listen-address={self.address}"]
        self.process = processes.spawn(command, self.log)
        processes.wait_until(self._is_ready, f"Alertmanager ready at {self.address}", timeout=60)
        return self

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, f"Alertmanager ended:\n{processes.tail(self.log)}"
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False
