"""Dashboard of ZooKeeper ensembles: quorum, servers, load. Also for the names of ZooKeeper's own Prometheus provider."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard

from parts import (
    ENSEMBLE,
    UP,
    ZERO_IS_GOOD,
    Row,
    instant,
    label,
    mapping,
    of_known,
    page,
    query,
    row,
    stat,
    table,
    thresholds,
    timeseries,
    value,
)

SERVER = "job, instance, zk_ensemble, zk_host"
NO_DATA = "no server with data"
UNKNOWN = "unknown"


def both(promql: str) -> str:
    """Returns an expression for our names, or for those of ZooKeeper's own provider: without zk_, and with the server
    in `instance` instead of `zk_host`. `promql` has names of series as @name.
    """
    ours = promql.replace("@", "zk_")
    names = [word for word in promql.replace("(", " ").replace("[", " ").replace(")", " ").split() if word[0] == "@"]
    theirs = promql
    for name in sorted(set(names), key=len, reverse=True):
        theirs = theirs.replace(name, f"{name[1:]}{{{ENSEMBLE}}}")
    return f'{ours} or label_join({theirs}, "zk_host", "", "instance")'


def dashboard() -> Dashboard:
    return page(
        "kafkascope-zookeeper",
        "ZooKeeper",
        "ZooKeeper ensembles: quorum, state of each server, requests, clients, data. For kafkascope, and for "
        "ZooKeeper's own Prometheus provider, which does not have the panels about the ensemble.",
        [_health(), _requests(), _clients(), _data()],
        changes=False,
        of_ensembles=True,
    )


def _health() -> Row:
    return row(
        100,
        "Ensemble",
        stat(
            101,
            "Serving",
            "Voting servers that serve requests, of those expected.",
            of_known("sum(zk_ensemble_serving_servers)", "sum(zk_ensemble_expected_servers)"),
            width=4,
            colors=ZERO_IS_GOOD,
            background=True,
            text="name",
            no_value=UNKNOWN,
        ),
        stat(
            102,
            "Leader",
            "Whether the ensemble has a leader; of several ensembles, the worst. Without one nothing can be written.",
            [instant("min(zk_ensemble_leaders)")],
            width=4,
            colors=thresholds("red", (1, "green"), (2, "orange")),
            mappings=[mapping({"0": ("none", "red"), "1": ("elected", "green")})],
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            103,
            "In sync",
            "Voting servers in sync, the leader included, of those expected.",
            of_known("sum(zk_ensemble_in_sync_servers)", "sum(zk_ensemble_expected_servers)"),
            width=4,
            colors=ZERO_IS_GOOD,
            background=True,
            text="name",
            no_value=UNKNOWN,
        ),
        stat(
            104,
            "May fail",
            "How many more servers may fail before the quorum is lost; of several ensembles, the fewest.",
            [instant("min(zk_ensemble_in_sync_servers - floor(zk_ensemble_expected_servers / 2) - 1)")],
            width=4,
            decimals=0,
            colors=thresholds("red", (0, "orange"), (1, "green")),
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            105,
            "Outstanding requests",
            "Requests that wait in the servers.",
            [instant(f"sum({both('@outstanding_requests')})")],
            width=4,
            decimals=0,
            colors=thresholds("green", (10, "orange"), (100, "red")),
            background=True,
            no_value=UNKNOWN,
        ),
        stat(
            106,
            "Connections",
            "Connections to all servers, those of the exporter included.",
            [instant(f"sum({both('@num_alive_connections')})")],
            width=4,
            decimals=0,
            no_value=UNKNOWN,
        ),
        table(
            107,
            "Servers",
            "The state of each server in the last poll. Values of a server that is down are held for a minute.",
            [
                label("zk_ensemble", "Ensemble"),
                label("zk_host", "Server"),
                value("Up", f"max by ({SERVER}) (zk_up)", mappings=[UP], paint="background"),
                value("Answers", f"max by ({SERVER}) (zk_ruok)", mappings=[mapping({"0": ("no", "red"), "1": ("yes", "green")})]),
                label("state", "State", promql=f"max by ({SERVER}, state) (zk_server_state)", missing="unknown"),
                label("version", "Version", promql=f"max by ({SERVER}, version) (zk_version)"),
                value("Connections", f"max by ({SERVER}) (zk_num_alive_connections)", unit="short"),
                value("Outstanding", f"max by ({SERVER}) (zk_outstanding_requests)", unit="short"),
                value("Znodes", f"max by ({SERVER}) (zk_znode_count)", unit="short"),
                value("Uptime", f"max by ({SERVER}) (zk_uptime) / 1000", unit="s"),
            ],
            width=24,
            no_value="no kafkascope with a ZooKeeper ensemble",
            sort=("Ensemble", "Server"),
        ),
        timeseries(
            108,
            "Servers in sync",
            "Voting servers in sync and expected.",
            [
                query("zk_ensemble_in_sync_servers", "{{zk_ensemble}} in sync"),
                query("zk_ensemble_expected_servers", "{{zk_ensemble}} expected"),
                query("zk_ensemble_serving_servers", "{{zk_ensemble}} serving"),
            ],
            width=8,
            decimals=0,
            no_value=UNKNOWN,
        ),
        timeseries(
            109,
            "Leader",
            "Which server is the leader: 1. A change is an election.",
            [query("zk_server_leader", "{{zk_host}}")],
            width=8,
            decimals=0,
            no_value=UNKNOWN,
        ),
        timeseries(
            110,
            "Synchronization",
            "Followers in sync with the leader, all learners, and requests for synchronization that wait.",
            [
                query(both("@synced_followers"), "{{zk_host}} followers in sync"),
                query(both("@learners"), "{{zk_host}} learners"),
                query(both("@pending_syncs"), "{{zk_host}} pending"),
            ],
            width=8,
            decimals=0,
            no_value="no leader",
        ),
    )


def _requests() -> Row:
    return row(
        300,
        "Requests",
        timeseries(
            301,
            "Latency of updates",
            "Average time of requests that change znodes, over five minutes.",
            [query(both("rate(@updatelatency_sum[5m]) / (rate(@updatelatency_count[5m]) > 0)"), "{{zk_host}}")],
            width=8,
            unit="ms",
            no_value="no updates",
        ),
        timeseries(
            302,
            "Outstanding requests",
            "Requests that a server has received and not yet processed.",
            [query(both("@outstanding_requests"), "{{zk_host}}")],
            width=8,
            decimals=0,
            no_value=NO_DATA,
        ),
        timeseries(
            303,
            "Packets",
            "Packets received from clients per second, and sent to them.",
            [
                query(both("rate(@packets_received[$__rate_interval])"), "{{zk_host}} received"),
                query(both("rate(@packets_sent[$__rate_interval])"), "{{zk_host}} sent"),
            ],
            width=8,
            unit="pps",
            no_value=NO_DATA,
        ),
        timeseries(
            304,
            "Latency of reads",
            "Average time of read requests, over five minutes.",
            [query(both("rate(@readlatency_sum[5m]) / (rate(@readlatency_count[5m]) > 0)"), "{{zk_host}}")],
            width=8,
            unit="ms",
            no_value="no reads",
        ),
        timeseries(
            305,
            "Latency since the start",
            "Average and maximum over all requests since the server started, or since srst. All versions have it.",
            [
                query(both("@avg_latency"), "{{zk_host}} average"),
                query(both("@max_latency"), "{{zk_host}} maximum"),
            ],
            width=8,
            unit="ms",
            no_value=NO_DATA,
        ),
        timeseries(
            306,
            "Replication",
            "Average time from a proposal until a server has applied it, over five minutes.",
            [query(both("rate(@propagation_latency_sum[5m]) / (rate(@propagation_latency_count[5m]) > 0)"), "{{zk_host}}")],
            width=8,
            unit="ms",
            no_value="no updates",
        ),
    )


def _clients() -> Row:
    return row(
        400,
        "Clients",
        timeseries(
            401,
            "Connections",
            "Connections to each server.",
            [query(both("@num_alive_connections"), "{{zk_host}}")],
            width=8,
            decimals=0,
            no_value=NO_DATA,
        ),
        timeseries(
            402,
            "Sessions",
            "Sessions known to the ensemble.",
            [query(both("@global_sessions"), "{{zk_host}}")],
            width=8,
            decimals=0,
            no_value=NO_DATA,
        ),
        timeseries(
            403,
            "Watches",
            "Watches set by clients of each server.",
            [query(both("@watch_count"), "{{zk_host}}")],
            width=8,
            decimals=0,
            no_value=NO_DATA,
        ),
        timeseries(
            404,
            "Trouble with clients",
            "Connections closed or rejected by the server, sessions that expired, and failed authentications per second.",
            [
                query(both("rate(@connection_drop_count[5m])"), "{{zk_host}} closed"),
                query(both("rate(@connection_rejected[5m])"), "{{zk_host}} rejected"),
                query(both("rate(@stale_sessions_expired[5m])"), "{{zk_host}} expired"),
                query(both("rate(@auth_failed_count[5m])"), "{{zk_host}} authentication failed"),
            ],
            width=24,
            unit="cps",
            no_value=NO_DATA,
        ),
    )


def _data() -> Row:
    return row(
        500,
        "Data",
        timeseries(
            501,
            "Znodes",
            "Znodes, and those of them that are ephemeral.",
            [
                query(both("@znode_count"), "{{zk_host}}"),
                query(both("@ephemerals_count"), "{{zk_host}} ephemeral"),
            ],
            width=6,
            decimals=0,
            no_value=NO_DATA,
        ),
        timeseries(
            502,
            "Size",
            "Approximate size of all znodes.",
            [query(both("@approximate_data_size"), "{{zk_host}}")],
            width=6,
            unit="bytes",
            no_value=NO_DATA,
        ),
        timeseries(
            503,
            "Writing the log",
            "Average time to write the transaction log to disk, over five minutes. Above 20 ms updates are slow.",
            [query(both("rate(@fsynctime_sum[5m]) / (rate(@fsynctime_count[5m]) > 0)"), "{{zk_host}}")],
            width=6,
            unit="ms",
            no_value="no updates",
        ),
        timeseries(
            504,
            "File descriptors",
            "Open file descriptors of each server, of the maximum.",
            [query(both("@open_file_descriptor_count / @max_file_descriptor_count"), "{{zk_host}}")],
            width=6,
            unit="percentunit",
            no_value=NO_DATA,
        ),
    )
