"""The container image: docker/Dockerfile is clean, and the program runs from the image's file system as the image's user,
read-only, with all libraries that it needs and nothing else.

The file system is what docker/rootfs.sh makes here. The image itself is built with buildah before a release.
"""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import container_image
import processes
from exporter import BINARY, ROOT, Exporter
from kafka_cluster import Cluster
from kerberos import Kdc
from oidc_provider import OidcProvider

USER = 65532
ROOT_USER = os.geteuid() == 0  # Others cannot become the image's user.


class Image:
    """The image's file system, mounted read-only where a program runs."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def program(self, folder: Path, command: str = "/bin/kafkascope") -> Path:
        """Returns a script that runs `command` in the image as a container engine does."""
        for name in ("hosts", "resolv.conf"):  # Mount points that an engine adds.
            (self.root / "etc" / name).touch()
        mounts = "".join(f'mount --bind /etc/{name} "$0"/etc/{name} && ' for name in ("hosts", "resolv.conf"))
        unshare = "unshare --mount" if ROOT_USER else "unshare --map-root-user --mount"
        chroot = f"chroot --userspec={USER}:{USER}" if ROOT_USER else "chroot"
        script = folder / "kafkascope-in-image"
        script.write_text(
            "#!/bin/sh\n"
            f'exec {unshare} sh -c \'mount --bind "$0" "$0" && {mounts}mount -o remount,ro,bind "$0" && '
            f'exec {chroot} "$0" {command} "$@"\' {self.root} "$@"\n'
        )
        script.chmod(0o755)
        return script


@pytest.fixture(scope="module", params=["here", pytest.param("buildah", marks=pytest.mark.release)])
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    if request.param == "buildah":
        yield Image(container_image.build(folder))
        return
    processes.run([ROOT / "docker/rootfs.sh", BINARY.parent, folder / "root"], cwd=ROOT)
    yield Image(folder / "root")


def test_dockerfile() -> None:
    assert processes.run([ROOT / "build/venv/bin/hadolint", ROOT / "docker/Dockerfile"]) == ""


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
    ("command", "first"),
    [
        ("/bin/kafkascope", []),  # Flags only.
        ("/bin/kafkascope", ["kafka_exporter"]),  # A compose file's `command: kafka_exporter ...`.
        ("/bin/kafkascope", ["/bin/kafka_exporter"]),
        ("/bin/kafka_exporter", []),
    ],
)
def test_ways_to_start(image: Image, tmp_path: Path, command: str, first: list[str]) -> None:
    dockerfile = (ROOT / "docker/Dockerfile").read_text()
    assert 'ENTRYPOINT ["/bin/kafkascope"]' in dockerfile
    assert "WORKDIR /bin" in dockerfile and "ENV PATH=/bin" in dockerfile  # ./kafka_exporter and kafka_exporter
    program = image.program(tmp_path, command)
    assert "is good" in processes.run([program, *first, "--check-config", "--kafka.server=kafka:9092"])


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
        assert not ROOT_USER or f"Uid:\t{USER}" in Path(f"/proc/{exporter.process.pid}/status").read_text()
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
