"""Dashboard of consumer groups: all, problems first; then one: lag, rates, partitions, members; then share groups."""

from __future__ import annotations

from dataclasses import replace

from grafana_foundation_sdk.builders import common
from grafana_foundation_sdk.builders import timeseries as timeseries_builders
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models

from parts import (
    CLUSTER_COLUMN,
    ZERO_IS_GOOD,
    Row,
    bands,
    bar_gauge,
    derived,
    drill,
    growth,
    instant,
    label,
    mapping,
    page,
    paint,
    query,
    row,
    stat,
    table,
    thresholds,
    timeseries,
    value,
    variable,
)

UID = "kafkascope-groups"

# Names are escaped for regular expressions, in raw strings: group names may contain any character.
CHOSEN = "consumergroup=~`${consumergroup:regex}`"
# There may be thousands of groups: the table only queries those that it shows.
WORST = "consumergroup=~`${worst_groups:regex}`"
CHOSEN_SHARE = "sharegroup=~`${sharegroup:regex}`"

GROUP = "job, instance, kafka_cluster, consumergroup"
TOPIC = f"{GROUP}, topic"
PARTITION = f"{TOPIC}, partition"
SHARE = "job, instance, kafka_cluster, sharegroup"

IN = "topic:kafka_topic_partition_current_offset:rate5m"
OUT = "consumergroup_topic:kafka_consumergroup_current_offset:rate5m"
LATE = "consumergroup_topic:kafka_consumergroup_lag_seconds:max"
CATCH_UP = "consumergroup_topic:kafka_consumergroup_catch_up_seconds"
ALLOWED = "consumergroup:kafka_consumergroup_allowed_lag_seconds"

# Statuses as numbers, the worst last, to aggregate and sort by.
STANDINGS = (
    ("unknown", "text"),
    ("ok", "green"),
    ("lagging", "yellow"),
    ("rewound", "blue"),
    ("stalled", "red"),
    ("stopped", "orange"),
    ("ahead", "purple"),
    ("losing", "red"),
)
STANDING = [mapping({str(number): look for number, look in enumerate(STANDINGS)})]


def trouble(selector: str) -> str:
    """Selects the numbers of statuses other than ok, usually few."""
    return " or ".join(_standing(number, selector) for number in range(2, len(STANDINGS)))


def _standing(number: int, selector: str) -> str:
    return f'{number} * kafka_consumergroup_status{{status="{STANDINGS[number][0]}",{selector}}}'


def standing(by: str, selector: str, every: str) -> str:
    """Selects the worst status number by these labels. `every`: a series that each of them has."""
    return f"max by ({by}) ({trouble(selector)} or {_standing(1, selector)} or 0 * {every}{{{selector}}})"


def rank(by: str, selector: str, late: str, every: str) -> str:
    """Ranks by status other than ok, then by lag in seconds if known."""
    tier = f'label_replace(1e12 * max by ({by}) ({trouble(selector)}), "rank", "tier", "", "")'
    return f"sum by ({by}) ({tier} or {late}{{{selector}}} or 0 * {every}{{{selector}}})"


def steadily(number: int, series: str) -> str:
    """Selects series that were largest at some time of the range. topk alone may choose others at each time."""
    return f"{series} and topk({number}, max_over_time({series}[$__range] @ end()))"


def lines(*what: object, **looks: object) -> timeseries_builders.Panel:
    """A time series with many lines: no fill, legend on the right."""
    return timeseries(*what, legend="right", **looks).fill_opacity(0)  # type: ignore[arg-type]


def dashed(panel: timeseries_builders.Panel, ref: str) -> timeseries_builders.Panel:
    """Draws the lines of a query dashed."""
    style = models.DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [6, 6]})
    return panel.override_by_query(ref, [style, models.DynamicConfigValue("custom.fillOpacity", 0)])


EVERY_GROUP = "kafka_consumergroup_state"
EVERY_TOPIC = "kafka_consumergroup_uncommitted_partitions"
TOP_TOPICS = f"topk(100, {rank(TOPIC, CHOSEN, LATE, EVERY_TOPIC)})"
TOP_PARTITIONS = f"topk(100, kafka_consumergroup_lag{{{CHOSEN}}})"

