#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "model/zookeeper.h"

// Answers to ZooKeeper's four-letter words. Pure functions that accept any bytes.
namespace kafkascope::zookeeper {

/// Maximum number of values that are kept of an answer; ZooKeeper 3.9 reports 540.
inline constexpr size_t kMaxValues = 2000;

enum class Refusal {
  kNotServing,      ///< The server has no quorum, or is starting.
  kNotWhitelisted,  ///< 4lw.commands.whitelist does not contain the word.
};

/// Returns why an answer contains no values; nothing: it may.
std::optional<Refusal> find_refusal(std::string_view answer);

/// Parses an answer to mntr, of any metrics provider. Ignores lines that are not understood, NaN and a last line
/// without newline, which may be cut off. Returns nothing if the answer has no state of the server.
std::optional<model::ZooKeeperValues> parse_mntr(std::string_view answer);

/// Parses an answer to srvr; the values have the names that they have in mntr.
std::optional<model::ZooKeeperValues> parse_srvr(std::string_view answer);

}  // namespace kafkascope::zookeeper
