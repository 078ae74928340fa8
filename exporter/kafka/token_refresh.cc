#include "kafka/token_refresh.h"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <map>
#include <string_view>
#include <utility>

#include "log/event.h"

namespace kafkascope::kafka {
namespace {

/// librdkafka requires a name. It is part of its error texts only; brokers take the identity from the token.
constexpr const char* kPrincipal = "awsiam";

/// Returns a copy of the variables that credentials depend on: another thread may change the process's own.
aws::Environment copied_environment() {
  std::map<std::string, std::string, std::less<>> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (text.starts_with("AWS_") || text.starts_with("HOME="))
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return [variables = std::move(variables)](const char* name) {
    const auto found = variables.find(std::string_view(name));
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

int64_t milliseconds(aws::Time time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

TokenRefresh::TokenRefresh(std::string cluster, const config::AwsIam& iam, bool logs)
    : cluster_(std::move(cluster)),
      logs_(logs),
      tokens_({copied_environment(), iam.region, iam.profile, [this] { return stop_.load(); }}) {}

TokenRefresh::~TokenRefresh() { stop(); }

void TokenRefresh::start(rd_kafka_t* handle) {
  thread_ = std::thread([this, handle] { run(handle); });
}

void TokenRefresh::request() {
  const std::lock_guard lock(mutex_);
  requested_ = true;
  changed_.notify_one();
}

void TokenRefresh::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::optional<Error> TokenRefresh::failure() const {
  const std::lock_guard lock(mutex_);
  return expires_ > std::chrono::system_clock::now() ? std::nullopt : error_;
}

void TokenRefresh::run(rd_kafka_t* handle) {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return requested_ || stop_; });
    if (stop_) return;
    requested_ = false;
    lock.unlock();
    try {
      refresh(handle);
    } catch (const aws::Error& e) {
      refuse(handle, Error(model::Reason::kAuthentication, e.what(), e.hint()));
    } catch (const std::exception& e) {  // such as no memory
      refuse(handle, Error(model::Reason::kOther, e.what()));
    }
  }
}

void TokenRefresh::refresh(rd_kafka_t* handle) {
  const auto made = tokens_.make(std::chrono::system_clock::now());
  std::array<char, 512> why{};
  if (rd_kafka_oauthbearer_set_token(handle, made.token.text.c_str(), milliseconds(made.token.expires), kPrincipal,
                                     nullptr, 0, why.data(), why.size()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return refuse(handle, Error(model::Reason::kOther, fmt::format("librdkafka refuses the token: {}", why.data())));
  {
    const std::lock_guard lock(mutex_);
    error_.reset();
    expires_ = made.token.expires;
  }
  if (made.warning) return note_unrefreshed(made.warning->what(), made.warning->hint());
  if (logs_ && !std::exchange(logged_, "").empty())
    log_event(LogLevel::kInfo, "AWS credentials renewed", {{"cluster", cluster_}});
  if (logs_ && std::exchange(source_, made.source) != made.source)
    log_event(LogLevel::kInfo, "AWS credentials found", {{"cluster", cluster_}, {"source", made.source}});
}

void TokenRefresh::refuse(rd_kafka_t* handle, const Error& why) {
  if (stop_) return;  // the reason is that it was canceled
  bool is_valid = false;
  {
    const std::lock_guard lock(mutex_);
    error_ = why;
    is_valid = expires_ > std::chrono::system_clock::now();
  }
  // Without a valid token the failed collectors report it.
  if (is_valid) note_unrefreshed(why.what(), why.failure().hint);
  rd_kafka_oauthbearer_set_token_failure(handle, why.what());
}

void TokenRefresh::note_unrefreshed(const std::string& error, std::string_view hint) {
  if (logs_ && !stop_ && std::exchange(logged_, error) != error)
    log_event(LogLevel::kWarning, "AWS credentials not renewed",
              {{"cluster", cluster_}, {"error", error}, {"hint", hint}});
}

}  // namespace kafkascope::kafka
