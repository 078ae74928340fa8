#include "analysis/partition_mapping.h"

#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::PartitionRef;

namespace {

std::optional<PartitionRef> mapped(const PartitionMapping& mapping, PartitionRef ref) {
  return mapping.map_partition(ref) ? std::optional(ref) : std::nullopt;
}

std::vector<uint32_t> old_partitions(const PartitionMapping& mapping, uint32_t count) {
  std::vector<uint32_t> old;
  for (uint32_t p = 0; p < count; ++p) old.push_back(mapping.old_partition(p));
  return old;
}

constexpr uint32_t kNew = UINT32_MAX;
using Old = std::vector<uint32_t>;

}  // namespace

TEST_CASE("Equal topics keep their numbers") {
  const auto before = cluster({{"a", 2}, {"b", 1}});
  const auto now = cluster({{"a", 2}, {"b", 1}});
  for (const auto* metadata : {before.get(), now.get()}) {
    const PartitionMapping mapping(before.get(), *metadata);
    CHECK(mapping.same());
    CHECK(old_partitions(mapping, 3) == Old{0, 1, 2});
    CHECK(mapped(mapping, {1, 0}) == PartitionRef{1, 0});
  }
}

TEST_CASE("Changed leaders and replicas do not change numbers") {
  const auto before = cluster({{"a", 1, 'a', {1, 2}}}, 2);
  const auto now = cluster({{"a", 1, 'a', {2, 3}}}, 3);
  CHECK(PartitionMapping(before.get(), *now).same());
}

TEST_CASE("Without previous metadata every partition is new") {
  const auto now = cluster({{"a", 2}});
  const PartitionMapping mapping(nullptr, *now);
  CHECK_FALSE(mapping.same());
  CHECK(old_partitions(mapping, 2) == Old{kNew, kNew});
  CHECK(mapped(mapping, {0, 0}) == std::nullopt);
}

TEST_CASE("A new first topic shifts the others") {
  const auto before = cluster({{"b", 2}, {"c", 1}});
  const auto now = cluster({{"a", 1}, {"b", 2}, {"c", 1}});
  const PartitionMapping mapping(before.get(), *now);
  CHECK_FALSE(mapping.same());
  CHECK(old_partitions(mapping, 4) == Old{kNew, 0, 1, 2});
  CHECK(mapped(mapping, {0, 1}) == PartitionRef{1, 1});
  CHECK(mapped(mapping, {1, 0}) == PartitionRef{2, 0});
}

TEST_CASE("References to a deleted topic are removed") {
  const auto before = cluster({{"a", 1}, {"b", 2}});
  const auto now = cluster({{"b", 2}});
  const PartitionMapping mapping(before.get(), *now);
  CHECK(old_partitions(mapping, 2) == Old{1, 2});
  CHECK(mapped(mapping, {0, 0}) == std::nullopt);
  CHECK(mapped(mapping, {1, 1}) == PartitionRef{0, 1});
}

TEST_CASE("A topic with another id is another topic") {
  const auto before = cluster({{"a", 1, 'x'}, {"b"}});
  const auto now = cluster({{"a", 1, 'y'}, {"b"}});
  const PartitionMapping mapping(before.get(), *now);
  CHECK_FALSE(mapping.same());
  CHECK(old_partitions(mapping, 2) == Old{kNew, 1});
  CHECK(mapped(mapping, {0, 0}) == std::nullopt);
}

TEST_CASE("Added partitions are new; removed ones are gone") {
  const auto small = cluster({{"a", 1}, {"b"}});
  const auto large = cluster({{"a", 3}, {"b"}});
  const PartitionMapping grown(small.get(), *large);
  CHECK(old_partitions(grown, 4) == Old{0, kNew, kNew, 1});
  CHECK(mapped(grown, {0, 0}) == PartitionRef{0, 0});
  const PartitionMapping shrunk(large.get(), *small);  // re-created with fewer partitions by brokers without ids
  CHECK(old_partitions(shrunk, 2) == Old{0, 3});
  CHECK(mapped(shrunk, {0, 2}) == std::nullopt);
  CHECK(mapped(shrunk, {1, 0}) == PartitionRef{1, 0});
}

TEST_CASE("Values by topic and partition are reordered; new ones have defaults") {
  using Strings = std::vector<std::string>;
  const auto before = cluster({{"b", 1}, {"c", 2}, {"d", 1, 'x'}, {"e"}});
  const auto now = cluster({{"a", 1}, {"c", 3}, {"d", 1, 'y'}, {"e"}});
  const PartitionMapping mapping(before.get(), *now);
  CHECK(mapping.topics(Strings{"b", "c", "d", "e"}, 4) == Strings{"", "c", "", "e"});
  CHECK(mapping.partitions(Strings{"b0", "c0", "c1", "d0", "e0"}, 6) == Strings{"", "c0", "c1", "", "", "e0"});
  CHECK(mapping.topics(std::vector<bool>{true, true, true, true}, 4) == std::vector<bool>{false, true, false, true});
}

TEST_CASE("Values of only the first topics or partitions stay incomplete") {
  using Strings = std::vector<std::string>;
  const auto before = cluster({{"a"}, {"b"}});
  const PartitionMapping same(before.get(), *before);
  CHECK(same.topics(Strings{"a", "b"}, 2) == Strings{"a", "b"});
  CHECK(same.topics(Strings{"a"}, 2) == Strings{"a", ""});
  CHECK(same.partitions(Strings{}, 2) == Strings{"", ""});
  const PartitionMapping first(nullptr, *before);
  CHECK(first.topics(Strings{}, 2) == Strings{"", ""});
  CHECK(first.topics(Strings{"left", "over"}, 2) == Strings{"", ""});
  const auto more = cluster({{"a"}, {"b"}, {"c"}});
  CHECK(PartitionMapping(before.get(), *more).topics(Strings{"a"}, 3) == Strings{"a", "", ""});
}
