"""What the operating system sees of the program: systemd's unit and messages, health check, man page, completion."""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path

import pytest

import processes
from exporter import BINARY, ROOT, Exporter

UNIT = ROOT / "config/systemd/kafkascope.service"


def test_unit(tmp_path: Path) -> None:
    """systemd accepts the unit (with a program that exists), and finds little that it could do."""
    unit = tmp_path / "kafkascope.service"
    unit.write_text(UNIT.read_text().replace("/usr/bin/kafkascope", str(BINARY)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = processes.run(["systemd-analyze", "security", "--offline=true", unit])
    exposure = re.search(r"Overall exposure level for .*: (\d+\.\d)", said)
    assert exposure and float(exposure[1]) <= 2.0, said[-200:]


def test_messages_to_systemd(tmp_path: Path) -> None:
    """READY once the page is served, WATCHDOG while polls complete (also without Kafka), STOPPING at the end."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(60)
        env = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "60000000"}
        exporter = Exporter(tmp_path / "log", "--kafka.server=127.0.0.1:1", env=env)
        try:
            assert manager.recv(100) == b"READY=1"
            assert exporter.request("/healthz")
            assert [manager.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        finally:
            exporter.stop()
        messages = [manager.recv(100)]
        while messages[-1] != b"STOPPING=1":
            messages.append(manager.recv(100))
        assert set(messages[:-1]) <= {b"WATCHDOG=1"}


def healthcheck(*flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BINARY, *flags], capture_output=True, text=True, check=False, timeout=30)


def test_healthcheck(tmp_path: Path) -> None:
    exporter = Exporter(tmp_path / "log", "--kafka.server=127.0.0.1:1")
    address = f"127.0.0.1:{exporter.port}"
    try:
        exporter.await_page(lambda page: True, "anything")
        for flags in (["--healthcheck", f"--web.listen-address={address}"], [f"--healthcheck={exporter.url}/healthz"]):
            done = healthcheck(*flags)
            assert (done.returncode, done.stdout, done.stderr) == (0, f"http://{address}/healthz: 200\n", "")
        done = healthcheck(f"--healthcheck={exporter.url}/nothing")
        assert (done.returncode, done.stderr) == (1, f"{exporter.url}/nothing: 404\n")
    finally:
        exporter.stop()
    done = healthcheck("--healthcheck", f"--web.listen-address={address}")
    assert done.returncode == 1 and done.stderr.startswith(f"http://{address}/healthz: "), done.stderr
    assert healthcheck("--healthcheck=file:///etc/passwd").returncode == 1
    assert healthcheck("--healthcheck", "--no-such-flag").returncode == 2


def test_man_page() -> None:
    text = processes.run([BINARY, "--help-man"])
    done = subprocess.run(["mandoc", "-T", "lint"], input=text, capture_output=True, text=True, check=False)
    findings = [line for line in done.stdout.splitlines() if "WARNING" in line or "ERROR" in line]
    assert findings == ['mandoc: <stdin>:1:18: WARNING: missing date, using "": TH']


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["da"], ["dashboards"]),
        (["--granul"], ["--granularity="]),
        (["--tls.enabled", "da"], []),
        (["lag", "--so"], ["--sort="]),
        (["lag", "--sort", "=", "l"], ["lag"]),
        (["lag", "--wat"], ["--watch"]),
        (["once", "--so"], []),
        (["--granularity", "=", "t"], ["topic"]),
        (["--granularity", "="], ["partition", "topic"]),
        (["--tls.ca-file", "=", "CMakeL"], ["CMakeLists.txt"]),
        (["--tls.enabled", "--no-off"], ["--no-offset.show-all"]),
        (["--sasl.username", "=", "x"], []),
    ],
)
def test_completion_in_bash(words: list[str], expected: list[str]) -> None:
    """`words`: as bash splits the command line. The last one is completed."""
    script = (
        f'source <("{BINARY}" --completion-script-bash)\n'
        'compopt() { :; }; COMP_WORDS=(kafkascope "$@"); COMP_CWORD=$#; _kafkascope; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    said = processes.run(["bash", "--norc", "-c", script, "bash", *words], cwd=ROOT)
    assert said.split() == expected
