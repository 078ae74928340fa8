"""Kafka cluster: is it healthy, and if not, where."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.dashboard import Dashboard, ValueMap

from parts import (
    CLUSTER_COLUMN,
    RULES_NEEDED,
    UP,
    ZERO_IS_GOOD,
    Column,
    Row,
    drill,
    fixed,
    growth,
    instant,
    label,
    mapping,
    of_known,
    page,
    paint,
    query,
    row,
    stat,
    table,
    thresholds,
    timeseries,
    unknown,
    value,
    with_counts,
)

# The labels that tell one cluster, as one exporter sees it, from another.
CLUSTER = "job, instance, kafka_cluster"
BROKER = f"{CLUSTER}, id"
TOPIC = f"{CLUSTER}, topic"

DISK = thresholds("green", (0.8, "orange"), (0.95, "red"))
ZERO_IS_BETTER = thresholds("green", (1, "orange"))
UNKNOWN = "unknown"
IN_ORDER = "no partition is known to be in trouble"
NO_QUORUM = "not told: no KRaft (3.3 and newer), or no answer"
NO_DISKS = "not told: Kafka before 3.3, or no answer"

# From kafka_topic_partition_problem, the worst first.
PROBLEMS = {
    "offline": ("no leader", "red"),
    "under_min_isr": ("under min ISR", "red"),
    "at_min_isr": ("at min ISR", "orange"),
    "under_replicated": ("under-replicated", "orange"),
    "reassigning": ("being moved", "blue"),
    "not_preferred_leader": ("not its preferred leader", "yellow"),
}


def dashboard() -> Dashboard:
    return page(
        "kafkascope-cluster",
        "Kafka cluster",
        "Is the cluster healthy, and if not, where: brokers, partitions in trouble, changes, traffic, disks, quorum.",
        [_health(), _trouble(), _brokers(), _changes(), _traffic(), _disks(), _quorum()],
    )


def _health() -> Row:
    with_one = "(count(kafka_controller) or vector(0))"
    return row(
        100,
        "Health",
        stat(
            101,
            "Reachable",
            "Whether the exporter got the cluster's metadata in its last poll; of several clusters, the worst. If "
            'not, all else here is old or missing. "Exporter down" means that Prometheus cannot scrape the exporter.',
            [
                instant(
                    "min(kafka_up or on (job, instance)"
                    " ((up == 0 and on (job, instance) last_over_time(kafka_up[1d])) - 1))"
                )
            ],
            width=3,
            colors=thresholds("red", (1, "green")),
            mappings=[mapping({"-1": ("exporter down", "red"), "0": ("no", "red"), "1": ("yes", "green")})],
            background=True,
            no_value="no exporter",
        ),
        stat(
            102,
            "Brokers up",
            "Brokers that answered the last poll, of those known: in the metadata, or named as a replica of a "
            "partition. One that was taken away for good is forgotten after an hour.",
            of_known("sum(kafka_broker_up)", "count(kafka_broker_up)"),
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            text="name",
            no_value=UNKNOWN,
        ),
        stat(
            103,
            "Controller",
            "The active controller's id; of several clusters, how many have one. Under KRaft it is the quorum's "
            'leader, which need not be a broker. "None" while there is none or it could not be asked; "not allowed" '
            'without the right to Describe the cluster; "not told" where nobody asks, as with KRaft before 3.3.',
            [
                instant(f"({_no_controller()}) and on () count(kafka_up) == 1", "{{id}}"),
                instant(
                    with_counts(f"max({_no_controller()})", with_one, "count(kafka_up)")
                    + " and on () count(kafka_up) > 1",
                    "{{live}} of {{known}}",
                ),
                unknown("kafka_up"),
            ],
            width=3,
            colors=thresholds("green", (0.5, "orange"), (1, "red")),
            background=True,
            text="name",
            no_value=UNKNOWN,
        ),
        stat(
            104,
            "Offline partitions",
            "Partitions without a leader: nobody can write or read them.",
            [instant("sum(kafka_topic_offline_partitions)")],
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            105,
            "Under min ISR",
            "Partitions with fewer in-sync replicas than min.insync.replicas: producers with acks=all fail. Unknown "
            "while the topics' settings could not be read.",
            [instant("sum(kafka_topic_under_min_isr_partitions)")],
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            106,
            "Under-replicated",
            "Partitions with a replica that is not in sync. Normal for minutes while a broker restarts and while "
            "partitions are moved; else a broker is down or cannot keep up.",
            [instant("sum(kafka_topic_under_replicated_partitions)")],
            width=3,
            colors=ZERO_IS_BETTER,
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            107,
            "Worst lag",
            "How long the oldest record that a group has not committed has been waiting: the group that is furthest "
            "behind. Orange from ten minutes on. Never red here: a group that is late is not a broken cluster.",
            [
                instant(
                    "topk(1, max by (kafka_cluster, consumergroup) (kafka_consumergroup_max_lag_seconds))",
                    "{{kafka_cluster}} {{consumergroup}}",
                )
            ],
            width=3,
            unit="s",
            decimals=0,
            colors=thresholds("green", (600, "orange")),
            background=True,
            text="value_and_name",
            no_value="none known",
        ).data_links([drill("kafkascope-groups", "Consumer groups")]),
        stat(
            108,
            "Data age",
            "Time since the exporter last read the metadata; of several clusters, the oldest. A few poll intervals are "
            "normal. Above, what you see here is the past.",
            [instant('max(time() - kafka_exporter_collector_last_success_timestamp_seconds{collector="metadata"})')],
            width=3,
            unit="s",
            decimals=0,
            colors=thresholds("green", (90, "orange"), (180, "red")),
            background=True,
            no_value=UNKNOWN,
        ).data_links([drill("kafkascope-exporter", "Exporter")]),
        table(
            109,
            "Clusters",
            "One line for each cluster of each exporter. In trouble: partitions that are offline or under-replicated. "
            "Size: of all replicas, as the brokers tell.",
            [
                CLUSTER_COLUMN,
                label("cluster_id", "Cluster id", promql="kafka_cluster_info"),
                value(
                    "Reachable", "kafka_up", mappings=[mapping({"0": ("no", "red"), "1": ("yes", "green")})], width=110
                ),
                label("id", "Controller", promql="kafka_controller", width=100),
                value("Brokers up", f"sum by ({CLUSTER}) (kafka_broker_up)", width=105),
                value("Brokers down", f"sum by ({CLUSTER}) (1 - kafka_broker_up)", colors=ZERO_IS_GOOD, width=120),
                value("Topics", f"count by ({CLUSTER}) (kafka_topic_partitions)", width=80),
                value("Partitions", f"sum by ({CLUSTER}) (kafka_topic_partitions)", width=95),
                value(
                    "In trouble",
                    f"sum by ({CLUSTER}) (kafka_topic_offline_partitions + kafka_topic_under_replicated_partitions)",
                    colors=ZERO_IS_BETTER,
                    width=95,
                ),
                value("Groups", f"count by ({CLUSTER}) (kafka_consumergroup_members)", width=80),
                value("Share groups", f"count by ({CLUSTER}) (kafka_sharegroup_members)", width=115),
                value("Records in", "cluster:kafka_topic_partition_current_offset:rate5m", unit="recps", width=110),
                value("Size", f"sum by ({CLUSTER}) (kafka_topic_size_bytes)", unit="bytes", width=100),
            ],
            width=24,
            height=5,
            sort=("Reachable", "Cluster"),
            no_value="no exporter",
        ),
    )


def _no_controller() -> str:
    """For each cluster: 0 and the controller's id; 1 where there is none; 0.5 where it is not told."""
    refused = 'increase(kafka_exporter_collector_errors_total{collector="quorum",reason="authorization"}[5m]) > 0'
    failed = 'kafka_exporter_collector_success{collector="quorum"} == 0'
    steps = [
        "0 * kafka_controller",
        f'label_replace(0.5 * ({refused}) ^ 0, "id", "not allowed", "", "")',
        f'label_replace((kafka_up == 0 or on ({CLUSTER}) {failed}) ^ 0, "id", "none", "", "")',
        'label_replace(0.5 * kafka_up ^ 0, "id", "not told", "", "")',
    ]
    return f" or on ({CLUSTER}) ".join(steps)


