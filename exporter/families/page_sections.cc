#include "families/page_sections.h"

#include <utility>

#include "metrics/input_hash.h"

namespace kafkascope::families {

PageContext::PageContext(const model::Snapshot& snapshot, const model::Figures& figures, const model::Options& options,
                         FamilyWriter& out)
    : snapshot(snapshot), figures(figures), options(options), out(out) {
  metrics::InputHash input_hash;
  input_hash.add(snapshot.metadata_held());
  if (snapshot.metadata) {
    topics.reserve(snapshot.metadata->topics.size());
    for (const auto& topic : snapshot.metadata->topics) {
      topics.push_back(label("topic", topic.name));
      input_hash.add(topic.name).add(topic.partitions).add(topic.nodes);
    }
  }
  topics_hash = input_hash.value();
}

SampleWriter& with_labels(SampleWriter& samples, const model::Labels& labels) {
  for (const auto& [name, value] : labels) samples.with(label(name, value));
  return samples;
}

void write_all(const model::Snapshot& snapshot, const model::Figures& figures, const model::Options& options,
               FamilyWriter& out) {
  out.begin(options);
  const PageContext w(snapshot, figures, options, out);
  write_cluster(w);
  write_brokers(w);
  write_quorum(w);
  write_log_dirs(w);
  write_certificates(w);
  write_features(w);
  write_topics(w);
  write_transactions(w);
  write_groups(w);
  write_share_groups(w);
  write_client(w);
  write_kafka_lag_exporter(w);
}

std::vector<std::string> family_names() {
  FamilyWriter families("");
  write_all({}, {}, {}, families);
  std::vector<std::string> names;
  for (auto& family : families.take()) names.push_back(std::move(family.name));
  return names;
}

}  // namespace kafkascope::families
