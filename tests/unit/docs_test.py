"""Checks the documentation: links, code blocks, and tables against the program, the golden page and the configuration.

KAFKASCOPE_BIN is the program; without it, checks that need it are skipped. First proves that each check can fail.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "dashboards/*.md", "docker/**/*.md"]
# Pages about other programs, whose metrics and files are not checked.
FOREIGN = {"dashboards/compatibility.md"}
README_LINES = 200
PROGRAM = os.environ.get("KAFKASCOPE_BIN", "")
if not Path(PROGRAM).is_file():
    PROGRAM = ""
CONFIG_KEYS = {"clusters", "zookeeper", "labels", "disabled_families", "web", "log"}
PROMTOOL_SAYS = {  # about the golden page: names of kafka_exporter and kafka-lag-exporter
    "kafka_consumergroup_poll_time_ms metric names should not contain abbreviated units",
    'kafka_consumergroup_current_offset_sum non-histogram and non-summary metrics should not have "_sum" suffix',
    'kafka_consumergroup_lag_sum non-histogram and non-summary metrics should not have "_sum" suffix',
}
# Code spans that look like metrics of ours but are not.
NOT_METRICS = {"zk_ensemble", "zk_host", "kafka_cluster", "kafka_exporter", "kafka_consumergroup_allowed_lag_seconds"}
NOT_METRICS |= {"kafka_consumergroupzookeeper_lag_zookeeper"}

Problems = Iterator[str]
Family = tuple[str, frozenset[str]]  # type and labels


def run(*command: str | Path, text: str | None = None, **more) -> tuple[int, str]:
    done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, **more, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


# Markdown


def blocks(page: str) -> list[tuple[int, str, str]]:
    """Returns line, language and text of each fenced code block."""
    found, fence = [], None
    for number, line in enumerate(page.splitlines(), 1):
        if fence is None and (match := re.match(r"\s*(`{3,})(\w*)", line)):
            fence = (number, match[1], match[2], [])
        elif fence is not None and line.strip() == fence[1]:
            found.append((fence[0], fence[2], "\n".join(fence[3]) + "\n"))
            fence = None
        elif fence is not None:
            fence[3].append(line)
    if fence:
        found.append((fence[0], "unclosed", ""))
    return found


def prose(page: str) -> str:
    """Returns the page without its code blocks, with the same line numbers."""
    inside, kept = False, []
    for line in page.splitlines():
        is_fence = re.match(r"\s*```", line)
        kept.append("" if inside or is_fence else line)
        inside ^= bool(is_fence)
    return "\n".join(kept)


def spans(page: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(page))


def anchors(page: str) -> set[str]:
    """Returns GitHub's anchors of the headings."""
    found: set[str] = set()
    for title in re.findall(r"^#{1,6} +(.+?) *$", prose(page), re.M):
        title = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title)
        base = anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        number = 0
        while anchor in found:
            number += 1
            anchor = f"{base}-{number}"
        found.add(anchor)
    return found


