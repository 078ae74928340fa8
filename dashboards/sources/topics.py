"""Dashboard of topics: all, problems first; then the selected ones: traffic, partitions, replication, groups."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as models

from groups import CLUSTER, LATENESS, STANDING, UNKNOWN, USED, dashed, lines, rank, standing, steadily
from parts import (
    NEUTRAL,
    RULES_NEEDED,
    ZERO_IS_GOOD,
    Row,
    bands,
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

UID = "kafkascope-topics"

# Names are escaped for regular expressions, in raw strings. "All" is .* and not escaped.
CHOSEN = "topic=~`${topic:regex}`"
# There may be thousands of topics and groups and more partitions: tables only query what they show, and partitions of a
# few topics.
WORST = "topic=~`${worst_topics:regex}`"
BUSIEST = "topic=~`${busiest_topics:regex}`"
READERS = f"{CHOSEN},consumergroup=~`${{reading_groups:regex}}`"
FEW = 5
SHOWN = "topic=~`${shown_topics:regex}`"

TOPIC = "job, instance, kafka_cluster, topic"
PARTITION = f"{TOPIC}, partition"
READER = f"{TOPIC}, consumergroup"
SHARE_READER = f"{TOPIC}, sharegroup"

IN = "topic:kafka_topic_partition_current_offset:rate5m"
OUT = "consumergroup_topic:kafka_consumergroup_current_offset:rate5m"
LATE = "consumergroup_topic:kafka_consumergroup_lag_seconds:max"

KEPT = f"(kafka_topic_partition_current_offset{{{SHOWN}}} - kafka_topic_partition_oldest_offset{{{SHOWN}}})"
# Like the recording rule for topics.
PARTITION_IN = f"clamp_min(delta(kafka_topic_partition_current_offset{{{SHOWN}}}[5m]) / 300, 0)"
PARTITION_SIZE = f"kafka_topic_partition_size_bytes{{{SHOWN}}}"

# Problems as numbers, to aggregate and sort by.
PROBLEMS = (
    ("none", "green"),
    ("under-replicated", "orange"),
    ("at min ISR", "orange"),
    ("under min ISR", "red"),
    ("no leader", "red"),
)
PROBLEM = [mapping({str(number): look for number, look in enumerate(PROBLEMS)})]


def problem(selector: str) -> str:
    """Selects the problem number of each topic's worst partition."""
    kinds = {4: "offline", 3: "under_min_isr", 2: "at_min_isr", 1: "under_replicated"}
    found = [f"0 * (kafka_topic_{kind}_partitions{{{selector}}} > 0) + {number}" for number, kind in kinds.items()]
    return f"({' or '.join(found)} or 0 * kafka_topic_partitions{{{selector}}})"


def rate(selector: str) -> str:
    """Selects records per second by topic, 0 if unknown."""
    return f"({IN}{{{selector}}} or on ({TOPIC}) 0 * kafka_topic_partitions{{{selector}}})"


def ranked(selector: str) -> str:
    """Ranks topics with problems first, then by traffic."""
    return f"1e12 * {problem(selector)} + on ({TOPIC}) {rate(selector)}"


PARTITION_PROBLEM = f"""
    max by ({PARTITION}) (
      4 * kafka_topic_partition_problem{{problem="offline",{SHOWN}}}
      or 3 * kafka_topic_partition_problem{{problem="under_min_isr",{SHOWN}}}
      or 2 * kafka_topic_partition_problem{{problem="at_min_isr",{SHOWN}}}
      or kafka_topic_partition_under_replicated_partition{{{SHOWN}}}
    )
"""
TOP_PARTITIONS = f"""
    topk(100,
      1e12 * {PARTITION_PROBLEM}
      + on ({PARTITION}) ({KEPT} or on ({PARTITION}) 0 * kafka_topic_partition_replicas{{{SHOWN}}})
    )
"""
EVERY_READER = "kafka_consumergroup_uncommitted_partitions"
TOP_READERS = f"topk(100, {rank(READER, READERS, LATE, EVERY_READER)})"

