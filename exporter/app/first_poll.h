#pragma once

#include <chrono>

#include "cluster/kafka_target.h"

namespace kafkascope::app {

/// Polls a cluster that may not be connected yet: again until it is reached, for `time` at most. Each poll may take
/// that long. Returns the output of the last poll.
poll::Output first_poll(cluster::KafkaTarget& target, std::chrono::milliseconds time);

}  // namespace kafkascope::app
