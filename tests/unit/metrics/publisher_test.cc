#include "metrics/publisher.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace metrics = kafkascope::metrics;
using metrics::Family;
using metrics::Publisher;
using metrics::TargetPage;

namespace {

Family family(const std::string& name, const std::string& body, size_t series = 1) {
  metrics::Compressor compressor;
  return {name, compressor.compress("# HELP " + name + " H.\n", 0, nullptr),
          compressor.compress(body, body.empty() ? 0 : series, nullptr)};
}

TargetPage cluster(std::vector<Family> families, kafkascope::model::ClusterStatus status = {}) {
  return {std::move(families), std::move(status)};
}

/// Returns constant own families.
Publisher::OwnFamilies own(std::vector<Family> families) {
  return [families = std::move(families)](const metrics::Page&) { return families; };
}

/// Publishes for clusters named 0, 1, ...
void add(Publisher& publisher, std::vector<TargetPage> pages) {
  for (size_t i = 0; i < pages.size(); ++i) publisher.add(std::to_string(i), std::move(pages[i]));
}

std::string text(const Publisher& publisher) {
  std::string result;
  const auto page = publisher.page();
  CHECK(page->inflate([&](std::string_view piece) {
    result += piece;
    return true;
  }));
  CHECK(page->text_bytes() == result.size());
  return result;
}

}  // namespace

TEST_CASE("There is a page before the first poll") {
  kafkascope::model::ClusterStatus status;
  status.servers = "kafka:9092";
  Publisher publisher(own({family("process_open_fds", "process_open_fds 9\n")}));
  CHECK(text(publisher) == "# HELP process_open_fds H.\nprocess_open_fds 9\n");
  publisher.add("", cluster({family("kafka_up", "kafka_up 0\n")}, status));
  CHECK(text(publisher) ==
        "# HELP kafka_up H.\nkafka_up 0\n"
        "# HELP process_open_fds H.\nprocess_open_fds 9\n");
  CHECK(publisher.page()->series() == 2);
  REQUIRE(publisher.page()->clusters().size() == 1);
  CHECK(publisher.page()->clusters()[0].servers == "kafka:9092");
  CHECK_FALSE(publisher.page()->ready());
}

TEST_CASE("A page without any family is an empty gzip member") {
  Publisher publisher(own({}));
  add(publisher, {cluster({})});
  CHECK(text(publisher).empty());
  CHECK(publisher.page()->gzip().size() == 20);
  CHECK(publisher.page()->series() == 0);
}

TEST_CASE("Clusters share one head per family") {
  Publisher publisher(own({family("p", "p 1\n")}));
  add(publisher, {cluster({}), cluster({})});
  publisher.publish("1",
                    cluster({family("a", "a{c=\"2\"} 1\n"), family("b", "b{c=\"2\"} 1\nb{c=\"2\",x=\"\"} 1\n", 2)}));
  publisher.publish("0", cluster({family("a", "a{c=\"1\"} 1\n"), family("b", "b{c=\"1\"} 1\n")}));
  CHECK(text(publisher) ==
        "# HELP a H.\na{c=\"1\"} 1\na{c=\"2\"} 1\n"
        "# HELP b H.\nb{c=\"1\"} 1\nb{c=\"2\"} 1\nb{c=\"2\",x=\"\"} 1\n"
        "# HELP p H.\np 1\n");
  CHECK(publisher.page()->series() == 6);
}

TEST_CASE("A family of only one cluster keeps its position") {
  Publisher publisher(own({}));
  add(publisher, {cluster({family("b", "b{c=\"1\"} 1\n"), family("d", "d{c=\"1\"} 1\n")}),
                  cluster({family("a", "a{c=\"2\"} 1\n"), family("b", "b{c=\"2\"} 1\n"), family("c", "c{c=\"2\"} 1\n"),
                           family("e", "e{c=\"2\"} 1\n")})});
  CHECK(text(publisher) ==
        "# HELP a H.\na{c=\"2\"} 1\n"
        "# HELP b H.\nb{c=\"1\"} 1\nb{c=\"2\"} 1\n"
        "# HELP c H.\nc{c=\"2\"} 1\n"
        "# HELP e H.\ne{c=\"2\"} 1\n"
        "# HELP d H.\nd{c=\"1\"} 1\n");
}

TEST_CASE("A family without series is left out, including its head") {
  Family without_body = family("c", "c 1\n");
  without_body.body = nullptr;
  Publisher publisher(own({family("p", "")}));
  add(publisher, {cluster({family("a", "a 1\n"), family("b", ""), without_body})});
  CHECK(text(publisher) == "# HELP a H.\na 1\n");
}

TEST_CASE("Publishing replaces the cluster's families and updates the exporter's own") {
  Publisher publisher(
      [](const metrics::Page& last) { return std::vector{family("p", "p " + std::to_string(last.series()) + "\n")}; });
  publisher.add("", cluster({family("a", "a 1\na 1\n", 2)}));
  CHECK(text(publisher) == "# HELP a H.\na 1\na 1\n# HELP p H.\np 1\n");
  publisher.publish("", cluster({family("a", "a 2\n")}));
  CHECK(text(publisher) == "# HELP a H.\na 2\n# HELP p H.\np 3\n");
}

