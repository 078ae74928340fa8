#pragma once

#include <atomic>
#include <cstddef>

// The operator new of this test program, which cost_test.cc replaces.
namespace kafkascope::cluster {

/// Allocations so far.
extern std::atomic<size_t> allocations;
/// An allocation of exactly so many bytes throws std::bad_alloc. 0: none does.
extern std::atomic<size_t> failing_size;

}  // namespace kafkascope::cluster
