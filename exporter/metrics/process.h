#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kafkascope::metrics {

/// Appends process_* as every Prometheus client has them, read from `proc` ("/proc/self"); returns how many series.
/// What the kernel does not tell is left out. Thread-safety: any thread.
size_t append_process_figures(const std::string& proc, std::string_view constant_labels, std::string& text);

}  // namespace kafkascope::metrics
