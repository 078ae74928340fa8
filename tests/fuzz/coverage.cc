// Coverage for libFuzzer. GCC calls __sanitizer_cov_trace_pc() in every basic block. libFuzzer's does nothing, so the
// linker (--wrap) replaces it. Each block gets one of the counters that libFuzzer reads after every input.
#include <cstdint>

namespace {

constexpr unsigned kBits = 16;
[[gnu::section("__libfuzzer_extra_counters")]] uint8_t counters[1 << kBits];

}  // namespace

extern "C" {

extern const char __executable_start;  // of the linker

void __wrap___sanitizer_cov_trace_pc() {
  // The distance, which does not depend on where the program is loaded.
  const uintptr_t block =
      reinterpret_cast<uintptr_t>(__builtin_return_address(0)) - reinterpret_cast<uintptr_t>(&__executable_start);
  constexpr uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
  ++counters[block * kGoldenRatio >> (64 - kBits)];
}

// libFuzzer has all others of trace-cmp.
void __sanitizer_cov_trace_cmpf(float, float) {}
void __sanitizer_cov_trace_cmpd(double, double) {}

// libFuzzer keeps the input that ended the process by a signal.
const char* __ubsan_default_options() { return "abort_on_error=1:print_stacktrace=1"; }

}  // extern "C"
