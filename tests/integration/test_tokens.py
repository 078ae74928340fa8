"""Tokens of a server with a certificate of its own CA, and tokens granted for a signed assertion (RFC 7523): from a file, such
as a Kubernetes service account's, or signed by librdkafka with a private key. The token server checks signature, audience and
expiry; the broker is real.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import processes
from certificates import Certificates
from exporter import Exporter
from kafka_cluster import Cluster
from oidc_provider import ASSERTION, OidcProvider

pytestmark = pytest.mark.long
Start = Callable[..., Exporter]
PASSPHRASE = "open sesame"
SECRET = "client secret"


class Stage:
    """`lifetime` of tokens is 10 s, so that they are refreshed within a test."""

    def __init__(self, provider: OidcProvider, cluster: Cluster, folder: Path) -> None:
        self.provider, self.cluster, self.folder = provider, cluster, folder
        self.keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("known", "other")}
        provider.assertion_key = self.keys["known"].public_key()
        for name, key in self.keys.items():
            encryption = serialization.BestAvailableEncryption(PASSPHRASE.encode())
            kind = serialization.PrivateFormat.PKCS8
            (folder / f"{name}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, encryption))
        self.assertions = 0

    def write_assertion(self, file: Path, key: str = "known", lifetime: int = 600) -> str:
        """Replaces the file, as kubelet does, and returns the ID of its assertion."""
        self.assertions += 1
        now = int(time.time())
        claims = {"iss": "kubernetes", "sub": "exporter", "aud": f"{self.provider.issuer}/token", "iat": now}
        claims |= {"exp": now + lifetime, "jti": f"{file.name}-{self.assertions}"}
        part = file.with_suffix(".part")
        part.write_text(jwt.encode(claims, self.keys[key], "RS256"))
        part.rename(file)
        return claims["jti"]

    def config(self, **properties: object) -> dict[str, object]:
        """Returns the recipe of docs/connecting.md with these properties below sasl.oauthbearer.assertion."""
        oidc = {"method": "oidc", "grant.type": ASSERTION, "token.endpoint.url": f"{self.provider.issuer}/token"}
        oidc |= {f"assertion.{key.replace('_', '.')}": str(value) for key, value in properties.items()}
        settings = {"security.protocol": "sasl_plaintext", "sasl.mechanism": "OAUTHBEARER"}
        settings |= {f"sasl.oauthbearer.{key}": value for key, value in oidc.items()}
        return {"servers": [self.cluster.bootstrap("OIDC")], "kafka": {"properties": settings}}

    def with_key(self, name: str = "known", passphrase: str = PASSPHRASE) -> dict[str, object]:
        claims = {"claim_sub": "exporter", "claim_iss": "exporter", "claim_aud": f"{self.provider.issuer}/token"}
        return self.config(private_key_file=self.folder / f"{name}.key", private_key_passphrase=passphrase, **claims)


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("assertions")
    with OidcProvider({"exporter": SECRET}, lifetime=10) as provider:
        cluster = Cluster(
            root / "kafka",
            libs,
            1,
            listeners={"OIDC": "SASL_PLAINTEXT"},
            properties=provider.broker_properties("OIDC"),
            jvm_options=provider.jvm_options(),
        )
        with cluster:
            cluster.start().ready()
            yield Stage(provider, cluster, root)


def is_up(page) -> bool:
    return page.value("kafka_up") == 1


def test_a_token_server_with_a_certificate(stage: Stage, start_exporter: Start, tmp_path: Path) -> None:
    """https.ca.location is the CA of the token server, not of the brokers."""
    certificates = Certificates(tmp_path / "tls", "token-server")
    url = stage.provider.serve_tls(certificates, "token-server")
    flags = [f"--kafka.server={stage.cluster.bootstrap('OIDC')}", "--log.format=json", "--sasl.enabled", "--sasl.username=exporter"]
    flags += ["--sasl.mechanism=oauthbearer", f"--sasl.oauthbearer-token-url={url}/token"]
    secret = {"SASL_USER_PASSWORD": SECRET}
    ca = {"kafka": {"properties": {"https.ca.location": str(certificates.path("ca.pem"))}}}
    exporter = start_exporter(*flags, env=secret, config=ca)
    other = start_exporter(*flags, env=secret, poll_seconds=4)
    exporter.await_page(is_up, "kafka_up")
    assert exporter.failures() == []
    other.await_failure("authentication", ("certificate",), ("https.ca.location",))


def test_a_file_that_is_replaced(stage: Stage, start_exporter: Start) -> None:
    """The file is read again for each token."""
    file = stage.folder / "service-account"
    first = stage.write_assertion(file)
    exporter = start_exporter("--log.format=json", config=stage.config(file=file))
    exporter.await_page(is_up, "kafka_up")
    assert first in stage.provider.asserted
    second = stage.write_assertion(file)
    processes.wait_until(lambda: stage.provider.asserted.count(second) >= 4, "refreshed with the new assertion", 60)
    exporter.await_polls(3)
    exporter.await_page(is_up, "kafka_up")
    assert exporter.failures() == []
    assert file.read_text() not in exporter.said()


def test_a_private_key(stage: Stage, start_exporter: Start) -> None:
    stage.provider.asserted.clear()
    exporter = start_exporter("--log.format=json", config=stage.with_key())
    exporter.await_page(is_up, "kafka_up")
    processes.wait_until(lambda: len(stage.provider.asserted) >= 6, "refreshed", 60)
    exporter.await_page(is_up, "kafka_up")
    assert exporter.failures() == []
    assert PASSPHRASE not in exporter.said()


def test_denied(stage: Stage, start_exporter: Start) -> None:
    old, forged = stage.folder / "old", stage.folder / "forged"
    stage.write_assertion(old, lifetime=-60)
    stage.write_assertion(forged, "other")
    assertion = "sasl.oauthbearer.assertion"
    cases = [
        (stage.config(file=old), "Signature has expired", "expiry"),
        (stage.config(file=forged), "Signature verification failed", "its key"),
        (stage.with_key("other"), "Signature verification failed", "its key"),
        (stage.config(file=stage.folder / "missing"), "JWT assertion", f"{assertion}.file"),
        (stage.with_key(passphrase="wrong"), "JWT assertion", "passphrase"),
    ]
    exporters = [start_exporter("--log.format=json", poll_seconds=4, config=config) for config, *_ in cases]
    for exporter, (_, error, hint) in zip(exporters, cases, strict=True):
        exporter.await_failure("authentication", (error,), (hint,))
        assert not is_up(exporter.page())
