"""Checks every #include of exporter/ against two tables: which folders a folder may include, and which folder alone may
include an external library. First checks that it can fail."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2] / "exporter"

# Which folders a folder may include; a file may be named instead of its folder.
MAY_INCLUDE = {
    "model": [],
    "config": ["model"],
    "protocol": [],
    "log": ["model", "config"],
    "http": ["model"],
    "aws": ["http"],
    "kafka": ["protocol", "model", "config", "aws", "log/event.h"],
    "analysis": ["model"],
    "metrics": ["model"],
    "families": ["model", "metrics"],
    "endpoint": ["config", "model"],
    "report": ["analysis", "model"],
    "poll": ["metrics", "model", "log/event.h"],
    "cluster": ["poll", "kafka", "analysis", "families", "metrics", "model", "config", "log/event.h"],
    "zookeeper": ["poll", "analysis", "families", "metrics", "model", "config", "log/event.h"],
    "web": ["config", "model", "metrics/page.h", "metrics/selection.h", "log/event.h", "log/escape.h"],
    "app": ["cluster", "zookeeper", "families", "report", "endpoint", "poll", "web", "metrics", "config", "model", "http", "log"],
    "main.cc": ["app", "log", "config", "kafka", "metrics"],
}

# Prefixes of headers of external libraries, and the only folders that may include them.
DOORS = {
    "librdkafka/": "kafka",
    "rd.h": "kafka",
    "rdkafka": "kafka",
    "simdjson": "kafka aws",
    "openssl/": "config aws web zookeeper endpoint",
    "crypt.h": "web",
    "yaml-cpp/": "config",
    "re2/": "config",
    "prometheus/": "metrics",
    "zlib": "metrics",
    "civetweb": "web",
    "../src/civetweb.c": "web",
    "CivetServer": "web",
    "curl/": "http",
    "spdlog/sinks/": "log",
    "spdlog/spdlog.h": "log",
}

# Used everywhere: the formatter.
EVERYWHERE = ("spdlog/fmt/", "fmt/")

# The C++ and C libraries and POSIX: no folder, or one of the system's.
SYSTEM = re.compile(r"[a-z0-9_]+(\.h)?|(sys|netinet|arpa|linux)/[a-z0-9_]+\.h")


def complaint(folder, header):
    """What is wrong with a file of `folder` that includes `header`, or None."""
    top = header.split("/")[0]
    if top in MAY_INCLUDE:
        allowed = [folder, *MAY_INCLUDE[folder]]
        return None if top in allowed or header in allowed else f"{folder} may not include {top}"
    for start, door in DOORS.items():
        if header.startswith(start):
            return None if folder in door.split() else f"only {door} may include it"
    if header.startswith(EVERYWHERE) or SYSTEM.fullmatch(header):
        return None
    return "a library that layers_test.py does not know"


def check(files):
    for path, text in files:
        folder = path.split("/")[0]
        if folder not in MAY_INCLUDE:
            yield f"exporter/{path}: a folder that layers_test.py does not know"
            continue
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if match and (problem := complaint(folder, match[1])):
                yield f"exporter/{path}:{number}: {match[1]}: {problem}"


def prove_that_it_can_fail():
    wrong = {
        "model/a.h": "kafka/client.h",
        "analysis/a.cc": "metrics/page.h",
        "kafka/a.cc": "metrics/page.h",
        "metrics/a.cc": "poll/poller.h",
        "web/a.cc": "metrics/chunk.h",
        "poll/a.cc": "librdkafka/rdkafka.h",
        "poll/b.cc": "kafka/client.h",
        "cluster/a.cc": "zookeeper/source.h",
        "families/a.cc": "zookeeper/answers.h",
        "metrics/b.cc": "families/subjects.h",
        "protocol/a.cc": "rdkafka_int.h",
        "analysis/b.cc": "yaml-cpp/yaml.h",
        "config/a.cc": "zlib.h",
        "util/a.h": "string",
        "poll/c.cc": "spdlog/spdlog.h",
        "poll/d.cc": "log/log.h",
        "web/b.cc": "boost/asio.hpp",
        "app/a.cc": "curl/curl.h",
        "kafka/b.cc": "openssl/evp.h",
    }
    right = {
        "web/a.cc": "metrics/page.h",
        "kafka/raw_request.c": "rdkafka_int.h",
        "main.cc": "app/app.h",
        "model/a.h": "string_view",
        "web/c.cc": "sys/socket.h",
        "metrics/a.cc": "random",
    }
    for cases, count in ((wrong, 1), (right, 0)):
        for path, header in cases.items():
            found = list(check([(path, f"#include <{header}>")]))
            assert bool(found) == bool(count), f"{path} with {header}: {found}"


def main():
    prove_that_it_can_fail()
    paths = sorted(p for p in ROOT.rglob("*") if p.suffix in (".h", ".cc", ".c"))
    problems = list(check((p.relative_to(ROOT).as_posix(), p.read_text()) for p in paths))
    print("\n".join(problems or [f"{len(paths)} files are in order"]))
    return 1 if problems or not paths else 0


sys.exit(main())
