#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace kafkascope::model {

/// A partition by the index of its topic in Metadata::topics and Kafka's partition id.
struct PartitionRef {
  uint32_t topic;
  int32_t partition;

  auto operator<=>(const PartitionRef&) const = default;
};

struct Commit {
  PartitionRef partition;
  int64_t offset;
};

/// A consumer group as its coordinator describes it.
struct Group {
  std::string id;
  std::string type;      ///< classic, consumer, connect, streams or simple
  std::string protocol;  ///< The assignor; empty where there is none or the broker does not tell.
  std::string state;     ///< In Kafka's words; empty: not known.
  int32_t coordinator;
  int32_t members = -1;                ///< -1: not known
  std::vector<PartitionRef> assigned;  ///< Owned by a member now; sorted.
};

}  // namespace kafkascope::model