def _trouble() -> Row:
    kinds = {
        "offline": ("offline", "red"),
        "under_min_isr": ("under min ISR", "light-red"),
        "at_min_isr": ("at min ISR", "orange"),
        "under_replicated": ("under-replicated", "light-orange"),
        "reassigning": ("being moved", "blue"),
        "not_preferred_leader": ("not preferred leader", "yellow"),
    }
    return row(
        200,
        "Partitions in trouble",
        table(
            201,
            "Topics in trouble",
            "The fifty topics that are worst off, and how many of their partitions. At min ISR: one more failure "
            "stops writes. Not preferred leader: leaders are out of balance, no data is at risk.",
            [
                CLUSTER_COLUMN,
                _topic(),
                _in_trouble("Offline", "kafka_topic_offline_partitions", "red", 90),
                _in_trouble("Under min ISR", "kafka_topic_under_min_isr_partitions", "red", 140),
                _in_trouble("At min ISR", "kafka_topic_at_min_isr_partitions", "orange", 100),
                _in_trouble("Under-replicated", "kafka_topic_under_replicated_partitions", "orange", 160),
                _in_trouble("Moving", "kafka_topic_reassigning_partitions", "blue", 80),
                _in_trouble("Not preferred", "kafka_topic_not_preferred_leader_partitions", "yellow", 120),
            ],
            width=15,
            height=7,
            sort=("Offline", "Under min ISR", "Under-replicated"),
            descending=True,
            no_value=IN_ORDER,
        ),
        table(
            202,
            "Partitions in trouble",
            "What is wrong with which partition, the worst hundred. With `granularity: topic` the exporter does not "
            "tell partitions; the table beside has the topics.",
            [
                CLUSTER_COLUMN,
                _topic(),
                label("partition", "Partition", width=85),
                value("Problem", _worst_partitions(), mappings=[_problem_names()], width=180),
            ],
            width=9,
            height=7,
            sort="Problem",
            descending=True,
            no_value=IN_ORDER,
        ),
        paint(
            timeseries(
                203,
                "Partitions in trouble over time",
                "All clusters that are chosen together. A partition may be counted in several lines; an offline one is "
                "only that.",
                [
                    query(f"sum(kafka_topic_{kind}_partitions)", legend).interval("1m")
                    for kind, (legend, _) in kinds.items()
                ],
                width=24,
                height=7,
                decimals=0,
                legend="right",
                no_value=UNKNOWN,
            ),
            dict(kinds.values()),
        ),
    )


