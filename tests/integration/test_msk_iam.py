"""Logins with AWS IAM at a broker that checks tokens as MSK does, with credentials from each place that has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fake_aws
import processes
from certificates import Certificates
from exporter import Exporter
from fake_aws import FakeAws
from kafka_cluster import Cluster

Start = Callable[..., Exporter]
SOURCES = ("environment", "profile", "role", "web-identity", "container", "instance")


class Stage:
    def __init__(self, aws: FakeAws, cluster: Cluster, ca: Path, folder: Path) -> None:
        self.aws, self.cluster, self.folder = aws, cluster, folder
        self.flags = [
            f"--kafka.server={cluster.bootstrap('IAM')}",
            "--tls.enabled",
            f"--tls.ca-file={ca}",
            "--sasl.enabled",
            "--sasl.mechanism=awsiam",
            f"--sasl.aws-region={fake_aws.REGION}",
            "--log.format=json",
        ]

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def environment(self, source: str) -> dict[str, str]:
        """Returns variables with which credentials are found in this place and nowhere else."""
        nothing = {"HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true"}
        match source:
            case "environment":
                key = self.aws.issue(source)
                one = self.aws.issued[key]
                names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
                return nothing | dict(zip(names, (key, one.secret, one.token), strict=True))
            case "profile":
                return nothing | {"AWS_SHARED_CREDENTIALS_FILE": self.profile("kafka"), "AWS_PROFILE": "kafka"}
            case "role":
                role = f"[profile reader]\nrole_arn = {fake_aws.ROLE}\nsource_profile = kafka\n"
                files = {"AWS_SHARED_CREDENTIALS_FILE": self.profile("kafka", "keys"), "AWS_CONFIG_FILE": self.file("config", role)}
                return nothing | files | {"AWS_PROFILE": "reader", "AWS_ENDPOINT_URL_STS": f"{self.aws.url}/sts"}
            case "web-identity":
                token = self.file("web-identity", fake_aws.WEB_IDENTITY + "\n")
                names = {"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": fake_aws.ROLE}
                return nothing | names | {"AWS_ENDPOINT_URL_STS": f"{self.aws.url}/sts"}
            case "container":
                names = {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": self.file("pod-token", fake_aws.POD_TOKEN)}
                return nothing | names | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.aws.url}/container"}
            case "instance":
                return nothing | {"AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.aws.url}
        return nothing

    def profile(self, name: str, file: str = "credentials") -> str:
        """Writes permanent keys, which have no session token, into a shared file."""
        key = self.aws.issue("profile")
        self.aws.issued[key].token = ""
        keys = f"aws_access_key_id = {key}\naws_secret_access_key = {self.aws.issued[key].secret}\n"
        return self.file(file, f"[{name}]\n{keys}")

    def assert_no_secrets(self, *exporters: Exporter) -> None:
        for exporter in exporters:
            told = exporter.said() + exporter.request("/") + exporter.request()
            assert not [secret for secret in self.aws.secrets() if secret in told]
            assert "X-Amz-Signature" not in told


def is_up(page) -> bool:
    return page.value("kafka_up") == 1


@pytest.fixture(scope="module")
def stage(libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("msk-iam")
    certificates = Certificates(root / "certificates", "broker")
    with FakeAws() as aws:
        properties = {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": certificates.path("broker.keystore.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": certificates.path("ca.pem"),
            **aws.broker_properties("IAM"),
        }
        cluster = Cluster(
            root / "kafka",
            libs,
            1,
            listeners={"IAM": "SASL_SSL"},
            properties=properties,
            jvm_options=aws.jvm_options(),
            classes=aws.compile_handler(libs, root / "classes"),
        )
        with cluster:
            cluster.start().ready()
            yield Stage(aws, cluster, certificates.path("ca.pem"), root)


@pytest.fixture(autouse=True)
def calm(stage: Stage) -> Iterator[None]:
    yield
    stage.aws.lifetime, stage.aws.denied, stage.aws.silent = 3600.0, set(), set()


def test_each_source_of_credentials(stage: Stage, start_exporter: Start) -> None:
    verbose = {"kafka": {"properties": {"debug": "security,broker,conf"}}}
    flags = (*stage.flags, "--log.level=debug")
    exporters = {source: start_exporter(*flags, config=verbose, env=stage.environment(source)) for source in SOURCES}
    for source, exporter in exporters.items():
        exporter.await_page(is_up, f"kafka_up with {source}")
        found = exporter.events("AWS credentials found")
        assert len(found) == 1, source
        assert source.split("-")[0] in found[0]["source"]
    assert stage.aws.logged_in() >= set(SOURCES), stage.aws.refused
    assert stage.aws.refused == []
    stage.assert_no_secrets(*exporters.values())


def test_tokens_and_credentials_are_renewed_before_they_expire(stage: Stage, start_exporter: Start) -> None:
    stage.aws.lifetime = 30
    stage.aws.logins.clear()
    exporter = start_exporter(*stage.flags, env=stage.environment("container"))
    exporter.await_page(is_up, "kafka_up")
    with exporter.watched() as pages:
        # Both connections began with keys of their own.
        processes.wait_until(lambda: len(set(stage.aws.logins)) >= 6, "keys replaced twice", 180)
        exporter.await_polls(3)
    assert all(is_up(page) for _, page in pages)
    assert stage.aws.refused == []
    assert exporter.failures() == []
    assert len(exporter.events("AWS credentials found")) == 1


def test_denied(stage: Stage, start_exporter: Start) -> None:
    stage.aws.denied = {"instance"}
    exporter = start_exporter(*stage.flags, env=stage.environment("instance"))
    exporter.await_failure("authentication", (": Access denied",), ("kafka-cluster:Connect",))
    assert "kafka-cluster:Connect" in exporter.request("/")
    stage.assert_no_secrets(exporter)
    stage.aws.denied = set()
    exporter.await_page(is_up, "kafka_up")


def test_without_credentials_until_there_are_some(stage: Stage, start_exporter: Start) -> None:
    missing = stage.folder / "later"
    missing.unlink(missing_ok=True)
    exporter = start_exporter(*stage.flags, env=stage.environment("none") | {"AWS_SHARED_CREDENTIALS_FILE": str(missing)})
    places = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", str(missing), "AWS_CONTAINER_CREDENTIALS", "metadata")
    exporter.await_failure("authentication", places, ("IAM role",))
    Path(stage.profile("default")).rename(missing)
    exporter.await_page(is_up, "kafka_up")


def test_sts_that_refuses(stage: Stage, start_exporter: Start) -> None:
    environment = stage.environment("web-identity") | {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/other"}
    exporter = start_exporter(*stage.flags, env=environment)
    error = ("role/other", "403 AccessDenied Not authorized to perform this")
    exporter.await_failure("authentication", error, ("trust policy",))
    stage.assert_no_secrets(exporter)


def test_sts_that_does_not_answer_delays_neither_polls_nor_the_end(stage: Stage, start_exporter: Start) -> None:
    stage.aws.silent = {"/sts"}
    exporter = start_exporter(*stage.flags, env=stage.environment("web-identity"))
    exporter.await_polls(3)
    exporter.stop()
