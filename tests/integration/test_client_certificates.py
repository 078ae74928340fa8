"""Mutual TLS with a real broker: encrypted keys, PKCS#12, a file with several CAs; and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kafka_tools
import processes
import secure_kafka
from admin import Admin
from certificates import Certificates
from exporter import Exporter, run
from kafka_cluster import Cluster

Start = Callable[..., Exporter]
PASSPHRASE = "open-sesame"


class Stage:
    """The broker shows its topic to CN=exporter only. `certificates` are of its CA, `others` of another."""

    def __init__(self, cluster: Cluster, certificates: Certificates, others: Certificates) -> None:
        self.cluster, self.certificates, self.others = cluster, certificates, others
        for folder in (certificates.root, others.root):
            _openssl(folder, f"pkcs12 -export -inkey exporter.key -in exporter.pem -out exporter.p12 -passout pass:{PASSPHRASE}")
        for cipher in ("-v2 aes-256-cbc", "-v1 PBE-SHA1-3DES"):
            file = f"exporter.{cipher.split()[0]}.key"
            _openssl(certificates.root, f"pkcs8 -topk8 -in exporter.key -out {file} -passout pass:{PASSPHRASE} {cipher}")
        _openssl(certificates.root, f"ec -in exporter.key -out exporter.traditional.key -aes256 -passout pass:{PASSPHRASE}")
        self.several = certificates.root / "several.pem"
        self.several.write_text(f"# our CAs\n{self._ca(others)}\n{self._ca(certificates)}")

    def flags(self, ca: Path | None = None, cert: Path | None = None, key: str | Path = "exporter.key") -> list[str]:
        return [
            f"--kafka.server={self.cluster.bootstrap('MTLS')}",
            "--log.format=json",
            "--tls.enabled",
            f"--tls.ca-file={ca or self.certificates.path('ca.pem')}",
            f"--tls.cert-file={cert or self.certificates.path('exporter.pem')}",
            f"--tls.key-file={self.certificates.path(key) if isinstance(key, str) else key}",
        ]

    def pkcs12(self, file: Path, password: str = PASSPHRASE, ca: Path | None = None) -> dict[str, object]:
        """Returns the recipe of docs/security.md."""
        settings = {"ssl.ca.location": str(ca or self.several), "ssl.keystore.location": str(file)}
        settings |= {"security.protocol": "ssl", "ssl.keystore.password": password}
        return {"servers": [self.cluster.bootstrap("MTLS")], "kafka": {"properties": settings}}

    @staticmethod
    def _ca(certificates: Certificates) -> str:
        return certificates.path("ca.pem").read_text()


def _openssl(folder: Path, arguments: str) -> None:
    processes.run(["openssl", *arguments.split()], cwd=folder)


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("client-certificates")
    cluster, certificates = secure_kafka.make(root / "kafka", libs)
    others = Certificates(root / "others", "exporter")
    with cluster:
        cluster.start().ready()
        Admin(cluster).create_topic("visible")
        acl = ("--allow-principal", "User:exporter", "--operation", "Describe", "--topic", "visible")
        kafka_tools.ask(cluster, "kafka-acls", "--add", *acl)
        yield Stage(cluster, certificates, others)


def test_accepted(stage: Stage, start_exporter: Start, tmp_path: Path) -> None:
    secret = {"TLS_KEY_PASSWORD": PASSPHRASE}
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    file.chmod(0o600)
    exporters = {
        "several CAs": start_exporter(*stage.flags(ca=stage.several)),
        "PKCS#8": start_exporter(*stage.flags(key="exporter.-v2.key"), env=secret),
        "PKCS#8, 3DES": start_exporter(*stage.flags(key="exporter.-v1.key"), f"--tls.key-password-file={file}"),
        "traditional": start_exporter(*stage.flags(key="exporter.traditional.key"), env=secret),
        "PKCS#12": start_exporter("--log.format=json", config=stage.pkcs12(stage.certificates.path("exporter.p12"))),
    }
    for name, exporter in exporters.items():
        exporter.await_page(lambda page: page.names("kafka_topic_partitions", "topic") == {"visible"}, f"the topic, with {name}")
        assert exporter.failures() == [], name
        assert PASSPHRASE not in exporter.said()


@pytest.mark.long
def test_refused(stage: Stage, start_exporter: Start) -> None:
    """By broker or exporter, which names the setting to change."""
    other_cert, other_key, other_ca = (stage.others.path(name) for name in ("exporter.pem", "exporter.key", "ca.pem"))
    ours = stage.certificates.path("exporter.p12")
    pkcs12 = {
        "certificate of another CA": (stage.pkcs12(stage.others.path("exporter.p12")), "rejects the client certificate"),
        "CA file without the broker's CA": (stage.pkcs12(ours, ca=other_ca), "--tls.ca-file"),
    }
    exporters = {name: start_exporter("--log.format=json", config=config, poll_seconds=4) for name, (config, _) in pkcs12.items()}
    exporters["certificate in a file"] = start_exporter(*stage.flags(cert=other_cert, key=other_key), poll_seconds=4)
    hints = {name: hint for name, (_, hint) in pkcs12.items()} | {"certificate in a file": "rejects the client certificate"}
    for name, exporter in exporters.items():
        exporter.await_failure("tls", (), (hints[name],))


def test_invalid(stage: Stage, tmp_path: Path) -> None:
    """Found before the start."""

    def configured(config: dict[str, object]) -> str:
        file = tmp_path / "kafkascope.yml"
        file.write_text(json.dumps({"clusters": [config]}))
        return f"--config.file={file}"

    ours = stage.certificates.path("exporter.p12")
    cases = [
        (stage.flags(key="exporter.-v2.key"), "is encrypted"),
        ([*stage.flags(key="exporter.-v2.key"), "--tls.key-password=wrong"], "is not the passphrase of the private key"),
        (stage.flags(cert=ours), "is a PKCS#12 file"),
        (stage.flags(cert=stage.others.path("exporter.pem")), "another certificate"),
        ([configured(stage.pkcs12(ours, password="wrong"))], "ssl.keystore.password"),
        ([configured(stage.pkcs12(stage.certificates.path("exporter.pem")))], "is a PKCS#12 file"),
    ]
    for flags, message in cases:
        done = run("--check-config", *flags)
        assert (done.returncode, message in done.stderr) == (2, True), (message, done.stderr)
        assert PASSPHRASE not in done.stderr
