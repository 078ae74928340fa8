#include "kafka/collect/offsets_for_times.h"

#include <fmt/core.h>

#include "kafka/limits.h"

namespace kafkascope::kafka {
namespace {

ByLeader by_leader(const model::Metadata& metadata, std::span<const WantedOffset> wanted) {
  ByLeader by_leader;
  for (const auto& offset : wanted) {
    const model::Topic& topic = model::topic_of(metadata, offset.partition);
    const int32_t leader = topic.partitions[offset.partition - topic.first_partition].leader;
    if (leader != model::kNoBroker) by_leader[leader].push_back(offset);
  }
  return by_leader;
}

std::vector<TimedOffset> collect(RequestBatch& requests, const protocol::Api& api, const model::Metadata& metadata,
                                 const ByLeader& by_leader, Failures& failures) {
  std::vector<TimedOffset> collected;
  for (const auto& [leader, partitions] : by_leader)
    requests.ask({leader, &api,
                  [&metadata, partitions = partitions](int16_t version) {
                    return encode_wanted_offsets(version, protocol::Isolation::kReadUncommitted, metadata, partitions);
                  },
                  [&](int16_t version, std::string_view body) {
                    decode_wanted_offsets(
                        body, version, metadata,
                        [&](uint32_t partition, rd_kafka_resp_err_t code, int64_t timestamp, int64_t offset) {
                          if (!code)
                            collected.push_back({partition, offset, timestamp});
                          else if (!leader_moved(code))  // the next poll has new metadata
                            failures.add(Error(code, fmt::format("append times of topic {}",
                                                                 model::topic_of(metadata, partition).name)));
                        });
                  },
                  [&](const Error& error) { failures.add(error); }});
  requests.run(kStepShare);
  return collected;
}

}  // namespace

std::vector<TimedOffset> collect_offsets_for_times(RequestBatch& requests, const model::Metadata& metadata,
                                                   std::span<const WantedOffset> wanted, Failures& failures) {
  return collect(requests, protocol::kListOffsets, metadata, by_leader(metadata, wanted), failures);
}

std::vector<TimedOffset> collect_newest_records(RequestBatch& requests, const model::Metadata& metadata,
                                                std::span<const WantedOffset> wanted, Failures& failures) {
  auto leaders = by_leader(metadata, wanted);
  for (const auto& [leader, some] : leaders) requests.negotiate_versions(leader);
  requests.run(kStepShare);
  std::erase_if(leaders,
                [&](const auto& entry) { return requests.takes_none(entry.first, protocol::kListNewestRecords); });
  return collect(requests, protocol::kListNewestRecords, metadata, leaders, failures);
}

}  // namespace kafkascope::kafka