# Groups with less than a minute of lag have caught up. Others that are no faster than producers never will.
NEVER = 1e12
PACE = bands((NEVER, "not at this pace", "orange"))
CATCHING_UP = f"""
    (
      0 * ({LATE}{{{CHOSEN}}} < 60)
      or on ({TOPIC}) {CATCH_UP}{{{CHOSEN}}}
      or on ({TOPIC}) 0 * {LATE}{{{CHOSEN}}} + {NEVER:.0f} and on ({TOPIC}) {OUT}{{{CHOSEN}}}
    )
"""

# Owner of each partition; "nobody" if it has none, "not enabled" if owners are not exported.
ONE_EACH = f"0 * kafka_consumergroup_lag{{{CHOSEN}}} + 1"
OWNERS = f"""
    (
      topk by ({PARTITION}) (1, kafka_consumergroup_partition_owner{{{CHOSEN}}})
      or on ({PARTITION}) label_replace(
        {ONE_EACH} and on ({GROUP}) (
          kafka_consumergroup_members{{{CHOSEN}}} == 0
          or on ({GROUP}) count by ({GROUP}) (kafka_consumergroup_partition_owner{{{CHOSEN}}})
        ),
        "client_id", "nobody", "", ""
      )
      or on ({PARTITION}) label_replace({ONE_EACH}, "client_id", "not enabled", "", "")
    )
"""

CLUSTER = replace(CLUSTER_COLUMN, width=110)
LATENESS = thresholds("green", (60, "yellow"), (600, "orange"), (3600, "red"))
USED = thresholds("green", (0.5, "yellow"), (0.8, "orange"), (0.95, "red"))
WATCH = thresholds("green", (1, "orange"))
BY_GROUP = "{{kafka_cluster}} {{consumergroup}}"
BY_TOPIC = "{{kafka_cluster}} {{topic}}"
BY_PARTITION = "{{kafka_cluster}} {{topic}} {{partition}}"

NO_GROUPS = "no groups"
NO_GROUP = "no such group"
UNKNOWN = "not known"
NO_PARTITIONS = "no such group, or no series by partition (granularity: topic)"

CLICKED = "${__value.raw:percentencode}"
CHOOSE = drill(UID, "Show this group", consumergroup=CLICKED, sharegroup="${sharegroup:percentencode}")
CHOOSE_SHARE = drill(UID, "Show this share group", sharegroup=CLICKED, consumergroup="${consumergroup:percentencode}")
OPEN_TOPIC = drill("kafkascope-topics", "Open this topic", topic=CLICKED)


def dashboard() -> models.Dashboard:
    return page(
        UID,
        "Kafka consumer groups",
        "Status of all consumer groups, one group in detail, and share groups.",
        [_all(), _group(), _partitions(), _members(), _share()],
        variables=[
            variable("consumergroup", "Group", "kafka_consumergroup_members", multi=False, include_all=False),
            derived(
                "worst_groups",
                f"topk(100, {rank('consumergroup', '', 'kafka_consumergroup_max_lag_seconds', EVERY_GROUP)})",
                "consumergroup",
            ),
            variable("sharegroup", "Share group", "kafka_sharegroup_members", multi=False, include_all=False),
        ],
    )


def _count(groups: str, known: str = "kafka_consumergroup_state") -> str:
    """Counts groups; 0 if there are none but the series `known` exists."""
    return f"count(count by ({GROUP}) ({groups})) or 0 * count({known})"


def _of_topics(promql: str) -> str:
    """Restricts a query to the selected group's topics in the table."""
    return f"{promql} and on ({TOPIC}) {TOP_TOPICS}"


def _of_partitions(promql: str) -> str:
    """Restricts a query to the selected group's partitions in the table."""
    return f"{promql} and on ({PARTITION}) {TOP_PARTITIONS}"


