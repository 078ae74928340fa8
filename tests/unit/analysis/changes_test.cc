#include "analysis/changes.h"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <optional>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::kNoBroker;

namespace {

using Ids = std::vector<int32_t>;

/// State of a partition with replicas 1, 2 and 3 in a poll.
struct Found {
  int32_t leader;
  Ids in_sync = {1, 2, 3};
  int32_t epoch = 5;
  Ids eligible = {};
  bool eligible_unknown = false;
};

/// A poll without metadata.
constexpr auto kMissed = std::nullopt;

/// Leader changes, ISR shrinks, ISR expands, unclean elections.
using Counts = std::array<uint64_t, 4>;

Counts counts(const model::TopicChanges& changes) {
  return {changes.leader_changes, changes.isr_shrinks, changes.isr_expands, changes.unclean_elections};
}

/// Returns the counts of each topic.
std::vector<Counts> all_counts(const Snapshot& snapshot) {
  std::vector<Counts> all;
  for (const auto& changes : snapshot.changes) all.push_back(counts(changes));
  return all;
}

TopicIs topic(std::string name, int partitions = 1, char id = 'a') { return {name, partitions, id, {1, 2, 3}}; }

struct FoundAt {
  uint32_t topic;
  int32_t partition;
  Found found;
};

/// A poll of three brokers with partitions as in `found`; all others are led by broker 1 in epoch 5.
PollResult poll_of(std::chrono::milliseconds when, const std::vector<TopicIs>& topics,
                   const std::vector<FoundAt>& found = {}) {
  model::Metadata metadata = *cluster(topics, 3);
  std::map<uint32_t, Ids> eligible;
  std::vector<uint32_t> unread;
  for (auto& topic : metadata.topics)
    for (auto& partition : topic.partitions) partition.leader_epoch = 5;
  for (const auto& [t, p, is] : found) {
    auto& topic = metadata.topics[t];
    auto& partition = topic.partitions[p];
    partition.leader = is.leader;
    partition.leader_epoch = is.epoch;
    partition.first_node = static_cast<uint32_t>(topic.nodes.size());
    partition.in_sync = static_cast<uint16_t>(is.in_sync.size());
    topic.nodes.insert(topic.nodes.end(), {1, 2, 3});
    topic.nodes.insert(topic.nodes.end(), is.in_sync.begin(), is.in_sync.end());
    if (!is.eligible.empty()) eligible[topic.first_partition + p] = is.eligible;
    if (is.eligible_unknown) unread.push_back(t);
  }
  PollResult result = poll(when, std::make_shared<model::Metadata>(std::move(metadata)));
  result.eligible = std::move(eligible);
  result.eligible_unknown = std::move(unread);
  return result;
}

}  // namespace

