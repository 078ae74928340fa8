#include "kafka/collect/groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "kafka/collect/reconciliation.h"
#include "kafka/limits.h"
#include "protocol/consumer_group_describe.h"
#include "protocol/describe_groups.h"
#include "protocol/list_groups.h"
#include "protocol/reader.h"
#include "protocol/streams_group_describe.h"

namespace kafkascope::kafka {
namespace {

using model::GroupResult;
using model::Reason;

// Kafka's codes that librdkafka's enumeration also has.
constexpr auto kNotCoordinator = RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
constexpr auto kLoading = RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
constexpr auto kNotAvailable = RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE;
constexpr auto kUnauthorized = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
constexpr auto kIdNotFound = RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;

/// A name that no group has: a missing permission to describe it shows that groups are hidden.
constexpr std::string_view kProbeGroup = "kafkascope-may-i-describe-groups";

std::string group_type(const protocol::ListedGroup& listed) {
  if (listed.type == "consumer" || listed.type == "streams") return std::string(listed.type);
  if (listed.protocol_type == "connect") return "connect";
  return listed.protocol_type.empty() ? "simple" : "classic";
}

/// A hash of the members of a group, in any order, and of what they own: it differs after a rebalance.
class Membership {
 public:
  void add(std::string_view member, std::string_view owns) {
    const std::hash<std::string_view> hash;
    // A sum, because the order of members does not matter. Each term mixes member and assignment: two members that
    // swap their assignments change it.
    sum_ += (hash(member) * 0x9e3779b97f4a7c15u) ^ ((hash(owns) + 1) * 0xff51afd7ed558ccdu);
  }
  uint64_t value() const { return sum_ ? sum_ : 1; }

 private:
  uint64_t sum_ = 0xc4ceb9fe1a85ec53u;
};

/// Returns the assignment of a member as bytes, sorted by topic.
std::string owned_bytes(const std::vector<protocol::AssignedTopic>& topics) {
  std::vector<std::string> parts;
  for (const auto& topic : topics) {
    std::vector<int32_t> partitions;
    partitions.reserve(topic.partitions.size());
    for (size_t i = 0; i < topic.partitions.size(); ++i) partitions.push_back(topic.partitions[i]);
    std::sort(partitions.begin(), partitions.end());
    parts.emplace_back(topic.name);
    for (const int32_t partition : partitions) parts.back() += fmt::format(" {}", partition);
  }
  std::sort(parts.begin(), parts.end());
  std::string bytes;
  for (const auto& part : parts) bytes.append(part).append("\n");
  return bytes;
}

void sort_once(std::vector<model::PartitionRef>& partitions) {
  std::sort(partitions.begin(), partitions.end());
  partitions.erase(std::unique(partitions.begin(), partitions.end()), partitions.end());
}

/// The groups of one coordinator.
using Groups = std::map<std::string, GroupResult, std::less<>>;

class Collection {
 public:
  Collection(RequestBatch& requests, const model::Metadata& metadata, const config::Filter& wanted, bool member_lists,
             Failures& failures)
      : requests_(requests), metadata_(metadata), wanted_(wanted), member_lists_(member_lists), failures_(failures) {}

  void ask_for_list(int32_t broker) { requests_.ask(list_request(broker, true)); }

  /// Calls `answered` with each group in the responses; with a code other than 0, only its id is set.
  void describe(int32_t broker, const std::vector<std::string>& ids,
                const std::function<void(rd_kafka_resp_err_t, const protocol::DescribedGroup&)>& answered) {
    ask_about(broker, protocol::kDescribeGroups, protocol::encode_describe_groups, ids,
              [answered](int16_t version, std::string_view body) {
                for (const auto& group : protocol::decode_describe_groups(body, version))
                  answered(kafka_code(group.error), group);
              });
  }

  bool any_group() const { return any_group_; }
  size_t omitted() const { return omitted_; }
  bool listed_by(int32_t broker) const { return lists_.contains(broker); }
  std::map<int32_t, Groups>& lists() { return lists_; }
  std::vector<model::ShareGroup>& share_groups() { return share_groups_; }

