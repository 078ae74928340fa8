#pragma once

#include <catch2/catch_tostring.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "analysis/merge_background.h"
#include "analysis/next_snapshot.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

// Helpers to make poll results.
namespace kafkascope::analysis {

using namespace std::chrono_literals;
using model::PollResult;
using model::Snapshot;
using model::Value;

/// A time in a test. Not the clock's epoch, which means "fresh".
inline model::Time at(std::chrono::milliseconds when) { return model::Time{10h} + when; }

inline Value fresh(int64_t value) { return {value, {}}; }
inline Value held(int64_t value, std::chrono::milliseconds since) { return {value, at(since)}; }
inline constexpr Value kUnknown{};

struct TopicIs {
  std::string name;
  int partitions = 1;
  char id = 'a';  ///< Determines the topic id; 0: no id.
  std::vector<int32_t> replicas = {1};
};

struct PartitionIs {
  int32_t leader;
  std::vector<int32_t> replicas, in_sync;
};

/// Adds a topic of these partitions.
inline void add_topic(model::Metadata& metadata, const std::string& name, const std::vector<PartitionIs>& partitions) {
  auto& topic = metadata.topics.emplace_back();
  topic.name = name;
  topic.first_partition = metadata.partition_count;
  for (const auto& from : partitions) {
    topic.partitions.push_back({from.leader, 0, static_cast<uint32_t>(topic.nodes.size()),
                                static_cast<uint16_t>(from.replicas.size()),
                                static_cast<uint16_t>(from.in_sync.size())});
    topic.nodes.insert(topic.nodes.end(), from.replicas.begin(), from.replicas.end());
    topic.nodes.insert(topic.nodes.end(), from.in_sync.begin(), from.in_sync.end());
  }
  metadata.partition_count += static_cast<uint32_t>(partitions.size());
}

/// Brokers 1 to `brokers`; topics must be sorted by name.
inline std::shared_ptr<const model::Metadata> cluster(const std::vector<TopicIs>& topics, int brokers = 1) {
  auto metadata = std::make_shared<model::Metadata>();
  metadata->cluster_id = "c";
  for (int id = 1; id <= brokers; ++id) metadata->brokers.push_back({id, "host", 9092, ""});
  for (const auto& from : topics) {
    auto& topic = metadata->topics.emplace_back();
    topic.name = from.name;
    topic.id.fill(from.id);
    topic.first_partition = metadata->partition_count;
    for (int p = 0; p < from.partitions; ++p) {
      const auto first = static_cast<uint32_t>(topic.nodes.size());
      const auto replicas = static_cast<uint16_t>(from.replicas.size());
      topic.partitions.push_back({from.replicas.front(), 0, first, replicas, replicas});
      for (int twice = 0; twice < 2; ++twice)
        topic.nodes.insert(topic.nodes.end(), from.replicas.begin(), from.replicas.end());
    }
    metadata->partition_count += static_cast<uint32_t>(from.partitions);
  }
  return metadata;
}

/// A successful poll: end offsets 100, start offsets 0, no groups.
inline PollResult poll(std::chrono::milliseconds when, std::shared_ptr<const model::Metadata> metadata) {
  PollResult result;
  result.at = at(when);
  result.metadata_read = true;
  for (const auto& broker : metadata->brokers) result.answered.push_back(broker.id);
  result.latest.assign(metadata->partition_count, 100);
  result.earliest.assign(metadata->partition_count, 0);
  result.metadata = std::move(metadata);
  return result;
}

/// A poll without any response.
inline PollResult silent_poll(std::chrono::milliseconds when, const Snapshot& last) {
  PollResult result;
  result.at = at(when);
  result.metadata = last.numbering;
  for (const auto& group : last.groups) result.failed_groups.push_back(group.group.id);
  for (const auto& group : last.share_groups) result.failed_share_groups.push_back(group.group.id);
  return result;
}

/// A group with one member that is assigned the partitions with commits.
inline model::GroupResult group(std::string id, std::vector<model::Commit> commits) {
  model::GroupResult result;
  result.group = {std::move(id), "classic", "range", "Stable", 1, 1};
  for (const auto& commit : commits) result.group.assigned.push_back(commit.partition);
  result.offsets_read = true;
  result.commits = std::move(commits);
  return result;
}

/// A group that is listed only.
inline model::GroupResult listed_only(std::string id) {
  model::GroupResult result;
  result.group = {std::move(id), "classic", "", "Stable", 1, -1};
  return result;
}

template <class... Group>
std::vector<model::GroupResult> groups(Group... group) {
  std::vector<model::GroupResult> all;
  (all.push_back(std::move(group)), ...);
  return all;
}

/// Successive polls.
class Story {
 public:
  explicit Story(const model::Options& options = {}) : options_(options) {}

  const Snapshot& then(PollResult result) { return now_ = next_snapshot(std::move(now_), std::move(result), options_); }
  /// Results of slow collectors after the last poll.
  const Snapshot& add_lookup(model::BackgroundResult result) {
    return now_ = merge_background(std::move(now_), std::move(result), options_);
  }
  const Snapshot& now() const { return now_; }

 private:
  const model::Options options_;
  Snapshot now_;
};

}  // namespace kafkascope::analysis

template <>
struct Catch::StringMaker<kafkascope::model::Value> {
  static std::string convert(const kafkascope::model::Value& value) {
    if (!value.known()) return "unknown";
    std::string text = std::to_string(value.value);
    if (value.held())
      text += " held since " +
              std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                 value.failing_since.time_since_epoch() - std::chrono::hours(10))
                                 .count()) +
              " ms";
    return text;
  }
};
