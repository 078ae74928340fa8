#include "analysis/cluster_changes.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using Kind = model::ClusterEvent::Kind;

namespace {

using Topics = std::vector<TopicIs>;

std::string words(const model::ClusterEvent& event) {
  const auto number = std::to_string(event.number), before = std::to_string(event.before);
  switch (event.kind) {
    case Kind::kTopicCreated:
      return "+" + event.name + "(" + number + ")";
    case Kind::kTopicDeleted:
      return "-" + event.name;
    case Kind::kPartitionsAdded:
      return event.name + ":" + before + ">" + number;
    case Kind::kTopicConfigChanged:
      return event.name + "." + event.key + "=" + event.value;
    case Kind::kBrokerAdded:
      return "+" + number + "@" + event.value;
    case Kind::kBrokerRemoved:
      return "-" + number;
    case Kind::kControllerChanged:
      return "controller:" + before + ">" + number;
    case Kind::kClusterReplaced:
      return "cluster:" + event.name;
  }
  return "?";
}

/// The events of the last poll, separated by spaces.
std::string words(const Snapshot& snapshot) {
  std::string text;
  for (const auto& event : snapshot.cluster_changes.events) text += (text.empty() ? "" : " ") + words(event);
  return text;
}

/// Topics created and deleted, settings changed, brokers added and removed, controller changes.
std::vector<uint64_t> counts(const Snapshot& snapshot) {
  const auto& c = snapshot.cluster_changes;
  return {c.topics_created, c.topics_deleted, c.topic_configs, c.brokers_added, c.brokers_removed, c.controllers};
}

/// A poll every 15 s, by its number.
PollResult poll_of(int number, const Topics& topics, int brokers = 1, std::optional<int32_t> controller = {}) {
  auto result = poll(number * 15s, cluster(topics, brokers));
  result.controller = controller;
  return result;
}

PollResult of_cluster(PollResult result, const std::string& id) {
  auto metadata = std::make_shared<model::Metadata>(*result.metadata);
  metadata->cluster_id = id;
  result.metadata = std::move(metadata);
  return result;
}

PollResult incomplete(PollResult result) {
  result.runs = {{model::Collector::kMetadata, 0.01, {{model::Reason::kAuthorization, "not all"}}}};
  return result;
}

}  // namespace

TEST_CASE("Our own start counts nothing, nor do polls without a change") {
  Story story;
  CHECK(words(story.then(poll_of(0, {{"a"}, {"b"}}, 3, 1))).empty());
  CHECK(words(story.then(poll_of(1, {{"a"}, {"b"}}, 3, 1))).empty());
  CHECK(counts(story.now()) == std::vector<uint64_t>(6, 0));
}

TEST_CASE("Nobody answers when we start") {
  Story story;
  story.then(silent_poll(0s, story.now()));
  CHECK(words(story.then(poll_of(1, {{"a"}}, 3, 1))).empty());
  CHECK(words(story.then(poll_of(2, {{"a"}, {"b"}}, 3, 1))) == "+b(1)");
}

TEST_CASE("A topic is created, grows, is deleted") {
  Story story;
  story.then(poll_of(0, {{"b"}}));
  CHECK(words(story.then(poll_of(1, {{"a", 3}, {"b"}, {"c"}}))) == "+a(3) +c(1)");
  CHECK(words(story.then(poll_of(2, {{"a", 5}, {"b"}, {"c"}}))) == "a:3>5");
  CHECK(words(story.then(poll_of(3, {{"a", 5}, {"c"}}))).empty());
  CHECK(words(story.then(poll_of(4, {{"a", 5}, {"c"}}))) == "-b");
  CHECK(words(story.then(poll_of(5, {{"a", 5}, {"c"}}))).empty());
  CHECK(counts(story.now()) == std::vector<uint64_t>{2, 1, 0, 0, 0, 0});
}

TEST_CASE("A topic that is absent from one response was not deleted") {
  Story story;
  story.then(poll_of(0, {{"a"}, {"b"}}));
  story.then(poll_of(1, {{"b"}}));
  CHECK(words(story.then(poll_of(2, {{"a"}, {"b"}}))).empty());
  story.then(poll_of(3, {{"b"}}));
  CHECK(words(story.then(poll_of(4, {{"a"}, {"b"}}))).empty());
  CHECK(counts(story.now()) == std::vector<uint64_t>(6, 0));
}

