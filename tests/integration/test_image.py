"""The container image: docker/Dockerfile is clean, and the program runs from the image's file system as the image's user,
read-only, with all libraries that it needs and nothing else.

The file system is what docker/rootfs.sh makes here. The image itself is built with buildah before a release.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import container_image
import processes
from exporter import BINARY, ROOT, Exporter
from kafka_cluster import Cluster
from kerberos import Kdc
from oidc_provider import OidcProvider

DOCKERFILE = ROOT / "docker/Dockerfile"
KAFKA_EXPORTER = ("kafka_exporter", "./kafka_exporter", "/bin/kafka_exporter")  # What others start in kafka_exporter's image.
ROOT_USER = os.geteuid() == 0  # Others cannot become the image's user.
# Arguments: ROOT USER FOLDER PATH COMMAND...
ENTER = """
import os, sys, warnings  # the last one for execvp: nothing can be imported after chroot
root, user, folder, path, *command = sys.argv[1:]
os.chroot(root)
os.chdir(folder)
if os.geteuid() == 0 and user:
    os.setgroups([]), os.setgid(int(user)), os.setuid(int(user))
os.environ["PATH"] = path
os.execvp(command[0], command)
"""


def settings(dockerfile: str) -> dict[str, Any]:
    """What `docker/Dockerfile` sets for the start, as an image has it."""
    last = dockerfile.split("\nFROM ")[-1]
    found = {name: re.search(rf"^{name} (.*)$", last, re.MULTILINE)[1] for name in ("USER", "WORKDIR", "ENV", "ENTRYPOINT")}
    return {"User": found["USER"], "WorkingDir": found["WORKDIR"], "Env": [found["ENV"]], "Entrypoint": json.loads(found["ENTRYPOINT"])}


class Image:
    """The image's file system, mounted read-only where a program runs. `config`: the settings of the image."""

    def __init__(self, root: Path, config: dict[str, Any]) -> None:
        self.root = root
        self.config = config
        self.user = config["User"].split(":")[0]

    def program(self, folder: Path, entrypoint: str = "", first: str = "") -> Path:
        """Returns a script that runs the image as a container engine does: with another entry point, if given, and with
        `first` before the arguments.
        """
        for name in ("hosts", "resolv.conf"):  # Mount points that an engine adds.
            (self.root / "etc" / name).touch()
        mounts = "".join(f'mount --bind /etc/{name} "$0"/etc/{name} && ' for name in ("hosts", "resolv.conf"))
        unshare = "unshare --mount" if ROOT_USER else "unshare --map-root-user --mount"
        (path,) = (entry.removeprefix("PATH=") for entry in self.config["Env"])
        command = [entrypoint] if entrypoint else self.config["Entrypoint"]
        (folder / "enter.py").write_text(ENTER)
        enter = [sys.executable, str(folder / "enter.py"), str(self.root), self.user if ROOT_USER else ""]
        enter += [self.config["WorkingDir"], path, *command, *([first] if first else [])]
        script = folder / "kafkascope-in-image"
        script.write_text(
            "#!/bin/sh\n"
            f'exec {unshare} sh -c \'mount --bind "$0" "$0" && {mounts}mount -o remount,ro,bind "$0" && '
            f'exec "$@"\' {self.root} {shlex.join(enter)} "$@"\n'
        )
        script.chmod(0o755)
        return script


@pytest.fixture(scope="module", params=["here", pytest.param("buildah", marks=pytest.mark.release)])
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    if request.param == "buildah":
        yield Image(*container_image.build(folder))
        return
    processes.run([ROOT / "docker/rootfs.sh", BINARY.parent, folder / "root"], cwd=ROOT)
    yield Image(folder / "root", settings(DOCKERFILE.read_text()))


