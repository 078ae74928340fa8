#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <optional>

#include "analysis/health.h"
#include "analysis/next_snapshot.h"
#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::ReadState;

namespace {

/// Settings and log directories are read every minute and held for two.
const model::Options kEveryMinute{.hold = 1min, .topic_configs_interval = 1min, .log_dirs_interval = 1min};

model::TopicSettings kept_for(int64_t ms) { return {"delete", ms}; }

model::LogDirs dirs(int64_t size, std::vector<model::ReplicaSize> replicas = {}) {
  return {{{"/data", true, size}}, std::move(replicas)};
}

model::BackgroundResult slow(std::chrono::milliseconds when) {
  model::BackgroundResult result;
  result.at = at(when);
  return result;
}

model::BackgroundResult settings(std::chrono::milliseconds when, std::vector<ReadState> asked,
                                 int64_t retention_ms = 0) {
  model::BackgroundResult result = slow(when);
  result.settings_state = std::move(asked);
  result.settings.assign(result.settings_state.size(), kept_for(retention_ms));
  return result;
}

model::BackgroundResult log_dirs(std::chrono::milliseconds when,
                                 std::map<int32_t, std::optional<model::LogDirs>> read) {
  model::BackgroundResult result = slow(when);
  result.log_dirs = std::move(read);
  return result;
}

/// Returns the retention of each topic; -1: unknown settings.
std::vector<int64_t> retentions(const Snapshot& snapshot) {
  std::vector<int64_t> all;
  for (const auto& settings : snapshot.settings) all.push_back(settings ? settings->retention_ms : -1);
  return all;
}
using Retentions = std::vector<int64_t>;

/// Returns the size of each broker's only directory.
std::map<int32_t, int64_t> sizes(const Snapshot& snapshot) {
  std::map<int32_t, int64_t> all;
  for (const auto& [broker, dirs] : snapshot.log_dirs) all[broker] = dirs->dirs.at(0).size;
  return all;
}
using Sizes = std::map<int32_t, int64_t>;

}  // namespace

// ------------------------------------------------------------------------------------------------------ topic settings

TEST_CASE("Settings stay fresh until they are read again") {
  Story story(kEveryMinute);
  const auto metadata = cluster({{"a"}, {"b"}});
  CHECK(retentions(story.then(poll(0s, metadata))) == Retentions{-1, -1});
  CHECK(story.now().settings_state == std::vector{false, false});
  story.add_lookup(settings(1s, {ReadState::kOk, ReadState::kOk}, 10));
  CHECK(story.now().settings_state == std::vector{true, true});
  for (auto when = 15s; when < 600s; when += 15s) {  // neither requests nor failures
    const auto& now = story.then(poll(when, metadata));
    REQUIRE(retentions(now) == Retentions{10, 10});
    REQUIRE_FALSE(now.settings[0].held());
  }
  story.add_lookup(settings(601s, {ReadState::kOk, ReadState::kNotRequested}, 20));  // only one topic
  CHECK(retentions(story.now()) == Retentions{20, 10});
}

TEST_CASE("Settings that cannot be read are held for twice the interval, also while others are read") {
  Story story(kEveryMinute);
  const auto metadata = cluster({{"a"}, {"b"}});
  story.then(poll(0s, metadata));
  story.add_lookup(settings(1s, {ReadState::kOk, ReadState::kOk}, 10));
  story.then(poll(60s, metadata));
  story.add_lookup(settings(61s, {ReadState::kFailed, ReadState::kOk}, 20));
  CHECK(retentions(story.now()) == Retentions{10, 20});
  CHECK(story.now().settings[0].failing_since == at(61s));
  CHECK_FALSE(story.now().settings[1].held());
  SECTION("not requested again: still failed") {
    CHECK(retentions(story.then(poll(180s, metadata))) == Retentions{10, 20});
    CHECK(retentions(story.then(poll(181s, metadata))) == Retentions{-1, 20});
  }
  SECTION("requested again and failed") {
    story.then(poll(120s, metadata));
    story.add_lookup(settings(121s, {ReadState::kFailed, ReadState::kNotRequested}));
    CHECK(story.now().settings[0].failing_since == at(61s));
    story.then(poll(180s, metadata));
    CHECK(retentions(story.add_lookup(settings(181s, {ReadState::kFailed, ReadState::kNotRequested}))) ==
          Retentions{-1, 20});
  }
  SECTION("read again") {
    story.then(poll(120s, metadata));
    CHECK(retentions(story.add_lookup(settings(121s, {ReadState::kOk, ReadState::kNotRequested}, 30))) ==
          Retentions{30, 20});
    CHECK_FALSE(story.now().settings[0].held());
  }
}