def check_links(name: str, page: str) -> Problems:
    without_code = re.sub(r"`[^`\n]*`", "", prose(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists():
            yield f"{name}: {target}: no such file"
        elif anchor and anchor not in anchors(page if not path else file.read_text()):
            yield f"{name}: {target}: no such heading"


def check_runbook_links(alerts: str) -> Problems:
    headings = anchors((ROOT / "dashboards/runbook.md").read_text())
    links = re.findall(r"runbook_url: (\S+)", alerts)
    for link in links:
        path, _, anchor = link.partition("#")
        if path != "dashboards/runbook.md" or anchor not in headings:
            yield f"alerts.yml: {link}: no such heading"
    if not links:
        yield "alerts.yml: no runbook_url"


# Code blocks


def check_yaml(text: str) -> Problems:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"not YAML: {error}"
        return
    if isinstance(content, list):
        yield from check_rules([rule | {"record": rule.get("record", "a:b")} for rule in content])
    elif isinstance(content, dict) and "scrape_configs" in content:
        text = text.replace("/etc/prometheus/kafkascope", str(ROOT / "dashboards"))
        yield from check_file("promtool", "check", "config", text=text)
        if "remote_write" in content:
            yield from check_file("promtool", "check", "config", "--agent", text=text)
    elif isinstance(content, dict) and "receivers" in content:
        yield from check_collector(content)
    elif isinstance(content, dict) and ("kind" in content or "externalRules" in content):
        yield from check_scaling(content)
    elif isinstance(content, dict) and CONFIG_KEYS & content.keys() and "kafkaServer:" not in text:  # the chart's values
        yield from check_configuration(text)


def check_collector(content: dict) -> Problems:
    """Checks the configuration of an OpenTelemetry Collector."""
    yield from check_file("promtool", "check", "config", text=yaml.safe_dump(content["receivers"]["prometheus"]["config"]))
    for pipeline in content["service"]["pipelines"].values():
        for kind, names in pipeline.items():
            for name in names:
                if name not in content.get(kind, {}):
                    yield f"{kind} has no {name}"


def check_scaling(content: dict) -> Problems:
    """Checks the queries of KEDA and prometheus-adapter, and metric and labels of an autoscaler."""
    for trigger in content.get("spec", {}).get("triggers", []):
        yield from check_promql(trigger["metadata"]["query"])
    for rule in content.get("externalRules", []):
        yield from check_promql(rule["seriesQuery"])
        name = re.findall(r"kafka_\w+", rule["seriesQuery"])[0]
        query = rule["metricsQuery"].replace("<<.Series>>", name).replace("<<.LabelMatchers>>", 'topic="a"')
        yield from check_promql(query)
    for metric in content.get("spec", {}).get("metrics", []):
        selected = metric["external"]["metric"]
        known = families_of(golden()).get(selected["name"])
        if not known or not selected["selector"]["matchLabels"].keys() <= known[1]:
            yield f"no such metric or labels: {selected}"


def check_rules(rules: list[dict]) -> Problems:
    groups = {"groups": [{"name": "g", "rules": rules}]}
    yield from check_file("promtool", "check", "rules", text=yaml.safe_dump(groups))


def check_file(*command: str, text: str) -> Problems:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file.yml"
        file.write_text(text)
        code, said = run(*command, file)
    if code:
        yield f"{' '.join(command)}: {said}"


def check_promql(text: str) -> Problems:
    yield from check_rules([{"record": "a:b", "expr": text}])
    yield from check_metrics(re.findall(r"\b(?:kafka|zk)_\w+", text))


def with_files(text: str, folder: str) -> str:
    """Creates the files of /etc/kafkascope in `folder` and returns the text with their new paths."""
    pem = ROOT / "tests/unit/config/cases"
    for path in re.findall(r"/etc/kafkascope/([\w.-]+)", text):
        if path.endswith(".p12"):
            run("openssl", "pkcs12", "-export", "-inkey", pem / "key.pem", "-in", pem / "cert.pem", "-passout", "pass:secret",
                "-out", Path(folder) / path)  # fmt: skip
            continue
        kind = "key" if path.endswith(".key") else "ca" if path.startswith("ca.") else "cert"
        is_pem = path.endswith((".pem", ".crt", ".key"))
        (Path(folder) / path).write_text((pem / f"{kind}.pem").read_text() if is_pem else "{}\n")
    return text.replace("/etc/kafkascope", folder)


def check_configuration(text: str) -> Problems:
    if not PROGRAM:
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kafkascope.yml"
        content = with_files(text, folder)
        file.write_text(content)
        secrets = {name: "secret" for name in ["SASL_USER_PASSWORD", *re.findall(r"password_env: (\w+)", text)]}
        code, said = run(PROGRAM, "--check-config", f"--config.file={file}", env=secrets)
    if code:
        yield f"kafkascope: {said}"


def check_shell(text: str) -> Problems:
    code, said = run("bash", "-n", text=text)
    if code:
        yield said
        return
    makefile = (ROOT / "Makefile").read_text()
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while words and re.match(r"\w+=", words[0]):
            words.pop(0)
        if words[:1] == ["make"] and not re.search(rf"^{re.escape(words[1])}:", makefile, re.M):
            yield f"make has no target {words[1]}"
        if words and words[0] in ("kafkascope", "build/kafkascope"):
            yield from check_command(list(takewhile(lambda word: word not in (">", "&&", "|"), words[1:])))


def check_command(flags: list[str]) -> Problems:
    if not PROGRAM:
        return
    with tempfile.TemporaryDirectory() as folder:
        if flags[:1] in (["dashboards"], ["rules"]):
            flags = [flag for flag in flags if not flag.startswith("--dir=")] + [f"--dir={folder}"]
        else:
            flags = [with_files(flag, folder) for flag in flags if flag != "--check-config"] + ["--check-config"]
        code, said = run(PROGRAM, *flags, env={"SASL_USER_PASSWORD": "secret"})
    if code:
        yield f"kafkascope: {said}"


def check_ini(text: str) -> Problems:
    try:
        configparser.ConfigParser(strict=False, interpolation=None).read_string(text)
    except configparser.Error as error:
        yield str(error)


def check_json(text: str) -> Problems:
    try:
        json.loads(text)
    except ValueError as error:
        yield str(error)


def check_alloy(text: str) -> Problems:
    """Checks that brackets are balanced and that references are to components of the block."""
    bare = re.sub(r'"[^"\n]*"', "", text)
    if any(bare.count(left) != bare.count(right) for left, right in ("{}", "[]", "()")):
        yield "unbalanced brackets"
    components = {f"{name}.{label}" for name, label in re.findall(r'^([\w.]+) "(\w+)" \{$', text, re.M)}
    for reference in re.findall(r"\[([\w.]+)\.receiver\]", text):
        if reference not in components:
            yield f"no such component: {reference}"


def check_samples(text: str) -> Problems:
    known = families_of(golden())
    for line in text.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? [\d.e+]+", line)
        if not match:
            yield f"not a sample: {line}"
        elif match[1] not in known:
            yield f"no such metric: {match[1]}"
        elif set(re.findall(r'(\w+)="', match[2] or "")) != known[match[1]][1]:
            yield f"labels of {match[1]} are {sorted(known[match[1]][1])}"


def check_text(text: str) -> Problems:
    if not text.strip():
        yield "empty"


LANGUAGES: dict[str, Callable[[str], Problems]] = {
    "yaml": check_yaml,
    "shell": check_shell,
    "promql": check_promql,
    "prometheus": check_samples,
    "ini": check_ini,
    "json": check_json,
    "alloy": check_alloy,
    "text": check_text,
}


def check_blocks(name: str, page: str) -> Problems:
    for line, language, text in blocks(page):
        if language not in LANGUAGES:
            yield f"{name}:{line}: a code block is one of {', '.join(LANGUAGES)}, not '{language}'"
            continue
        for problem in LANGUAGES[language](text):
            yield f"{name}:{line}: {language}: {problem}"


# Names in the text


def golden() -> str:
    return (ROOT / "tests/golden.txt").read_text()


def families_of(page: str) -> dict[str, Family]:
    """Returns type and labels (without `le` and `quantile`) of each family."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.M))
    labels: dict[str, set[str]] = {name: set() for name in types}
    for name, inside in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", page, re.M):
        family = name if name in types else re.sub(r"_(bucket|sum|count)$", "", name)
        labels[family] |= set(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', inside or "")) - {"le", "quantile"}
    return {name: (types[name], frozenset(labels[name])) for name in types}


def check_metrics(names: list[str]) -> Problems:
    known = families_of(golden()).keys() | NOT_METRICS
    for name in names:
        if name not in known and re.sub(r"_(bucket|sum|count)$", "", name) not in known:
            yield f"no such metric: {name}"


def check_metrics_in_text(name: str, page: str) -> Problems:
    names = [match[1] for span in spans(page) if (match := re.fullmatch(r"((?:kafka|zk)_[a-z_]+[a-z])(\{.*\})?( .*)?", span))]
    for problem in check_metrics(names):
        yield f"{name}: {problem}"


def split_help(help_text: str) -> tuple[str, str]:
    """Returns our flags, and those that are only listed as kafka_exporter's."""
    ours, _, theirs = re.sub(r"\n\S[^\n]*lags of kafka_exporter", "\0", help_text, count=1).partition("\0")
    return ours, theirs


def flags_of(help_text: str) -> dict[str, str]:
    """Returns the default of each of our flags."""
    flags: dict[str, str] = {}
    for entry in re.split(r"\n(?=  --|\S)", split_help(help_text)[0]):
        if match := re.match(r"  --(?:\[no-\])?([\w.-]+)", entry):
            default = re.search(r"\[([^\[\]]+)\]$", " ".join(entry.split()))
            flags[match[1]] = default[1] if default else ""
    return flags


def check_flags_of_kafka_exporter(text: str, help_text: str) -> Problems:
    for flag in re.findall(r"--([\w.-]+)", split_help(help_text)[1]):
        if not re.search(rf"`--(no-)?{re.escape(flag)}`", text):
            yield f"docs/migrating.md: --{flag} is missing"


def check_flags_in_text(name: str, page: str, help_text: str) -> Problems:
    known = set(re.findall(r"--(?:\[no-\])?([\w.-]+)", help_text))
    for flag in re.findall(r"--((?:no-)?[a-z]+\.[\w.-]+\w)", " ".join(spans(page))):
        if flag not in known and flag.removeprefix("no-") not in known and not flag.startswith("server.tls"):
            yield f"{name}: kafkascope has no flag --{flag}"


def check_files_in_text(name: str, page: str) -> Problems:
    """Returns files in code spans: relative to the root or to exporter/, or the end of a path."""
    files = [line for line in run("git", "-C", ROOT, "ls-files")[1].splitlines()] or [
        path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if "build" not in path.parts
    ]
    for span in spans(page):
        if not re.fullmatch(r"[\w.-][\w/.-]*\.(cc|c|h|py|txt|yml|md)", span):  # no absolute paths
            continue
        if not any(file == span or file.endswith(f"/{span}") for file in files):
            yield f"{name}: no such file: {span}"


# Tables


def check_metrics_table(page: str, text: str) -> Problems:
    emitted = {name: family for name, family in families_of(page).items() if not name.startswith("process_")}
    rows = re.findall(r"^\| `((?:kafka|zk)_\w+)` \| (\w+) \| ([^|]*)\|", text, re.M)
    documented = {name: (kind, frozenset(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    for name in sorted(emitted.keys() | documented.keys()):
        if emitted.get(name) != documented.get(name):
            yield f"docs/metrics.md: {name} is {documented.get(name)}, on the page {emitted.get(name)}"
    if len(rows) != len(documented):
        yield "docs/metrics.md: a metric has two rows"


def leaves(node: object, prefix: str = "") -> dict[str, object]:
    if isinstance(node, dict) and node and not prefix.startswith("collectors"):
        return {key: value for name, part in node.items() for key, value in leaves(part, f"{prefix}{name}.").items()}
    return {prefix.rstrip("."): node}


def check_settings_table(text: str, help_text: str | None, reference: str) -> Problems:
    rows = re.findall(r"^\| (?:`--([\w.-]+)`)? *\| \*?(?:`([\w.]+)`)?\*? *\| (?:`([^`]*)`)? *\|", text, re.M)
    rows = [(flag, key, default.replace(r"\|", "|")) for flag, key, default in rows if flag or key]
    content = yaml.safe_load(reference)
    keys = leaves(content.pop("clusters")[0]) | leaves(content)
    if help_text is not None:
        flags = flags_of(help_text)
        documented = {flag: default for flag, _, default in rows if flag}
        for flag in sorted(flags.keys() | documented.keys()):
            if flag not in documented or flag not in flags:
                yield f"docs/configuration.md: --{flag} is missing {'here' if flag in flags else 'in the program'}"
            elif flags[flag] != documented[flag].replace("false", ""):
                yield f"docs/configuration.md: the default of --{flag} is '{flags[flag]}'"
    documented = {key: default for _, key, default in rows if key}
    for key in sorted(keys.keys() | documented.keys()):
        if key not in keys or key not in documented:
            yield f"docs/configuration.md: {key} is {'missing here' if key in keys else 'not in kafkascope.yml'}"
            continue
        value = keys[key][0] if isinstance(keys[key], list) and keys[key] else keys[key]
        value = "" if isinstance(value, (dict, list)) else str(value).lower() if isinstance(value, bool) else str(value)
        if value != documented[key]:
            yield f"docs/configuration.md: the default of {key} is '{value}'"


def check_zookeeper_table(text: str, reference: str) -> Problems:
    rows = re.findall(r"^\| `([\w.]+)` \| (?:`([^`]*)`)? *\|", text, re.M)
    shown = reference.partition("\nzookeeper: []\n")[2].partition("\n\n")[0]
    (entry,) = yaml.safe_load(re.sub(r"^#", "", shown, flags=re.M))
    defaults = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in leaves(entry).items()}
    defaults |= {"name": "", "servers": ""}
    if dict(rows) != defaults:
        yield f"docs/zookeeper.md: {sorted(set(rows) ^ set(defaults.items()))} differ from kafkascope.yml"


def check_number_of_alerts(page: str) -> Problems:
    """Returns the number in README."""
    number = len(set(re.findall(r"- alert: (\w+)", (ROOT / "dashboards/alerts.yml").read_text())))
    if re.findall(r"(\d+) alerts", page) != [str(number)]:
        yield f"README.md: there are {number} alerts"


def check_length(name: str, page: str) -> Problems:
    lines = len(page.splitlines())
    if lines > README_LINES:
        yield f"{name}: {lines} lines, at most {README_LINES}"


def check_with_promtool(page: str) -> Problems:
    counts = [name for name in families_of(page) if name.startswith("zk_") and name.endswith("_count")]
    expected = {f'{name} non-histogram and non-summary metrics should not have "_count" suffix' for name in counts}
    said = set(run("promtool", "check", "metrics", text=page)[1].splitlines())
    for line in sorted(said ^ (PROMTOOL_SAYS | expected)):
        yield f"tests/golden.txt: promtool: {line}"


COLLECTOR = """
receivers: {prometheus: {config: {scrape_configs: [{job_name: kafka}]}}}
service: {pipelines: {metrics: {receivers: [prometheus]}}}
"""
AUTOSCALER = """
kind: HorizontalPodAutoscaler
spec: {metrics: [{external: {metric: {name: kafka_consumergroup_lag_sum, selector: {matchLabels: {topic: a}}}}}]}
"""


def prove_that_it_can_fail(help_text: str | None) -> None:
    def block(language: str, text: str) -> Problems:
        return check_blocks("X.md", f"```{language}\n{text}\n```\n")

    metrics, zookeeper = (ROOT / "docs/metrics.md").read_text(), (ROOT / "docs/zookeeper.md").read_text()
    settings, reference = (ROOT / "docs/configuration.md").read_text(), (ROOT / "config/kafkascope.yml").read_text()
    wrong = [
        check_links("README.md", "[a](docs/none.md)"),
        check_links("README.md", "[a](docs/lag.md#none)"),
        check_links("README.md", "# A\n[a](#b)"),
        check_links("docs/lag.md", "[a](lag.md#-status)"),
        check_runbook_links("runbook_url: dashboards/runbook.md#none\n"),
        block("", "a"),
        block("yaml", "a: [b"),
        block("yaml", "scrape_configs: [{job: kafka}]"),
        block("yaml", "scrape_configs: []\nremote_write: [{url: 'http://a/'}]\nrule_files: ['/none/*']"),
        block("yaml", "- record: a:b\n  expr: sum("),
        block("yaml", COLLECTOR.replace("prometheus]", "none]")),
        block("yaml", COLLECTOR.replace("job_name", "job")),
        block("yaml", "{kind: ScaledObject, spec: {triggers: [{metadata: {query: sum(kafka_up}}]}}"),
        block("yaml", "externalRules: [{seriesQuery: kafka_up, metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}'}]"),
        block("yaml", AUTOSCALER.replace("topic", "subject")),
        block("alloy", 'a.b "c" {\n'),
        block("alloy", 'a.b "c" {\n  forward_to = [a.b.d.receiver]\n}'),
        block("shell", "if true"),
        block("shell", "make nothing"),
        block("promql", "sum(kafka_up"),
        block("promql", "kafka_down"),
        block("prometheus", "kafka_up{a=\"b\"} 1"),
        block("ini", "a=b"),
        block("json", "{"),
        check_blocks("X.md", "```text\nnever closed\n"),
        check_metrics_in_text("X.md", "`kafka_down`"),
        check_files_in_text("X.md", "`config/none.cc`"),
        check_metrics_table(golden(), metrics.replace("| `kafka_up` | gauge |", "| `kafka_up` | counter |")),
        check_metrics_table(golden(), metrics.replace("`id`, `role`", "`id`", 1)),
        check_settings_table(settings.replace("| `15s` |", "| `16s` |"), None, reference),
        check_settings_table(settings.replace("| `max_series` |", "| `min_series` |"), None, reference),
        check_zookeeper_table(zookeeper.replace("| `15s` |", "| `16s` |"), reference),
        check_zookeeper_table(zookeeper.replace("| `all_values` |", "| `all_value` |"), reference),
        check_number_of_alerts("1 alerts"),
        check_length("X.md", "line\n" * (README_LINES + 1)),
        check_with_promtool("# TYPE a counter\na 1\n"),
    ]
    if help_text is not None:
        wrong += [
            block("yaml", "clusters: [{server: a:1}]"),
            block("shell", "kafkascope --kafka.serve=a:1"),
            block("shell", "kafkascope --tls.enabled --tls.ca-file=/none/ca.pem"),
            check_flags_in_text("X.md", "`--no-web.liste`", help_text),
            check_flags_of_kafka_exporter("`--kafka.version`", help_text),
            check_settings_table(settings.replace("| `--log.level` |", "| `--log.levels` |"), help_text, reference),
        ]
    for number, problems in enumerate(wrong):
        assert list(problems), f"case {number} was not found"
    right = [
        check_links("README.md", "# A b: c\n[a](#a-b-c) [a](docs/lag.md#status) [a](https://x.org/#y) `[a](none)`"),
        block("yaml", "- record: a:b\n  expr: sum(kafka_up)"),
        block("yaml", COLLECTOR),
        block("yaml", AUTOSCALER),
        block("shell", "A=1 kafkascope --tls.enabled \\\n  --tls.ca-file=/etc/kafkascope/ca.pem"),
        block("prometheus", "kafka_up 1"),
    ]
    for number, problems in enumerate(right):
        assert not (found := list(problems)), f"case {number}: {found}"


def problems_of_all(pages: dict[str, str], help_text: str | None) -> Problems:
    for name, page in pages.items():
        yield from check_links(name, page)
        yield from check_blocks(name, page)
        if name in FOREIGN:
            continue
        yield from check_metrics_in_text(name, page)
        yield from check_files_in_text(name, page)
        if help_text is not None:
            yield from check_flags_in_text(name, page, help_text)
    yield from check_runbook_links((ROOT / "dashboards/alerts.yml").read_text())
    yield from check_length("README.md", pages["README.md"])
    yield from check_number_of_alerts(pages["README.md"])
    yield from check_metrics_table(golden(), pages["docs/metrics.md"])
    if help_text is not None:
        yield from check_flags_of_kafka_exporter(pages["docs/migrating.md"], help_text)
    reference = (ROOT / "config/kafkascope.yml").read_text()
    yield from check_settings_table(pages["docs/configuration.md"], help_text, reference)
    yield from check_zookeeper_table(pages["docs/zookeeper.md"], reference)
    yield from check_with_promtool(golden())


def main() -> int:
    help_text = run(PROGRAM, "--help")[1] if PROGRAM else None
    prove_that_it_can_fail(help_text)
    files = sorted(path for pattern in PAGES for path in ROOT.glob(pattern))
    pages = {path.relative_to(ROOT).as_posix(): path.read_text() for path in files}
    problems = list(problems_of_all(pages, help_text))
    skipped = "" if PROGRAM else "; not compared with the program"
    print("\n".join(problems or [f"{len(pages)} pages are in order{skipped}"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
