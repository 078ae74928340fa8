#pragma once

#include <iomanip>
#include <sstream>
#include <string>
#include <string_view>

#include "protocol/describe_producers.h"
#include "protocol/describe_transactions.h"
#include "protocol/list_transactions.h"

// Decoded responses about transactions as text.
namespace kafkascope::protocol {

inline std::string render_list_transactions(std::string_view answer, int16_t version) {
  std::ostringstream out;
  ListTransactionsSink sink;
  sink.answer_error = [&](int16_t error) { out << "error " << error << '\n'; };
  sink.transaction = [&](std::string_view id, int64_t producer, std::string_view state) {
    out << "transaction " << std::quoted(id) << " producer " << producer << " state " << std::quoted(state) << '\n';
  };
  decode_list_transactions(answer, version, sink);
  return out.str();
}

inline std::string render_describe_transactions(std::string_view answer, int16_t version) {
  std::ostringstream out;
  DescribeTransactionsSink sink;
  sink.transaction = [&](const TransactionDescription& t) {
    out << "transaction " << std::quoted(t.id) << " error " << t.error << " state " << std::quoted(t.state)
        << " timeout " << t.timeout_ms << " start " << t.start_ms << " producer " << t.producer_id << " epoch "
        << t.producer_epoch << '\n';
  };
  sink.topic = [&](std::string_view name, Int32Array partitions) {
    out << "  topic " << std::quoted(name) << " [";
    for (size_t i = 0; i < partitions.size(); ++i) out << (i > 0 ? "," : "") << partitions[i];
    out << "]\n";
  };
  decode_describe_transactions(answer, version, sink);
  return out.str();
}

inline std::string render_describe_producers(std::string_view answer, int16_t version) {
  std::ostringstream out;
  DescribeProducersSink sink;
  sink.topic = [&](std::string_view name) { out << "topic " << std::quoted(name) << '\n'; };
  sink.partition = [&](int32_t index, int16_t error) { out << "  partition " << index << " error " << error << '\n'; };
  sink.producer = [&](const ProducerState& p) {
    out << "    producer " << p.id << " epoch " << p.epoch << " last " << p.last_timestamp_ms << " start "
        << p.transaction_start_offset << '\n';
  };
  decode_describe_producers(answer, version, sink);
  return out.str();
}

}  // namespace kafkascope::protocol
