#include "analysis/lag.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <limits>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::GroupPartition;
using Rows = std::vector<GroupPartition>;

namespace {

constexpr Holding kNow{model::Time{10h} + 30s, 60s};

Rows rows_of(const model::GroupResult& group, const Rows& before, const std::vector<Value>& latest) {
  static const auto metadata = cluster({{"a", 2}, {"b", 2}});
  return lag_rows(group, before, *metadata, latest, kNow);
}

const std::vector<Value> kEnds{fresh(100), fresh(200), fresh(300), fresh(400)};

}  // namespace

TEST_CASE("Lag is end offset - committed offset, at least 0") {
  struct Row {
    const char* what;
    int64_t committed, end, lag;
  };
  const auto [what, committed, end, lag] = GENERATE(values<Row>({
      {"behind", 90, 100, 10},
      {"caught up", 100, 100, 0},
      {"nothing read yet", 0, 100, 100},
      {"an empty partition", 0, 0, 0},
      {"the topic was truncated, or the end is a moment older than the commit", 120, 100, 0},
      {"large numbers", 9'007'199'254'740'993, 9'007'199'254'740'994, 1},
  }));
  INFO(what);
  const auto rows = rows_of(group("g", {{{0, 0}, committed}}), {}, {fresh(end), kUnknown, kUnknown, kUnknown});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].committed == fresh(committed));
  CHECK(rows[0].lag == fresh(lag));
}

TEST_CASE("A partition without a commit has no row") {
  const auto rows = rows_of(group("g", {{{0, 1}, 150}, {{1, 0}, 250}}), {}, kEnds);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].partition == model::PartitionRef{0, 1});
  CHECK(rows[0].lag == fresh(50));
  CHECK(rows[1].partition == model::PartitionRef{1, 0});
  CHECK(rows[1].lag == fresh(50));
}

TEST_CASE("A commit without a known end offset has no lag") {
  const auto rows = rows_of(group("g", {{{0, 0}, 90}}), {}, {kUnknown, kUnknown, kUnknown, kUnknown});
  CHECK(rows.at(0).committed == fresh(90));
  CHECK(rows.at(0).lag == kUnknown);
}

TEST_CASE("A new group has no lag if the end offset is held") {
  const auto rows = rows_of(group("g", {{{0, 0}, 90}}), {}, {held(100, 15s), kUnknown, kUnknown, kUnknown});
  CHECK(rows.at(0).lag == kUnknown);
}

TEST_CASE("A held lag keeps the time of its first failed read") {
  const auto rows = rows_of(group("g", {{{0, 0}, 90}}), {{{0, 0}, fresh(80), held(20, 15s)}},
                            {kUnknown, kUnknown, kUnknown, kUnknown});
  CHECK(rows.at(0).lag == held(20, 15s));
}

TEST_CASE("A partition whose commit could not be read is held and stays in order") {
  auto result = group("g", {{{0, 1}, 150}, {{1, 1}, 350}});
  result.unread = {{0, 0}, {1, 0}};
  const Rows before{{{0, 0}, fresh(60), fresh(40)}, {{0, 1}, fresh(1), fresh(2)}, {{1, 1}, fresh(3), fresh(4)}};
  const auto rows = rows_of(result, before, kEnds);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].partition == model::PartitionRef{0, 0});
  CHECK(rows[0].committed == held(60, 30s));
  CHECK(rows[0].lag == held(40, 30s));
  CHECK(rows[1].partition == model::PartitionRef{0, 1});
  CHECK(rows[1].lag == fresh(50));
  CHECK(rows[2].partition == model::PartitionRef{1, 0});  // never read
  CHECK(rows[2].committed == kUnknown);
  CHECK(rows[2].lag == kUnknown);
  CHECK(rows[3].partition == model::PartitionRef{1, 1});
  CHECK(rows[3].lag == fresh(50));
}

TEST_CASE("Unread partitions after the last commit are included") {
  auto result = group("g", {{{0, 0}, 90}});
  result.unread = {{1, 1}};
  const auto rows = rows_of(result, {{{1, 1}, fresh(5), fresh(6)}}, kEnds);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].committed == held(5, 30s));
}

TEST_CASE("If a group's offsets could not be read, each row is held for its own time") {
  const Rows before{{{0, 0}, fresh(60), held(40, 1s)}, {{0, 1}, held(5, -40s), held(6, -40s)}};
  const auto rows = rows_of(listed_only("g"), before, kEnds);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].committed == held(60, 30s));
  CHECK(rows[0].lag == held(40, 1s));
  CHECK(rows[1].committed == kUnknown);  // 70 s
  CHECK(rows[1].lag == kUnknown);
}

TEST_CASE("A deleted commit is removed at once") {
  CHECK(rows_of(group("g", {}), {{{0, 0}, fresh(60), fresh(40)}}, kEnds).empty());
}

TEST_CASE("Sums include all partitions of a topic") {
  const Rows rows{{{0, 0}, fresh(1), fresh(10)}, {{0, 1}, fresh(2), fresh(20)}, {{0, 3}, fresh(3), fresh(30)}};
  const auto sums = sum_of_topic(rows);
  CHECK(sums.committed == fresh(6));
  CHECK(sums.lag == fresh(60));
}

TEST_CASE("A sum with an unknown part is unknown; sums of other values are not affected") {
  const size_t unknown = GENERATE(0, 1, 2);
  Rows rows{{{0, 0}, fresh(1), fresh(10)}, {{0, 1}, fresh(2), fresh(20)}, {{0, 2}, fresh(3), fresh(30)}};
  rows[unknown].lag = kUnknown;
  const auto sums = sum_of_topic(rows);
  CHECK(sums.committed == fresh(6));
  CHECK(sums.lag == kUnknown);
}

TEST_CASE("A sum does not overflow") {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const Rows rows{{{0, 0}, fresh(kMax), fresh(0)}, {{0, 1}, fresh(kMax), fresh(0)}, {{0, 2}, held(5, 4s), fresh(0)}};
  CHECK(sum_of_topic(rows).committed == held(kMax, 4s));
}

TEST_CASE("A sum with held parts is held since the first failure") {
  const Rows rows{{{0, 0}, fresh(1), held(10, 9s)}, {{0, 1}, fresh(2), held(20, 4s)}, {{0, 2}, fresh(3), fresh(30)}};
  CHECK(sum_of_topic(rows).lag == held(60, 4s));
}

TEST_CASE("The maximum lag is that of known partitions, and held if that one is") {
  CHECK(max_lag({}) == kUnknown);
  CHECK(max_lag(Rows{{{0, 0}, fresh(1), fresh(0)}}) == fresh(0));
  CHECK(max_lag(Rows{{{0, 0}, fresh(1), kUnknown}, {{0, 1}, fresh(1), fresh(7)}}) == fresh(7));
  CHECK(max_lag(Rows{{{0, 0}, fresh(1), held(9, 3s)}, {{0, 1}, fresh(1), fresh(7)}}) == held(9, 3s));
  CHECK(max_lag(Rows{{{0, 0}, fresh(1), held(3, 3s)}, {{1, 1}, fresh(1), fresh(7)}}) == fresh(7));
  CHECK(max_lag(Rows{{{0, 0}, fresh(1), kUnknown}}) == kUnknown);
}
