"""Mismatched clients and listeners: one log line contains the cause and the setting to change."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import processes
from certificates import Certificates
from exporter import Exporter
from foreign_server import ForeignServer
from kafka_cluster import Cluster
from oidc_provider import OidcProvider

Start = Callable[..., Exporter]
LISTENERS = {
    "TLS": "SSL",
    "SASL": "SASL_PLAINTEXT",
    "BOTH": "SASL_SSL",
    "MTLS": "SSL",
    "EXPIRED": "SSL",
    "ELSEWHERE": "SSL",
    "SCRAM": "SASL_PLAINTEXT",
    "REFUSED": "PLAINTEXT",
    "UNRESOLVED": "PLAINTEXT",
    "OIDC": "SASL_PLAINTEXT",
}
# Instead of localhost:PORT.
ADVERTISED = {"REFUSED": "localhost:1", "UNRESOLVED": "kafka.invalid:9092"}
PASSWORD = "right-password"
SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
TLS = ("--tls.enabled", "--tls.ca-file={ca}")
SASL = ("--sasl.enabled", "--sasl.username=exporter")
SCRAM = (*SASL, "--sasl.mechanism=scram-sha512")
SCRAM_256 = (*SASL, "--sasl.mechanism=scram-sha256")
OIDC = (*SASL, "--sasl.mechanism=oauthbearer", "--sasl.oauthbearer-token-url={issuer}/token")
NO_ENDPOINT = (*SASL, "--sasl.mechanism=oauthbearer", "--sasl.oauthbearer-token-url=http://127.0.0.1:1/token")

BROKEN_ENDPOINT = (*SASL, "--sasl.mechanism=oauthbearer", "--sasl.oauthbearer-token-url={issuer}/broken")


@dataclass
class Row:
    listener: str
    flags: tuple[str, ...]
    reason: str
    error: tuple[str, ...]
    hint: tuple[str, ...]
    password: str = PASSWORD


PLAIN = ()
FLAGS_TLS, FLAGS_SASL = "--tls.enabled", "--sasl.enabled"
ADVERTISED_HINT = ("advertised.listeners",)
ROWS = [
    # Each kind of client with each other kind of listener.
    Row("TLS", PLAIN, "unreachable", ("closed", "after the first request"), ("TLS or SASL", FLAGS_TLS, FLAGS_SASL)),
    Row("SASL", PLAIN, "unreachable", ("closed", "request for metadata"), ("require SASL", FLAGS_SASL)),
    Row("BOTH", PLAIN, "unreachable", ("closed", "after the first request"), ("TLS or SASL", FLAGS_TLS, FLAGS_SASL)),
    Row("PLAINTEXT", TLS, "tls", ("SSL", "closed by peer"), ("does not use TLS", FLAGS_TLS)),
    Row("SASL", TLS, "tls", ("SSL", "closed by peer"), ("does not use TLS", FLAGS_TLS)),
    Row("BOTH", TLS, "unreachable", ("closed", "request for metadata"), ("require SASL", FLAGS_SASL)),
    Row("PLAINTEXT", SASL, "authentication", ("not valid in current SASL state",), ("does not use SASL", FLAGS_SASL)),
    Row("TLS", SASL, "unreachable", ("closed", "after the first request"), ("require TLS", FLAGS_TLS)),
    Row("BOTH", SASL, "unreachable", ("closed", "after the first request"), ("require TLS", FLAGS_TLS)),
    Row("PLAINTEXT", TLS + SASL, "tls", ("SSL", "closed by peer"), ("does not use TLS", FLAGS_TLS)),
    Row("TLS", TLS + SASL, "authentication", ("not valid in current SASL state",), ("does not use SASL", FLAGS_SASL)),
    Row("SASL", TLS + SASL, "tls", ("SSL", "closed by peer"), ("does not use TLS", FLAGS_TLS)),
    # Logins.
    Row("SASL", SCRAM, "authentication", ("Unsupported SASL mechanism", ": PLAIN"), ("--sasl.mechanism",)),
    Row("SASL", SASL, "authentication", ("Invalid username or password",), ("sasl.username", "password"), "wrong"),
    Row("BOTH", TLS + SASL, "authentication", ("Invalid username or password",), ("sasl.username",), "wrong"),
    Row("SCRAM", SCRAM, "authentication", ("invalid credentials",), ("sasl.username", "password"), "wrong"),
    Row("SCRAM", SCRAM_256, "authentication", ("invalid credentials",), ("sasl.username", "password"), "wrong"),
    # Certificates.
    Row("TLS", ("--tls.enabled",), "tls", ("not signed by a trusted CA",), ("--tls.ca-file",)),
    Row("TLS", ("--tls.enabled", "--tls.ca-file={other_ca}"), "tls", ("not signed by a",), ("--tls.ca-file",)),
    Row("ELSEWHERE", TLS, "tls", ("for another host name",), ("--kafka.server", "advertised.listeners")),
    Row("EXPIRED", TLS, "tls", ("has expired",), ("renew the certificate",)),
    Row("MTLS", TLS, "tls", ("alert bad certificate",), ("client certificate", "--tls.cert-file", "--tls.key-file")),
    Row(
        "MTLS",
        (*TLS, "--tls.cert-file={other_cert}", "--tls.key-file={other_key}"),
        "tls",
        ("alert certificate unknown",),
        ("rejects the client certificate", "--tls.cert-file"),
    ),
    # Servers that are no brokers.
    Row("CONTROLLER", PLAIN, "protocol", ("does not support requests for metadata",), ("KRaft controller", "--kafka.server")),
    Row("HTTP", PLAIN, "protocol", ("speaks HTTP",), ("port of a Kafka listener", "--kafka.server")),
    # Tokens.
    Row("OIDC", OIDC, "authentication", ("token", "invalid_client"), ("sasl.username", "client secret"), "wrong"),
    Row("OIDC", NO_ENDPOINT, "authentication", ("token", "connect"), ("--sasl.oauthbearer-token-url",)),
    Row("OIDC", BROKEN_ENDPOINT, "timeout", ("no token from", "/broken"), ("--sasl.oauthbearer-token-url",)),
    # Advertised addresses.
    Row("REFUSED", PLAIN, "unreachable", ("broker 1 at localhost:1, learned from", "refused"), ADVERTISED_HINT),
    Row("UNRESOLVED", PLAIN, "unreachable", ("broker 1 at kafka.invalid:9092, learned", "resolve"), ADVERTISED_HINT),
]


@dataclass
class Stage:
    cluster: Cluster
    files: dict[str, Path]
    web_server: int
    issuer: str

    def flags(self, row: Row) -> list[str]:
        server = f"localhost:{self.web_server}" if row.listener == "HTTP" else self.cluster.bootstrap(row.listener)
        return [flag.format(**self.files, issuer=self.issuer) for flag in (f"--kafka.server={server}", *row.flags)]


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("logins")
    certificates = Certificates(root / "ours", "broker", expired=("expired",), elsewhere=("elsewhere",))
    others = Certificates(root / "others", "exporter")
    jaas = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_exporter="{PASSWORD}" user_spaced=" {PASSWORD} ";'
    properties = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": certificates.path("broker.keystore.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": certificates.path("ca.pem"),
        "listener.name.mtls.ssl.client.auth": "required",
        "listener.name.expired.ssl.keystore.location": certificates.path("expired.keystore.pem"),
        "listener.name.elsewhere.ssl.keystore.location": certificates.path("elsewhere.keystore.pem"),
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config": jaas,
        "listener.name.both.plain.sasl.jaas.config": jaas,
        "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512",
        "listener.name.scram.scram-sha-256.sasl.jaas.config": SCRAM_LOGIN,
        "listener.name.scram.scram-sha-512.sasl.jaas.config": SCRAM_LOGIN,
    }
    files = {
        "ca": certificates.path("ca.pem"),
        "other_ca": others.path("ca.pem"),
        "other_cert": others.path("exporter.pem"),
        "other_key": others.path("exporter.key"),
    }
    web_server = processes.free_port()
    with ForeignServer(web_server, "http_closes"), OidcProvider({"exporter": PASSWORD}) as provider:
        properties |= provider.broker_properties("OIDC")
        cluster = Cluster(
            root,
            libs,
            1,
            listeners=LISTENERS,
            properties=properties,
            scram={"exporter": PASSWORD},
            jvm_options=provider.jvm_options(),
        )
        addresses = {name: ADVERTISED.get(name, cluster.bootstrap(name)) for name in ("PLAINTEXT", *LISTENERS)}
        properties["advertised.listeners"] = ",".join(f"{name}://{address}" for name, address in addresses.items())
        with cluster:
            cluster.start().ready()
            yield Stage(cluster, files, web_server, provider.issuer)


def test_one_line_with_the_cause(stage: Stage, start_exporter: Start) -> None:
    exporters = [
        start_exporter(*stage.flags(row), "--log.format=json", poll_seconds=4, env={"SASL_USER_PASSWORD": row.password})
        for row in ROWS
    ]
    for row, exporter in zip(ROWS, exporters, strict=True):
        failure = exporter.await_failure(row.reason, row.error, row.hint)
        assert failure["hint"] in html.unescape(exporter.request("/")), "the landing page shows the hint"
        assert row.password not in exporter.said()


@pytest.mark.parametrize(
    ("listener", "flags"),
    [("SASL", SASL), ("BOTH", TLS + SASL), ("SCRAM", SCRAM_256), ("SCRAM", SCRAM), ("OIDC", OIDC)],
    ids=["plain", "plain-tls", "scram-256", "scram-512", "oidc"],
)
def test_the_right_password(stage: Stage, start_exporter: Start, listener: str, flags: tuple[str, ...]) -> None:
    row = Row(listener, flags, "", (), ())
    exporter = start_exporter(*stage.flags(row), "--log.format=json", env={"SASL_USER_PASSWORD": row.password})
    exporter.await_page(lambda page: page.value("kafka_up") == 1, "kafka_up")
    assert exporter.failures() == []


def test_white_space_is_part_of_a_password(stage: Stage, start_exporter: Start) -> None:
    flags = [f"--kafka.server={stage.cluster.bootstrap('SASL')}", "--sasl.enabled", "--sasl.username=spaced"]
    exporter = start_exporter(*flags, env={"SASL_USER_PASSWORD": f" {PASSWORD} "})
    exporter.await_page(lambda page: page.value("kafka_up") == 1, "kafka_up")


def test_a_later_cause_that_explains_more_replaces_the_first(start_exporter: Start) -> None:
    port = processes.free_port()
    exporter = start_exporter(f"--kafka.server=localhost:{port}", "--log.format=json", poll_seconds=1)
    exporter.await_log(lambda _: exporter.failures(), "the first cause")
    with ForeignServer(port, "http_closes"):
        exporter.await_log(lambda _: len(exporter.failures()) > 1, "the second cause")
    refused, http = exporter.failures()
    assert "Connection refused" in refused["error"]
    assert "speaks HTTP" in http["error"]
    assert "port of a Kafka listener" in html.unescape(exporter.request("/"))