def _in_trouble(title: str, family: str, color: str, width: int) -> Column:
    return value(title, f"{family} > 0 and on ({TOPIC}) {_worst_topics()}", colors=thresholds(color), width=width)


def _worst_topics() -> str:
    """Those with offline partitions first, and so on. What only some exporters know counts as 0 elsewhere."""
    zero = "0 * kafka_topic_offline_partitions"
    return (
        "topk(50, 1e9 * kafka_topic_offline_partitions"
        f" + 1e6 * (kafka_topic_under_min_isr_partitions or {zero})"
        " + 1e3 * kafka_topic_under_replicated_partitions"
        f" + (kafka_topic_reassigning_partitions or {zero})"
        " + kafka_topic_not_preferred_leader_partitions > 0)"
    )


def _worst_partitions() -> str:
    """Each problem as a number, the worst the highest, so that topk takes the worst."""
    of = [
        f'{len(PROBLEMS) - place} * kafka_topic_partition_problem{{problem="{name}"}}'
        for place, name in enumerate(PROBLEMS)
    ]
    return f"topk(100, {' or '.join(of)})"


def _problem_names() -> ValueMap:
    return mapping({str(len(PROBLEMS) - place): looks for place, looks in enumerate(PROBLEMS.values())})


def _brokers() -> Row:
    used = "1 - kafka_broker_log_dir_usable_bytes / kafka_broker_log_dir_volume_bytes"
    return row(
        300,
        "Brokers",
        table(
            301,
            "Brokers",
            "All brokers that are known. Preferred: the partitions whose first replica it has, and that it would "
            "lead if leaders were balanced. Imbalance: how many more or fewer it leads. Disk: its fullest volume; "
            "of several log directories on one volume, used is the sum.",
            [
                CLUSTER_COLUMN,
                label("id", "Broker", width=75),
                label("address", "Address", promql="kafka_broker_info"),
                label("rack", "Rack", promql="kafka_broker_rack_info"),
                value("Up", "kafka_broker_up", mappings=[UP], width=65),
                value("Leaders", "kafka_broker_leader_partitions", width=90),
                value("Preferred", "kafka_broker_preferred_leader_partitions", width=95),
                value(
                    "Imbalance",
                    "(kafka_broker_leader_partitions - kafka_broker_preferred_leader_partitions)"
                    " / (kafka_broker_preferred_leader_partitions > 0)",
                    unit="percentunit",
                    decimals=0,
                    colors=thresholds("orange", (-0.1, "green"), (0.1, "orange")),
                    width=100,
                ),
                value("Replicas", "kafka_broker_replica_partitions", width=90),
                value("Out of sync", "kafka_broker_out_of_sync_replicas", colors=ZERO_IS_BETTER, width=110),
                value("Log size", f"sum by ({BROKER}) (kafka_broker_log_dir_size_bytes)", unit="bytes", width=95),
                value("Disk free", f"min by ({BROKER}) (kafka_broker_log_dir_usable_bytes)", unit="bytes", width=95),
                value(
                    "Disk used",
                    f"max by ({BROKER}) ({used})",
                    unit="percentunit",
                    decimals=0,
                    colors=DISK,
                    maximum=1,
                    paint="gauge",
                ),
            ],
            width=24,
            height=7,
            sort=("Up", "Cluster", "Broker"),
            no_value=UNKNOWN,
        ),
        timeseries(
            302,
            "Brokers up and known",
            "All chosen clusters together. A gap between the lines is a broker that is down. In the metadata but not "
            "up: the cluster knows it, the exporter cannot reach it.",
            [
                query("count(kafka_broker_up)", "known"),
                query("sum(kafka_brokers)", "in the metadata"),
                query("sum(kafka_broker_up)", "up"),
            ],
            width=8,
            decimals=0,
            no_value=UNKNOWN,
        ),
        timeseries(
            303,
            "Replicas out of sync, by broker",
            "Replicas that are assigned to the broker and not in the ISR: names the broker that is down or behind. The "
            "20 worst.",
            [query("topk(20, kafka_broker_out_of_sync_replicas)", "{{kafka_cluster}} broker {{id}}")],
            width=8,
            decimals=0,
            no_value=UNKNOWN,
        ),
        timeseries(
            304,
            "Leaders by broker",
            "Partitions that each broker leads, the 20 with the most. Leaders do the work: they should be alike.",
            [query("topk(20, kafka_broker_leader_partitions)", "{{kafka_cluster}} broker {{id}}")],
            width=8,
            decimals=0,
            no_value=UNKNOWN,
        ),
    )


