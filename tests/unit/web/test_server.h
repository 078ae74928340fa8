#pragma once

#include <zlib.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/server.h"

namespace kafkascope::web {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr double kSlower = 5;
#else
inline constexpr double kSlower = 1;
#endif
// Half of the default scrape timeout, for well-behaved scrapers under load.
inline constexpr double kPromptly = 5 * kSlower;
inline constexpr double kEndsWithin = 4 * kSlower;  // documented: 2

inline std::string gzip(const std::string& text) {
  std::string result(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

inline model::ClusterStatus polled() {
  model::ClusterStatus result;
  result.servers = "kafka:9092";
  result.polled = true;
  return result;
}

inline std::shared_ptr<const metrics::Page> page_of(const std::string& text, model::ClusterStatus status = polled()) {
  return std::make_shared<const metrics::Page>(gzip(text), text.size(), 1,
                                               std::vector<model::ClusterStatus>{std::move(status)});
}

// Hard to compress, so that even its gzip exceeds the socket buffers.
inline std::string large_text() {
  std::string text;
  text.reserve(12'000'000);
  uint64_t state = 1;
  while (text.size() < 12'000'000) {
    state = state * 6364136223846793005 + 1442695040888963407;
    text +=
        "kafka_consumergroup_lag{partition=\"" + std::to_string(state >> 20) + "\"} " + std::to_string(state) + "\n";
  }
  return text;
}

/// Returns a configuration that listens on one address. `pem`: a file with certificate and key; empty: no TLS.
inline config::Web listen_at(const std::string& address, const std::string& pem = "") {
  config::Web web;
  web.listen_addresses = {address};
  web.server_tls = {.enabled = !pem.empty(), .mutual = false, .ca_file = "", .cert_file = pem, .key_file = pem};
  return web;
}

/// A server on a free port with a page that can be replaced, and its request counts.
class TestServer {
 public:
  explicit TestServer(std::shared_ptr<const metrics::Page> page, const config::Web& web = listen_at("127.0.0.1:0"))
      : page_(std::move(page)) {
    server_.emplace(
        web, [this] { return page_; },
        [this](std::string_view handler, int code, double seconds) {
          const std::lock_guard lock(mutex_);
          ++counted_[std::string(handler) + " " + std::to_string(code)];
          if (seconds < 0) ++counted_["negative"];
        },
        Reload(), "1.2.3");
  }

  Server& server() { return *server_; }
  int port() const { return server_->ports().at(0); }
  /// Stops the server, so that all requests are counted.
  std::map<std::string, int> counted() {
    server_.reset();
    return counted_;
  }
  int count_of(const std::string& what) {
    const std::lock_guard lock(mutex_);
    const auto found = counted_.find(what);
    return found == counted_.end() ? 0 : found->second;
  }
  void stop() { server_.reset(); }

 private:
  std::mutex mutex_;
  std::map<std::string, int> counted_;
  std::shared_ptr<const metrics::Page> page_;
  std::optional<Server> server_;
};

}  // namespace kafkascope::web