TEST_CASE("A re-created topic is deleted and created, also if it was absent once") {
  Story story;
  story.then(poll_of(0, {{"a", 1, 'x'}}));
  CHECK(words(story.then(poll_of(1, {{"a", 2, 'y'}}))) == "-a +a(2)");
  story.then(poll_of(2, {{"b"}}));
  CHECK(words(story.then(poll_of(3, {{"a", 1, 'z'}, {"b"}}))) == "-a +a(1)");
  CHECK(counts(story.now()) == std::vector<uint64_t>{3, 2, 0, 0, 0, 0});
}

TEST_CASE("Brokers that begin to report topic ids change nothing") {
  Story story;
  story.then(poll_of(0, {{"a", 1, '\0'}}));
  CHECK(words(story.then(poll_of(1, {{"a", 1, 'x'}}))).empty());
  story.then(poll_of(2, Topics{{"b"}}));
  story.then(poll_of(3, {{"a", 1, '\0'}, {"b"}}));
  CHECK(words(story.now()).empty());
}

TEST_CASE("Missed polls are no deletion, and what happened meanwhile counts afterwards") {
  Story story({.hold = 1min});
  story.then(poll_of(0, {{"a"}, {"b"}}, 3, 1));
  for (int number = 1; number < 20; ++number) CHECK(words(story.then(silent_poll(number * 15s, story.now()))).empty());
  CHECK(words(story.then(poll_of(20, {{"b"}, {"c"}}, 3, 2))) == "+c(1) controller:1>2");
  CHECK(words(story.then(silent_poll(21 * 15s, story.now()))).empty());
  CHECK(words(story.then(poll_of(22, {{"b"}, {"c"}}, 3, 2))) == "-a");
}

TEST_CASE("Metadata with failures deletes nothing, however often") {
  Story story;
  story.then(poll_of(0, {{"a"}, {"b"}}));
  for (int number = 1; number < 5; ++number) CHECK(words(story.then(incomplete(poll_of(number, {})))).empty());
  CHECK(words(story.then(poll_of(5, {{"a"}}))) == "-b");  // absent since long, and now for sure
  CHECK(words(story.then(poll_of(6, {{"a"}}))).empty());
}

TEST_CASE("All topics vanish with the internal ones: they are hidden, not deleted") {
  auto with_internal = poll_of(0, {{"__consumer_offsets"}, {"a"}});
  auto metadata = std::make_shared<model::Metadata>(*with_internal.metadata);
  metadata->topics[0].internal = true;
  with_internal.metadata = metadata;
  Story story;
  story.then(with_internal);
  for (int number = 1; number < 5; ++number) CHECK(words(story.then(poll_of(number, {}))).empty());
  with_internal.at = at(90s);
  CHECK(words(story.then(with_internal)).empty());
}

TEST_CASE("The only topic is deleted") {
  Story story;
  story.then(poll_of(0, {{"a"}}));
  story.then(poll_of(1, {}));
  CHECK(words(story.then(poll_of(2, {}))) == "-a");
}

TEST_CASE("Brokers come and go") {
  Story story;
  story.then(poll_of(0, {}, 2));
  CHECK(words(story.then(poll_of(1, {}, 4))) == "+3@host:9092 +4@host:9092");
  CHECK(words(story.then(poll_of(2, {}, 3))).empty());
  CHECK(words(story.then(poll_of(3, {}, 4))).empty());  // absent once
  story.then(poll_of(4, {}, 3));
  CHECK(words(story.then(poll_of(5, {}, 3))) == "-4");
  CHECK(words(story.then(poll_of(6, {}, 0))).empty());  // a broker without metadata yet
  CHECK(words(story.then(poll_of(7, {}, 0))).empty());
  CHECK(counts(story.now()) == std::vector<uint64_t>{0, 0, 0, 2, 1, 0});
}

