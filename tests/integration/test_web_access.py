"""Access to the page as real clients see it: curl, openssl, Prometheus, systemd. Without Kafka."""

from __future__ import annotations

import json
import os
import pty
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import processes
from exporter import BINARY, Exporter

NO_KAFKA = "--kafka.server=127.0.0.1:1"
PASSWORD = "open sesame: ü"
USER = f"prometheus:{PASSWORD}"


def hash_of(password: str, *flags: str) -> str:
    done = subprocess.run([BINARY, "hash-password", *flags], input=password + "\n", capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


class Authority:
    """A CA and what it signs, as files in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.ca = folder / "ca.crt"
        self._openssl("req", "-x509", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.crt")

    def _openssl(self, command: str, *arguments: str | Path) -> None:
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"] if command == "req" else []
        subprocess.run(["openssl", command, *key, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def issue(self, name: str, folder: Path, alternatives: str = "DNS:localhost,IP:127.0.0.1") -> None:
        """Writes tls.crt and tls.key."""
        folder.mkdir(exist_ok=True)
        extension = folder / "extension"
        extension.write_text(f"subjectAltName={alternatives}\n")
        self._openssl(
            "req", "-new", "-subj", f"/CN={name}", "-keyout", folder / "tls.key", "-out", folder / "request"
        )  # fmt: skip
        self._openssl(
            "x509", "-req", "-in", folder / "request", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days",
            "2", "-extfile", extension, "-out", folder / "tls.crt",
        )  # fmt: skip


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "authority"
    folder.mkdir()
    return Authority(folder)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    running: list[Exporter] = []

    def run(*flags: str, web: str | None = None) -> Exporter:
        if web is not None:
            (tmp_path / "web.yml").write_text(web)
            flags = (*flags, f"--web.config.file={tmp_path / 'web.yml'}")
        running.append(Exporter(tmp_path / f"log{len(running)}", NO_KAFKA, *flags))
        return running[-1]

    yield run
    for exporter in running:
        exporter.stop()


def curl(url: str, *flags: str | Path) -> tuple[int, str]:
    """Returns status and body; 0 if there is no response."""
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", *flags, url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    body, _, code = done.stdout.rpartition("\n")
    return int(code), body


def await_listening(exporter: Exporter) -> None:
    def connects() -> bool:
        exporter.assert_running()
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", exporter.port)) == 0

    processes.wait_until(connects, "the port is open", timeout=60)


def test_prometheus_scrapes_with_tls_password_and_certificate(start, authority: Authority, tmp_path: Path) -> None:
    authority.issue("server", tmp_path / "server")
    authority.issue("client", tmp_path / "client", "DNS:prometheus")
    exporter = start(
        web="tls_server_config:\n"
        "  cert_file: server/tls.crt\n  key_file: server/tls.key\n"
        f"  client_ca_file: {authority.ca}\n  client_auth_type: RequireAndVerifyClientCert\n"
        "  client_allowed_sans: [prometheus]\n"
        f"basic_auth_users:\n  prometheus: {hash_of(PASSWORD)}\n"
    )
    await_listening(exporter)
    (tmp_path / "password").write_text(PASSWORD)
    port = processes.free_port()
    config = tmp_path / "prometheus.yml"

    def job(name: str, certificate: str, password: str) -> str:
        return (
            f"  - job_name: {name}\n    scheme: https\n"
            f"    tls_config: {{ca_file: {authority.ca}, cert_file: {tmp_path}/{certificate}/tls.crt, "
            f"key_file: {tmp_path}/{certificate}/tls.key}}\n"
            f"    basic_auth: {{username: prometheus, {password}}}\n"
            f"    static_configs: [{{targets: ['localhost:{exporter.port}']}}]\n"
        )

    config.write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
        + job("right", "client", f"password_file: {tmp_path}/password")
        + job("wrong_password", "client", "password: x")
        + job("wrong_certificate", "server", f"password_file: {tmp_path}/password")
    )
    program = shutil.which("prometheus")
    assert program, "`prometheus` is missing: sudo apt-get install prometheus"
    command = [program, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    prometheus = processes.spawn([*command, f"--web.listen-address=127.0.0.1:{port}"], tmp_path / "prometheus.log")

    errors: dict[str, str] = defaultdict(str)  # All there were: after several wrong passwords, responses are delayed.

    def targets() -> dict[str, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/targets", timeout=5) as answer:
                active = json.load(answer)["data"]["activeTargets"]
        except (urllib.error.URLError, OSError):
            return {}
        for target in active:
            errors[target["labels"]["job"]] += target["lastError"]
        return {target["labels"]["job"]: target["health"] for target in active}

    try:
        processes.wait_until(
            lambda: len(targets()) == 3 and "unknown" not in targets().values(),
            "all targets were scraped",
            timeout=60,
        )
        processes.wait_until(lambda: targets()["right"] == "up", "the right client is up", timeout=60)
        processes.wait_until(lambda: bool(targets()) and "401" in errors["wrong_password"], "the wrong password", timeout=60)
        processes.wait_until(lambda: bool(targets()) and "certificate" in errors["wrong_certificate"], "the wrong certificate", timeout=60)
    finally:
        processes.stop([prometheus])


def test_certificates_rotate_without_a_failed_scrape(start, authority: Authority, tmp_path: Path) -> None:
    """As in a Kubernetes volume. An invalid pair leaves the old one in force, which a metric shows."""
    data = tmp_path / "..data"

    def publish(version: str) -> None:
        link = tmp_path / "new"
        link.symlink_to(version)
        link.rename(data)

    for version in ("one", "two", "invalid"):
        authority.issue(version, tmp_path / version)
    shutil.copy(tmp_path / "one" / "tls.key", tmp_path / "invalid" / "tls.key")
    publish("one")
    exporter = start(web="tls_server_config: {cert_file: ..data/tls.crt, key_file: ..data/tls.key}\n")
    await_listening(exporter)
    url = f"https://localhost:{exporter.port}/metrics"
    failed: list[tuple[int, str]] = []
    stopping = threading.Event()

    def scrape() -> None:
        while not stopping.is_set():
            answer = curl(url, "--cacert", authority.ca)
            if answer[0] != 200:
                failed.append(answer)

    def served_name() -> str:
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{exporter.port}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        return done.stdout.split("subject=CN = ")[-1].split("\n")[0]

    def metric() -> str:
        name = "kafka_exporter_web_config_last_reload_successful "
        lines = curl(url, "--cacert", authority.ca)[1].splitlines()
        return next((line.removeprefix(name) for line in lines if line.startswith(name)), "")

    scraper = threading.Thread(target=scrape)
    scraper.start()
    try:
        processes.wait_until(lambda: metric() == "1", "the configuration is valid", timeout=60)
        assert served_name() == "one"
        publish("two")
        processes.wait_until(lambda: served_name() == "two", "the new certificate is served", timeout=60)
        publish("invalid")
        processes.wait_until(lambda: metric() == "0", "the invalid pair is reported", timeout=90)
        assert served_name() == "two"
        publish("one")
        processes.wait_until(lambda: served_name() == "one", "the old certificate is served", timeout=60)
    finally:
        stopping.set()
        scraper.join()
    assert not failed
    log = exporter.log.read_text()
    assert log.count("web configuration reload failed") == 1
    assert "belongs to another certificate" in log


def test_guessing_passwords_does_not_stop_the_right_one(start) -> None:
    """A hundred connections guess all the time, of users that exist and of others. Every right scrape is answered."""
    health = processes.free_port()
    exporter = start(
        f"--web.health-address=127.0.0.1:{health}",
        web=f"basic_auth_users:\n  prometheus: {hash_of(PASSWORD)}\n",
    )
    await_listening(exporter)
    stopping = threading.Event()
    codes: list[int] = []
    answers: list[int] = []

    def scrape() -> int:
        return curl(f"{exporter.url}/metrics", "-u", USER)[0]

    def guess(number: int) -> None:
        attempt = 0
        while not stopping.is_set():
            attempt += 1
            user = "prometheus" if number % 2 else f"user{attempt}"
            codes.append(curl(f"{exporter.url}/metrics", "-u", f"{user}:guess {number} {attempt}")[0])

    with ThreadPoolExecutor(max_workers=100) as pool:
        guesses = [pool.submit(guess, number) for number in range(100)]
        try:
            processes.wait_until(lambda: len(codes) > 20, "guesses are answered", timeout=120)
            # Before it has ever logged in it may be refused, and then goes first when it comes again.
            processes.wait_until(lambda: scrape() == 200, "the right password is accepted", timeout=60)
            for _ in range(20):
                answers.append(scrape())
                assert curl(f"http://127.0.0.1:{health}/healthz") == (200, "ok\n")
        finally:
            stopping.set()
        for each in guesses:
            each.result()
    assert answers == [200] * 20
    assert set(codes) <= {401, 429}, "a guess got something else"


def test_health_address(start) -> None:
    health = processes.free_port()
    exporter = start(
        f"--web.health-address=127.0.0.1:{health}",
        web=f"basic_auth_users:\n  prometheus: {hash_of(PASSWORD, '--cost=4')}\n",
    )
    await_listening(exporter)
    processes.wait_until(lambda: curl(f"http://127.0.0.1:{health}/-/ready")[0] == 200, "it is ready", timeout=60)
    assert curl(f"http://127.0.0.1:{health}/metrics")[0] == 404
    assert curl(f"{exporter.url}/healthz")[0] == 401
    for flags in ([f"--web.health-address=127.0.0.1:{health}"], [f"--web.listen-address=127.0.0.1:{exporter.port}"]):
        assert processes.run([BINARY, "--healthcheck", *flags])


def test_kafka_exporters_flags(start, authority: Authority, tmp_path: Path) -> None:
    authority.issue("server", tmp_path / "server")
    files = [f"--server.tls.cert-file={tmp_path}/server/tls.crt", f"--server.tls.key-file={tmp_path}/server/tls.key"]
    exporter = start("--server.tls.enabled", *files, "--server.tls.mutual-auth-enabled", f"--server.tls.ca-file={authority.ca}")
    await_listening(exporter)
    url = f"https://localhost:{exporter.port}/healthz"
    certificate = ["--cert", tmp_path / "server/tls.crt", "--key", tmp_path / "server/tls.key"]
    assert curl(url, "--cacert", authority.ca, *certificate) == (200, "ok\n")
    assert curl(url, "--cacert", authority.ca)[0] == 0
    code, body = curl(f"{exporter.url}/healthz")
    assert (code, "HTTPS" in body) == (400, True)


def test_unix_socket(start, tmp_path: Path) -> None:
    path = tmp_path / "page.sock"
    exporter = start(f"--web.listen-address=unix:{path}?mode=0600")
    processes.wait_until(lambda: curl("http://x/healthz", "--unix-socket", path) == (200, "ok\n"), "it serves", timeout=60)
    assert path.stat().st_mode & 0o777 == 0o600
    assert processes.run([BINARY, "--healthcheck", f"--web.listen-address=unix:{path}"])
    exporter.stop()
    assert not path.exists()


def test_systemd_sockets(tmp_path: Path) -> None:
    """Two sockets are passed as systemd does, one of them a Unix socket."""
    path = tmp_path / "page.sock"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(path))
        unix.listen()
        script = f'exec 3<&{tcp.fileno()} 4<&{unix.fileno()}; LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"'
        command = ["bash", "-c", script, "bash", BINARY, NO_KAFKA, "--web.systemd-socket"]
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(command, pass_fds=[tcp.fileno(), unix.fileno()], stderr=log)
        try:
            port = tcp.getsockname()[1]
            assert curl(f"http://127.0.0.1:{port}/healthz") == (200, "ok\n")
            assert curl("http://x/healthz", "--unix-socket", path) == (200, "ok\n")
        finally:
            process.terminate()
            assert process.wait(timeout=60) == 0
        assert path.exists()  # it belongs to systemd
    done = subprocess.run([BINARY, NO_KAFKA, "--web.systemd-socket"], capture_output=True, text=True, check=False)
    assert (done.returncode, "start a socket unit" in done.stderr) == (2, True)


def test_hash_password(tmp_path: Path) -> None:
    assert hash_of("x", "--cost=5").startswith("$2b$05$")
    for password in ("", "x" * 73):
        done = subprocess.run(
            [BINARY, "hash-password"], input=password, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")

    def on_terminal(*answers: str) -> tuple[int, str, str]:
        """Returns exit code, hash and what the terminal showed."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [BINARY, "hash-password", "--cost=4"], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True
        )  # fmt: skip
        os.close(theirs)
        shown = b""
        for answer in answers:
            while not shown.endswith(b": "):
                shown += os.read(ours, 1000)
            os.write(ours, answer.encode() + b"\n")
            shown += os.read(ours, 1000)
        out, _ = process.communicate(timeout=60)
        os.close(ours)
        return process.returncode, out, shown.decode()

    code, out, shown = on_terminal("swordfish", "swordfish")
    assert (code, out[:7]) == (0, "$2b$04$")
    assert "swordfish" not in shown
    assert on_terminal("swordfish", "Swordfish")[:2] == (1, "")
