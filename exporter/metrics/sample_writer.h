#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/collector.h"
#include "model/snapshot.h"

namespace kafkascope::metrics {

enum class Type { kGauge, kCounter, kSummary };

/// Metadata of a family.
struct FamilyDescription {
  std::string_view name;
  std::string_view help;  ///< One line that ends in a full stop.
  Type type = Type::kGauge;
  model::Collector collector = model::Collector::kMetadata;  ///< Source of the values, for held_series.
  bool by_partition = false;                                 ///< Whether its series have a `partition` label.
  uint64_t input_hash = 0;  ///< InputHash of all inputs of its series; 0: written for each page.
};

/// Returns the HELP and TYPE lines.
std::string description_text(const FamilyDescription& head);

/// Returns `key="value"`, escaped. `value` may be invalid UTF-8: group names are arbitrary bytes. Made once for a
/// topic, group or broker and used in all of its series.
std::string label(std::string_view key, std::string_view value);

/// Returns the labels of a text such as `a="b",c="d"`, each as label() makes it.
std::vector<std::string_view> split_labels(std::string_view text);

/// Writes the series of one family in text format 0.0.4:
///   samples.with(topic).with("partition", 3).value(17);
class SampleWriter {
 public:
  using Held = std::map<model::Collector, size_t>;

  /// Appends to `text`, and counts held series in `held`. `constant`: labels of every series, but those that have a
  /// label of the same name themselves; may be empty.
  SampleWriter(const FamilyDescription& head, std::string_view constant, std::string& text, Held& held)
      : head_(head), constant_(constant), constants_(split_labels(constant)), text_(text), held_(held) {}

  /// Appends a suffix to the name of the next series, such as `_sum` and `_count` of a summary.
  SampleWriter& suffix(std::string_view suffix);
  /// Adds a label made by label(); empty: none.
  SampleWriter& with(std::string_view label);
  SampleWriter& with(std::string_view key, int64_t value);

  void value(int64_t value, bool held = false) { this->value(value, held, head_.collector); }
  void value(int64_t value, bool held, model::Collector collector);
  void value(double value, bool held = false) { this->value(value, held, head_.collector); }
  void value(double value, bool held, model::Collector collector);
  void value(float value, bool held, model::Collector collector);
  void value(const model::Value& value) { this->value(value.value, value.held()); }

  size_t count() const { return count_; }
  /// Returns the maximum number of labels of a series, without the constant ones.
  size_t most_labels() const { return most_labels_; }

 private:
  template <class Number>
  void append(Number number, bool held, model::Collector collector);
  void begin();
  void end(bool held, model::Collector collector);
  void remove_repeated_constants();

  const FamilyDescription& head_;
  const std::string_view constant_;
  const std::vector<std::string_view> constants_;
  std::string& text_;
  Held& held_;
  std::string_view suffix_;
  size_t labels_at_ = 0;  ///< Where the labels of the series begin in text_.
  size_t count_ = 0, most_labels_ = 0;
  size_t labels_ = 0;     // of the current series
  bool started_ = false;  // the name of the current series is written
};

}  // namespace kafkascope::metrics
