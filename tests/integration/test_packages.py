"""What `make dist` writes: the program and its debug information, the tarball, the Debian package, the list of parts."""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import debian_root
import processes
from exporter import BINARY, ROOT

VERSION = (ROOT / "VERSION").read_text().strip()


def dist(sources: Path, build: Path, output: Path) -> Path:
    # Other tests run beside it, and compressing takes all there is.
    processes.run(["nice", "-n", "10", sources / "cmake/dist.sh", build, output], timeout=1500)
    return output


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dist(ROOT, BINARY.parent, tmp_path_factory.mktemp("dist") / "out")


@pytest.mark.long
def test_program(packed: Path) -> None:
    program = packed / "kafkascope"
    sections = processes.run(["readelf", "--section-headers", "--wide", program])
    assert ".symtab" not in sections and ".debug_info" not in sections
    assert processes.run([program, "--version"]) == processes.run([BINARY, "--version"])
    # gdb finds kafkascope.debug beside it.
    seen = processes.run(["gdb", "--batch", "--nx", "-ex", "info line main", program])
    assert re.search(r'Line \d+ of ".*exporter/main\.cc" starts at address', seen), seen


@pytest.mark.long
def test_no_path_of_the_machine(packed: Path) -> None:
    """Else two checkouts could not build the same."""
    text = BINARY.read_bytes()  # With its debug information, which is compressed in kafkascope.debug.
    for path in (ROOT, Path.home() / ".cache", packed):
        assert str(path).encode() not in text, path


@pytest.mark.long
def test_sums(packed: Path) -> None:
    processes.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=packed)
    named = {line.split()[1] for line in (packed / "SHA256SUMS").read_text().splitlines()}
    assert named == {path.name for path in packed.iterdir()} - {"SHA256SUMS"}


@pytest.mark.long
def test_tarball(packed: Path, tmp_path: Path) -> None:
    archive = only(packed, "*.tar.gz")
    folder = archive.name.removesuffix(".tar.gz")
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        assert {member.name.split("/")[0] for member in members} == {folder}
        assert len({member.mtime for member in members}) == 1
        assert {(member.uid, member.gid) for member in members} == {(0, 0)}
        tar.extractall(tmp_path)
    top = tmp_path / folder
    assert VERSION in processes.run([top / "bin/kafkascope", "--version"])
    for path in ("LICENSE", "README.md", "share/doc/kafkascope/kafkascope.yml", "share/man/man1/kafkascope.1",
                 "share/bash-completion/completions/kafkascope", "share/kafkascope/dashboards/cluster.json",
                 "share/kafkascope/alerts.yml", "lib/systemd/system/kafkascope.service"):  # fmt: skip
        assert (top / path).is_file(), path


@pytest.mark.long
def test_parts(packed: Path) -> None:
    """The document is valid, and names what the loader loads and what is linked in."""
    file = only(packed, "*.spdx.json")
    processes.run([ROOT / "build/venv/bin/pyspdxtools", "--infile", file])
    document = json.loads(file.read_text())
    packages = {package["name"]: package for package in document["packages"]}
    loaded = {name for package in packages.values()
              for name in package.get("comment", "").removeprefix("Loaded: ").split(", ")}  # fmt: skip
    needed = set(re.findall(r"\[(.*?\.so.*?)\]", processes.run(["readelf", "--dynamic", packed / "kafkascope"])))
    assert needed - {"ld-linux-x86-64.so.2"} <= loaded
    for name, script in (("librdkafka", "librdkafka.sh"), ("CivetWeb", "civetweb.sh")):
        text = (ROOT / "cmake" / script).read_text()
        assert f"version={packages[name]['versionInfo']}\n" in text
        assert re.search(r"^digest=(\w+)$", text, re.MULTILINE)[1] in packages[name]["comment"]
    assert packages["libssl3" if "libssl3" in packages else "libssl3t64"]["versionInfo"]


@pytest.mark.long
def test_package_is_clean(packed: Path) -> None:
    for package in packed.glob("*.deb"):
        assert processes.run(["lintian", "--fail-on=error,warning", package]) == ""


@pytest.mark.release
@pytest.mark.timeout(3600)
def test_same_bytes(packed: Path, tmp_path: Path) -> None:
    """The same sources elsewhere, with a librdkafka built elsewhere and nothing from a compiler cache."""
    sources = tmp_path / "another" / "place"
    debian_root.copy_project(sources)
    cache = Path(os.environ.get("KAFKASCOPE_CACHE", Path.home() / ".cache/kafkascope"))
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    rdkafka = only(cache, "librdkafka-*[0-9].[0-9]")
    for command in (
        ["cmake", "--preset", "release", "-D", f"KAFKASCOPE_RDKAFKA_SOURCE={rdkafka}", "-D", "BUILD_TESTING=OFF"],
        ["cmake", "--build", "--preset", "release"],
    ):
        processes.run(command, cwd=sources, env=environment, timeout=3000)
    again = dist(sources, sources / "build", tmp_path / "out")
    assert (again / "SHA256SUMS").read_text() == (packed / "SHA256SUMS").read_text()


