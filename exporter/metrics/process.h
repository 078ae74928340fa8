#pragma once

#include <string>
#include <string_view>

namespace kafkascope::metrics {

/// Appends the process_* metrics of Prometheus client libraries, read from `proc` ("/proc/self"), without those that
/// are not available. Thread-safety: any thread.
void append_process_figures(const std::string& proc, std::string_view constant_labels, std::string& text);

}  // namespace kafkascope::metrics
