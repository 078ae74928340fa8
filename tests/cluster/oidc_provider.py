"""A minimal OIDC provider: tokens for client credentials, and the keys that verify them."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

import processes
from certificates import Certificates

ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def broker_properties(listener: str, issuer: str, keys: str) -> dict[str, str]:
    """Returns the properties of a Kafka listener that accepts tokens for the audience `kafka`. `keys`: their URL."""
    name = f"listener.name.{listener.lower()}"
    package = "org.apache.kafka.common.security.oauthbearer"
    return {
        f"{name}.sasl.enabled.mechanisms": "OAUTHBEARER",
        f"{name}.oauthbearer.sasl.jaas.config": f"{package}.OAuthBearerLoginModule required;",
        f"{name}.oauthbearer.sasl.server.callback.handler.class": f"{package}.OAuthBearerValidatorCallbackHandler",
        f"{name}.sasl.oauthbearer.jwks.endpoint.url": keys,
        f"{name}.sasl.oauthbearer.expected.audience": "kafka",
        f"{name}.sasl.oauthbearer.expected.issuer": issuer,
    }


def jvm_options(keys: str) -> list[str]:
    """Returns options without which brokers do not fetch keys from there."""
    return [f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys}"]


class OidcProvider:
    """Serves /token and /jwks on 127.0.0.1, and /broken, which always fails. `secrets`: by client id. Grants tokens also
    for assertions (RFC 7523, section 2.1) that `assertion_key` has signed. A context manager.
    """

    def __init__(self, secrets: dict[str, str], lifetime: int = 300) -> None:
        self.secrets, self.lifetime = secrets, lifetime
        self.port = processes.free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.tokens = 0
        self.assertion_key: PublicKeyTypes | None = None
        self.asserted: list[str] = []  # The ID (jti), or else the expiry, of each assertion.
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._respond(200, {"keys": [provider._public_key()]})

            def do_POST(self) -> None:
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                if self.path == "/broken":
                    return self._respond(500, {"error": "server_error"})
                if form["grant_type"] == ASSERTION:
                    return self._respond(*provider._grant(form))
                credentials = self.headers.get("Authorization", "").removeprefix("Basic ")
                client, _, secret = base64.b64decode(credentials).decode().partition(":")
                client, secret = urllib.parse.unquote(client), urllib.parse.unquote(secret)
                if provider.secrets.get(client) != secret:
                    return self._respond(401, {"error": "invalid_client"})
                return self._respond(200, provider._token(client, form.get("scope", "kafka")))

            def _respond(self, status: int, content: dict[str, object]) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._handler = Handler
        self._servers: list[ThreadingHTTPServer] = []
        self._serve(self.port)

    def __enter__(self) -> OidcProvider:
        return self

    def __exit__(self, *_) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def serve_tls(self, certificates: Certificates, leaf: str) -> str:
        """Serves the same with this leaf's certificate. Returns the address."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.path(f"{leaf}.pem"), certificates.path(f"{leaf}.key"))
        port = processes.free_port()
        self._serve(port, context)
        return f"https://localhost:{port}"

    def _serve(self, port: int, context: ssl.SSLContext | None = None) -> None:
        server = ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)

    def broker_properties(self, listener: str) -> dict[str, str]:
        return broker_properties(listener, self.issuer, f"{self.issuer}/jwks")

    def jvm_options(self) -> list[str]:
        return jvm_options(f"{self.issuer}/jwks")

    def _grant(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        try:
            claims = jwt.decode(form["assertion"], self.assertion_key, ["RS256", "ES256"], audience=f"{self.issuer}/token")
        except jwt.InvalidTokenError as error:
            return 400, {"error": "invalid_grant", "error_description": str(error)}
        self.asserted.append(str(claims.get("jti", claims["exp"])))
        return 200, self._token(claims["sub"], form.get("scope", "kafka"))

    def _public_key(self) -> dict[str, str]:
        def encoded(number: int) -> str:
            return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()

        numbers = self._key.public_key().public_numbers()
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": encoded(numbers.n), "e": encoded(numbers.e)}

    def _token(self, client: str, scope: str) -> dict[str, object]:
        self.tokens += 1
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "kafka", "sub": client, "scope": scope, "iat": now, "exp": now + self.lifetime}
        token = jwt.encode(claims, self._key, "RS256", {"kid": "1"})
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime, "scope": scope}
