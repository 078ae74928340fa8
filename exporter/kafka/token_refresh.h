#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "aws/msk_token.h"
#include "config/config.h"
#include "kafka/error.h"

namespace kafkascope::kafka {

/// Gives a handle of librdkafka, whose mechanism is OAUTHBEARER, tokens for MSK IAM. They are made on a thread of its
/// own: credentials may come from a slow service, and nothing else may wait for it.
/// Thread-safety: every method may be called from any thread.
class TokenRefresh {
 public:
  /// `cluster`: for the log. `logs`: false for the second client of a cluster, for which the first one logs.
  TokenRefresh(std::string cluster, const config::AwsIam& iam, bool logs);
  ~TokenRefresh();
  TokenRefresh(const TokenRefresh&) = delete;
  TokenRefresh& operator=(const TokenRefresh&) = delete;

  void start(rd_kafka_t* handle);
  /// Has a token made. Returns at once. librdkafka calls this first at the start, then when a fifth of a token's
  /// lifetime is left, or ten seconds after a failure.
  void request();
  /// Cancels requests for credentials, and ends the thread. Has to be called before the handle is destroyed.
  void stop();

  /// Returns why there is no valid token; nothing if there is one or the first one is still being made.
  std::optional<Error> failure() const;

 private:
  void run(rd_kafka_t* handle);
  void refresh(rd_kafka_t* handle);
  void refuse(rd_kafka_t* handle, const Error& why);
  /// Logs a failure while the token is still valid, once until it changes.
  void note_unrefreshed(const std::string& error, std::string_view hint);

  const std::string cluster_;
  const bool logs_;
  std::atomic<bool> stop_{false};
  aws::MskTokens tokens_;        // used by the thread only, as the next two
  std::string source_, logged_;  // what was logged last: the source of the credentials, and a failure
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
  std::optional<Error> error_;
  aws::Time expires_{};
  std::thread thread_;
};

}  // namespace kafkascope::kafka
