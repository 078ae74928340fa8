#include "kafka/collect/group_offsets.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "kafka/limits.h"
#include "protocol/offset_fetch.h"

namespace kafkascope::kafka {
namespace {

using model::GroupResult;

/// Reads responses to OffsetFetch into the groups of the request.
class OffsetReader {
 public:
  OffsetReader(const model::Metadata& metadata, Failures& failures) : metadata_(metadata), failures_(failures) {
    sink_.group_begin = [this](std::string_view id) { begin(id); };
    sink_.topic = [this](std::string_view name) { topic_ = model::find_topic(metadata_, name); };
    sink_.partition = [this](int32_t index, int64_t offset, int16_t error) { add(index, offset, error); };
    sink_.group_end = [this](int16_t error) { end(error); };
  }

  /// `asked`: the groups of the request, in its order. Returns those with a transient error, to be requested once more
  /// or passed to fail().
  std::vector<GroupResult*> read(std::string_view body, int16_t version, const std::vector<GroupResult*>& asked) {
    asked_ = &asked;
    next_ = 0;
    again_.clear();
    protocol::decode_offset_fetch(body, version, sink_);
    return std::move(again_);
  }

  /// Adds the last transient error as a failure.
  void fail() { failures_.add(kafka_code(error_), "committed offsets of groups"); }

 private:
  void begin(std::string_view id) {
    // Before version 8 a request has one group and its response no id. Brokers usually respond in the order of the
    // request, so the search begins after the previous group, and wraps around.
    const auto& asked = *asked_;
    const bool unnamed = id.empty() && asked.size() == 1;
    group_ = nullptr;
    for (size_t tried = 0; tried < asked.size() && !group_; ++tried) {
      const size_t i = (next_ + tried) % asked.size();
      if (!unnamed && asked[i]->group.id != id) continue;
      group_ = asked[i];
      next_ = i + 1;
    }
    topic_ = model::kNoTopic;
  }

  void add(int32_t index, int64_t offset, int16_t error) {
    if (!group_ || topic_ == model::kNoTopic || index < 0 ||
        static_cast<size_t>(index) >= metadata_.topics[topic_].partitions.size())
      return;
    const model::PartitionRef partition{topic_, index};
    if (error) {
      group_->unread.push_back(partition);
      failures_.add(kafka_code(error), fmt::format("committed offsets of topic {}", metadata_.topics[topic_].name));
    } else if (offset >= 0) {
      group_->commits.push_back({partition, offset});
    }
  }

  void end(int16_t error) {
    if (!group_) return;
    // Sorted, and each partition once, whatever the coordinator sends.
    auto& commits = group_->commits;
    auto& unread = group_->unread;
    std::sort(commits.begin(), commits.end(), [](auto& a, auto& b) { return a.partition < b.partition; });
    commits.erase(
        std::unique(commits.begin(), commits.end(), [](auto& a, auto& b) { return a.partition == b.partition; }),
        commits.end());
    std::sort(unread.begin(), unread.end());
    unread.erase(std::unique(unread.begin(), unread.end()), unread.end());
    std::erase_if(commits,
                  [&](auto& commit) { return std::binary_search(unread.begin(), unread.end(), commit.partition); });
    group_->offsets_read = error == 0;
    if (error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
      failures_.add(
          model::Failure{model::Reason::kAuthorization, "committed offsets of groups: grant DESCRIBE on the groups"});
    } else if (transient(error)) {
      error_ = error;
      commits.clear();
      unread.clear();
      again_.push_back(group_);
    } else if (error) {
      failures_.add(kafka_code(error), "committed offsets of groups");
    }
  }

  const model::Metadata& metadata_;
  Failures& failures_;
  protocol::OffsetFetchSink sink_;
  const std::vector<GroupResult*>* asked_ = nullptr;
  size_t next_ = 0;  ///< Index in asked_ at which the next group is likely to be.
  GroupResult* group_ = nullptr;
  uint32_t topic_ = model::kNoTopic;
  std::vector<GroupResult*> again_;
  int16_t error_ = 0;  ///< Of again_.
};

/// The request for some groups of a coordinator; it is sent once more for those that fail with a transient error.
RequestBatch::Request request(RequestBatch& requests, int32_t broker, const std::vector<GroupResult*>& groups,
                              OffsetReader& reader, Failures& failures, bool first = true) {
  return {broker, &protocol::kOffsetFetch,
          [groups](int16_t version) {
            std::vector<std::string_view> ids;
            ids.reserve(groups.size());
            for (const auto* group : groups) ids.push_back(group->group.id);
            return protocol::encode_offset_fetch(version, ids);
          },
          [&requests, broker, groups, &reader, &failures, first](int16_t version, std::string_view body) {
            const auto again = reader.read(body, version, groups);
            if (again.empty()) return;
            if (!first || !requests.ask_again(request(requests, broker, again, reader, failures, false))) reader.fail();
          },
          [&failures](const Error& error) { failures.add(error); }};
}

}  // namespace

void collect_group_offsets(RequestBatch& requests, const model::Metadata& metadata, std::span<GroupResult> groups,
                           Failures& failures) {
  OffsetReader reader(metadata, failures);
  std::map<int32_t, std::vector<GroupResult*>> by_coordinator;
  for (GroupResult& group : groups)
    if (!group.left_out) by_coordinator[group.group.coordinator].push_back(&group);

  for (const auto& [broker, all] : by_coordinator) requests.negotiate_versions(broker);
  requests.run(kStepShare);
  for (const auto& [broker, all] : by_coordinator) {
    const size_t at_once =
        requests.version(broker, protocol::kOffsetFetch) >= protocol::kOffsetFetchManyGroups ? kGroupsPerRequest : 1;
    for (size_t from = 0; from < all.size(); from += at_once) {
      const std::vector<GroupResult*> some(all.begin() + from, all.begin() + std::min(from + at_once, all.size()));
      requests.ask(request(requests, broker, some, reader, failures));
    }
  }
  requests.run();
}

}  // namespace kafkascope::kafka