def _all() -> Row:
    furthest = stat(
        101,
        "Furthest behind",
        "The group with the oldest uncommitted record, and its age.",
        [instant("topk(1, kafka_consumergroup_max_lag_seconds)", BY_GROUP)],
        width=4,
        unit="s",
        decimals=1,
        colors=LATENESS,
        text="value_and_name",
        no_value=NO_GROUPS,
    )
    return row(
        100,
        "All groups",
        furthest.text(common.VizTextDisplayOptions().title_size(14).value_size(36)),
        stat(
            102,
            "Too late",
            "Groups whose lag in seconds is above the allowed one: 600, or set by a rule (see "
            "dashboards/rules.yml).",
            [instant(_count(f"kafka_consumergroup_max_lag_seconds > on ({GROUP}) {ALLOWED}", ALLOWED))],
            width=3,
            colors=WATCH,
            background=True,
            no_value="no groups, or no rules.yml",
        ),
        stat(
            103,
            "Losing records",
            "Groups that lost records: deleted before they were committed. Until the group commits beyond them.",
            [instant(_count("kafka_consumergroup_messages_lost > 0", 'kafka_consumergroup_lag{partition="0"}'))],
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value="nothing by partition",
        ),
        stat(
            104,
            "Stalled",
            "Groups with members that are behind on a partition without a new commit for five minutes "
            "(status_window).",
            [instant(_count('kafka_consumergroup_status{status="stalled"}'))],
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value=NO_GROUPS,
        ),
        stat(
            105,
            "Stopped behind",
            "Groups that are behind and have no members. Normal for a batch job between two runs, a problem for a "
            "service.",
            [instant(_count('kafka_consumergroup_status{status="stopped"}'))],
            width=3,
            colors=WATCH,
            background=True,
            no_value=NO_GROUPS,
        ),
        stat(
            106,
            "Retention used",
            "Part of the retention used by the oldest uncommitted record, of the worst group. At 100% records are "
            "lost. Topics that are compacted or have no limit do not count.",
            [instant("max(kafka_consumergroup_retention_used_ratio)")],
            width=3,
            unit="percentunit",
            decimals=1,
            colors=USED,
            no_value="no limits",
        ),
        bar_gauge(
            107,
            "Groups by state",
            "State in Kafka. Many groups in a rebalance at the same time: check the brokers.",
            [instant("sort_desc(count by (state) (kafka_consumergroup_state))", "{{state}}")],
            width=5,
            height=4,
            unit="locale",
            no_value=NO_GROUPS,
        ),
        table(
            108,
            "Groups: problems first",
            "The first 100. Click a group to show it below. Status: of its worst partition; stalled with recent "
            "progress means that only some partitions are stalled. Lag: records, over all topics.",
            [
                CLUSTER,
                label("consumergroup", "Group", link=CHOOSE),
                value("Status", standing(GROUP, WORST, EVERY_GROUP), mappings=STANDING, width=130),
                value(
                    "Lag in time",
                    f"kafka_consumergroup_max_lag_seconds{{{WORST}}}",
                    unit="s",
                    decimals=1,
                    width=110,
                    colors=LATENESS,
                    missing=UNKNOWN,
                ),
                value("Lag", f"sum by ({GROUP}) (kafka_consumergroup_lag_sum{{{WORST}}})", unit="locale", width=120),
                value("Most on one partition", f"kafka_consumergroup_max_lag{{{WORST}}}", unit="locale", width=180),
                value(
                    "Retention used",
                    f"max by ({GROUP}) (kafka_consumergroup_retention_used_ratio{{{WORST}}})",
                    unit="percentunit",
                    decimals=1,
                    width=130,
                    colors=USED,
                    missing="no limit",
                ),
                value(
                    "Records lost",
                    f"sum by ({GROUP}) (kafka_consumergroup_messages_lost{{{WORST}}})",
                    unit="locale",
                    width=120,
                    colors=ZERO_IS_GOOD,
                    missing="0",
                ),
                value(
                    "Last progress",
                    f"time() - max by ({GROUP}) (kafka_consumergroup_last_progress_timestamp_seconds{{{WORST}}})",
                    unit="s",
                    decimals=0,
                    width=120,
                    missing="not seen",
                ),
                label("state", "State", promql=f"kafka_consumergroup_state{{{WORST}}}", width=170),
                value("Members", f"kafka_consumergroup_members{{{WORST}}}", unit="none", width=90),
                value(
                    "Rebalances (1 h)",
                    f"round(increase(kafka_consumergroup_membership_changes_total{{{WORST}}}[1h]))",
                    unit="none",
                    width=145,
                ),
            ],
            width=24,
            height=10,
            sort=("Status", "Lag in time"),
            descending=True,
            no_value=NO_GROUPS,
        ),
        lines(
            109,
            "Lag in time, ten worst groups",
            "Age of the oldest uncommitted record; the ten worst groups at each time.",
            [query("topk(10, kafka_consumergroup_max_lag_seconds)", BY_GROUP)],
            width=16,
            unit="s",
            no_value=NO_GROUPS,
        ).max_data_points(300),
        paint(
            timeseries(
                111,
                "Groups in trouble",
                "Number of groups by status on any of their topics, without ok.",
                [
                    query(
                        f"count by (status) (count by ({GROUP}, status) (kafka_consumergroup_status{{status!='ok'}}))",
                        "{{status}}",
                    ),
                ],
                width=8,
                decimals=0,
                stacked=True,
                no_value="none in trouble",
            ).max_data_points(300),
            dict(STANDINGS),
        ),
    )


