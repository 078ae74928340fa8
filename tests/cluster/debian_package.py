"""A package of Debian's, unpacked and not installed, also of another release than this machine's."""

from __future__ import annotations

from pathlib import Path

import processes

ROOT = Path(__file__).resolve().parents[2]
_SOURCE = 'source cmake/distribution.sh; if [[ $distribution == debian ]]; then echo "deb $(keyring) $(mirror) {suite} main"; fi'


def unpack(name: str, suite: str) -> Path:
    """Returns the folder with the package's files, below build/. apt's lists are private: nothing of the machine changes."""
    folder = ROOT / "build" / "packages" / suite / name
    if (folder / "usr").exists():
        return folder
    source = processes.run(["bash", "-c", _SOURCE.format(suite=suite)], cwd=ROOT)
    assert source.strip(), "needs a machine with Debian's package sources"
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(source)
    apt = ["apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={folder / 'sources.list'}", "-o", "Dir::Etc::sourceparts=-"]
    apt += ["-o", f"Dir::State::lists={folder / 'lists'}", "-o", f"Dir::Cache={folder}", "-o", "APT::Sandbox::User="]
    processes.run([*apt, "update"], timeout=300)
    processes.run([*apt, "download", name], cwd=folder, timeout=300)
    processes.run(["dpkg", "-x", next(folder.glob("*.deb")), folder], timeout=60)
    return folder
