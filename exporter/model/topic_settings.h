#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace kafkascope::model {

inline constexpr int64_t kUnlimited = -1;

/// A topic's configuration, including broker defaults.
struct TopicSettings {
  std::string cleanup_policy;  ///< delete, compact or "compact,delete"
  int64_t retention_ms = kUnlimited;
  int64_t retention_bytes = kUnlimited;  ///< Of each partition.
  int32_t min_in_sync = 1;
  bool unclean_elections = false;            ///< A replica that is not in sync may become leader.
  std::map<std::string, std::string> own{};  ///< Those set on the topic itself, of the ones requested.

  bool deletes() const { return cleanup_policy.find("delete") != std::string::npos; }
  bool compacts() const { return cleanup_policy.find("compact") != std::string::npos; }
  /// Whether closed segments are moved to remote storage (KIP-405).
  bool is_tiered() const {
    const auto found = own.find("remote.storage.enable");
    return found != own.end() && found->second == "true";
  }
};

}  // namespace kafkascope::model
