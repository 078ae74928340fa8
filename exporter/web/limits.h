#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace kafkascope::web {

// Every timeout and limit of the HTTP server.

/// Backlog of the listening sockets. Connections are accepted at once.
inline constexpr int kBacklog = 1024;

/// Connections whose request is not complete yet. Above this the oldest is closed: a well-behaved client needs one
/// round trip only. Half of the process' file descriptors, if that is less.
inline constexpr size_t kMaxWaiting = 4096;
/// The same with TLS, where each costs some 50 KiB of memory.
inline constexpr size_t kMaxWaitingWithTls = 1024;
/// For a TLS handshake and the request to arrive, usually in a few packets: allows several retransmissions.
inline constexpr std::chrono::milliseconds kRequestTimeout{5000};
/// The largest request head. CivetWeb refuses a longer one.
inline constexpr size_t kMaxRequestBytes = 16 * 1024;

/// Responses written at the same time. Each takes a thread, started when that many are needed for the first time: 256
/// KiB of address space, about 30 KiB of memory. Slow clients are cut off, so this is far more than scrapers need.
inline constexpr unsigned kMaxWorkers = 256;
/// The same for the listener of health checks.
inline constexpr unsigned kMaxHealthWorkers = 16;
/// How long CivetWeb waits for the rest of a request, and for room to write, but that is tried again, see WriteLimits.
inline constexpr std::chrono::milliseconds kClientTimeout{2000};
/// For the next request on a connection. Short, because it occupies a worker and a new connection costs next to
/// nothing.
inline constexpr std::chrono::milliseconds kKeepAliveTimeout{2000};

/// How long writing a response may take: `base`, and a second for every `bytes_per_second` that the client, or its
/// kernel, has taken.
struct WriteLimits {
  std::chrono::milliseconds base;
  uint64_t bytes_per_second;
};
inline constexpr WriteLimits kWriteLimits{std::chrono::milliseconds(5000), 1024 * 1024};
/// While more than half of the workers are busy. Fifty scrapers are far fewer.
inline constexpr WriteLimits kWriteLimitsUnderLoad{std::chrono::milliseconds(1000), 8 * 1024 * 1024};
/// Responses are written in pieces of this size; the time is checked between them.
inline constexpr size_t kPieceBytes = 256 * 1024;

/// Parameters of a request.
inline constexpr size_t kMaxParameters = 64;
/// Slices of the newest page that are kept: those used last.
inline constexpr size_t kMaxSlices = 16;
inline constexpr size_t kMaxSliceBytes = 32 * 1024 * 1024;

}  // namespace kafkascope::web
