"""The Helm chart, and the manifests for Strimzi and Argo CD. What needs the helm program is marked `release`: building it takes
minutes. Its oracles are the schemas of Kubernetes and of the Prometheus operator, promtool, and --check-config.
"""

from __future__ import annotations

import copy
import functools
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

import processes
from exporter import BINARY, ROOT

CHART = ROOT / "docker/helm/kafkascope"
VALUES = sorted((ROOT / "tests/chart").glob("*.yml"))
STRIMZI = ROOT / "docker/strimzi"
ARGO = ROOT / "docker/argocd/application.yaml"
# Go modules that contain schemas, with their folder.
OPERATOR = ("github.com/prometheus-operator/prometheus-operator@v0.85.0", "example/prometheus-operator-crd")
ARGO_CD = ("github.com/argoproj/argo-cd/v3@v3.1.0", "manifests/crds")
KUBERNETES = "1.31"
MISSPELLED = ("kafkaServers", "tls.enable", "sasl.scram.user", "prometheus.serviceMonitor.intervall", "settings.topic", "config.clusters")

Object = dict[str, Any]


def nested(path: str, value: object) -> Object:
    for key in reversed(path.split(".")):
        value = {key: value}
    return value  # type: ignore[return-value]


def merged(into: Object, values: Object) -> Object:
    """As Helm does: null removes a default."""
    result = copy.deepcopy(into)
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result


def check_values(values: Object) -> None:
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    jsonschema.validate(merged(defaults, values), json.loads((CHART / "values.schema.json").read_text()))


# ---- without helm


@pytest.mark.parametrize("file", VALUES, ids=lambda file: file.stem)
def test_values_fit_the_schema(file: Path) -> None:
    check_values(yaml.safe_load(file.read_text()))


@pytest.mark.parametrize("path", MISSPELLED)
def test_the_schema_knows_a_misspelled_value(path: str) -> None:
    with pytest.raises(jsonschema.ValidationError, match=path.split(".")[-1]):
        check_values(nested(path, "x"))


def test_the_schema_looks_into_clusters() -> None:
    check_values({"clusters": [{"name": "a", "kafkaServer": "a:9092"}]})
    with pytest.raises(jsonschema.ValidationError, match="servers"):
        check_values({"clusters": [{"name": "a", "kafkaServer": "a:9092", "servers": "a:9092"}]})


def test_the_table_in_the_readme_is_current() -> None:
    processes.run([sys.executable, ROOT / "docker/helm/readme.py", "--check"])


def test_values_in_the_documentation() -> None:
    blocks = [
        block
        for page in (CHART / "README.md", ROOT / "docs/installing.md", ROOT / "docs/connecting.md")
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
        if "kafkaServer:" in block
    ]
    assert len(blocks) == 5
    for block in blocks:
        check_values(yaml.safe_load(block))


def test_the_chart_has_all_rules_and_dashboards() -> None:
    files = {path.name: path.resolve() for path in (CHART / "files").iterdir()}
    dashboards = ROOT / "dashboards"
    assert files == {path.name: path for path in (dashboards / "rules.yml", dashboards / "alerts.yml", *dashboards.glob("*.json"))}


def test_the_versions_agree() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["appVersion"] == (ROOT / "VERSION").read_text().strip()


def test_strimzi_and_argo_cd_manifests() -> None:
    check_values(yaml.safe_load((STRIMZI / "values.yml").read_text()))
    (user,) = yaml.safe_load_all((STRIMZI / "kafkauser.yaml").read_text())
    assert (user["kind"], user["spec"]["authentication"]["type"]) == ("KafkaUser", "tls")
    for document in yaml.safe_load_all((STRIMZI / "kafkascope.yaml").read_text()):
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
    (application,) = yaml.safe_load_all(ARGO.read_text())
    source = application["spec"]["source"]
    assert (ROOT / source["path"]).samefile(CHART)
    check_values(source["helm"]["valuesObject"])


