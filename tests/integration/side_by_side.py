"""Assigns tests to workers of pytest-xdist, and their order. Tests of a file stay together because of module fixtures;
only long ones are split. Workers share nothing: each starts the clusters of its tests.
"""

from __future__ import annotations

import re

import pytest
from xdist.scheduler import LoadScopeScheduling

# Groups of tests; the first match is used.
PARTS = {
    "Kafka 3.9.2": r"/test_(log_dirs|quorum|read_committed|topic_settings|values)\.py::.*3\.9\.2",
    "half of the long faults": r"/test_faults\.py::test_one_\w+\[.*(-3|-3-90|-1-90)\]",
    "demo, one end": r"/test_demo\.py::test_the_promised.*\[2\]",
    "demo, another end": r"/test_demo\.py::test_the_promised.*\[9\]",
}

# Longest first, so that all workers finish at about the same time.
BEGIN = ["time_lag", "kerberos", "faults", "Kafka", "alerts", "demo", "replication", "values", "group_status", "dashboards"]


class Scheduler(LoadScopeScheduling):
    """Assigns the next group to a free worker."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """Returns the group of a test."""
    parts = (name for name, pattern in PARTS.items() if re.search(pattern, nodeid))
    return next(parts, nodeid.split("::", maxsplit=1)[0])


def sort(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((n for n, word in enumerate(BEGIN) if word in group(item.nodeid)), len(BEGIN))

    items.sort(key=place)
