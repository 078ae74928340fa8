"""Kafka consumer groups: all, those in trouble first; then one: lag, rates, partitions, members; then share groups."""

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

# A name escaped for a regular expression, in a raw string: there may be any character in a group's name.
CHOSEN = "consumergroup=~`${consumergroup:regex}`"
# There may be thousands of groups: the table asks only for those that it shows.
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

# The status of a group, the worst last, as numbers to take the worst of and to sort by.
STANDINGS = (
    ("not known yet", "text"),
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
    """The numbers of all that are not ok: few, as a rule, however many groups there are."""
    return " or ".join(_standing(number, selector) for number in range(2, len(STANDINGS)))


def _standing(number: int, selector: str) -> str:
    return f'{number} * kafka_consumergroup_status{{status="{STANDINGS[number][0]}",{selector}}}'


def standing(by: str, selector: str, every: str) -> str:
    """The number of each set of these labels, the worst of its topics. `every` is a series that each of them has."""
    return f"max by ({by}) ({trouble(selector)} or {_standing(1, selector)} or 0 * {every}{{{selector}}})"


def rank(by: str, selector: str, late: str, every: str) -> str:
    """Those in trouble first, then by how late they are, as far as that is known."""
    tier = f'label_replace(1e12 * max by ({by}) ({trouble(selector)}), "rank", "tier", "", "")'
    return f"sum by ({by}) ({tier} or {late}{{{selector}}} or 0 * {every}{{{selector}}})"


def steadily(number: int, series: str) -> str:
    """Those that were largest at some time of what is shown: topk alone may choose others at each time."""
    return f"{series} and topk({number}, max_over_time({series}[$__range] @ end()))"


def lines(*what: object, **looks: object) -> timeseries_builders.Panel:
    """A time series of many lines: no fill, and the legend beside them."""
    return timeseries(*what, legend="right", **looks).fill_opacity(0)  # type: ignore[arg-type]


def dashed(panel: timeseries_builders.Panel, ref: str) -> timeseries_builders.Panel:
    """The lines of that query dashed."""
    style = models.DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [6, 6]})
    return panel.override_by_query(ref, [style, models.DynamicConfigValue("custom.fillOpacity", 0)])


EVERY_GROUP = "kafka_consumergroup_state"
EVERY_TOPIC = "kafka_consumergroup_uncommitted_partitions"
TOP_TOPICS = f"topk(100, {rank(TOPIC, CHOSEN, LATE, EVERY_TOPIC)})"
TOP_PARTITIONS = f"topk(100, kafka_consumergroup_lag{{{CHOSEN}}})"

# Who is less than a minute late has caught up; who is later and no faster than the producers never will.
NEVER = 1e12
PACE = bands((NEVER, "not at this pace", "orange"))
CATCHING_UP = f"""
    (
      0 * ({LATE}{{{CHOSEN}}} < 60)
      or on ({TOPIC}) {CATCH_UP}{{{CHOSEN}}}
      or on ({TOPIC}) 0 * {LATE}{{{CHOSEN}}} + {NEVER:.0f} and on ({TOPIC}) {OUT}{{{CHOSEN}}}
    )
"""

# Whose each partition is; else whether it is nobody's or was not asked for.
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
      or on ({PARTITION}) label_replace({ONE_EACH}, "client_id", "not asked for", "", "")
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
        "Which consumer groups are in trouble, and one group in detail; share groups.",
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
    """How many groups; 0 only where there is something to know it by."""
    return f"count(count by ({GROUP}) ({groups})) or 0 * count({known})"


def _of_topics(promql: str) -> str:
    """Of the chosen group's topics in the table."""
    return f"{promql} and on ({TOPIC}) {TOP_TOPICS}"


def _of_partitions(promql: str) -> str:
    """Of the chosen group's partitions in the table."""
    return f"{promql} and on ({PARTITION}) {TOP_PARTITIONS}"


