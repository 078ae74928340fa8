#pragma once

#include <string>
#include <vector>

#include "metrics/family_writer.h"
#include "model/figures.h"
#include "model/options.h"
#include "model/snapshot.h"

// What is written of a cluster: one file a subject, every name and help text next to its value. A new metric is a few
// lines in one of them (or a new file that write_all() calls), a line of tests/golden.txt and a row of the table in
// docs/metrics.md.
namespace kafkascope::families {

using metrics::FamilyDescription;
using metrics::FamilyWriter;
using metrics::label;
using metrics::SampleWriter;
using metrics::Type;

/// A snapshot being written, and what all subjects share.
struct PageContext {
  PageContext(const model::Snapshot& snapshot, const model::Figures& figures, const model::Options& options,
              FamilyWriter& out);

  const model::Snapshot& snapshot;
  const model::Figures& figures;
  const model::Options& options;
  FamilyWriter& out;
  std::vector<std::string> topics;  ///< Labels, escaped once, by topic index; empty without metadata.
  uint64_t topics_hash;             ///< A InputHash: what the metadata says of topics and their partitions.
};

void write_cluster(const PageContext& w);
void write_brokers(const PageContext& w);
void write_quorum(const PageContext& w);
void write_log_dirs(const PageContext& w);
void write_topics(const PageContext& w);
void write_groups(const PageContext& w);
void write_share_groups(const PageContext& w);
void write_client(const PageContext& w);

/// All of them, in the order of the page.
void write_all(const model::Snapshot& snapshot, const model::Figures& figures, const model::Options& options,
               FamilyWriter& out);

/// The names of all families that write_all() may write.
std::vector<std::string> family_names();

}  // namespace kafkascope::families