@pytest.mark.release
@pytest.mark.timeout(3600)
def test_other_architecture(packed: Path) -> None:
    """What `make dist ARCH=arm64` writes is for that architecture, with the dependencies of the package built here."""
    processes.run(["make", "dist", "ARCH=arm64"], cwd=ROOT, timeout=3000)
    other = ROOT / "build/dist-arm64"
    assert "Machine:                           AArch64" in processes.run(["readelf", "--file-header", other / "kafkascope"])
    emulator = ["qemu-aarch64-static", "-L", ROOT / "build/sysroot-arm64"]
    assert f"kafkascope {VERSION} " in processes.run([*emulator, other / "kafkascope", "--version"])
    assert str(ROOT).encode() not in (ROOT / "build/arm64/kafkascope").read_bytes()

    def field(folder: Path, name: str) -> str:
        return processes.run(["dpkg-deb", "--field", only(folder, "kafkascope_*.deb"), name]).strip()

    assert field(other, "Architecture") == "arm64"
    versions = re.compile(r" \(.*?\)")  # Symbols of a library may be younger on an architecture.
    assert versions.sub("", field(other, "Depends")) == versions.sub("", field(packed, "Depends"))
    assert processes.run(["lintian", "--fail-on=error,warning", only(other, "kafkascope_*.deb")]) == ""
    names = {path.name.replace("amd64", "arm64") for path in packed.iterdir()}
    assert {path.name for path in other.iterdir()} == names
    document = json.loads(only(other, "*.spdx.json").read_text())
    purls = [one["referenceLocator"] for package in document["packages"] for one in package.get("externalRefs", [])]
    assert len(purls) > 10 and all(purl.endswith("?arch=arm64") for purl in purls)


# ---- In a bare Debian


@pytest.fixture(params=["bookworm", "trixie"])
def installed_from(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[debian_root.DebianRoot]:
    """A bare Debian with /kafkascope.deb, built for that release: here, or else in a Debian like that."""
    root = debian_root.bootstrap(request.param, tmp_path / "root")
    try:
        if f"VERSION_CODENAME={request.param}\n" in Path("/etc/os-release").read_text():
            package = only(request.getfixturevalue("packed"), "kafkascope_*.deb")
        else:
            package = built_in(request.param, tmp_path)
        shutil.copy(package, root.path / "kafkascope.deb")
        yield root
    finally:
        debian_root.remove(root)


def built_in(suite: str, tmp_path: Path) -> Path:
    root = debian_root.bootstrap(suite, tmp_path / "builder")
    sources = root.path / "kafkascope"
    debian_root.copy_project(sources)
    debian_root.copy_fetched(root.path / ".cache/kafkascope")
    root.run("apt-get", "-y", "-qq", "install", "--no-install-recommends", "make", "ca-certificates")
    root.run("make", "-C", "/kafkascope", "dist", timeout=3000)
    package = tmp_path / f"{suite}.deb"
    shutil.copy(only(sources / "build/dist", "kafkascope_*.deb"), package)
    debian_root.remove(root)
    return package


def serves(root: debian_root.DebianRoot, log: Path) -> None:
    """The installed program runs as its user, and answers."""
    port = processes.free_port()
    command = root.command("/usr/bin/kafkascope", "--config.file=/etc/kafkascope/kafkascope.yml",
                           f"--web.listen-address=127.0.0.1:{port}", user="kafkascope:kafkascope")  # fmt: skip
    process = processes.spawn(command, log)

    def answers() -> bool:
        assert process.poll() is None, processes.tail(log)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                return b"kafka_up 0" in answer.read()
        except urllib.error.URLError:
            return False

    try:
        processes.wait_until(answers, "a page", 30)
    finally:
        processes.stop([process])


@pytest.mark.release
@pytest.mark.timeout(3600)
def test_life_of_the_package(installed_from: debian_root.DebianRoot, tmp_path: Path) -> None:
    root = installed_from
    install = ("apt-get", "-y", "-qq", "install", "--no-install-recommends")
    root.run(*install, "/kafkascope.deb")
    before = root.files()
    assert "kafkascope" in root.run("getent", "passwd", "kafkascope")
    configuration = root.path / "etc/kafkascope/kafkascope.yml"
    assert root.run("stat", "-c", "%a %U %G", "/etc/kafkascope").split() == ["750", "root", "kafkascope"]
    serves(root, tmp_path / "log")

    # An upgrade keeps what was configured.
    configuration.write_text("clusters: [{servers: [kafka.example.com:9092]}]\n")
    root.run("dpkg-deb", "-R", "/kafkascope.deb", "/tmp/next")
    control = root.path / "tmp/next/DEBIAN/control"
    control.write_text(control.read_text().replace(f"Version: {VERSION}", f"Version: {VERSION}+next"))
    root.run("dpkg-deb", "--root-owner-group", "-b", "/tmp/next", "/next.deb")
    root.run(*install, "/next.deb")
    assert f"{VERSION}+next" in root.run("dpkg-query", "--show", "kafkascope")
    assert "kafka.example.com" in configuration.read_text()
    serves(root, tmp_path / "log")

    root.run("apt-get", "-y", "-qq", "remove", "kafkascope")
    assert configuration.exists() and not (root.path / "usr/bin/kafkascope").exists()
    root.run("apt-get", "-y", "-qq", "purge", "kafkascope")
    left = {path for path in root.files() & before if "kafkascope" in path} - {"kafkascope.deb"}
    assert left == set()
