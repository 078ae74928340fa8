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
#include "model/target_name.h"

namespace kafkascope::metrics {

/// Returns the labels of every series as text, `a="b",c="d"` or empty: that of the target, if it has a name, and the
/// configured ones.
std::string constant_labels(const std::map<std::string, std::string>& labels, const model::TargetName& target);

/// Writes one cluster's families in each poll and keeps them as chunks. Thread-safety: one thread.
class FamilyWriter {
 public:
  explicit FamilyWriter(std::string constant_labels) : constant_(std::move(constant_labels)) {}

  /// Begins a page. Families that the options disable, by name or because of their `partition` label, are not written.
  void begin(const model::Options& options);

  /// Writes the next family of the page unless it is left out. Reuses the one of the last page if the input hash did
  /// not change. REQUIRES: the same families in the same order in every poll.
  void family(const FamilyDescription& head, const std::function<void(SampleWriter&)>& write);

  /// Returns the families of the page. The next family() call is the first of a new page.
  std::vector<Family> take();
  /// Returns the number of held series on the last page, by collector.
  const SampleWriter::Held& held() const { return held_; }
  /// Returns the families that max_series dropped from the last page, with their numbers of series.
  const std::map<std::string, size_t>& dropped() const { return dropped_; }

 private:
  struct Written {
    Family family;
    FamilySize size;
    uint64_t input_hash;  // 0: never reused
  };

  void apply_limit();

  const std::string constant_;
  Compressor compressor_;
  std::set<std::string, std::less<>> disabled_;
  bool by_partition_ = true;
  size_t max_series_ = 0;
  std::string text_;  // buffer: text of one family
  std::vector<Written> last_, now_;
  std::map<std::string, size_t> dropped_;
  std::set<std::string, std::less<>> left_out_;  // not compressed
  SampleWriter::Held held_{}, counting_{};
};

}  // namespace kafkascope::metrics
