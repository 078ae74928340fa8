#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/api.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeTransactions{65, "DescribeTransactions", 0, 0, 0};

/// Encodes a DescribeTransactions request, sent to the coordinator of these transactional ids.
std::string encode_describe_transactions(int16_t version, std::span<const std::string_view> ids);

/// Refers to the bytes of the response.
struct TransactionDescription {
  int16_t error;
  std::string_view id;
  std::string_view state;
  int32_t timeout_ms;
  int64_t start_ms;  ///< Since the Unix epoch; -1: none is open.
  int64_t producer_id;
  int16_t producer_epoch;
};

/// Receives each transaction followed by its topics: with a transaction that ends, only partitions without markers.
struct DescribeTransactionsSink {
  std::function<void(const TransactionDescription&)> transaction;
  std::function<void(std::string_view name, Int32Array partitions)> topic;
};

/// Throws DecodeError; the sink may have received part of the response by then.
void decode_describe_transactions(std::string_view answer, int16_t version, const DescribeTransactionsSink& sink);

}  // namespace kafkascope::protocol
