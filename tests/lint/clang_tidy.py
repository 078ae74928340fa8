"""Runs clang-tidy on the sources of exporter/. build/lint records which passed: a source is checked again if it, a
header that it includes, the checks or their version have changed. Exits with 1 if there are findings.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "exporter"
PASSED = ROOT / "build/lint"
# The options of the compile commands are GCC's.
COMMAND = [ROOT / "build/venv/bin/clang-tidy", "-p", "build", "--quiet", "--extra-arg=-Wno-unknown-warning-option"]


@cache
def included(source: Path) -> frozenset[Path]:
    """Returns the source and all files of exporter/ that it includes."""
    names = re.findall(r'^#include "(.+)"', source.read_text(), re.MULTILINE)
    files = {SOURCES / name for name in names if (SOURCES / name).exists()}
    return frozenset({source}.union(*(included(file) for file in files)))


def findings(source: Path, checks: bytes) -> str:
    """Returns the findings of clang-tidy in a source; empty: none."""
    content = b"".join(file.read_bytes() for file in sorted(included(source)))
    stamp = PASSED / hashlib.sha256(checks + content).hexdigest()
    if stamp.exists():
        return ""
    done = subprocess.run([*COMMAND, source], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        stamp.touch()
        return ""
    return done.stdout or done.stderr


def main() -> int:
    PASSED.mkdir(parents=True, exist_ok=True)
    checks = (ROOT / ".clang-tidy").read_bytes() + subprocess.check_output([COMMAND[0], "--version"])
    sources = sorted(SOURCES.rglob("*.cc"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [text for text in pool.map(lambda source: findings(source, checks), sources) if text]
    print("\n".join(found) or f"clang-tidy: {len(sources)} sources are clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
