"""README's table of metrics says what the golden page says: names, types, labels. And promtool has nothing new to say of the page."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {
    'kafka_consumergroup_current_offset_sum non-histogram and non-summary metrics should not have "_sum" suffix',
    'kafka_consumergroup_lag_sum non-histogram and non-summary metrics should not have "_sum" suffix',
}


def from_page(page: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Of each family its type and its labels, but for those of histograms and summaries."""
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.M))
    labels: dict[str, set[str]] = {name: set() for name in types}
    for name, inside in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", page, re.M):
        family = name if name in types else re.sub(r"_(bucket|sum|count)$", "", name)
        labels[family] |= set(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', inside or "")) - {"le", "quantile"}
    return {name: (types[name], frozenset(labels[name])) for name in types if not name.startswith("process_")}


def from_readme(readme: str) -> dict[str, tuple[str, frozenset[str]]]:
    rows = re.findall(r"^\| `(kafka_\w+)` \| (\w+) \| ([^|]*)\|", readme, re.M)
    return {name: (type, frozenset(re.findall(r"`(\w+)`", labels))) for name, type, labels in rows}


def main() -> None:
    page = (ROOT / "tests/golden.txt").read_text()
    emitted, told = from_page(page), from_readme((ROOT / "README.md").read_text())
    wrong = [f"{name}: README says {told.get(name)}, the page {emitted.get(name)}"
             for name in sorted(emitted.keys() | told.keys()) if emitted.get(name) != told.get(name)]
    promtool = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True)
    said = set((promtool.stdout + promtool.stderr).splitlines())
    wrong += [f"promtool: {line}" for line in sorted(said ^ KNOWN)]
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
