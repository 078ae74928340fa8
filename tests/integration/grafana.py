"""Evaluates a dashboard file like Grafana: fills in variables from a Prometheus and runs the queries."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_server import DASHBOARDS, Prometheus, Series

SCRAPE_SECONDS = 15  # Grafana's default for a data source, which determines $__rate_interval.
ALL = "$__all"
WITHOUT_QUERIES = ("row", "text")
_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?::(\w+))?\}")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Panel = dict


@dataclass(frozen=True)
class Target:
    """A query of a panel."""

    key: str  # "cluster/102 A": dashboard, panel, query.
    title: str
    expression: str
    legend: str
    is_instant: bool

    def __str__(self) -> str:
        return f"{self.key} ({self.title})\n    {self.expression}\n   "

    @property
    def panel(self) -> str:
        """Returns the panel's part of the key."""
        return self.key.split()[0]


@dataclass(frozen=True)
class Variable:
    values: list[str]
    raw: bool = False  # Not escaped.
    many: bool = False  # Used in =~, so its values are regular expressions.


class Dashboard:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.tree = json.loads(file.read_text())
        self.uid: str = self.tree["uid"]
        self.variables: list[dict] = self.tree["templating"]["list"]

    def panels(self, rows: bool = False) -> list[Panel]:
        """Returns all panels, including those in collapsed rows."""
        panels = [inner for panel in self.tree["panels"] for inner in (panel, *panel.get("panels", []))]
        return [panel for panel in panels if rows or panel["type"] != "row"]

    def targets(self) -> list[Target]:
        return [
            Target(
                f"{self.file.stem}/{panel['id']} {target['refId']}",
                panel["title"],
                target["expr"],
                target.get("legendFormat", ""),
                bool(target.get("instant")) and not target.get("range"),
            )
            for panel in self.panels()
            if panel["type"] not in WITHOUT_QUERIES
            for target in panel["targets"]
        ]

    def annotation_queries(self) -> dict[str, str]:
        """Returns the query of each annotation."""
        return {annotation["name"]: annotation["expr"] for annotation in self.tree["annotations"]["list"]}

    def variable_queries(self) -> dict[str, str]:
        """Returns the query of each query variable."""
        return {v["name"]: v["query"]["query"] for v in self.variables if v["type"] == "query"}


def dashboards() -> list[Dashboard]:
    return [Dashboard(file) for file in sorted(DASHBOARDS.glob("*.json"))]


class View:
    """A dashboard with selected variables: those in `chosen`, others as when Grafana opens it: the saved value, else
    All, else the first. The time range is the last `minutes`.
    """

    def __init__(self, dashboard: Dashboard, prometheus: Prometheus, minutes: float = 10, **chosen: str) -> None:
        self.dashboard, self.prometheus = dashboard, prometheus
        self.seconds = round(minutes * 60)
        self.end = time.time()
        self.options: dict[str, list[str]] = {}
        self.variables: dict[str, Variable] = {}
        for variable in dashboard.variables:
            name = variable["name"]
            self.options[name] = self._options(variable)
            self.variables[name] = self._choose(variable, self.options[name], chosen.get(name))

    def ask(self, target: Target) -> Series:
        """Returns the series that have values."""
        step = SCRAPE_SECONDS
        expression = self._filled(target.expression, step)
        if target.is_instant:
            found = self.prometheus.query(expression, self.end)
            return [series for series in found if series["value"][1] != "NaN"]
        end = self.end // step * step
        found = self.prometheus.query_range(expression, end - self.seconds, end, step)
        return [series for series in found if any(value != "NaN" for _, value in series["values"])]

    def _filled(self, text: str, step: int = SCRAPE_SECONDS) -> str:
        """Returns `text` with variables replaced; KeyError for an unknown one."""
        seconds = {"interval": step, "rate_interval": max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}
        seconds["range"] = self.seconds
        own = {f"__{name}": Variable([f"{value}s"], raw=True) for name, value in seconds.items()}

        def value(found: re.Match[str]) -> str:
            plain, braced, format = found.groups()
            return _formatted((own | self.variables)[plain or braced], format or "")

        return _VARIABLE.sub(value, text)

    def _options(self, variable: dict) -> list[str]:
        if variable["type"] == "datasource":
            return ["prometheus"]
        assert variable["type"] == "query", f"{variable['name']}: a variable of type {variable['type']}"
        query = self._filled(variable["query"]["query"])
        return sorted(set(_by_regex(variable.get("regex", ""), self._listed(query))), key=str.lower)

    def _listed(self, query: str) -> list[str]:
        call = re.fullmatch(r"(label_values|query_result)\((.*)\)", query, re.S)
        assert call, f"not understood: {query}"
        if call[1] == "query_result":
            return [_as_text(series) for series in self.prometheus.query(call[2], self.end)]
        match, _, label = call[2].rpartition(",")
        times = {"start": self.end - self.seconds, "end": self.end}
        return self.prometheus.label_values(label.strip(), match.strip(), **times)

    def _choose(self, variable: dict, options: list[str], chosen: str | None) -> Variable:
        many = bool(variable.get("multi") or variable.get("includeAll"))
        if chosen is not None:
            return Variable([chosen], many=many)
        saved = variable.get("current", {}).get("value") or []
        saved = [saved] if isinstance(saved, str) else saved
        wanted = [value for value in saved if value == ALL or value in options]
        if variable.get("includeAll") and (not wanted or ALL in wanted):
            literal = variable.get("allValue")
            return Variable([literal], raw=True) if literal else Variable(options, many=many)
        return Variable(wanted or options[:1], many=many)


def _formatted(variable: Variable, format: str) -> str:
    """Like Grafana: without a format its Prometheus data source escapes for a quoted string."""
    assert format in ("", "regex"), f"a format that is not understood: {format}"
    if variable.raw:
        return "".join(variable.values)
    if format == "regex":
        return _alternatives([re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", value) for value in variable.values])
    if not variable.many:
        return "".join(value.replace("\\", "\\\\").replace('"', '\\"') for value in variable.values)
    doubled = [value.replace("\\", "\\\\\\\\") for value in variable.values]
    return _alternatives([re.sub(r"[$^*{}\[\]+?.()|]", r"\\\\\g<0>", value) for value in doubled])


def _alternatives(values: list[str]) -> str:
    return f"({'|'.join(values)})" if len(values) > 1 else "".join(values)


def _by_regex(regex: str, values: Sequence[str]) -> Iterator[str]:
    """Applies a variable's regular expression, /.../, to each value."""
    if not regex:
        yield from values
        return
    for value in values:
        found = re.search(regex.strip("/"), value)
        if found:
            yield found[1] if found.groups() else value


def _as_text(series: dict) -> str:
    labels = ",".join(f'{key}="{value}"' for key, value in series["metric"].items() if key != "__name__")
    return f"{series['metric'].get('__name__', '')}{{{labels}}} {series['value'][1]} {series['value'][0]}"
