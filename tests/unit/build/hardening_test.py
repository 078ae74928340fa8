"""The program and its static libraries are hardened as cmake/hardening.cmake wants it: hardening_test.py PROGRAM LIBRARY...

Control-flow protection is looked for in the libraries only: Debian's own startup files lack it, so that the linker drops the mark from
every program. Proves first that each check can fail."""

import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CONTROL_FLOW = {"x86_64": "IBT, SHSTK", "aarch64": "BTI, PAC"}.get(platform.machine(), "")


def readelf(option: str, file: Path) -> str:
    return subprocess.run(["readelf", option, "-W", file], check=True, capture_output=True, text=True).stdout


def missing_in_code(file: Path) -> list[str]:
    symbols = set(re.findall(r" UND (\w+)", readelf("-s", file)))
    wrong = []
    if "__stack_chk_fail" not in symbols:
        wrong.append("no stack protector")
    if not any(re.fullmatch(r"__\w+_chk", symbol) for symbol in symbols):
        wrong.append("no fortified function")
    return wrong


def missing_in_objects(library: Path) -> list[str]:
    objects = re.split(r"^File: ", readelf("-n", library), flags=re.M)
    objects = objects[1:] or objects  # an object file alone has no such line
    lacking = sum(CONTROL_FLOW not in text for text in objects)
    return [f"no control-flow protection in {lacking} of {len(objects)} objects"] if lacking else []


def missing_in_program(program: Path) -> list[str]:
    segments, dynamic = readelf("-l", program), readelf("-d", program)
    wrong = []
    if not re.search(r"\(FLAGS_1\).*\bPIE\b", dynamic):
        wrong.append("not position independent (PIE)")
    if not re.search(r"\(FLAGS\).*\bBIND_NOW\b|\(FLAGS_1\).*\bNOW\b", dynamic):
        wrong.append("symbols are bound lazily (no BIND_NOW)")
    if "GNU_RELRO" not in segments:
        wrong.append("no RELRO")
    if not re.search(r"GNU_STACK .* RW ", segments):
        wrong.append("the stack is executable")
    return wrong


def prove_that_it_can_fail() -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, program, library = (Path(folder) / name for name in ("a.c", "a", "a.o"))
        source.write_text("int main(void) { return 0; }\n")
        link = ["-no-pie", "-Wl,-z,lazy", "-Wl,-z,norelro", "-Wl,-z,execstack"]
        compile = ["-fcf-protection=none"] if platform.machine() == "x86_64" else []
        subprocess.run(["cc", *link, source, "-o", program], check=True)
        subprocess.run(["cc", *compile, "-c", source, "-o", library], check=True)
        assert len(missing_in_program(program)) == 4, missing_in_program(program)
        assert len(missing_in_code(program)) == 2, missing_in_code(program)
        assert not CONTROL_FLOW or missing_in_objects(library)


def main() -> None:
    program, *libraries = map(Path, sys.argv[1:])
    prove_that_it_can_fail()
    wrong = [f"{program.name}: {what}" for what in missing_in_program(program) + missing_in_code(program)]
    for library in libraries:
        wrong += [f"{library.name}: {what}" for what in missing_in_code(library) + missing_in_objects(library)]
    if wrong:
        sys.exit("\n".join(wrong))


main()
