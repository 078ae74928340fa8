#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/filter.h"
#include "kafka/requests.h"
#include "model/facts.h"
#include "model/snapshot.h"

// The collectors: each asks one question, or one family of questions, and leaves its answer and its failures. One file
// each.
namespace kafkascope::kafka {

/// A request with more groups than this answers no faster, and one with fewer asks more often.
inline constexpr size_t kGroupsPerRequest = 500;

/// What could not be got: each thing once, and few of what fails in the same way for a thousand topics.
class Failures {
 public:
  static constexpr size_t kMost = 20;

  void add(model::Failure failure);
  void add(const Error& error) { add(error.failure()); }
  bool empty() const { return list_.empty(); }
  std::vector<model::Failure> take() { return std::move(list_); }

 private:
  std::vector<model::Failure> list_;
};

/// Topics that `wanted` matches, from the first of `candidates` that answers. Null, and failures, when none does.
/// Also a failure: no topic to be seen by a user who may not describe the cluster, for Kafka hides what is forbidden.
std::shared_ptr<const model::Metadata> collect_metadata(Requests& requests, std::span<const int32_t> candidates,
                                                        const config::Filter& wanted, Failures& failures);

struct CollectedGroups {
  std::vector<model::GroupFacts> groups;  // sorted by id
  std::vector<std::string> unread;        // sorted: of `known`, those nobody could say are gone
};

/// Groups that `wanted` matches, of every type but share groups, with members and assignments. ListGroups goes to each
/// broker: it also tells who is alive and who coordinates what. `known`: the groups of the poll before.
CollectedGroups collect_groups(Requests& requests, const model::Metadata& metadata, const config::Filter& wanted,
                               std::span<const model::GroupSnapshot> known, Failures& failures);

/// What the groups have committed, from their coordinators, many groups a request.
void collect_group_offsets(Requests& requests, const model::Metadata& metadata, std::span<model::GroupFacts> groups,
                           Failures& failures);

struct CollectedOffsets {
  std::vector<int64_t> latest, earliest;  // as in model::Facts
};

/// End offsets of all partitions, and start offsets of those that are due: all of them with `all_earliest`, else those
/// that `last` does not know freshly or whose leader has changed since. One request a leader for each of the two.
/// Partitions whose leader says that it is not are asked once more, of the one that new metadata names.
CollectedOffsets collect_offsets(Requests& requests, const model::Metadata& metadata, const model::Snapshot& last,
                                 bool all_earliest, Failures& failures);

}  // namespace kafkascope::kafka