def _changes() -> Row:
    return row(
        400,
        "Changes",
        paint(
            timeseries(
                401,
                "Leader elections",
                "Partitions that got another leader. Expected when a broker stops or comes back. Seen from poll to "
                "poll.",
                [_events("kafka_topic_leader_changes_total", "elections")],
                width=8,
                decimals=0,
                bars=True,
                no_value=UNKNOWN,
            ),
            {"elections": "blue"},
        ),
        paint(
            timeseries(
                402,
                "ISR shrinks and expands",
                "Partitions whose set of in-sync replicas lost (shrink) or won (expand) members. Again and again "
                "without a restart: a broker at its limit, or a bad network. Seen from poll to poll.",
                [
                    _events("kafka_topic_isr_shrinks_total", "shrinks"),
                    _events("kafka_topic_isr_expands_total", "expands"),
                ],
                width=8,
                decimals=0,
                bars=True,
                no_value=UNKNOWN,
            ),
            {"shrinks": "orange", "expands": "green"},
        ),
        timeseries(
            403,
            "Unclean leader elections, by topic",
            "Partitions whose new leader was neither in sync nor eligible: records are lost. None is the only good "
            "number.",
            [
                query(
                    f"topk(10, sum by (kafka_cluster, topic)"
                    f" ({growth('kafka_topic_unclean_leader_elections_total')}) > 0)",
                    "{{kafka_cluster}} {{topic}}",
                ).interval("1m")
            ],
            width=8,
            decimals=0,
            bars=True,
            no_value="none known",
        ).color_scheme(fixed("red")),
        table(
            404,
            "Restless topics",
            "Topics with changes in the last hour, and how many.",
            [
                CLUSTER_COLUMN,
                _topic(),
                _changed("Elections", "kafka_topic_leader_changes_total"),
                _changed("ISR shrinks", "kafka_topic_isr_shrinks_total"),
                _changed("ISR expands", "kafka_topic_isr_expands_total"),
                _changed("Unclean", "kafka_topic_unclean_leader_elections_total", thresholds("red")),
            ],
            width=12,
            height=6,
            sort="ISR shrinks",
            descending=True,
            no_value="no changes",
        ),
        timeseries(
            405,
            "Partitions being moved, by topic",
            "Reassignments that go on, the ten topics with the most. A line that does not fall is a reassignment that "
            "is stuck. Absent while the controller does not tell.",
            [query("topk(10, kafka_topic_reassigning_partitions > 0)", "{{kafka_cluster}} {{topic}}")],
            width=12,
            height=6,
            decimals=0,
            no_value="none known",
        ),
    )


