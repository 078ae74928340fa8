#include "kafka/collect/share_groups.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"
#include "kafka/fake_answers.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using kafkascope::protocol::kDescribeShareGroupOffsets;
using kafkascope::protocol::kShareGroupDescribe;
using model::Reason;
using Ids = std::vector<std::string>;

namespace {

constexpr int16_t kGroupIdNotFound = 69, kLoading = 14, kNotCoordinator = 16, kUnauthorized = 30,
                  kTopicUnauthorized = 29;

struct Before {
  std::string id;
  int32_t coordinator;
};

/// What is collected of groups that all brokers have listed.
CollectedShareGroups collect(Asking& asking, const std::vector<model::ShareGroup>& listed,
                             const std::vector<Before>& before = {}, const std::vector<int32_t>& listed_by = {1, 2}) {
  std::vector<model::ShareGroupSnapshot> known;
  for (const auto& [id, coordinator] : before) known.push_back({{id, "", coordinator}, {}, {}});
  return collect_share_groups(asking.requests, asking.metadata(), listed, listed_by, known, asking.failures);
}

std::string text(const model::ShareGroupResult& result) {
  std::string text = result.group.id + " " + result.group.state + " of " + std::to_string(result.group.coordinator) +
                     ", members " + std::to_string(result.group.members) + (result.offsets_read ? ":" : ", not read:");
  for (const auto& row : result.rows)
    text += " " + std::to_string(row.partition.topic) + "/" + std::to_string(row.partition.partition) + " from " +
            std::to_string(row.start_offset) + " lag " + std::to_string(row.lag);
  return text;
}

}  // namespace

