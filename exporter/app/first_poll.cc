#include "app/first_poll.h"

#include <thread>
#include <utility>

namespace kafkascope::app {
namespace {

/// Between attempts to reach a cluster.
constexpr std::chrono::milliseconds kPause{100};

/// Slow collectors take turns between polls, and have none after polls that read start offsets: after this many each
/// one has run. Statuses that need two polls are known, too.
constexpr int kPolls = 12;

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

bool run_all_collectors(cluster::KafkaTarget& target, std::chrono::milliseconds time,
                        const std::function<void(poll::Output&&, std::chrono::duration<double> took)>& polled,
                        const std::function<void(poll::Output&&)>& ran) {
  using std::chrono::steady_clock;
  for (int polls = 0; polls < kPolls; ++polls) {
    const auto start = steady_clock::now();
    poll::Output output = polls == 0 ? first_poll(target, time) : target.poll(start + time);
    polled(std::move(output), steady_clock::now() - start);
    if (!target.is_up()) return false;
    if (polls + 1 == kPolls) break;
    if (auto background = target.between_polls(steady_clock::now() + time)) ran(std::move(*background));
  }
  return true;
}

}  // namespace kafkascope::app
