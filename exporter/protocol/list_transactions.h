#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kListTransactions{66, "ListTransactions", 0, 2, 0};

/// Encodes a ListTransactions request. A broker returns the transactional ids that it coordinates.
std::string encode_list_transactions(int16_t version);

struct ListTransactionsSink {
  std::function<void(int16_t error)> answer_error;
  std::function<void(std::string_view id, int64_t producer_id, std::string_view state)> transaction;
};

/// Throws DecodeError; the sink may have received part of the response by then.
void decode_list_transactions(std::string_view answer, int16_t version, const ListTransactionsSink& sink);

}  // namespace kafkascope::protocol
