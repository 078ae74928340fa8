"""rules.yml and alerts.yml as one manifest for the Prometheus operator: their text, indented."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[1]
HEAD = """\
# For the Prometheus operator: rules.yml and alerts.yml as one manifest, made of them by `make dashboards`.
# Your Prometheus may look for labels of its own here (its ruleSelector).
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: kafkascope
  labels: {app.kubernetes.io/name: kafkascope}
spec:
  groups:
"""


def groups(path: Path) -> str:
    """What stands below `groups:` there, two columns further in."""
    lines = path.read_text().split("\ngroups:\n")[1].splitlines()
    return "".join(f"  {line}\n" if line else "\n" for line in lines)


def manifest() -> str:
    """The text of dashboards/prometheusrule.yaml."""
    return HEAD + groups(FOLDER / "rules.yml") + "\n" + groups(FOLDER / "alerts.yml")
