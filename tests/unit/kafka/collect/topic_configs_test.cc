#include "kafka/collect/topic_configs.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "kafka/collecting.h"
#include "kafka/fake_answers.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using model::ReadState;
using model::Reason;
using std::chrono::steady_clock;

namespace {

constexpr int16_t kUnauthorized = 29, kClusterUnauthorized = 31, kUnknownTopic = 3, kUnknownError = -1;

CollectedSettings collect(const Client& client, Asking& asking, const std::vector<uint32_t>& topics,
                          std::chrono::milliseconds time = 1min, const std::function<bool()>& stopped = never) {
  CollectedSettings collected;
  collect_topic_configs(client, 1, asking.metadata(), topics, steady_clock::now() + time, stopped, collected,
                        asking.failures);
  return collected;
}

std::vector<uint32_t> first_topics(size_t count) {
  std::vector<uint32_t> topics(count);
  std::iota(topics.begin(), topics.end(), 0u);
  return topics;
}

const ConfigIs kT0{"t0", {{"cleanup.policy", "compact"}}};

}  // namespace

TEST_CASE("Topics' settings are read with the brokers' defaults, and of each only the keys that are needed") {
  FakeKafka kafka(1, 2);
  AskedConfigs asked;
  kafka.on(1, kDescribeConfigs, [&](int16_t version, std::string_view body) {
    asked = asked_configs(body);
    return configs({{"t1",
                     {{"cleanup.policy", "compact,delete"},
                      {"retention.ms", "604800000"},
                      {"retention.bytes", "1000000000000"},
                      {"min.insync.replicas", "2"},
                      {"unclean.leader.election.enable", "true"},
                      {"a key that nobody asked for", "7"}}},
                    {"t0", {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}}}})(version,
                                                                                                                body);
  });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(*client, asking, {0, 1});
  CHECK(asking.failures.take() == kNone);
  CHECK(asked.topics == std::vector<std::string>{"t0", "t1"});
  CHECK(asked.keys == std::vector<std::string>{"cleanup.policy", "retention.ms", "retention.bytes",
                                               "min.insync.replicas", "unclean.leader.election.enable",
                                               "compression.type", "delete.retention.ms", "max.message.bytes",
                                               "message.timestamp.type", "segment.bytes", "segment.ms",
                                               "local.retention.ms", "local.retention.bytes", "remote.storage.enable"});
  CHECK(collected.state == std::vector{ReadState::kOk, ReadState::kOk});
  CHECK(collected.settings.at(0).cleanup_policy == "delete");
  CHECK(collected.settings[0].retention_ms == model::kUnlimited);
  CHECK(collected.settings[0].min_in_sync == 1);
  CHECK(collected.settings.at(1).cleanup_policy == "compact,delete");
  CHECK(collected.settings[1].retention_ms == 604'800'000);
  CHECK(collected.settings[1].retention_bytes == 1'000'000'000'000);
  CHECK(collected.settings[1].min_in_sync == 2);
  CHECK_FALSE(collected.settings[0].unclean_elections);
  CHECK(collected.settings[1].unclean_elections);
}

TEST_CASE("What is set on the topic itself is told from the defaults") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kDescribeConfigs, [](int16_t, std::string_view) {
    protocol::Writer out(false);
    out.int32(0).array(1).int16(0).null_string().int8(2).string("t0").array(4);
    const auto entry = [&](std::string_view key, std::string_view value, int8_t source) {
      out.string(key).string(value).boolean(false).int8(source).boolean(false).array(0);
    };
    entry("retention.ms", "1000", 1);  // set on the topic
    entry("segment.bytes", "2000", 1);
    entry("segment.ms", "3000", 3);        // the cluster's default
    entry("cleanup.policy", "delete", 5);  // Kafka's default
    return out.take();
  });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(*client, asking, {0});
  CHECK(asking.failures.take() == kNone);
  CHECK(collected.settings.at(0).own ==
        std::map<std::string, std::string>{{"retention.ms", "1000"}, {"segment.bytes", "2000"}});
  CHECK(collected.settings[0].retention_ms == 1000);
  CHECK(collected.settings[0].cleanup_policy == "delete");
  CHECK(collected.offsets_retention_state == ReadState::kNotRequested);
}

