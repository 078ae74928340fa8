#include "cluster/kafka_target.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "cluster/line.h"

using namespace kafkascope;
using namespace kafkascope::cluster;

TEST_CASE("Before the first poll has ended, the page says that the cluster is down, and is not ready") {
  Line line(10ms);
  line.set_hangs(true);
  line.start();
  line.await_polls(1);
  CHECK(line.value("kafka_up") == "0");
  CHECK_FALSE(line.publisher.page()->ready());
}

TEST_CASE("What a poll learns is on the page when it has ended, well or badly") {
  Line line(5ms);
  line.start();
  REQUIRE(line.await_value("kafka_up", "1"));
  CHECK(line.value(kEnd) == "100");
  CHECK(line.publisher.page()->ready());
  CHECK(line.publisher.page()->clusters().at(0).topics == 1);

  line.set_answer(failed_poll);
  REQUIRE(line.await_value("kafka_up", "0"));
  CHECK(line.value(kEnd) == "100");  // held
  CHECK(line.value("kafka_exporter_collector_success{collector=\"metadata\"}") == "0");
  const std::string errors =
      line.value("kafka_exporter_collector_errors_total{collector=\"metadata\",reason=\"unreachable\"}");
  CHECK(std::atoi(errors.c_str()) > 0);
  CHECK(line.publisher.page()->ready());

  line.set_answer([](const PollPlan&) { return some_poll(); });
  CHECK(line.await_value("kafka_up", "1"));
}

TEST_CASE("A first poll that fails is a poll too: the page is ready") {
  Line line(5ms, failed_poll);
  line.start();
  REQUIRE(line.await([&] { return line.publisher.page()->ready(); }));
  CHECK(line.value("kafka_up") == "0");
}

TEST_CASE("The first poll asks for all start offsets, then every fourth; each is told what the last one left") {
  Line line(2ms);
  line.start();
  line.await_polls(9);
  line.poller.reset();
  for (size_t i = 0; i < 9; ++i) CHECK(line.kafka.plans[i].all_earliest == (i % 4 == 0));
  CHECK(line.kafka.plans[0].last != nullptr);
  CHECK(line.kafka.plans[0].deadline > model::Time{});
}

TEST_CASE("A poll that is late skips the beats it missed, and says so") {
  Line line(10ms);
  bool late = true;
  line.set_answer([&late](const PollPlan&) {
    if (std::exchange(late, false)) std::this_thread::sleep_for(35ms);  // past three beats
    return some_poll();
  });
  line.start();
  REQUIRE(line.await([&] { return std::atoi(line.value("kafka_exporter_polls_skipped_total").c_str()) >= 3; }));
}

TEST_CASE("A page with too many series loses families, says so once, and has them back") {
  model::Options options;
  options.max_series = 100;
  Line line(2ms, {}, options);
  const std::string dropped = "kafka_exporter_dropped_series{family=\"kafka_topic_partition_current_offset\"}";
  line.start();
  REQUIRE(line.await_value("kafka_up", "1"));
  CHECK(line.value(kEnd) == "100");

  line.set_answer([](const PollPlan&) { return some_poll(500); });
  REQUIRE(line.await_value(dropped, "500"));
  CHECK(line.value(kEnd).empty());
  CHECK(line.value("kafka_topic_partitions{topic=\"orders\"}") == "500");
  CHECK(line.value("kafka_up") == "1");
  line.await_polls(line.polls() + 3);

  line.set_answer([](const PollPlan&) { return some_poll(); });
  REQUIRE(line.await_value(kEnd, "100"));
  CHECK(line.value(dropped).empty());
  line.poller.reset();
  const auto log = line.log.take();
  const auto said = [&](const char* words) {
    return std::count_if(log.begin(), log.end(), [&](const auto& entry) { return entry.find(words) != entry.npos; });
  };
  CHECK(said("warning msg=\"series limit exceeded\" max_series=100 families=") == 1);
  CHECK(said("info msg=\"series limit no longer exceeded\"") == 1);
}

TEST_CASE("A poller ends at once while its source waits for Kafka, and publishes nothing of that poll") {
  for (int again = 0; again < 20; ++again) {
    Line line(1ms);
    line.set_hangs(true);
    line.start();
    line.await_polls(1);
    const auto before = line.publisher.page();
    line.poller->stop();
    line.poller.reset();
    REQUIRE(line.publisher.page() == before);
  }
}

TEST_CASE("A poller ends at once while it waits for the next poll") {
  Line line(1h);
  line.start();
  REQUIRE(line.await_value("kafka_up", "1"));
  line.poller.reset();
  CHECK(line.kafka.asked == 1);
}

TEST_CASE("A poller may be told to stop more than once, from any thread") {
  Line line(1ms);
  line.start();
  {
    const std::jthread one([&] { line.poller->stop(); });
    const std::jthread two([&] { line.poller->stop(); });
    line.poller->watch();
  }
  line.poller->stop();
  line.poller.reset();
}