UNLIMITED = bands((1e15, "no limit", "text"))
YES_OR_NO = mapping({"true": ("yes", "text"), "false": ("no", "text")})
BY_TOPIC = "{{kafka_cluster}} {{topic}}"
BY_PARTITION = "{{kafka_cluster}} {{topic}} {{partition}}"
BY_READER = "{{kafka_cluster}} {{consumergroup}} {{topic}}"
OF_FEW = f"Of {FEW} of the selected topics: with problems, else the busiest."

NO_TOPICS = "no topics"
NO_TOPIC = "no such topic"
NO_GROUPS = "no group reads these topics"
NO_PARTITIONS = "no such topic, or no series by partition (granularity: topic)"
NO_RATES = f"{RULES_NEEDED} (not with granularity: topic)"
NO_TRANSACTIONS = "not available: Kafka before 3.0, or transactions is disabled"
NO_QUEUES = "no topic looks like a dead letter queue"
NO_SIZES = "unknown: log_dirs is disabled or not allowed"

CLICKED = "${__value.raw:percentencode}"
CHOOSE = drill(UID, "Show this topic", topic=CLICKED)
OPEN_GROUP = drill("kafkascope-groups", "Open this group", consumergroup=CLICKED)
OPEN_SHARE_GROUP = drill("kafkascope-groups", "Open this share group", sharegroup=CLICKED)


def dashboard() -> models.Dashboard:
    return page(
        UID,
        "Kafka topics",
        "Traffic, size, settings, replication and consumer groups of topics.",
        [_all(), _chosen(), _partitions(), _replication(), _readers(), _transactions(), _dead_letters()],
        variables=[
            variable("topic", "Topic", "kafka_topic_partitions"),
            derived("worst_topics", f"topk(100, max by (topic) ({ranked('')}))", "topic"),
            derived("busiest_topics", f"topk(100, max by (topic) ({rate(CHOSEN)}))", "topic"),
            derived("shown_topics", f"topk({FEW}, max by (topic) ({ranked(CHOSEN)}))", "topic"),
            derived(
                "reading_groups", f"topk(100, {rank('consumergroup', CHOSEN, LATE, EVERY_READER)})", "consumergroup"
            ),
        ],
    )


def _of_partitions(promql: str) -> str:
    """Restricts a query to the partitions in the table."""
    return f"{promql} and on ({PARTITION}) {TOP_PARTITIONS}"


def _of_readers(promql: str) -> str:
    """Restricts a query to the groups and topics in the table."""
    return f"{promql} and on ({READER}) {TOP_READERS}"


def _skew(promql: str) -> str:
    """The largest partition as a multiple of the average."""
    return f"max by ({TOPIC}) ({promql}) / (avg by ({TOPIC}) ({promql}) > 0)"


