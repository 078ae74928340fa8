#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "model/collector.h"
#include "model/snapshot.h"

namespace kafkascope::metrics {

enum class Type { kGauge, kCounter, kSummary };

/// What a family says of itself, beside its values.
struct FamilyDescription {
  std::string_view name;
  std::string_view help;  ///< One line that ends in a full stop; says what absence means where that is not obvious.
  Type type = Type::kGauge;
  model::Collector collector = model::Collector::kMetadata;  ///< Whose answer the values come from, for held_series.
  bool by_partition = false;                                 ///< Its series have a `partition` label.
  uint64_t input_hash = 0;  ///< A InputHash of all that its series follow from; 0: they are written anew for each page.
};

/// Its HELP and TYPE lines.
std::string description_text(const FamilyDescription& head);

/// `key="value"`, escaped, also what is no UTF-8: a group's name is any bytes. Made once for a topic, group or broker,
/// and then used in all its series.
std::string label(std::string_view key, std::string_view value);

/// Writes the series of one family, one after the other, in text format 0.0.4:
///   samples.with(topic).with("partition", 3).value(17);
class SampleWriter {
 public:
  using Held = std::map<model::Collector, size_t>;

  /// Appends to `text`, and counts in `held` by collector. `constant`: labels that every series begins with, or empty.
  SampleWriter(const FamilyDescription& head, std::string_view constant, std::string& text, Held& held)
      : head_(head), constant_(constant), text_(text), held_(held) {}

  /// The next series has a name that ends so, as a summary's `_sum` and `_count` have.
  SampleWriter& suffix(std::string_view suffix);
  /// A label() made before. Empty: none.
  SampleWriter& with(std::string_view label);
  SampleWriter& with(std::string_view key, int64_t value);

  void value(int64_t value, bool held = false) { this->value(value, held, head_.collector); }
  void value(int64_t value, bool held, model::Collector collector);
  void value(double value, bool held = false) { this->value(value, held, head_.collector); }
  void value(double value, bool held, model::Collector collector);
  void value(float value, bool held, model::Collector collector);
  void value(const model::Value& value) { this->value(value.value, value.held()); }

  size_t count() const { return count_; }
  /// The most labels that a series has, the constant ones aside.
  size_t most_labels() const { return most_labels_; }

 private:
  template <class Number>
  void append(Number number, bool held, model::Collector collector);
  void begin();
  void end(bool held, model::Collector collector);

  const FamilyDescription& head_;
  const std::string_view constant_;
  std::string& text_;
  Held& held_;
  std::string_view suffix_;
  size_t count_ = 0, most_labels_ = 0;
  size_t labels_ = 0;     // of the series being written
  bool started_ = false;  // the series being written has its name
};

}  // namespace kafkascope::metrics