  void add_group_failure(rd_kafka_resp_err_t code, std::string_view group) {
    if (code == kUnauthorized) {  // one failure, not one per group
      failures_.add(
          model::Failure{Reason::kAuthorization, "groups may not be described: grant DESCRIBE on the groups"});
    } else {
      failures_.add(code, fmt::format("describing group {}", group));
    }
  }

 private:
  RequestBatch::Request list_request(int32_t broker, bool first) {
    return {broker, &protocol::kListGroups, [](int16_t version) { return protocol::encode_list_groups(version); },
            [=, this](int16_t version, std::string_view body) { on_list(broker, version, body, first); },
            [this](const Error& error) { failures_.add(error); }};
  }

  void on_list(int32_t broker, int16_t version, std::string_view body, bool first) {
    const auto answer = protocol::decode_list_groups(body, version);
    if (answer.error) {
      if (!first || !transient(answer.error) || !requests_.ask_again(list_request(broker, false)))
        failures_.add(kafka_code(answer.error), fmt::format("listing the groups of broker {}", broker));
      return;
    }
    any_group_ |= !answer.groups.empty();
    Groups& groups = lists_[broker];
    std::vector<std::string> classic, consumer, streams;
    for (const auto& listed : answer.groups) {
      if (!wanted_.matches(listed.id)) {
        ++omitted_;
        continue;
      }
      if (listed.type == "share" || listed.protocol_type == "share") {
        share_groups_.push_back({std::string(listed.id), std::string(listed.state), broker});
        continue;
      }
      GroupResult result;
      result.group.id = listed.id;
      result.group.type = group_type(listed);
      result.group.state = listed.state;
      result.group.coordinator = broker;
      if (result.group.type == "consumer") {
        consumer.push_back(result.group.id);
      } else if (result.group.type == "streams") {
        streams.push_back(result.group.id);
      } else if (listed.state == "Empty") {  // nothing to describe; before version 4 the list has no states
        set_empty(result.group);
      } else {
        classic.push_back(result.group.id);
      }
      groups.emplace(result.group.id, std::move(result));
    }
    describe(broker, classic, [this, &groups](rd_kafka_resp_err_t code, const protocol::DescribedGroup& described) {
      on_classic(described, find_described(groups, described.id, code));
    });
    ask_about(broker, protocol::kConsumerGroupDescribe, protocol::encode_consumer_group_describe, consumer,
              [this, &groups](int16_t version, std::string_view body) {
                for (const auto& described : protocol::decode_consumer_group_describe(body, version))
                  if (auto* group = find_described(groups, described.id, described.error)) {
                    group->protocol = described.assignor;
                    group->members_behind = members_behind(described);
                    group->unreconciled_partitions = unreconciled_partitions(described);
                    on_described(described, *group);
                  }
              });
    ask_about(broker, protocol::kStreamsGroupDescribe, protocol::encode_streams_group_describe, streams,
              [this, &groups](int16_t version, std::string_view body) {
                for (const auto& described : protocol::decode_streams_group_describe(body, version))
                  if (auto* group = find_described(groups, described.id, described.error))
                    on_described(described, *group);
              });
  }

  using Encode = std::string (*)(int16_t version, std::span<const std::string_view> groups);

  /// Sends as many requests as are needed for all groups.
  void ask_about(int32_t broker, const protocol::Api& api, Encode encode, const std::vector<std::string>& ids,
                 const std::function<void(int16_t version, std::string_view body)>& answered) {
    for (size_t from = 0; from < ids.size(); from += kGroupsPerRequest) {
      const std::vector<std::string> some(ids.begin() + from,
                                          ids.begin() + std::min(from + kGroupsPerRequest, ids.size()));
      requests_.ask(description_request(broker, api, encode, some, answered, true));
    }
  }