TEST_CASE("Another controller counts, none does not") {
  Story story;
  story.then(poll_of(0, {}));
  CHECK(words(story.then(poll_of(1, {}, 1, 101))).empty());
  CHECK(words(story.then(poll_of(2, {}, 1))).empty());
  CHECK(words(story.then(poll_of(3, {}, 1, 101))).empty());
  CHECK(words(story.then(poll_of(4, {}, 1))).empty());
  CHECK(words(story.then(poll_of(5, {}, 1, 102))) == "controller:101>102");
  CHECK(counts(story.now()).back() == 1);
}

TEST_CASE("A replaced cluster counts nothing, and is the new base") {
  Story story;
  story.then(poll_of(0, {{"a"}, {"b", 1, '\0'}}, 3, 1));
  story.then(poll_of(1, {{"b", 1, '\0'}}, 2, 1));
  CHECK(words(story.then(of_cluster(poll_of(2, {{"b", 7, '\0'}, {"c"}}, 4, 9), "other"))) == "cluster:other");
  CHECK(words(story.then(of_cluster(poll_of(3, {{"b", 7, '\0'}, {"c"}}, 4, 9), "other"))).empty());
  CHECK(words(story.then(of_cluster(poll_of(4, {{"b", 7, '\0'}, {"c"}, {"d"}}, 4, 8), "other"))) ==
        "+d(1) controller:9>8");
  CHECK(counts(story.now()) == std::vector<uint64_t>{1, 0, 0, 0, 0, 1});
}

TEST_CASE("The events of a poll are limited, the counters are not") {
  Story story;
  story.then(poll_of(0, {}));
  Topics many;
  for (int n = 1000; n < 1250; ++n) many.push_back({"t" + std::to_string(n)});
  const auto& changes = story.then(poll_of(1, many)).cluster_changes;
  CHECK(changes.events.size() == model::ClusterChanges::kMaxEvents);
  CHECK(changes.more_events == 150);
  CHECK(changes.topics_created == 250);
  CHECK(story.then(poll_of(2, many)).cluster_changes.more_events == 0);
}

namespace {

using Own = std::map<std::string, std::string>;

/// What a run of topic_configs reads: the own settings of the topic; nothing: it failed.
model::BackgroundResult settings(std::optional<Own> own) {
  model::BackgroundResult result;
  result.at = at(0s);
  result.settings_state = {own ? model::ReadState::kOk : model::ReadState::kFailed};
  result.settings.resize(1);
  if (own) result.settings[0].own = *own;
  return result;
}

}  // namespace

TEST_CASE("A topic's own settings that differ from the last known ones are changes") {
  Story story;
  story.then(poll_of(0, {{"a"}}));
  CHECK(words(story.add_lookup(settings(Own{{"retention.ms", "1"}, {"segment.ms", "5"}}))).empty());
  CHECK(words(story.add_lookup(settings(Own{{"retention.ms", "2"}, {"segment.ms", "5"}}))) == "a.retention.ms=2");
  CHECK(words(story.add_lookup(settings({}))).empty());
  CHECK(words(story.add_lookup(settings(Own{{"cleanup.policy", "compact"}, {"retention.ms", "2"}}))) ==
        "a.cleanup.policy=compact a.segment.ms=");
  CHECK(words(story.then(poll_of(1, {{"a"}}))).empty());
  CHECK(words(story.add_lookup(settings(Own{}))) == "a.cleanup.policy= a.retention.ms=");
  CHECK(counts(story.now()) == std::vector<uint64_t>{0, 0, 5, 0, 0, 0});
}

TEST_CASE("The settings of a new topic, and those of another cluster, are no change") {
  Story story;
  story.then(poll_of(0, {{"a", 1, '\0'}}));
  story.add_lookup(settings(Own{{"retention.ms", "1"}}));
  story.then(of_cluster(poll_of(1, {{"a", 1, '\0'}}), "other"));
  CHECK(words(story.add_lookup(settings(Own{{"retention.ms", "2"}}))).empty());
  story.then(of_cluster(poll_of(2, {{"a", 1, 'x'}}), "other"));
  story.then(of_cluster(poll_of(3, {{"a", 1, 'y'}}), "other"));
  CHECK(words(story.add_lookup(settings(Own{{"retention.ms", "3"}}))).empty());
  CHECK(counts(story.now())[2] == 0);
}
