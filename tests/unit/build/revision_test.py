"""The revision that cmake/revision.cmake finds: in a repository, clean and changed, in a tarball of `git archive`, and without either."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# No configuration of the user's, and no repository but those that are made here.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
}  # fmt: skip


def run(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout.strip()


def copy_sources(to: Path) -> Path:
    """What decides the revision, as it is in the repository and not as a tarball of it has it."""
    (to / "cmake").mkdir(parents=True)
    shutil.copy(ROOT / ".gitattributes", to)
    shutil.copy(ROOT / "cmake/revision.cmake", to / "cmake")
    (to / "cmake/revision.txt").write_text("$Format:%h$\n")
    return to


def commit(repository: Path) -> str:
    run("git", "init", "-q", cwd=repository)
    run("git", "add", "-A", cwd=repository)
    run("git", "commit", "-q", "-m", "first", cwd=repository)
    run("git", "tag", "-a", "v1.0", "-m", "a tag is no revision", cwd=repository)
    return run("git", "rev-parse", "--short", "HEAD", cwd=repository)


def revision(sources: Path, *options: str) -> str:
    header = sources.parent / "revision.h"
    run("cmake", f"-DSOURCE={sources}", f"-DOUTPUT={header}", *options, "-P", str(sources / "cmake/revision.cmake"),
        cwd=sources.parent)  # fmt: skip
    found = re.fullmatch(r'#define KAFKASCOPE_REVISION "(.*)"\n', header.read_text())
    assert found, header.read_text()
    return found[1]


def check(name: str, got: object, expected: object) -> None:
    assert got == expected, f"{name}: {got!r}, and not {expected!r}"


def main() -> None:
    text = (ROOT / "cmake/revision.txt").read_text()
    assert re.fullmatch(r"(\$Format:%h\$|[0-9a-f]+)\n(\$Format:%ct\$|[0-9]+)\n", text), text
    with tempfile.TemporaryDirectory() as folder:
        outer = Path(folder)
        repository = copy_sources(outer / "repository")
        check("no commit yet", revision(repository), "unknown")
        head = commit(repository)
        check("a clean tree", revision(repository), head)
        header = outer / "revision.h"
        os.utime(header, (1, 1))
        check("the same again", revision(repository), head)
        check("a header that has not changed", header.stat().st_mtime, 1)
        check("what was given", revision(repository, "-DREVISION=abc"), "abc")

        with open(repository / "cmake/revision.cmake", "a") as file:
            file.write("# changed\n")
        check("a changed tree", revision(repository), f"{head}-dirty")

        tarball = outer / "tarball"
        tarball.mkdir()
        run("git", "archive", "-o", str(outer / "archive.tar"), "HEAD", cwd=repository)
        run("tar", "xf", str(outer / "archive.tar"), cwd=tarball)
        check("a tarball", revision(tarball), head)

        commit_of_others = commit(copy_sources(outer / "others"))
        copy = copy_sources(outer / "others/vendored/kafkascope")
        assert revision(copy) == "unknown", f"a copy inside another repository: {commit_of_others}"


main()
