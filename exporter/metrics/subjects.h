#pragma once

#include "metrics/families.h"
#include "model/options.h"
#include "model/snapshot.h"

// What is written of a cluster: one file a subject, every name and help text next to its value. A new metric is a few
// lines in one of them (or a new file that write_all() calls), a line of tests/golden.txt and a row of README's table.
namespace kafkascope::metrics {

void write_cluster(const model::Snapshot& snapshot, Families& out);
void write_topics(const model::Snapshot& snapshot, Families& out);
void write_groups(const model::Snapshot& snapshot, const model::Options& options, Families& out);
void write_client(const model::Snapshot& snapshot, Families& out);

/// All of them, in the order of the page.
void write_all(const model::Snapshot& snapshot, const model::Options& options, Families& out);

}  // namespace kafkascope::metrics
