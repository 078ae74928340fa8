#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "metrics/chunk.h"
#include "metrics/publisher.h"
#include "metrics/sample_writer.h"
#include "metrics/series_limit.h"
#include "model/options.h"

namespace kafkascope::metrics {

/// Constant labels of the user and, for a cluster that has a name, kafka_cluster, as text: `a="b",c="d"` or empty.
std::string constant_labels(const std::map<std::string, std::string>& labels, const std::string& cluster);

/// Writes one cluster's families, poll after poll, and keeps them as chunks. Thread-safety: one thread.
class FamilyWriter {
 public:
  explicit FamilyWriter(std::string constant_labels) : constant_(std::move(constant_labels)) {}

  /// Begins a page. Families that the options leave out, by name or for their `partition` label, are not written.
  void begin(const model::Options& options);

  /// Writes the next family of the page, or nothing if it is left out, or takes it from the page before if its basis
  /// is the same. The same families come in the same order in every poll.
  void family(const FamilyDescription& head, const std::function<void(SampleWriter&)>& write);

  /// The page's families; the next family() call is the first of a new page.
  std::vector<Family> take();
  /// Series of the last page that show a last good value.
  const SampleWriter::Held& held() const { return held_; }
  /// What the last page would have had, were there not the options' max_series: families, and their numbers of series.
  const std::map<std::string, size_t>& dropped() const { return dropped_; }

 private:
  struct Written {
    Family family;
    FamilySize size;
    uint64_t input_hash;  // 0: has to be written again
  };

  void apply_limit();

  const std::string constant_;
  Compressor compressor_;
  std::set<std::string, std::less<>> disabled_;
  bool by_partition_ = true;
  size_t max_series_ = 0;
  std::string text_;  // reused: one family's text at a time
  std::vector<Written> last_, now_;
  std::map<std::string, size_t> dropped_;
  std::set<std::string, std::less<>> left_out_;  // are not compressed
  SampleWriter::Held held_{}, counting_{};
};

}  // namespace kafkascope::metrics