TEST_CASE("if a collector stops halfway, topics that it did not reach are held, and values computed from them") {
  Story story(kEveryMinute);
  const auto metadata = cluster({{"a"}, {"b"}, {"c"}});
  story.then(poll(0s, metadata));
  story.add_lookup(settings(1s, {ReadState::kOk, ReadState::kOk, ReadState::kOk}, 10));
  story.then(poll(60s, metadata));
  story.add_lookup(settings(61s, {ReadState::kOk, ReadState::kFailed, ReadState::kFailed}, 20));
  CHECK(retentions(story.now()) == Retentions{20, 10, 10});
  CHECK_FALSE(story.now().settings[0].held());
  for (const size_t topic : {1, 2}) {
    CHECK(story.now().settings[topic].failing_since == at(61s));
    CHECK(health(story.now()).topics[topic][model::Problem::kUnderMinIsr] == held(0, 61s));
  }
  CHECK(retentions(story.then(poll(181s, metadata))) == Retentions{20, -1, -1});
}

TEST_CASE("if a collector fails at the start, everything that it reads is held") {
  Story story(kEveryMinute);
  const auto metadata = cluster({{"a"}, {"b"}});
  story.then(poll(0s, metadata));
  story.add_lookup(settings(1s, {ReadState::kOk, ReadState::kOk}, 10));
  story.add_lookup(log_dirs(2s, {{1, dirs(10)}}));
  story.then(poll(60s, metadata));
  auto failed = slow(61s);
  failed.runs = {{model::Collector::kTopicConfigs, 0, {{model::Reason::kOther, "bad_alloc"}}},
                 {model::Collector::kLogDirs, 0, {{model::Reason::kOther, "bad_alloc"}}}};
  const auto& now = story.add_lookup(std::move(failed));
  CHECK(now.settings[0].failing_since == at(61s));
  CHECK(now.settings[1].failing_since == at(61s));
  CHECK(now.log_dirs.at(1).failing_since == at(61s));
  CHECK(retentions(story.then(poll(180s, metadata))) == Retentions{10, 10});
  CHECK(retentions(story.then(poll(181s, metadata))) == Retentions{-1, -1});
  CHECK(sizes(story.now()).empty());
}

TEST_CASE("Settings that were never read are unknown but marked as requested") {
  Story story(kEveryMinute);
  story.then(poll(0s, cluster({{"a"}})));
  story.add_lookup(settings(1s, {ReadState::kFailed}));
  CHECK(retentions(story.now()) == Retentions{-1});
  CHECK(story.now().settings_state == std::vector{true});
}

TEST_CASE("Settings follow their topic; a new or re-created topic has none and is due") {
  Story story(kEveryMinute);
  story.then(poll(0s, cluster({{"b"}, {"c", 2}, {"d", 1, 'x'}})));
  auto result = settings(1s, {ReadState::kOk, ReadState::kOk, ReadState::kFailed});
  result.settings = {kept_for(1), kept_for(2), kept_for(3)};
  story.add_lookup(std::move(result));
  story.add_lookup(settings(2s, {ReadState::kNotRequested, ReadState::kNotRequested, ReadState::kOk}, 3));
  const auto& now = story.then(poll(15s, cluster({{"a"}, {"c", 3}, {"d", 1, 'y'}})));
  CHECK(retentions(now) == Retentions{-1, 2, -1});
  CHECK(now.settings_state == std::vector{false, true, false});
}

TEST_CASE("Settings survive an outage") {
  Story story(kEveryMinute);
  story.then(poll(0s, cluster({{"a"}})));
  story.add_lookup(settings(1s, {ReadState::kOk}, 10));
  for (auto when = 15s; when < 600s; when += 15s) story.then(silent_poll(when, story.now()));
  CHECK(retentions(story.then(poll(600s, cluster({{"a"}})))) == Retentions{10});
}

// ----------------------------------------------------------------------------------------------------- log directories

TEST_CASE("Log directories stay fresh until they are read again") {
  Story story(kEveryMinute);
  const auto metadata = cluster({{"a"}}, 2);
  story.then(poll(0s, metadata));
  CHECK(sizes(story.add_lookup(log_dirs(1s, {{1, dirs(10)}, {2, dirs(20)}}))) == Sizes{{1, 10}, {2, 20}});
  for (auto when = 15s; when < 600s; when += 15s) {
    const auto& now = story.then(poll(when, metadata));
    REQUIRE(sizes(now) == Sizes{{1, 10}, {2, 20}});
    REQUIRE_FALSE(now.log_dirs.at(1).held());
    story.add_lookup(slow(when + 1s));  // other requests
  }
  CHECK(sizes(story.add_lookup(log_dirs(601s, {{1, dirs(11)}, {2, dirs(0)}}))) == Sizes{{1, 11}, {2, 0}});
}

