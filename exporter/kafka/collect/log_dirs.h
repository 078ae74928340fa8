#pragma once

#include <map>
#include <optional>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"
#include "model/log_dirs.h"

namespace kafkascope::kafka {

/// Reads the log directories of every broker into `collected`. Nothing for a broker: it failed; that is valid after an
/// exception, too.
void collect_log_dirs(RequestBatch& requests, const model::Metadata& metadata,
                      std::map<int32_t, std::optional<model::LogDirs>>& collected, Failures& failures);

}  // namespace kafkascope::kafka
