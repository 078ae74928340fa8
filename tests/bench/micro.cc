// Benchmarks of the parts of a poll at the size "medium": 10,000 partitions, 1,000 groups with commits on 10 each.
// `make bench` runs it; by hand: build/kafkascope_micro_bench --list-tests, or with the name of a test
#include <catch2/benchmark/catch_benchmark.hpp>
#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string>
#include <vector>

#include "analysis/figures.h"
#include "analysis/lag.h"
#include "analysis/offset_history.h"
#include "analysis/poll_results.h"
#include "families/page_sections.h"
#include "metrics/publisher.h"
#include "protocol/list_offsets.h"
#include "protocol/offset_fetch.h"

using namespace kafkascope;
using namespace std::chrono_literals;
using Catch::Benchmark::Chronometer;

namespace {

constexpr int kTopics = 1000, kPartitions = 10, kGroups = 1000;

std::shared_ptr<const model::Metadata> metadata() {
  std::vector<analysis::TopicIs> topics;
  for (int i = 0; i < kTopics; ++i)
    topics.push_back({"load-topic-" + std::to_string(10'000 + i), kPartitions, 'a', {i % 3 + 1}});
  return analysis::cluster(topics, 3);
}

/// Returns the result of a poll; everything changes in each.
model::PollResult result_of(const std::shared_ptr<const model::Metadata>& metadata, int poll) {
  auto result = analysis::poll(15s * poll, metadata);
  result.latest.assign(metadata->partition_count, 100'000 + 100 * poll);
  for (uint32_t group = 0; group < kGroups; ++group) {
    std::vector<model::Commit> commits;
    for (int32_t p = 0; p < kPartitions; ++p) commits.push_back({{group, p}, 90'000 + 100 * poll + p});
    result.groups.push_back(analysis::group("load-group-" + std::to_string(10'000 + group), std::move(commits)));
  }
  return result;
}

/// Returns the snapshot after a hundred polls.
struct Cluster {
  Cluster() {
    for (; polls < 100; ++polls) snapshot = analysis::next_snapshot(std::move(snapshot), result_of(topics, polls), {});
  }

  std::shared_ptr<const model::Metadata> topics = metadata();
  model::Snapshot snapshot;
  int polls = 0;
};

void write(const model::Snapshot& snapshot, metrics::FamilyWriter& families) {
  families::write_all(snapshot, analysis::figures(snapshot, {}), {}, families);
}

std::unique_ptr<metrics::Publisher> publisher_of(std::vector<metrics::Family> families) {
  auto publisher =
      std::make_unique<metrics::Publisher>([](const metrics::Page&) { return std::vector<metrics::Family>(); });
  publisher->add("", {std::move(families), {}});
  return publisher;
}

std::string text_of(const model::Snapshot& snapshot) {
  std::string text;
  metrics::FamilyWriter families("");
  write(snapshot, families);
  publisher_of(families.take())->page()->inflate([&](std::string_view piece) {
    text += piece;
    return true;
  });
  return text;
}

/// Returns a ListOffsets response, version 7, for all topics.
std::string list_offsets_answer(const model::Metadata& metadata) {
  protocol::Writer out(true);
  out.int32(0).array(metadata.topics.size());
  for (const auto& topic : metadata.topics) {
    out.string(topic.name).array(topic.partitions.size());
    for (int32_t p = 0; p < kPartitions; ++p) out.int32(p).int16(0).int64(-1).int64(100'000).int32(0).tags();
    out.tags();
  }
  return out.tags().take();
}

/// Returns an OffsetFetch response, version 8, for 500 groups.
std::string offset_fetch_answer(const model::Metadata& metadata) {
  protocol::Writer out(true);
  out.int32(0).array(500);
  for (int group = 0; group < 500; ++group) {
    out.string("load-group-" + std::to_string(10'000 + group)).array(1).string(metadata.topics[group].name);
    out.array(kPartitions);
    for (int32_t p = 0; p < kPartitions; ++p) out.int32(p).int64(90'000).int32(-1).string("").int16(0).tags();
    out.tags().int16(0).tags();
  }
  return out.tags().take();
}

}  // namespace

TEST_CASE("decode") {
  const auto topics = metadata();
  const std::string offsets = list_offsets_answer(*topics), commits = offset_fetch_answer(*topics);
  int64_t sum = 0;
  BENCHMARK("ListOffsets, 10,000 partitions") {
    protocol::decode_list_offsets(
        offsets, 7, {[](std::string_view) {}, [&](int32_t, int16_t, int64_t, int64_t offset) { sum += offset; }});
    return sum;
  };
  BENCHMARK("OffsetFetch, 5,000 commits of 500 groups") {
    protocol::decode_offset_fetch(commits, 8,
                                  {[](std::string_view) {}, [](std::string_view) {},
                                   [&](int32_t, int64_t offset, int16_t) { sum += offset; }, [](int16_t) {}});
    return sum;
  };
}

TEST_CASE("lag join") {
  const Cluster cluster;
  const auto result = result_of(cluster.topics, cluster.polls);
  const analysis::Holding holding{result.at, 1min};
  BENCHMARK("commits with end offsets, 10,000 rows of 1,000 groups") {
    size_t rows = 0;
    for (size_t g = 0; g < result.groups.size(); ++g)
      rows += analysis::lag_rows(result.groups[g], cluster.snapshot.groups[g].partitions, *cluster.topics,
                                 cluster.snapshot.latest, holding)
                  .size();
    return rows;
  };
}

TEST_CASE("history") {
  const Cluster cluster;
  BENCHMARK_ADVANCED("note the ends of 10,000 partitions")(Chronometer meter) {
    auto ends = cluster.snapshot.offset_history;
    meter.measure([&](int run) {
      for (auto& memory : ends) analysis::observe(memory, cluster.snapshot.at + 15s * (run + 1), 200'000 + 100 * run);
    });
  };
  BENCHMARK("tell the ages of 10,000 records") {
    double sum = 0;
    for (const auto& memory : cluster.snapshot.offset_history)
      sum += analysis::lag_seconds(memory, cluster.snapshot.at, 108'000).value_or(0);
    return sum;
  };
}

TEST_CASE("snapshot") {
  BENCHMARK_ADVANCED("from one poll's result to the next snapshot")(Chronometer meter) {
    Cluster cluster;
    std::vector<model::PollResult> result;
    for (int run = 0; run < meter.runs(); ++run) result.push_back(result_of(cluster.topics, cluster.polls + run));
    meter.measure([&](int run) {
      cluster.snapshot = analysis::next_snapshot(std::move(cluster.snapshot), std::move(result[run]), {});
      return cluster.snapshot.at;
    });
  };
}

TEST_CASE("figures") {
  const Cluster cluster;
  BENCHMARK("from a snapshot") { return analysis::figures(cluster.snapshot, {}); };
}

TEST_CASE("page") {
  const Cluster cluster;
  Cluster later;
  later.snapshot = analysis::next_snapshot(std::move(later.snapshot), result_of(later.topics, later.polls), {});
  const std::string text = text_of(cluster.snapshot);
  WARN("the page has " << text.size() << " bytes");
  std::string out;  // reused as in FamilyWriter
  BENCHMARK("text writer: 100,000 series with two labels") {
    out.clear();
    metrics::SampleWriter::Held held{};
    const metrics::FamilyDescription head{"kafka_topic_partition_current_offset", "Help."};
    metrics::SampleWriter samples(head, "", out, held);
    const std::string topic = metrics::label("topic", "load-topic-10000");
    for (int i = 0; i < 100'000; ++i) samples.with(topic).with("partition", i).value(int64_t{100'000} + i);
    return out.size();
  };
  BENCHMARK("gzip: the whole text") {
    metrics::Compressor compressor;
    return compressor.compress(text, 1, nullptr);
  };
  BENCHMARK_ADVANCED("gzip: a text that has not changed")(Chronometer meter) {
    metrics::Compressor compressor;
    const auto before = compressor.compress(text, 1, nullptr);
    meter.measure([&] { return compressor.compress(text, 1, before); });
  };
  BENCHMARK_ADVANCED("write and compress all families, all moved")(Chronometer meter) {
    metrics::FamilyWriter families("");
    meter.measure([&](int run) {
      write(run % 2 ? cluster.snapshot : later.snapshot, families);
      return families.take();
    });
  };
  BENCHMARK_ADVANCED("write all families, nothing moved")(Chronometer meter) {
    metrics::FamilyWriter families("");
    write(cluster.snapshot, families);
    families.take();
    meter.measure([&] {
      write(cluster.snapshot, families);
      return families.take();
    });
  };
  BENCHMARK_ADVANCED("put the pieces together and publish")(Chronometer meter) {
    metrics::FamilyWriter families("");
    write(cluster.snapshot, families);
    const auto written = families.take();
    const auto publisher = publisher_of(written);
    meter.measure([&] { publisher->publish("", {written, {}}); });
  };
}