TEST_CASE(
    "Log directories of a broker that does not respond or is gone are held for twice the interval; others are fresh") {
  const bool gone = GENERATE(false, true);
  INFO((gone ? "gone" : "silent"));
  const std::map<int32_t, std::optional<model::LogDirs>> silent{{2, std::nullopt}};
  const auto answers = [&](int64_t size) {
    std::map<int32_t, std::optional<model::LogDirs>> read{{1, dirs(size)}};
    if (!gone) read.insert(silent.begin(), silent.end());
    return read;
  };
  Story story(kEveryMinute);
  story.then(poll(0s, cluster({{"a"}}, 2)));
  story.add_lookup(log_dirs(1s, {{1, dirs(10)}, {2, dirs(20)}}));
  const auto metadata = cluster({{"a"}}, gone ? 1 : 2);
  story.then(poll(60s, metadata));
  CHECK(sizes(story.add_lookup(log_dirs(61s, answers(11)))) == Sizes{{1, 11}, {2, 20}});
  CHECK(story.now().log_dirs.at(2).failing_since == at(61s));
  CHECK_FALSE(story.now().log_dirs.at(1).held());
  story.then(poll(120s, metadata));
  CHECK(sizes(story.add_lookup(log_dirs(121s, answers(12)))) == Sizes{{1, 12}, {2, 20}});
  CHECK(story.now().log_dirs.at(2).failing_since == at(61s));
  SECTION("expires between requests") {
    CHECK(sizes(story.then(poll(180s, metadata))) == Sizes{{1, 12}, {2, 20}});
    CHECK(sizes(story.then(poll(181s, metadata))) == Sizes{{1, 12}});
  }
  SECTION("expires with a request") { CHECK(sizes(story.add_lookup(log_dirs(181s, answers(13)))) == Sizes{{1, 13}}); }
  SECTION("recovers") {
    story.then(poll(135s, cluster({{"a"}}, 2)));
    CHECK(sizes(story.add_lookup(log_dirs(136s, {{1, dirs(13)}, {2, dirs(21)}}))) == Sizes{{1, 13}, {2, 21}});
    CHECK_FALSE(story.now().log_dirs.at(2).held());
  }
}

TEST_CASE("A broker whose log directories were never read has none") {
  Story story(kEveryMinute);
  story.then(poll(0s, cluster({{"a"}})));
  CHECK(sizes(story.add_lookup(log_dirs(1s, {{1, std::nullopt}}))).empty());
}

TEST_CASE("Log directories of an unreachable cluster are held, then removed") {
  Story story(kEveryMinute);
  story.then(poll(0s, cluster({{"a"}})));
  story.add_lookup(log_dirs(1s, {{1, dirs(10)}}));
  for (auto when = 15s; when < 600s; when += 15s) {
    const auto& now = story.then(silent_poll(when, story.now()));
    INFO(when.count());
    // the metadata is held for one minute, and after that the log directories for two
    REQUIRE(sizes(now) == (when < 195s ? Sizes{{1, 10}} : Sizes{}));
    if (when < 195s) REQUIRE(now.log_dirs.at(1).held() == (when >= 75s));
  }
}

TEST_CASE("A short outage does not affect log directories") {
  Story story(kEveryMinute);
  story.then(poll(0s, cluster({{"a"}})));
  story.add_lookup(log_dirs(1s, {{1, dirs(10)}}));
  story.then(silent_poll(15s, story.now()));
  CHECK_FALSE(story.then(poll(30s, cluster({{"a"}}))).log_dirs.at(1).held());
}

TEST_CASE("Replica sizes follow their topics; those of deleted topics are removed") {
  Story story(kEveryMinute);
  story.then(poll(0s, cluster({{"b"}, {"c", 2}, {"d", 1, 'x'}})));
  story.add_lookup(log_dirs(1s, {{1, dirs(100, {{{0, 0}, 1}, {{1, 0}, 2}, {{1, 1}, 3}, {{2, 0}, 4}})}}));
  const auto& now = story.then(poll(15s, cluster({{"a", 2}, {"c", 2}, {"d", 1, 'y'}})));
  std::map<model::PartitionRef, int64_t> sizes;
  for (const auto& replica : now.log_dirs.at(1)->replicas) sizes[replica.partition] = replica.bytes;
  CHECK(sizes == std::map<model::PartitionRef, int64_t>{{{1, 0}, 2}, {{1, 1}, 3}});
}

