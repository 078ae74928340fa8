#include "metrics/family_writer.h"

#include <catch2/catch_test_macros.hpp>

#include "metrics/input_hash.h"

namespace kafkascope::metrics {
namespace {

/// Whether a family with this basis was written for the next page.
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

TEST_CASE("a family whose input_hash is the same is not written again") {
  FamilyWriter families("");
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
  CHECK(is_written(families, 8));
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
}

TEST_CASE("a family without a input_hash is written for each page, and so is one that has a held series") {
  FamilyWriter families("");
  CHECK(is_written(families, 0));
  CHECK(is_written(families, 0));
  CHECK(is_written(families, 7, true));
  CHECK(is_written(families, 7, true));
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
}

TEST_CASE("a input_hash tells values, their order and where one ends from another") {
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
