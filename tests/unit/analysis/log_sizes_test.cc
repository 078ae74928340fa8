#include "analysis/log_sizes.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;

namespace {

/// Topic a: one partition on brokers 1 and 2. Topic b: two partitions on broker 2. All sizes are known.
Snapshot known_sizes() {
  Snapshot s;
  s.metadata = cluster({{"a", 1, 'a', {1, 2}}, {"b", 2, 'b', {2}}}, 2);
  s.log_dirs[1].value = model::LogDirs{{}, {{{0, 0}, 100}}};
  s.log_dirs[2].value = model::LogDirs{{}, {{{0, 0}, 90}, {{1, 0}, 7}, {{1, 1}, 0}}};
  return s;
}

using Values = std::vector<Value>;

}  // namespace

TEST_CASE("A topic's size is the sum of its replicas, a partition's that of its leader") {
  const auto sizes = kafkascope::analysis::log_sizes(known_sizes());
  CHECK(sizes.topics == Values{fresh(190), fresh(7)});
  CHECK(sizes.partitions == Values{fresh(100), fresh(7), fresh(0)});
}

TEST_CASE("A topic's size is unknown if a replica's is") {
  Snapshot s = known_sizes();
  SECTION("broker not read") {
    s.log_dirs[1].value.reset();
    const auto sizes = kafkascope::analysis::log_sizes(s);
    CHECK(sizes.topics == Values{kUnknown, fresh(7)});
    CHECK(sizes.partitions == Values{kUnknown, fresh(7), fresh(0)});
  }
  SECTION("unknown broker") {
    s.log_dirs.erase(2);
    const auto sizes = kafkascope::analysis::log_sizes(s);
    CHECK(sizes.topics == Values{kUnknown, kUnknown});
    CHECK(sizes.partitions == Values{fresh(100), kUnknown, kUnknown});
  }
  SECTION("replica missing on its broker") {
    s.log_dirs[2].value->replicas.erase(s.log_dirs[2].value->replicas.begin());
    CHECK(kafkascope::analysis::log_sizes(s).topics == Values{kUnknown, fresh(7)});
  }
}

TEST_CASE("Leftovers of a partition that was moved away are not counted") {
  Snapshot s = known_sizes();
  s.log_dirs[1].value->replicas.push_back({{1, 1}, 1000});
  const auto sizes = kafkascope::analysis::log_sizes(s);
  CHECK(sizes.topics == Values{fresh(190), fresh(7)});
  CHECK(sizes.partitions == Values{fresh(100), fresh(7), fresh(0)});
}

TEST_CASE("Sizes are held if a part is") {
  Snapshot s = known_sizes();
  s.log_dirs[1].failing_since = at(5s);
  CHECK(log_sizes(s).topics == Values{held(190, 5s), fresh(7)});
  CHECK(log_sizes(s).partitions == Values{held(100, 5s), fresh(7), fresh(0)});
  s.log_dirs[2].failing_since = at(4s);
  CHECK(log_sizes(s).topics == Values{held(190, 4s), held(7, 4s)});
  s.metadata_failing_since = at(3s);
  CHECK(log_sizes(s).topics == Values{held(190, 3s), held(7, 3s)});
  CHECK(log_sizes(s).partitions == Values{held(100, 3s), held(7, 3s), held(0, 3s)});
}

TEST_CASE("Without metadata there are no sizes") {
  Snapshot s = known_sizes();
  s.metadata = nullptr;
  CHECK(log_sizes(s).topics.empty());
  CHECK(log_sizes(s).partitions.empty());
}
