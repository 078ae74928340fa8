#pragma once

#include <chrono>
#include <thread>

namespace kafkascope::kafka {

/// Waits for a condition as long as it takes on a slow machine; false when even that was not enough.
template <class Condition>
bool await(const Condition& condition) {
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
       std::chrono::steady_clock::now() < end;) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return condition();
}

}  // namespace kafkascope::kafka
