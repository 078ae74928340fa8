#pragma once

#include <string>
#include <vector>

#include "metrics/family_writer.h"
#include "model/figures.h"
#include "model/options.h"
#include "model/snapshot.h"

// The families of a cluster: one file per subject, with name and help text next to the value. For a new metric see
// docs/development.md.
namespace kafkascope::families {

using metrics::FamilyDescription;
using metrics::FamilyWriter;
using metrics::label;
using metrics::SampleWriter;
using metrics::Type;

/// The snapshot to write, and values shared by all subjects.
struct PageContext {
  PageContext(const model::Snapshot& snapshot, const model::Figures& figures, const model::Options& options,
              FamilyWriter& out);

  const model::Snapshot& snapshot;
  const model::Figures& figures;
  const model::Options& options;
  FamilyWriter& out;
  std::vector<std::string> topics;  ///< Escaped labels by topic index; empty without metadata.
  uint64_t topics_hash;             ///< InputHash of the metadata of topics and partitions.
};

/// Adds labels from the configuration.
SampleWriter& with_labels(SampleWriter& samples, const model::Labels& labels);

void write_cluster(const PageContext& w);
void write_brokers(const PageContext& w);
void write_quorum(const PageContext& w);
void write_log_dirs(const PageContext& w);
void write_certificates(const PageContext& w);
void write_features(const PageContext& w);
void write_topics(const PageContext& w);
void write_transactions(const PageContext& w);
void write_groups(const PageContext& w);
void write_share_groups(const PageContext& w);
void write_client(const PageContext& w);
void write_kafka_lag_exporter(const PageContext& w);

/// Writes all families in page order.
void write_all(const model::Snapshot& snapshot, const model::Figures& figures, const model::Options& options,
               FamilyWriter& out);

/// Returns the names of all families of write_all().
std::vector<std::string> family_names();

}  // namespace kafkascope::families
