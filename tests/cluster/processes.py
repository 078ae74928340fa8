"""Child processes: each gets its own session and is killed by the kernel when this process dies."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def spawn(command: Iterable[str | Path], log: Path | None = None, **options) -> subprocess.Popen:
    """Starts `command`; standard output and error are appended to `log`, or discarded. The calling thread must outlive
    the child: its exit counts as the parent's death.
    """
    parent = os.getpid()

    def bind_to_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # The parent died before the line above.
            os._exit(1)

    sink: int | IO = open(log, "ab") if log else subprocess.DEVNULL
    try:
        options = {"stdin": subprocess.DEVNULL, "stdout": sink, "stderr": sink, **options}
        return subprocess.Popen(
            [str(part) for part in command],
            start_new_session=True,
            preexec_fn=bind_to_parent,  # noqa: PLW1509 - it calls nothing that takes locks
            **options,
        )
    finally:
        if log:
            sink.close()


def run(command: Iterable[str | Path], timeout: float = 120, **options) -> str:
    """Runs `command` and returns its standard output. Raises RuntimeError with its output if it fails."""
    command = [str(part) for part in command]
    process = spawn(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    try:
        out, err = process.communicate(timeout=timeout)
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[-8:])} ended with {process.returncode}:\n{out}{err}")
    return out


def stop(processes: Iterable[subprocess.Popen], grace: float = 5) -> None:
    """Sends SIGTERM to all, and SIGKILL to those still running after `grace` seconds."""
    processes = [process for process in processes if process.poll() is None]
    for process in processes:
        process.send_signal(signal.SIGCONT)
        process.terminate()
    end = time.monotonic() + grace
    for process in processes:
        try:
            process.wait(max(0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(condition: Callable[[], bool], what: str, timeout: float, every: float = 0.1) -> None:
    """Waits until `condition` holds; TimeoutError with `what` after `timeout` seconds."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout:.0f} s in vain: {what}")
        time.sleep(every)


# Below the ephemeral port range, so that no client connection uses them.
_PORTS = range(20000, 32000)
_claims: list[socket.socket] = []


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(preferred: int = 0) -> int:
    """Returns a free loopback port: `preferred` if it is free, else any. Never the same twice, and not one claimed by
    another process.
    """
    for port in [preferred] * bool(preferred) + random.sample(_PORTS, 200):
        if _claim(port) and is_free(port):
            return port
    raise RuntimeError("no free port on 127.0.0.1")


def _claim(port: int) -> bool:
    """Returns False if the port is already claimed. A claim is an abstract socket, which disappears with this process.
    """
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0kafkascope test port {port}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def tail(log: Path, size: int = 3000) -> str:
    """Returns the end of a log file for an error message."""
    return log.read_text(errors="replace")[-size:] if log.exists() else ""
