#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

#include "model/options.h"
#include "model/poll_result.h"
#include "model/snapshot.h"
#include "model/time.h"

// After a failed read the last good value is held for a limited time and is then unknown. `failing_since` is the time
// of the first failed read; the clock's epoch means fresh.
namespace kafkascope::analysis {

/// Holds values in one poll.
struct Holding {
  model::Time now;
  std::chrono::milliseconds limit;

  /// Sets the time of the first failed read. Returns false once the value was held for the limit.
  bool extend(model::Time& failing_since) const {
    if (failing_since == model::Time{}) failing_since = now;
    return now - failing_since < limit;
  }

  /// Returns the value as held, or unknown.
  model::Value hold(model::Value last) const {
    return last.known() && extend(last.failing_since) ? last : model::Value{};
  }
  template <class T>
  void hold(model::Cached<T>& last) const {
    if (!last || !extend(last.failing_since)) last = {};
  }
  /// Updates a value that not every poll requests. After a failed read it is also held in polls that do not request it.
  template <class T>
  void update(model::Cached<T>& last, model::ReadState state, T read) const {
    if (state == model::ReadState::kOk)
      last = {std::move(read), {}};
    else if (state == model::ReadState::kFailed || last.held())
      hold(last);
  }
};

/// Limits for all values: those of slow collectors are held for twice their interval.
struct Holdings {
  Holding every_poll, topic_configs, log_dirs, record_times, transactions, features;

  Holdings(model::Time now, const model::Options& options)
      : every_poll{now, options.hold},
        topic_configs{now, 2 * options.topic_configs_interval},
        log_dirs{now, 2 * options.log_dirs_interval},
        record_times{now, 2 * options.record_times_interval},
        transactions{now, 2 * options.transactions_interval},
        features{now, 2 * options.features_interval} {}
};

/// Returns `failing_since` of a value that is computed from two others.
inline model::Time held_since(model::Time a, model::Time b) {
  return a == model::Time{} || b == model::Time{} ? std::max(a, b) : std::min(a, b);
}

/// Adds a known value to a known sum. A sum beyond the range stays at its end: offsets up to 2^63-1 can be committed.
inline void add(const model::Value& part, model::Value& sum) {
  if (__builtin_add_overflow(sum.value, part.value, &sum.value)) sum.value = std::numeric_limits<int64_t>::max();
  sum.failing_since = held_since(sum.failing_since, part.failing_since);
}

}  // namespace kafkascope::analysis
