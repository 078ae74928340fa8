#include "kafka/collect/log_dirs.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"
#include "kafka/fake_answers.h"

using namespace kafkascope::kafka;
namespace config = kafkascope::config;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using kafkascope::protocol::kDescribeLogDirs;
using model::Reason;

namespace {

constexpr int16_t kUnauthorized = 31, kStorageError = 56, kUnknownError = -1;

/// Each directory and each replica of a broker, as text.
std::string text(const std::optional<model::LogDirs>& dirs) {
  if (!dirs) return "not told";
  std::string text;
  for (const auto& dir : dirs->dirs)
    text += dir.path + (dir.online ? " " : " offline ") + std::to_string(dir.size) + " of " +
            std::to_string(dir.volume_bytes) + ", " + std::to_string(dir.usable_bytes) + " free; ";
  for (const auto& replica : dirs->replicas)
    text += std::to_string(replica.partition.topic) + "/" + std::to_string(replica.partition.partition) + ":" +
            std::to_string(replica.bytes) + " ";
  return text;
}

std::map<int32_t, std::optional<model::LogDirs>> collect(Asking& asking) {
  std::map<int32_t, std::optional<model::LogDirs>> collected;
  collect_log_dirs(asking.requests, asking.metadata(), collected, asking.failures);
  return collected;
}

}  // namespace

TEST_CASE("Every broker tells its own directories, their volumes, and the replicas in them") {
  FakeKafka kafka(2, 2);
  kafka.on(1, kDescribeLogDirs,
           log_dirs({{"/b", {{"t1", 0, 30}, {"t0", 1, 20}}, 1000, 400}, {"/a", {{"t0", 0, 10}}, 500, 100}}));
  kafka.on(2, kDescribeLogDirs, log_dirs({{"/a", {{"t0", 0, 11}}, 700, 600}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto dirs = collect(asking);
  CHECK(asking.failures.take() == kNone);
  REQUIRE(dirs.size() == 2);
  CHECK(text(dirs.at(1)) == "/a 10 of 500, 100 free; /b 50 of 1000, 400 free; 0/0:10 0/1:20 1/0:30 ");
  CHECK(text(dirs.at(2)) == "/a 11 of 700, 600 free; 0/0:11 ");
}

TEST_CASE("An older broker does not tell of volumes") {
  FakeKafka kafka(1, 1);
  kafka.limit(kDescribeLogDirs, 1);
  kafka.on(1, kDescribeLogDirs, log_dirs({{"/a", {{"t0", 0, 10}}, 500, 100}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(text(collect(asking).at(1)) == "/a 10 of -1, -1 free; 0/0:10 ");
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("A directory that failed is offline, which is no failure of ours") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kDescribeLogDirs, log_dirs({{"/a", {{"t0", 0, 10}}}, {"/bad", {}, -1, -1, kStorageError}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(text(collect(asking).at(1)) == "/a 10 of -1, -1 free; /bad offline 0 of -1, -1 free; 0/0:10 ");
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("All replicas fill a directory: those that are moved in, of other topics, and of topics that are left out") {
  FakeKafka kafka(1, 2);
  kafka.on(
      1, kDescribeLogDirs,
      log_dirs({{"/a", {{"t0", 0, 1}, {"t1", 0, 20}, {"t1", 1, 300, true}, {"t1", 7, 4000}, {"unknown", 0, 50000}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client, 1min, config::Filter("t1", "^$"));
  CHECK(text(collect(asking).at(1)) == "/a 54321 of -1, -1 free; 0/0:20 ");
}

TEST_CASE("Replicas that move between directories are counted, with the records that they are behind") {
  FakeKafka kafka(1, 2);
  kafka.on(1, kDescribeLogDirs,
           log_dirs({{"/a", {{"t0", 0, 10, false, 77}, {"t0", 1, 10}, {"t1", 0, 10}}},
                     {"/b", {{"t0", 0, 4, true, 5}, {"t0", 1, 9, true, -1}, {"t1", 0, 1, true, 20}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client, 1min, config::Filter("t1", "^$"));  // like sizes, of all topics
  const auto dirs = collect(asking).at(1);
  CHECK(text(dirs) == "/a 30 of -1, -1 free; /b 14 of -1, -1 free; 0/0:10 ");
  CHECK(dirs->future_replicas == 3);
  CHECK(dirs->future_lag == 25);
}

TEST_CASE("A directory or replica that is told twice is there once") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kDescribeLogDirs, log_dirs({{"/a", {{"t0", 0, 10}}}, {"/b", {{"t0", 0, 11}}}, {"/a", {{"t0", 1, 12}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(text(collect(asking).at(1)) == "/a 10 of -1, -1 free; /b 11 of -1, -1 free; 0/0:10 0/1:12 ");
}

TEST_CASE("A broker that refuses to tell of its disks is told what to grant, in every version's way of refusing") {
  for (const int16_t version : {int16_t{1}, int16_t{2}, int16_t{5}}) {
    FakeKafka kafka(1, 1);
    kafka.limit(kDescribeLogDirs, version);
    kafka.on(1, kDescribeLogDirs, log_dirs({}, kUnauthorized));
    const auto client = connected(kafka.config(), 1);
    Asking asking(*client);
    INFO(version);
    CHECK(text(collect(asking).at(1)) == "not told");
    const auto failure = asking.failure();
    CHECK(failure.reason == Reason::kAuthorization);
    CHECK(failure.what.ends_with("grant DESCRIBE on the cluster"));
  }
}

TEST_CASE("A broker that cannot tell of its disks costs nobody else's") {
  FakeKafka kafka(2, 1);
  kafka.on(1, kDescribeLogDirs, log_dirs({{"/a", {{"t0", 0, 10}}}}));
  kafka.on(2, kDescribeLogDirs, log_dirs({{"/a"}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client, 1s);
  SECTION("an error of one directory") {
    kafka.on(2, kDescribeLogDirs, log_dirs({{"/a", {}, -1, -1, kUnknownError}}));
    CHECK(text(collect(asking).at(2)) == "not told");
    CHECK(asking.failure().what.starts_with("describing log directory /a: "));
  }
  SECTION("nonsense") {
    kafka.on(2, kDescribeLogDirs, [](int16_t, std::string_view) { return std::string(9, '\x7f'); });
    CHECK(text(collect(asking).at(2)) == "not told");
    CHECK_FALSE(asking.failures.empty());
  }
  SECTION("silence") {
    kafka.hang(2, kDescribeLogDirs);
    CHECK(text(collect(asking).at(2)) == "not told");
    CHECK(asking.failure().reason == Reason::kTimeout);
  }
  asking.failures.take();
  CHECK(text(collect(asking).at(1)) == "/a 10 of -1, -1 free; 0/0:10 ");
}
