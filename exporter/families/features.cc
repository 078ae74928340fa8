#include <string>

#include "families/page_sections.h"

namespace kafkascope::families {

void write_features(const PageContext& w) {
  const auto& brokers = w.snapshot.features;
  w.out.family({.name = "kafka_broker_feature_max_level",
                .help = "Highest level of the feature that the broker supports, such as metadata.version.",
                .collector = model::Collector::kFeatures},
               [&](SampleWriter& s) {
                 for (const auto& [id, features] : brokers)
                   if (features)
                     for (const auto& [name, level] : features->max_levels)
                       s.with("id", id).with(label("feature", name)).value(level, features.held());
               });

  // The broker that knows of the latest change.
  const model::Cached<model::BrokerFeatures>* latest = nullptr;
  for (const auto& [id, features] : brokers)
    if (features && features->finalized_epoch >= 0 &&
        (!latest || features->finalized_epoch > (*latest)->finalized_epoch))
      latest = &features;
  w.out.family({.name = "kafka_cluster_feature_level",
                .help = "Finalized level of the feature: what the cluster uses. Absent for features that are not used.",
                .collector = model::Collector::kFeatures},
               [&](SampleWriter& s) {
                 if (!latest) return;
                 for (const auto& [name, level] : (*latest)->finalized)
                   s.with(label("feature", name)).value(level, latest->held());
               });
}

}  // namespace kafkascope::families
