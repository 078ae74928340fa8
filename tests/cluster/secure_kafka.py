"""One secured broker: SASL_SSL + SCRAM-SHA-512, mutual TLS, and ACLs that deny by default."""

from __future__ import annotations

from pathlib import Path

from certificates import Certificates
from kafka_cluster import Cluster

PASSWORDS = {"exporter": "right-password", "stranger": "stranger-password"}


def make(root: Path, libs: Path) -> tuple[Cluster, Certificates]:
    """Listeners PLAINTEXT (superuser, for setup), SASL and MTLS, where the user is the certificate's CN."""
    certificates = Certificates(root / "certificates", "broker", *PASSWORDS)
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    properties = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "allow.everyone.if.no.acl.found": "false",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": certificates.path("broker.keystore.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": certificates.path("ca.pem"),
        "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
        "listener.name.mtls.ssl.client.auth": "required",
        "listener.name.sasl.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl.scram-sha-512.sasl.jaas.config": scram,
    }
    listeners = {"SASL": "SASL_SSL", "MTLS": "SSL"}
    return Cluster(root, libs, 1, listeners=listeners, properties=properties, scram=PASSWORDS), certificates
