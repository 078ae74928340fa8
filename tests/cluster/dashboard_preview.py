"""Runs the preview tool of dashboards/preview, which renders dashboards as images from the data of a Prometheus."""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import processes
from progress import step

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "dashboards" / "preview"
BUILD = ROOT / "build" / "preview"
NODE = (20, 19)


def missing() -> str:
    """Returns what is missing on this machine; empty: nothing."""
    version = _node_version()
    if version < NODE:
        found = f"found is {'.'.join(map(str, version))}" if any(version) else "none was found"
        return f"pictures of dashboards need Node {NODE[0]}.{NODE[1]} or newer, {found}"
    if not shutil.which("npm"):
        return "pictures of dashboards need npm: sudo apt-get install npm"
    if not _chromium():
        return "pictures of dashboards need Chromium: sudo apt-get install chromium"
    return ""


def draw(prometheus: str, out: Path, dashboards: Iterable[Path], minutes: float, *options: str) -> str:
    """Renders each dashboard with the last `minutes` of a Prometheus (URL) to OUT/<uid>.png. Returns the tool's output;
    RuntimeError with it if a panel or a variable failed.
    """
    assert not missing(), missing()
    BUILD.parent.mkdir(exist_ok=True)
    with open(BUILD.parent / "preview.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Other tests may build it at the same time.
        _build()
    command = ["node", BUILD / "cli" / "main.js", "--prometheus", prometheus, "--chromium", _chromium(), "--out", out]
    command += ["--from", f"now-{round(minutes * 60)}s", "--timeout", "60s", *options, *dashboards]
    return processes.run(command, timeout=300)


def _build() -> None:
    """Returns the build folder for the current sources."""
    sources = [path for path in sorted(SOURCE.rglob("*")) if path.is_file() and not _is_made(path)]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(f"{path.relative_to(SOURCE)}\0".encode() + path.read_bytes())
    built = BUILD / "built"
    if built.exists() and built.read_text() == digest.hexdigest():
        return
    shutil.rmtree(BUILD, ignore_errors=True)
    for path in sources:
        (BUILD / path.relative_to(SOURCE)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, BUILD / path.relative_to(SOURCE))
    with step("building the preview of dashboards"):
        processes.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=BUILD, timeout=600)
        processes.run(["npm", "run", "build"], cwd=BUILD, timeout=300)
    built.write_text(digest.hexdigest())


def _is_made(path: Path) -> bool:
    """Leftovers of npm from running the tool by hand."""
    return path.relative_to(SOURCE).parts[0] in ("node_modules", "dist")


def _node_version() -> tuple[int, ...]:
    """Returns (0, 0) if not installed."""
    if not shutil.which("node"):
        return 0, 0
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0, 0)


def _chromium() -> str:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
