#include "kafka/collect/group_offsets.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <utility>
#include <vector>

#include "kafka/collect/metadata.h"
#include "kafka/fake_kafka.h"

using namespace kafkascope::kafka;
namespace config = kafkascope::config;
namespace model = kafkascope::model;
using kafkascope::protocol::kOffsetFetch;
using model::Reason;

namespace {

/// Committed offsets of groups, collected from a cluster with the topics t0 and t1 of two partitions each.
struct Poll {
  std::vector<model::GroupResult> groups;
  std::vector<model::Failure> failures;
  uint64_t sent = 0;
};

Poll poll(FakeKafka& kafka, int32_t brokers, const std::vector<std::pair<std::string, int32_t>>& groups,
          std::chrono::milliseconds timeout = 1min) {
  const auto client = connected(kafka.config(), brokers);
  RequestBatch requests = requests_to(*client, timeout);
  Failures failures;
  const int32_t first[] = {1};
  const auto metadata = collect_metadata(requests, first, config::Filter(), failures);
  REQUIRE(metadata);
  Poll poll;
  for (const auto& [id, coordinator] : groups) {
    auto& group = poll.groups.emplace_back().group;
    group.id = id;
    group.coordinator = coordinator;
  }
  collect_group_offsets(requests, *metadata, poll.groups, failures);
  poll.failures = failures.take();
  const auto sent = requests.sent();
  if (const auto it = sent.find("OffsetFetch"); it != sent.end()) poll.sent = it->second;
  return poll;
}

std::string text(const model::GroupResult& group) {
  std::string text = group.offsets_read ? "read" : "not read";
  for (const auto& c : group.commits)
    text += " " + std::to_string(c.partition.topic) + "/" + std::to_string(c.partition.partition) + ":" +
            std::to_string(c.offset);
  for (const auto& p : group.unread) text += " " + std::to_string(p.topic) + "/" + std::to_string(p.partition) + ":?";
  return text;
}

constexpr int16_t kNotCoordinator = 16, kUnstable = 88, kUnauthorized = 30;

}  // namespace

TEST_CASE("Commits come from each group's coordinator, many groups a request, sorted") {
  FakeKafka kafka(2, 2);
  kafka.on(1, kOffsetFetch, commits({{"a", {{"t1", 1, 11}, {"t0", 1, 1}, {"t1", 0, 10}}}, {"c", {{"t0", 0, 7}}}}));
  kafka.on(2, kOffsetFetch, commits({{"b", {}}}));
  const Poll now = poll(kafka, 2, {{"a", 1}, {"b", 2}, {"c", 1}});
  CHECK(now.failures.empty());
  CHECK(text(now.groups[0]) == "read 0/1:1 1/0:10 1/1:11");
  CHECK(text(now.groups[1]) == "read");
  CHECK(text(now.groups[2]) == "read 0/0:7");
  CHECK(now.sent == 2);
}

TEST_CASE("Before version 8 each group is a request of its own") {
  FakeKafka kafka(1, 1);
  kafka.limit(kOffsetFetch, 7);
  kafka.on(1, kOffsetFetch, [](int16_t version, std::string_view body) {
    return commits({{"", {{"t0", 0, body.find("a") != body.npos ? 1 : 2}}}})(version, body);
  });
  const Poll now = poll(kafka, 1, {{"a", 1}, {"b", 1}});
  CHECK(now.failures.empty());
  CHECK(text(now.groups[0]) == "read 0/0:1");
  CHECK(text(now.groups[1]) == "read 0/0:2");
  CHECK(now.sent == 2);
}

TEST_CASE("No commit is no commit, and a topic or partition that we do not know is none either") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kOffsetFetch,
           commits({{"a", {{"t0", 0, -1}, {"deleted", 0, 5}, {"t0", 2, 5}, {"t0", -1, 5}, {"t0", 1, 0}}}}));
  const Poll now = poll(kafka, 1, {{"a", 1}});
  CHECK(now.failures.empty());
  CHECK(text(now.groups[0]) == "read 0/1:0");
}

