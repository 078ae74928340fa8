#include "families/zookeeper.h"

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kafkascope::families {

using metrics::FamilyDescription;
using metrics::FamilyWriter;
using metrics::label;
using metrics::SampleWriter;
using metrics::Type;
using model::ZooKeeperServer;
using model::ZooKeeperSnapshot;

namespace {

struct Row {
  std::string_view name;  ///< Also in mntr.
  std::string_view help;
  std::string_view alias = {};  ///< Its name in mntr of other versions; empty: none.
};

// Counts begin at the start of the server; some also begin anew after srst. So they are gauges, as in ZooKeeper.
constexpr std::array kGauges{
    Row{"zk_avg_latency", "Average time in milliseconds that the server took to answer a request, since its start."},
    Row{"zk_min_latency", "Shortest time in milliseconds that the server took to answer a request, since its start."},
    Row{"zk_max_latency", "Longest time in milliseconds that the server took to answer a request, since its start."},
    Row{"zk_packets_received", "Packets received from clients since the start of the server."},
    Row{"zk_packets_sent", "Packets sent to clients since the start of the server."},
    Row{"zk_bytes_received_count", "Bytes received from clients since the start of the server."},
    Row{"zk_response_bytes", "Bytes of responses sent to clients since the start of the server."},
    Row{"zk_num_alive_connections", "Number of connections to the server, that of this exporter included."},
    Row{"zk_outstanding_requests", "Number of requests that the server has received and not yet processed."},
    Row{"zk_znode_count", "Number of znodes."},
    Row{"zk_ephemerals_count", "Number of ephemeral znodes."},
    Row{"zk_watch_count", "Number of watches that clients have set on this server."},
    Row{"zk_approximate_data_size", "Approximate size in bytes of all znodes."},
    Row{"zk_open_file_descriptor_count", "Number of open file descriptors of the server."},
    Row{"zk_max_file_descriptor_count", "Maximum number of open file descriptors of the server."},
    Row{"zk_global_sessions", "Number of sessions known to the ensemble."},
    Row{"zk_local_sessions", "Number of local sessions, known to this server only."},
    Row{"zk_connection_request_count", "Sessions requested by clients since the start of the server."},
    Row{"zk_connection_drop_count", "Connections closed by the server since its start."},
    Row{"zk_connection_rejected", "Connections rejected since the start of the server, because it had too many."},
    Row{"zk_stale_sessions_expired", "Sessions that expired since the start of the server."},
    Row{"zk_auth_failed_count", "Failed authentications of clients since the start of the server."},
    Row{"zk_throttled_ops", "Requests rejected by throttling since the start of the server."},
    Row{"zk_request_throttle_wait_count", "Requests delayed by throttling since the start of the server."},
    Row{"zk_large_requests_rejected", "Requests rejected for their size since the start of the server."},
    Row{"zk_outstanding_tls_handshake", "Number of TLS handshakes in progress."},
    Row{"zk_fsync_threshold_exceed_count", "Slow writes of the transaction log to disk. ZooKeeper 3.5 and older."},
    Row{"zk_unrecoverable_error_count", "Unrecoverable errors of the server since its start."},
    Row{"zk_digest_mismatches_count", "Differences between the data of this server and the leader's since its start."},
    Row{"zk_looking_count", "Times that the server looked for a leader since its start."},
    Row{"zk_snap_count", "Snapshots sent to other servers since the start of the server."},
    Row{"zk_diff_count", "Differences sent to other servers since the start of the server."},
    Row{"zk_commit_count", "Transactions committed as the leader since the start of the server."},
    Row{"zk_proposal_count", "Transactions proposed as the leader since the start of the server."},
    Row{"zk_last_proposal_size", "Size in bytes of the leader's last proposal. Absent before the first."},
    Row{"zk_min_proposal_size", "Size in bytes of the leader's smallest proposal. Absent before the first."},
    Row{"zk_max_proposal_size", "Size in bytes of the leader's largest proposal. Absent before the first."},
    Row{"zk_uptime", "Time in milliseconds since the server began to serve requests."},
    Row{"zk_leader_uptime", "Time in milliseconds since the leader was elected. Leader only."},
    Row{"zk_quorum_size", "Number of voting servers in the server's configuration. Absent for a standalone server."},
    Row{"zk_followers", "Number of followers and observers that are connected to the leader. Leader only.",
        "zk_learners"},
    Row{"zk_learners", "The same as zk_followers, under its name in ZooKeeper 3.6 and later.", "zk_followers"},
    Row{"zk_synced_followers", "Number of followers in sync with the leader. Leader only."},
    Row{"zk_synced_non_voting_followers", "Number of these that do not vote. Leader only."},
    Row{"zk_synced_observers", "Number of observers in sync with the leader."},
    Row{"zk_pending_syncs", "Number of requests for synchronization that the leader has not answered. Leader only."},
};

// Times in milliseconds. mntr has them in two forms, depending on the server's metrics provider.
constexpr std::array kSummaries{
    Row{"zk_readlatency", "Time in milliseconds to process read requests."},
    Row{"zk_updatelatency", "Time in milliseconds to process requests that change znodes."},
    Row{"zk_fsynctime", "Time in milliseconds to write the transaction log to disk."},
    Row{"zk_snapshottime", "Time in milliseconds to write a snapshot to disk."},
    Row{"zk_propagation_latency", "Time in milliseconds from a proposal until this server has applied it."},
    Row{"zk_quorum_ack_latency", "Time in milliseconds from a proposal until a quorum has accepted it. Leader only."},
    Row{"zk_election_time", "Time in milliseconds from the beginning to the end of elections."},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kQuantiles{
    {{"0.5", "p50"}, {"0.9", ""}, {"0.95", "p95"}, {"0.99", "p99"}, {"0.999", "p999"}}};

std::string with_quantile(std::string_view name, std::string_view quantile) {
  return std::string(name).append("{quantile=\"").append(quantile).append("\"}");
}

/// Returns the names in mntr of all values that have a family above, and of families of our own.
std::set<std::string, std::less<>> known_keys() {
  std::set<std::string, std::less<>> keys{"zk_up",
                                          "zk_ruok",
                                          "zk_server_state",
                                          "zk_server_leader",
                                          "zk_peer_state",
                                          "zk_version",
                                          "zk_ensemble_expected_servers",
                                          "zk_ensemble_serving_servers",
                                          "zk_ensemble_leaders",
                                          "zk_ensemble_in_sync_servers"};
  for (const auto& row : kGauges) keys.emplace(row.name);
  for (const auto& row : kSummaries) {
    const std::string name(row.name), base(row.name.substr(3));
    for (const char* suffix : {"", "_sum", "_count"}) keys.insert(name + suffix);
    for (const char* prefix : {"zk_cnt_", "zk_sum_"}) keys.insert(prefix + base);
    for (const auto& [quantile, percentile] : kQuantiles) {
      keys.insert(with_quantile(name, quantile));
      keys.insert("zk_" + std::string(percentile) + "_" + base);
    }
  }
  return keys;
}

bool is_known(std::string_view key) {
  static const auto known = known_keys();
  return known.contains(key);
}

/// Writes families of an ensemble and of its servers.
class Writer {
 public:
  Writer(const ZooKeeperSnapshot& snapshot, FamilyWriter& out) : snapshot_(snapshot), out_(out) {
    for (const auto& server : snapshot.servers) hosts_.push_back(label("zk_host", server.host));
  }

  bool polled() const { return snapshot_.polled; }

  /// Writes a family of the ensemble: write(samples).
  template <class Write>
  void of_ensemble(std::string_view name, std::string_view help, const Write& write) const {
    out_.family(head(name, help), [&](SampleWriter& s) {
      if (snapshot_.polled) write(s);
    });
  }

  /// Writes a family by server: write(server, series), series(suffix of the name).
  template <class Write>
  void by_server(const FamilyDescription& head, const Write& write) const {
    out_.family(head, [&](SampleWriter& s) {
      for (size_t i = 0; i < hosts_.size(); ++i)
        write(snapshot_.servers[i],
              [&](std::string_view suffix = {}) -> SampleWriter& { return s.suffix(suffix).with(hosts_[i]); });
    });
  }

  /// Writes a family of a word: the current one is in a label.
  void word(std::string_view name, std::string_view help, std::string_view key,
            std::string model::ZooKeeperValues::*of) const {
    by_server(head(name, help), [&](const ZooKeeperServer& server, const auto& series) {
      if (server.values && !(*server.values.value.*of).empty())
        series().with(label(key, *server.values.value.*of)).value(int64_t{1}, server.values.held());
    });
  }

  void gauge(const Row& row) const {
    by_server(head(row.name, row.help), [&](const ZooKeeperServer& server, const auto& series) {
      if (!server.values) return;
      auto value = server.values->number(row.name);
      if (!value && !row.alias.empty()) value = server.values->number(row.alias);
      // Negative: nothing was measured yet.
      if (value && *value >= 0) series().value(*value, server.values.held());
    });
  }

  void summary(const Row& row) const {
    const std::string name(row.name), base(row.name.substr(3));
    by_server(head(row.name, row.help, Type::kSummary), [&](const ZooKeeperServer& server, const auto& series) {
      if (!server.values) return;
      const auto number = [&](const std::string& prometheus, const std::string& other) {
        const auto value = server.values->number(prometheus);
        return value ? value : server.values->number(other);
      };
      const auto count = number(name + "_count", "zk_cnt_" + base), sum = number(name + "_sum", "zk_sum_" + base);
      if (!count || !sum) return;
      for (const auto& [quantile, percentile] : kQuantiles) {
        const auto value = number(with_quantile(name, quantile), "zk_" + std::string(percentile) + "_" + base);
        if (value && *count > 0) series().with(label("quantile", quantile)).value(*value, server.values.held());
      }
      series("_sum").value(*sum, server.values.held());
      series("_count").value(*count, server.values.held());
    });
  }

  /// Writes values of mntr that have no family of their own.
  void others() const {
    std::set<std::string, std::less<>> names;
    for (const auto& server : snapshot_.servers) {
      if (!server.values) continue;
      for (const auto& [key, value] : server.values->numbers)
        if (!is_known(key)) names.emplace(key.substr(0, key.find('{')));
    }
    for (const auto& name : names)
      by_server(head(name, "Value of the same name in mntr."), [&](const ZooKeeperServer& server, const auto& series) {
        if (!server.values) return;
        const bool held = server.values.held();
        if (const auto value = server.values->number(name)) series().value(*value, held);
        for (const auto& [quantile, percentile] : kQuantiles)
          if (const auto value = server.values->number(with_quantile(name, quantile)))
            series().with(label("quantile", quantile)).value(*value, held);
      });
  }

  static FamilyDescription head(std::string_view name, std::string_view help, Type type = Type::kGauge) {
    return {.name = name, .help = help, .type = type, .collector = model::kZooKeeper};
  }

 private:
  const ZooKeeperSnapshot& snapshot_;
  FamilyWriter& out_;
  std::vector<std::string> hosts_;
};

void write_states(const Writer& w) {
  w.by_server(Writer::head("zk_up", "1 if the server serves requests and reported values in the last poll, else 0."),
              [](const ZooKeeperServer& server, const auto& series) { series().value(int64_t{server.up}); });
  w.by_server(Writer::head("zk_ruok",
                           "1 if the server answered in the last poll, even if it does not serve requests, "
                           "else 0."),
              [&](const ZooKeeperServer& server, const auto& series) {
                if (w.polled()) series().value(int64_t{server.answered});
              });
  w.by_server(Writer::head("zk_server_state",
                           "State of the server, in ZooKeeper's words or not_serving. Always 1. Absent if the server "
                           "did not report it in the last poll."),
              [](const ZooKeeperServer& server, const auto& series) {
                if (!server.state.empty()) series().with(label("state", server.state)).value(int64_t{1});
              });
  w.by_server(Writer::head("zk_server_leader",
                           "1 if the server is the leader, 0 if it is in another state. Absent if the server did not "
                           "report it in the last poll."),
              [](const ZooKeeperServer& server, const auto& series) {
                if (!server.state.empty()) series().value(int64_t{server.state == "leader"});
              });
  w.word("zk_peer_state", "Role of the server in its quorum, in ZooKeeper's words. Always 1.", "state",
         &model::ZooKeeperValues::peer_state);
  w.word("zk_version", "Version of the server. Always 1.", "version", &model::ZooKeeperValues::version);
}

void write_ensemble(const Writer& w, const ZooKeeperSnapshot& snapshot) {
  w.of_ensemble("zk_ensemble_expected_servers", "Number of voting servers that the ensemble should have.",
                [&](SampleWriter& s) { s.value(int64_t{snapshot.expected_size}); });
  w.of_ensemble("zk_ensemble_serving_servers", "Number of voting servers that served requests in the last poll.",
                [&](SampleWriter& s) { s.value(int64_t{snapshot.serving}); });
  w.of_ensemble(
      "zk_ensemble_leaders",
      "Number of servers that were the leader, or standalone, in the last poll. 0: no quorum, or an election.",
      [&](SampleWriter& s) { s.value(int64_t{snapshot.leaders}); });
  w.of_ensemble(
      "zk_ensemble_in_sync_servers",
      "Number of voting servers in sync, the leader included, as the leader reported in the last poll. Absent "
      "if it did not.",
      [&](SampleWriter& s) {
        if (snapshot.in_sync_servers) s.value(int64_t{*snapshot.in_sync_servers});
      });
}

}  // namespace

void write_zookeeper(const ZooKeeperSnapshot& snapshot, const model::Options& options, bool all_values,
                     FamilyWriter& out) {
  out.begin(options);
  const Writer w(snapshot, out);
  write_states(w);
  write_ensemble(w, snapshot);
  for (const auto& row : kGauges) w.gauge(row);
  for (const auto& row : kSummaries) w.summary(row);
  if (all_values) w.others();
}

std::vector<std::string> zookeeper_family_names() {
  FamilyWriter families("");
  write_zookeeper({}, {}, false, families);
  std::vector<std::string> names;
  for (auto& family : families.take()) names.push_back(std::move(family.name));
  return names;
}

}  // namespace kafkascope::families
