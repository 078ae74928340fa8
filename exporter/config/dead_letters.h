#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace kafkascope::config {

/// Recognizes dead letter queues by the names of their topics. Thread-safe, like Filter.
class DeadLetters {
 public:
  static constexpr std::string_view kDefault =
      R"((?i)(^|[._-])(dlq|dlt|dead[._-]?letters?([._-]?(queue|topic))?)([._-]|$))";

  DeadLetters() : DeadLetters(std::string(kDefault)) {}
  /// `expression` matches part of the name (RE2); empty: of no topic. Throws std::invalid_argument with RE2's message
  /// for an invalid expression.
  explicit DeadLetters(std::string expression);

  /// Returns what is left of the name of a dead letter queue without the match and the separators around it: orders for
  /// orders-dlq. Nothing: it is none.
  std::optional<std::string> of(std::string_view name) const;
  bool empty() const { return expression_.empty(); }
  bool operator==(const DeadLetters& other) const { return expression_ == other.expression_; }

 private:
  std::string expression_;
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace kafkascope::config
