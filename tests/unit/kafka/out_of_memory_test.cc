#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <new>

#include "kafka/await.h"
#include "kafka/mock_kafka.h"
#include "kafka/statistics.h"
#include "protocol/metadata.h"

// librdkafka is C: an exception that leaves one of our callbacks ends the program. Here every allocation of C++ on its
// threads can be made to fail. (Its mock cluster is C, too.)

namespace {

std::atomic<bool> fails{false};
std::atomic<int> failed{0};
thread_local bool spared = false;

/// While it lives, allocations fail on all threads but the one that made it.
struct NoMemory {
  NoMemory() {
    spared = true;
    failed = 0;
    fails = true;
  }
  ~NoMemory() { fails = false; }
};

}  // namespace

// Not inline, where GCC would take the pairs for mismatched ones.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (fails && !spared) {
    ++failed;
    throw std::bad_alloc();
  }
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (!fails || spared) return std::malloc(size ? size : 1);
  ++failed;
  return nullptr;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace kafkascope::kafka;

TEST_CASE("An answer for which there is no memory fails its question") {
  MockKafka kafka(1);
  const auto client = connected(kafka.config(), 1);
  RequestBatch requests = requests_to(*client);
  std::vector<std::string> errors;
  const auto ask = [&] {
    requests.ask({1, &kafkascope::protocol::kMetadata,
                  [](int16_t version) { return kafkascope::protocol::encode_metadata(version); },
                  [&](int16_t, std::string_view) { errors.emplace_back("none"); },
                  [&](const Error& error) { errors.emplace_back(error.what()); }});
    requests.run();
  };
  ask();
  {
    const NoMemory no_memory;
    ask();
    CHECK(failed > 0);
  }
  ask();
  CHECK(errors ==
        std::vector<std::string>{"none", "broker 1: Metadata: Local: Critical system resource failure", "none"});
}

TEST_CASE("Statistics, errors and states of connections for which there is no memory are lost, and no more") {
  auto cluster = cluster_at({"127.0.0.1:1"});  // nobody listens
  cluster.properties = {
      {"statistics.interval.ms", "10"}, {"reconnect.backoff.ms", "10"}, {"reconnect.backoff.max.ms", "10"}};
  CHECK_THROWS(StatisticsReader().read("{}"));  // simdjson allocates once, where that must not fail
  const Client client(cluster);
  REQUIRE(await([&] { return client.connection_error().has_value(); }));
  const NoMemory no_memory;
  CHECK(await([] { return failed >= 20; }));
}
