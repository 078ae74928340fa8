"""Dashboard of Kafka clusters: health, and where the problems are."""

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

# Labels that identify a cluster of an exporter.
CLUSTER = "job, instance, kafka_cluster"
BROKER = f"{CLUSTER}, id"
TOPIC = f"{CLUSTER}, topic"

DISK = thresholds("green", (0.8, "orange"), (0.95, "red"))
ZERO_IS_BETTER = thresholds("green", (1, "orange"))
UNKNOWN = "unknown"
IN_ORDER = "no partition with a problem is known"
NO_QUORUM = "not available: no KRaft (3.3 and newer), or no response"
NO_DISKS = "not available: Kafka before 3.3, or no response"

# Problems in kafka_topic_partition_problem, the worst first.
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
        "Health of the cluster: brokers, partitions with problems, changes, traffic, disks, quorum.",
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
            "Whether the exporter read the cluster's metadata in its last poll; of several clusters, the worst. If "
            'not, everything else here is stale or missing. "Exporter down": Prometheus cannot scrape the exporter.',
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
            "Brokers that responded in the last poll, of those known: in the metadata, or in a partition's replica "
            "list. A broker that was removed is dropped after an hour.",
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
            "The active controller's id; of several clusters, how many have one. With KRaft it is the quorum's "
            'leader, which may not be a broker. "None": there is none, or the request failed. "Not allowed": '
            'Describe on the cluster is missing. "Unknown": not requested, as with KRaft before 3.3.',
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
            "Partitions without a leader: they can be neither written nor read.",
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
            "Partitions with a replica that is not in sync. Normal for minutes while a broker restarts or "
            "partitions are moved; otherwise a broker is down or cannot keep up.",
            [instant("sum(kafka_topic_under_replicated_partitions)")],
            width=3,
            colors=ZERO_IS_BETTER,
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            107,
            "Worst lag",
            "Age of the oldest uncommitted record, of the group with the largest. Orange from ten minutes on. Never "
            "red here: a slow group is not a cluster problem.",
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
            "Time since the exporter last read the metadata; of several clusters, the oldest. A few poll intervals "
            "are normal. Above that, values are stale.",
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
            "One row per cluster and exporter. In trouble: offline or under-replicated partitions. Size: of all "
            "replicas, as reported by the brokers.",
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
    """Returns for each cluster 0 with the controller's id, 1 if there is none, 0.5 if it is unknown."""
    refused = 'increase(kafka_exporter_collector_errors_total{collector="quorum",reason="authorization"}[5m]) > 0'
    failed = 'kafka_exporter_collector_success{collector="quorum"} == 0'
    steps = [
        "0 * kafka_controller",
        f'label_replace(0.5 * ({refused}) ^ 0, "id", "not allowed", "", "")',
        f'label_replace((kafka_up == 0 or on ({CLUSTER}) {failed}) ^ 0, "id", "none", "", "")',
        'label_replace(0.5 * kafka_up ^ 0, "id", "unknown", "", "")',
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
            "The 50 topics with the worst problems, and their numbers of partitions. At min ISR: one more failure "
            "stops writes. Not preferred leader: leadership is unbalanced, no data is at risk.",
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
            "Problems by partition, the 100 worst. Not available with `granularity: topic`; see the table of "
            "topics.",
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
                "All selected clusters. A partition may have several problems, but an offline one has no other.",
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
    """Topics with offline partitions first, and so on. Values that only some exporters have count as 0 for others."""
    zero = "0 * kafka_topic_offline_partitions"
    return (
        "topk(50, 1e9 * kafka_topic_offline_partitions"
        f" + 1e6 * (kafka_topic_under_min_isr_partitions or {zero})"
        " + 1e3 * kafka_topic_under_replicated_partitions"
        f" + (kafka_topic_reassigning_partitions or {zero})"
        " + kafka_topic_not_preferred_leader_partitions > 0)"
    )


def _worst_partitions() -> str:
    """Maps problems to numbers, the worst to the highest, so that topk selects the worst."""
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
            "All known brokers. Preferred: partitions whose first replica is on the broker. Imbalance: difference "
            "between leaders and preferred leaders. Disk: its fullest volume; of several log directories on one "
            "volume, used is the sum.",
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
            "All selected clusters. A gap between the lines is a broker that is down. In the metadata but not up: "
            "registered in the cluster, but the exporter cannot reach it.",
            [
                query("count(kafka_broker_up)", "known"),
                query("sum(kafka_brokers)", "in the metadata"),
                query("sum(kafka_broker_up)", "up"),
            ],
            width=4,
            decimals=0,
            no_value=UNKNOWN,
        ),
        timeseries(
            303,
            "Replicas out of sync, by broker",
            "Replicas assigned to the broker that are not in the ISR: shows the broker that is down or behind. The "
            "20 worst.",
            [query("topk(20, kafka_broker_out_of_sync_replicas)", "{{kafka_cluster}} broker {{id}}")],
            width=5,
            decimals=0,
            no_value=UNKNOWN,
        ),
        timeseries(
            306,
            "Replication lag, by broker",
            "Records that the broker's out-of-sync replicas are behind their leaders: a falling line is a broker that "
            "catches up, a rising one never will. Absent for brokers that are down. The 20 worst.",
            [query("topk(20, kafka_broker_replica_lag_records)", "{{kafka_cluster}} broker {{id}}")],
            width=5,
            decimals=0,
            no_value=UNKNOWN,
        ),
        timeseries(
            304,
            "Leaders by broker",
            "Partitions led by each broker, the 20 with the most. They should be balanced, because leaders handle "
            "requests.",
            [query("topk(20, kafka_broker_leader_partitions)", "{{kafka_cluster}} broker {{id}}")],
            width=5,
            decimals=0,
            no_value=UNKNOWN,
        ),
        table(
            305,
            "Can this broker be restarted?",
            "What would happen if the broker stopped now. Stops: partitions that would have no leader. Under min ISR: "
            "partitions that would keep a leader, but refuse writes with acks=all. Wait for 0 in both columns before "
            "you restart a broker. Not shown for brokers that are down.",
            [
                CLUSTER_COLUMN,
                label("id", "Broker", width=75),
                value("Stops", "kafka_broker_restart_would_stop_partitions", colors=ZERO_IS_GOOD, missing=UNKNOWN),
                value(
                    "Under min ISR",
                    "kafka_broker_restart_would_under_min_isr_partitions",
                    colors=ZERO_IS_BETTER,
                    missing=UNKNOWN,
                ),
            ],
            width=5,
            sort=("Cluster", "Broker"),
            no_value=UNKNOWN,
        ),
        table(
            308,
            "Feature levels",
            "Levels of Kafka's features. Used: finalized for the cluster. Lowest, highest: of the highest levels that the "
            "brokers support. They differ during a rolling upgrade; a metadata.version that is not used by the cluster yet "
            "is an upgrade that is not finalized.",
            [
                CLUSTER_COLUMN,
                label("feature", "Feature"),
                value("Used", "kafka_cluster_feature_level", missing="-", width=75),
                value("Lowest", f"min by ({CLUSTER}, feature) (kafka_broker_feature_max_level)", width=85),
                value("Highest", f"max by ({CLUSTER}, feature) (kafka_broker_feature_max_level)", width=85),
            ],
            width=10,
            height=6,
            sort=("Cluster", "Feature"),
            no_value="not available: ZooKeeper, or no response",
        ),
        timeseries(
            307,
            "Certificates expire in",
            "Time until the first certificate expires of the chain that a broker presents, and until the exporter's client "
            "certificate expires. The 20 earliest.",
            [
                query(
                    "bottomk(20, kafka_broker_tls_certificate_expiry_timestamp_seconds - time())",
                    "{{kafka_cluster}} broker {{id}}",
                ),
                query(
                    "kafka_exporter_tls_client_certificate_expiry_timestamp_seconds - time()",
                    "{{kafka_cluster}} client certificate",
                ),
            ],
            width=14,
            height=6,
            unit="s",
            no_value="no TLS",
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
                "Partitions with a new leader. Expected when a broker stops or restarts. Observed between polls.",
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
                "Partitions whose ISR lost (shrink) or gained (expand) replicas. Repeatedly without a restart: an "
                "overloaded broker or a bad network. Observed between polls.",
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
            "Partitions whose new leader was neither in sync nor eligible: records are lost. Should be 0.",
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
            "Topics with changes in the last hour.",
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
            "Reassignments in progress, the ten topics with the most. A line that does not fall is a stuck "
            "reassignment. Absent if the controller does not respond.",
            [query("topk(10, kafka_topic_reassigning_partitions > 0)", "{{kafka_cluster}} {{topic}}")],
            width=12,
            height=6,
            decimals=0,
            no_value="none known",
        ),
        timeseries(
            406,
            "What changed",
            "Topics, their settings, brokers and the controller, observed between polls. The exporter's log names them. "
            "Also marked on all graphs of the dashboards.",
            [
                _events("kafka_topics_created_total", "topics created"),
                _events("kafka_topics_deleted_total", "topics deleted"),
                _events("kafka_topic_config_changes_total", "settings changed"),
                _events("kafka_brokers_added_total", "brokers added"),
                _events("kafka_brokers_removed_total", "brokers removed"),
                _events("kafka_controller_changes_total", "controller changes"),
            ],
            width=24,
            height=6,
            decimals=0,
            bars=True,
            legend="right",
            no_value=UNKNOWN,
        ),
    )


