#include "kafka/collect/reassignments.h"

#include <algorithm>

#include "protocol/list_partition_reassignments.h"

namespace kafkascope::kafka {

std::optional<std::vector<model::PartitionRef>> collect_reassignments(RequestBatch& requests, int32_t broker,
                                                                      std::chrono::milliseconds timeout,
                                                                      const model::Metadata& metadata,
                                                                      Failures& failures) {
  std::optional<std::vector<model::PartitionRef>> reassigning;
  requests.ask(
      {broker, &protocol::kListPartitionReassignments,
       [timeout](int16_t version) {
         return protocol::encode_list_partition_reassignments(version, static_cast<int32_t>(timeout.count()));
       },
       [&](int16_t version, std::string_view body) {
         const auto answer = protocol::decode_list_partition_reassignments(body, version);
         if (answer.error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
           failures.add(model::Failure{model::Reason::kAuthorization, "reassignments: grant DESCRIBE on the cluster"});
           return;
         }
         if (answer.error) {
           failures.add(Error(kafka_code(answer.error), "listing reassignments"));
           return;
         }
         reassigning.emplace();
         for (const auto& moving : answer.reassignments) {
           const uint32_t topic = model::find_topic(metadata, moving.topic);
           if (topic == model::kNoTopic || moving.partition < 0 ||
               static_cast<size_t>(moving.partition) >= metadata.topics[topic].partitions.size())
             continue;
           reassigning->push_back({topic, moving.partition});
         }
         std::sort(reassigning->begin(), reassigning->end());
         reassigning->erase(std::unique(reassigning->begin(), reassigning->end()), reassigning->end());
       },
       [&](const Error& error) { failures.add(error); }});
  requests.run();
  return reassigning;
}

}  // namespace kafkascope::kafka
