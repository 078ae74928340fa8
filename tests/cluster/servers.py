"""Server processes on this machine, by id, and what can happen to them."""

from __future__ import annotations

import signal
import subprocess


class Servers:
    def __init__(self) -> None:
        self.running: dict[int, subprocess.Popen] = {}

    def stop(self) -> None:
        """Kills all servers at once. Data survives, and a quorum cannot shut down cleanly one by one."""
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait()
        self.running.clear()

    def kill(self, *ids: int) -> None:
        """Sends SIGKILL (default: to all): the kernel closes their connections."""
        for id in ids or list(self.running):
            process = self.running.pop(id)
            process.kill()
            process.wait()

    def pause(self, id: int) -> None:
        """Sends SIGSTOP: connections stay open, the kernel accepts new ones, and there are no responses."""
        self.running[id].send_signal(signal.SIGSTOP)

    def resume(self, id: int) -> None:
        self.running[id].send_signal(signal.SIGCONT)
