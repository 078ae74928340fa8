#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "config/web_config.h"
#include "web/password_checker.h"
#include "web/rate_limiter.h"
#include "web/responses.h"
#include "web/tls_context.h"

namespace kafkascope::web {

/// Who may connect and what every response contains: the web configuration, ready to use. Immutable but for the
/// limiter's tokens.
struct Access {
  std::shared_ptr<const TlsContext> tls;  ///< Null: no TLS.
  Users users;                            ///< Empty: no authentication.
  std::vector<Header> headers;
  std::shared_ptr<RateLimiter> limiter;
};

/// Holds the current Access and replaces it when the web configuration file or a certificate changes. A change is
/// applied completely or not at all. Thread-safety: current() may be called by any thread, the other functions by one.
class AccessSource {
 public:
  /// Throws config::ConfigError or std::runtime_error.
  explicit AccessSource(const config::Web& web);

  std::shared_ptr<const Access> current() const;

  /// Must be called every second. Reads the files again once they have changed and then have not changed until the next
  /// call, so that a file that is being written is not read.
  void check();
  /// Reads the files again now. Keeps the old state if they are invalid, which is logged once.
  void reload();
  bool last_reload_successful() const { return last_error_.empty(); }

 private:
  std::string signature() const;
  void apply(config::WebConfig config);

  const config::Web web_;
  std::set<std::string> files_;
  std::string read_signature_, seen_signature_;  // of the files before they were read, and at the last check
  std::string last_error_;
  config::WebConfig config_;               // the current one
  mutable std::mutex mutex_;               // held only to copy a pointer
  std::shared_ptr<const Access> current_;  // guarded by mutex_
};

}  // namespace kafkascope::web
