"""The container image, built with buildah on a Debian made with debootstrap, as no registry can be asked. Needs root."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import debian_root
import processes

ROOT = Path(__file__).resolve().parents[2]
BASE = "debian:trixie-slim"


def _buildah(storage: Path, *command: str | Path, timeout: float = 600) -> str:
    places = ("--storage-driver", "vfs", "--root", storage / "root", "--runroot", storage / "run")
    return processes.run(["buildah", *places, *command], timeout=timeout)


def build(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Builds docker/Dockerfile and returns the file system of the image, as a folder, and its configuration. The sources of
    librdkafka and CivetWeb are those that this machine has.
    """
    storage = folder / "storage"
    base = debian_root.bootstrap(BASE.removeprefix("debian:").removesuffix("-slim"), folder / "base")
    container = _buildah(storage, "from", "scratch").strip()
    _buildah(storage, "add", "--quiet", container, base.path, "/")
    _buildah(storage, "commit", "--quiet", container, f"docker.io/library/{BASE}")
    debian_root.remove(base)

    sources = folder / "cache"
    debian_root.copy_fetched(sources)
    _buildah(
        storage,
        *("bud", "--isolation", "chroot", "--pull-never", "--volume", f"{sources}:/root/.cache/kafkascope:rw"),
        *("--build-arg", "REVISION=test", "--file", ROOT / "docker/Dockerfile", "--ignorefile", ROOT / ".dockerignore"),
        *("--tag", "kafkascope", ROOT),
        timeout=1800,
    )
    image = folder / "image"
    container = _buildah(storage, "from", "--pull-never", "kafkascope").strip()
    mounted = _buildah(storage, "mount", container).strip()
    shutil.copytree(mounted, image, symlinks=True)
    _buildah(storage, "umount", container)
    return image, json.loads(_buildah(storage, "inspect", "--type", "image", "kafkascope"))["OCIv1"]["config"]
