"""A certificate authority and leaf certificates, made by openssl."""

from __future__ import annotations

import ssl
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

    def expiry(self, file: str) -> float:
        """Returns when the first certificate in this file expires, as Unix time."""
        said = processes.run(["openssl", "x509", "-enddate", "-noout", "-in", file], cwd=self.root)
        return ssl.cert_time_to_seconds(said.strip().removeprefix("notAfter="))

    def leaf(self, name: str, days: int) -> Path:
        """Makes a leaf, or another one of the same name. Returns its keystore."""
        self._leaf(name, days)
        return self.path(f"{name}.keystore.pem")

    def chain(self, name: str, days: int, intermediate_days: int) -> Path:
        """Makes a leaf signed by an intermediate CA of its own, NAME-ca.pem. Returns its keystore, with both."""
        self.path("ca.cnf").write_text("basicConstraints=critical,CA:true\nkeyUsage=keyCertSign\n")
        self._signed(f"{name}-ca", intermediate_days, issuer="ca", extensions="ca.cnf")
        self._leaf(name, days, issuer=f"{name}-ca")
        keystore = self.path(f"{name}.keystore.pem")
        keystore.write_text(keystore.read_text() + self.path(f"{name}-ca.pem").read_text())
        return keystore

    def _leaf(self, name: str, days: int, hosts: str = "DNS:localhost,IP:127.0.0.1", issuer: str = "ca") -> None:
        (self.root / "leaf.cnf").write_text(f"subjectAltName={hosts}\nextendedKeyUsage=serverAuth,clientAuth\n")
        self._signed(name, days, issuer, extensions="leaf.cnf")
        both = self.path(f"{name}.key").read_text() + self.path(f"{name}.pem").read_text()
        self.path(f"{name}.keystore.pem").write_text(both)  # Kafka expects the key first.

    def _signed(self, name: str, days: int, issuer: str, extensions: str) -> None:
        self._openssl(f"req -subj /CN={name} -keyout {name}.key -out {name}.csr", *_KEY)
        self._openssl(
            f"x509 -req -days {days} -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -out {name}.pem"
            f" -extfile {extensions}"
        )

    def _openssl(self, arguments: str, *more: str) -> None:
        processes.run(["openssl", *arguments.split(), *more], cwd=self.root)
