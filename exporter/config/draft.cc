#include "config/draft.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "config/options.h"
#include "config/security.h"
#include "config/web_config.h"
#include "config/zookeeper.h"

namespace kafkascope::config {
namespace {

/// Properties of librdkafka that cannot be passed through, and what to do instead.
const std::map<std::string_view, std::string_view> kOwnProperties = {
    {"bootstrap.servers", "use servers"},
    {"metadata.broker.list", "use servers"},
    {"socket.timeout.ms", "use polling.request_timeout"},
    {"statistics.interval.ms", "it follows polling.interval"},
    {"log_level", "use log.level"},
    {"log.queue", "leave it out"},
    {"group.id", "the exporter joins no group; leave it out"},
    {"allow.auto.create.topics", "the exporter creates no topics; leave it out"},
    {"enable.sparse.connections", "the exporter needs a connection to every broker; leave it out"},
    {"enable.metrics.push", "leave it out"},
};

void check_names(const std::vector<ClusterDraft>& drafts) {
  std::set<std::string> names;
  for (const ClusterDraft& draft : drafts) {
    const std::string& name = draft.cluster.name;
    const Origin& where = draft.where("name");
    if (name.empty() && drafts.size() > 1) fail(where, "of several clusters each needs a name; add name");
    if (!names.insert(name).second) fail(where, fmt::format("another cluster is named {} too; rename one", name));
  }
}

/// Fails if a slow collector's interval is shorter than the poll interval. Raises the default to the poll interval.
void settle_slow(const ClusterDraft& draft, std::string_view id, std::chrono::milliseconds& interval) {
  const std::chrono::milliseconds poll = draft.cluster.polling.interval;
  const Origin* given = draft.find(id);
  if (given == nullptr) {
    interval = std::max(interval, poll);
  } else if (interval < poll) {
    fail(*given, fmt::format("{} is less than the poll interval of {}; give at least that, or leave it out",
                             to_text(interval), to_text(poll)));
  }
}

/// Adds a notice for each setting that has no effect with the cluster's granularity.
void note_granularity(const ClusterDraft& draft, Config& config) {
  const model::Options& options = draft.cluster.options;
  const auto note = [&](std::string_view id, bool wanted) {
    if (!wanted || options.by_partition) return;
    const Origin& where = draft.given.at(id);
    config.notices.push_back({where.text(), fmt::format("{} is topic", spelled_for(where, "granularity"))});
  };
  note("groups.owners", options.owners);
  note("groups.uncommitted", options.uncommitted_as_minus_one);
}

void check_polling(const ClusterDraft& draft) {
  const Polling& polling = draft.cluster.polling;
  if (polling.effective_request_timeout() < polling.effective_deadline()) return;
  const Origin* given = draft.find("polling.request_timeout");
  fail(given != nullptr ? *given : draft.given.at("polling.deadline"),
       fmt::format("a request's {} must be shorter than a poll's deadline of {}",
                   to_text(polling.effective_request_timeout()), to_text(polling.effective_deadline())));
}

/// Fails if the cluster is rejected, with the line of the property that is rejected for the same reason on its own.
void check_cluster(const ClusterDraft& draft, const CheckCluster& check) {
  const auto fault = [&](const Cluster& cluster) -> std::string {
    try {
      if (check) check(cluster);
      return {};
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  const std::string found = fault(draft.cluster);
  if (found.empty()) return;
  for (const Value& property : draft.properties) {
    Cluster alone;
    alone.properties.emplace(property.name, property.text);
    if (fault(alone) == found) fail(property.origin, found);
  }
  throw ConfigError(found);
}

void pass_through(ClusterDraft& draft) {
  auto& properties = draft.cluster.properties;
  for (const Value& value : draft.properties) {
    const auto own = kOwnProperties.find(value.name);
    if (own != kOwnProperties.end()) fail(value.origin, fmt::format("is set by the exporter itself; {}", own->second));
    const std::string name = value.name == "sasl.mechanisms" ? "sasl.mechanism" : value.name;
    if (name.ends_with(".location")) draft.cluster.files[value.text] = content_hash(value.text);
    if (!properties.emplace(name, value.text).second) {
      fail(value.origin, "follows from the settings under tls or sasl already; leave it out");
    }
  }
}

/// Returns where a setting of the program was given; as a flag if it was not.
Origin origin(const Draft& draft, std::string_view id) {
  const auto found = draft.given.find(id);
  return found != draft.given.end() ? found->second : Origin{"", 0, spelled_for({}, id)};
}

/// Reads the web configuration once, so that its errors are reported at the start.
void check_web(const Draft& draft, Config& config) {
  const Web& web = config.web;
  const ServerTls& tls = web.server_tls;
  const auto note = [&](std::string_view id, std::string reason, bool is_set = true) {
    if (is_set && draft.given.contains(id)) config.notices.push_back({origin(draft, id).text(), std::move(reason)});
  };
  if (tls.enabled && !web.config_file.empty())
    fail(origin(draft, "server.tls.enabled"), "use either this or --web.config.file, which has more options");
  if (tls.enabled && tls.mutual && tls.ca_file.empty())
    fail(origin(draft, "server.tls.mutual-auth-enabled"), "a CA is needed; add --server.tls.ca-file");
  if (!tls.enabled && tls.mutual)
    fail(origin(draft, "server.tls.mutual-auth-enabled"), "would let everybody in; add --server.tls.enabled");
  if (!tls.enabled) {
    note("server.tls.cert-file", "it requires --server.tls.enabled", !tls.cert_file.empty());
    note("server.tls.key-file", "it requires --server.tls.enabled", !tls.key_file.empty());
  }
  if (!tls.mutual) note("server.tls.ca-file", "it requires --server.tls.mutual-auth-enabled", !tls.ca_file.empty());
  const auto& addresses = web.listen_addresses;
  if (web.systemd_socket) {
    note("web.listen_addresses", "systemd's sockets are used");
  } else if (std::find(addresses.begin(), addresses.end(), web.health_address) != addresses.end()) {
    fail(origin(draft, "web.health_address"), fmt::format("{} is a listen address too", web.health_address));
  }
  auto notices = read_web_config(web).notices;
  std::move(notices.begin(), notices.end(), std::back_inserter(config.notices));
}

}  // namespace

Config finish(Draft draft, const Environment& environment, const CheckCluster& check) {
  Config config = std::move(draft.config);
  check_web(draft, config);
  config.clusters.clear();
  check_names(draft.clusters);
  for (ClusterDraft& cluster : draft.clusters) {
    model::Options& options = cluster.cluster.options;
    check_polling(cluster);
    settle_slow(cluster, "polling.topic_configs_interval", options.topic_configs_interval);
    settle_slow(cluster, "polling.log_dirs_interval", options.log_dirs_interval);
    settle_slow(cluster, "polling.record_times_interval", options.record_times_interval);
    settle_slow(cluster, "polling.transactions_interval", options.transactions_interval);
    settle_slow(cluster, "polling.features_interval", options.features_interval);
    options.interval = cluster.cluster.polling.interval;
    options.disabled_families = config.disabled_families;
    if (options.kafka_lag_exporter) options.cluster_name = cluster.cluster.name;
    note_granularity(cluster, config);
    apply_security(cluster, environment, config);
    pass_through(cluster);
    check_cluster(cluster, check);
    config.clusters.push_back(std::move(cluster.cluster));
  }
  config.zookeeper = finish_zookeeper(draft.zookeeper, config);
  return config;
}

}  // namespace kafkascope::config