def container_of(manifests: list[Object]) -> Object:
    (pod,) = (document["spec"]["template"]["spec"] for document in manifests if document["kind"] == "Deployment")
    (container,) = pod["containers"]
    return {**container, "volumes": pod["volumes"]}


def key_and_certificate(folder: Path, passphrase: str = "") -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    encryption = ["-passout", f"pass:{passphrase}"] if passphrase else ["-nodes"]
    processes.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", *encryption, "-subj", "/CN=x", "-keyout", key, "-out", certificate])
    return key, certificate


def check_config(manifests: list[Object], folder: Path) -> None:
    """The program accepts the arguments and the configuration file, and each file that they name is mounted."""
    container = container_of(manifests)
    secrets = {volume["name"]: volume["secret"] for volume in container["volumes"] if "secret" in volume}
    mounts = {mount["mountPath"].rstrip("/"): mount["name"] for mount in container["volumeMounts"] if mount["name"] in secrets}
    (maps,) = (volume["configMap"]["name"] for volume in container["volumes"] if "configMap" in volume)
    (text,) = (document["data"]["kafkascope.yml"] for document in manifests
               if document["kind"] == "ConfigMap" and document["metadata"]["name"] == maps)
    passphrase = "secret" if "key_password_file:" in text else ""  # Accepted only with the right passphrase.
    key, certificate = key_and_certificate(folder, passphrase)

    def placed(path: str) -> str:
        mount = str(Path(path).parent)
        assert mount in mounts, f"{path} is not mounted: {mounts}"
        items = secrets[mounts[mount]].get("items")
        assert not items or Path(path).name in [item["path"] for item in items]
        file = folder / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if "/sasl/" in path or "passphrase" in path:
            file.write_text("secret\n")
        elif file.suffix == ".yml":
            file.write_text("{}\n")
        else:
            file.write_text((key if file.suffix == ".key" else certificate).read_text())
        return str(file)

    file = folder / "kafkascope.yml"
    file.write_text(re.sub(r"(?<=_file: )/\S+", lambda match: placed(match[0]), text))
    arguments = [argument.replace("$(KAFKASCOPE_SASL_USERNAME)", "exporter") for argument in container["args"]]
    named = re.compile(r"(--(?:server\.tls\..*-|web\.config\.)file=)(.*)")
    arguments = [named.sub(lambda match: match[1] + placed(match[2]), argument) for argument in arguments]
    assert arguments[0].startswith("--config.file=")
    processes.run([BINARY, f"--config.file={file}", *arguments[1:], "--check-config"])


def test_the_program_accepts_the_flags_of_strimzis_script(tmp_path: Path) -> None:
    """As Strimzi 0.49 starts kafka_exporter, except for the folders of the certificates."""
    key, certificate = key_and_certificate(tmp_path)
    processes.run([
        BINARY, "--group.filter=.*", "--topic.filter=.*", "--group.exclude=^console-", "--topic.exclude=^__", "--tls.enabled",
        f"--tls.ca-file={certificate}", f"--tls.cert-file={certificate}", f"--tls.key-file={key}",
        "--kafka.server=my-cluster-kafka-bootstrap:9091", "--log.enable-sarama", "--web.listen-address=:9404", "--offset.show-all",
        "--verbosity=0", "--kafka.version=4.1.0", "--check-config",
    ])  # fmt: skip


def test_the_program_accepts_strimzis_configuration(tmp_path: Path) -> None:
    check_config([*yaml.safe_load_all((STRIMZI / "kafkascope.yaml").read_text())], tmp_path)


def test_the_wrapper_for_strimzis_image(tmp_path: Path) -> None:
    """It starts the program with the loader and the libraries below another root: here, this machine's."""
    libraries = Path("/usr/lib") / processes.run(["gcc", "-print-multiarch"]).strip()
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/kafkascope").symlink_to(BINARY)
    (tmp_path / "usr/lib").mkdir()
    (tmp_path / "usr/lib" / libraries.name).symlink_to(libraries)
    script = STRIMZI / "kafka_exporter.sh"
    assert "kafkascope" in processes.run([script, "--version"], env={**os.environ, "KAFKASCOPE_ROOT": str(tmp_path)})
    with pytest.raises(RuntimeError, match="no kafkascope below /nowhere"):
        processes.run([script, "--version"], env={**os.environ, "KAFKASCOPE_ROOT": "/nowhere"})