TEST_CASE("The broker's retention of offsets comes with the first topics, and its absence is no failure") {
  struct Row {
    int16_t error;
    ReadState state;
    int64_t ms;
  };
  const auto row = GENERATE(Row{0, ReadState::kOk, 120'000}, Row{kClusterUnauthorized, ReadState::kFailed, 0});
  FakeKafka kafka(1, 1);
  int requests = 0;
  kafka.on(1, kDescribeConfigs, [&](int16_t, std::string_view) {
    ++requests;
    protocol::Writer out(false);
    out.int32(0).array(2).int16(0).null_string().int8(2).string("t0").array(0);
    out.int16(row.error).null_string().int8(4).string("1").array(row.error ? 0 : 1);
    if (!row.error) out.string("offsets.retention.minutes").string("2").boolean(false).int8(4).boolean(false).array(0);
    return out.take();
  });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CollectedSettings collected;
  collect_topic_configs(*client, 1, asking.metadata(), std::vector<uint32_t>{0}, steady_clock::now() + 1min, never,
                        collected, asking.failures, true);
  CHECK(asking.failures.take() == kNone);
  CHECK(asking.failures.missing_permissions().size() == (row.error ? 1 : 0));
  CHECK(requests == 1);
  CHECK(collected.state == std::vector{ReadState::kOk});
  CHECK(collected.offsets_retention_state == row.state);
  CHECK(collected.offsets_retention_ms == row.ms);
}

TEST_CASE("Only the topics that are due are asked for their settings") {
  FakeKafka kafka(1, 3);
  kafka.on(1, kDescribeConfigs, configs({{"t1", {{"cleanup.policy", "delete"}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(*client, asking, {1}).state ==
        std::vector{ReadState::kNotRequested, ReadState::kOk, ReadState::kNotRequested});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("A thousand topics a request") {
  FakeKafka kafka(1, 1500);
  kafka.on(1, kDescribeConfigs, delete_policies());
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(*client, asking, first_topics(1500));
  CHECK(collected.state == std::vector<ReadState>(1500, ReadState::kOk));
  CHECK(collected.next == 1500);
  CHECK(kafka.got(1, kDescribeConfigs) == 2);
}

TEST_CASE("After a failed request every due topic that was not read is unread, and the next run begins there") {
  const ptrdiff_t failing = GENERATE(0, 1, 2);
  FakeKafka kafka(1, 2500);
  ptrdiff_t requests = 0;
  kafka.on(1, kDescribeConfigs, [&](int16_t version, std::string_view body) {
    return requests++ == failing ? std::string(9, '\x7f') : delete_policies()(version, body);
  });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(*client, asking, first_topics(2400));
  CHECK(std::count(collected.state.begin(), collected.state.end(), ReadState::kOk) == 1000 * failing);
  CHECK(std::count(collected.state.begin(), collected.state.end(), ReadState::kFailed) == 2400 - 1000 * failing);
  CHECK(std::count(collected.state.begin(), collected.state.end(), ReadState::kNotRequested) == 100);
  // A first request that fails had all the time there is: the other topics come before it is tried again.
  CHECK(collected.next == static_cast<size_t>(1000 * std::max<ptrdiff_t>(failing, 1)));
  CHECK(asking.failures.take().size() == 1);
}

TEST_CASE("Topics whose settings may not be seen are unread; what to grant is told once, and the others are read") {
  FakeKafka kafka(1, 3);
  kafka.on(1, kDescribeConfigs,
           configs({{"t0", {}, kUnauthorized}, {"t1", {{"cleanup.policy", "delete"}}}, {"t2", {}, kUnauthorized}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(*client, asking, {0, 1, 2}).state ==
        std::vector{ReadState::kFailed, ReadState::kOk, ReadState::kFailed});
  const auto failure = asking.failure();
  CHECK(failure.reason == Reason::kAuthorization);
  CHECK(failure.what == "topic configurations: grant DESCRIBE_CONFIGS on the topics");
}

TEST_CASE("A topic deleted since the metadata has no settings, which is no failure; any other error is one") {
  FakeKafka kafka(1, 2);
  kafka.on(1, kDescribeConfigs, configs({{"t0", {}, kUnknownTopic}, {"t1", {}, kUnknownError}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(*client, asking, {0, 1}).state == std::vector{ReadState::kFailed, ReadState::kFailed});
  CHECK(asking.failure().what.starts_with("configuration of topic t1: "));
}

TEST_CASE("A topic that the broker passes over is unread, whichever of those asked about it is") {
  for (const char* told : {"t0", "t1"}) {
    FakeKafka kafka(1, 2);
    kafka.on(1, kDescribeConfigs, configs({{told, {{"cleanup.policy", "delete"}}}}));
    const auto client = connected(kafka.config(), 1);
    Asking asking(*client);
    const auto collected = collect(*client, asking, {0, 1});
    CHECK((collected.state[0] == ReadState::kOk) == (told == std::string("t0")));
    CHECK((collected.state[1] == ReadState::kOk) == (told == std::string("t1")));
  }
}

TEST_CASE("Settings that are no numbers are as if they were not told") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kDescribeConfigs,
           configs({{"t0", {{"retention.ms", "for ever"}, {"retention.bytes", ""}, {"min.insync.replicas", "two"}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto settings = collect(*client, asking, {0}).settings.at(0);
  CHECK(settings.retention_ms == model::kUnlimited);
  CHECK(settings.retention_bytes == model::kUnlimited);
  CHECK(settings.min_in_sync == 1);
}

TEST_CASE("An answer about settings that librdkafka refuses is a failure") {
  FakeKafka kafka(1, 1);
  SECTION("it tells of a topic twice") { kafka.on(1, kDescribeConfigs, configs({kT0, kT0})); }
  SECTION("it tells of a topic that was not asked about") { kafka.on(1, kDescribeConfigs, configs({{"t7"}})); }
  SECTION("it makes no sense") {
    kafka.on(1, kDescribeConfigs, [](int16_t, std::string_view) { return std::string(9, '\x7f'); });
  }
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(*client, asking, {0}).state == std::vector{ReadState::kFailed});
  CHECK(asking.failure().what.starts_with("topic configurations from broker 1: "));
}

TEST_CASE("A broker that is silent about settings is waited for until the deadline") {
  FakeKafka kafka(1, 1500);
  kafka.hang(1, kDescribeConfigs);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  auto due = std::vector<ReadState>(1500, ReadState::kFailed);
  due.back() = ReadState::kNotRequested;
  CHECK(collect(*client, asking, first_topics(1499), 300ms).state == due);
  CHECK(asking.failure().reason == Reason::kTimeout);
}

TEST_CASE("Past the deadline no topic is asked for its settings, which is a timeout") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kDescribeConfigs, configs({kT0}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(*client, asking, {0}, 0ms).state == std::vector{ReadState::kFailed});
  CHECK(asking.failure().reason == Reason::kTimeout);
  CHECK(kafka.got(1, kDescribeConfigs) == 0);
}

TEST_CASE("Who is stopped while a broker is silent about settings returns at once") {
  FakeKafka kafka(1, 1);
  kafka.hang(1, kDescribeConfigs);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  std::atomic<bool> stopped{false};
  const std::jthread stopper([&] {
    await([&] { return kafka.got(1, kDescribeConfigs) == 1; });
    stopped = true;
  });
  // The deadline is beyond any patience of the test's.
  CHECK(collect(*client, asking, {0}, 1h, [&] { return stopped.load(); }).state == std::vector{ReadState::kFailed});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Who is stopped already asks nothing") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kDescribeConfigs, configs({kT0}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(*client, asking, {0}, 1min, [] { return true; }).state == std::vector{ReadState::kFailed});
  CHECK(asking.failures.take() == kNone);
  CHECK(kafka.got(1, kDescribeConfigs) == 0);
}