TEST_CASE("A cluster whose poll hangs is taken off the page, and is back with the poll's end") {
  Line line(10ms);
  line.start();
  REQUIRE(line.await_value(kEnd, "100"));
  line.set_hangs(true);
  REQUIRE(line.await([&] {
    line.poller->watch();
    return line.value("kafka_up") == "0";
  }));
  CHECK(line.value(kEnd) == "");
  CHECK(line.publisher.page()->ready());
  CHECK_FALSE(line.publisher.page()->clusters().at(0).up);
  const auto page = line.publisher.page();
  line.poller->watch();  // once is enough
  CHECK(line.publisher.page() == page);
  line.set_hangs(false);
  REQUIRE(line.await_value("kafka_up", "1"));
  CHECK(line.value(kEnd) == "100");
}

TEST_CASE("A cluster whose first poll hangs is told as down, and its page as ready") {
  Line line(5ms);
  line.set_hangs(true);
  line.start();
  REQUIRE(line.await([&] {
    line.poller->watch();
    return line.publisher.page()->ready();
  }));
  CHECK(line.value("kafka_up") == "0");
}

TEST_CASE("A cluster that is polled in time is left on the page") {
  Line line(1h);
  line.start();
  REQUIRE(line.await_value("kafka_up", "1"));
  const auto page = line.publisher.page();
  for (int i = 0; i < 100; ++i) line.poller->watch();
  CHECK(line.publisher.page() == page);
}

TEST_CASE("What throws in a poll is no end of polling, but its cluster does not stay on the page for ever") {
  Line line(5ms);
  line.start();
  REQUIRE(line.await_value(kEnd, "100"));
  line.set_answer([](const PollPlan&) -> model::PollResult { throw std::runtime_error("a defect of ours"); });
  REQUIRE(line.await([&] {
    line.poller->watch();
    return line.value("kafka_up") == "0";
  }));
  CHECK(line.value(kEnd) == "");
  line.set_answer([](const PollPlan&) { return some_poll(); });
  CHECK(line.await_value(kEnd, "100"));
}

TEST_CASE("A /proc that holds anything but numbers costs the figures of the process, and no poll") {
  Line line(5ms, {}, {}, SOURCE_DIR "/tests/unit/metrics/proc/broken");
  line.start();
  REQUIRE(line.await_value(kEnd, "100"));
  line.set_answer([](const PollPlan&) { return some_poll(3); });
  CHECK(line.await_value("kafka_topic_partitions{topic=\"orders\"}", "3"));
  CHECK(line.text().find("process_") == std::string::npos);
}

TEST_CASE("One cluster that hangs does not keep another from being polled") {
  Line one(5ms);
  one.set_hangs(true);
  one.start();
  one.await_polls(1);
  Line two(5ms);
  two.start();
  two.await_polls(3);
  CHECK(two.await_value("kafka_up", "1"));
}

TEST_CASE("Labels from the configuration are on the page") {
  Line line(5ms);
  config::NameLabels labels;
  labels.add("^ord", {{"team", "checkout"}});
  line.set_topic_labels(std::move(labels));
  line.start();
  CHECK(line.await_value("kafka_topic_labels{topic=\"orders\",team=\"checkout\"}", "1"));
}

TEST_CASE("Dead letter queues name the topic or group that their names contain") {
  Line line(5ms);
  line.set_answer([](const PollPlan&) {
    auto result = some_poll();
    const auto more =
        analysis::poll(0s, analysis::cluster({{"billing.dlt"}, {"orders"}, {"orders-dlq"}, {"stray-dlq"}}));
    result.metadata = more.metadata;
    result.latest = more.latest;
    result.earliest = more.earliest;
    auto& billing = result.groups.emplace_back();
    billing.group.id = "billing";
    billing.group.members = 1;
    billing.offsets_read = true;
    return result;
  });
  const auto info = [](const std::string& topic, const std::string& of) {
    return "kafka_topic_dead_letter_info{topic=\"" + topic + "\",kind=\"pattern\",of=\"" + of + "\"}";
  };
  SECTION("by default") {
    line.start();
    CHECK(line.await_value(info("orders-dlq", "orders"), "1"));
    CHECK(line.await_value(info("stray-dlq", ""), "1"));
    CHECK(line.await_value(info("billing.dlt", "billing"), "1"));
    CHECK(line.text().find("kafka_topic_dead_letter_info{topic=\"orders\"") == std::string::npos);
  }
  SECTION("none with an empty expression") {
    line.set_dead_letters("");
    line.start();
    line.await_polls(2);
    CHECK(line.await_value("kafka_topic_partitions{topic=\"orders-dlq\"}", "1"));
    CHECK(line.text().find("kafka_topic_dead_letter_info") == std::string::npos);
  }
}

TEST_CASE("A change of the cluster is counted and logged once") {
  Line line(2ms);
  line.start();
  REQUIRE(line.await_value("kafka_topics_created_total", "0"));
  line.set_answer([](const PollPlan&) {
    auto result = some_poll();
    const auto more = analysis::poll(0s, analysis::cluster({{"orders", 2}, {"refunds"}}));
    result.metadata = more.metadata;
    result.latest = more.latest;
    result.earliest = more.earliest;
    return result;
  });
  REQUIRE(line.await_value("kafka_topics_created_total", "1"));
  line.await_polls(line.polls() + 3);
  line.poller.reset();
  const auto lines = line.log.take();
  CHECK(std::count(lines.begin(), lines.end(), "info msg=\"topic created\" topic=refunds partitions=1") == 1);
}
