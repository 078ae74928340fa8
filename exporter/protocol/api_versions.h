#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"

namespace kafkascope::protocol {

/// From version 3 on the response has feature levels (KIP-584).
inline constexpr Api kApiVersions{18, "ApiVersions", 3, 4, 3};

/// Encodes an ApiVersions request.
std::string encode_api_versions(int16_t version);

/// The levels of a feature that a broker supports. Refers to the bytes of the response.
struct SupportedFeature {
  std::string_view name;
  int16_t min_level, max_level;
};

/// The level of a feature that the cluster uses.
struct FinalizedFeature {
  std::string_view name;
  int16_t level;
};

/// What an ApiVersions response says of features.
struct Features {
  int16_t error;
  std::vector<SupportedFeature> supported;  ///< Before version 4 without those whose lowest level is 0.
  int64_t finalized_epoch = -1;             ///< -1: `finalized` is not known.
  std::vector<FinalizedFeature> finalized;
};

/// Throws DecodeError.
Features decode_api_versions(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
