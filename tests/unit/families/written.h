#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/figures.h"
#include "analysis/group_status.h"
#include "families/page_sections.h"
#include "metrics/publisher.h"

// Helpers to make snapshots and to write them.
namespace kafkascope::families {

using metrics::Page;
using metrics::Publisher;

using model::Value;
using namespace std::chrono_literals;

inline constexpr model::Time kFailingSince{1s};
inline constexpr Value kUnknown{};
inline Value held(int64_t value) { return {value, kFailingSince}; }

/// Writes a snapshot as KafkaSource does.
inline void write(const model::Snapshot& snapshot, const model::Options& options, FamilyWriter& out) {
  write_all(snapshot, analysis::figures(snapshot, options), options, out);
}

inline std::string text_of(const Page& page) {
  std::string text;
  page.inflate([&](std::string_view piece) {
    text += piece;
    return true;
  });
  return text;
}

/// Returns the text of these families.
inline std::string text_of(std::vector<metrics::Family> families) {
  Publisher publisher([](const Page&) { return std::vector<metrics::Family>(); });
  publisher.add("", {std::move(families), {}});
  return text_of(*publisher.page());
}

/// Returns the text of all families of a cluster.
inline std::string written(const model::Snapshot& snapshot, const model::Options& options = {}) {
  FamilyWriter families("");
  write(snapshot, options, families);
  return text_of(families.take());
}

/// Returns the series that contain this text.
inline std::string lines_with(const std::string& text, const std::string& word) {
  std::istringstream lines(text);
  std::string found;
  for (std::string line; std::getline(lines, line);)
    if (line.find(word) != std::string::npos && line[0] != '#') found += line + "\n";
  return found;
}

/// Returns the number of held series by collector.
inline SampleWriter::Held held_of(const model::Snapshot& snapshot, const model::Options& options = {}) {
  FamilyWriter families("");
  write(snapshot, options, families);
  families.take();
  return families.held();
}

inline model::Topic topic(const char* name, uint32_t first_partition, std::vector<model::Partition> partitions,
                          std::vector<int32_t> nodes) {
  model::Topic topic;
  topic.name = name;
  topic.first_partition = first_partition;
  topic.partitions = std::move(partitions);
  topic.nodes = std::move(nodes);
  return topic;
}

/// Topics a, b, ... with these numbers of partitions; broker 1 is the only replica.
inline model::Snapshot snapshot_of(const std::vector<size_t>& sizes) {
  auto metadata = std::make_shared<model::Metadata>();
  for (size_t t = 0; t < sizes.size(); ++t) {
    metadata->topics.push_back(topic(std::string(1, static_cast<char>('a' + t)).c_str(), metadata->partition_count,
                                     std::vector<model::Partition>(sizes[t], {1, 0, 0, 1, 1}), {1, 1}));
    metadata->partition_count += static_cast<uint32_t>(sizes[t]);
  }
  model::Snapshot s;
  s.up = true;
  s.metadata = s.numbering = metadata;
  s.latest.resize(metadata->partition_count);
  s.earliest.resize(metadata->partition_count);
  return s;
}

inline model::GroupPartition row(model::PartitionRef partition, Value committed, Value lag = {}) {
  model::GroupPartition row;
  row.partition = partition;
  row.committed = committed;
  row.lag = lag;
  return row;
}

/// Progress after observations every 15 s until Time{1000s}: each with `step` more offsets committed and this lag.
inline model::Progress progress(int64_t step, int64_t lag, int times = 40) {
  model::Progress progress;
  for (int i = 0; i < times; ++i) {
    analysis::Observation seen{};
    seen.now = model::Time{1000s - (times - 1 - i) * 15s};
    seen.committed = 1000 + i * step;
    if (i > 0) seen.previous_committed = seen.committed - step;
    seen.lag = lag;
    seen.lag_seconds = lag > 0 ? 100 : 0;
    analysis::update_progress(progress, seen, {});
  }
  return progress;
}

inline model::GroupSnapshot group(const char* id, const char* type, const char* protocol, const char* state,
                                  int32_t members, std::vector<model::GroupPartition> partitions) {
  model::GroupSnapshot group;
  group.group.id = id;
  group.group.type = type;
  group.group.protocol = protocol;
  group.group.state = state;
  group.group.coordinator = 1;
  group.group.members = members;
  group.offsets_known = true;
  group.partitions = std::move(partitions);
  return group;
}

}  // namespace kafkascope::families
