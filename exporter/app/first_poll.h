#pragma once

#include <chrono>
#include <functional>

#include "cluster/kafka_target.h"

namespace kafkascope::app {

/// Polls a cluster that may not be connected yet: again until it is reached, for `time` at most. Each poll may take
/// that long. Returns the output of the last poll.
poll::Output first_poll(cluster::KafkaTarget& target, std::chrono::milliseconds time);

/// Polls a cluster until all of its collectors have run: slow ones take turns between polls. Passes each output to
/// `polled`, with the time that the poll took, or to `ran`. Returns whether the last poll reached the cluster; ends
/// with the first that does not.
bool run_all_collectors(cluster::KafkaTarget& target, std::chrono::milliseconds time,
                        const std::function<void(poll::Output&&, std::chrono::duration<double> took)>& polled,
                        const std::function<void(poll::Output&&)>& ran);

}  // namespace kafkascope::app
