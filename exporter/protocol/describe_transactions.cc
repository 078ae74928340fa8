#include "protocol/describe_transactions.h"

#include "protocol/writer.h"

namespace kafkascope::protocol {

std::string encode_describe_transactions(int16_t version, std::span<const std::string_view> ids) {
  Writer writer(kDescribeTransactions.flexible(version));
  writer.array(ids.size());
  for (const std::string_view id : ids) writer.string(id);
  return writer.take();
}

void decode_describe_transactions(std::string_view answer, int16_t version, const DescribeTransactionsSink& sink) {
  Reader reader(answer, kDescribeTransactions.flexible(version));
  reader.int32();  // throttle time
  for (size_t transactions = reader.array(); transactions > 0; --transactions) {
    TransactionDescription transaction{};
    transaction.error = reader.int16();
    transaction.id = reader.string();
    transaction.state = reader.string();
    transaction.timeout_ms = reader.int32();
    transaction.start_ms = reader.int64();
    transaction.producer_id = reader.int64();
    transaction.producer_epoch = reader.int16();
    sink.transaction(transaction);
    for (size_t topics = reader.array(); topics > 0; --topics) {
      const std::string_view name = reader.string();
      sink.topic(name, reader.int32_array());
      reader.tags();
    }
    reader.tags();
  }
  reader.tags();
  reader.end();
}

}  // namespace kafkascope::protocol