def _group() -> Row:
    return row(
        200,
        "Group: $consumergroup",
        stat(
            201,
            "Status",
            "Of its worst partition. Stalled: has members, is behind, and does not commit. Stopped: the same "
            "without members. Lagging: consuming, but lag does not decrease. Rewound: offset was reset backwards.",
            [instant(f"max({standing(GROUP, CHOSEN, EVERY_GROUP)})")],
            width=4,
            mappings=STANDING,
            background=True,
            no_value=NO_GROUP,
        ),
        stat(
            202,
            "Lag in time",
            "Age of its oldest uncommitted record.",
            [query(f"max(kafka_consumergroup_max_lag_seconds{{{CHOSEN}}})")],
            width=4,
            unit="s",
            decimals=1,
            colors=LATENESS,
            sparkline=True,
            no_value=UNKNOWN,
        ),
        stat(
            203,
            "Lag",
            "Records between committed offset and end offset, over all its topics.",
            [query(f"sum(kafka_consumergroup_lag_sum{{{CHOSEN}}})")],
            width=4,
            sparkline=True,
            no_value=UNKNOWN,
        ),
        stat(
            204,
            "Time to catch up",
            "At the rate of the last five minutes, on the slowest topic. 0 if lag is less than a minute.",
            [instant(f"max({CATCHING_UP})")],
            width=4,
            unit="s",
            decimals=0,
            colors=thresholds("green", (60, "yellow"), (3600, "orange")),
            mappings=PACE,
            no_value="unknown without rules.yml",
        ),
        stat(
            205,
            "Retention used",
            "Part of the retention used by its oldest uncommitted record, on the worst topic. At 100% records are "
            "lost.",
            [query(f"max(kafka_consumergroup_retention_used_ratio{{{CHOSEN}}})")],
            width=4,
            unit="percentunit",
            decimals=1,
            colors=USED,
            sparkline=True,
            no_value="no limit",
        ),
        stat(
            206,
            "Records lost",
            "Records deleted before they were committed. Until it commits beyond them.",
            [
                query(
                    f"sum(kafka_consumergroup_messages_lost{{{CHOSEN}}})"
                    f" or 0 * sum(kafka_consumergroup_lag{{{CHOSEN}}})"
                )
            ],
            width=4,
            colors=ZERO_IS_GOOD,
            sparkline=True,
            no_value="nothing by partition",
        ),
        table(
            207,
            "Topics",
            "At most 100, problems first. In and out: records per second. Catch up: at the rate of the last five "
            "minutes. Unassigned: partitions without an owner. Not begun: partitions without a commit.",
            [
                CLUSTER,
                label("topic", "Topic", link=OPEN_TOPIC),
                value("Status", _of_topics(standing(TOPIC, CHOSEN, EVERY_TOPIC)), mappings=STANDING, width=130),
                value(
                    "Lag in time",
                    _of_topics(f"{LATE}{{{CHOSEN}}}"),
                    unit="s",
                    decimals=1,
                    width=110,
                    colors=LATENESS,
                    missing=UNKNOWN,
                ),
                value("Lag", _of_topics(f"kafka_consumergroup_lag_sum{{{CHOSEN}}}"), unit="locale", width=110),
                value(
                    "In",
                    _of_topics(
                        f"(0 * {EVERY_TOPIC}{{{CHOSEN}}} + on (job, instance, kafka_cluster, topic) group_left () {IN})"
                    ),
                    unit="recps",
                    decimals=1,
                    width=100,
                ),
                value("Out", _of_topics(f"{OUT}{{{CHOSEN}}}"), unit="recps", decimals=1, width=100),
                value("Catches up in", _of_topics(CATCHING_UP), unit="s", decimals=0, width=130, mappings=PACE),
                value(
                    "Retention used",
                    _of_topics(f"kafka_consumergroup_retention_used_ratio{{{CHOSEN}}}"),
                    unit="percentunit",
                    decimals=1,
                    width=130,
                    colors=USED,
                    missing="no limit",
                ),
                value(
                    "Records lost",
                    _of_topics(f"sum by ({TOPIC}) (kafka_consumergroup_messages_lost{{{CHOSEN}}})"),
                    unit="locale",
                    width=110,
                    colors=ZERO_IS_GOOD,
                    missing="0",
                ),
                value(
                    "Last progress",
                    f"time() - {_of_topics(f'kafka_consumergroup_last_progress_timestamp_seconds{{{CHOSEN}}}')}",
                    unit="s",
                    decimals=0,
                    width=120,
                    missing="not seen",
                ),
                value(
                    "Unassigned",
                    _of_topics(f"kafka_consumergroup_unassigned_partitions{{{CHOSEN}}}"),
                    unit="none",
                    width=100,
                    colors=WATCH,
                    missing=UNKNOWN,
                ),
                value(
                    "Not begun",
                    _of_topics(f"kafka_consumergroup_uncommitted_partitions{{{CHOSEN}}}"),
                    unit="none",
                    width=95,
                ),
            ],
            width=24,
            height=6,
            sort=("Status", "Lag in time"),
            descending=True,
            no_value=NO_GROUP,
        ),
        paint(
            dashed(
                timeseries(
                    208,
                    "Lag in time by topic",
                    "Age of the oldest uncommitted record, on the worst partition. The allowed lag is drawn once "
                    "lag reaches 20% of it.",
                    [
                        query(f"topk(20, {LATE}{{{CHOSEN}}})", BY_TOPIC),
                        query(
                            f"kafka_consumergroup_max_lag_seconds{{{CHOSEN}}} unless on ({GROUP}) {LATE}{{{CHOSEN}}}",
                            "{{kafka_cluster}} all topics",
                        ),
                        query(
                            f"max({ALLOWED}{{{CHOSEN}}}"
                            f" < on ({GROUP}) 5 * kafka_consumergroup_max_lag_seconds{{{CHOSEN}}})",
                            "allowed",
                        ),
                    ],
                    width=12,
                    unit="s",
                    no_value=UNKNOWN,
                ),
                "C",
            ),
            {"allowed": "red"},
        ),
        dashed(
            timeseries(
                209,
                "Lag by topic",
                "Records between committed offset and end offset. Dashed, with read_committed: true: to the last "
                "stable offset, up to which read_committed consumers can read.",
                [
                    query(f"topk(20, kafka_consumergroup_lag_sum{{{CHOSEN}}})", BY_TOPIC),
                    query(f"topk(20, kafka_consumergroup_read_committed_lag{{{CHOSEN}}})", f"{BY_TOPIC} committed"),
                ],
                width=12,
                no_value=UNKNOWN,
            ).axis_soft_max(10),
            "B",
        ),
        dashed(
            timeseries(
                210,
                "Consumption against production",
                "Commit rate, and (dashed) rate of producers on the same topics. While the dashed line is higher, "
                "lag grows.",
                [
                    query(
                        f"topk(10, 0 + {OUT}{{{CHOSEN}}} or on ({TOPIC})"
                        f" clamp_min(delta(kafka_consumergroup_current_offset_sum{{{CHOSEN}}}[5m]) / 300, 0))",
                        f"{BY_TOPIC} out",
                    ),
                    query(
                        f"topk(10, {IN} and on (job, instance, kafka_cluster, topic) {OUT}{{{CHOSEN}}})",
                        f"{BY_TOPIC} in",
                    ),
                ],
                width=16,
                unit="recps",
                no_value=NO_GROUP,
            ),
            "B",
        ),
        timeseries(
            211,
            "Time to catch up",
            "At the rate of the last five minutes, on topics with more than a minute of lag where it is faster than "
            "the producers. A line that ends high up: it has stopped catching up.",
            [query(f"topk(20, {CATCH_UP}{{{CHOSEN}}} unless on ({TOPIC}) {LATE}{{{CHOSEN}}} < 60)", BY_TOPIC)],
            width=8,
            unit="s",
            no_value="no lag, or too slow to catch up (needs dashboards/rules.yml)",
        ),
        _in_words(
            lines(
                212,
                "Status by topic",
                "From ok (bottom) to losing records (top).",
                [query(f"topk(20, {standing(TOPIC, CHOSEN, EVERY_TOPIC)})", BY_TOPIC)],
                width=12,
                calcs=("lastNotNull",),
                no_value=NO_GROUP,
            )
        ),
        timeseries(
            213,
            "Retention used by topic",
            "Age of the oldest uncommitted record divided by the topic's retention time. Near 100% records are "
            "about to be lost: speed up the group or raise the retention.",
            [query(f"topk(20, kafka_consumergroup_retention_used_ratio{{{CHOSEN}}})", BY_TOPIC)],
            width=6,
            unit="percentunit",
            no_value="topics without a limit, or compacted",
        ),
        timeseries(
            214,
            "Records lost by topic",
            "Records deleted before they were committed. The line ends when the group commits beyond them; the "
            "records remain lost.",
            [query(f"topk(20, sum by ({TOPIC}) (kafka_consumergroup_messages_lost{{{CHOSEN}}}))", BY_TOPIC)],
            width=6,
            decimals=0,
            no_value="none",
        ),
    )


