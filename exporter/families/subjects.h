#pragma once

#include <string>
#include <vector>

#include "metrics/families.h"
#include "model/options.h"
#include "model/snapshot.h"

// What is written of a cluster: one file a subject, every name and help text next to its value. A new metric is a few
// lines in one of them (or a new file that write_all() calls), a line of tests/golden.txt and a row of the table in
// docs/metrics.md.
namespace kafkascope::families {

using metrics::Families;
using metrics::Head;
using metrics::label;
using metrics::Samples;
using metrics::Type;

/// A snapshot being written, and what all subjects share.
struct Writing {
  Writing(const model::Snapshot& snapshot, const model::Options& options, Families& out);

  const model::Snapshot& snapshot;
  const model::Options& options;
  Families& out;
  std::vector<std::string> topics;  ///< Labels, escaped once, by topic index; empty without metadata.
  uint64_t topics_basis;            ///< A Basis: what the metadata says of topics and their partitions.
};

void write_cluster(const Writing& w);
void write_brokers(const Writing& w);
void write_quorum(const Writing& w);
void write_log_dirs(const Writing& w);
void write_topics(const Writing& w);
void write_groups(const Writing& w);
void write_share_groups(const Writing& w);
void write_client(const Writing& w);

/// All of them, in the order of the page.
void write_all(const model::Snapshot& snapshot, const model::Options& options, Families& out);

/// The names of all families that write_all() may write.
std::vector<std::string> family_names();

}  // namespace kafkascope::families
