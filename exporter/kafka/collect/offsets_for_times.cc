#include "kafka/collect/offsets_for_times.h"

#include <fmt/core.h>

#include "kafka/limits.h"

namespace kafkascope::kafka {

std::vector<TimedOffset> collect_offsets_for_times(RequestBatch& requests, const model::Metadata& metadata,
                                                   std::span<const WantedOffset> wanted, Failures& failures) {
  std::vector<TimedOffset> collected;
  ByLeader by_leader;
  for (const auto& offset : wanted) {
    const model::Topic& topic = model::topic_of(metadata, offset.partition);
    const int32_t leader = topic.partitions[offset.partition - topic.first_partition].leader;
    if (leader != model::kNoBroker) by_leader[leader].push_back(offset);
  }
  for (const auto& [leader, partitions] : by_leader)
    requests.ask({leader, &protocol::kListOffsets,
                  [&metadata, partitions = partitions](int16_t version) {
                    return encode_wanted_offsets(version, protocol::Isolation::kReadUncommitted, metadata, partitions);
                  },
                  [&](int16_t version, std::string_view body) {
                    decode_wanted_offsets(
                        body, version, metadata,
                        [&](uint32_t partition, rd_kafka_resp_err_t code, int64_t timestamp, int64_t offset) {
                          if (!code)
                            collected.push_back({partition, offset, timestamp});
                          else if (!leader_moved(code))  // the next poll knows where to
                            failures.add(Error(code, fmt::format("append times of topic {}",
                                                                 model::topic_of(metadata, partition).name)));
                        });
                  },
                  [&](const Error& error) { failures.add(error); }});
  requests.run(kStepShare);
  return collected;
}

}  // namespace kafkascope::kafka
