#pragma once

#include <string_view>

#include "model/descriptor.h"
#include "model/time.h"

namespace kafkascope::zookeeper {

/// An event that happens once, for which threads wait together with other descriptors. Thread-safe.
class Event {
 public:
  Event();

  void set() const;
  int fd() const { return event_.fd(); }

 private:
  model::Descriptor event_;
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
