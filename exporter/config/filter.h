#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace kafkascope::config {

/// Selects the names that `include` matches and `exclude` does not. Both are unanchored RE2 expressions, as in
/// kafka_exporter, but an empty `exclude` excludes nothing (there, everything). Thread-safe: matches() may be called
/// from any thread.
class Filter {
 public:
  Filter() : Filter(".*", "^$") {}
  /// Throws std::invalid_argument with RE2's message for an invalid expression.
  Filter(std::string include, std::string exclude);

  bool matches(std::string_view name) const;
  const std::string& include() const { return include_; }
  const std::string& exclude() const { return exclude_; }
  bool operator==(const Filter& other) const { return include_ == other.include_ && exclude_ == other.exclude_; }

 private:
  std::string include_, exclude_;
  std::shared_ptr<const re2::RE2> include_re_, exclude_re_;
};

}  // namespace kafkascope::config
