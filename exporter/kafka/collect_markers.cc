#include <fmt/core.h>

#include "kafka/collect.h"
#include "protocol/fetch.h"

namespace kafkascope::kafka {

using model::OldRecord;

std::vector<std::pair<OldRecord, std::optional<bool>>> collect_markers(Requests& requests,
                                                                       const model::Metadata& metadata,
                                                                       std::span<const OldRecord> wanted,
                                                                       Failures& failures) {
  std::vector<std::pair<OldRecord, std::optional<bool>>> collected;
  for (const OldRecord& record : wanted) {
    const model::Topic& topic = model::topic_of(metadata, record.partition);
    const auto index = static_cast<int32_t>(record.partition - topic.first_partition);
    if (topic.partitions[index].leader == model::kNoBroker) continue;
    requests.ask({topic.partitions[index].leader, &protocol::kFetch,
                  [&topic, index, record](int16_t version) {
                    return protocol::encode_fetch_batch_header(version, topic.name, index, record.offset);
                  },
                  [&, record](int16_t version, std::string_view body) {
                    const auto batch = protocol::decode_fetch_batch_header(body, version, record.offset);
                    if (batch.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
                      collected.emplace_back(record, std::nullopt);  // nobody has to let us read
                    } else if (!batch.error && batch.any) {
                      collected.emplace_back(record, batch.control && batch.base_offset <= record.offset &&
                                                         record.offset <= batch.last_offset);
                    }  // else the partition has moved, or the record is gone: asked again if it still matters
                  },
                  [&](const Error& error) { failures.add(error); }});
  }
  requests.run();
  return collected;
}

}  // namespace kafkascope::kafka
