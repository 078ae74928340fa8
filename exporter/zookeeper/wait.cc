#include "zookeeper/wait.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>

#include "zookeeper/error.h"

namespace kafkascope::zookeeper {

using std::chrono::steady_clock;

Event::Event() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_.fd() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Event::set() const {
  const uint64_t one = 1;
  // Fails only if the counter is full, and then the event is set.
  [[maybe_unused]] const auto written = write(event_.fd(), &one, sizeof one);
}

void wait(int fd, short events, const Limits& limits, std::string_view what) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limits.deadline - steady_clock::now());
    pollfd waited[] = {{fd, events, 0}, {limits.stop.fd(), POLLIN, 0}};
    const int ready = poll(waited, std::size(waited), static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30)));
    if (waited[1].revents != 0) fail(model::Reason::kOther, "the exporter is stopping");
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    if (ready == 0) fail(model::Reason::kTimeout, "timeout: no " + std::string(what));
  }
}

}  // namespace kafkascope::zookeeper
