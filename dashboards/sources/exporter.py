"""Dashboard of the exporter: whether the other dashboards can be trusted, and its cost."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard

from parts import (
    CLUSTER_COLUMN,
    UP,
    ZERO_IS_GOOD,
    Row,
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
    value,
)

# Of an ensemble, the last label takes the place of the one before.
CLUSTER = "job, instance, kafka_cluster, zk_ensemble"
TARGET = "{{kafka_cluster}}{{zk_ensemble}}"
BROKER = f"{CLUSTER}, id"

# Selects this exporter: other processes have up and process_*, too, and kafka_exporter's build_info has no librdkafka.
OURS = 'kafka_exporter_build_info{librdkafka!=""}'
IS_OURS = f"and on (job, instance) {OURS}"
WAS_OURS = f"and on (job, instance) last_over_time({OURS}[1d])"

LOGGED = 'kafka_exporter_log_messages_total{level!="debug"}'

ZERO_IS_BETTER = thresholds("green", (1, "orange"))
UNKNOWN = "unknown"
NO_EXPORTER = "no exporter"


def dashboard() -> Dashboard:
    return page(
        "kafkascope-exporter",
        "Kafkascope exporter",
        "Whether the other dashboards can be trusted, and the exporter's cost: freshness, errors, requests to "
        "Kafka, scrapes, the process.",
        [_health(), _collectors(), _polls(), _cost(), _scrapes(), _process()],
        changes=False,
    )


def _health() -> Row:
    return row(
        100,
        "Health",
        stat(
            101,
            "Exporters up",
            "Exporters that Prometheus can scrape, of those that it could scrape in the last day. Without the "
            "exporter there is no data about its clusters.",
            of_known(f"sum(up {WAS_OURS})", f"count(up {WAS_OURS})"),
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            text="name",
            no_value="none",
        ),
        stat(
            102,
            "Clusters up",
            "Clusters whose metadata was read in the last poll, of those configured.",
            of_known("sum(kafka_up)", "count(kafka_up)"),
            width=3,
            colors=ZERO_IS_GOOD,
            background=True,
            text="name",
            no_value=UNKNOWN,
        ),
        stat(
            103,
            "Data age",
            "Time since metadata was last read; of several clusters, the oldest. A few poll intervals are normal.",
            [instant('max(time() - kafka_exporter_collector_last_success_timestamp_seconds{collector="metadata"})')],
            width=3,
            unit="s",
            decimals=0,
            colors=thresholds("green", (90, "orange"), (180, "red")),
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            104,
            "Failing collectors",
            "Collectors whose last run failed completely or in part: their values are held for a minute, then "
            "absent. See the table below.",
            [instant("sum(kafka_exporter_collector_success == bool 0)")],
            width=3,
            colors=ZERO_IS_BETTER,
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            105,
            "Held series",
            "Series that show the last good value because a read failed. After a minute they are absent.",
            [instant("sum(kafka_exporter_held_series)")],
            width=3,
            colors=ZERO_IS_BETTER,
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            106,
            "Errors, 1 h",
            "Failed requests to Kafka in the last hour, all collectors and reasons.",
            [instant("sum(increase(kafka_exporter_collector_errors_total[1h]))")],
            width=3,
            decimals=0,
            colors=ZERO_IS_BETTER,
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            107,
            "Poll of interval",
            "Duration of polls as part of the interval, averaged over five minutes; of several clusters, the worst. "
            "From 100% on polls are skipped: raise the interval or disable collectors.",
            [
                instant(
                    "max(rate(kafka_exporter_poll_duration_seconds_sum[5m])"
                    " / (rate(kafka_exporter_poll_duration_seconds_count[5m]) > 0)"
                    " / kafka_exporter_poll_interval_seconds)"
                )
            ],
            width=3,
            unit="percentunit",
            decimals=0,
            colors=thresholds("green", (0.7, "orange"), (1, "red")),
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            108,
            "Skipped, 1 h",
            "Polls skipped in the last hour because the previous one was still running.",
            [instant("sum(increase(kafka_exporter_polls_skipped_total[1h]))")],
            width=3,
            decimals=0,
            colors=ZERO_IS_BETTER,
            background=True,
            no_value=UNKNOWN,
        ),
        table(
            109,
            "Exporters",
            "All exporters of the last day.",
            [
                label("instance", "Exporter"),
                value("Up", f"up {WAS_OURS}", mappings=[UP], width=75),
                label("version", "Version", promql=OURS, width=95),
                label("revision", "Revision", width=105),
                label("librdkafka", "librdkafka", width=105),
                label("compiler", "Compiler", width=130),
                value("Running for", f"time() - process_start_time_seconds {IS_OURS}", unit="s", width=115),
                value("Clusters", "count by (job, instance) (kafka_up)", width=90),
                value("Series", "kafka_exporter_page_series", width=95),
                value("Page", "kafka_exporter_page_bytes", unit="bytes", width=95),
                value("Memory", f"process_resident_memory_bytes {IS_OURS}", unit="bytes", width=95),
                value(
                    "CPU", f"rate(process_cpu_seconds_total[5m]) {IS_OURS}", unit="percentunit", decimals=2, width=85
                ),
            ],
            width=24,
            height=5,
            sort=("Up", "Exporter"),
            no_value=NO_EXPORTER,
        ),
    )


def _collectors() -> Row:
    age = "time() - kafka_exporter_collector_last_success_timestamp_seconds"
    return row(
        200,
        "Collectors",
        table(
            201,
            "Collectors",
            "Collectors, one per kind of request. Some do not run in each poll, so that their last success may be "
            "minutes ago. If one fails, its metrics are missing.",
            [
                CLUSTER_COLUMN,
                label("zk_ensemble", "Ensemble"),
                label("collector", "Collector"),
                value(
                    "Last run",
                    "kafka_exporter_collector_success",
                    mappings=[mapping({"0": ("failed", "red"), "1": ("good", "green")})],
                    width=90,
                ),
                value("Last success", age, unit="s", decimals=0, width=115, missing="never"),
                value("Took", "kafka_exporter_collector_duration_seconds", unit="s", decimals=1, width=90),
                value(
                    "Errors, last hour",
                    f"sum by ({CLUSTER}, collector) (increase(kafka_exporter_collector_errors_total[1h]))",
                    decimals=0,
                    colors=ZERO_IS_BETTER,
                    width=140,
                ),
                value("Held series", "kafka_exporter_held_series", colors=ZERO_IS_BETTER, width=110),
            ],
            width=13,
            height=12,
            sort=("Last run", "Cluster", "Collector"),
            no_value=NO_EXPORTER,
        ),
        timeseries(
            202,
            "Errors, by collector and reason",
            "Failed runs. Authorization: grant the permission (docs/security.md) or disable the collector. Timeout "
            "and unreachable: a broker is down, slow, or behind a firewall.",
            [
                query(
                    "topk(10, sum by (kafka_cluster, zk_ensemble, collector, reason)"
                    f" ({growth('kafka_exporter_collector_errors_total')}) > 0)",
                    f"{TARGET} {{{{collector}}}}: {{{{reason}}}}",
                ).interval("1m")
            ],
            width=11,
            height=12,
            decimals=0,
            bars=True,
            stacked=True,
            no_value="no errors",
        ),
        timeseries(
            203,
            "Age of the data, by collector",
            "Time since the last success of the collectors that run in every poll. One rising line: the collector "
            "fails. All rising: the exporter hangs or the cluster is unreachable.",
            [
                query(
                    "max by (kafka_cluster, collector) (time() - "
                    'kafka_exporter_collector_last_success_timestamp_seconds{collector=~"metadata|offsets|groups|group_offsets"})',
                    "{{kafka_cluster}} {{collector}}",
                )
            ],
            width=12,
            unit="s",
            legend="right",
            no_value=UNKNOWN,
        ),
        timeseries(
            204,
            "Duration, by collector",
            "Duration of each collector's last run; of several clusters, the longest.",
            [query("max by (collector) (kafka_exporter_collector_duration_seconds)", "{{collector}}")],
            width=12,
            unit="s",
            legend="right",
            no_value=UNKNOWN,
        ),
    )


def _polls() -> Row:
    buckets = f"sum by ({CLUSTER}, le) (rate(kafka_exporter_poll_duration_seconds_bucket[5m]))"
    return row(
        300,
        "Polls",
        timeseries(
            301,
            "Poll duration",
            "Time from a poll's first request to the published page: median and 99th percentile over five minutes, "
            "from buckets. Above the interval polls are skipped.",
            [
                query(f"histogram_quantile(0.5, {buckets}) >= 0", f"{TARGET} median"),
                query(f"histogram_quantile(0.99, {buckets}) >= 0", f"{TARGET} p99"),
                query("min(kafka_exporter_poll_interval_seconds)", "interval, the shortest"),
            ],
            width=8,
            unit="s",
            no_value=UNKNOWN,
        ),
        timeseries(
            302,
            "Polls a minute",
            "Polls completed, and polls skipped because the previous one was still running.",
            [
                query(
                    f"sum by ({CLUSTER}) (rate(kafka_exporter_poll_duration_seconds_count[5m])) * 60",
                    f"{TARGET} made",
                ),
                query(
                    f"sum by ({CLUSTER}) (rate(kafka_exporter_polls_skipped_total[5m])) * 60",
                    f"{TARGET} skipped",
                ),
            ],
            width=8,
            decimals=1,
            no_value=UNKNOWN,
        ),
        timeseries(
            303,
            "Held series, by collector",
            "Series that show the last good value because a read failed. They are removed after a minute.",
            [query("topk(10, kafka_exporter_held_series > 0)", "{{kafka_cluster}} {{collector}}")],
            width=8,
            decimals=0,
            stacked=True,
            no_value="none",
        ),
    )


def _cost() -> Row:
    hour = "sum by (job, instance, kafka_cluster, id) (increase(kafka_exporter_client_{}_total[1h]))"
    return row(
        400,
        "Requests to Kafka",
        timeseries(
            401,
            "Requests, by API",
            "Requests to brokers, all clusters. Mostly Metadata, ListOffsets and OffsetFetch; a handful per poll "
            "and broker is normal.",
            [query("sum by (api) (rate(kafka_exporter_kafka_requests_total[5m]))", "{{api}}")],
            width=12,
            height=9,
            unit="reqps",
            stacked=True,
            legend="right",
            no_value=UNKNOWN,
        ),
        timeseries(
            402,
            "Bytes to and from Kafka",
            "On the connections that every poll uses.",
            [
                query(
                    f"sum by ({CLUSTER}) (rate(kafka_exporter_client_received_bytes_total[5m]))",
                    "{{kafka_cluster}} received",
                ),
                query(
                    f"sum by ({CLUSTER}) (rate(kafka_exporter_client_sent_bytes_total[5m]))", "{{kafka_cluster}} sent"
                ),
            ],
            width=6,
            height=9,
            unit="Bps",
            no_value=UNKNOWN,
        ),
        timeseries(
            403,
            "Round trip, by broker",
            "95th percentile of the last seconds, the 20 slowest brokers. A slow broker is overloaded or far away. "
            "Absent while no requests are sent.",
            [query('topk(20, kafka_exporter_client_rtt_seconds{quantile="0.95"})', "{{kafka_cluster}} broker {{id}}")],
            width=6,
            height=9,
            unit="s",
            no_value="no connections",
        ),
        table(
            404,
            "Connections",
            "The connection to each broker that polls use. For: time in that state. Counts are of the last hour; "
            "some disconnects are normal, as brokers close idle connections.",
            [
                CLUSTER_COLUMN,
                label("id", "Broker", width=75),
                value(
                    "Connected",
                    "kafka_exporter_client_connected",
                    mappings=[mapping({"0": ("no", "red"), "1": ("yes", "green")})],
                    width=120,
                ),
                value("For", "kafka_exporter_client_state_age_seconds", unit="s", decimals=1),
                value("In flight", "kafka_exporter_client_requests_in_flight"),
                value("Requests", "rate(kafka_exporter_client_requests_total[5m])", unit="reqps", decimals=1),
                value("Responses", "rate(kafka_exporter_client_responses_total[5m])", unit="reqps", decimals=1),
                value("Timeouts", hour.format("timeouts"), decimals=0, colors=ZERO_IS_BETTER),
                value("Errors", hour.format("errors"), decimals=0, colors=ZERO_IS_BETTER),
                value("Retries", hour.format("retries"), decimals=0, colors=ZERO_IS_BETTER),
                value("Connects", hour.format("connects"), decimals=0),
                value("Disconnects", hour.format("disconnects"), decimals=0),
            ],
            width=18,
            sort=("Connected", "Cluster", "Broker"),
            no_value="no connections",
        ),
        timeseries(
            405,
            "Throttling, by broker",
            "Delay of responses by a broker, in seconds per second. Above 0 a quota limits the exporter: raise it "
            "for its user, or poll less often.",
            [
                query(
                    "topk(20, rate(kafka_exporter_client_throttle_seconds_sum[5m]))", "{{kafka_cluster}} broker {{id}}"
                )
            ],
            width=6,
            unit="s",
            no_value="no connections",
        ).axis_soft_max(1),
    )


def _scrapes() -> Row:
    return row(
        500,
        "Page and scrapes",
        timeseries(
            501,
            "Page size",
            "Size of the page as text and compressed.",
            [
                query("kafka_exporter_page_bytes", "{{instance}} text"),
                query("kafka_exporter_page_compressed_bytes", "{{instance}} compressed"),
            ],
            width=8,
            unit="bytes",
            no_value=NO_EXPORTER,
        ),
        timeseries(
            502,
            "Series on the page",
            "Increases with new topics, partitions or groups.",
            [query("kafka_exporter_page_series", "{{instance}}")],
            width=8,
            no_value=NO_EXPORTER,
        ),
        timeseries(
            504,
            "Time to render and to scrape the page",
            "Render: writing and compressing, once per poll. Scrape: as measured by Prometheus, including the "
            "network.",
            [
                query("kafka_exporter_render_duration_seconds", "{{instance}} render"),
                query(f'scrape_duration_seconds{{job=~"$job"}} {IS_OURS}', "{{instance}} scrape"),
            ],
            width=8,
            unit="s",
            no_value=NO_EXPORTER,
        ),
        timeseries(
            503,
            "Series left out, by family",
            "The setting max_series is exceeded: the most detailed families are left out. Panels and alerts that "
            "need them have no data.",
            [query("kafka_exporter_dropped_series", "{{instance}} {{kafka_cluster}} {{family}}")],
            width=8,
            no_value="none",
        ),
        timeseries(
            505,
            "HTTP requests",
            "Responses by path and status. Several Prometheus servers multiply the rate.",
            [
                query(
                    "sum by (instance, handler, code) (rate(kafka_exporter_http_requests_total[5m])) > 0",
                    "{{instance}} {{handler}} {{code}}",
                )
            ],
            width=8,
            unit="reqps",
            no_value="none",
        ),
        timeseries(
            506,
            "HTTP response time, 99th percentile",
            "Time to respond by path, from buckets. Pages are in memory: milliseconds are normal.",
            [
                query(
                    "histogram_quantile(0.99, sum by (instance, handler, le)"
                    " (rate(kafka_exporter_http_request_duration_seconds_bucket[5m]))) >= 0",
                    "{{instance}} {{handler}}",
                )
            ],
            width=8,
            unit="s",
            no_value="none",
        ),
    )


def _process() -> Row:
    return row(
        600,
        "Process",
        timeseries(
            601,
            "Memory",
            "Resident memory. A page with a million series needs some hundred MiB; growth over days is a leak. A "
            "drop is a restart.",
            [query(f"process_resident_memory_bytes {IS_OURS}", "{{instance}}")],
            width=6,
            unit="bytes",
            no_value=NO_EXPORTER,
        ),
        timeseries(
            602,
            "CPU",
            "Of one core.",
            [query(f"rate(process_cpu_seconds_total[5m]) {IS_OURS}", "{{instance}}")],
            width=6,
            unit="percentunit",
            no_value=NO_EXPORTER,
        ),
        timeseries(
            603,
            "File descriptors, of the limit",
            "Mostly connections. At 100% no new connections can be opened.",
            [query(f"process_open_fds / process_max_fds {IS_OURS}", "{{instance}}")],
            width=6,
            unit="percentunit",
            no_value=NO_EXPORTER,
        ),
        paint(
            timeseries(
                604,
                "Log messages",
                "Log lines by level.",
                [
                    query(
                        f"sum by (level) ({growth(LOGGED)}) > 0",
                        "{{level}}",
                    ).interval("1m")
                ],
                width=6,
                decimals=0,
                bars=True,
                stacked=True,
                no_value="none",
            ),
            {"info": "blue", "warning": "orange", "error": "red"},
        ),
    )
