#include "kafka/collect/log_dirs.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "protocol/describe_log_dirs.h"

namespace kafkascope::kafka {
namespace {

/// Throws Error when the broker refuses.
model::LogDirs read(std::string_view body, int16_t version, const model::Metadata& metadata) {
  model::LogDirs dirs;
  uint32_t topic = model::kNoTopic;
  protocol::DescribeLogDirsSink sink;
  sink.answer_error = [](int16_t error) {
    if (error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
      throw Error(model::Reason::kAuthorization, "log directories: grant DESCRIBE on the cluster");
    if (error) throw Error(kafka_code(error), "describing log directories");
  };
  sink.dir = [&](std::string_view path, int16_t error) {
    if (error && error != RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR)
      throw Error(kafka_code(error), fmt::format("describing log directory {}", path));
    dirs.dirs.push_back({std::string(path), error == 0});
  };
  sink.topic = [&](std::string_view name) { topic = model::find_topic(metadata, name); };
  sink.partition = [&](int32_t index, int64_t size, int64_t offset_lag, bool is_future) {
    dirs.dirs.back().size += size;
    if (is_future) {
      ++dirs.future_replicas;
      if (offset_lag > 0 && __builtin_add_overflow(dirs.future_lag, offset_lag, &dirs.future_lag))
        dirs.future_lag = std::numeric_limits<int64_t>::max();
      return;
    }
    if (topic == model::kNoTopic || index < 0 || static_cast<size_t>(index) >= metadata.topics[topic].partitions.size())
      return;
    dirs.replicas.push_back({{topic, index}, size});
  };
  sink.dir_end = [&](int64_t total, int64_t usable) {
    dirs.dirs.back().volume_bytes = total;
    dirs.dirs.back().usable_bytes = usable;
  };
  protocol::decode_describe_log_dirs(body, version, sink);
  // Every broker has a directory. Older ones return none if the user is not authorized.
  if (dirs.dirs.empty())
    throw Error(model::Reason::kAuthorization, "no log directory to be seen: grant DESCRIBE on the cluster");

  // Each replica once, whatever the broker sends: no series may occur twice on a page.
  const auto by_path = [](auto& a, auto& b) { return a.path < b.path; };
  std::stable_sort(dirs.dirs.begin(), dirs.dirs.end(), by_path);
  dirs.dirs.erase(std::unique(dirs.dirs.begin(), dirs.dirs.end(), [](auto& a, auto& b) { return a.path == b.path; }),
                  dirs.dirs.end());
  const auto by_partition = [](auto& a, auto& b) { return a.partition < b.partition; };
  std::stable_sort(dirs.replicas.begin(), dirs.replicas.end(), by_partition);
  dirs.replicas.erase(std::unique(dirs.replicas.begin(), dirs.replicas.end(),
                                  [](auto& a, auto& b) { return a.partition == b.partition; }),
                      dirs.replicas.end());
  return dirs;
}

}  // namespace

void collect_log_dirs(RequestBatch& requests, const model::Metadata& metadata,
                      std::map<int32_t, std::optional<model::LogDirs>>& collected, Failures& failures) {
  for (const auto& broker : metadata.brokers) collected[broker.id];
  for (const auto& broker : metadata.brokers) {
    auto& dirs = collected[broker.id];
    requests.ask({broker.id, &protocol::kDescribeLogDirs,
                  [](int16_t version) { return protocol::encode_describe_log_dirs(version); },
                  [&](int16_t version, std::string_view body) {
                    try {
                      dirs = read(body, version, metadata);
                    } catch (const Error& error) {
                      failures.add(error);
                    }
                  },
                  [&](const Error& error) { failures.add(error); }});
  }
  requests.run();
}

}  // namespace kafkascope::kafka
