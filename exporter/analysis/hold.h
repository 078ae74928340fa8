#pragma once

#include <chrono>

#include "model/snapshot.h"
#include "model/time.h"

namespace kafkascope::analysis {

/// How values that can no longer be read are held in one poll.
struct Holding {
  model::Time now;
  std::chrono::milliseconds limit;

  /// Notes the first failed read; false when the last good value has been held for as long as it may.
  bool extend(model::Time& failing_since) const {
    if (failing_since == model::Time{}) failing_since = now;
    return now - failing_since < limit;
  }

  /// The last value, held, or unknown.
  model::Value hold(model::Value last) const {
    return last.known() && extend(last.failing_since) ? last : model::Value{};
  }
};

}  // namespace kafkascope::analysis
