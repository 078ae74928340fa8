#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "analysis/next_snapshot.h"
#include "cluster/allocations.h"
#include "cluster/fake_cluster.h"

// Exceptions in collectors: nothing is forgotten, and nothing that was not read looks fresh.
using namespace kafkascope;
using namespace kafkascope::cluster;
using model::Collector;
using model::ReadState;

namespace {

/// No other allocation has these sizes in bytes.
constexpr size_t kPartitions = 7919, kTextBytes = 30'011;

/// While it lives, an allocation of exactly so many bytes throws.
struct Failing {
  explicit Failing(size_t bytes) { failing_size = bytes; }
  ~Failing() { failing_size = 0; }
};

template <class PollResult>
const model::CollectorRun& run_of(const PollResult& result, const Collector& collector) {
  for (const auto& run : result.runs)
    if (run.collector == collector) return run;
  FAIL("it did not run");
  throw std::logic_error("unreachable");
}

const std::vector<model::Failure> kNoMemory{{model::Reason::kOther, "std::bad_alloc"}};

}  // namespace

TEST_CASE("A metadata collector that throws forgets nothing") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  KafkaSource source(kafka.config());
  auto snapshot = analysis::next_snapshot({}, ask_until(source, {}, all_right), {});
  REQUIRE(snapshot.groups.size() == 1);
  kafka.set_topic("t2", std::vector<FakeKafka::Partition>(kPartitions));
  model::PollResult result;
  {
    const Failing failing(kPartitions * sizeof(model::Partition));
    result = ask(source, snapshot);
  }
  CHECK(run_of(result, Collector::kMetadata).failures == kNoMemory);
  CHECK_FALSE(result.metadata_read);
  CHECK(result.metadata == snapshot.numbering);
  const auto runs = result.runs;
  for (const auto& run : runs) CHECK_FALSE(run.success());
  snapshot = analysis::next_snapshot(std::move(snapshot), std::move(result), {});
  CHECK(snapshot.metadata_held());
  CHECK(snapshot.groups.size() == 1);

  result = ask(source, snapshot);
  CHECK(all_right(result));
  CHECK(result.metadata->topics.size() == 3);
}

TEST_CASE("After an exception while eligible leaders are read they are unknown, rather than none") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  kafka.set_topic("t1", {{.start = 3, .end = 30, .replicas = {1, 2}, .in_sync = {1}}});
  constexpr size_t kIds = 1 << 14;
  kafka.on(1, protocol::kDescribeTopicPartitions, topic_partitions({{"t1", {{0, std::vector<int32_t>(kIds + 1, 2)}}}}));
  KafkaSource source(kafka.config());
  ask_until(source, {}, all_right);
  const Failing failing(2 * kIds * sizeof(int32_t));  // as the list of them grows
  const auto result = ask(source);
  CHECK(run_of(result, Collector::kMetadata).failures == kNoMemory);
  CHECK(result.metadata_read);
  CHECK(result.eligible_unknown == std::vector<uint32_t>{1});
  CHECK(result.latest == std::vector<int64_t>{10, 20, 30});
}

TEST_CASE("After an exception while slow questions are asked, what was due is unread") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  const std::string text(kTextBytes, 'x');
  kafka.on(1, kDescribeConfigs, configs({{"t0", {{"cleanup.policy", "delete"}}}, {"t1", {{"cleanup.policy", text}}}}));
  kafka.on(1, protocol::kDescribeLogDirs, log_dirs({{text}}));
  KafkaSource source(kafka.config());
  const auto snapshot = analysis::next_snapshot({}, ask_until(source, {}, all_right), {});
  const Failing failing(kTextBytes + 1);
  const auto result = source.collect_background(
      {std::chrono::steady_clock::now() + 1min, /*all_topic_configs=*/true, /*log_dirs=*/true, 1, &snapshot});
  CHECK(run_of(result, Collector::kTopicConfigs).failures == kNoMemory);
  CHECK(result.settings_state == std::vector{ReadState::kOk, ReadState::kFailed});
  CHECK(run_of(result, Collector::kLogDirs).failures == kNoMemory);
  REQUIRE(result.log_dirs.size() == 1);
  CHECK_FALSE(result.log_dirs.at(1));
}