TEST_CASE("The exporter's own families are updated without a poll, but not twice") {
  int made = 0;
  Publisher publisher(
      [&](const metrics::Page&) { return std::vector{family("p", "p " + std::to_string(++made) + "\n")}; });
  const auto start = std::chrono::steady_clock::now();
  publisher.add("", cluster({family("a", "a 1\n")}));
  REQUIRE(text(publisher) == "# HELP a H.\na 1\n# HELP p H.\np 2\n");
  publisher.refresh(start);  // no effect: they are newer
  CHECK(made == 2);
  publisher.refresh(std::chrono::steady_clock::now());
  CHECK(text(publisher) == "# HELP a H.\na 1\n# HELP p H.\np 3\n");
}

TEST_CASE("A removed cluster leaves no series, and what its poller still publishes has no effect") {
  Publisher publisher(own({}));
  add(publisher, {cluster({family("a", "a{c=\"0\"} 1\n")}), cluster({family("a", "a{c=\"1\"} 1\n")})});
  publisher.remove("0");
  publisher.remove("no such cluster");
  CHECK(text(publisher) == "# HELP a H.\na{c=\"1\"} 1\n");
  publisher.publish("0", cluster({family("a", "a{c=\"0\"} 2\n")}));
  publisher.drop("0", {family("a", "a{c=\"0\"} 3\n")});
  CHECK(text(publisher) == "# HELP a H.\na{c=\"1\"} 1\n");
  CHECK(publisher.page()->clusters().size() == 1);
}

TEST_CASE("A cluster that is added again keeps its position") {
  Publisher publisher(own({}));
  add(publisher, {cluster({family("a", "a{c=\"0\"} 1\n")}), cluster({family("a", "a{c=\"1\"} 1\n")})});
  publisher.add("0", cluster({family("a", "a{c=\"0\"} 2\n")}));
  CHECK(text(publisher) == "# HELP a H.\na{c=\"0\"} 2\na{c=\"1\"} 1\n");
}

TEST_CASE("A cluster whose poller hangs is dropped, the others stay") {
  kafkascope::model::ClusterStatus status;
  status.servers = "kafka:9092";
  status.up = true;
  bool broken = false;
  Publisher publisher([&](const metrics::Page&) {
    if (broken) throw std::runtime_error("a defect of ours");
    return std::vector<Family>{};
  });
  add(publisher, {cluster({family("kafka_up", "kafka_up{c=\"1\"} 1\n"), family("a", "a{c=\"1\"} 1\n")}, status),
                  cluster({family("kafka_up", "kafka_up{c=\"2\"} 1\n"), family("a", "a{c=\"2\"} 1\n")}, status)});
  broken = true;  // drop() must work even so
  publisher.drop("0", {family("kafka_up", "kafka_up{c=\"1\"} 0\n")});
  CHECK(text(publisher) ==
        "# HELP kafka_up H.\nkafka_up{c=\"1\"} 0\nkafka_up{c=\"2\"} 1\n"
        "# HELP a H.\na{c=\"2\"} 1\n");
  const auto& clusters = publisher.page()->clusters();
  CHECK_FALSE(clusters[0].up);
  CHECK(clusters[0].polled);
  CHECK(clusters[0].servers == "kafka:9092");
  CHECK(clusters[1].up);
}

TEST_CASE("A large page is one gzip member") {
  std::vector<Family> families;
  std::string expected;
  for (int f = 0; f < 50; ++f) {
    const std::string name = "f" + std::to_string(f);
    std::string body;
    for (int i = 0; i < 2000; ++i) body += name + "{i=\"" + std::to_string(i) + "\"} " + std::to_string(i * f) + "\n";
    expected += "# HELP " + name + " H.\n" + body;
    families.push_back(family(name, body, 2000));
  }
  Publisher publisher(own({}));
  add(publisher, {cluster(std::move(families))});
  CHECK(text(publisher) == expected);
  CHECK(publisher.page()->series() == 100'000);
}

TEST_CASE("Readers see complete pages while clusters publish, are added and removed") {
  constexpr int kRounds = 200;
  Publisher publisher(own({}));
  add(publisher, {cluster({}), cluster({})});
  std::atomic<int> writers = 2;
  std::atomic<bool> sound = true;
  std::vector<std::thread> threads;
  for (const std::string name : {"0", "1"}) {
    threads.emplace_back([&, name] {
      for (int i = 0; i < kRounds; ++i)
        publisher.publish(name, cluster({family("a", "a " + std::to_string(i) + "\n")}));
      --writers;
    });
  }
  threads.emplace_back([&] {
    while (writers > 0) {
      publisher.add("2", cluster({family("b", "b 1\n")}));
      publisher.remove("2");
    }
  });
  threads.emplace_back([&] {
    while (writers > 0) {
      if (!publisher.page()->inflate([](std::string_view) { return true; })) sound = false;
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(sound);
  CHECK(text(publisher) ==
        "# HELP a H.\na " + std::to_string(kRounds - 1) + "\na " + std::to_string(kRounds - 1) + "\n");
}
