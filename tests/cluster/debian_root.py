"""A bare Debian in a folder, made with debootstrap from where this machine takes its own packages. Needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import processes

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "debian"
_SCRIPT = 'source cmake/distribution.sh; echo "$distribution $(mirror) $(keyring)"'


class DebianRoot:
    """The file system of a Debian at `path`. Commands run in it with a /proc and /dev of their own that end with them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def command(self, *command: str, user: str = "root") -> list[str]:
        """What runs `command` in here, as a child of its own process namespace."""
        script = f'mount --rbind /dev "{self.path}/dev" && exec chroot --userspec={user} "{self.path}" "$@"'
        environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LC_ALL=C.UTF-8"]
        return [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.path}/proc"),
            *("sh", "-c", script, "sh", *environment, "DEBIAN_FRONTEND=noninteractive", *command),
        ]

    def run(self, *command: str, user: str = "root", timeout: float = 600) -> str:
        return processes.run(self.command(*command, user=user), timeout=timeout)

    def files(self) -> set[str]:
        """All files and folders, but those that apt and dpkg keep for themselves."""
        own = ("proc/", "dev/", "var/lib/dpkg/", "var/lib/apt/", "var/cache/", "var/log/", "tmp/")
        paths = (str(path.relative_to(self.path)) for path in self.path.rglob("*"))
        return {path for path in paths if not path.startswith(own)}


def fetched() -> list[Path]:
    """Returns the source trees of librdkafka and CivetWeb that this machine has fetched."""
    cache = Path(os.environ.get("KAFKASCOPE_CACHE", Path.home() / ".cache/kafkascope"))
    return [*cache.glob("librdkafka-*[0-9].[0-9]"), *cache.glob("civetweb-*-*")]


def copy_fetched(cache: Path) -> None:
    for source in fetched():
        shutil.copytree(source, cache / source.name, symlinks=True)


def copy_project(to: Path) -> None:
    """Copies this checkout without build/."""
    shutil.copytree(ROOT, to, ignore=lambda folder, _: {"build"} if Path(folder) == ROOT else set(), symlinks=True)


def bootstrap(suite: str, path: Path) -> DebianRoot:
    """Makes a minimal Debian of `suite` at `path`, which apt can install packages in. Kept as an archive under build/."""
    archive = CACHE / f"{suite}.tar"
    distribution, mirror, *keyring = processes.run(["bash", "-c", _SCRIPT], cwd=ROOT).split()
    assert distribution == "debian", "needs a machine with Debian's package sources"
    if not archive.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = CACHE / f"{suite}.part"
        shutil.rmtree(part, ignore_errors=True)
        processes.run(["debootstrap", "--variant=minbase", suite, part, mirror], timeout=900)
        processes.run(["tar", "-C", part, "-cf", f"{archive}.part", "."])
        shutil.rmtree(part)
        Path(f"{archive}.part").rename(archive)
    path.mkdir(parents=True)
    processes.run(["tar", "-C", path, "-xpf", archive])
    source = f"deb {' '.join(keyring)} {mirror} {suite} main\n"
    (path / "etc/apt/sources.list").write_text(source)
    for name in ("etc/resolv.conf", "etc/hosts"):
        shutil.copy(f"/{name}", path / name)
    for certificate in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        (path / certificate.parent.relative_to("/")).mkdir(parents=True, exist_ok=True)
        shutil.copy(certificate, path / certificate.relative_to("/"))
    for settings in Path("/etc/apt/apt.conf.d").glob("99*"):  # a proxy, for example
        shutil.copy(settings, path / settings.relative_to("/"))
    root = DebianRoot(path)
    root.run("apt-get", "-qq", "update")
    return root


def remove(root: DebianRoot) -> None:
    subprocess.run(["rm", "-rf", "--one-file-system", str(root.path)], check=True)