def _all() -> Row:
    return row(
        100,
        "All topics",
        stat(
            101,
            "Not available",
            "Topics with a partition that has no leader, or too few in-sync replicas to be written with acks=all.",
            [
                instant(
                    "count((kafka_topic_offline_partitions > 0) or (kafka_topic_under_min_isr_partitions > 0))"
                    " or 0 * count(kafka_topic_offline_partitions)"
                )
            ],
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value=NO_TOPICS,
        ),
        stat(
            102,
            "Under-replicated",
            "Topics with a partition whose replicas are not all in sync. Normal for minutes while a broker "
            "restarts; replicas being moved to another broker count, too.",
            [instant("sum(kafka_topic_under_replicated_partitions > bool 0)")],
            width=3,
            colors=thresholds("green", (1, "orange")),
            background=True,
            no_value=NO_TOPICS,
        ),
        stat(
            103,
            "Unclean elections",
            "Partitions whose new leader did not have all records, in the selected time range: records are lost.",
            [instant("sum(round(increase(kafka_topic_unclean_leader_elections_total[$__range])))")],
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value=NO_TOPICS,
        ),
        stat(
            104,
            "One replica",
            "Topics with one replica: not available while its broker is down, lost if its disk is.",
            [instant("sum(kafka_topic_replication_factor == bool 1)")],
            width=3,
            colors=thresholds("green", (1, "yellow")),
            no_value=NO_TOPICS,
        ),
        stat(
            105,
            "Topics",
            "Including Kafka's internal topics.",
            [instant("count(kafka_topic_partitions)")],
            width=3,
            unit="locale",
            no_value=NO_TOPICS,
        ),
        stat(
            106,
            "Partitions",
            "Of all topics; replicas are not counted.",
            [instant("sum(kafka_topic_partitions)")],
            width=3,
            unit="locale",
            no_value=NO_TOPICS,
        ),
        stat(
            107,
            "Records in",
            "Records per second written by producers, including Kafka's internal topics. Needs "
            "dashboards/rules.yml; not available with granularity: topic.",
            [query("sum(cluster:kafka_topic_partition_current_offset:rate5m)")],
            width=3,
            unit="recps",
            sparkline=True,
            no_value=UNKNOWN,
        ),
        stat(
            108,
            "Size",
            "Bytes of all replicas of all topics.",
            [query("sum(kafka_topic_size_bytes)")],
            width=3,
            unit="bytes",
            sparkline=True,
            no_value=UNKNOWN,
        ),
        table(
            109,
            "Topics: problems first, then the busiest",
            "The first 100. Click a topic to show it below. Problem: of its worst partition. Size: all replicas. A "
            "compacted topic without retention keeps the last record of each key. Newest record: its age.",
            [
                CLUSTER,
                label("topic", "Topic", link=CHOOSE),
                value("Problem", problem(WORST), mappings=PROBLEM, width=140),
                value("Records in", f"{IN}{{{WORST}}}", unit="recps", decimals=1, width=120),
                value(
                    "Newest record",
                    f"time() - kafka_topic_newest_record_timestamp_seconds{{{WORST}}}",
                    unit="s",
                    decimals=0,
                    width=125,
                    colors=NEUTRAL,
                    missing="-",
                ),
                value("Size", f"kafka_topic_size_bytes{{{WORST}}}", unit="bytes", width=110, missing=UNKNOWN),
                value("Partitions", f"kafka_topic_partitions{{{WORST}}}", unit="none", width=100),
                value(
                    "Replicas",
                    f"kafka_topic_replication_factor{{{WORST}}}",
                    unit="none",
                    width=100,
                    colors=thresholds("yellow", (2, "text")),
                ),
                value("Min ISR", f"kafka_topic_min_insync_replicas{{{WORST}}}", unit="none", width=90, missing=UNKNOWN),
                value(
                    "Retention",
                    f"kafka_topic_retention_seconds{{{WORST}}}",
                    unit="s",
                    width=120,
                    colors=NEUTRAL,
                    mappings=UNLIMITED,
                    missing="-",
                ),
                label("cleanup_policy", "Cleanup policy", promql=f"kafka_topic_info{{{WORST}}}", width=140),
            ],
            width=24,
            height=10,
            sort=("Problem", "Records in"),
            descending=True,
            no_value=NO_TOPICS,
        ),
    )