TEST_CASE("Changes of a partition by the metadata of successive polls") {
  struct Row {
    const char* what;
    std::vector<std::optional<Found>> polls;
    Counts counts;
  };
  const Row row = GENERATE(values<Row>({
      // clang-format off
      {"our own start is no change", {{{1}}}, {0, 0, 0, 0}},
      {"nor is calm", {{{1}}, {{1}}, {{1}}}, {0, 0, 0, 0}},
      {"another leader", {{{1}}, {{2, {1, 2, 3}, 6}}}, {1, 0, 0, 0}},
      {"another leader, and the first again", {{{1}}, {{2, {1, 2, 3}, 6}}, {{1, {1, 2, 3}, 7}}}, {2, 0, 0, 0}},
      {"the same leader, elected again", {{{1}}, {{1, {1, 2, 3}, 6}}}, {0, 0, 0, 0}},
      {"another leader, found once and for all", {{{1}}, {{2, {1, 2, 3}, 6}}, {{2, {1, 2, 3}, 6}}}, {1, 0, 0, 0}},
      {"no leader is no other leader", {{{1}}, {{kNoBroker, {1, 2, 3}, 6}}, {{kNoBroker, {1, 2, 3}, 6}}}, {0, 0, 0, 0}},
      {"no leader, and then the same", {{{1}}, {{kNoBroker, {1, 2, 3}, 6}}, {{1, {1, 2, 3}, 7}}}, {0, 0, 0, 0}},
      {"no leader, and then another", {{{1}}, {{kNoBroker, {1, 2, 3}, 6}}, {{2, {1, 2, 3}, 7}}}, {1, 0, 0, 0}},
      {"no leader when we start", {{{kNoBroker}}, {{2, {1, 2, 3}, 6}}}, {0, 0, 0, 0}},

      {"missed polls, and nothing happened", {{{1}}, kMissed, kMissed, {{1}}}, {0, 0, 0, 0}},
      {"another leader after missed polls", {{{1}}, kMissed, kMissed, {{2, {1, 2, 3}, 6}}}, {1, 0, 0, 0}},
      {"leaders that came and went meanwhile were not seen", {{{1}}, kMissed, {{1, {1, 2, 3}, 9}}}, {0, 0, 0, 0}},
      {"no leader, missed polls, another one", {{{1}}, {{kNoBroker, {1, 2, 3}, 6}}, kMissed, {{2, {1, 2, 3}, 7}}}, {1, 0, 0, 0}},
      {"nobody answers when we start", {kMissed, kMissed, {{1}}, {{1}}}, {0, 0, 0, 0}},

      {"the ISR shrinks", {{{1}}, {{1, {1, 2}}}}, {0, 1, 0, 0}},
      {"by two at once", {{{1}}, {{1, {1}}}, {{1, {1}}}}, {0, 1, 0, 0}},
      {"by one and by one", {{{1}}, {{1, {1, 2}}}, {{1, {1}}}}, {0, 2, 0, 0}},
      {"the ISR expands", {{{1, {1}}}, {{1, {1, 2, 3}}}}, {0, 0, 1, 0}},
      {"shrinks and expands", {{{1}}, {{1, {1, 2}}}, {{1, {1, 2, 3}}}}, {0, 1, 1, 0}},
      {"one member for another", {{{1, {1, 2}}}, {{1, {1, 3}}}}, {0, 1, 1, 0}},
      {"the same members in another order", {{{1, {1, 2, 3}}}, {{1, {3, 1, 2}}}}, {0, 0, 0, 0}},
      {"shrinks while we miss polls", {{{1}}, kMissed, {{1, {1, 2}}}}, {0, 1, 0, 0}},
      {"a broker dies: its leadership and its place in the ISR", {{{1}}, {{2, {2, 3}, 6}}, {{2, {1, 2, 3}, 6}}}, {1, 1, 1, 0}},
      {"all are gone, and back", {{{1}}, {{kNoBroker, {1}, 6}}, {{1, {1}, 7}}, {{1, {1, 2, 3}, 7}}}, {0, 1, 1, 0}},

      {"unclean: the new leader was not in sync", {{{1, {1}}}, {{2, {2}, 6}}}, {1, 1, 1, 1}},
      {"clean: it came into sync and was elected between two polls", {{{1, {1, 3}}}, {{2, {1, 2, 3}, 6}}}, {1, 0, 1, 0}},
      {"unclean, after a time without a leader", {{{1, {1}}}, {{kNoBroker, {1}, 6}}, {{2, {2}, 7}}}, {1, 1, 1, 1}},
      {"unclean, and seen again and again", {{{1, {1}}}, {{2, {2}, 6}}, {{2, {2}, 6}}}, {1, 1, 1, 1}},
      {"unclean, twice", {{{1, {1}}}, {{2, {2}, 6}}, {{1, {1}, 7}}}, {2, 2, 2, 2}},
      {"unclean, after missed polls", {{{1, {1}}}, kMissed, {{2, {2}, 6}}}, {1, 1, 1, 1}},
      {"unclean, and the ISR was empty", {{{1, {1}}}, {{kNoBroker, {}, 6}}, {{2, {2}, 7}}}, {1, 1, 1, 1}},
      {"two elections between two polls: nobody knows who was in sync", {{{1, {1}}}, {{2, {2}, 7}}}, {1, 1, 1, 0}},
      {"and over missed ones", {{{1, {1}}}, kMissed, {{2, {2}, 9}}}, {1, 1, 1, 0}},
      {"clean: it was in sync", {{{1, {1, 2}}}, {{2, {2}, 6}}}, {1, 1, 0, 0}},
      {"the leader of before, alone in sync", {{{1, {1}}}, {{kNoBroker, {1}, 6}}, {{1, {1}, 7}}}, {0, 0, 0, 0}},
      {"brokers that tell no epochs", {{{1, {1}, -1}}, {{2, {2}, -1}}}, {1, 1, 1, 0}},
      {"and begin to, in an upgrade", {{{1, {1}, -1}}, {{2, {2}, 0}}}, {1, 1, 1, 0}},
      {"an epoch that goes back", {{{1, {1}, 5}}, {{2, {2}, 4}}}, {1, 1, 1, 0}},

      {"it was not in sync, but eligible", {{{1, {1}, 5, {2}}}, {{2, {2}, 6}}}, {1, 1, 1, 0}},
      {"the same after a time without a leader", {{{1, {1}}}, {{kNoBroker, {}, 6, {2, 1}}}, {{2, {2}, 7}}}, {1, 1, 1, 0}},
      {"another was eligible", {{{1, {1}, 5, {3}}}, {{2, {2}, 6}}}, {1, 1, 1, 1}},
      {"eligible only when it is elected", {{{1, {1}}}, {{2, {2}, 6, {2}}}}, {1, 1, 1, 1}},
      {"who was eligible could not be read", {{{1, {1}, 5, {}, true}}, {{2, {2}, 6}}}, {1, 1, 1, 0}},
      {"could not be read afterwards: of no account", {{{1, {1}}}, {{2, {2}, 6, {}, true}}}, {1, 1, 1, 1}},
      {"who was eligible is remembered over missed polls", {{{1, {1}, 5, {2}}}, kMissed, kMissed, {{2, {2}, 6}}}, {1, 1, 1, 0}},
      {"and that nobody could tell", {{{1, {1}, 5, {}, true}}, kMissed, kMissed, {{2, {2}, 6}}}, {1, 1, 1, 0}},
      // clang-format on
  }));
  INFO(row.what);
  // One poll per minute: the metadata's hold expires while polls fail.
  for (const auto interval : {15s, 60s}) {
    INFO("a poll every " << interval.count() << " s");
    Story story({.hold = 1min});
    std::chrono::seconds when{0};
    for (const auto& found : row.polls) {
      story.then(found ? poll_of(when, {topic("orders")}, {{0, 0, *found}}) : silent_poll(when, story.now()));
      when += interval;
    }
    CHECK(all_counts(story.now()) == std::vector{row.counts});
  }
}