# ---- with helm


@pytest.fixture(scope="session")
def helm() -> Callable[..., str]:
    program = ROOT / "build/helm/helm"
    assert program.exists(), f"{program} is missing: `make build/helm/helm` builds it"
    return lambda *words: processes.run([program, *words])


Template = Callable[..., list[Object]]


@pytest.fixture(scope="session")
def template(helm: Callable[..., str]) -> Template:
    def render(*words: str | Path, release: str = "lag", chart: Path = CHART) -> list[Object]:
        text = helm("template", release, chart, "--namespace", "metrics", "--kube-version", KUBERNETES, *words)
        return [document for document in yaml.safe_load_all(text) if document]

    return render


@functools.cache
def custom_schemas(module: str, folder: str) -> dict[str, Object]:
    """The schemas of custom resources by kind, in which unknown keys are an error."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)  # the plain scalar =

    def closed(schema: Object) -> Object:
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
        if schema.get("x-kubernetes-int-or-string"):
            schema.pop("type", None)
        for child in [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]:
            if isinstance(child, dict):
                closed(child)
        return schema

    module = json.loads(processes.run(["go", "mod", "download", "-json", module], timeout=600))["Dir"]
    found = {}
    for file in (Path(module) / folder).glob("*.yaml"):
        for document in yaml.load_all(file.read_text(), Loader):
            if document and document.get("kind") == "CustomResourceDefinition":
                schema = closed(document["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
                schema["properties"]["metadata"] = {"type": "object"}
                found[document["spec"]["names"]["kind"]] = schema
    return found


def check_schema(document: Object) -> None:
    if document["apiVersion"] == "monitoring.coreos.com/v1":
        jsonschema.Draft202012Validator(custom_schemas(*OPERATOR)[document["kind"]]).validate(document)
    else:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


@pytest.mark.release
@pytest.mark.parametrize("file", VALUES, ids=lambda file: file.stem)
def test_rendered(helm: Callable[..., str], template: Template, file: Path, tmp_path: Path) -> None:
    helm("lint", "--strict", "--kube-version", KUBERNETES, "--values", file, CHART)
    manifests = template("--values", file)
    for document in manifests:
        check_schema(document)
    check_config(manifests, tmp_path)


@pytest.mark.release
def test_schemas_find_mistakes(template: Template) -> None:
    for document in template("--values", ROOT / "tests/chart/everything.yml"):
        if "spec" in document:
            document["spec"]["misspelled"] = 1
            with pytest.raises((jsonschema.ValidationError, kubernetes_validate.ValidationError)):
                check_schema(document)


@pytest.mark.release
def test_argo_cd_knows_the_keys_of_the_application() -> None:
    jsonschema.Draft202012Validator(custom_schemas(*ARGO_CD)["Application"]).validate(yaml.safe_load(ARGO.read_text()))


@pytest.mark.release
def test_passwords_are_only_in_secrets(template: Template) -> None:
    login = "sasl.enabled=true,sasl.scram.enabled=true,sasl.scram.username=exporter,sasl.scram.password=hunter2"
    manifests = template("--set", login)
    assert [document["kind"] for document in manifests if "hunter2" in str(document)] == ["Secret"]
    assert not container_of(manifests).get("env")
    (secret,) = (doc for doc in template("--values", ROOT / "tests/chart/clusters.yml") if doc["kind"] == "Secret")
    assert secret["stringData"] == {"password-2": 'pa"ss: word'}
    manifests = template("--values", ROOT / "tests/chart/community.yml")
    container = container_of(manifests)
    assert not any("password" in argument for argument in container["args"])
    assert [entry["valueFrom"]["secretKeyRef"]["key"] for entry in container["env"] if "valueFrom" in entry] == ["username"]


REFUSED = {
    "extraArgs={--sasl.password=x}": "show the password",
    "extraArgs={--web.telemetry-path=/other}": "the chart sets this itself",
    "extraArgs={--tls.key-password=x}": "show the passphrase",
    "tls.enabled=true,tls.keyPasswordFile=x": "there is no private key",
    "tls.enabled=true,tls.secretName=a,tls.keyPasswordSecretName=b": "name the key in",
    "sasl.handshake=false": "sasl.handshake: must be true",
    "sasl.awsiam.enabled=true": "sasl.enabled: is false",
    "sasl.enabled=true,sasl.scram.enabled=true,sasl.awsiam.enabled=true": "exactly one of scram",
    "sasl.enabled=true": "exactly one of scram",
    "sasl.scram.enabled=true": "sasl.enabled: is false",
    "tls.secretName=x": "tls.enabled: is false",
    "server.tls.enabled=true": "name the Secret with certificate",
    "server.tls.secretName=a": "server.tls.enabled: is false",
    "server.tls.enabled=true,server.tls.secretName=a,webConfig.secretName=b": "together with webConfig",
    "server.tls.enabled=true,server.tls.secretName=a,server.tls.mutualAuthEnabled=true,server.tls.caFile=": "caFile: is required",
    "server.tls.enabled=true,server.tls.secretName=a,prometheus.podMonitor.enabled=true": "scheme: must be https",
    "kafka.enabled=true": "does not install Kafka",
    "clusters[0].name=a,clusters[0].kafkaServer=a:9092,tls.enabled=true": "set tls, sasl and settings in each",
    "settings.kafka.properties.ssl\\.key\\.password=x": "a secret into a ConfigMap",
    **{f"{path}=x": path.split(".")[-1] for path in MISSPELLED},
}


@pytest.mark.release
@pytest.mark.parametrize("value", REFUSED)
def test_refused(template: Template, value: str) -> None:
    with pytest.raises(RuntimeError, match=REFUSED[value]):
        template("--set", value)


@pytest.mark.release
def test_probes_of_a_page_with_tls(template: Template) -> None:
    """They need no certificate, and the page is not served without TLS."""
    container = container_of(template("--values", ROOT / "tests/chart/server-tls.yml"))
    probes = [container[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")]
    assert probes == ["health"] * 3
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"exporter-port": 9308, "health": 9309}
    assert "--web.health-address=:9309" in container["args"]
    assert "--server.tls.ca-file=/secret/server/clients.crt" in container["args"]
    assert "health" not in str(container_of(template())["ports"])


@pytest.mark.release
def test_two_releases_do_not_collide(template: Template) -> None:
    def names(release: str) -> Iterator[tuple[str, ...]]:
        for document in template("--values", ROOT / "tests/chart/clusters.yml", *everything_optional(), release=release):
            yield document["kind"], document["metadata"].get("namespace", ""), document["metadata"]["name"]

    first, second = [*names("one")], [*names("two")]
    assert len({*first, *second}) == len(first) + len(second)
    long = "x" * 52
    assert not {*names(long + "a")} & {*names(long + "b")}

    def selector(release: str) -> Object:
        return next(doc["spec"]["selector"] for doc in template(release=release) if doc["kind"] == "Service")

    assert selector("one") != selector("two")


def everything_optional() -> list[str]:
    names = ("prometheus.serviceMonitor", "prometheus.prometheusRule", "dashboards", "networkPolicy", "podDisruptionBudget")
    return [word for name in names for word in ("--set", f"{name}.enabled=true")]


@pytest.mark.release
def test_rules_and_dashboards_are_those_of_the_project(template: Template, helm: Callable[..., str], tmp_path: Path) -> None:
    """Also from the packed chart, which has no links."""
    helm("package", CHART, "--destination", tmp_path)
    (chart,) = tmp_path.glob("*.tgz")
    manifests = template(*everything_optional(), chart=chart)
    assert manifests == template(*everything_optional())
    (rule,) = (document["spec"] for document in manifests if document["kind"] == "PrometheusRule")
    source = [yaml.safe_load((ROOT / "dashboards" / name).read_text())["groups"] for name in ("rules.yml", "alerts.yml")]
    assert rule["groups"] == [*source[0], *source[1]]
    dashboards = {key: json.loads(text) for document in manifests if document["kind"] == "ConfigMap"
                  for key, text in document["data"].items() if key.endswith(".json")}
    assert dashboards == {f"kafkascope-{path.stem}.json": json.loads(path.read_text()) for path in (ROOT / "dashboards").glob("*.json")}
    # What kubectl apply keeps in an annotation.
    assert all(len(json.dumps(document)) < 256 * 1024 for document in manifests)


@pytest.mark.release
@pytest.mark.parametrize("monitor", ["serviceMonitor", "podMonitor"])
def test_managed_prometheus_of_azure(template: Template, monitor: str) -> None:
    """Its operator has the same resources in another group."""
    kinds = {}
    for version in ("monitoring.coreos.com/v1", "azmonitoring.coreos.com/v1"):
        manifests = template("--set", f"prometheus.{monitor}.enabled=true,prometheus.{monitor}.apiVersion={version}")
        (kinds[version],) = (document for document in manifests if document["kind"].lower() == monitor.lower())
        assert kinds[version].pop("apiVersion") == version
    assert len({json.dumps(document) for document in kinds.values()}) == 1


@pytest.mark.release
def test_links_of_alerts(template: Template, tmp_path: Path) -> None:
    (rule,) = (doc["spec"] for doc in template("--values", ROOT / "tests/chart/everything.yml") if doc["kind"] == "PrometheusRule")
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump(rule))
    processes.run(["promtool", "check", "rules", file])
    alerts = {one["alert"]: one["annotations"] for group in rule["groups"] for one in group["rules"] if "alert" in one}
    assert "KafkaExporterDown" in alerts and "KafkaExporterRestarts" not in alerts
    for links in alerts.values():
        assert links["dashboard_url"].startswith("https://grafana.example.com/d/")
        assert links["runbook_url"].startswith("https://git.example.com/kafkascope/dashboards/runbook.md#")


@pytest.mark.release
def test_a_change_of_the_configuration_replaces_the_pod(template: Template) -> None:
    def checksum(*words: str) -> str:
        (pod,) = (document["spec"]["template"] for document in template(*words) if document["kind"] == "Deployment")
        return pod["metadata"]["annotations"]["checksum/config"]

    assert checksum() == checksum("--set", "podLabels.a=b") != checksum("--set", "settings.granularity=topic")


@pytest.mark.release
def test_the_pod_is_restricted(template: Template) -> None:
    (pod,) = (document["spec"]["template"]["spec"] for document in template() if document["kind"] == "Deployment")
    context, inner = pod["securityContext"], pod["containers"][0]["securityContext"]
    assert context["runAsNonRoot"] and context["runAsUser"] and context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inner == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert pod["automountServiceAccountToken"] is False


@pytest.mark.release
def test_strimzis_deployment_is_that_of_the_chart(template: Template) -> None:
    """docker/strimzi/kafkascope.yaml is the chart with docker/strimzi/values.yml."""
    written = [*yaml.safe_load_all((STRIMZI / "kafkascope.yaml").read_text())]
    rendered = template("--values", STRIMZI / "values.yml", release="kafkascope")

    def by_hand(document: Object) -> Object:
        """Without what only Helm needs."""
        pod = document["spec"]["template"] if document["kind"] == "Deployment" else {"metadata": {}}
        pod["metadata"].pop("annotations", None)
        for metadata in (document["metadata"], pod["metadata"]):
            for label in ("helm.sh/chart", "app.kubernetes.io/managed-by"):
                metadata.get("labels", {}).pop(label, None)
        return document

    assert written == [by_hand(document) for document in rendered]
