#pragma once

#include <span>
#include <string>

#include "model/transactions.h"

namespace kafkascope::cluster {

/// Logs the events of the last background run. `cluster`: its name.
void log_transactions(const std::string& cluster, std::span<const model::TransactionEvent> events);

}  // namespace kafkascope::cluster
