"""A certificate authority and leaf certificates, made by openssl."""

from __future__ import annotations

from pathlib import Path

import processes

_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class Certificates:
    """PEM files in `root`: ca.pem, and NAME.pem, NAME.key, NAME.keystore.pem (both, for Kafka) for every leaf. A leaf
    is valid for localhost as a server and for CN=NAME as a client. Those in `expired` expired yesterday, those in
    `elsewhere` are for another host.
    """

    def __init__(
        self, root: Path, *leaves: str, expired: tuple[str, ...] = (), elsewhere: tuple[str, ...] = ()
    ) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self._openssl("req -x509 -days 30 -subj /CN=test-ca -keyout ca.key -out ca.pem", *_KEY)
        for name in leaves:
            self._leaf(name, days=30)
        for name in expired:
            self._leaf(name, days=-1)
        for name in elsewhere:
            self._leaf(name, days=30, hosts="DNS:kafka.example.com")

    def path(self, file: str) -> Path:
        return self.root / file

    def _leaf(self, name: str, days: int, hosts: str = "DNS:localhost,IP:127.0.0.1") -> None:
        (self.root / "leaf.cnf").write_text(f"subjectAltName={hosts}\nextendedKeyUsage=serverAuth,clientAuth\n")
        self._openssl(f"req -subj /CN={name} -keyout {name}.key -out {name}.csr", *_KEY)
        self._openssl(
            f"x509 -req -days {days} -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {name}.pem"
            " -extfile leaf.cnf"
        )
        both = self.path(f"{name}.key").read_text() + self.path(f"{name}.pem").read_text()
        self.path(f"{name}.keystore.pem").write_text(both)  # Kafka expects the key first.

    def _openssl(self, arguments: str, *more: str) -> None:
        processes.run(["openssl", *arguments.split(), *more], cwd=self.root)
