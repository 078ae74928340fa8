#pragma once

#include <chrono>
#include <utility>

#include "model/poll_result.h"
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
  template <class T>
  void hold(model::Cached<T>& last) const {
    if (!last || !extend(last.failing_since)) last = {};
  }
  /// What was asked, or was not due. A failure of the last time it was asked goes on until it is asked again.
  template <class T>
  void keep(model::Cached<T>& last, model::ReadState asked, T&& read) const {
    if (asked == model::ReadState::kOk)
      last = {std::forward<T>(read), {}};
    else if (asked == model::ReadState::kFailed || last.held())
      hold(last);
  }
};

}  // namespace kafkascope::analysis
