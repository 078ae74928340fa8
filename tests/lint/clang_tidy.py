"""Runs clang-tidy on the sources of exporter/. build/lint records which passed: a source is checked again if it, any
header or the checks have changed. Exits with 1 if there are findings.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PASSED = ROOT / "build/lint"
# -Wno-restrict is GCC's.
COMMAND = [ROOT / "build/venv/bin/clang-tidy", "-p", "build", "--quiet", "--extra-arg=-Wno-unknown-warning-option"]


def findings(source: Path, of_all: bytes) -> str:
    """Returns the findings of clang-tidy in a source; empty: none."""
    stamp = PASSED / hashlib.sha256(of_all + bytes(source) + source.read_bytes()).hexdigest()
    if stamp.exists():
        return ""
    done = subprocess.run([*COMMAND, source], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        stamp.touch()
        return ""
    return done.stdout or done.stderr


def main() -> int:
    PASSED.mkdir(parents=True, exist_ok=True)
    headers = sorted((ROOT / "exporter").rglob("*.h"))
    of_all = hashlib.sha256(b"".join(path.read_bytes() for path in [ROOT / ".clang-tidy", *headers])).digest()
    sources = sorted((ROOT / "exporter").rglob("*.cc"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [text for text in pool.map(lambda source: findings(source, of_all), sources) if text]
    print("\n".join(found) or f"clang-tidy: {len(sources)} sources are clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