def _chosen() -> Row:
    limit = f"(kafka_topic_retention_bytes{{{BUSIEST}}} < Inf)"
    copies = f"kafka_topic_partitions{{{BUSIEST}}} * on ({TOPIC}) kafka_topic_replication_factor{{{BUSIEST}}}"
    return row(
        200,
        "Chosen topics: $topic",
        lines(
            201,
            "Records in",
            "Records per second written by producers, averaged over five minutes; the 20 busiest of the selected "
            "topics.",
            [query(f"topk(20, {IN}{{{CHOSEN}}})", BY_TOPIC)],
            width=12,
            unit="recps",
            no_value=NO_RATES,
        ),
        lines(
            202,
            "Size",
            "Bytes of all replicas; the 20 largest of the selected topics. Falls in steps when segments are "
            "deleted.",
            [query(f"topk(20, kafka_topic_size_bytes{{{CHOSEN}}})", BY_TOPIC)],
            width=12,
            unit="bytes",
            no_value=NO_SIZES,
        ),
        table(
            203,
            "Settings",
            "The 100 busiest of the selected topics. Retention in bytes is per partition. Used: size of all "
            "replicas divided by it; may exceed 100% by a segment. Oldest record: its age, a segment more than the "
            "retention at most.",
            [
                CLUSTER,
                label("topic", "Topic"),
                label("team", "Team", promql=f"kafka_topic_labels{{{BUSIEST}}}", width=110),
                label("cleanup_policy", "Cleanup policy", promql=f"kafka_topic_info{{{BUSIEST}}}", width=130),
                value(
                    "Retention",
                    f"kafka_topic_retention_seconds{{{BUSIEST}}}",
                    unit="s",
                    width=110,
                    colors=NEUTRAL,
                    mappings=UNLIMITED,
                    missing="-",
                ),
                value(
                    "Oldest record",
                    f"time() - kafka_topic_oldest_record_timestamp_seconds{{{BUSIEST}}}",
                    unit="s",
                    width=120,
                    colors=NEUTRAL,
                    missing="-",
                ),
                value(
                    "Retention bytes",
                    f"kafka_topic_retention_bytes{{{BUSIEST}}}",
                    unit="bytes",
                    width=130,
                    colors=NEUTRAL,
                    mappings=UNLIMITED,
                    missing="-",
                ),
                value(
                    "Used",
                    f"kafka_topic_size_bytes{{{BUSIEST}}} / on ({TOPIC}) {limit} / on ({TOPIC}) ({copies})",
                    unit="percentunit",
                    decimals=0,
                    width=90,
                    colors=NEUTRAL,
                    missing="-",
                ),
                value("Partitions", f"kafka_topic_partitions{{{BUSIEST}}}", unit="none", width=95),
                value("Replicas", f"kafka_topic_replication_factor{{{BUSIEST}}}", unit="none", width=90),
                value(
                    "Min ISR",
                    f"kafka_topic_min_insync_replicas{{{BUSIEST}}}",
                    unit="none",
                    width=85,
                    missing=UNKNOWN,
                ),
                label("internal", "Kafka's own", width=105, colors=NEUTRAL, mappings=[YES_OR_NO]),
                label("topic_id", "Topic id", width=230),
            ],
            width=24,
            height=6,
            sort="Topic",
            no_value=NO_TOPIC,
        ),
    )