// --------------------------------------------------------------------------------------------------------- the rest

TEST_CASE("Features of a broker that cannot be read are held for twice the interval, others stay fresh") {
  model::Options options = kEveryMinute;
  options.features_interval = 1min;
  Story story(options);
  const auto metadata = cluster({{"a"}}, 2);
  const auto read = [&](std::chrono::milliseconds when,
                        std::map<int32_t, std::optional<model::BrokerFeatures>> features) {
    auto result = slow(when);
    result.features = std::move(features);
    return story.add_lookup(std::move(result)).features;
  };
  const model::BrokerFeatures first{{{"f", 1}}, {}, 1}, second{{{"f", 2}}, {}, 2};
  story.then(poll(0s, metadata));
  CHECK(read(1s, {{1, first}, {2, first}}).size() == 2);
  const auto features = read(60s, {{1, second}, {2, std::nullopt}});
  CHECK(features.at(1)->max_levels.at("f") == 2);
  CHECK_FALSE(features.at(1).held());
  CHECK(features.at(2)->max_levels.at("f") == 1);
  CHECK(features.at(2).held());
  CHECK(story.then(poll(179s, metadata)).features.size() == 2);
  CHECK(story.then(poll(180s, metadata)).features.size() == 1);
  CHECK(story.then(silent_poll(600s, story.now())).features.size() == 1);
  CHECK(story.then(silent_poll(720s, story.now())).features.size() == 1);  // held since there is no metadata
  CHECK(story.then(silent_poll(840s, story.now())).features.empty());
}

TEST_CASE("Slow collectors without results change nothing") {
  Story story(kEveryMinute);
  PollResult result = poll(0s, cluster({{"a"}}));
  result.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(result));
  story.add_lookup(settings(1s, {ReadState::kOk}, 10));
  story.add_lookup(log_dirs(1s, {{1, dirs(10)}}));
  const auto& now = story.add_lookup(slow(2s));
  CHECK(now.at == at(0s));
  CHECK(now.up);
  CHECK(now.latest == std::vector{fresh(100)});
  CHECK(now.groups.at(0).partitions.at(0).lag == fresh(10));
  CHECK(retentions(now) == Retentions{10});
  CHECK(sizes(now) == Sizes{{1, 10}});
}

TEST_CASE("Slow collectors without results before the first metadata change nothing") {
  Story story;
  CHECK(story.add_lookup(slow(0s)).numbering == nullptr);
  story.then(silent_poll(1s, story.now()));
  CHECK(story.add_lookup(slow(2s)).groups.empty());
}

TEST_CASE("Raw requests of polls and slow collectors are added; librdkafka's own are taken as counted") {
  Story story;
  PollResult result = poll(0s, cluster({{"a"}}));
  result.requests = {{"Metadata", 1}, {"ListOffsets", 2}};
  story.then(std::move(result));
  for (int i = 1; i <= 2; ++i) {
    auto taught = slow(1s);
    taught.requests = {{"ListOffsets", 3}, {"DescribeLogDirs", 1}};
    taught.own_requests = {{"DescribeConfigs", i}};
    story.add_lookup(std::move(taught));
  }
  story.then(poll(15s, cluster({{"a"}})));
  CHECK(story.now().requests ==
        std::map<std::string, uint64_t>{{"DescribeLogDirs", 2}, {"ListOffsets", 8}, {"Metadata", 1}});
  CHECK(story.now().own_requests == std::map<std::string, uint64_t>{{"DescribeConfigs", 2}});
}

TEST_CASE("A looked-up append time is used for groups at that record, if their lag is fresh") {
  Story story(kEveryMinute);
  PollResult result = poll(0s, cluster({{"a"}, {"b"}}));
  result.groups = groups(group("g", {{{0, 0}, 90}, {{1, 0}, 90}}), group("h", {{{1, 0}, 100}}));
  story.then(std::move(result));
  auto taught = slow(1s);
  taught.appended = {{{1, 90}, at(-60s)}};
  const auto& now = story.add_lookup(std::move(taught));
  CHECK(now.groups[0].partitions[0].lag_seconds < 0);
  CHECK(now.groups[0].partitions[1].lag_seconds == 60);
  CHECK(now.groups[1].partitions[0].lag_seconds == 0);
}
