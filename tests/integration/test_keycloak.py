"""Logins with tokens of a real Keycloak: client credentials with a scope, refreshed before they expire; denied logins."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator

import pytest

import processes
from exporter import Exporter
from kafka_cluster import Cluster
from keycloak import SCOPE, Keycloak

pytestmark = [pytest.mark.release, pytest.mark.timeout(900)]
Start = Callable[..., Exporter]
SECRET = "s+/=% secret"
ENCODED = urllib.parse.quote(SECRET, safe="")  # Keycloak decodes what librdkafka does not encode (docs/connecting.md).
LIFETIME = 60
ERRORS = "kafka_exporter_collector_errors_total"


class Stage:
    def __init__(self, keycloak: Keycloak, cluster: Cluster) -> None:
        self.keycloak, self.cluster = keycloak, cluster

    def flags(self, *more: str, url: str = "") -> list[str]:
        return [
            f"--kafka.server={self.cluster.bootstrap('OIDC')}",
            "--sasl.enabled",
            "--sasl.mechanism=oauthbearer",
            "--sasl.username=exporter",
            f"--sasl.oauthbearer-token-url={url or self.keycloak.token_url}",
            "--log.format=json",
            *more,
        ]


@pytest.fixture(scope="module")
def stage(libs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Brokers close connections whose token has expired, and have clients log in again before."""
    root = tmp_path_factory.mktemp("keycloak")
    with Keycloak(root, "exporter", SECRET, LIFETIME) as keycloak:
        properties = keycloak.broker_properties("OIDC") | {"listener.name.oidc.oauthbearer.connections.max.reauth.ms": 40_000}
        listeners = {"OIDC": "SASL_PLAINTEXT"}
        options = keycloak.jvm_options()
        with Cluster(root / "kafka", libs, 1, listeners=listeners, properties=properties, jvm_options=options) as cluster:
            cluster.start().ready()
            yield Stage(keycloak, cluster)


def is_up(page) -> bool:
    return page.value("kafka_up") == 1


def test_tokens_are_refreshed(stage: Stage, start_exporter: Start) -> None:
    """Over four lifetimes of a token, with logins on open connections, no poll fails."""
    exporter = start_exporter(*stage.flags(f"--sasl.oauthbearer-scopes={SCOPE}"), env={"SASL_USER_PASSWORD": ENCODED})
    started = exporter.await_page(is_up, "kafka_up").total(ERRORS)  # It may have polled before the first login.
    first = stage.keycloak.logins()
    with exporter.watched(1) as pages:
        # Each of the two clients has a token of its own.
        processes.wait_until(lambda: stage.keycloak.logins() >= first + 8, "tokens are refreshed", 6 * LIFETIME)
        exporter.await_polls(3)
    assert all(is_up(page) for _, page in pages)
    assert pages[-1][1].total(ERRORS) == started, exporter.said()
    assert exporter.failures() == []
    assert ENCODED not in exporter.said()


@pytest.mark.parametrize(
    ("scope", "secret", "url", "error", "hint"),
    [
        (SCOPE, "wrong", "", "unauthorized_client", "client secret"),
        ("no-such-scope", ENCODED, "", "invalid_scope", "sasl.oauthbearer.scopes"),
        ("", ENCODED, "", "invalid_token", "sasl.oauthbearer.scopes"),
        (SCOPE, ENCODED, "http://127.0.0.1:1/token", "connect", "sasl.oauthbearer.token_url"),
        (SCOPE, ENCODED, "/wrong", "404", "sasl.oauthbearer.token_url"),
    ],
    ids=["secret", "scope", "audience", "unreachable", "path"],
)
def test_denied(stage: Stage, start_exporter: Start, scope: str, secret: str, url: str, error: str, hint: str) -> None:
    url = stage.keycloak.issuer + url if url.startswith("/") else url
    flags = stage.flags(*[f"--sasl.oauthbearer-scopes={scope}"] * bool(scope), url=url)
    exporter = start_exporter(*flags, env={"SASL_USER_PASSWORD": secret}, poll_seconds=4)
    exporter.await_failure("authentication", (error,), (hint,))
    assert not is_up(exporter.page())
    assert secret not in exporter.said()