TEST_CASE("Changes are summed over the partitions of a topic") {
  Story story;
  story.then(poll_of(0s, {topic("a", 3), topic("b", 2)}));
  const auto& now = story.then(poll_of(15s, {topic("a", 3), topic("b", 2)},
                                       {{0, 0, {2, {2, 3}, 6}}, {0, 2, {3, {2, 3}, 6}}, {1, 1, {1, {1, 2}}}}));
  CHECK(all_counts(now) == std::vector<Counts>{{2, 2, 0, 0}, {0, 1, 0, 0}});
}

TEST_CASE("A new topic counts from 0, its creation is no change, and other topics continue") {
  Story story;
  story.then(poll_of(0s, {topic("b")}));
  story.then(poll_of(15s, {topic("b")}, {{0, 0, {2, {2}, 6}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{1, 1, 0, 0}});
  story.then(poll_of(30s, {topic("a"), topic("b")}, {{0, 0, {3, {3}, 0}}, {1, 0, {2, {2}, 6}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{0, 0, 0, 0}, {1, 1, 0, 0}});
  story.then(poll_of(45s, {topic("a"), topic("b")}, {{0, 0, {2, {2}, 1}}, {1, 0, {2, {2}, 6}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{1, 1, 1, 1}, {1, 1, 0, 0}});
}

TEST_CASE("The first leader election of a new topic is no change") {
  Story story;
  story.then(poll_of(0s, {topic("b")}));
  story.then(poll_of(15s, {topic("a"), topic("b")}, {{0, 0, {kNoBroker, {}, 0}}}));
  story.then(poll_of(30s, {topic("a"), topic("b")}, {{0, 0, {kNoBroker, {}, 0}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{0, 0, 0, 0}, {0, 0, 0, 0}});
}

TEST_CASE("Changes in a poll with new and deleted topics are counted, with the last eligible replicas") {
  Story story;
  const Found alone{1, {1}, 5, {2}};
  story.then(poll_of(0s, {topic("b"), topic("c"), topic("d")}, {{1, 0, alone}, {2, 0, alone}}));
  // b is deleted and a created with two partitions, so that the numbers of c and d change
  const auto& now = story.then(poll_of(15s, {topic("a", 2), topic("c"), topic("d")},
                                       {{0, 0, {2, {2}, 6}}, {1, 0, {2, {2}, 6}}, {2, 0, {3, {3}, 6}}}));
  CHECK(all_counts(now) == std::vector<Counts>{{0, 0, 0, 0}, {1, 1, 1, 0}, {1, 1, 1, 1}});
}

TEST_CASE("Topics with unknown eligible replicas keep the index of that poll") {
  Story story;
  const Found unread{1, {1}, 5, {}, true};
  story.then(poll_of(0s, {topic("b"), topic("c")}, {{0, 0, unread}, {1, 0, {1, {1}}}}));
  const auto& now =
      story.then(poll_of(15s, {topic("a"), topic("b"), topic("c")}, {{1, 0, {2, {2}, 6}}, {2, 0, {2, {2}, 6}}}));
  CHECK(all_counts(now) == std::vector<Counts>{{0, 0, 0, 0}, {1, 1, 1, 0}, {1, 1, 1, 1}});
}

TEST_CASE("Added partitions are no change and count from then on") {
  Story story;
  story.then(poll_of(0s, {topic("a", 1), topic("b", 1)}));
  story.then(poll_of(15s, {topic("a", 2), topic("b", 1)}, {{0, 1, {3, {3}, 0}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{0, 0, 0, 0}, {0, 0, 0, 0}});
  story.then(poll_of(30s, {topic("a", 2), topic("b", 1)}, {{0, 1, {1, {1}, 1}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{1, 1, 1, 1}, {0, 0, 0, 0}});
}

TEST_CASE("A re-created topic counts from 0 and is not compared with the old one") {
  Story story;
  story.then(poll_of(0s, {topic("a", 1, 'x')}));
  story.then(poll_of(15s, {topic("a", 1, 'x')}, {{0, 0, {2, {1, 2}, 6}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{1, 1, 0, 0}});
  story.then(poll_of(30s, {topic("a", 1, 'y')}, {{0, 0, {3, {3}, 7}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{0, 0, 0, 0}});
  story.then(poll_of(45s, {topic("a", 1, 'y')}, {{0, 0, {3, {3}, 7}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{0, 0, 0, 0}});
}

TEST_CASE("Counters continue when brokers start or stop reporting topic ids") {
  for (const auto& [before, after] : {std::pair{'\0', 'a'}, {'a', '\0'}}) {
    Story story;
    story.then(poll_of(0s, {topic("a", 1, before)}));
    story.then(poll_of(15s, {topic("a", 1, before)}, {{0, 0, {2}}}));
    story.then(poll_of(30s, {topic("a", 1, after)}, {{0, 0, {3}}}));
    CHECK(all_counts(story.now()) == std::vector<Counts>{{2, 0, 0, 0}});
  }
}

TEST_CASE("Counters do not decrease over an outage longer than the hold, and changes during it are counted") {
  Story story({.hold = 1min});
  story.then(poll_of(0s, {topic("a")}));
  story.then(poll_of(15s, {topic("a")}, {{0, 0, {2, {2, 3}, 6}}}));
  for (auto when = 30s; when < 3600s; when += 15s) {
    const auto& now = story.then(silent_poll(when, story.now()));
    REQUIRE((now.metadata == nullptr) == (when >= 90s));
    REQUIRE(all_counts(now) == std::vector<Counts>{{1, 1, 0, 0}});
  }
  story.then(poll_of(3600s, {topic("a")}, {{0, 0, {3, {1, 2, 3}, 9}}}));
  CHECK(all_counts(story.now()) == std::vector<Counts>{{2, 1, 1, 0}});
}
