#include "cluster/problems.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>

namespace kafkascope::cluster {
namespace {

constexpr size_t kMost = 10;

/// Returns the groups whose next record is the first one that consumers with read_committed do not get.
std::string waiting_groups(const model::Snapshot& snapshot, const model::PartitionRef& partition, int64_t stable_end) {
  std::string names;
  size_t more = 0;
  for (const auto& group : snapshot.groups) {
    const auto row = std::lower_bound(group.partitions.begin(), group.partitions.end(), partition,
                                      [](const auto& row, const auto& wanted) { return row.partition < wanted; });
    if (row == group.partitions.end() || row->partition != partition || row->last_committed != stable_end) continue;
    if (names.size() > 200)
      ++more;
    else
      names += fmt::format("{}{}", names.empty() ? "" : ", ", group.group.id);
  }
  return more == 0 ? names : fmt::format("{} and {} more", names, more);
}

std::string describe(const model::Snapshot& snapshot, uint32_t number, const model::HangingTransaction& transaction) {
  const model::Topic& topic = model::topic_of(*snapshot.numbering, number);
  const model::PartitionRef partition{static_cast<uint32_t>(&topic - snapshot.numbering->topics.data()),
                                      static_cast<int32_t>(number - topic.first_partition)};
  const std::string id =
      transaction.transactional_id.empty() ? "" : fmt::format(" of transactional id {}", transaction.transactional_id);
  const std::string groups = waiting_groups(snapshot, partition, transaction.start_offset);
  return fmt::format(
      "{}-{}: a hanging transaction{} (producer {}, epoch {}) holds back consumers with read_committed "
      "at offset {}{}{}",
      topic.name, partition.partition, id, transaction.producer_id, transaction.epoch, transaction.start_offset,
      groups.empty() ? "" : "; waiting groups: ", groups);
}

}  // namespace

std::vector<std::string> problems(const model::Snapshot& snapshot) {
  std::vector<std::string> found;
  size_t more = 0;
  const auto add = [&](auto&& text) { found.size() < kMost ? found.push_back(text()) : void(++more); };
  if (snapshot.numbering)
    for (const auto& [partition, transaction] : snapshot.hanging)
      add([&] { return describe(snapshot, partition, transaction); });
  for (const auto& [id, lag] : snapshot.replica_lags)
    if (lag.known() && lag.value > 0)
      add([&] { return fmt::format("broker {}: its replicas are {} records behind", id, lag.value); });
  if (more > 0) found.push_back(fmt::format("and {} more", more));
  return found;
}

}  // namespace kafkascope::cluster