def _in_words(panel: timeseries_builders.Panel) -> timeseries_builders.Panel:
    """Status over time with status names on the axis."""
    panel.line_interpolation(options.LineInterpolation.STEP_AFTER)
    return panel.decimals(0).max(len(STANDINGS) - 1).mappings(STANDING)


def _partitions() -> Row:
    return row(
        300,
        "Partitions: $consumergroup",
        lines(
            301,
            "Lag in time by partition",
            "The 20 worst. A single partition with lag: a record that cannot be processed, or a slow member.",
            [query(steadily(20, f"kafka_consumergroup_lag_seconds{{{CHOSEN}}}"), BY_PARTITION)],
            width=12,
            unit="s",
            no_value=NO_PARTITIONS,
        ),
        lines(
            302,
            "Lag by partition",
            "The 20 partitions with most lag.",
            [query(steadily(20, f"kafka_consumergroup_lag{{{CHOSEN}}}"), BY_PARTITION)],
            width=12,
            no_value=NO_PARTITIONS,
        ).axis_soft_max(10),
        table(
            303,
            "Partitions and their owners",
            "The 100 with most lag. Owners need owners: true in the exporter's configuration.",
            [
                CLUSTER,
                label("topic", "Topic", link=OPEN_TOPIC, width=260),
                label("partition", "Partition", width=90),
                value(
                    "Lag",
                    f"{TOP_PARTITIONS} * on ({PARTITION}) group_left (client_id, host, consumer_id) {OWNERS}",
                    unit="locale",
                    width=110,
                ),
                value(
                    "Lag in time",
                    _of_partitions(f"kafka_consumergroup_lag_seconds{{{CHOSEN}}}"),
                    unit="s",
                    decimals=1,
                    width=110,
                    colors=LATENESS,
                    missing=UNKNOWN,
                ),
                value(
                    "Committed offset",
                    _of_partitions(f"kafka_consumergroup_current_offset{{{CHOSEN}}}"),
                    unit="locale",
                    width=150,
                ),
                value(
                    "Records lost",
                    _of_partitions(f"kafka_consumergroup_messages_lost{{{CHOSEN}}}"),
                    unit="locale",
                    width=120,
                    colors=ZERO_IS_GOOD,
                    missing="0",
                ),
                value(
                    "Beyond the end",
                    _of_partitions(f"kafka_consumergroup_offset_ahead{{{CHOSEN}}}"),
                    unit="locale",
                    width=130,
                    colors=ZERO_IS_GOOD,
                    missing="0",
                ),
                label("client_id", "Owner"),
                label("host", "Host", width=140),
                label("consumer_id", "Member"),
            ],
            width=24,
            sort="Lag",
            descending=True,
            no_value=NO_PARTITIONS,
        ),
    )


