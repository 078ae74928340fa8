#include "kafka/collect/quorum.h"

#include <fmt/core.h>

#include <set>

#include "kafka/limits.h"
#include "protocol/describe_quorum.h"

namespace kafkascope::kafka {
namespace {

using model::ReadState;

constexpr model::QuorumReplica replica(const protocol::QuorumReplica& from, bool voter) {
  return {from.id, voter, from.log_end_offset, from.last_caught_up_timestamp_ms};
}

model::Quorum quorum(const protocol::Quorum& answer) {
  model::Quorum quorum{answer.leader, answer.leader_epoch, answer.high_watermark, {}};
  std::set<int32_t> seen;
  for (const auto& voter : answer.voters)
    if (seen.insert(voter.id).second) quorum.replicas.push_back(replica(voter, true));
  for (const auto& observer : answer.observers)
    if (seen.insert(observer.id).second) quorum.replicas.push_back(replica(observer, false));
  return quorum;
}

}  // namespace

CollectedQuorum collect_quorum(RequestBatch& requests, std::span<const int32_t> candidates,
                               const model::Metadata& metadata, Failures& failures) {
  CollectedQuorum collected;
  collected.state = ReadState::kFailed;
  Failures unanswered;  // dropped if another broker responds
  for (const int32_t broker : candidates) {
    requests.negotiate_versions(broker);
    requests.run(kStepShare);
    if (requests.takes_none(broker, protocol::kDescribeQuorum)) {  // with ZooKeeper, or older
      collected.state = ReadState::kNotRequested;
      if (metadata.controller != model::kNoBroker) collected.controller = metadata.controller;
      return collected;
    }
    const bool connected = !requests.lost(broker);
    bool answered = false;
    requests.ask({broker, &protocol::kDescribeQuorum,
                  [](int16_t version) { return protocol::encode_describe_quorum(version); },
                  [&](int16_t version, std::string_view body) {
                    const auto answer = protocol::decode_describe_quorum(body, version);
                    answered = true;
                    if (answer.error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
                      failures.add(model::Failure{model::Reason::kAuthorization,
                                                  "the quorum and the controller: grant DESCRIBE on the cluster"});
                    } else if (answer.error) {
                      failures.add(Error(kafka_code(answer.error), "describing the quorum"));
                    } else {
                      collected.state = ReadState::kOk;
                      collected.quorum = quorum(answer);
                      if (answer.leader != model::kNoBroker) collected.controller = answer.leader;
                    }
                  },
                  [&](const Error& error) { unanswered.add(error); }});
    requests.run(kStepShare);
    if (answered) return collected;
    // A broker that does not respond may be waiting for a controller; so would the others.
    if (connected) break;
  }
  for (auto& failure : unanswered.take()) failures.add(std::move(failure));
  if (failures.empty()) failures.add(model::Failure{model::Reason::kUnreachable, "no broker is connected"});
  return collected;
}

}  // namespace kafkascope::kafka
