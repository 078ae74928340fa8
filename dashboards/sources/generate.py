"""Writes dashboards/*.json from the modules beside this file, and prometheusrule.yaml from rules.yml and alerts.yml.

With --check it writes nothing, says what differs, and exits 1 if anything does.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from importlib import import_module
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from prometheus_rule import manifest

SOURCES = Path(__file__).resolve().parent
OTHERS = ("generate", "owners", "parts", "prometheus_rule")
NAMES = sorted(path.stem for path in SOURCES.glob("*.py") if path.stem not in OTHERS)


def text_of(dashboard: Dashboard) -> str:
    """Returns the file's text, sorted for small diffs, without the id, which Grafana assigns."""
    tree = json.loads(json.dumps(dashboard, cls=JSONEncoder))
    return json.dumps({**tree, "id": None}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def generated() -> dict[Path, str]:
    """Returns the text of each file."""
    texts = {SOURCES.parent / f"{name}.json": text_of(import_module(name).dashboard()) for name in NAMES}
    return {**texts, SOURCES.parent / "prometheusrule.yaml": manifest()}


def differences(path: Path, text: str) -> list[str]:
    """Returns the difference between a file and `text`."""
    old = path.read_text().splitlines() if path.exists() else []
    return [*difflib.unified_diff(old, text.splitlines(), path.name, f"sources/{path.stem}.py", lineterm="", n=1)]


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes dashboards/*.json and dashboards/prometheusrule.yaml.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    check = parser.parse_args().check
    different = 0
    for path, text in generated().items():
        lines = differences(path, text)
        if not check:
            path.write_text(text)
        elif lines:
            different += 1
            print(*lines[:20], *([f"... {len(lines) - 20} more lines"] if len(lines) > 20 else []), sep="\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