def _all() -> Row:
    furthest = stat(
        101,
        "Furthest behind",
        "The group whose oldest uncommitted record has been waiting for longest, and for how long. The table says what"
        " each group does about it.",
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
            "Groups with a lag in seconds above what is allowed: 600, or what a rule of yours says for the group (see"
            " dashboards/rules.yml).",
            [instant(_count(f"kafka_consumergroup_max_lag_seconds > on ({GROUP}) {ALLOWED}", ALLOWED))],
            width=3,
            colors=WATCH,
            background=True,
            no_value="no groups, or no rules.yml",
        ),
        stat(
            103,
            "Losing records",
            "Groups of which records were deleted that they had not committed, until they commit behind them.",
            [instant(_count("kafka_consumergroup_messages_lost > 0", 'kafka_consumergroup_lag{partition="0"}'))],
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value="nothing by partition",
        ),
        stat(
            104,
            "Stalled",
            "Groups that have members, are behind on a partition, and have committed nothing new on it for five minutes"
            " (status_window).",
            [instant(_count('kafka_consumergroup_status{status="stalled"}'))],
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value=NO_GROUPS,
        ),
        stat(
            105,
            "Stopped behind",
            "Groups that are behind and have no members. Right for a job between two runs, wrong for a service.",
            [instant(_count('kafka_consumergroup_status{status="stopped"}'))],
            width=3,
            colors=WATCH,
            background=True,
            no_value=NO_GROUPS,
        ),
        stat(
            106,
            "Retention used",
            "How near the oldest uncommitted record is to being deleted, of the group that is nearest. At 100 % records"
            " are lost. Topics that are compacted or without a limit do not count.",
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
            "In Kafka's words. Many that prepare or complete a rebalance at the same time: look at the brokers.",
            [instant("sort_desc(count by (state) (kafka_consumergroup_state))", "{{state}}")],
            width=5,
            height=4,
            unit="locale",
            no_value=NO_GROUPS,
        ),
        table(
            108,
            "Groups: those in trouble first",
            "The first 100. A click on a group shows it below. Status is that of its worst partition: stalled with"
            " progress a moment ago means that some of its partitions stand still. Lag is in records, over all its"
            " topics; most on one partition is in records, too.",
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
            "How long the oldest uncommitted record of each has been waiting; at each time the ten that were worst.",
            [query("topk(10, kafka_consumergroup_max_lag_seconds)", BY_GROUP)],
            width=16,
            unit="s",
            no_value=NO_GROUPS,
        ).max_data_points(300),
        paint(
            timeseries(
                111,
                "Groups in trouble",
                "How many groups have each status on any of their topics. Those that are ok are not drawn.",
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
            "That of its worst partition. Stalled: has members, is behind, commits nothing. Stopped: the same without"
            " members. Lagging: moves on, and comes no nearer. Rewound: was moved back.",
            [instant(f"max({standing(GROUP, CHOSEN, EVERY_GROUP)})")],
            width=4,
            mappings=STANDING,
            background=True,
            no_value=NO_GROUP,
        ),
        stat(
            202,
            "Lag in time",
            "How long the oldest record that it has not committed has been waiting.",
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
            "Records from what it has committed to the end, over all its topics.",
            [query(f"sum(kafka_consumergroup_lag_sum{{{CHOSEN}}})")],
            width=4,
            sparkline=True,
            no_value=UNKNOWN,
        ),
        stat(
            204,
            "Time to catch up",
            "At the pace of the last five minutes, on the topic that takes longest. 0 if it is less than a minute"
            " late.",
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
            "How near its oldest uncommitted record is to being deleted, on the worst topic. At 100 % records are"
            " lost.",
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
            "Deleted before it had committed them, until it commits behind them.",
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
            "Topics that it reads",
            "100 at most, those in trouble first. In and out are records a second. It catches up at the pace of the"
            " last five minutes. Unassigned are partitions that no member owns; not begun are those without a commit.",
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
                    "How long the oldest record that it has not committed has been waiting, on the worst partition."
                    " What is allowed is drawn once the group is a fifth as late.",
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
                "Records from what it has committed to the end. Dashed, with read_committed: true: to the last stable"
                " offset, which is as far as consumers of committed transactions can see.",
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
                "What it commits, and dashed what producers write to the same topics. While the dashed line is above"
                " the other, lag grows.",
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
            "At the pace of the last five minutes, on topics on which it is later than a minute and faster than the"
            " producers. A line that ends high up: it has stopped catching up.",
            [query(f"topk(20, {CATCH_UP}{{{CHOSEN}}} unless on ({TOPIC}) {LATE}{{{CHOSEN}}} < 60)", BY_TOPIC)],
            width=8,
            unit="s",
            no_value="not late, or too slow to catch up (needs dashboards/rules.yml)",
        ),
        _in_words(
            lines(
                212,
                "Status by topic",
                "The higher, the worse: from ok to losing records.",
                [query(f"topk(20, {standing(TOPIC, CHOSEN, EVERY_TOPIC)})", BY_TOPIC)],
                width=12,
                calcs=("lastNotNull",),
                no_value=NO_GROUP,
            )
        ),
        timeseries(
            213,
            "Retention used by topic",
            "Waiting time of the oldest uncommitted record, divided by the topic's retention time. Towards 100 %"
            " records are about to be lost: let the group catch up, or lengthen the retention.",
            [query(f"topk(20, kafka_consumergroup_retention_used_ratio{{{CHOSEN}}})", BY_TOPIC)],
            width=6,
            unit="percentunit",
            no_value="topics without a limit, or compacted",
        ),
        timeseries(
            214,
            "Records lost by topic",
            "Deleted before the group had committed them. The line ends when it commits behind them; the records stay"
            " lost.",
            [query(f"topk(20, sum by ({TOPIC}) (kafka_consumergroup_messages_lost{{{CHOSEN}}}))", BY_TOPIC)],
            width=6,
            decimals=0,
            no_value="none",
        ),
    )