  /// The request is repeated once for the groups that find_described() has put into again_.
  RequestBatch::Request description_request(int32_t broker, const protocol::Api& api, Encode encode,
                                            const std::vector<std::string>& ids,
                                            const std::function<void(int16_t version, std::string_view body)>& answered,
                                            bool first) {
    return {broker, &api,
            [ids, encode](int16_t version) {
              return encode(version, std::vector<std::string_view>(ids.begin(), ids.end()));
            },
            [=, this, &api](int16_t version, std::string_view body) {
              again_.clear();
              answered(version, body);
              std::vector<std::string> again;
              again.reserve(again_.size());
              for (const auto& [id, code] : again_) again.push_back(id);
              if (again.empty()) return;
              if (first && requests_.ask_again(description_request(broker, api, encode, again, answered, false)))
                return;
              for (const auto& [id, code] : again_) add_group_failure(code, id);
            },
            [this](const Error& error) { failures_.add(error); }};
  }

  /// Returns the listed group with this id; null if it is not listed or the broker returned an error for it.
  model::Group* find_described(Groups& groups, std::string_view id, int16_t error) {
    const auto it = groups.find(id);
    if (it == groups.end()) return nullptr;
    if (!error) return &it->second.group;
    if (error == kIdNotFound) {  // deleted since it was listed
      groups.erase(it);
    } else if (transient(error)) {
      again_.emplace_back(id, kafka_code(error));
    } else {
      add_group_failure(kafka_code(error), id);
    }
    return nullptr;
  }

  static void set_empty(model::Group& group) {
    group.members = 0;
    if (group.type == "simple") return;
    group.membership = Membership().value();
    if (group.type == "connect") return;
    group.idle_members = 0;
    group.assignment_known = true;
  }

  void on_classic(const protocol::DescribedGroup& described, model::Group* group) {
    if (!group) return;
    group->state = described.state;
    group->protocol = described.protocol;
    if (described.members.empty()) return set_empty(*group);
    group->members = static_cast<int32_t>(described.members.size());
    const bool stable = described.state == "Stable";              // during a rebalance assignments are not valid
    const bool readable = described.protocol_type == "consumer";  // other protocols have their own format
    Membership membership;
    int32_t idle = 0;
    bool all_read = readable;
    for (const auto& member : described.members) {
      membership.add(member.id, member.assignment);
      std::vector<protocol::AssignedTopic> assignment;
      if (readable) try {
          assignment = protocol::decode_assignment(member.assignment);
        } catch (const protocol::DecodeError&) {  // a format of the client's own
          all_read = false;
        }
      idle += add_member(member, assignment, *group);
    }
    if (!stable) return;
    group->membership = membership.value();
    group->assignment_known = all_read;
    if (all_read) group->idle_members = idle;
  }

  /// Reads a group whose coordinator assigns the partitions (KIP-848 and KIP-1071).
  template <class Described>
  void on_described(const Described& described, model::Group& group) {
    group.state = described.state;
    group.members = static_cast<int32_t>(described.members.size());
    Membership membership;
    int32_t idle = 0;
    for (const auto& member : described.members) {
      membership.add(member.id, owned_bytes(member.assignment));
      idle += add_member(member, member.assignment, group);
    }
    group.idle_members = idle;
    group.assignment_known = true;
    // During a rebalance the members own a mixture of the old and the new assignment.
    if (described.state == "Stable" || described.state == "Empty") group.membership = membership.value();
  }

  /// Returns whether the member owns no partition.
  template <class Described>
  bool add_member(const Described& described, const std::vector<protocol::AssignedTopic>& topics,
                  model::Group& group) const {
    std::vector<model::PartitionRef> assigned;
    bool idle = true;
    for (const auto& topic : topics) {
      idle &= topic.partitions.size() == 0;
      const uint32_t index = model::find_topic(metadata_, topic.name);
      if (index == model::kNoTopic) continue;
      const size_t partitions = metadata_.topics[index].partitions.size();
      for (size_t i = 0; i < topic.partitions.size(); ++i)
        if (topic.partitions[i] >= 0 && static_cast<size_t>(topic.partitions[i]) < partitions)
          assigned.push_back({index, topic.partitions[i]});
    }
    group.assigned.insert(group.assigned.end(), assigned.begin(), assigned.end());
    if (member_lists_) {
      sort_once(assigned);
      group.member_list.push_back({std::string(described.id), std::string(described.client_id),
                                   std::string(described.host), std::move(assigned)});
    }
    return idle;
  }

