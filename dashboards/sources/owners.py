#!/usr/bin/env python3
"""Joins alerts about consumer groups and topics with owner labels: owners.py team service < alerts.yml

The arguments are the names of labels of kafka_consumergroup_labels and kafka_topic_labels that alerts shall have.
Alerts about groups and topics without owner labels fire unchanged.
"""

from __future__ import annotations

import sys

import yaml

CLUSTER = "job, instance, kafka_cluster"


def joined(promql: str, subject: str, names: list[str]) -> str:
    """Returns the expression with the owner labels of its `subject` (consumergroup, topic) on each series."""
    owners, on = f"kafka_{subject}_labels", f"on ({CLUSTER}, {subject})"
    alone = f"(\n{promql.strip()}\n)"
    return f"{alone}\n* {on} group_left ({', '.join(names)}) {owners}\nor\n{alone}\nunless {on} {owners}\n"


def subject_of(rule: dict) -> str | None:
    """Returns what an alert is about, from the labels in its annotations."""
    text = " ".join(rule["annotations"].values())
    return next((subject for subject in ("consumergroup", "topic") if f"$labels.{subject}" in text), None)


def main(names: list[str]) -> int:
    if not names:
        print(__doc__, file=sys.stderr)
        return 2
    rules = yaml.safe_load(sys.stdin)
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        if "alert" in rule and (subject := subject_of(rule)):
            rule["expr"] = joined(rule["expr"], subject, names)
    yaml.safe_dump(rules, sys.stdout, sort_keys=False, width=120)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
