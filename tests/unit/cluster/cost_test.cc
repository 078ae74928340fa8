// What a poll costs, as counts: they are the same on every machine, and a change that makes them worse shows here.
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include "analysis/figures.h"
#include "analysis/poll_results.h"
#include "cluster/allocations.h"
#include "cluster/fake_cluster.h"
#include "families/page_sections.h"
#include "metrics/publisher.h"

namespace kafkascope::cluster {
std::atomic<size_t> allocations = 0, failing_size = 0;
}  // namespace kafkascope::cluster

// Not inlined, or g++ takes the pair of a replaced new and free() for a mistake.
[[gnu::noinline]] void* operator new(size_t size) {
  ++kafkascope::cluster::allocations;
  if (void* memory = size && size == kafkascope::cluster::failing_size ? nullptr : std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++kafkascope::cluster::allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

using namespace kafkascope;
using namespace kafkascope::cluster;

namespace {

/// What a poll learns of `topics` topics of 10 partitions, and as many groups that have committed on the 10 partitions
/// of one; all that can move has moved with each poll.
model::PollResult facts_of(const std::shared_ptr<const model::Metadata>& metadata, int poll) {
  auto result = analysis::poll(std::chrono::seconds(15 * poll), metadata);
  result.latest.assign(metadata->partition_count, 100'000 + 100 * poll);
  for (uint32_t topic = 0; topic < metadata->topics.size(); ++topic) {
    std::vector<model::Commit> commits;
    for (int32_t p = 0; p < 10; ++p) commits.push_back({{topic, p}, 90'000 + 100 * poll});
    result.groups.push_back(analysis::group("group-" + metadata->topics[topic].name, std::move(commits)));
  }
  return result;
}

struct Cost {
  size_t analysis, writing;  ///< Allocations of one poll.
  size_t series, text_bytes, compressed_bytes;
};

/// Of the last of ten polls.
Cost cost_of(int topics) {
  std::vector<analysis::TopicIs> names;
  for (int i = 0; i < topics; ++i) names.push_back({"some-topic-" + std::to_string(10'000 + i), 10});
  const auto metadata = analysis::cluster(names, 3);
  metrics::FamilyWriter families("");
  model::Snapshot snapshot;
  Cost cost{};
  for (int poll = 0; poll < 10; ++poll) {
    auto result = facts_of(metadata, poll);
    size_t before = allocations;
    snapshot = analysis::next_snapshot(std::move(snapshot), std::move(result), {});
    cost.analysis = allocations - before;
    before = allocations;
    families::write_all(snapshot, analysis::figures(snapshot, {}), {}, families);
    const auto written = families.take();
    cost.writing = allocations - before;
    cost.series = cost.text_bytes = cost.compressed_bytes = 0;
    for (const auto& family : written) {
      cost.series += family.body->series;
      cost.text_bytes += family.body->text_bytes;
      cost.compressed_bytes += family.body->deflate.size();
    }
  }
  return cost;
}

}  // namespace

TEST_CASE("What a poll allocates grows with topics and groups, not with partitions or series, and by little") {
  const Cost some = cost_of(100), more = cost_of(300);
  CAPTURE(some.analysis, some.writing, some.series, more.analysis, more.writing, more.series);
  REQUIRE(more.series - some.series >= 200 * 100);
  // Of a topic of ten partitions and a group on it: 100 series and more.
  CHECK((more.analysis - some.analysis) / 200 <= 1);
  CHECK((more.writing - some.writing) / 200 <= 6);
  // Whatever the size: families, their chunks, the odd buffer that grew.
  CHECK(some.analysis <= 150);
  CHECK(some.writing <= 1000);
}

TEST_CASE("A series costs so many bytes of text, and so few of them are kept") {
  const Cost cost = cost_of(300);
  CAPTURE(cost.series, cost.text_bytes, cost.compressed_bytes);
  CHECK(cost.text_bytes <= 100 * cost.series);
  CHECK(cost.compressed_bytes <= 6 * cost.series);
}

TEST_CASE("What a poll asks of three brokers, by kind of request, with many groups or few") {
  FakeKafka kafka(3);
  fill(kafka, 3);
  const int many = GENERATE(1, 1200);
  std::vector<GroupIs> groups;
  for (int i = 0; i < many; ++i) groups.push_back({.id = "g" + std::to_string(100'000 + i)});
  kafka.on(1, protocol::kListGroups, group_list(groups));
  KafkaSource source(kafka.config());
  auto snapshot = analysis::next_snapshot({}, ask(source), {});
  const auto result = ask(source, snapshot);
  CHECK(result.groups.size() == static_cast<size_t>(many));
  std::string asked;
  for (const auto& [api, count] : result.requests) asked += std::string(api) + " " + std::to_string(count) + ", ";
  const std::string number = many == 1 ? "1" : "3";  // 500 groups a request
  CHECK(asked == "DescribeGroups " + number +
                     ", ListGroups 3, ListOffsets 4, ListPartitionReassignments 1, Metadata 1, OffsetFetch " + number +
                     ", ");
}
