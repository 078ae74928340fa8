#pragma once

#include <optional>
#include <type_traits>
#include <utility>

namespace kafkascope::families {

/// What several families are written from: made when the first of them is, and never if all are left out.
template <class Make>
class Lazy {
 public:
  explicit Lazy(Make make) : make_(std::move(make)) {}

  const auto& operator*() {
    if (!value_) value_ = make_();
    return *value_;
  }
  const auto* operator->() { return &**this; }

 private:
  Make make_;
  std::optional<std::invoke_result_t<Make>> value_;
};

}  // namespace kafkascope::families
