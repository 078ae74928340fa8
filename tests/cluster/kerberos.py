"""A real MIT KDC with keytabs for a Kafka broker on localhost and for clients."""

from __future__ import annotations

import os
from pathlib import Path

import processes

REALM = "KAFKASCOPE.TEST"


class Kdc:
    """Runs from start() to the end of the context. `lifetime`: of tickets, such as 10m."""

    def __init__(self, root: Path, lifetime: str = "10h") -> None:
        root.mkdir(parents=True)
        self.root, self.config = root, root / "krb5.conf"
        self.port = processes.free_port()
        self.config.write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n rdns = false\n"
            f" dns_canonicalize_hostname = false\n ticket_lifetime = {lifetime}\n udp_preference_limit = 1\n"
            f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{self.port}\n }}\n"
        )
        (root / "kdc.conf").write_text(
            f"[logging]\n kdc = FILE:{root}/requests.log\n"
            f"[realms]\n {REALM} = {{\n  database_name = {root}/principal\n  key_stash_file = {root}/stash\n"
            f"  acl_file = {root}/acl\n  kdc_ports = {self.port}\n  kdc_tcp_ports = {self.port}\n  max_life = {lifetime}\n }}\n"
        )
        self._env = {**os.environ, "KRB5_CONFIG": str(self.config), "KRB5_KDC_PROFILE": str(root / "kdc.conf")}

    def __enter__(self) -> Kdc:
        processes.run(["/usr/sbin/kdb5_util", "create", "-s", "-r", REALM, "-P", "master"], env=self._env)
        self._process = processes.spawn(["/usr/sbin/krb5kdc", "-n"], self.root / "kdc.log", env=self._env)
        processes.wait_until(lambda: not processes.is_free(self.port), "the KDC listens", 30)
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        processes.stop([self._process])

    def tickets(self, kind: str = "AS_REQ") -> int:
        """Returns how many it has issued for a login (AS_REQ) or for a service (TGS_REQ)."""
        log = self.root / "requests.log"
        return sum(kind in line and "ISSUE" in line for line in log.read_text().splitlines()) if log.exists() else 0

    def keytab(self, principal: str) -> Path:
        """Creates a principal and returns its keytab."""
        file = self.root / f"{principal.replace('/', '-')}.keytab"
        for query in (f"addprinc -randkey {principal}", f"ktadd -k {file} {principal}"):
            processes.run(["/usr/sbin/kadmin.local", "-r", REALM, "-q", query], env=self._env)
        return file

    def change_key(self, principal: str) -> None:
        """Makes its keytabs invalid."""
        query = f"change_password -randkey {principal}"
        processes.run(["/usr/sbin/kadmin.local", "-r", REALM, "-q", query], env=self._env)

    def broker_properties(self, listener: str) -> dict[str, str]:
        """Returns the properties of a Kafka listener whose clients log in with Kerberos."""
        name = f"listener.name.{listener.lower()}"
        module = "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true"
        return {
            f"{name}.sasl.enabled.mechanisms": "GSSAPI",
            f"{name}.sasl.kerberos.service.name": "kafka",
            f"{name}.gssapi.sasl.jaas.config": f'{module} keyTab="{self.keytab("kafka/localhost")}" '
            f'principal="kafka/localhost@{REALM}";',
        }

    def jvm_options(self) -> list[str]:
        return [f"-Djava.security.krb5.conf={self.config}"]
