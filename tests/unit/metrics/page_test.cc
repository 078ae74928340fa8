#include "metrics/page.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

#include "metrics/publisher.h"

namespace metrics = kafkascope::metrics;
namespace model = kafkascope::model;

namespace {

metrics::Page page_of(const std::string& text) {
  metrics::Compressor compressor;
  const auto chunk = compressor.compress(text, 1, nullptr);
  metrics::Publisher publisher([](const metrics::Page&) { return std::vector<metrics::Family>(); });
  publisher.add("", {{{"family", nullptr, chunk}}, {}});
  return *publisher.page();
}

}  // namespace

TEST_CASE("A page inflates in small pieces") {
  const size_t size = GENERATE_COPY(size_t{1}, size_t{64 * 1024}, size_t{64 * 1024 + 1}, size_t{3'000'000});
  const std::string text(size, 'x');
  std::string inflated;
  size_t largest = 0;
  CHECK(page_of(text).inflate([&](std::string_view piece) {
    inflated += piece;
    largest = std::max(largest, piece.size());
    return true;
  }));
  CHECK(inflated == text);
  CHECK(largest <= 64 * 1024);
}

TEST_CASE("Inflating stops when the writer returns false") {
  int pieces = 0;
  CHECK_FALSE(page_of(std::string(1'000'000, 'x')).inflate([&](std::string_view) { return ++pieces < 2; }));
  CHECK(pieces == 2);
}

TEST_CASE("An empty page is empty") {
  CHECK(metrics::Page().inflate([](std::string_view) { return false; }));
}

TEST_CASE("Corrupt data is detected") {
  const metrics::Page good = page_of(std::string(100'000, 'x'));
  const auto inflates = [](std::string gzip) {
    return metrics::Page(std::move(gzip), 0, 0, {}).inflate([](std::string_view) { return true; });
  };
  CHECK(inflates(good.gzip()));
  CHECK_FALSE(inflates(good.gzip().substr(0, good.gzip().size() - 1)));
  std::string wrong_crc = good.gzip();
  wrong_crc[wrong_crc.size() - 8] ^= 1;
  CHECK_FALSE(inflates(wrong_crc));
}

TEST_CASE("A page is ready after the first poll of each cluster") {
  const auto ready = [](std::vector<model::ClusterStatus> clusters) {
    return metrics::Page("", 0, 0, std::move(clusters)).ready();
  };
  model::ClusterStatus polled;
  polled.polled = true;
  CHECK_FALSE(ready({model::ClusterStatus{}}));
  CHECK_FALSE(ready({polled, model::ClusterStatus{}}));
  CHECK(ready({polled, polled}));
}
