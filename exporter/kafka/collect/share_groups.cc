#include "kafka/collect/share_groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "kafka/limits.h"
#include "protocol/describe_share_group_offsets.h"
#include "protocol/share_group_describe.h"

namespace kafkascope::kafka {
namespace {

using model::ShareGroupResult;
using Groups = std::map<std::string, ShareGroupResult, std::less<>>;

void add_failure(rd_kafka_resp_err_t code, Failures& failures) {
  if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
    failures.add(model::Failure{model::Reason::kAuthorization,
                                "share groups may not be described: grant DESCRIBE on the groups"});
  } else {
    failures.add(code, "describing share groups");
  }
}

using Encode = std::string (*)(int16_t version, std::span<const std::string_view> groups);
/// Reads a response. Returns the groups with a transient error; with `last` these have failed.
using Read = std::function<std::vector<std::string>(int16_t version, std::string_view body, bool last)>;

/// The request is repeated once for the groups with a transient error.
RequestBatch::Request request(RequestBatch& requests, int32_t broker, const protocol::Api& api, Encode encode,
                              const std::vector<std::string>& ids, Failures& failures, const Read& read,
                              bool last = false) {
  return {
      broker, &api,
      [ids, encode](int16_t version) { return encode(version, std::vector<std::string_view>(ids.begin(), ids.end())); },
      [=, &requests, &api, &failures](int16_t version, std::string_view body) {
        const auto again = read(version, body, last);
        if (!again.empty() && !requests.ask_again(request(requests, broker, api, encode, again, failures, read, true)))
          read(version, body, true);
      },
      [&failures](const Error& error) { failures.add(error); }};
}

/// Calls `answered` for each group in the responses.
void describe(RequestBatch& requests, int32_t broker, const std::vector<std::string>& ids, Failures& failures,
              const std::function<void(const protocol::ShareGroupDescription&)>& answered) {
  if (requests.takes_none(broker, protocol::kShareGroupDescribe)) return;  // Kafka 4.0: early access
  requests.ask(request(requests, broker, protocol::kShareGroupDescribe, protocol::encode_share_group_describe, ids,
                       failures, [answered](int16_t version, std::string_view body, bool last) {
                         std::vector<std::string> again;
                         for (const auto& group : protocol::decode_share_group_describe(body, version)) {
                           if (transient(group.error) && !last)
                             again.emplace_back(group.id);
                           else
                             answered(group);
                         }
                         return again;
                       }));
}

class OffsetReader {
 public:
  OffsetReader(const model::Metadata& metadata, Groups& groups, Failures& failures) {
    sink_.group_begin = [this, &groups](std::string_view id) {
      const auto it = groups.find(id);
      group_ = it == groups.end() ? nullptr : &it->second;
      topic_ = model::kNoTopic;
      failed_ = false;
    };
    sink_.topic = [this, &metadata](std::string_view name) { topic_ = model::find_topic(metadata, name); };
    sink_.partition = [this, &metadata, &failures](int32_t index, int16_t error, int64_t start, int64_t lag) {
      if (!group_ || topic_ == model::kNoTopic || index < 0 ||
          static_cast<size_t>(index) >= metadata.topics[topic_].partitions.size())
        return;
      if (transient(error) && !last_) {
        failed_ = true;
        return;
      }
      if (error) {
        failures.add(kafka_code(error), fmt::format("share groups' offsets of topic {}", metadata.topics[topic_].name));
        start = lag = -1;
      }
      group_->rows.push_back({{topic_, index}, start, lag});
    };
    sink_.group_end = [this, &failures](int16_t error) {
      if (!group_) return;
      const auto by_partition = [](auto& a, auto& b) { return a.partition < b.partition; };
      auto& rows = group_->rows;
      if (failed_ || (transient(error) && !last_)) {
        rows.clear();
        again_.push_back(group_->group.id);
        return;
      }
      std::stable_sort(rows.begin(), rows.end(), by_partition);
      rows.erase(std::unique(rows.begin(), rows.end(), [](auto& a, auto& b) { return a.partition == b.partition; }),
                 rows.end());
      group_->offsets_read = error == 0;
      if (error) add_failure(kafka_code(error), failures);
    };
  }

  std::vector<std::string> read(int16_t version, std::string_view body, bool last) {
    last_ = last;
    again_.clear();
    protocol::decode_describe_share_group_offsets(body, version, sink_);
    return std::move(again_);
  }

 private:
  protocol::DescribeShareGroupOffsetsSink sink_;
  ShareGroupResult* group_ = nullptr;
  uint32_t topic_ = model::kNoTopic;
  bool last_ = false;
  bool failed_ = false;  ///< A partition of group_ has a transient error.
  std::vector<std::string> again_;
};

}  // namespace

CollectedShareGroups collect_share_groups(RequestBatch& requests, const model::Metadata& metadata,
                                          std::span<const model::ShareGroup> listed, std::span<const int32_t> listed_by,
                                          std::span<const model::ShareGroupSnapshot> known, Failures& failures) {
  Groups groups;
  std::map<int32_t, std::vector<std::string>> by_coordinator;
  for (const auto& group : listed)  // on two coordinators while it moves: one of them
    if (groups.try_emplace(group.id, ShareGroupResult{group, false, {}}).second)
      by_coordinator[group.coordinator].push_back(group.id);

  OffsetReader offsets(metadata, groups, failures);
  for (const auto& [broker, all] : by_coordinator) {
    for (size_t from = 0; from < all.size(); from += kGroupsPerRequest) {
      const std::vector<std::string> some(all.begin() + from,
                                          all.begin() + std::min(from + kGroupsPerRequest, all.size()));
      describe(requests, broker, some, failures, [&](const protocol::ShareGroupDescription& described) {
        const auto it = groups.find(described.id);
        if (it == groups.end()) return;
        if (described.error) {
          if (described.error != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
            add_failure(kafka_code(described.error), failures);
          return;
        }
        it->second.group.state = described.state;
        it->second.group.members = static_cast<int32_t>(described.members.size());
      });
    }
    if (requests.takes_none(broker, protocol::kDescribeShareGroupOffsets)) continue;
    const size_t at_once = all.size() <= kMaxSingleShareGroups ? 1 : kGroupsPerRequest;
    for (size_t from = 0; from < all.size(); from += at_once) {
      const std::vector<std::string> some(all.begin() + from, all.begin() + std::min(from + at_once, all.size()));
      requests.ask(request(
          requests, broker, protocol::kDescribeShareGroupOffsets, protocol::encode_describe_share_group_offsets, some,
          failures,
          [&](int16_t version, std::string_view body, bool last) { return offsets.read(version, body, last); }));
    }
  }

  // Groups that are no longer listed were deleted or are moving: their last coordinator knows which.
  std::set<std::string, std::less<>> unread;
  std::map<int32_t, std::vector<std::string>> vanished;
  for (const auto& before : known) {
    if (groups.contains(before.group.id)) continue;
    unread.insert(before.group.id);
    if (std::binary_search(listed_by.begin(), listed_by.end(), before.group.coordinator))
      vanished[before.group.coordinator].push_back(before.group.id);
  }
  for (const auto& [broker, ids] : vanished)
    describe(requests, broker, ids, failures, [&](const protocol::ShareGroupDescription& described) {
      if (described.error == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND || described.error == 0)
        unread.erase(std::string(described.id));
    });
  requests.run();

  CollectedShareGroups collected;
  for (auto& [id, group] : groups) collected.groups.push_back(std::move(group));
  collected.failed.assign(unread.begin(), unread.end());
  return collected;
}

}  // namespace kafkascope::kafka