def _members() -> Row:
    return row(
        400,
        "Members: $consumergroup",
        stat(
            401,
            "State",
            "State in Kafka. Empty: no members. Preparing a rebalance for long: a member does not respond.",
            [instant(f"kafka_consumergroup_state{{{CHOSEN}}}", "{{kafka_cluster}} {{state}}")],
            width=6,
            height=3,
            text="name",
            no_value=NO_GROUP,
        ),
        stat(
            402,
            "Kind and assignor",
            "Classic, consumer (KIP-848), connect, streams (KIP-1071), or simple (commits without members).",
            [instant(f"kafka_consumergroup_info{{{CHOSEN}}}", "{{kafka_cluster}} {{type}} {{protocol}}")],
            width=6,
            height=3,
            text="name",
            no_value=NO_GROUP,
        ),
        stat(
            403,
            "Coordinator",
            "The group's coordinator.",
            [instant(f"kafka_consumergroup_info{{{CHOSEN}}}", "{{kafka_cluster}} broker {{coordinator}}")],
            width=6,
            height=3,
            text="name",
            no_value=NO_GROUP,
        ),
        stat(
            404,
            "Last progress",
            "Time since the last observed commit. May be long if nothing is produced.",
            [instant(f"time() - max(kafka_consumergroup_last_progress_timestamp_seconds{{{CHOSEN}}})")],
            width=6,
            height=3,
            unit="s",
            decimals=0,
            no_value="not seen",
        ),
        timeseries(
            405,
            "Members",
            "Idle members have no partitions: more members than partitions, or none assigned.",
            [
                query(f"kafka_consumergroup_members{{{CHOSEN}}}", "{{kafka_cluster}} members"),
                query(f"kafka_consumergroup_idle_members{{{CHOSEN}}}", "{{kafka_cluster}} idle"),
            ],
            width=8,
            decimals=0,
            no_value=NO_GROUP,
        ),
        timeseries(
            406,
            "Rebalances",
            "Polls in which members or assignment had changed. Repeatedly: members crash, or take longer than "
            "max.poll.interval.ms for a batch.",
            [
                query(
                    growth(f"kafka_consumergroup_membership_changes_total{{{CHOSEN}}}"),
                    "{{kafka_cluster}} rebalances",
                ).interval("1m")
            ],
            width=8,
            decimals=0,
            bars=True,
            no_value=NO_GROUP,
        ),
        timeseries(
            407,
            "Partitions without an owner or a commit",
            "Unassigned: without an owner. Not begun: without a commit; if that persists, check whether records are "
            "skipped.",
            [
                query(f"topk(10, kafka_consumergroup_unassigned_partitions{{{CHOSEN}}} > 0)", f"{BY_TOPIC} unassigned"),
                query(f"topk(10, kafka_consumergroup_uncommitted_partitions{{{CHOSEN}}} > 0)", f"{BY_TOPIC} not begun"),
            ],
            width=8,
            decimals=0,
            no_value="none known",
        ),
        stat(
            412,
            "Not reconciled",
            "KIP-848 groups: members that have not taken part in the last rebalance yet, and partitions that are not yet "
            "assigned as the coordinator wants. Above 0 for long: a member does not poll, or hangs when partitions are "
            "revoked.",
            [
                instant(f"kafka_consumergroup_members_behind{{{CHOSEN}}}", "{{kafka_cluster}} members"),
                instant(f"kafka_consumergroup_unreconciled_partitions{{{CHOSEN}}}", "{{kafka_cluster}} partitions"),
            ],
            width=6,
            height=3,
            decimals=0,
            colors=thresholds("green", (1, "orange")),
            text="value_and_name",
            no_value="not a KIP-848 group",
        ),
        stat(
            409,
            "In this state for",
            "Time since the group was first seen in its state, or since the exporter's start.",
            [instant(f"time() - kafka_consumergroup_state_since_timestamp_seconds{{{CHOSEN}}}", "{{kafka_cluster}}")],
            width=6,
            height=3,
            unit="s",
            decimals=0,
            no_value=NO_GROUP,
        ),
        stat(
            410,
            "Offset retention used",
            "Time without members divided by offsets.retention.minutes, as seen since the exporter's start. At 100% Kafka "
            "deletes the committed offsets.",
            [instant(f"max(kafka_consumergroup_offset_retention_used_ratio{{{CHOSEN}}})")],
            width=6,
            height=3,
            unit="percentunit",
            decimals=0,
            colors=USED,
            no_value="unknown, or a simple group",
        ),
        stat(
            411,
            "Owner",
            "Team and service, if the configuration gives the group these labels (groups.labels).",
            [instant(f"kafka_consumergroup_labels{{{CHOSEN}}}", "{{kafka_cluster}} {{team}} {{service}}")],
            width=6,
            height=3,
            text="name",
            no_value="not configured",
        ),
        table(
            408,
            "Members and their partitions",
            "The 100 with most partitions. Needs members: true in the exporter's configuration.",
            [
                CLUSTER,
                label("client_id", "Client"),
                label("host", "Host", width=160),
                label("consumer_id", "Member"),
                value(
                    "Partitions",
                    f"topk(100, kafka_consumergroup_member_partitions{{{CHOSEN}}})",
                    unit="none",
                    width=110,
                ),
            ],
            width=24,
            height=6,
            sort="Partitions",
            descending=True,
            no_value="no members, or not enabled (members: true)",
        ),
    )


