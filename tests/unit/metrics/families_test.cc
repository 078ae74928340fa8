#include "metrics/families.h"

#include <catch2/catch_test_macros.hpp>

#include "metrics/basis.h"

namespace kafkascope::metrics {
namespace {

/// Whether a family with this basis was written for the next page.
bool is_written(Families& families, uint64_t basis, bool held = false) {
  bool written = false;
  families.begin({});
  families.family({"family", "Help.", Type::kGauge, model::Collector::kOffsets, false, basis}, [&](Samples& s) {
    written = true;
    s.value(int64_t{1}, held);
  });
  CHECK(families.take().front().body->series == 1);
  CHECK(families.held().contains(model::Collector::kOffsets) == held);
  return written;
}

TEST_CASE("a family whose basis is the same is not written again") {
  Families families("");
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
  CHECK(is_written(families, 8));
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
}

TEST_CASE("a family without a basis is written for each page, and so is one that has a held series") {
  Families families("");
  CHECK(is_written(families, 0));
  CHECK(is_written(families, 0));
  CHECK(is_written(families, 7, true));
  CHECK(is_written(families, 7, true));
  CHECK(is_written(families, 7));
  CHECK_FALSE(is_written(families, 7));
}

TEST_CASE("a basis tells values, their order and where one ends from another") {
  using Numbers = std::vector<int64_t>;
  const auto basis = [](const Numbers& a, const Numbers& b) { return Basis().add(a).add(b).value(); };
  CHECK(basis({1, 2}, {3}) == basis({1, 2}, {3}));
  CHECK(basis({1, 2}, {3}) != basis({1}, {2, 3}));
  CHECK(basis({1, 2}, {3}) != basis({2, 1}, {3}));
  CHECK(basis({3}, {1, 2}) != basis({1, 2}, {3}));
  CHECK(basis({}, {}) != 0);
}

}  // namespace
}  // namespace kafkascope::metrics
