#include "metrics/family_writer.h"

#include <catch2/catch_test_macros.hpp>

#include "metrics/input_hash.h"

namespace kafkascope::metrics {
namespace {

/// Returns whether a family with this input hash was written for the next page.
bool is_written(FamilyWriter& families, uint64_t input_hash, bool held = false) {
  bool written = false;
  families.begin({});
  families.family({"family", "Help.", Type::kGauge, model::Collector::kOffsets, false, input_hash},
                  [&](SampleWriter& s) {
                    written = true;
                    s.value(int64_t{1}, held);
                  });
  CHECK(families.take().front().body->series == 1);
  CHECK(families.held().contains(model::Collector::kOffsets) == held);
  return written;
}

TEST_CASE("a family with the same input hash is not written again") {
  FamilyWriter families("");
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
  CHECK(is_written(families, 8));
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
}

TEST_CASE("a family without an input hash or with held series is written for each page") {
  FamilyWriter families("");
  CHECK(is_written(families, 0));
  CHECK(is_written(families, 0));
  CHECK(is_written(families, 7, true));
  CHECK(is_written(families, 7, true));
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
}

TEST_CASE("input hashes differ by values, their order and boundaries") {
  using Numbers = std::vector<int64_t>;
  const auto input_hash = [](const Numbers& a, const Numbers& b) { return InputHash().add(a).add(b).value(); };
  CHECK(input_hash({1, 2}, {3}) == input_hash({1, 2}, {3}));
  CHECK(input_hash({1, 2}, {3}) != input_hash({1}, {2, 3}));
  CHECK(input_hash({1, 2}, {3}) != input_hash({2, 1}, {3}));
  CHECK(input_hash({3}, {1, 2}) != input_hash({1, 2}, {3}));
  CHECK(input_hash({}, {}) != 0);
}

}  // namespace
}  // namespace kafkascope::metrics
