#pragma once

#include <string_view>
#include <utility>

#include "model/time.h"

namespace kafkascope::zookeeper {

/// A file descriptor that is closed when its owner is destroyed.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }

 private:
  int fd_;
};

/// An event that happens once, for which threads wait together with other descriptors. Thread-safe.
class Event {
 public:
  Event();

  void set() const;
  int fd() const { return event_.get(); }

 private:
  Descriptor event_;
};

/// Limits of everything that waits.
struct Limits {
  model::Time deadline;
  const Event& stop;

  /// Returns limits that end earlier, but not later than these.
  Limits until(model::Time earlier) const { return {earlier < deadline ? earlier : deadline, stop}; }
};

/// Waits until the descriptor is ready for `events` (of poll(2)). Throws an Error: a timeout, which says that there was
/// no `what`, or that the program stops.
void wait(int fd, short events, const Limits& limits, std::string_view what);

}  // namespace kafkascope::zookeeper