def _changed(title: str, counter: str, colors: ThresholdsConfig | None = None) -> Column:
    changed = f"sum by ({TOPIC}) (increase({counter}[1h])) > 0"
    return value(title, f"topk(50, {changed})", decimals=0, colors=colors, width=105)


def _topic() -> Column:
    return label("topic", "Topic", link=drill("kafkascope-topics", "Topic", topic="${__value.raw}"))


def _events(counter: str, what: str) -> Dataquery:
    """Bars of a minute or more."""
    return query(f"sum by ({CLUSTER}) ({growth(counter)})", f"{{{{kafka_cluster}}}} {what}").interval("1m")


def _traffic() -> Row:
    rate = "topic:kafka_topic_partition_current_offset:rate5m"
    return row(
        500,
        "Traffic",
        timeseries(
            501,
            "Records in",
            "Records a second that producers write, averaged over five minutes.",
            [query("cluster:kafka_topic_partition_current_offset:rate5m", "{{kafka_cluster}} records in")],
            width=8,
            unit="recps",
            no_value=RULES_NEEDED,
        ),
        timeseries(
            502,
            "Records in, top ten topics",
            "The ten topics that receive most, averaged over five minutes.",
            [query(f"topk(10, {rate})", "{{kafka_cluster}} {{topic}}")],
            width=16,
            unit="recps",
            legend="right",
            no_value=RULES_NEEDED,
        ),
    )