TEST_CASE("A partition that the coordinator would not tell of is unread, and a failure of its topic") {
  FakeKafka kafka(1, 2);
  kafka.on(1, kOffsetFetch, commits({{"a", {{"t1", 0, -1, kUnstable}, {"t0", 0, 5}, {"t0", 1, -1, kUnstable}}}}));
  const Poll now = poll(kafka, 1, {{"a", 1}});
  CHECK(text(now.groups[0]) == "read 0/0:5 0/1:? 1/0:?");
  REQUIRE(now.failures.size() == 2);
  CHECK(now.failures[0].what.starts_with("committed offsets of topic t1: "));
}

TEST_CASE("A group's error leaves that group unread, and the others read") {
  FakeKafka kafka(1, 1);
  kafka.on(
      1, kOffsetFetch,
      commits({{"a", {}, kNotCoordinator}, {"b", {{"t0", 0, 5}}}, {"c", {}, kUnauthorized}, {"d", {}, kUnauthorized}}));
  const Poll now = poll(kafka, 1, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}});
  CHECK(text(now.groups[0]) == "not read");
  CHECK(text(now.groups[1]) == "read 0/0:5");
  CHECK(text(now.groups[2]) == "not read");
  REQUIRE(now.failures.size() == 2);
  CHECK(now.failures[0].reason == Reason::kAuthorization);
  CHECK(now.failures[1].what == "committed offsets of groups: Broker: Not coordinator");
  CHECK(now.failures[1].transient);
  CHECK(now.sent == 2);
}

TEST_CASE("A group that the answer leaves out is unread; one that was not asked about is ignored") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kOffsetFetch, commits({{"stranger", {{"t0", 0, 5}}}}));
  const Poll now = poll(kafka, 1, {{"a", 1}});
  CHECK(text(now.groups[0]) == "not read");
}

TEST_CASE("What a coordinator says twice counts once, and as unread when it says so once") {
  FakeKafka kafka(1, 1);
  kafka.on(
      1, kOffsetFetch,
      commits({{"a", {{"t0", 0, 5}, {"t0", 0, 5}, {"t0", 1, 6}, {"t0", 1, -1, kUnstable}, {"t0", 1, -1, kUnstable}}},
               {"a", {{"t0", 0, 5}}}}));
  const Poll now = poll(kafka, 1, {{"a", 1}});
  CHECK(text(now.groups[0]) == "read 0/0:5 0/1:?");
}

TEST_CASE("A coordinator that is silent costs its own groups only") {
  FakeKafka kafka(2, 1);
  kafka.on(1, kOffsetFetch, commits({{"a", {{"t0", 0, 5}}}}));
  kafka.freeze(2);
  const Poll now = poll(kafka, 2, {{"a", 1}, {"b", 2}}, 1s);
  CHECK(text(now.groups[0]) == "read 0/0:5");
  CHECK(text(now.groups[1]) == "not read");
  REQUIRE(now.failures.size() == 1);
  CHECK(now.failures[0].reason == Reason::kTimeout);
}

TEST_CASE("Rubbish for an answer is a protocol failure, and nothing of it is taken for read") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kOffsetFetch, [](int16_t version, std::string_view body) {
    const std::string whole = commits({{"a", {{"t0", 0, 5}}}})(version, body);
    return whole.substr(0, whole.size() - 4);
  });
  const Poll now = poll(kafka, 1, {{"a", 1}});
  CHECK(text(now.groups[0]).starts_with("not read"));
  REQUIRE(now.failures.size() == 1);
  CHECK(now.failures[0].reason == Reason::kProtocol);
}

TEST_CASE("A group whose coordinator does not know it yet is requested once more in the poll, it alone") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kOffsetFetch,
           first(commits({{"a", {{"t0", 0, 5}}}, {"b", {{"t0", 0, 7}}, kNotCoordinator}}),
                 [](int16_t version, std::string_view body) {
                   const bool alone = body.find('b') != body.npos && body.find('a') == body.npos;
                   return commits({{"b", {{"t0", alone, 6}}}})(version, body);
                 }));
  const Poll now = poll(kafka, 1, {{"a", 1}, {"b", 1}});
  CHECK(now.failures.empty());
  CHECK(text(now.groups[0]) == "read 0/0:5");
  CHECK(text(now.groups[1]) == "read 0/1:6");
  CHECK(now.sent == 2);
}
