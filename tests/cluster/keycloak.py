"""A real Keycloak with a realm whose tokens Kafka brokers accept."""

from __future__ import annotations

import json
import os
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import kafka_jars
import oidc_provider
import processes

REALM = "kafka"
SCOPE = "kafka-read"  # Adds the audience that brokers expect.


class Keycloak:
    """Runs within the context. Its only client may request SCOPE with its secret. `lifetime`: of tokens, in seconds."""

    def __init__(self, root: Path, client: str, secret: str, lifetime: int = 60) -> None:
        self.home, self.log = root / "keycloak", root / "keycloak.log"
        self.port = processes.free_port()
        self.issuer = f"http://127.0.0.1:{self.port}/realms/{REALM}"
        self.token_url = f"{self.issuer}/protocol/openid-connect/token"
        self.keys_url = f"{self.issuer}/protocol/openid-connect/certs"
        shutil.copytree(kafka_jars.ensure_keycloak(), self.home)  # It writes there.
        imported = self.home / "data" / "import"
        imported.mkdir(parents=True)
        (imported / "realm.json").write_text(json.dumps(_realm(client, secret, lifetime)))

    def __enter__(self) -> Keycloak:
        flags = ["--http-host=127.0.0.1", f"--http-port={self.port}", "--import-realm", "--log-level=info,org.keycloak.events:debug"]
        env = {**os.environ, "JAVA_OPTS_APPEND": "-Xmx400m"}
        self._process = processes.spawn(["bash", self.home / "bin" / "kc.sh", "start-dev", *flags], self.log, env=env)
        processes.wait_until(self._is_ready, f"Keycloak is ready; {self.log}", 300, every=0.5)
        return self

    def __exit__(self, *_) -> None:
        processes.stop([self._process])

    def logins(self) -> int:
        """Returns how many tokens it has issued."""
        return self.log.read_text(errors="replace").count('type="CLIENT_LOGIN"')

    def broker_properties(self, listener: str) -> dict[str, str]:
        return oidc_provider.broker_properties(listener, self.issuer, self.keys_url)

    def jvm_options(self) -> list[str]:
        return oidc_provider.jvm_options(self.keys_url)

    def _is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"Keycloak ended with {self._process.returncode}:\n{processes.tail(self.log)}")
        try:
            with urllib.request.urlopen(self.keys_url, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


def _realm(client: str, secret: str, lifetime: int) -> dict[str, object]:
    def mapper(kind: str, **config: str) -> dict[str, object]:
        config |= {"access.token.claim": "true"}
        return {"name": kind, "protocol": "openid-connect", "protocolMapper": kind, "config": config}

    audience = mapper("oidc-audience-mapper", **{"included.custom.audience": "kafka"})
    return {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "accessTokenLifespan": lifetime,
        "clientScopes": [
            {"name": SCOPE, "protocol": "openid-connect", "protocolMappers": [audience], "attributes": {"include.in.token.scope": "true"}}
        ],
        "clients": [
            {
                "clientId": client,
                "secret": secret,
                "clientAuthenticatorType": "client-secret",
                "serviceAccountsEnabled": True,
                "standardFlowEnabled": False,
                "defaultClientScopes": [],
                "optionalClientScopes": [SCOPE],
                "protocolMappers": [mapper("oidc-sub-mapper")],
            }
        ],
    }
