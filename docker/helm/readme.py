"""Writes the table of values in the chart's README.md from the comments of values.yaml. With --check: exits 1 if it differs.

A comment above a key describes it. A map whose keys have comments is not a row itself.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

CHART = Path(__file__).resolve().parent / "kafkascope"
BEGIN, END = "<!-- values: docker/helm/readme.py writes this table -->\n", "<!-- end of values -->\n"


def comments(text: str) -> dict[tuple[str, ...], str]:
    """The comment above each key that has one."""
    found: dict[tuple[str, ...], str] = {}
    path: list[tuple[int, str]] = []
    comment: list[str] = []
    for line in text.splitlines():
        if match := re.match(r" *# ?(.*)", line):
            comment.append(match[1])
            continue
        if match := re.match(r"( *)([\w.]+):( |$)", line):
            path = [(indent, key) for indent, key in path if indent < len(match[1])] + [(len(match[1]), match[2])]
            if comment:
                found[tuple(key for _, key in path)] = " ".join(comment)
        comment = []
    return found


def leaves(node: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(node, dict) and node:
        return [leaf for key, value in node.items() for leaf in leaves(value, (*path, key))]
    return [path]


def table(text: str) -> str:
    values = yaml.safe_load(text)
    described = comments(text)
    rows = [path for path in described if not any(other[: len(path)] == path for other in described if other != path)]
    if missing := [leaf for leaf in leaves(values) if not any(leaf[: len(row)] == row for row in rows)]:
        raise SystemExit(f"values.yaml: {'.'.join(missing[0])} has no comment")
    lines = ["| value | default | meaning |\n", "|---|---|---|\n"]
    for path in rows:
        default = values
        for key in path:
            default = default[key]
        shown = "" if default in ("", None) else f"`{json.dumps(default)}`"
        lines.append(f"| `{'.'.join(path)}` | {shown} | {described[path]} |\n")
    return "".join(lines)


def main() -> int:
    readme = CHART / "README.md"
    old = readme.read_text()
    before, rest = old.split(BEGIN)
    new = before + BEGIN + table((CHART / "values.yaml").read_text()) + END + rest.split(END)[1]
    if "--check" in sys.argv:
        if new != old:
            print("README.md of the chart differs from values.yaml: run docker/helm/readme.py")
        return int(new != old)
    readme.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