def _partitions() -> Row:
    return row(
        300,
        "Partitions: $topic",
        lines(
            301,
            "Records in by partition",
            f"The 20 busiest partitions. {OF_FEW} One far above the others: a key that is too frequent.",
            [
                query(
                    f"{PARTITION_IN} and"
                    f" topk(20, delta(kafka_topic_partition_current_offset{{{SHOWN}}}[$__range] @ end()))",
                    BY_PARTITION,
                )
            ],
            width=12,
            unit="recps",
            no_value=NO_PARTITIONS,
        ),
        lines(
            302,
            "Size by partition",
            f"Bytes of the leader's replica; the 20 largest partitions. {OF_FEW}",
            [query(steadily(20, PARTITION_SIZE), BY_PARTITION)],
            width=12,
            unit="bytes",
            no_value="no sizes by partition",
        ),
        lines(
            303,
            "Skew",
            f"The largest partition as a multiple of the average: 1 is even, and with n partitions n is the worst."
            f" {OF_FEW}",
            [
                query(_skew(PARTITION_IN), f"{BY_TOPIC} records in"),
                query(_skew(KEPT), f"{BY_TOPIC} records kept"),
                query(_skew(PARTITION_SIZE), f"{BY_TOPIC} bytes"),
            ],
            width=12,
            decimals=1,
            minimum=1,
            no_value=NO_PARTITIONS,
        ),
        lines(
            304,
            "Records kept",
            f"From the first offset to the end, over all partitions. {OF_FEW} It falls when retention deletes;"
            " compaction leaves gaps that are counted here.",
            [query(f"sum by ({TOPIC}) {KEPT}", BY_TOPIC)],
            width=12,
            no_value=NO_PARTITIONS,
        ),
        table(
            306,
            "Partitions: problems first, then the largest",
            f"The first 100. {OF_FEW} Kept are the records from the first offset to the end. Open transactions, with"
            " read_committed: true, are records that consumers of committed transactions cannot see yet.",
            [
                CLUSTER,
                label("topic", "Topic"),
                label("partition", "Partition", width=90),
                value("Problem", _of_partitions(PARTITION_PROBLEM), mappings=PROBLEM, width=130),
                value(
                    "Leader",
                    _of_partitions(f"kafka_topic_partition_leader{{{SHOWN}}}"),
                    unit="none",
                    width=80,
                    missing="none",
                ),
                value(
                    "Preferred",
                    _of_partitions(f"kafka_topic_partition_leader_is_preferred{{{SHOWN}}}"),
                    width=95,
                    mappings=[mapping({"0": ("no", "yellow"), "1": ("yes", "text")})],
                ),
                value("Replicas", _of_partitions(f"kafka_topic_partition_replicas{{{SHOWN}}}"), unit="none", width=90),
                value(
                    "In sync",
                    _of_partitions(f"kafka_topic_partition_in_sync_replica{{{SHOWN}}}"),
                    unit="none",
                    width=80,
                ),
                value("Records in", _of_partitions(PARTITION_IN), unit="recps", decimals=1, width=110),
                value(
                    "First offset",
                    _of_partitions(f"kafka_topic_partition_oldest_offset{{{SHOWN}}}"),
                    unit="locale",
                    width=120,
                ),
                value(
                    "End", _of_partitions(f"kafka_topic_partition_current_offset{{{SHOWN}}}"), unit="locale", width=120
                ),
                value("Kept", _of_partitions(KEPT), unit="locale", width=120),
                value(
                    "Open transactions",
                    _of_partitions(
                        f"(kafka_topic_partition_current_offset{{{SHOWN}}}"
                        f" - kafka_topic_partition_last_stable_offset{{{SHOWN}}})"
                    ),
                    unit="locale",
                    width=150,
                ),
                value("Size", _of_partitions(PARTITION_SIZE), unit="bytes", width=100, missing=UNKNOWN),
            ],
            width=24,
            height=9,
            sort=("Problem", "Kept"),
            descending=True,
            no_value=NO_PARTITIONS,
        ),
    )