def _disks() -> Row:
    usable, volume = "kafka_broker_log_dir_usable_bytes", "kafka_broker_log_dir_volume_bytes"
    return row(
        600,
        "Disks",
        table(
            601,
            "Log directories",
            "Each log directory of each broker. Log size: what Kafka has in it; the volume may hold more. Full in: at "
            "the speed of the last six hours, once three are known. Volumes are told by Kafka 3.3 and newer.",
            [
                CLUSTER_COLUMN,
                label("id", "Broker", width=75),
                label("log_dir", "Log directory"),
                value(
                    "Online",
                    "kafka_broker_log_dir_online",
                    mappings=[mapping({"0": ("offline", "red"), "1": ("online", "green")})],
                    width=80,
                ),
                value("Log size", "kafka_broker_log_dir_size_bytes", unit="bytes", width=95),
                value("Volume", volume, unit="bytes", width=95),
                value("Free", usable, unit="bytes", width=95),
                value(
                    "Used",
                    f"1 - {usable} / {volume}",
                    unit="percentunit",
                    decimals=0,
                    colors=DISK,
                    maximum=1,
                    paint="gauge",
                    width=150,
                ),
                value(
                    "Full in",
                    f"-{usable} / (deriv({usable}[6h]) < 0) and {usable} offset 3h",
                    unit="s",
                    decimals=1,
                    colors=thresholds("red", (86400, "orange"), (7 * 86400, "green")),
                    width=95,
                    missing="-",
                ),
            ],
            width=16,
            sort="Used",
            descending=True,
            no_value=UNKNOWN,
        ),
        timeseries(
            602,
            "Volumes, used",
            "How full the volumes are, the 20 fullest. A broker stops when its volume is full.",
            [query(f"topk(20, 1 - {usable} / {volume})", "{{kafka_cluster}} broker {{id}} {{log_dir}}")],
            width=8,
            unit="percentunit",
            colors=DISK,
            no_value=NO_DISKS,
        ).max(1),
    )


def _quorum() -> Row:
    caught_up = "kafka_quorum_replica_last_caught_up_timestamp_seconds"
    return row(
        700,
        "Metadata quorum (KRaft)",
        table(
            701,
            "Voters and observers",
            "Who has how much of the metadata log. Voters are the controllers; one that is not caught up cannot take "
            "over. Observers are the brokers; one that is behind works with old metadata. Caught up: how long ago.",
            [
                CLUSTER_COLUMN,
                label("id", "Id", width=60),
                label("role", "Role"),
                value("Log end offset", "kafka_quorum_replica_log_end_offset", unit="none", width=125),
                value("Behind", "kafka_quorum_replica_lag", colors=thresholds("green", (1000, "orange")), width=80),
                value(
                    "Caught up",
                    f"clamp_min(time() - {caught_up}, 0)",
                    unit="s",
                    decimals=0,
                    colors=thresholds("green", (60, "orange"), (300, "red")),
                    width=100,
                ),
                value(
                    "Leader",
                    f"kafka_controller and on ({BROKER}) kafka_quorum_replica_log_end_offset",
                    mappings=[mapping({"1": ("yes", "text")})],
                    width=70,
                ),
            ],
            width=10,
            sort=("Role", "Cluster"),
            descending=True,
            no_value=NO_QUORUM,
        ),
        timeseries(
            702,
            "Time since caught up",
            "How long ago each voter and observer last had all of the metadata log, the 20 worst. Seconds are normal.",
            [query(f"topk(20, clamp_min(time() - {caught_up}, 0))", "{{kafka_cluster}} {{role}} {{id}}")],
            width=5,
            unit="s",
            no_value=NO_QUORUM,
        ),
        timeseries(
            703,
            "Metadata records",
            "Records a second that the metadata log gets: how far its high watermark moves. None for more than some "
            "seconds means that there is no leader or no majority.",
            [query("deriv(kafka_quorum_high_watermark[5m])", "{{kafka_cluster}} records")],
            width=5,
            unit="recps",
            no_value=NO_QUORUM,
        ),
        timeseries(
            704,
            "Leader epoch",
            "A step is an election of the quorum. Many steps mean an unstable quorum.",
            [query("kafka_quorum_leader_epoch", "{{kafka_cluster}} epoch")],
            width=4,
            decimals=0,
            no_value=NO_QUORUM,
        ),
    )