def test_dockerfile() -> None:
    assert processes.run([ROOT / "build/venv/bin/hadolint", DOCKERFILE]) == ""
    version = re.search(r"^ARG VERSION=(.*)$", DOCKERFILE.read_text(), re.MULTILINE)[1]
    assert version == (ROOT / "VERSION").read_text().strip()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_settings(image: Image) -> None:
    """A numeric user, for runAsNonRoot, and the version as a label."""
    assert image.config.items() >= settings(DOCKERFILE.read_text()).items()
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image.config["User"])
    if labels := image.config.get("Labels"):  # Of an image that was built.
        assert labels["org.opencontainers.image.version"] == (ROOT / "VERSION").read_text().strip()
        assert labels["org.opencontainers.image.revision"] == "test"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_content(image: Image, tmp_path: Path) -> None:
    """No shell, no package manager, nothing setuid, no file of the machine that built it; at most 40 MB."""
    files = [path for path in image.root.rglob("*") if not path.is_dir() or path.is_symlink()]
    programs = sorted(path.name for path in (image.root / "usr/bin").iterdir())
    assert programs == ["kafka_exporter", "kafkascope"]
    executables = {path.name for path in files if path.is_file() and os.access(path, os.X_OK) and ".so" not in path.name}
    assert executables <= {"kafka_exporter", "kafkascope", "legacy.so"}
    assert not [path for path in files if path.lstat().st_mode & 0o6000]
    etc = r"passwd|group|nsswitch\.conf|hosts|resolv\.conf|ssl/(openssl\.cnf|certs/ca-certificates\.crt)"
    allowed = rf"etc/({etc})|usr/(bin|lib|lib64|share/doc)/.+|bin|lib|lib64"
    for path in files:
        assert re.fullmatch(allowed, str(path.relative_to(image.root))), path
    packages = {path.name for path in (image.root / "usr/share/doc").iterdir()}
    assert {"libssl3", "libc6"} & {package.removesuffix("t64") for package in packages}
    for package in packages - {"kafkascope"}:
        assert (image.root / "usr/share/doc" / package / "copyright").is_file(), package
    with tarfile.open(tmp_path / "image.tar.gz", "w:gz") as archive:
        archive.add(image.root, "/")
    assert (tmp_path / "image.tar.gz").stat().st_size <= 40e6


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("entrypoint", "first"),
    [("", "")]  # Flags only.
    + [("", name) for name in KAFKA_EXPORTER]  # `command:` in a compose file, `args:` in a manifest
    + [(name, "") for name in KAFKA_EXPORTER],  # `entrypoint:` in a compose file, `command:` in a manifest
)
def test_ways_to_start(image: Image, tmp_path: Path, entrypoint: str, first: str) -> None:
    exporter = Exporter(tmp_path / "log", "--kafka.server=127.0.0.1:1", program=image.program(tmp_path, entrypoint, first))
    try:
        exporter.await_page(lambda page: page.value("kafka_up") == 0, "a page")
    finally:
        exporter.stop()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_features_of_librdkafka(image: Image, tmp_path: Path) -> None:
    """Its configure script drops what it finds no header for."""
    said = processes.run([image.program(tmp_path), "--version"])
    features = set(re.search(r"librdkafka \S+ \(features (\S+)\)", said)[1].split(","))
    assert features >= {"gzip", "snappy", "lz4", "zstd", "ssl", "sasl_plain", "sasl_scram", "sasl_gssapi", "sasl_oauthbearer", "oidc"}


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_runs(image: Image, cluster: Cluster, tmp_path: Path) -> None:
    """It exports a real cluster, by host name and with an OIDC login over HTTP, and checks its own health."""
    program = image.program(tmp_path)
    exporter = Exporter(tmp_path / "log", f"--kafka.server={cluster.bootstrap()}", program=program)
    try:
        exporter.await_page(lambda page: page.value("kafka_up") == 1, "kafka_up")
        said = processes.run([program, "--healthcheck", f"--web.listen-address=127.0.0.1:{exporter.port}"])
        assert said == f"http://127.0.0.1:{exporter.port}/healthz: 200\n"
        assert not ROOT_USER or f"Uid:\t{image.user}\t" in Path(f"/proc/{exporter.process.pid}/status").read_text()
    finally:
        exporter.stop()


def log_in(image: Image, libs: Path, folder: Path, server: Kdc | OidcProvider, *flags: str, env: dict[str, str] | None = None) -> None:
    """Logs in at a broker that accepts the tickets or tokens of `server`."""
    cluster = Cluster(
        folder / "kafka",
        libs,
        1,
        listeners={"LOGIN": "SASL_PLAINTEXT"},
        properties=server.broker_properties("LOGIN"),
        jvm_options=server.jvm_options(),
    )
    with cluster:
        cluster.start().ready()
        flags = (f"--kafka.server={cluster.bootstrap('LOGIN')}", "--sasl.enabled", "--sasl.username=exporter", *flags)
        exporter = Exporter(folder / "log", *flags, program=image.program(folder), env=env)
        try:
            exporter.await_page(lambda page: page.value("kafka_up") == 1, "kafka_up")
        finally:
            exporter.stop()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_logs_in_with_kerberos(image: Image, libs: Path, tmp_path: Path) -> None:
    """A login with a keytab needs Cyrus SASL's plugin and MIT's libraries, and no kinit."""
    with Kdc(tmp_path / "kdc") as kdc:
        keytab, config = (
            Path(shutil.copy(file, image.root / "tmp")) for file in (kdc.keytab("exporter"), kdc.config)
        )
        keytab.chmod(0o644)  # The image's user reads it.
        try:
            flags = (f"--sasl.keytab-path=/tmp/{keytab.name}", f"--sasl.kerberos-config-path=/tmp/{config.name}")
            log_in(image, libs, tmp_path, kdc, "--sasl.mechanism=gssapi", *flags)
        finally:
            keytab.unlink()
            config.unlink()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_logs_in_with_a_token(image: Image, libs: Path, tmp_path: Path) -> None:
    """An OIDC login needs curl and OpenSSL."""
    secret = " s+/=%"
    with OidcProvider({"exporter": secret}) as provider:
        flags = ("--sasl.mechanism=oauthbearer", f"--sasl.oauthbearer-token-url={provider.issuer}/token")
        log_in(image, libs, tmp_path, provider, *flags, env={"SASL_USER_PASSWORD": secret})
        assert provider.tokens > 0
