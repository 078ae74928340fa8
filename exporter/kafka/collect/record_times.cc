#include "kafka/collect/record_times.h"

#include <algorithm>

#include "kafka/collect/offsets_for_times.h"

namespace kafkascope::kafka {
namespace {

using model::RecordTime;

std::vector<WantedOffset> wanted(std::span<const uint32_t> partitions, int64_t timestamp) {
  std::vector<WantedOffset> wanted;
  for (const uint32_t partition : partitions) wanted.push_back({partition, timestamp});
  return wanted;
}

/// `read`: in any order.
std::vector<RecordTime> times(std::span<const uint32_t> partitions, std::span<const model::Value> offsets,
                              std::span<const TimedOffset> read) {
  std::vector<RecordTime> times;
  for (const uint32_t partition : partitions)
    times.push_back({partition, offsets[partition].value, RecordTime::kFailed});
  for (const auto& [partition, offset, timestamp] : read) {
    const auto time = std::lower_bound(times.begin(), times.end(), partition,
                                       [](const auto& asked, uint32_t value) { return asked.partition < value; });
    if (time != times.end() && time->partition == partition)
      time->ms = offset < 0 ? RecordTime::kNone : std::max(timestamp, RecordTime::kNone);
  }
  return times;
}

}  // namespace

std::vector<RecordTime> collect_newest_times(RequestBatch& requests, const model::Metadata& metadata,
                                             std::span<const uint32_t> partitions,
                                             std::span<const model::Value> offsets, Failures& failures) {
  return times(partitions, offsets,
               collect_newest_records(requests, metadata, wanted(partitions, protocol::kNewestRecord), failures));
}

std::vector<RecordTime> collect_oldest_times(RequestBatch& requests, const model::Metadata& metadata,
                                             std::span<const uint32_t> partitions,
                                             std::span<const model::Value> offsets, Failures& failures) {
  return times(partitions, offsets,
               collect_offsets_for_times(requests, metadata, wanted(partitions, model::kFirstUsableTime), failures));
}

}  // namespace kafkascope::kafka