  RequestBatch& requests_;
  const model::Metadata& metadata_;
  const config::Filter& wanted_;
  const bool member_lists_;
  Failures& failures_;
  std::map<int32_t, Groups> lists_;
  std::vector<model::ShareGroup> share_groups_;
  bool any_group_ = false;
  size_t omitted_ = 0;  ///< Number of groups that the filter excludes.
  /// Groups with a transient error in the response being read.
  std::vector<std::pair<std::string, rd_kafka_resp_err_t>> again_;
};

/// If two coordinators list a group, as happens while it moves, the one with more members is used.
void merge(Groups&& from, Groups& into) {
  for (auto& [id, result] : from) {
    const auto [it, added] = into.try_emplace(id, std::move(result));
    if (!added && result.group.members > it->second.group.members) it->second = std::move(result);
  }
}

}  // namespace

CollectedGroups collect_groups(RequestBatch& requests, const model::Metadata& metadata, const config::Filter& wanted,
                               bool member_lists, std::span<const model::GroupSnapshot> known, Failures& failures) {
  Collection collection(requests, metadata, wanted, member_lists, failures);
  for (const auto& broker : metadata.brokers) collection.ask_for_list(broker.id);
  requests.run(kMainStepShare);

  Groups groups;
  for (auto& [broker, list] : collection.lists()) merge(std::move(list), groups);

  // Groups that are no longer listed were deleted or are moving: their last coordinator knows which.
  CollectedGroups collected;
  collected.omitted = collection.omitted();
  for (const auto& [broker, list] : collection.lists()) collected.listed_by.push_back(broker);
  collected.share_groups = std::move(collection.share_groups());
  std::set<std::string, std::less<>> unread;
  std::map<int32_t, std::vector<std::string>> vanished;
  for (const auto& before : known) {
    if (groups.contains(before.group.id)) continue;
    unread.insert(before.group.id);
    if (collection.listed_by(before.group.coordinator)) vanished[before.group.coordinator].push_back(before.group.id);
  }
  for (const auto& [broker, ids] : vanished)
    collection.describe(broker, ids, [&](rd_kafka_resp_err_t code, const protocol::DescribedGroup& group) {
      if (code == kUnauthorized) collection.add_group_failure(code, group.id);
      const bool moving = code == kNotCoordinator || code == kLoading || code == kNotAvailable;
      if (!moving && code != kUnauthorized) unread.erase(std::string(group.id));
    });

  if (!collection.any_group() && known.empty()) {
    // Kafka omits groups that the user may not describe, but returns an error for one requested by name.
    for (const auto& broker : metadata.brokers) {
      if (requests.lost(broker.id)) continue;
      collection.describe(broker.id, {std::string(kProbeGroup)}, [&](rd_kafka_resp_err_t code, const auto&) {
        if (code == kUnauthorized)
          failures.add(model::Failure{Reason::kAuthorization, "no group is visible: grant DESCRIBE on the groups"});
      });
      break;
    }
  }
  requests.run();
  collected.failed.assign(unread.begin(), unread.end());

  collected.groups.reserve(groups.size());
  for (auto& [id, result] : groups) {
    sort_once(result.group.assigned);
    auto& members = result.group.member_list;
    std::stable_sort(members.begin(), members.end(), [](auto& a, auto& b) { return a.id < b.id; });
    members.erase(std::unique(members.begin(), members.end(), [](auto& a, auto& b) { return a.id == b.id; }),
                  members.end());
    collected.groups.push_back(std::move(result));
  }
  return collected;
}

}  // namespace kafkascope::kafka