TEST_CASE("Share groups' members, start offsets and lags come from each one's coordinator") {
  FakeKafka kafka(2, 2);
  kafka.on(1, kShareGroupDescribe, share_descriptions({{.id = "a", .assignments = {"", ""}}}));
  kafka.on(1, kDescribeShareGroupOffsets, share_offsets({{"a", {{"t1", 0, 5, 3}, {"t0", 1, 7, 0}}}}));
  kafka.on(2, kShareGroupDescribe, share_descriptions({{.id = "b", .state = "Empty"}}));
  kafka.on(2, kDescribeShareGroupOffsets, share_offsets({{"b"}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto collected = collect(asking, {{"b", "", 2}, {"a", "", 1}});
  CHECK(asking.failures.take() == kNone);
  REQUIRE(collected.groups.size() == 2);
  CHECK(text(collected.groups[0]) == "a Stable of 1, members 2: 0/1 from 7 lag 0 1/0 from 5 lag 3");
  CHECK(text(collected.groups[1]) == "b Empty of 2, members 0:");
  CHECK(collected.failed.empty());
  CHECK(asking.sent(kShareGroupDescribe) == 2);
  CHECK(asking.sent(kDescribeShareGroupOffsets) == 2);
}

TEST_CASE("Without share groups nobody is asked about them") {
  FakeKafka kafka(1);
  kafka.on(1, kShareGroupDescribe, share_descriptions({}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {}).groups.empty());
  CHECK(asking.sent(kShareGroupDescribe) == 0);
}

TEST_CASE("Before version 1 the broker does not tell a share group's lag") {
  FakeKafka kafka(1, 1);
  kafka.limit(kDescribeShareGroupOffsets, 0);
  kafka.on(1, kShareGroupDescribe, share_descriptions({{.id = "a"}}));
  kafka.on(1, kDescribeShareGroupOffsets, share_offsets({{"a", {{"t0", 0, 5, 3}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(text(collect(asking, {{"a", "", 1}}).groups.at(0)) == "a Stable of 1, members 0: 0/0 from 5 lag -1");
}

TEST_CASE("A broker too old for the questions about share groups leaves what its list says, and is no failure") {
  FakeKafka kafka(1);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking, {{"a", "Stable", 1}});
  REQUIRE(collected.groups.size() == 1);
  CHECK(text(collected.groups[0]) == "a Stable of 1, members -1, not read:");
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Six hundred share groups of a coordinator are two requests of each kind") {
  FakeKafka kafka(1);
  kafka.on(1, kShareGroupDescribe, share_descriptions({}));
  kafka.on(1, kDescribeShareGroupOffsets, share_offsets({}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  std::vector<model::ShareGroup> many;
  for (int i = 0; i < 600; ++i) many.push_back({"g" + std::to_string(i), "Stable", 1});
  CHECK(collect(asking, many).groups.size() == 600);
  CHECK(asking.sent(kShareGroupDescribe) == 2);
  CHECK(asking.sent(kDescribeShareGroupOffsets) == 2);
}

TEST_CASE("A few share groups' offsets are asked for one by one, which Kafka answers at once") {
  FakeKafka kafka(1);
  kafka.on(1, kShareGroupDescribe, share_descriptions({}));
  kafka.on(1, kDescribeShareGroupOffsets, share_offsets({{"a"}, {"b"}, {"c"}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking, {{"a", "Stable", 1}, {"b", "Stable", 1}, {"c", "Stable", 1}});
  for (const auto& group : collected.groups) CHECK(group.offsets_read);
  CHECK(asking.sent(kShareGroupDescribe) == 1);
  CHECK(asking.sent(kDescribeShareGroupOffsets) == 3);
}

TEST_CASE("A share group that two coordinators list is there once; so is whatever an answer tells twice") {
  FakeKafka kafka(2, 1);
  kafka.on(1, kShareGroupDescribe,
           share_descriptions({{.id = "a", .assignments = {""}}, {.id = "a"}, {.id = "other"}}));
  kafka.on(1, kDescribeShareGroupOffsets,
           share_offsets({{"a", {{"t0", 0, 5, 3}, {"t0", 0, 6, 2}, {"t0", 9, 6, 2}, {"unknown", 0, 1, 1}}},
                          {"a", {{"t0", 0, 7, 1}}},
                          {"other", {{"t0", 0, 7, 1}}}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto collected = collect(asking, {{"a", "", 1}, {"a", "", 2}});
  REQUIRE(collected.groups.size() == 1);
  CHECK(text(collected.groups[0]) == "a Stable of 1, members 0: 0/0 from 5 lag 3");
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Share groups that may be listed but not described stay, unknown; what to grant is told once for all") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kShareGroupDescribe,
           share_descriptions({{.id = "a", .error = kUnauthorized}, {.id = "b", .error = kUnauthorized}}));
  kafka.on(1, kDescribeShareGroupOffsets, share_offsets({{"a", {}, kUnauthorized}, {"b", {}, kUnauthorized}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking, {{"a", "Stable", 1}, {"b", "Stable", 1}});
  REQUIRE(collected.groups.size() == 2);
  CHECK(text(collected.groups[0]) == "a Stable of 1, members -1, not read:");
  const auto failure = asking.failure();
  CHECK(failure.reason == Reason::kAuthorization);
  CHECK(failure.what.ends_with("grant DESCRIBE on the groups"));
}

TEST_CASE("A partition whose share offset is refused has none, and the others have theirs") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kShareGroupDescribe, share_descriptions({{.id = "a"}}));
  kafka.on(1, kDescribeShareGroupOffsets,
           share_offsets({{"a", {{"t0", 0, 5, 3, kTopicUnauthorized}, {"t0", 1, 6, 2}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking, {{"a", "", 1}});
  CHECK(text(collected.groups.at(0)) == "a Stable of 1, members 0: 0/0 from -1 lag -1 0/1 from 6 lag 2");
  const auto failure = asking.failure();
  CHECK(failure.reason == Reason::kAuthorization);
  CHECK(failure.what.starts_with("share groups' offsets of topic t0: "));
}

TEST_CASE("A coordinator that is silent about its share groups costs nobody else's") {
  FakeKafka kafka(2, 1);
  kafka.on(1, kShareGroupDescribe, share_descriptions({{.id = "a"}}));
  kafka.on(1, kDescribeShareGroupOffsets, share_offsets({{"a"}}));
  kafka.hang(2, kShareGroupDescribe);
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client, 1s);
  const auto collected = collect(asking, {{"a", "Stable", 1}, {"b", "Stable", 2}});
  REQUIRE(collected.groups.size() == 2);
  CHECK(text(collected.groups[0]) == "a Stable of 1, members 0:");
  CHECK(text(collected.groups[1]) == "b Stable of 2, members -1, not read:");
  CHECK(asking.failure().what == "broker 2 does not answer: Local: Timed out");
}

TEST_CASE("Answers about share groups that make no sense are failures of the protocol") {
  FakeKafka kafka(1, 1);
  for (const auto& api : {kShareGroupDescribe, kDescribeShareGroupOffsets})
    kafka.on(1, api, [](int16_t, std::string_view) { return std::string(6, '\x7f'); });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking, {{"a", "Stable", 1}});
  CHECK(text(collected.groups.at(0)) == "a Stable of 1, members -1, not read:");
  const auto failures = asking.failures.take();
  REQUIRE(failures.size() == 2);
  CHECK(failures[0].reason == Reason::kProtocol);
  CHECK(failures[1].reason == Reason::kProtocol);
}

// ------------------------------------------------------------------------------- groups that are no longer listed

TEST_CASE("A share group deleted between being listed and described is no failure") {
  FakeKafka kafka(1);
  kafka.on(1, kShareGroupDescribe, share_descriptions({{.id = "a", .error = kGroupIdNotFound}}));
  kafka.on(1, kDescribeShareGroupOffsets, share_offsets({{"a"}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  collect(asking, {{"a", "", 1}});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("A share group that is no longer listed is gone when its coordinator says so, and else unread") {
  struct {
    const char* what;
    int16_t error;
    Ids unread;
  } const cases[] = {{"gone", kGroupIdNotFound, {}},
                     {"there, of another kind", 0, {}},
                     {"moved", kNotCoordinator, {"a"}},
                     {"hidden", kUnauthorized, {"a"}}};
  for (const auto& [what, error, unread] : cases) {
    FakeKafka kafka(1);
    kafka.on(1, kShareGroupDescribe, share_descriptions({{.id = "a", .error = error}}));
    const auto client = connected(kafka.config(), 1);
    Asking asking(*client);
    INFO(what);
    const auto collected = collect(asking, {}, {{"a", 1}}, {1});
    CHECK(collected.groups.empty());
    CHECK(collected.failed == unread);
    CHECK(asking.failures.take() == kNone);
  }
}

TEST_CASE("Share groups of a coordinator that could not list its groups are unread, and it is not asked about them") {
  FakeKafka kafka(1);
  kafka.on(1, kShareGroupDescribe, share_descriptions({}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {}, {{"b", 1}, {"a", 3}}, {2}).failed == Ids{"a", "b"});
  CHECK(asking.sent(kShareGroupDescribe) == 0);
}

TEST_CASE("A share group that another coordinator lists now has moved") {
  FakeKafka kafka(2);
  kafka.on(2, kShareGroupDescribe, share_descriptions({{.id = "a"}}));
  kafka.on(2, kDescribeShareGroupOffsets, share_offsets({{"a"}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto collected = collect(asking, {{"a", "", 2}}, {{"a", 1}});
  CHECK(collected.failed.empty());
  CHECK(text(collected.groups.at(0)) == "a Stable of 2, members 0:");
  CHECK(kafka.got(1, kShareGroupDescribe) == 0);
}

TEST_CASE("A share group whose coordinator loads is requested once more in the poll") {
  struct {
    const char* what;
    FakeKafka::Answer description, offsets;
  } const cases[] = {{"the group", share_descriptions({{.id = "a", .error = kLoading}, {.id = "b"}}),
                      share_offsets({{"a", {}, kLoading}})},
                     {"a partition", share_descriptions({{.id = "a", .error = kLoading}, {.id = "b"}}),
                      share_offsets({{"a", {{"t0", 0, 5, 3}, {"t0", 1, 0, 0, kLoading}}}})}};
  for (const auto& [what, description, offsets] : cases) {
    const bool passes = GENERATE(true, false);
    INFO(what << (passes ? ", and is loaded then" : ", and still loads then"));
    FakeKafka kafka(1, 1);
    kafka.on(1, kShareGroupDescribe, first(description, passes ? share_descriptions({{.id = "a"}}) : description));
    kafka.on(1, kDescribeShareGroupOffsets,
             first(offsets, passes ? share_offsets({{"a", {{"t0", 0, 5, 3}}}}) : offsets));
    const auto client = connected(kafka.config(), 1);
    Asking asking(*client);
    const auto collected = collect(asking, {{"a", "", 1}});
    CHECK(asking.sent(kShareGroupDescribe) == 2);
    CHECK(asking.sent(kDescribeShareGroupOffsets) == 2);
    const auto failures = asking.failures.take();
    if (passes) {
      CHECK(failures == kNone);
      CHECK(text(collected.groups.at(0)) == "a Stable of 1, members 0: 0/0 from 5 lag 3");
    } else {
      CHECK(!failures.empty());
      for (const auto& failure : failures) CHECK(failure.transient);
    }
  }
}
