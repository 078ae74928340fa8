#pragma once

#include <cstdint>
#include <functional>
#include <ranges>
#include <string_view>
#include <type_traits>

namespace kafkascope::metrics {

/// Hash of all inputs of a family's series. If it equals the hash of the last page, the family is not written again. 64
/// bits are enough, see chunk.cc.
class InputHash {
 public:
  /// Adds an array of numbers, or of structs of numbers without padding.
  template <std::ranges::contiguous_range Values>
  InputHash& add(const Values& values) {
    static_assert(std::has_unique_object_representations_v<std::ranges::range_value_t<Values>>);
    return add({reinterpret_cast<const char*>(std::ranges::data(values)),
                std::ranges::size(values) * sizeof(std::ranges::range_value_t<Values>)});
  }
  InputHash& add(int64_t value) { return add(std::string_view(reinterpret_cast<const char*>(&value), sizeof value)); }
  InputHash& add(std::string_view bytes) {
    hash_ = hash_ * 0x9e3779b97f4a7c15u + std::hash<std::string_view>()(bytes) + bytes.size();
    return *this;
  }

  /// Returns the hash; never 0.
  uint64_t value() const { return hash_ | 1; }

 private:
  uint64_t hash_ = 0;
};

}  // namespace kafkascope::metrics
