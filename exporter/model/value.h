#pragma once

#include <cstdint>

#include "model/time.h"

namespace kafkascope::model {

/// A number to publish: fresh, or held at its last good value since the first failed read.
struct Value {
  static constexpr int64_t kUnknown = -1;

  int64_t value = kUnknown;
  Time failing_since{};  ///< Epoch: fresh.

  bool known() const { return value != kUnknown; }
  bool held() const { return known() && failing_since != Time{}; }
  bool fresh() const { return known() && failing_since == Time{}; }
  bool operator==(const Value&) const = default;
};

}  // namespace kafkascope::model
