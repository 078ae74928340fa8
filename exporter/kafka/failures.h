#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "kafka/error.h"
#include "model/collector.h"

namespace kafkascope::kafka {

/// The failures of one run of a collector: each once, and few of those that are alike for a thousand topics.
class Failures {
 public:
  static constexpr size_t kMost = 20;

  void add(model::Failure failure) {
    if (list_.size() < kMost && std::find(list_.begin(), list_.end(), failure) == list_.end())
      list_.push_back(std::move(failure));
  }
  void add(const Error& error) { add(error.failure()); }
  bool empty() const { return list_.empty(); }
  std::vector<model::Failure> take() { return std::move(list_); }

 private:
  std::vector<model::Failure> list_;
};

}  // namespace kafkascope::kafka
