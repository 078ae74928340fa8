#include "app/first_poll.h"

#include <thread>

namespace kafkascope::app {
namespace {

/// Between attempts to reach a cluster.
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

poll::Output first_poll(cluster::KafkaTarget& target, std::chrono::milliseconds time) {
  using std::chrono::steady_clock;
  const auto start = steady_clock::now();
  poll::Output output = target.poll(start + time);
  while (!target.is_up() && steady_clock::now() < start + time) {
    std::this_thread::sleep_for(kPause);
    output = target.poll(start + 2 * time);
  }
  return output;
}

}  // namespace kafkascope::app