def _changed(title: str, counter: str, colors: ThresholdsConfig | None = None) -> Column:
    changed = f"sum by ({TOPIC}) (increase({counter}[1h])) > 0"
    return value(title, f"topk(50, {changed})", decimals=0, colors=colors, width=105)


def _topic() -> Column:
    return label("topic", "Topic", link=drill("kafkascope-topics", "Topic", topic="${__value.raw}"))


def _events(counter: str, what: str) -> Dataquery:
    """Bars of at least a minute."""
    return query(f"sum by ({CLUSTER}) ({growth(counter)})", f"{{{{kafka_cluster}}}} {what}").interval("1m")


def _traffic() -> Row:
    rate = "topic:kafka_topic_partition_current_offset:rate5m"
    return row(
        500,
        "Traffic",
        timeseries(
            501,
            "Records in",
            "Records per second written by producers, averaged over five minutes.",
            [query("cluster:kafka_topic_partition_current_offset:rate5m", "{{kafka_cluster}} records in")],
            width=8,
            unit="recps",
            no_value=RULES_NEEDED,
        ),
        timeseries(
            502,
            "Records in, top ten topics",
            "The ten topics with most records, averaged over five minutes.",
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
            "Log directories by broker. Log size: used by Kafka; the volume may contain other data. Full in: at the "
            "rate of the last six hours, once three are known. Volumes are reported by Kafka 3.3 and newer.",
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
        timeseries(
            603,
            "Moves between log directories",
            "Records that are still to be copied to replicas that move from one log directory of a broker to another, "
            "and the number of these replicas. The 20 brokers with the most.",
            [
                query("topk(20, kafka_broker_future_replica_lag_records)", "{{kafka_cluster}} broker {{id}}: records"),
                query("topk(20, kafka_broker_future_replicas > 0)", "{{kafka_cluster}} broker {{id}}: replicas"),
            ],
            width=24,
            height=6,
            decimals=0,
            no_value=NO_DISKS,
        ),
    )


def _quorum() -> Row:
    caught_up = "kafka_quorum_replica_last_caught_up_timestamp_seconds"
    return row(
        700,
        "Metadata quorum (KRaft)",
        table(
            701,
            "Voters and observers",
            "Replicas of the metadata log. Voters are the controllers; one that is not caught up cannot take over. "
            "Observers are the brokers; one that is behind uses stale metadata. Caught up: how long ago.",
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
            "Time since each voter and observer was last caught up, the 20 worst. Seconds are normal.",
            [query(f"topk(20, clamp_min(time() - {caught_up}, 0))", "{{kafka_cluster}} {{role}} {{id}}")],
            width=5,
            unit="s",
            no_value=NO_QUORUM,
        ),
        timeseries(
            703,
            "Metadata records",
            "Records per second of the metadata log: increase of its high watermark. None for more than some "
            "seconds: no leader or no majority.",
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
