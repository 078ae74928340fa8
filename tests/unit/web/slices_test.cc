#include "web/slices.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "metrics/chunk.h"
#include "web/limits.h"

using Catch::Matchers::Message;
using namespace kafkascope;
using metrics::Selection;
using web::parse_selection;
using web::Slices;

namespace {

std::vector<model::ClusterStatus> clusters(const std::vector<std::string>& names) {
  std::vector<model::ClusterStatus> result(names.size());
  for (size_t i = 0; i < names.size(); ++i) result[i].name = names[i];
  return result;
}

/// Hard to compress, so that many slices of it exceed the limit.
std::shared_ptr<const metrics::Page> page_of(size_t bytes = 10) {
  std::string text(bytes, '\0');
  uint64_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 6364136223846793005 + 1442695040888963407) >> 56);
  metrics::PageFamily family{"a", false, nullptr, {{0, metrics::Compressor().compress(text, 1, nullptr)}}};
  return std::make_shared<const metrics::Page>(std::vector{family}, clusters({"one"}));
}

Selection named(const std::string& name) { return {.names = {name, "*"}}; }

}  // namespace

TEST_CASE("Without parameters everything is selected") {
  CHECK(parse_selection(GENERATE("", "&", "&&"), clusters({""})) == Selection());
}

TEST_CASE("Parameters are decoded and may be repeated") {
  const Selection read = parse_selection(
      "name[]=kafka_topic_*&name%5B%5D=kafka%5Fup&cluster=a+b%26&cluster=%C3%A4&exclude[]=x&granularity=topic",
      clusters({"a b&", "\u00e4"}));
  CHECK(read == Selection{.clusters = {"a b&", "\u00e4"},
                          .names = {"kafka_topic_*", "kafka_up"},
                          .excluded = {"x"},
                          .partitions = false});
}

TEST_CASE("Parameters that are not understood are an error that says what there is") {
  const auto [query, error] = GENERATE(values<std::tuple<const char*, const char*>>({
      {"cluster=c", "cluster: there is no such cluster; there are: a, b"},
      {"cluster", "cluster: there is no such cluster; there are: a, b"},
      {"cluster=a%00", "cluster: there is no such cluster; there are: a, b"},
      {"name=a", "unknown parameter; there are: cluster, name[], exclude[], granularity"},
      {"granularity=", "granularity: topic (no series of single partitions) or partition (only those)"},
      {"a=b", "unknown parameter; there are: cluster, name[], exclude[], granularity"},
      {"=", "unknown parameter; there are: cluster, name[], exclude[], granularity"},
      {"%zz=%", "unknown parameter; there are: cluster, name[], exclude[], granularity"},
  }));
  CAPTURE(query);
  CHECK_THROWS_MATCHES(parse_selection(query, clusters({"a", "b"})), std::invalid_argument, Message(error));
}

TEST_CASE("A cluster without a name cannot be selected") {
  CHECK_THROWS_MATCHES(parse_selection("cluster=", clusters({""})), std::invalid_argument,
                       Message("cluster: the only cluster has no name"));
}

TEST_CASE("The number of parameters is limited") {
  std::string query;
  for (size_t i = 0; i < web::kMaxParameters; ++i) query += "&name[]=a";
  CHECK(parse_selection(query, {}).names.size() == web::kMaxParameters);
  CHECK_THROWS_MATCHES(parse_selection(query + "&name[]=a", {}), std::invalid_argument,
                       Message("more than 64 parameters"));
}

TEST_CASE("A slice is kept until there is a new page") {
  Slices slices;
  const auto page = page_of();
  const auto slice = slices.get(page, named("x"));
  CHECK(slices.get(page, named("x")) == slice);
  CHECK(slices.get(page, named("y")) != slice);
  const auto next = page_of();
  CHECK(slices.get(next, named("x")) != slice);
  CHECK(slices.bytes() == slice->gzip().size());  // those of the last page are gone
}

TEST_CASE("The whole page is no slice") {
  Slices slices;
  const auto page = page_of();
  CHECK(slices.get(page, {}) == page);
  CHECK(slices.bytes() == 0);
}

TEST_CASE("Those slices are kept that were used last") {
  Slices slices;
  const auto page = page_of();
  const auto first = slices.get(page, named("0"));
  for (size_t i = 1; i < web::kMaxSlices; ++i) slices.get(page, named(std::to_string(i)));
  CHECK(slices.get(page, named("0")) == first);
  const auto second = slices.get(page, named("1"));
  slices.get(page, named("more"));
  CHECK(slices.get(page, named("0")) == first);
  CHECK(slices.bytes() == web::kMaxSlices * first->gzip().size());
  slices.get(page, named("2"));  // out since "more"
  CHECK(slices.get(page, named("1")) == second);
}

TEST_CASE("The size of all kept slices is limited") {
  Slices slices;
  const auto page = page_of(web::kMaxSliceBytes / 4);
  for (int i = 0; i < 8; ++i) slices.get(page, named(std::to_string(i)));
  CHECK(slices.bytes() <= web::kMaxSliceBytes);
  CHECK(slices.bytes() >= web::kMaxSliceBytes / 2);
}

TEST_CASE("Many threads may ask for slices while pages change") {
  Slices slices;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&slices, i] {
      for (int n = 0; n < 200; ++n) {
        const auto page = page_of();
        if (slices.get(page, named(std::to_string(i)))->gzip().size() != page->gzip().size()) std::terminate();
      }
    });
  for (auto& thread : threads) thread.join();
}