def _replication() -> Row:
    problems = {
        "offline": ("no leader", "red"),
        "under_min_isr": ("under min ISR", "dark-red"),
        "at_min_isr": ("at min ISR", "orange"),
        "under_replicated": ("under-replicated", "yellow"),
        "reassigning": ("being moved", "blue"),
        "not_preferred_leader": ("not its preferred leader", "purple"),
    }
    changes = {
        "leader_changes": ("leader changes", "blue"),
        "isr_shrinks": ("ISR shrinks", "orange"),
        "isr_expands": ("ISR expands", "green"),
        "unclean_leader_elections": ("unclean elections", "red"),
    }
    return row(
        400,
        "Replication: $topic",
        paint(
            timeseries(
                401,
                "Partitions in trouble",
                "All selected topics by problem; a partition may have several, but an offline one has no other.",
                [
                    query(f"sum(kafka_topic_{name}_partitions{{{CHOSEN}}})", words)
                    for name, (words, _) in problems.items()
                ],
                width=12,
                decimals=0,
                no_value=NO_TOPIC,
            ),
            dict(problems.values()),
        ),
        lines(
            402,
            "Topics in trouble",
            "Number of partitions that are offline or under-replicated, of the ten topics with most of each.",
            [
                query(f"topk(10, kafka_topic_offline_partitions{{{CHOSEN}}} > 0)", f"{BY_TOPIC} no leader"),
                query(f"topk(10, kafka_topic_under_replicated_partitions{{{CHOSEN}}} > 0)", BY_TOPIC),
            ],
            width=12,
            decimals=0,
            no_value="no problems",
        ).max_data_points(300),
        paint(
            timeseries(
                403,
                "Leader and ISR changes",
                "All selected topics. A few are normal while a broker restarts. Repeatedly: a broker or network "
                "problem. After an unclean election records are lost.",
                [
                    query(f"sum({growth(f'kafka_topic_{name}_total{{{CHOSEN}}}')})", words).interval("1m")
                    for name, (words, _) in changes.items()
                ],
                width=12,
                decimals=0,
                bars=True,
                no_value=NO_TOPIC,
            ),
            dict(changes.values()),
        ),
        timeseries(
            404,
            "Leaders by broker",
            f"How many partitions each broker leads. {OF_FEW} What leads more gets more of the load.",
            [
                query(
                    f'count_values by (kafka_cluster) ("id", kafka_topic_partition_leader{{{SHOWN}}})',
                    "{{kafka_cluster}} broker {{id}}",
                )
            ],
            width=12,
            decimals=0,
            stacked=True,
            legend="right",
            calcs=("lastNotNull",),
            no_value=NO_PARTITIONS,
        ),
    )


def _readers() -> Row:
    share_lag = f"sum by ({SHARE_READER}) (kafka_sharegroup_lag{{{CHOSEN}}})"
    return row(
        500,
        "Who reads: $topic",
        table(
            501,
            "Consumer groups of these topics: problems first",
            "The first 100. Status: of the group's worst partition of the topic. Out: committed records per second.",
            [
                CLUSTER,
                label("consumergroup", "Group", link=OPEN_GROUP),
                label("topic", "Topic"),
                value("Status", _of_readers(standing(READER, READERS, EVERY_READER)), mappings=STANDING, width=120),
                value(
                    "Lag in time",
                    _of_readers(f"{LATE}{{{READERS}}}"),
                    unit="s",
                    decimals=1,
                    width=105,
                    colors=LATENESS,
                    missing=UNKNOWN,
                ),
                value("Lag", _of_readers(f"kafka_consumergroup_lag_sum{{{READERS}}}"), unit="locale", width=100),
                value("Out", _of_readers(f"{OUT}{{{READERS}}}"), unit="recps", decimals=1, width=100),
                value(
                    "Retention used",
                    _of_readers(f"kafka_consumergroup_retention_used_ratio{{{READERS}}}"),
                    unit="percentunit",
                    decimals=1,
                    width=120,
                    colors=USED,
                    missing="no limit",
                ),
            ],
            width=16,
            height=8,
            sort=("Status", "Lag in time"),
            descending=True,
            no_value=NO_GROUPS,
        ),
        table(
            502,
            "Share groups of these topics",
            "The 100 with most lag; available since Kafka 4.2.",
            [
                CLUSTER,
                label("sharegroup", "Share group", link=OPEN_SHARE_GROUP),
                label("topic", "Topic"),
                value("Lag", f"topk(100, {share_lag})", unit="locale", width=110),
            ],
            width=8,
            height=8,
            sort="Lag",
            descending=True,
            no_value="no share group reads these topics",
        ),
        lines(
            503,
            "Lag in time by group",
            "Age of the oldest uncommitted record of the topic; the 20 worst.",
            [query(f"topk(20, {LATE}{{{CHOSEN}}})", BY_READER)],
            width=12,
            unit="s",
            no_value="no group reads these topics (from dashboards/rules.yml)",
        ).max_data_points(300),
        lines(
            504,
            "Lag by group",
            "Records between committed offset and end offset; the 20 largest.",
            [query(f"topk(20, kafka_consumergroup_lag_sum{{{CHOSEN}}})", BY_READER)],
            width=12,
            no_value=NO_GROUPS,
        )
        .max_data_points(300)
        .axis_soft_max(10),
        dashed(
            lines(
                505,
                "Records out by group, records in by topic",
                "Records per second committed by groups, and (dashed) written by producers, averaged over five "
                "minutes; the 20 fastest of each. A group below the line of its topic falls behind.",
                [
                    query(f"topk(20, {OUT}{{{CHOSEN}}})", BY_READER),
                    query(f"topk(20, {IN}{{{CHOSEN}}})", f"{BY_TOPIC} in"),
                ],
                width=24,
                unit="recps",
                no_value=NO_RATES,
            ),
            "B",
        ).max_data_points(300),
    )


