#pragma once

#include <cstdint>
#include <string_view>

namespace kafkascope::protocol {

/// A request kind: Kafka's number and name for it, and the supported versions. Encoders and decoders REQUIRE one of
/// these versions.
struct Api {
  int16_t key;
  std::string_view name;
  int16_t min_version;
  int16_t max_version;
  int16_t first_flexible_version;

  bool flexible(int16_t version) const { return version >= first_flexible_version; }
};

}  // namespace kafkascope::protocol
