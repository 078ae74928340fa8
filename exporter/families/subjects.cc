#include "families/subjects.h"

#include <utility>

#include "metrics/basis.h"

namespace kafkascope::families {

Writing::Writing(const model::Snapshot& snapshot, const model::Options& options, Families& out)
    : snapshot(snapshot), options(options), out(out) {
  metrics::Basis basis;
  basis.add(snapshot.metadata_held());
  if (snapshot.metadata) {
    topics.reserve(snapshot.metadata->topics.size());
    for (const auto& topic : snapshot.metadata->topics) {
      topics.push_back(label("topic", topic.name));
      basis.add(topic.name).add(topic.partitions).add(topic.nodes);
    }
  }
  topics_basis = basis.value();
}

void write_all(const model::Snapshot& snapshot, const model::Options& options, Families& out) {
  out.begin(options);
  const Writing w(snapshot, options, out);
  write_cluster(w);
  write_brokers(w);
  write_quorum(w);
  write_log_dirs(w);
  write_topics(w);
  write_groups(w);
  write_share_groups(w);
  write_client(w);
}

std::vector<std::string> family_names() {
  Families families("");
  write_all({}, {}, families);
  std::vector<std::string> names;
  for (auto& family : families.take()) names.push_back(std::move(family.name));
  return names;
}

}  // namespace kafkascope::families