def _share() -> Row:
    lag = f"sum by ({SHARE}) (kafka_sharegroup_lag)"
    top = f"topk(100, {lag} or on ({SHARE}) 0 * kafka_sharegroup_members)"
    return row(
        500,
        "Share groups",
        table(
            501,
            "Share groups: most lag first",
            "The first 100. Click a group to show it on the right. Lag: as reported by the broker, since Kafka 4.2.",
            [
                CLUSTER,
                label("sharegroup", "Share group", link=CHOOSE_SHARE),
                label("state", "State", promql=f"kafka_sharegroup_state and on ({SHARE}) {top}", width=100),
                value("Members", f"kafka_sharegroup_members and on ({SHARE}) {top}", unit="none", width=90),
                value("Lag", f"{lag} and on ({SHARE}) {top}", unit="locale", width=100),
                label("coordinator", "Coordinator", promql=f"kafka_sharegroup_info and on ({SHARE}) {top}", width=110),
            ],
            width=10,
            sort="Lag",
            descending=True,
            no_value="no share groups",
        ),
        timeseries(
            502,
            "Lag by topic",
            "Records that the selected share group has not processed.",
            [query(f"topk(20, sum by ({SHARE}, topic) (kafka_sharegroup_lag{{{CHOSEN_SHARE}}}))", BY_TOPIC)],
            width=7,
            no_value="no share group, Kafka before 4.2, or granularity: topic",
        ).axis_soft_max(10),
        timeseries(
            503,
            "Records done",
            "Rate of the start offset of the selected share group. 0 with lag: a record is not acknowledged, or "
            "there are no consumers.",
            [
                query(
                    f"topk(20, sum by ({SHARE}, topic)"
                    f" (clamp_min(delta(kafka_sharegroup_start_offset{{{CHOSEN_SHARE}}}[5m]) / 300, 0)))",
                    BY_TOPIC,
                )
            ],
            width=7,
            unit="recps",
            no_value="no share group, or granularity: topic",
        ),
    )