def _transactions() -> Row:
    return row(
        600,
        "Transactions",
        stat(
            601,
            "Hanging",
            "Partitions of all topics that a transaction holds back which nobody is going to end: its coordinator does "
            "not know it, or has not ended it after its timeout. The exporter's log has its ids.",
            [instant("sum(kafka_topic_hanging_transaction_partitions)")],
            width=4,
            height=8,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            602,
            "Oldest open",
            "Age of the oldest open transaction in the cluster; 0 if none is open.",
            [instant("max(kafka_transaction_oldest_open_seconds)")],
            width=4,
            height=8,
            unit="s",
            colors=thresholds("green", (900, "orange")),
            no_value=NO_TRANSACTIONS,
        ),
        lines(
            603,
            "Transactions by state",
            "Transactional ids that coordinators know, by state.",
            [query("sum by (state) (kafka_transactions)", "{{state}}")],
            width=16,
            no_value=NO_TRANSACTIONS,
        ),
        lines(
            604,
            "Last stable offset held back",
            "How long the last stable offset of a partition has stood still below its end, by topic; the 20 longest of "
            "the selected topics. Consumers with isolation level read_committed wait for so long.",
            [query(f"topk(20, kafka_topic_last_stable_offset_held_seconds{{{CHOSEN}}})", BY_TOPIC)],
            width=24,
            unit="s",
            no_value=NO_TOPIC,
        ),
    )


def _dead_letters() -> Row:
    info = "kafka_topic_dead_letter_info"

    def of_queues(promql: str) -> str:
        """Restricts a query by partition to dead letter queues, and adds up their partitions."""
        return f"sum by ({TOPIC}) ({promql} and on ({TOPIC}) {info})"

    ends = "kafka_topic_partition_current_offset"
    return row(
        700,
        "Dead letter queues",
        table(
            701,
            "Dead letter queues",
            "Topics for records that could not be processed, recognized by their names. Of: the topic or group that the "
            "name contains. Records: those that have not been deleted. In range: written in the selected time range.",
            [
                CLUSTER,
                label("topic", "Topic", link=CHOOSE),
                label("of", "Of", promql=info, width=220),
                value(
                    "Records",
                    of_queues(f"({ends} - kafka_topic_partition_oldest_offset)"),
                    unit="locale",
                    width=110,
                    colors=NEUTRAL,
                    missing=UNKNOWN,
                ),
                value(
                    "In range",
                    of_queues(f"round(clamp_min(delta({ends}[$__range]), 0))"),
                    unit="locale",
                    width=110,
                    colors=thresholds("green", (1, "orange")),
                    missing="-",
                ),
            ],
            width=12,
            sort=("In range", "Records"),
            descending=True,
            no_value=NO_QUEUES,
        ),
        lines(
            702,
            "Records into dead letter queues",
            "Records per second, averaged over five minutes; the 20 busiest.",
            [query(f"topk(20, {IN} and on ({TOPIC}) {info})", BY_TOPIC)],
            width=12,
            unit="recps",
            no_value=NO_QUEUES,
        ),
    )
