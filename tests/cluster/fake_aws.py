"""A stand-in for AWS: STS, container and instance metadata, which issue credentials, and the check that MSK makes of a
token. Signatures are recomputed by botocore.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import subprocess
import threading
import time
import urllib.parse
from calendar import timegm
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore.auth
import botocore.awsrequest
import botocore.credentials

import kafka_cluster

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/kafka-reader"
WEB_IDENTITY = "header.web-identity.signature"
POD_TOKEN = "pod-token"
HANDLER = Path(kafka_cluster.HERE) / "MskIamHandler.java"


@dataclass
class Issued:
    """Credentials. `source` is the principal of whoever logs in with them."""

    source: str
    expires: float
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(30) + "/+")
    token: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(90)).decode())


def timestamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def url_of(token: str) -> str:
    """Returns the URL that a token contains."""
    assert "=" not in token
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()


def signature(url: str, issued: Issued) -> str:
    """Returns the signature that botocore computes for a pre-signed URL."""
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    for unsigned in ("X-Amz-Signature", "User-Agent"):
        query.pop(unsigned)
    key, _, region, service, _ = query["X-Amz-Credential"].split("/")
    credentials = botocore.credentials.Credentials(key, issued.secret, issued.token or None)
    auth = botocore.auth.SigV4QueryAuth(credentials, service, region)
    bare = f"https://{parts.netloc}{parts.path}?{urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe='')}"
    request = botocore.awsrequest.AWSRequest("GET", bare)
    request.context["timestamp"] = query["X-Amz-Date"]
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


class FakeAws:
    """Serves all on 127.0.0.1. `lifetime` of what it issues, in seconds; `denied`: sources whose tokens it refuses;
    `silent`: the paths that never answer. `logins`: the key of each login, in order. A context manager.
    """

    def __init__(self) -> None:
        self.lifetime = 3600.0
        self.denied: set[str] = set()
        self.silent: set[str] = set()
        self.issued: dict[str, Issued] = {}
        self.logins: list[str] = []
        self.refused: list[str] = []
        self._ended = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake._handle(self, "")

            def do_POST(self) -> None:
                fake._handle(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            do_PUT = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> FakeAws:
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def issue(self, source: str) -> str:
        """Returns the id of new credentials."""
        key = f"ASIA{secrets.token_hex(8).upper()}"
        self.issued[key] = Issued(source, time.time() + self.lifetime)
        return key

    def logged_in(self) -> set[str]:
        """Returns the sources of the credentials of all logins."""
        return {self.issued[key].source for key in self.logins}

    def secrets(self) -> list[str]:
        """Returns all texts that no log may contain."""
        issued = [text for one in self.issued.values() for text in (one.secret, one.token) if text]
        return [*issued, WEB_IDENTITY, POD_TOKEN]

    # ---- the broker

    def compile_handler(self, libs: Path, folder: Path) -> Path:
        """Compiles the class with which a broker asks for the check, and returns its folder."""
        subprocess.run(["javac", "-cp", f"{libs}/*", "-d", folder, HANDLER], check=True)
        return folder

    def broker_properties(self, listener: str) -> dict[str, str]:
        name = f"listener.name.{listener.lower()}"
        return {
            f"{name}.sasl.enabled.mechanisms": "OAUTHBEARER",
            f"{name}.oauthbearer.sasl.jaas.config": "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
            f"{name}.oauthbearer.sasl.server.callback.handler.class": "MskIamHandler",
            f"{name}.oauthbearer.connections.max.reauth.ms": "3600000",  # at most; a connection ends with its token
        }

    def jvm_options(self) -> list[str]:
        return [f"-Dmsk.verify={self.url}/verify"]

    # ---- answers

    def _handle(self, request: BaseHTTPRequestHandler, body: str) -> None:
        path = urllib.parse.urlsplit(request.path).path
        if path in self.silent:
            self._ended.wait()
            return
        status, text = self._answer(request.command, path, request.headers, body)
        content = text.encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _answer(self, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, str]:
        roles = "/latest/meta-data/iam/security-credentials/"
        if path == "/verify":
            return self._verify(body)
        if path == "/sts":
            return self._sts(dict(urllib.parse.parse_qsl(body)), headers, body)
        if path == "/container":
            return self._metadata("container") if headers.get("Authorization") == POD_TOKEN else (401, "")
        if (method, path) == ("PUT", "/latest/api/token"):
            return 200, "imds-token"
        if path.startswith(roles) and headers.get("X-aws-ec2-metadata-token") == "imds-token":
            return (200, "kafka-reader") if path == roles else self._metadata("instance")
        return 404, ""

    def _metadata(self, source: str) -> tuple[int, str]:
        key = self.issue(source)
        one = self.issued[key]
        names = {"AccessKeyId": key, "SecretAccessKey": one.secret, "Token": one.token, "Expiration": timestamp(one.expires)}
        return 200, json.dumps({"Code": "Success", **names})

    def _sts(self, form: dict[str, str], headers: dict[str, str], body: str) -> tuple[int, str]:
        is_signed = form.get("Action") == "AssumeRole" and self._is_signed(headers, body)
        if form.get("RoleArn") != ROLE or not (is_signed or form.get("WebIdentityToken") == WEB_IDENTITY):
            return 403, "<Error><Code>AccessDenied</Code><Message>Not authorized to perform this</Message></Error>"
        key = self.issue("role" if is_signed else "web-identity")
        one = self.issued[key]
        names = {"AccessKeyId": key, "SecretAccessKey": one.secret, "SessionToken": one.token, "Expiration": timestamp(one.expires)}
        return 200, "<Credentials>" + "".join(f"<{name}>{value}</{name}>" for name, value in names.items()) + "</Credentials>"

    def _is_signed(self, headers: dict[str, str], body: str) -> bool:
        """Returns whether the signature of a request is the one that botocore makes."""
        _, fields = headers["Authorization"].split(" ", 1)
        values = dict(field.split("=", 1) for field in fields.split(", "))
        key, _, region, service, _ = values["Credential"].split("/")
        issued = self.issued[key]
        credentials = botocore.credentials.Credentials(key, issued.secret, issued.token or None)
        auth = botocore.auth.SigV4Auth(credentials, service, region)
        signed = {name: headers[name] for name in values["SignedHeaders"].split(";")}
        request = botocore.awsrequest.AWSRequest("POST", f"https://{headers['Host']}/", headers=signed, data=body)
        request.context["timestamp"] = headers["X-Amz-Date"]
        expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        return (region, service) == (REGION, "sts") and hmac.compare_digest(values["Signature"], expected)

    def _verify(self, token: str) -> tuple[int, str]:
        try:
            key, expires = self._check(url_of(token))
        except (AssertionError, KeyError, ValueError) as error:
            self.refused.append(repr(error))
            return 403, ""
        if self.issued[key].source in self.denied:
            return 403, ""
        self.logins.append(key)
        return 200, f"{self.issued[key].source} {int(expires * 1000)}"

    def _check(self, url: str) -> tuple[str, float]:
        """Returns key and expiry of a URL that is as it has to be."""
        parts = urllib.parse.urlsplit(url)
        query = dict(urllib.parse.parse_qsl(parts.query))
        key, date, *scope = query["X-Amz-Credential"].split("/")
        issued = self.issued[key]
        assert (parts.scheme, parts.netloc, parts.path) == ("https", f"kafka.{REGION}.amazonaws.com", "/")
        assert scope == [REGION, "kafka-cluster", "aws4_request"]
        assert query["Action"] == "kafka-cluster:Connect"
        assert query["X-Amz-Expires"] == "900"
        assert query["X-Amz-Date"].startswith(date)
        assert query.get("X-Amz-Security-Token", "") == issued.token
        assert query["User-Agent"]
        signed = timegm(time.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
        expires = min(signed + 900, issued.expires)
        assert signed - 60 <= time.time() < expires, "expired"
        assert hmac.compare_digest(query["X-Amz-Signature"], signature(url, issued)), "signature"
        return key, expires