def _in_words(panel: timeseries_builders.Panel) -> timeseries_builders.Panel:
    """Steps of standings, with words on the axis."""
    panel.line_interpolation(options.LineInterpolation.STEP_AFTER)
    return panel.decimals(0).max(len(STANDINGS) - 1).mappings(STANDING)


def _partitions() -> Row:
    return row(
        300,
        "Partitions: $consumergroup",
        lines(
            301,
            "Lag in time by partition",
            "The 20 worst. One that is late alone: a record that cannot be processed, or a slow member.",
            [query(steadily(20, f"kafka_consumergroup_lag_seconds{{{CHOSEN}}}"), BY_PARTITION)],
            width=12,
            unit="s",
            no_value=NO_PARTITIONS,
        ),
        lines(
            302,
            "Lag by partition",
            "The 20 with most records to read.",
            [query(steadily(20, f"kafka_consumergroup_lag{{{CHOSEN}}}"), BY_PARTITION)],
            width=12,
            no_value=NO_PARTITIONS,
        ).axis_soft_max(10),
        table(
            303,
            "Partitions and their owners",
            "The 100 with most lag. Owners are asked for with owners: true in the exporter's configuration.",
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
            "In Kafka's words. Empty: no members. Preparing a rebalance for long: a member does not answer.",
            [instant(f"kafka_consumergroup_state{{{CHOSEN}}}", "{{kafka_cluster}} {{state}}")],
            width=6,
            height=3,
            text="name",
            no_value=NO_GROUP,
        ),
        stat(
            402,
            "Kind and assignor",
            "Classic, consumer (KIP-848), connect, streams (KIP-1071), or simple: commits without members.",
            [instant(f"kafka_consumergroup_info{{{CHOSEN}}}", "{{kafka_cluster}} {{type}} {{protocol}}")],
            width=6,
            height=3,
            text="name",
            no_value=NO_GROUP,
        ),
        stat(
            403,
            "Coordinator",
            "The broker that keeps the group's commits and members.",
            [instant(f"kafka_consumergroup_info{{{CHOSEN}}}", "{{kafka_cluster}} broker {{coordinator}}")],
            width=6,
            height=3,
            text="name",
            no_value=NO_GROUP,
        ),
        stat(
            404,
            "Last progress",
            "How long ago one of its commits last moved, as seen. Long ago is right where nothing is produced.",
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
            "Idle members have no partition: there are more of them than partitions, or they were not given any.",
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
            "Polls in which its members, or what they own, had changed. Again and again: members crash, or take longer"
            " for a batch than max.poll.interval.ms.",
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
            "Partitions that nobody reads",
            "Unassigned: no member owns them. Not begun: without a commit; for long, look whether records are skipped.",
            [
                query(f"topk(10, kafka_consumergroup_unassigned_partitions{{{CHOSEN}}} > 0)", f"{BY_TOPIC} unassigned"),
                query(f"topk(10, kafka_consumergroup_uncommitted_partitions{{{CHOSEN}}} > 0)", f"{BY_TOPIC} not begun"),
            ],
            width=8,
            decimals=0,
            no_value="none known",
        ),
        table(
            408,
            "Members and how many partitions they have",
            "The 100 with most. Known with members: true in the exporter's configuration.",
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
            no_value="no members, or not asked for (members: true)",
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
            "Share groups: those with most lag first",
            "The first 100. A click on one shows it beside. Lag is what the broker tells, from Kafka 4.2 on.",
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
            "Records that the chosen share group still has to deal with.",
            [query(f"topk(20, sum by ({SHARE}, topic) (kafka_sharegroup_lag{{{CHOSEN_SHARE}}}))", BY_TOPIC)],
            width=7,
            no_value="no share group, Kafka before 4.2, or granularity: topic",
        ).axis_soft_max(10),
        timeseries(
            503,
            "Records done",
            "How fast the first open offset of the chosen share group moves on. 0 with lag: a record is not"
            " acknowledged, or nobody reads.",
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
