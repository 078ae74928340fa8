#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "metrics/chunk.h"
#include "metrics/publisher.h"
#include "metrics/samples.h"

namespace kafkascope::metrics {

/// Constant labels of the user and, for a cluster that has a name, kafka_cluster, as text: `a="b",c="d"` or empty.
std::string constant_labels(const std::map<std::string, std::string>& labels, const std::string& cluster);

/// Writes one cluster's families, poll after poll, and keeps them as chunks. Thread-safety: one thread.
class Families {
 public:
  explicit Families(std::string constant_labels) : constant_(std::move(constant_labels)) {}

  /// Writes the next family of the page. The same families come in the same order in every poll.
  void family(const Head& head, const std::function<void(Samples&)>& write);

  /// The page's families; the next family() call begins a new page.
  std::vector<Family> take();
  /// Series of the last page that show a last good value.
  const Samples::Held& held() const { return held_; }

 private:
  const std::string constant_;
  Compressor compressor_;
  std::string text_;  // reused: one family's text at a time
  std::vector<Family> last_, now_;
  Samples::Held held_{}, counting_{};
};

}  // namespace kafkascope::metrics
