#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "model/collector.h"

namespace kafkascope::zookeeper {

/// A server could not be asked.
class Error : public std::runtime_error {
 public:
  explicit Error(model::Failure failure) : std::runtime_error(failure.what), failure_(std::move(failure)) {}

  const model::Failure& failure() const { return failure_; }

 private:
  model::Failure failure_;
};

/// Throws an Error.
[[noreturn]] inline void fail(model::Reason reason, std::string what, std::string hint = {}) {
  throw Error({reason, std::move(what), std::move(hint)});
}

}  // namespace kafkascope::zookeeper
