#include "analysis/log_sizes.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;

namespace {

/// Topics a, of one partition on brokers 1 and 2, and b, of two partitions on broker 2; what each replica has is known.
Snapshot known_sizes() {
  Snapshot s;
  s.metadata = cluster({{"a", 1, 'a', {1, 2}}, {"b", 2, 'b', {2}}}, 2);
  s.log_dirs[1].value = model::LogDirs{{}, {{{0, 0}, 100}}};
  s.log_dirs[2].value = model::LogDirs{{}, {{{0, 0}, 90}, {{1, 0}, 7}, {{1, 1}, 0}}};
  return s;
}

using Values = std::vector<Value>;

}  // namespace

TEST_CASE("A topic has the bytes of all its replicas, a partition those of its leader") {
  const auto sizes = kafkascope::analysis::log_sizes(known_sizes());
  CHECK(sizes.topics == Values{fresh(190), fresh(7)});
  CHECK(sizes.partitions == Values{fresh(100), fresh(7), fresh(0)});
}

TEST_CASE("A topic's size is not known while that of a replica is not") {
  Snapshot s = known_sizes();
  SECTION("a broker that could not be asked") {
    s.log_dirs[1].value.reset();
    const auto sizes = kafkascope::analysis::log_sizes(s);
    CHECK(sizes.topics == Values{kUnknown, fresh(7)});
    CHECK(sizes.partitions == Values{kUnknown, fresh(7), fresh(0)});
  }
  SECTION("a broker that we do not know") {
    s.log_dirs.erase(2);
    const auto sizes = kafkascope::analysis::log_sizes(s);
    CHECK(sizes.topics == Values{kUnknown, kUnknown});
    CHECK(sizes.partitions == Values{fresh(100), kUnknown, kUnknown});
  }
  SECTION("a replica that its broker does not have") {
    s.log_dirs[2].value->replicas.erase(s.log_dirs[2].value->replicas.begin());
    CHECK(kafkascope::analysis::log_sizes(s).topics == Values{kUnknown, fresh(7)});
  }
}

TEST_CASE("What a broker has left of a partition that was moved away is not counted") {
  Snapshot s = known_sizes();
  s.log_dirs[1].value->replicas.push_back({{1, 1}, 1000});
  const auto sizes = kafkascope::analysis::log_sizes(s);
  CHECK(sizes.topics == Values{fresh(190), fresh(7)});
  CHECK(sizes.partitions == Values{fresh(100), fresh(7), fresh(0)});
}

TEST_CASE("model::LogSizes are held when one of their parts is") {
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
