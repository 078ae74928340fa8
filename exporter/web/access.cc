#include "web/access.h"

#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>

#include <exception>
#include <stdexcept>
#include <utility>

#include "log/event.h"

namespace kafkascope::web {
namespace {

// Changes whenever the file does: also if only its target changes, as in a Kubernetes volume.
std::string signature_of(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return "absent";
  return fmt::format("{} {} {} {}.{} {}.{}", file.st_dev, file.st_ino, file.st_size, file.st_mtim.tv_sec,
                     file.st_mtim.tv_nsec, file.st_ctim.tv_sec, file.st_ctim.tv_nsec);
}

bool is_restricted(const Access& access) { return access.tls || !access.users.empty(); }

}  // namespace

AccessSource::AccessSource(const config::Web& web) : web_(web) { apply(config::read_web_config(web_, &files_)); }

std::shared_ptr<const Access> AccessSource::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::string AccessSource::signature() const {
  std::string result;
  for (const std::string& path : files_) result += signature_of(path) + "\n";
  return result;
}

void AccessSource::check() {
  if (files_.empty()) return;
  const std::string now = signature();
  const bool settled = now == std::exchange(seen_signature_, now);
  if (settled && now != read_signature_) reload();
}

void AccessSource::reload() {
  if (files_.empty()) return;
  const std::string before = signature();
  std::set<std::string> files;
  std::string error;
  bool changed = false;
  try {
    config::WebConfig config = config::read_web_config(web_, &files);
    if (config.blank && is_restricted(*current()))
      throw std::runtime_error(fmt::format(
          "{} is empty, which would remove TLS and users; restart the exporter if that is wanted", web_.config_file));
    changed = config != config_;
    if (changed) apply(std::move(config));
  } catch (const std::exception& e) {
    error = e.what();
    files.insert(files_.begin(), files_.end());  // those of the last valid configuration may change, too
  }
  const bool recovered = error.empty() && !last_error_.empty();
  if (!error.empty() && error != last_error_) {
    log_event(LogLevel::kError, "web configuration reload failed",
              {{"error", error}, {"effect", "the last valid one stays in force"}});
  } else if (changed || recovered) {
    log_event(LogLevel::kInfo, "web configuration reloaded",
              {{"tls", config_.tls ? "true" : "false"}, {"users", config_.users.size()}});
  }
  last_error_ = error;
  // Otherwise files may have changed since they were read: the next check reads them again.
  const bool stable = signature() == before && files == files_;
  files_ = std::move(files);
  read_signature_ = stable ? before : "";
}

void AccessSource::apply(config::WebConfig config) {
  const std::shared_ptr<const Access> old = current();
  auto access = std::make_shared<Access>();
  if (config.tls) {
    const bool same = old && old->tls && old->tls->config() == *config.tls;
    access->tls = same ? old->tls : std::make_shared<const TlsContext>(*config.tls);
  }
  access->users = config.users;
  for (const auto& [name, value] : config.headers) access->headers.push_back({name, value});
  const bool same = old && old->limiter->limit() == config.rate_limit;
  access->limiter = same ? old->limiter : std::make_shared<RateLimiter>(config.rate_limit);
  config_ = std::move(config);
  const std::lock_guard lock(mutex_);
  current_ = std::move(access);
}

}  // namespace kafkascope::web
