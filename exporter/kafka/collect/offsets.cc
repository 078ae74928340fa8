#include "kafka/collect/offsets.h"

#include <fmt/core.h>

#include <map>
#include <utility>

#include "kafka/collect/metadata.h"
#include "kafka/collect/partition_offsets.h"
#include "kafka/limits.h"

namespace kafkascope::kafka {
namespace {

using model::kFailedOffset;
using model::kNotRequestedOffset;
using model::Metadata;

struct Moved {
  uint32_t partition;
  rd_kafka_resp_err_t code;  ///< Of the old leader.
};

/// Requests one offset of each of many partitions.
class OffsetRequest {
 public:
  OffsetRequest(RequestBatch& requests, const Metadata& metadata, int64_t timestamp, protocol::Isolation isolation,
                std::vector<int64_t>& offsets, Failures& failures)
      : requests_(requests),
        metadata_(metadata),
        timestamp_(timestamp),
        isolation_(isolation),
        offsets_(offsets),
        failures_(failures) {}

  int64_t timestamp() const { return timestamp_; }

  void ask(const ByLeader& by_leader) {
    for (const auto& [leader, partitions] : by_leader) {
      requests_.ask({leader, &protocol::kListOffsets,
                     [this, partitions = partitions](int16_t version) {
                       return encode_wanted_offsets(version, isolation_, metadata_, partitions);
                     },
                     [this](int16_t version, std::string_view body) { read(version, body); },
                     [this](const Error& error) { failures_.add(error); }});
    }
  }

  /// Partitions to request from another leader.
  std::vector<Moved> take_moved() { return std::exchange(moved_, {}); }

  void fail(uint32_t partition, rd_kafka_resp_err_t code) {
    failures_.add(code, fmt::format("offsets of topic {}", model::topic_of(metadata_, partition).name));
  }

 private:
  void read(int16_t version, std::string_view body) {
    decode_wanted_offsets(body, version, metadata_,
                          [this](uint32_t partition, rd_kafka_resp_err_t code, int64_t, int64_t offset) {
                            if (!code && offset >= 0) {
                              offsets_[partition] = offset;
                            } else if (leader_moved(code)) {
                              moved_.push_back({partition, code});
                            } else {
                              fail(partition, code ? code : RD_KAFKA_RESP_ERR__BAD_MSG);
                            }
                          });
  }

  RequestBatch& requests_;
  const Metadata& metadata_;
  const int64_t timestamp_;
  const protocol::Isolation isolation_;
  std::vector<int64_t>& offsets_;
  Failures& failures_;
  std::vector<Moved> moved_;
};

std::vector<int32_t> leaders_of(const Metadata& metadata) {
  std::vector<int32_t> leaders;
  leaders.reserve(metadata.partition_count);
  for (const auto& topic : metadata.topics)
    for (const auto& partition : topic.partitions) leaders.push_back(partition.leader);
  return leaders;
}

/// Requests the partitions that moved once more, from the leaders in new metadata. Partitions without one have failed.
void request_moved(RequestBatch& requests, const Metadata& metadata, std::span<OffsetRequest*> questions,
                   Failures& failures) {
  std::vector<std::vector<Moved>> moved;
  bool any = false;
  for (auto* question : questions) any |= !moved.emplace_back(question->take_moved()).empty();
  if (!any) return;

  std::vector<int32_t> brokers;
  for (const auto& broker : metadata.brokers)
    if (!requests.lost(broker.id)) brokers.push_back(broker.id);
  const auto newer = collect_metadata(requests, brokers, config::Filter(), failures);
  for (size_t q = 0; q < questions.size(); ++q) {
    ByLeader by_leader;
    for (const auto& [partition, code] : moved[q]) {
      if (!newer) {
        questions[q]->fail(partition, code);
        continue;
      }
      const model::Topic& topic = model::topic_of(metadata, partition);
      const uint32_t index = model::find_topic(*newer, topic.name);
      if (index == model::kNoTopic || newer->topics[index].id != topic.id) continue;  // deleted or recreated meanwhile
      const auto& partitions = newer->topics[index].partitions;
      const uint32_t id = partition - topic.first_partition;
      if (id < partitions.size() && partitions[id].leader != model::kNoBroker)
        by_leader[partitions[id].leader].push_back({partition, questions[q]->timestamp()});
    }
    questions[q]->ask(by_leader);
  }
  requests.run();
  for (auto* question : questions)
    for (const auto& [partition, code] : question->take_moved()) question->fail(partition, code);
}

}  // namespace

CollectedOffsets collect_offsets(RequestBatch& requests, const Metadata& metadata, const model::Snapshot& last,
                                 const OffsetsPlan& plan, Failures& failures) {
  CollectedOffsets offsets;
  offsets.latest.assign(metadata.partition_count, kFailedOffset);
  offsets.earliest.assign(metadata.partition_count, kFailedOffset);
  const auto leaders = leaders_of(metadata);

  std::vector<int32_t> leaders_before;
  if (!plan.all_earliest && last.numbering && model::same_partitions(*last.numbering, metadata))
    leaders_before = leaders_of(*last.numbering);

  ByLeader latest_of, earliest_of;
  for (uint32_t p = 0; p < metadata.partition_count; ++p) {
    if (!plan.only.empty() && !plan.only[p]) {
      offsets.latest[p] = offsets.earliest[p] = kNotRequestedOffset;
      continue;
    }
    const bool due = leaders_before.empty() || leaders_before[p] != leaders[p] || !last.earliest[p].fresh();
    if (!due) offsets.earliest[p] = kNotRequestedOffset;
    if (leaders[p] == model::kNoBroker) continue;  // no leader: shown by the metadata
    latest_of[leaders[p]].push_back({p, protocol::kLatestOffset});
    if (due) earliest_of[leaders[p]].push_back({p, protocol::kEarliestOffset});
  }

  using protocol::Isolation;
  OffsetRequest latest(requests, metadata, protocol::kLatestOffset, Isolation::kReadUncommitted, offsets.latest,
                       failures);
  OffsetRequest earliest(requests, metadata, protocol::kEarliestOffset, Isolation::kReadUncommitted, offsets.earliest,
                         failures);
  OffsetRequest stable(requests, metadata, protocol::kLatestOffset, Isolation::kReadCommitted, offsets.last_stable,
                       failures);
  if (plan.read_committed) {
    offsets.last_stable = offsets.latest;
    stable.ask(latest_of);  // before the ends, so that it is never ahead of them
  }
  latest.ask(latest_of);
  earliest.ask(earliest_of);
  requests.run(kMainStepShare);
  OffsetRequest* questions[] = {&latest, &earliest, &stable};
  request_moved(requests, metadata, questions, failures);
  return offsets;
}

}  // namespace kafkascope::kafka
