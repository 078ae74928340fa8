#include "config/config.h"

#include <algorithm>

namespace kafkascope::config {

using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds Polling::effective_deadline() const {
  return deadline.count() > 0 ? deadline : std::min<milliseconds>(interval, seconds(30));
}

milliseconds Polling::effective_request_timeout() const {
  if (request_timeout.count() > 0) return request_timeout;
  return std::clamp<milliseconds>(effective_deadline() / 4, milliseconds(1), seconds(5));
}

}  // namespace kafkascope::config
