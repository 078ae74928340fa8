"""Prints what a built kafkascope contains and needs, as an SPDX 2.3 document: cmake/sbom.py PROGRAM TRIPLET [SYSROOT]

Linked in: librdkafka and CivetWeb, with the digests of their sources. Shared: all libraries of the architecture TRIPLET
(x86_64-linux-gnu) that the program loads when it starts, with the versions of the packages of this machine, or of those in SYSROOT
(cmake/cross-packages.sh), as the program is meant for this release of the distribution.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOWNLOADS = {
    "librdkafka": "https://github.com/confluentinc/librdkafka/archive/refs/tags/v{}.tar.gz",
    "CivetWeb": "https://github.com/civetweb/civetweb/archive/refs/tags/v{}.tar.gz",
}


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def package(name: str, version: str, **fields: object) -> dict[str, object]:
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        **fields,
    }


def pinned(name: str, script: str, license: str) -> dict[str, object]:
    """A library that is compiled in, as its script of cmake/ pins it."""
    text = (ROOT / "cmake" / script).read_text()
    version, digest = (re.search(rf"^{key}=(\S+)$", text, re.MULTILINE)[1] for key in ("version", "digest"))  # type: ignore[index]
    return package(
        name,
        version,
        downloadLocation=DOWNLOADS[name].format(version),
        licenseDeclared=license,
        comment=f"Linked statically. SHA-256 over the compiled source files, computed as in cmake/{script}: {digest}",
    )


def shared_libraries(program: Path, triplet: str, sysroot: str) -> dict[str, list[str]]:
    """The libraries that the loader maps for `program`, by the Debian package that owns them."""
    owners: dict[str, list[str]] = {}
    seen: set[str] = set()
    unread = [program]
    while unread:
        for name in re.findall(r"\(NEEDED\)[^\n]*\[(.+)\]", run("readelf", "--dynamic", "--wide", str(unread.pop()))):
            if name in seen:
                continue
            seen.add(name)
            path = Path(f"{sysroot}/usr/lib/{triplet}/{name}").resolve(strict=True)
            # dpkg knows a path as its package has it: with or without the link from /lib to /usr/lib.
            candidates = [str(path), str(path).removeprefix("/usr")]
            found = subprocess.run(["dpkg", "-S", *candidates], check=False, capture_output=True, text=True).stdout
            if not found:
                sys.exit(f"sbom.py: no package owns {path}")
            owners.setdefault(found.split(": ")[0], []).append(name)
            unread.append(path)
    return owners


def document(program: Path, triplet: str, sysroot: str) -> dict[str, object]:
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    created = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.UTC)
    version = (ROOT / "VERSION").read_text().strip()
    kafkascope = package(
        "kafkascope",
        version,
        licenseDeclared="Apache-2.0",
        primaryPackagePurpose="APPLICATION",
        checksums=[{"algorithm": "SHA256", "checksumValue": digest}],
    )
    static = [
        pinned("librdkafka", "librdkafka.sh", "BSD-2-Clause"),
        pinned("CivetWeb", "civetweb.sh", "MIT"),
    ]
    distribution = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.MULTILINE))["ID"]
    dynamic = []
    for owner, libraries in sorted(shared_libraries(program, triplet, sysroot).items()):
        name = owner.split(":")[0]
        fields = run("dpkg-query", "--show", "--showformat=${Version}\n${Architecture}", owner).split("\n")
        locator = f"pkg:deb/{distribution}/{name}@{fields[0].replace('+', '%2B').replace(':', '%3A')}?arch={fields[1]}"
        reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}
        dynamic.append(
            package(name, fields[0], externalRefs=[reference], comment="Loaded: " + ", ".join(sorted(libraries)))
        )
    relationships = [("SPDXRef-DOCUMENT", "DESCRIBES", kafkascope["SPDXID"])]
    relationships += [(kafkascope["SPDXID"], "STATIC_LINK", each["SPDXID"]) for each in static]
    relationships += [(kafkascope["SPDXID"], "DYNAMIC_LINK", each["SPDXID"]) for each in dynamic]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"kafkascope-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/kafkascope-{version}-{digest}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: kafkascope-sbom.py"]},
        "packages": [kafkascope, *static, *dynamic],
        "relationships": [
            {"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relationships
        ],
    }


if __name__ == "__main__":
    sysroot = str(Path(sys.argv[3]).resolve()) if sys.argv[3:] and sys.argv[3] else ""
    if sysroot:
        os.environ["DPKG_ADMINDIR"] = f"{sysroot}/var/lib/dpkg"
    print(json.dumps(document(Path(sys.argv[1]).resolve(), sys.argv[2], sysroot), indent=2))
