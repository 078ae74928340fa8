#include "protocol/list_transactions.h"

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {

std::string encode_list_transactions(int16_t version) {
  constexpr int64_t kAnyDuration = -1;
  Writer writer(kListTransactions.flexible(version));
  writer.array(0);  // all states
  writer.array(0);  // all producers
  if (version >= 1) writer.int64(kAnyDuration);
  if (version >= 2) writer.null_string();  // all ids
  return writer.take();
}

void decode_list_transactions(std::string_view answer, int16_t version, const ListTransactionsSink& sink) {
  Reader reader(answer, kListTransactions.flexible(version));
  reader.int32();  // throttle time
  sink.answer_error(reader.int16());
  for (size_t unknown = reader.array(); unknown > 0; --unknown) reader.string();  // state filters
  for (size_t transactions = reader.array(); transactions > 0; --transactions) {
    const std::string_view id = reader.string();
    const int64_t producer_id = reader.int64();
    sink.transaction(id, producer_id, reader.string());
    reader.tags();
  }
  reader.tags();
  reader.end();
}

}  // namespace kafkascope::protocol
