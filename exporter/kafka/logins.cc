#include "kafka/logins.h"

#include <algorithm>

namespace kafkascope::kafka {

Logins::Logins(Duration first_pause, Duration max_pause)
    : first_pause_(first_pause), max_pause_(std::max(first_pause, max_pause)) {}

bool Logins::may_connect(const std::string& broker, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = refusals_.find(broker);
  if (found == refusals_.end()) return true;
  Refusal& refusal = found->second;
  if (now < refusal.next) return false;
  refusal.next = now + refusal.pause;
  return refusal.retry = true;
}

void Logins::refused(const std::string& broker, const std::string& why, Time now) {
  const std::lock_guard lock(mutex_);
  Refusal& refusal = refusals_.try_emplace(broker, Refusal{"login failed", first_pause_, {}}).first->second;
  // Connections that began before the first refusal, such as those of another handle, do not prolong the pause.
  if (refusal.retry) refusal.pause = std::min(2 * refusal.pause, max_pause_);
  refusal.retry = false;
  refusal.next = now + refusal.pause;
  if (!why.empty()) refusal.why = why;
}

void Logins::explain(const std::string& broker, const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (const auto found = refusals_.find(broker); found != refusals_.end()) found->second.why = why;
}

void Logins::forget(const std::string& broker) {
  const std::lock_guard lock(mutex_);
  refusals_.erase(broker);
}

void Logins::not_reached(const std::string& broker, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = refusals_.find(broker);
  if (found == refusals_.end() || !found->second.retry) return;
  found->second.retry = false;
  found->second.next = now;
}

std::optional<std::string> Logins::refusal(const std::string& broker) const {
  const std::lock_guard lock(mutex_);
  const auto found = refusals_.find(broker);
  if (found == refusals_.end()) return std::nullopt;
  return found->second.why;
}

}  // namespace kafkascope::kafka
