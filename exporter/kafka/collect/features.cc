#include "kafka/collect/features.h"

#include <fmt/core.h>

#include <string>

#include "protocol/api_versions.h"

namespace kafkascope::kafka {
namespace {

model::BrokerFeatures read(std::string_view body, int16_t version) {
  const auto answer = protocol::decode_api_versions(body, version);
  if (answer.error) throw Error(kafka_code(answer.error), "features");
  model::BrokerFeatures features;
  features.finalized_epoch = answer.finalized_epoch;
  for (const auto& feature : answer.supported) features.max_levels[std::string(feature.name)] = feature.max_level;
  for (const auto& feature : answer.finalized) features.finalized[std::string(feature.name)] = feature.level;
  return features;
}

}  // namespace

void collect_features(RequestBatch& requests, const model::Metadata& metadata,
                      std::map<int32_t, std::optional<model::BrokerFeatures>>& collected, Failures& failures) {
  for (const auto& broker : metadata.brokers) requests.negotiate_versions(broker.id);
  requests.run(kStepShare);
  for (const auto& broker : metadata.brokers) {
    if (requests.takes_none(broker.id, protocol::kApiVersions)) continue;
    auto& features = collected[broker.id];
    requests.ask({broker.id, &protocol::kApiVersions,
                  [](int16_t version) { return protocol::encode_api_versions(version); },
                  [&](int16_t version, std::string_view body) {
                    try {
                      features = read(body, version);
                    } catch (const Error& error) {
                      failures.add(error);
                    }
                  },
                  [&](const Error& error) { failures.add(error); }});
  }
  requests.run();
}

}  // namespace kafkascope::kafka
