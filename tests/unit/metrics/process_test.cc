#include "metrics/process.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

using kafkascope::metrics::append_process_figures;

namespace {

std::string figures(const std::string& proc) {
  std::string text;
  append_process_figures(SOURCE_DIR "/tests/unit/metrics/proc/" + proc, "", text);
  return text;
}

}  // namespace

TEST_CASE("invalid process values are left out") {
  CHECK(figures("broken").empty());
  CHECK(figures("no such folder").empty());
}

TEST_CASE("a truncated /proc file only loses the missing values") {
  const std::string text = figures("truncated");
  CHECK(text.find("process_cpu_seconds_total ") != std::string::npos);
  CHECK(text.find("process_resident_memory_bytes") == std::string::npos);
  CHECK(text.find("process_max_fds 1024\n") != std::string::npos);
  CHECK(text.find("process_virtual_memory_max_bytes") == std::string::npos);
}
